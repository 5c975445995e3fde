import type { Reply } from './replies.ts';
import { apiError } from './replies.ts';
import type { Settings } from './settings.ts';

/** Buckets of tokens that fill up evenly over a minute, one for each credential and one more for /oncalls (facts 6.1). */
export interface RateLimiter {
  /** Takes one request's token. The headers go on the answer; a reply = refused. */
  take(request: { budget: string; oncalls: boolean; now: number }): { headers: Record<string, string>; refused?: Reply };
  reset(): void;
}

interface Bucket {
  level: number;
  at: number;
}

export function createRateLimiter(settings: Settings): RateLimiter {
  const buckets = new Map<string, Bucket>();

  function refill(key: string, limit: number, now: number): Bucket {
    const bucket = buckets.get(key) ?? { level: limit, at: now };
    const gained = (Math.max(0, now - bucket.at) / 60_000) * limit;
    const filled = { level: Math.min(limit, bucket.level + gained), at: now };
    buckets.set(key, filled);
    return filled;
  }

  return {
    take({ budget, oncalls, now }) {
      const limits = [{ key: budget, limit: settings.perMinute }];
      if (oncalls) limits.push({ key: `${budget} oncalls`, limit: settings.oncallsPerMinute });
      const states = limits.map(({ key, limit }) => ({ limit, bucket: refill(key, limit, now) }));
      const refused = states.some(({ bucket }) => bucket.level < 1);
      if (!refused) for (const { bucket } of states) bucket.level -= 1;
      const nearest = states.reduce((a, b) => (b.bucket.level < a.bucket.level ? b : a));
      const headers = describe(nearest.limit, nearest.bucket.level);
      if (!refused) return { headers };
      return settings.bareTooManyRequests
        ? { headers: {}, refused: { status: 429, body: { kind: 'none' } } }
        : { headers, refused: apiError({ status: 429, code: 2020, message: 'Rate Limit Exceeded' }) };
    },
    reset: () => buckets.clear(),
  };
}

/** `ratelimit-reset`: whole seconds until the whole limit is there again. */
function describe(limit: number, level: number): Record<string, string> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(Math.floor(level)),
    'ratelimit-reset': String(Math.ceil(((limit - level) / limit) * 60)),
  };
}
