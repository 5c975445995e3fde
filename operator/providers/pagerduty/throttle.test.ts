import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../api/errors.ts';
import { createFakeClock, settle } from '../../../test/support/fake-clock.ts';
import { addJitter, createThrottles, readRateHeaders } from './throttle.ts';

const never = new AbortController().signal;
const noJitter = (): number => 0;
const headers = (remaining: number, resetMs?: number, limit?: number) => ({ limit, remaining, resetMs });

describe('the rate budget of a credential (facts 6.1)', () => {
  it('lets one request at a time through, in order of arrival', async () => {
    const lane = createThrottles().lane('a', createFakeClock());
    const order: string[] = [];
    const leaveFirst = await lane.enter(never);
    const work = ['second', 'third'].map(async (name) => {
      const leave = await lane.enter(never);
      order.push(name);
      leave();
    });
    await settle();
    expect(order).toEqual([]);
    leaveFirst();
    leaveFirst();
    await Promise.all(work);
    expect(order).toEqual(['second', 'third']);
  });

  it('shares one budget between all users of a credential, and none between credentials', () => {
    const clock = createFakeClock();
    const throttles = createThrottles();
    const lane = throttles.lane('a', clock);
    for (let taken = 0; taken < 960; taken += 1) lane.take();
    expect(throttles.lane('a', clock).delay()).toBeGreaterThan(0);
    expect(throttles.lane('b', clock).delay()).toBe(0);
    expect(createThrottles().lane('a', clock).delay()).toBe(0);
  });

  it('fills up again by 960 a minute', async () => {
    const clock = createFakeClock();
    const lane = createThrottles().lane('a', clock);
    for (let taken = 0; taken < 960; taken += 1) lane.take();
    expect(lane.delay()).toBe(63);
    await clock.advance(63);
    expect(lane.delay()).toBe(0);
    await clock.advance(60_000);
    for (let taken = 0; taken < 960; taken += 1) lane.take();
    expect(lane.delay()).toBeGreaterThan(0);
  });

  it('believes the vendor’s count, which knows of other users', async () => {
    const clock = createFakeClock();
    const lane = createThrottles().lane('a', clock);
    lane.correct(headers(1), noJitter);
    lane.take();
    expect(lane.delay()).toBe(63);
    lane.correct(headers(500), noJitter);
    expect(lane.delay()).toBe(0);
  });

  it('waits for the reset when nothing is left, for everybody', async () => {
    const clock = createFakeClock();
    const lane = createThrottles().lane('a', clock);
    lane.correct(headers(0, 30_000, 300), noJitter);
    expect(lane.delay()).toBe(30_000);
    await clock.advance(30_000);
    expect(lane.delay()).toBe(0);
  });

  it('keeps the longer of two holds', () => {
    const lane = createThrottles().lane('a', createFakeClock());
    lane.hold(10_000);
    lane.hold(2000);
    expect(lane.delay()).toBe(10_000);
  });

  it('does not lose budget when the host’s clock is set back', () => {
    const clock = createFakeClock();
    const lane = createThrottles().lane('a', clock);
    clock.jump(-3_600_000);
    expect(lane.delay()).toBe(0);
  });

  it('forgets a caller that is aborted while it waits its turn', async () => {
    const lane = createThrottles().lane('a', createFakeClock());
    const leave = await lane.enter(never);
    const stop = new AbortController();
    const waiting = lane.enter(stop.signal);
    const behind = lane.enter(never);
    stop.abort();
    await expect(waiting).rejects.toBeInstanceOf(OperatorError);
    leave();
    (await behind)();
    await expect(lane.enter(AbortSignal.abort())).rejects.toMatchObject({ failure: { reason: 'Aborted' } });
    (await lane.enter(never))();
  });

  it('forgets credentials that were not used for long, but not while somebody is inside', async () => {
    const clock = createFakeClock();
    const throttles = createThrottles();
    const idle = throttles.lane('idle', clock);
    const busy = throttles.lane('busy', clock);
    await busy.enter(never);
    await clock.advance(11 * 60_000);
    throttles.lane('other', clock);
    expect(throttles.lane('busy', clock)).toBe(busy);
    expect(throttles.lane('idle', clock)).not.toBe(idle);
  });
});

describe('rate headers', () => {
  it('reads the three of them', () => {
    expect(readRateHeaders({ 'ratelimit-limit': '960', 'ratelimit-remaining': '12', 'ratelimit-reset': '48' })).toEqual({ limit: 960, remaining: 12, resetMs: 48_000 });
  });

  it.each([{}, { 'ratelimit-limit': '0', 'ratelimit-remaining': '-1', 'ratelimit-reset': '1e9' }, { 'ratelimit-remaining': ['1', '2'], 'ratelimit-reset': 'soon' }])(
    'ignores what is missing or absurd: %j',
    (values) => {
      expect(readRateHeaders(values)).toEqual({ limit: undefined, remaining: undefined, resetMs: undefined });
    },
  );

  it('adds jitter on top, never under', () => {
    expect(addJitter(1000, () => 0)).toBe(1000);
    expect(addJitter(1000, () => 0.999)).toBeLessThan(1500);
    expect(addJitter(100_000, () => 0.999)).toBeLessThan(105_000);
  });
});
