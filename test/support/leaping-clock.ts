import type { Clock } from '../../operator/api/clock.ts';

/** A Clock on which every sleep is over at once: time leaps on by it. For code whose waits are not the subject. */
export interface LeapingClock extends Clock {
  /** Milliseconds of every sleep so far. */
  readonly sleeps: readonly number[];
}

export function createLeapingClock(start: number | string = '2026-11-24T00:00:00.000Z'): LeapingClock {
  const sleeps: number[] = [];
  let now = typeof start === 'string' ? Date.parse(start) : start;
  return {
    sleeps,
    now: () => now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
      now += Math.max(0, ms);
      // A turn of the event loop, so that a loop that only sleeps can still be aborted.
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      signal?.throwIfAborted();
    },
  };
}
