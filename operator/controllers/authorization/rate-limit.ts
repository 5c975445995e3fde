/** Lets through so many calls at once, and then one every so many milliseconds. */
export interface RateLimit {
  /** True when one more may pass now. */
  take(): boolean;
}

export function createRateLimit({ burst, everyMs, now }: { burst: number; everyMs: number; now: () => number }): RateLimit {
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
