import type { Day } from './facts.ts';

const dayMs = 86_400_000;
/** First and last day that text of four digits of year can name; days beyond are held at them. */
const firstDay = Date.parse('0000-01-01');
const lastDay = Date.parse('9999-12-31');

/** Where a day lies in the months, or contract years, that a price is paid for. */
export interface Period {
  /** Which period: whole periods before it. */
  readonly index: number;
  /** Whole days of the period before the day. */
  readonly day: number;
  /** Days that the period has. */
  readonly days: number;
}

/** The UTC day of a time in milliseconds; a time beyond the year 9999 is its last day, so that days go on comparing as text. */
export function dayOf(ms: number): Day {
  return new Date(Math.min(Math.max(ms, firstDay), lastDay)).toISOString().slice(0, 10);
}

/**
 * The first millisecond of a day.
 * @throws RangeError when the text is no day of the calendar.
 */
export function startOfDay(day: Day): number {
  const ms = Date.parse(day);
  // Date.parse also takes other texts, and takes 30 February for 2 March.
  if (Number.isNaN(ms) || dayOf(ms) !== day) throw new RangeError('not a day such as 2026-11-24');
  return ms;
}

/** The day n days later, or earlier for a negative n. */
export function addDays(day: Day, n: number): Day {
  return dayOf(startOfDay(day) + n * dayMs);
}

/** Whole days from one day to the other: 1 from a day to the next, negative when `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return (startOfDay(to) - startOfDay(from)) / dayMs;
}

/** The month of a day, such as `2026-11`. */
export function monthOf(day: Day): string {
  return day.slice(0, 7);
}

/** The last day of a month such as `2026-11`. */
export function lastDayOfMonth(month: string): Day {
  const { days } = monthAt(startOfDay(`${month}-01`));
  return `${month}-${days}`;
}

/** The first day of the month after the one of this day. */
export function firstDayOfNextMonth(day: Day): Day {
  return addDays(lastDayOfMonth(monthOf(day)), 1);
}

/** Where the day that begins at `ms` lies in its calendar month; the index counts months since the year 0. */
export function monthAt(ms: number): Period {
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { index: year * 12 + month, day: date.getUTCDate() - 1, days: (midnight(year, month + 1, 1) - midnight(year, month, 1)) / dayMs };
}

/**
 * Where the day that begins at `ms` lies in the years of a contract, which begin on the anniversaries of its start;
 * the index is 0 in its first year. A start on 29 February has its anniversary on 1 March where the year has no such
 * day, so that its first year ends on 28 February.
 * @param ms not before the start.
 */
export function contractYearAt(start: Day, ms: number): Period {
  const first = new Date(startOfDay(start));
  const anniversary = (years: number) => midnight(first.getUTCFullYear() + years, first.getUTCMonth(), first.getUTCDate());
  const years = new Date(ms).getUTCFullYear() - first.getUTCFullYear();
  const index = anniversary(years) > ms ? years - 1 : years;
  const begin = anniversary(index);
  return { index, day: (ms - begin) / dayMs, days: (anniversary(index + 1) - begin) / dayMs };
}

/** Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999. */
function midnight(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}
