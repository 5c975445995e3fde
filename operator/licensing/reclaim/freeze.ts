import { Cron } from 'croner';
import type { FreezeWindow } from '../../api/reclamation-rule.ts';

const hourMs = 3_600_000;
/** Windows that join each other for longer than this never end, as far as anybody plans. */
const horizonMs = 400 * 24 * hourMs;

export interface Freeze {
  /** Milliseconds since the epoch; Infinity = for good, as the windows are. */
  readonly until: number;
  /** Of the window that is on. */
  readonly reason: string;
}

/** End of the window if it is on at this time: a start belongs to it, its end does not. */
type EndAt = (at: number) => number | undefined;

/**
 * Until when nothing is reclaimed and nobody is told; undefined = now is not frozen. Windows that overlap or follow each other
 * without a gap are one. A window that cannot be read freezes for good: it was meant to protect (see `findFreezeProblem`).
 */
export function frozenUntil(windows: readonly FreezeWindow[], now: number): Freeze | undefined {
  const readable = windows.map((window) => ({ window, endAt: readWindow(window, now) }));
  const broken = readable.find(({ endAt }) => typeof endAt === 'string');
  if (broken !== undefined) return { until: Infinity, reason: broken.window.reason };
  const ends = readable.flatMap(({ endAt }) => (typeof endAt === 'string' ? [] : [endAt]));
  const first = readable.find(({ endAt }) => typeof endAt !== 'string' && endAt(now) !== undefined);
  if (first === undefined) return undefined;
  return { until: endOfChain(ends, now), reason: first.window.reason };
}

/** Whoever writes rules could hold up the whole operator otherwise: windows of an hour that begin every minute are many. */
const mostLooks = 500;

/** End of the last of the windows that follow each other from now on; each step is later than the one before, or there is no end. */
function endOfChain(ends: readonly EndAt[], now: number): number {
  let until = now;
  for (let looks = 0; until - now <= horizonMs && looks < mostLooks; looks += ends.length) {
    const next = Math.max(...ends.map((endAt) => endAt(until) ?? -Infinity));
    if (next === -Infinity) return until;
    if (!(next > until)) return Infinity;
    until = next;
  }
  return Infinity;
}

/** What is wrong with a window, for a condition; undefined = all can be read. */
export function findFreezeProblem(windows: readonly FreezeWindow[]): string | undefined {
  for (const [index, window] of windows.entries()) {
    const read = readWindow(window, 0);
    if (typeof read === 'string') return `spec.freezeWindows[${index}]: ${read} Until it is corrected, nothing is reclaimed.`;
  }
  return undefined;
}

/** @param now milliseconds since the epoch: windows are asked for times from then on, as far as `horizonMs`. */
function readWindow(window: FreezeWindow, now: number): EndAt | string {
  return window.schedule === undefined ? readSingle(window) : readRecurring(window.schedule, window, now);
}

function readSingle(window: FreezeWindow): EndAt | string {
  const from = Date.parse(window.from ?? '');
  const until = Date.parse(window.until ?? '');
  if (!(from < until)) return 'from and until are not two times of which from is the earlier one.';
  return (at) => (from <= at && at < until ? until : undefined);
}

function readRecurring(schedule: string, { hours = 0, timeZone = 'Etc/UTC' }: FreezeWindow, now: number): EndAt | string {
  if (!(hours > 0)) return 'hours is missing.';
  if (!isTimeZone(timeZone)) return 'timeZone is not a time zone of the IANA database, such as Europe/Berlin.';
  try {
    // Five fields and no more; only then the two others.
    new Cron(schedule, { timezone: timeZone, mode: '5-part', paused: true }).stop();
    const cron = new Cron(`0 ${schedule} ${yearsFrom(now)}`, { timezone: timeZone, mode: '7-part', paused: true });
    return (at) => {
      // References are exclusive, in whole seconds.
      const start = cron.previousRuns(2, new Date(at + 1000)).map(Number).find((run) => run <= at);
      return start !== undefined && at < start + hours * hourMs ? start + hours * hourMs : undefined;
    };
  } catch {
    return 'schedule is not a cron schedule of five fields.';
  }
}

/** Of a schedule that never comes, such as that of 31 April, all years would be searched, one window after the other (guard 12). */
function yearsFrom(now: number): string {
  const year = new Date(now).getUTCFullYear();
  return `${year - 1}-${year + 2}`;
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
