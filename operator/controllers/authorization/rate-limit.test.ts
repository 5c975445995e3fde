import { describe, expect, it } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

describe('a rate limit', () => {
  it('lets a burst through, then one at a time, and fills up again no further than the burst', () => {
    let now = 0;
    const limit = createRateLimit({ burst: 3, everyMs: 1000, now: () => now });
    const take = (times: number): boolean[] => Array.from({ length: times }, () => limit.take());
    expect(take(4)).toEqual([true, true, true, false]);
    now += 1000;
    expect(take(2)).toEqual([true, false]);
    now += 3_600_000;
    expect(take(4)).toEqual([true, true, true, false]);
  });

  it('is not worn out by a clock that is set back', () => {
    let now = 10_000;
    const limit = createRateLimit({ burst: 1, everyMs: 1000, now: () => now });
    expect(limit.take()).toBe(true);
    now = 0;
    expect(limit.take()).toBe(false);
    now = 1000;
    expect(limit.take()).toBe(true);
  });
});
