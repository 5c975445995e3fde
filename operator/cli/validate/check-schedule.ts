import { Cron } from 'croner';

/** What is wrong with an IANA time zone; undefined when nothing is. */
export function findTimeZoneProblem(name: string): string | undefined {
  // The API server refuses a CronJob in the zone `Local`.
  if (name.toLowerCase() !== 'local' && isTimeZone(name)) return undefined;
  return 'must be an IANA time zone such as Europe/Berlin';
}

/** What is wrong with a cron schedule of five fields; undefined when nothing is. */
export function findScheduleProblem(schedule: string): string | undefined {
  try {
    const next = new Cron(schedule, { mode: '5-part', timezone: 'Etc/UTC', paused: true }).nextRun();
    return next === null ? 'names a day that never comes' : undefined;
  } catch {
    return 'must be a cron schedule of five fields that a calendar knows, such as 0 22 * * FRI';
  }
}

/** Longest time, in hours, between two of the next starts of a schedule; undefined where there are none. */
export function longestPeriodHours(schedule: string, now: number): number | undefined {
  const starts = new Cron(schedule, { mode: '5-part', timezone: 'Etc/UTC', paused: true }).nextRuns(40, new Date(now)).map((date) => date.getTime());
  const periods = starts.slice(1).map((start, index) => start - (starts[index] ?? start));
  return periods.length === 0 ? undefined : Math.max(...periods) / 3_600_000;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}
