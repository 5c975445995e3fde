import { queryObjects } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { aReclaimSeat, daysAgo, evaluationContext } from '../../../test/support/reclaim-company.ts';
import { createEvaluation } from './evaluate.ts';
import type { Judgement, ReclaimSeat } from './facts.ts';

const seats = 100_000;

/** A seat that can be found on the heap. */
class TracedSeat {
  readonly isTraced = true;
}

/** One of five is inactive, one in a hundred an admin. */
function* company(count: number): Generator<ReclaimSeat> {
  for (let index = 0; index < count; index += 1) {
    const name = `seat-${String(index).padStart(6, '0')}`;
    const change = { lastActivity: index % 5 === 0 ? daysAgo(90) : daysAgo(3), role: index % 100 === 0 ? 'admin' : 'user' };
    yield Object.assign(new TracedSeat(), aReclaimSeat({ name, ...change }));
  }
}

function context(change: object = {}) {
  const exclusions = Array.from({ length: 5000 }, (_, index) => ({ name: `out-${index}`, person: `nobody-${index}@example.com` }));
  return evaluationContext({ admins: 1000, exclusions, ...change });
}

/** Bytes that an evaluation of so many leaves behind it while it is open. */
function growth(count: number): number {
  globalThis.gc?.();
  queryObjects(TracedSeat, { format: 'count' });
  const evaluation = createEvaluation(context());
  const before = process.memoryUsage().heapUsed;
  for (const seat of company(count)) evaluation.add(seat);
  // Collects garbage first; the last one may still be in a register.
  expect(queryObjects(TracedSeat, { format: 'count' })).toBeLessThanOrEqual(1);
  const after = process.memoryUsage().heapUsed;
  evaluation.finish();
  return after - before;
}

describe('L37: an evaluation of 100,000 subscriptions', () => {
  it('L37: counts them right', () => {
    const evaluation = createEvaluation(context());
    for (const seat of company(seats)) evaluation.add(seat);
    expect(evaluation.finish()).toMatchObject({
      counts: { covered: seats, active: 80_000, inactive: 20_000, candidates: 19_998, protected: 2, candidateRatioPercent: 20 },
      guards: [{ guard: 'LastAdmin', count: 2 }],
      hold: undefined,
    });
  });

  it('L37: keeps none of them, and no more memory for ten times as many', () => {
    growth(1000);
    expect(growth(seats) - growth(seats / 10)).toBeLessThan(1024 * 1024);
  });

  it('L37: seats that are kept would be seen', () => {
    const kept: (ReclaimSeat | Judgement)[] = [];
    for (const seat of company(1000)) kept.push(seat);
    expect(queryObjects(TracedSeat, { format: 'count' })).toBe(1000);
    expect(kept.length).toBe(1000);
  });

  it('L37: takes time in proportion, however many exclusions there are', () => {
    const time = (count: number) => {
      const evaluation = createEvaluation(context());
      const start = performance.now();
      for (const seat of company(count)) evaluation.add(seat);
      return performance.now() - start;
    };
    time(5000);
    expect(time(40_000) / time(10_000)).toBeLessThan(16);
  });
});
