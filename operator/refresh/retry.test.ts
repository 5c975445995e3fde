import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createSeededRandom } from '../../test/support/seeded-random.ts';
import { conflict, retryable, terminal } from '../api/errors.ts';
import { retryTransient } from './retry.ts';

function createSurroundings(signal = new AbortController().signal) {
  return { clock: createFakeClock(), random: createSeededRandom(7), signal };
}

/** Fails with each error in turn, then answers. */
function failing(...errors: Error[]) {
  const calls = { count: 0 };
  return {
    calls,
    attempt: async () => {
      const error = errors[calls.count];
      calls.count += 1;
      if (error !== undefined) throw error;
      return 'done';
    },
  };
}

describe('retrying a read or write', () => {
  it('waits longer each time, and answers once the fault has passed', async () => {
    const around = createSurroundings();
    const { attempt, calls } = failing(retryable('ApiServerError', 'x'), retryable('ApiServerError', 'x'), retryable('ApiServerError', 'x'));
    const result = retryTransient(attempt, around);
    const waits: number[] = [];
    for (let retry = 0; retry < 3; retry += 1) {
      await around.clock.whenSleeping();
      waits.push(around.clock.waiting()[0] ?? 0);
      await around.clock.advanceToNext();
    }
    expect(await result).toBe('done');
    expect(calls.count).toBe(4);
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(125 * 2 ** index);
      expect(wait).toBeLessThanOrEqual(375 * 2 ** index);
    }
  });

  it('waits at least as long as the other side wants', async () => {
    const around = createSurroundings();
    const result = retryTransient(failing(retryable('TooManyRequests', 'x', { retryAfterMs: 5_000 })).attempt, around);
    await around.clock.whenSleeping();
    expect(around.clock.waiting()).toEqual([5_000]);
    await around.clock.advanceToNext();
    expect(await result).toBe('done');
  });

  it('outlives a restart of the API server of some seconds, gives up after seven tries, and at once when asked to wait for more than a minute', async () => {
    const around = createSurroundings();
    const error = retryable('ApiServerError', 'x');
    const seven = failing(...Array.from({ length: 8 }, () => error));
    const result = expect(retryTransient(seven.attempt, around)).rejects.toBe(error);
    const started = around.clock.now();
    for (let retry = 0; retry < 6; retry += 1) {
      await around.clock.whenSleeping();
      await around.clock.advanceToNext();
    }
    await result;
    expect(seven.calls.count).toBe(7);
    expect(around.clock.now() - started).toBeGreaterThan(7_000);
    const long = failing(retryable('TooManyRequests', 'x', { retryAfterMs: 61_000 }));
    await expect(retryTransient(long.attempt, around)).rejects.toThrow();
    expect(long.calls.count).toBe(1);
  });

  it.each([terminal('Forbidden', 'x'), conflict('x'), new TypeError('a defect of ours')])('does not try %s again', async (error) => {
    const { attempt, calls } = failing(error);
    await expect(retryTransient(attempt, createSurroundings())).rejects.toBe(error);
    expect(calls.count).toBe(1);
  });

  it('stops waiting when told to end', async () => {
    const stop = new AbortController();
    const around = createSurroundings(stop.signal);
    const { attempt, calls } = failing(retryable('ApiServerError', 'x'), retryable('ApiServerError', 'x'));
    const result = expect(retryTransient(attempt, around)).rejects.toThrow();
    await around.clock.whenSleeping();
    stop.abort();
    await result;
    expect(calls.count).toBe(1);
  });
});
