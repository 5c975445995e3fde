import { describe, expect, it } from 'vitest';
import type { FreezeWindow } from '../../api/reclamation-rule.ts';
import { findFreezeProblem, frozenUntil } from './freeze.ts';

const at = (text: string) => Date.parse(text);

function frozen(windows: readonly FreezeWindow[], time: string): string | undefined {
  const freeze = frozenUntil(windows, at(time));
  if (freeze === undefined) return undefined;
  return `${Number.isFinite(freeze.until) ? new Date(freeze.until).toISOString() : 'for good'}: ${freeze.reason}`;
}

const holidays: FreezeWindow = { from: '2026-12-23T00:00:00Z', until: '2027-01-02T00:00:00Z', reason: 'holidays' };
/** From Friday 18:00 in Berlin for 62 hours. */
const weekends: FreezeWindow = { schedule: '0 18 * * 5', hours: 62, timeZone: 'Europe/Berlin', reason: 'weekend' };

describe('freeze windows', () => {
  it('guard 8: windows that follow each other at every minute are for good, and found to be so soon', () => {
    const windows = Array.from({ length: 20 }, () => ({ schedule: '* * * * *', hours: 1, reason: 'always' }));
    const started = performance.now();
    expect(frozen(windows, '2026-12-22T12:00:00Z')).toBe('for good: always');
    // It took half a minute, in which nothing else was done.
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('whole days that follow each other end with the last', () => {
    expect(frozen([{ schedule: '0 0 * 12 *', hours: 24, reason: 'december' }], '2026-12-01T00:00:00Z')).toBe('2027-01-01T00:00:00.000Z: december');
  });

  it.each([
    ['2026-12-22T23:59:59.999Z', undefined],
    ['2026-12-23T00:00:00Z', '2027-01-02T00:00:00.000Z: holidays'],
    ['2027-01-01T23:59:59.999Z', '2027-01-02T00:00:00.000Z: holidays'],
    ['2027-01-02T00:00:00Z', undefined],
  ])('a single window at %s: %s', (time, expected) => {
    expect(frozen([holidays], time)).toBe(expected);
  });

  it.each([
    ['2026-11-27T16:59:59.999Z', undefined],
    ['2026-11-27T17:00:00Z', '2026-11-30T07:00:00.000Z: weekend'],
    ['2026-11-27T17:00:00.001Z', '2026-11-30T07:00:00.000Z: weekend'],
    ['2026-11-30T06:59:59.999Z', '2026-11-30T07:00:00.000Z: weekend'],
    ['2026-11-30T07:00:00Z', undefined],
    // Berlin is two hours ahead of UTC in summer.
    ['2026-07-03T15:59:59Z', undefined],
    ['2026-07-03T16:00:00Z', '2026-07-06T06:00:00.000Z: weekend'],
  ])('a window that comes again, in a time zone with summer time, at %s: %s', (time, expected) => {
    expect(frozen([weekends], time)).toBe(expected);
  });

  it('lasts its hours over the night in which the clocks change', () => {
    expect(frozen([weekends], '2026-10-24T12:00:00Z')).toBe('2026-10-26T06:00:00.000Z: weekend');
  });

  it('is UTC without a time zone, and a question mark is a star', () => {
    expect(frozen([{ schedule: '0 18 ? * 5', hours: 2, reason: 'release' }], '2026-11-27T19:00:00Z')).toBe('2026-11-27T20:00:00.000Z: release');
    expect(frozen([{ schedule: '? 18 * * 5', hours: 2, reason: 'release' }], '2026-11-27T18:07:00Z')).toBe('2026-11-27T20:59:00.000Z: release');
  });

  it('windows that overlap, or follow each other without a gap, are one', () => {
    const quarter: FreezeWindow = { from: '2026-12-20T00:00:00Z', until: '2026-12-24T00:00:00Z', reason: 'quarter' };
    const after: FreezeWindow = { from: '2027-01-02T00:00:00Z', until: '2027-01-03T00:00:00Z', reason: 'after' };
    expect(frozen([holidays, after, quarter], '2026-12-21T00:00:00Z')).toBe('2027-01-03T00:00:00.000Z: quarter');
    const later: FreezeWindow = { from: '2027-01-03T00:00:00.001Z', until: '2027-01-04T00:00:00Z', reason: 'later' };
    expect(frozen([holidays, after, later, quarter], '2026-12-21T00:00:00Z')).toBe('2027-01-03T00:00:00.000Z: quarter');
  });

  it('windows without a gap between any of them freeze for good', () => {
    expect(frozen([{ schedule: '0 0 * * *', hours: 24, reason: 'always' }], '2026-11-24T09:00:00Z')).toBe('for good: always');
  });

  it('a schedule that never comes freezes nothing', () => {
    expect(frozen([{ schedule: '0 0 31 2 *', hours: 24, reason: 'never' }], '2026-11-24T09:00:00Z')).toBeUndefined();
    expect(frozen([], '2026-11-24T09:00:00Z')).toBeUndefined();
  });

  it('guard 12: schedules that never come, beside one that always does, are found to be so soon', () => {
    const never = Array.from({ length: 19 }, (_, index) => ({ schedule: `${index} 0 31 4,6,9,11 *`, hours: 1, timeZone: 'America/New_York', reason: 'never' }));
    const started = performance.now();
    for (let times = 0; times < 10; times += 1) expect(frozen([...never, { schedule: '* * * * *', hours: 1, reason: 'always' }], '2026-11-24T09:00:00Z')).toBe('for good: always');
    // Each time took four seconds, in which nothing else was done.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it.each([
    [{ schedule: '0 18 * * 5', hours: 2, timeZone: 'Mars/Phobos', reason: 'x' }, 'spec.freezeWindows[1]: timeZone is not a time zone of the IANA database, such as Europe/Berlin. Until it is corrected, nothing is reclaimed.'],
    [{ schedule: '99 18 * * 5', hours: 2, reason: 'x' }, 'spec.freezeWindows[1]: schedule is not a cron schedule of five fields. Until it is corrected, nothing is reclaimed.'],
    [{ schedule: '0 0 18 * * 5', hours: 2, reason: 'x' }, 'spec.freezeWindows[1]: schedule is not a cron schedule of five fields. Until it is corrected, nothing is reclaimed.'],
    [{ schedule: '0 18 * * 5', reason: 'x' }, 'spec.freezeWindows[1]: hours is missing. Until it is corrected, nothing is reclaimed.'],
    [{ from: 'soon', until: '2027-01-01T00:00:00Z', reason: 'x' }, 'spec.freezeWindows[1]: from and until are not two times of which from is the earlier one. Until it is corrected, nothing is reclaimed.'],
    [{ reason: 'x' }, 'spec.freezeWindows[1]: from and until are not two times of which from is the earlier one. Until it is corrected, nothing is reclaimed.'],
  ] as const)('guard 8: %j cannot be read, so it freezes for good', (window, problem) => {
    expect(frozen([holidays, window], '2026-11-24T09:00:00Z')).toBe('for good: x');
    expect(findFreezeProblem([holidays, window])).toBe(problem);
    expect(findFreezeProblem([holidays, weekends])).toBeUndefined();
  });
});
