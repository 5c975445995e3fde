import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pullOverlap, resolveWindow, type PullWindow, type RecordedWindow, type WindowRequest } from './activity-window.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.parse('2026-11-24T12:00:00Z');
const base: WindowRequest = { analyzeFrom: undefined, maxLookBackDays: 60, recorded: undefined, now };
const at = (time: number): string => new Date(time).toISOString();

function windowOf(changes: Partial<WindowRequest>): PullWindow {
  const decision = resolveWindow({ ...base, ...changes });
  if ('failure' in decision) throw new Error(decision.failure.reason);
  return decision.window;
}

function refusalOf(changes: Partial<WindowRequest>): string | undefined {
  const decision = resolveWindow({ ...base, ...changes });
  return 'failure' in decision ? decision.failure.reason : undefined;
}

describe('start of the analysis', () => {
  it('S43: is 60 days before the first pull when nobody chose one', () => {
    expect(windowOf({})).toMatchObject({ from: now - 60 * day, pullFrom: now - 60 * day, pullTo: now, continues: false });
  });

  it('S43: 60 days back is fine, one second more is refused', () => {
    expect(windowOf({ analyzeFrom: at(now - 60 * day) }).from).toBe(now - 60 * day);
    expect(refusalOf({ analyzeFrom: at(now - 60 * day - 1000) })).toBe('AnalyzeFromTooFar');
  });

  it('S43: may lie further back when maxLookBackDays was raised on purpose', () => {
    expect(windowOf({ analyzeFrom: at(now - 90 * day), maxLookBackDays: 90 }).from).toBe(now - 90 * day);
  });

  it('S42: is taken with any zone, and refused when it is in the future or no time', () => {
    expect(windowOf({ analyzeFrom: '2026-11-01T02:00:00+02:00' }).from).toBe(Date.parse('2026-11-01T00:00:00Z'));
    expect(refusalOf({ analyzeFrom: at(now + 1000) })).toBe('AnalyzeFromInFuture');
    expect(refusalOf({ analyzeFrom: 'soon' })).toBe('AnalyzeFromInvalid');
  });

  it('stays valid the day after, whether or not the first pull succeeded', () => {
    const chosen = now - 60 * day;
    const tomorrow = { analyzeFrom: at(chosen), now: now + day };
    expect(refusalOf(tomorrow)).toBe('AnalyzeFromTooFar');
    expect(windowOf({ ...tomorrow, recorded: { from: chosen, to: now } }).from).toBe(chosen);
    expect(windowOf({ ...tomorrow, recorded: { from: chosen, to: undefined } }).pullFrom).toBe(chosen);
  });

  it('is judged again when it is changed', () => {
    const recorded = { from: now - 60 * day, to: now };
    expect(refusalOf({ analyzeFrom: at(now - 61 * day), recorded })).toBe('AnalyzeFromTooFar');
    expect(refusalOf({ analyzeFrom: at(now - 100 * day), recorded: { from: now - 99 * day, to: undefined } })).toBe('AnalyzeFromTooFar');
  });

  it('is fine when it is moved to a later time than the one that was accepted', () => {
    expect(windowOf({ analyzeFrom: at(now - 98 * day), recorded: { from: now - 99 * day, to: undefined } }).pullFrom).toBe(now - 98 * day);
  });

  it('needs no new pull when evidence already reaches back further', () => {
    const recorded = { from: now - 200 * day, to: now - day };
    expect(windowOf({ analyzeFrom: at(now - 150 * day), recorded })).toMatchObject({
      from: recorded.from,
      pullFrom: recorded.to - pullOverlap,
    });
  });

  it('is pulled again from an earlier start', () => {
    const recorded = { from: now - 10 * day, to: now - day };
    expect(windowOf({ analyzeFrom: at(now - 30 * day), recorded })).toMatchObject({
      from: now - 30 * day,
      pullFrom: now - 30 * day,
      continues: true,
    });
  });
});

describe('later pulls', () => {
  it('begin at the end of the last complete pull less the overlap', () => {
    const recorded = { from: now - 60 * day, to: now - day };
    expect(windowOf({ recorded })).toMatchObject({ from: recorded.from, pullFrom: now - day - 2 * hour, pullTo: now, continues: true });
  });

  it('never reach before the start of the analysis', () => {
    const from = now - hour;
    expect(windowOf({ analyzeFrom: at(from), recorded: { from, to: now } }).pullFrom).toBe(from);
  });

  it('cover a gap however long it lasted', () => {
    const recorded = { from: now - 300 * day, to: now - 200 * day };
    expect(windowOf({ recorded }).pullFrom).toBe(recorded.to - pullOverlap);
  });

  it('reach back from now when the last end lies a little ahead of this clock', () => {
    expect(windowOf({ recorded: { from: now - 60 * day, to: now + 60_000 } }).pullFrom).toBe(now - pullOverlap);
  });

  it('guard 6: begin at the very start when the last end lies in the future: a clock that was ahead wrote it', () => {
    const recorded = { from: now - 60 * day, to: now + day };
    expect(windowOf({ recorded })).toMatchObject({ from: recorded.from, pullFrom: recorded.from, pullTo: now });
    expect(windowOf({ recorded: { from: now + day, to: now + 2 * day } })).toMatchObject({ from: now - 60 * day, pullFrom: now - 60 * day });
  });

  it('guard 6: leave no gap over any sequence of successes, failures, waits and changed wishes', () => {
    const steps = fc.array(
      fc.record({
        wait: fc.integer({ min: 0, max: 100 * day }),
        succeeds: fc.boolean(),
        daysBack: fc.option(fc.integer({ min: 0, max: 80 }), { nil: undefined }),
        keepWish: fc.boolean(),
      }),
      { maxLength: 20 },
    );
    fc.assert(fc.property(steps, (sequence) => runSequence(sequence)));
  });
});

interface Step {
  wait: number;
  succeeds: boolean;
  daysBack: number | undefined;
  keepWish: boolean;
}

/** Plays pulls against an own account of which moments were really pulled. */
function runSequence(sequence: readonly Step[]): void {
  let clock = now;
  let wish: string | undefined;
  let recorded: RecordedWindow | undefined;
  const pulled: { from: number; to: number }[] = [];
  for (const step of sequence) {
    clock += step.wait;
    if (!step.keepWish) wish = step.daysBack === undefined ? undefined : at(clock - step.daysBack * day);
    const decision = resolveWindow({ ...base, analyzeFrom: wish, recorded, now: clock });
    if ('failure' in decision) continue;
    const { window } = decision;
    if (step.succeeds) {
      pulled.push({ from: window.pullFrom, to: window.pullTo });
      recorded = { from: window.from, to: window.pullTo };
      expect(isCovered(pulled, recorded.from, clock)).toBe(true);
    } else if (window.chosen && recorded?.to === undefined) {
      recorded = { from: window.from, to: undefined };
    }
  }
}

function isCovered(pulled: readonly { from: number; to: number }[], from: number, to: number): boolean {
  let reached = from;
  for (const pull of [...pulled].sort((left, right) => left.from - right.from)) {
    if (pull.from <= reached) reached = Math.max(reached, pull.to);
  }
  return reached >= to;
}
