import { beforeEach, describe, expect, it } from 'vitest';
import { correctedNow, createClockMeter, type ClockMeter } from './clock-trust.ts';

const start = Date.parse('2026-11-24T00:00:00Z');
const minute = 60_000;
const day = 86_400_000;

let elapsed: number;
/** Milliseconds by which the operator's clock is ahead. */
let ahead: number;
let requests: number;
let meter: ClockMeter;

const serverTime = (): number => start + elapsed;
/** The Date header, with whole seconds, of a reply that comes just now. */
const dateHeader = (): number => Math.floor(serverTime() / 1000) * 1000;
const clock = { now: () => start + elapsed + ahead };
const reply = (durationMs = 20): void => meter.observe({ serverTime: dateHeader(), durationMs });

beforeEach(() => {
  elapsed = 0;
  ahead = 0;
  requests = 0;
  meter = createClockMeter({
    clock,
    steady: { now: () => 1_000_000 + elapsed },
    request: async () => {
      requests += 1;
      return Promise.resolve();
    },
  });
});

describe('trust in the operator’s clock', () => {
  it('guard 11: is not given before anything was measured, and a measurement is asked for', () => {
    expect(meter.isTrusted()).toBe(false);
    expect(meter.skewMs()).toBeUndefined();
    expect(requests).toBe(1);
    reply();
    expect(meter.isTrusted()).toBe(true);
  });

  it.each([
    { story: '91 days ahead', ms: 91 * day, trusted: false },
    { story: '91 days behind', ms: -91 * day, trusted: false },
    { story: '61 s ahead', ms: 61_000, trusted: false },
    { story: '61 s behind', ms: -61_000, trusted: false },
    { story: '58 s ahead', ms: 58_000, trusted: true },
    { story: '58 s behind', ms: -58_000, trusted: true },
    { story: 'right', ms: 0, trusted: true },
  ])('guard 11: $story → trusted: $trusted, at any fraction of the second that the Date header leaves out', ({ ms, trusted }) => {
    ahead = ms;
    for (elapsed = 0; elapsed < 2000; elapsed += 50) {
      reply();
      expect(meter.isTrusted()).toBe(trusted);
      expect(Math.abs((meter.skewMs() ?? Number.NaN) - ms)).toBeLessThanOrEqual(510);
    }
  });

  it('guard 11: a stepped clock is noticed at once, with no request', () => {
    reply();
    elapsed += 30_000;
    ahead = 91 * day;
    expect(meter.isTrusted()).toBe(false);
    expect(meter.skewMs()).toBeGreaterThan(91 * day - 1000);
    ahead = 0;
    expect(meter.isTrusted()).toBe(true);
    expect(requests).toBe(0);
  });

  it('guard 11: ends three minutes after the last reply, by the steady clock; a new measurement is asked for before', () => {
    reply();
    elapsed = minute;
    expect(meter.isTrusted()).toBe(true);
    expect(requests).toBe(0);
    elapsed = minute + 1;
    expect(meter.isTrusted()).toBe(true);
    expect(requests).toBe(1);
    elapsed = 3 * minute;
    expect(meter.isTrusted()).toBe(true);
    elapsed = 3 * minute + 1;
    expect(meter.isTrusted()).toBe(false);
    expect(meter.skewMs()).toBeUndefined();
    reply();
    expect(meter.isTrusted()).toBe(true);
  });

  it('however often it is asked for, it makes one request in five seconds, whether that succeeds or not', () => {
    const failing = createClockMeter({ clock, steady: { now: () => elapsed }, request: async () => Promise.reject(new Error(String((requests += 1)))) });
    for (elapsed = 0; elapsed < 10_000; elapsed += 10) expect(failing.isTrusted()).toBe(false);
    expect(requests).toBe(2);
  });

  it('guard 11: a reply that took long does not vouch for a clock that is nearly a minute off', () => {
    ahead = -57_000;
    reply();
    expect(meter.isTrusted()).toBe(true);
    reply(8_000);
    expect(meter.isTrusted()).toBe(false);
  });

  it.each([{ durationMs: 10_001 }, { durationMs: -1 }, { durationMs: Number.NaN }])('a reply of $durationMs ms, or one without a Date header, is no measurement', ({ durationMs }) => {
    meter.observe({ serverTime: dateHeader(), durationMs });
    meter.observe({ durationMs: 20 });
    expect(meter.skewMs()).toBeUndefined();
  });
});

it.each([{ ms: 91 * day, usedMs: 0 }, { ms: -91 * day, usedMs: 0 }, { ms: 30_000, usedMs: 30_000 }])('the time of a clock that is $ms ms ahead is corrected by the API server’s only beyond a minute', ({ ms, usedMs }) => {
  ahead = ms;
  reply();
  expect(Math.abs(correctedNow(clock, meter) - (serverTime() + usedMs))).toBeLessThanOrEqual(510);
});
