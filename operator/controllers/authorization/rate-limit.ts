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
function createRateLimits(options: RateLimitOptions): { take(key: string): boolean } {
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

/** So many pieces of work at once for each key; gives what leaves the place again, undefined when none is free. */
function createPlaces(most: number): (key: string) => (() => void) | undefined {
  const taken = new Map<string, number>();
  const change = (key: string, by: number): void => {
    const left = (taken.get(key) ?? 0) + by;
    if (left > 0) taken.set(key, left);
    else taken.delete(key);
  };
  return (key) => {
    if ((taken.get(key) ?? 0) >= most) return undefined;
    change(key, 1);
    return () => change(key, -1);
  };
}

/** How much is let in for one key. */
export interface Budget {
  readonly burst: number;
  readonly everyMs: number;
  /** At once. */
  readonly inFlight: number;
}

/** Lets a request in for its own key and for that which it shares with others; gives what leaves again. Undefined when either has too many. */
export type Entrance = (own: string, shared: string) => (() => void) | undefined;

/** What one's own key may use up is less than what all who share one may: whoever floods with the one leaves room for the others. */
export function createEntrance({ own, shared, now }: { readonly own: Budget; readonly shared: Budget; readonly now: () => number }): Entrance {
  const limits = { own: createRateLimits({ ...own, now }), shared: createRateLimits({ ...shared, now }) };
  const places = { own: createPlaces(own.inFlight), shared: createPlaces(shared.inFlight) };
  return (ownKey, sharedKey) => {
    if (!limits.own.take(ownKey) || !limits.shared.take(sharedKey)) return undefined;
    const leaveOwn = places.own(ownKey);
    const leaveShared = leaveOwn === undefined ? undefined : places.shared(sharedKey);
    if (leaveShared === undefined) {
      leaveOwn?.();
      return undefined;
    }
    return () => {
      leaveShared();
      leaveOwn?.();
    };
  };
}
