import type { Clock } from '../../operator/api/clock.ts';

interface Sleeper {
  at: number;
  wake(): void;
}

/** A Clock whose time moves only by `advance`; sleeps wait for it and wake in order of time. */
export interface FakeClock extends Clock {
  /**
   * Moves time on by `ms`, waking every sleep that is due at its own moment, in order, and lets the code
   * that each one wakes run (promises and short I/O) before the next.
   */
  advance(ms: number): Promise<void>;
  /** Moves time on to the earliest sleep and wakes it; false when nothing sleeps. */
  advanceToNext(): Promise<boolean>;
  /** Milliseconds until each sleep that is waiting ends, soonest first. */
  waiting(): number[];
  /** Resolves once at least `count` sleeps are waiting. */
  whenSleeping(count?: number): Promise<void>;
  /** Jumps the wall clock without waking anything, as a correction of the host's time does. */
  jump(ms: number): void;
}

/** Lets promise chains and pending I/O callbacks run; no time passes. */
export async function settle(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

export function createFakeClock(start: number | string = '2026-11-24T00:00:00.000Z'): FakeClock {
  const sleepers = new Set<Sleeper>();
  let now = typeof start === 'string' ? Date.parse(start) : start;
  let arrivals = Promise.withResolvers<void>();

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(reasonOf(signal));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper: Sleeper = { at: now + Math.max(0, ms), wake: () => end(resolve) };
    const onAbort = (): void => end(() => reject(reasonOf(signal)));
    function end(settlePromise: () => void): void {
      sleepers.delete(sleeper);
      signal?.removeEventListener('abort', onAbort);
      settlePromise();
    }
    signal?.addEventListener('abort', onAbort, { once: true });
    sleepers.add(sleeper);
    arrivals.resolve();
    arrivals = Promise.withResolvers<void>();
    return promise;
  }

  function earliest(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) if (first === undefined || sleeper.at < first.at) first = sleeper;
    return first;
  }

  async function advance(ms: number): Promise<void> {
    await settle();
    const until = now + ms;
    for (let next = earliest(); next !== undefined && next.at <= until; next = earliest()) {
      now = Math.max(now, next.at);
      next.wake();
      await settle();
    }
    now = until;
    await settle();
  }

  async function advanceToNext(): Promise<boolean> {
    await settle();
    const next = earliest();
    if (next === undefined) return false;
    await advance(Math.max(0, next.at - now));
    return true;
  }

  async function whenSleeping(count = 1): Promise<void> {
    while (sleepers.size < count) await arrivals.promise;
  }

  return {
    now: () => now,
    sleep,
    advance,
    advanceToNext,
    waiting: () => Array.from(sleepers, (sleeper) => sleeper.at - now).sort((a, b) => a - b),
    whenSleeping,
    jump(ms) {
      now += ms;
      for (const sleeper of sleepers) sleeper.at += ms;
    },
  };
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new DOMException('This operation was aborted', 'AbortError');
}
