/** Lets through so many calls at once, and then one every so many milliseconds. */
export interface RateLimit {
  /** True when one more may pass now. */
  take(): boolean;
}

interface RateLimitOptions {
  readonly burst: number;
  readonly everyMs: number;
  readonly now: () => number;
}

export function createRateLimit({ burst, everyMs, now }: RateLimitOptions): RateLimit {
  let tokens = burst;
  let at = now();
  return {
    take() {
      const time = now();
      // A clock that was set back takes nothing away.
      tokens = Math.min(burst, tokens + Math.max(0, time - at) / everyMs);
      at = time;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

/** Keys that are remembered at once; the one that has been silent for longest is forgotten first. */
const mostKeys = 10_000;

/** A rate limit for each key: who uses up one takes nothing of the others. */
export interface RateLimits {
  take(key: string): boolean;
}

export function createRateLimits(options: RateLimitOptions): RateLimits {
  const limits = new Map<string, RateLimit>();
  return {
    take(key) {
      const limit = limits.get(key) ?? createRateLimit(options);
      // Last in the order in which they are forgotten.
      limits.delete(key);
      limits.set(key, limit);
      const [oldest] = limits.keys();
      if (limits.size > mostKeys && oldest !== undefined) limits.delete(oldest);
      return limit.take();
    },
  };
}

/** So many pieces of work at once for each key. */
export interface Places {
  /** What leaves the place again; undefined when none is free. */
  enter(key: string): (() => void) | undefined;
}

export function createPlaces(most: number): Places {
  const taken = new Map<string, number>();
  const change = (key: string, by: number): void => {
    const left = (taken.get(key) ?? 0) + by;
    if (left > 0) taken.set(key, left);
    else taken.delete(key);
  };
  return {
    enter(key) {
      if ((taken.get(key) ?? 0) >= most) return undefined;
      change(key, 1);
      return () => change(key, -1);
    },
  };
}
