import type { Clock, Random } from '../../api/clock.ts';
import { aborted } from './failures.ts';

/** PagerDuty's documented allowance per app and account, or per key (facts/pagerduty.md 6.1). */
const requestsPerMinute = 960;
const minute = 60_000;
/** Lanes that nobody has used for so long are forgotten. */
const idleAfterMs = 10 * minute;

/** What the `ratelimit-*` headers said; a part is undefined when its header is missing or absurd. */
export interface RateHeaders {
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  readonly resetMs: number | undefined;
}

/** The budget of one credential: one request at a time, from one token bucket. */
export interface Lane {
  /** Resolves with the release of the lane, once it is this caller's turn; rejects `Aborted`. */
  enter(signal: AbortSignal): Promise<() => void>;
  /** Milliseconds until the next request may go; 0 = now. */
  delay(): number;
  /** Takes one request from the budget. */
  take(): void;
  /** Corrects the budget by what the vendor said: it knows of other users of the credential. */
  correct(headers: RateHeaders, random: Random): void;
  /** Holds everybody back for `ms` milliseconds. */
  hold(ms: number): void;
}

/** Lanes by credential. One set belongs to one provider value: there is no module-level state. */
export interface Throttles {
  lane(credentialId: string, clock: Clock): Lane;
}

interface Entry {
  readonly lane: Lane;
  readonly isIdle: (now: number) => boolean;
}

export function createThrottles(): Throttles {
  const entries = new Map<string, Entry>();
  return {
    lane(credentialId, clock) {
      const now = clock.now();
      for (const [id, entry] of entries) if (id !== credentialId && entry.isIdle(now)) entries.delete(id);
      const entry = entries.get(credentialId) ?? createLane(clock);
      entries.set(credentialId, entry);
      return entry.lane;
    },
  };
}

function createLane(clock: Clock): Entry {
  const turns = createTurns();
  let capacity = requestsPerMinute;
  let left = capacity;
  let refilledAt = clock.now();
  let heldUntil = 0;

  function refill(): void {
    const now = clock.now();
    // A clock set back must not take budget away, nor stop the refill.
    left = Math.min(capacity, left + (Math.max(0, now - refilledAt) * capacity) / minute);
    refilledAt = now;
  }

  const lane: Lane = {
    enter: turns.enter,
    delay() {
      refill();
      const held = heldUntil - clock.now();
      const empty = left >= 1 ? 0 : ((1 - left) * minute) / capacity;
      return Math.ceil(Math.max(0, held, empty));
    },
    take() {
      refill();
      left -= 1;
    },
    correct({ limit, remaining, resetMs }, random) {
      refill();
      if (limit !== undefined) capacity = limit;
      if (remaining === undefined) return;
      left = Math.min(remaining, capacity);
      if (remaining === 0 && resetMs !== undefined) lane.hold(addJitter(resetMs, random));
    },
    hold(ms) {
      heldUntil = Math.max(heldUntil, clock.now() + ms);
    },
  };
  return { lane, isIdle: (now) => !turns.busy() && now - refilledAt > idleAfterMs && now > heldUntil };
}

/** `ms` and a little more, so that the users of one budget do not come back at the same moment. */
export function addJitter(ms: number, random: Random): number {
  return ms + random() * Math.min(5000, Math.max(500, ms * 0.3));
}

/** First come, first served; one at a time. */
function createTurns(): { enter: Lane['enter']; busy: () => boolean } {
  let taken = false;
  const queue: (() => void)[] = [];

  function leave(): void {
    const next = queue.shift();
    if (next === undefined) taken = false;
    else next();
  }

  /** A release that works once, so that a second call cannot let two in. */
  function release(): () => void {
    let done = false;
    return () => {
      if (done) return;
      done = true;
      leave();
    };
  }

  async function enter(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw aborted();
    if (!taken) {
      taken = true;
      return release();
    }
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    const start = (): void => {
      signal.removeEventListener('abort', stop);
      resolve(release());
    };
    const stop = (): void => {
      queue.splice(queue.indexOf(start), 1);
      reject(aborted());
    };
    signal.addEventListener('abort', stop, { once: true });
    queue.push(start);
    return promise;
  }

  return { enter, busy: () => taken };
}

/** Reads the `ratelimit-*` headers (facts/pagerduty.md 6.1); what is missing or absurd is undefined. */
export function readRateHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): RateHeaders {
  const reset = readCount(headers['ratelimit-reset'], 0, 3600);
  return {
    limit: readCount(headers['ratelimit-limit'], 1, 1_000_000),
    remaining: readCount(headers['ratelimit-remaining'], 0, 1_000_000),
    resetMs: reset === undefined ? undefined : reset * 1000,
  };
}

function readCount(value: string | string[] | undefined, min: number, max: number): number | undefined {
  if (typeof value !== 'string' || !/^\d{1,9}$/.test(value.trim())) return undefined;
  const count = Number(value);
  return count >= min && count <= max ? count : undefined;
}
