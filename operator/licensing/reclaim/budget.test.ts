import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dailyCapOf, decideBudget, decideDailyCap, type BudgetInput } from './budget.ts';

const hourMs = 3_600_000;
const now = Date.parse('2026-11-24T09:00:00Z');

function budget(change: Partial<BudgetInput> = {}) {
  return decideBudget({ started: [], covered: 1000, limits: { maxPerRun: 10, maxPercent: 5 }, periodHours: 24, now, ...change });
}

describe('guard 5, C12: how many reclaims may begin', () => {
  it.each([
    [1000, 10], [200, 10], [199, 9], [40, 2], [39, 1], [20, 1], [19, 0], [0, 0], [-5, 0], [Number.NaN, 0],
  ])('guard 5: of %i covered, at most %i a run: ten, and 5 percent rounded down', (covered, allowed) => {
    expect(budget({ covered })).toMatchObject({ allowed, left: allowed });
  });

  it('guard 5: says why none ever may', () => {
    expect(budget({ covered: 19 })).toEqual({ allowed: 0, left: 0, started: 0, message: expect.stringContaining('5 percent of the covered subscriptions') as unknown });
  });

  it('guard 5: those of the last period count, both its ends included', () => {
    const started = [now - 24 * hourMs - 1, now - 24 * hourMs, now - 1, now];
    expect(budget({ started })).toMatchObject({ started: 3, left: 7 });
  });

  it('guard 5: tells when the next one may begin', () => {
    const started = Array.from({ length: 10 }, (_, index) => now - (10 - index) * hourMs);
    expect(budget({ started })).toEqual({ allowed: 10, left: 0, started: 10, nextAt: now + 14 * hourMs + 1 });
    expect(budget({ started, now: now + 14 * hourMs }).left).toBe(0);
    expect(budget({ started, now: now + 14 * hourMs + 1 }).left).toBe(1);
  });

  it('guard 5: where the limit was lowered, waits until enough are long ago', () => {
    const started = [3, 2, 1].map((hours) => now - hours * hourMs);
    expect(budget({ started, limits: { maxPerRun: 2, maxPercent: 5 } }).nextAt).toBe(now - 2 * hourMs + 24 * hourMs + 1);
  });

  it('guard 5: an attempt of an unreadable time, or of one to come, counts', () => {
    expect(budget({ started: [Number.NaN, now + hourMs] })).toMatchObject({ left: 8 });
    expect(budget({ started: [Number.NaN], limits: { maxPerRun: 1, maxPercent: 5 } })).toMatchObject({ left: 0, nextAt: now + 24 * hourMs + 1 });
  });

  it('guard 5: whoever begins only what is left never begins more than is allowed within any period', () => {
    const steps = fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 30 * hourMs }), wish: fc.integer({ min: 0, max: 20 }) }), { maxLength: 30 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 300 }), (all, maxPerRun, maxPercent, covered) => {
        const started: number[] = [];
        let time = now;
        for (const { waitMs, wish } of all) {
          time += waitMs;
          const { left, allowed, nextAt } = budget({ started, covered, limits: { maxPerRun, maxPercent }, now: time });
          expect(allowed).toBe(Math.min(maxPerRun, Math.floor((covered * maxPercent) / 100)));
          if (left === 0 && allowed > 0) expect(budget({ started, covered, limits: { maxPerRun, maxPercent }, now: nextAt ?? 0 }).left).toBeGreaterThan(0);
          for (let count = 0; count < Math.min(wish, left); count += 1) started.push(time);
        }
        for (const start of started) {
          expect(started.filter((at) => at >= start && at <= start + 24 * hourMs).length).toBeLessThanOrEqual(Math.min(maxPerRun, Math.floor((covered * maxPercent) / 100)));
        }
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});

describe('guard 5: how many of a profile may begin a day', () => {
  it.each<[number | undefined, number]>([
    [1000, 50], [500, 50], [499, 49], [20, 2], [19, 1], [9, 1], [0, 1], [undefined, 1],
  ])('guard 5: of %s subscriptions, at most %i: fifty, and 10 percent rounded down, and never fewer than one', (subscriptions, cap) => {
    expect(dailyCapOf(subscriptions, { maxPerDay: 50, maxPercentPerDay: 10 })).toBe(cap);
  });

  it('guard 5: those of the last 24 hours count, both ends included, whatever periods the rules have', () => {
    const started = [now - 24 * hourMs - 1, now - 24 * hourMs, now];
    expect(decideDailyCap({ started, allowed: 3, now }).left).toBe(1);
    expect(decideDailyCap({ started, allowed: 2, now })).toEqual({ allowed: 2, left: 0, started: 2, nextAt: now + 1 });
  });
});
