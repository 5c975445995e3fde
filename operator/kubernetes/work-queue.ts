import type { Clock, Random } from '../api/clock.ts';
import { reasonOf } from './abort.ts';
import { backOffMs } from './back-off.ts';
import { DelayedKeys } from './delayed-keys.ts';
import { FairGroups, type ReadyKey, type Share } from './fair-groups.ts';

/** Priorities that the house uses (facts/operators.md A4, C11). */
export const priorities = { userEdit: 0, background: -100 } as const;

export interface AddOptions {
  /** Higher comes first; 0 unless given. A queued key keeps the highest that it was given. */
  priority?: number;
}

/** Told as things happen, for client-go's workqueue metrics (facts/operators.md B3.30). */
export interface WorkQueueMetrics {
  onQueueAdd?(queue: string): void;
  onQueueRetry?(queue: string): void;
  /** A key was taken up after this many seconds in the queue. */
  onQueueStart?(queue: string, waitedSeconds: number): void;
  /** A key was done after this many seconds of work. */
  onQueueDone?(queue: string, workedSeconds: number): void;
}

/** What is asked at a scrape. */
export interface WorkQueueState {
  depth: number;
  /** Seconds of work so far of all keys in work. */
  unfinishedSeconds: number;
  longestRunningSeconds: number;
}

export interface WorkQueueOptions {
  clock: Clock;
  random: Random;
  /** Name of the queue in metrics: the controller's. */
  name: string;
  metrics?: WorkQueueMetrics;
  /** What one namespace may take of the workers; without it, all of them. */
  share?: Share;
}

/**
 * A queue of keys: each is in it once, and is with one worker at a time. It comes out by priority, then by how much of the workers its
 * namespace has had, then by age.
 */
export interface WorkQueue {
  readonly name: string;
  /** Keys that are ready; those that wait for their time are not counted. */
  readonly length: number;
  /** Queues a key now; what waits for a later time is merged into it. A key that is being worked on comes again after. */
  add(key: string, options?: AddOptions): void;
  /** Queues a key after `ms` unless it comes sooner; the earliest wish counts. */
  addAfter(key: string, ms: number, options?: AddOptions): void;
  /** Queues a key after its own back-off (200 ms doubling to 5 min, ±10 %), not before `atLeastMs`. Gives the delay. */
  addRateLimited(key: string, options?: AddOptions & { atLeastMs?: number }): number;
  /** The key has done well: its next back-off starts from the bottom. */
  forget(key: string): void;
  /** How often in a row the key was rate limited. */
  retries(key: string): number;
  /** The next key, for one worker, who must call `done`. Rejects with the signal's reason, or when the queue is shut. */
  get(signal: AbortSignal): Promise<string>;
  done(key: string): void;
  state(): WorkQueueState;
  /** Drops everything that waits and takes no more; waiting workers are let go. */
  shutdown(): void;
}

const limits = { baseMs: 200, capMs: 300_000, jitter: 0.1 };

interface Work {
  startedAt: number;
  priority: number;
  /** Priority with which the key was added meanwhile. */
  again?: number;
}

interface Waiter {
  give(key: string): void;
  dismiss(reason: Error): void;
}

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  return new KeyedQueue(options);
}

const wholeShare: Share = { perGroup: Infinity, slots: Infinity, slotMs: 0 };

/** Heaps may hold entries that a newer one has replaced; the maps say which one counts. */
class KeyedQueue implements WorkQueue {
  readonly name: string;
  readonly #options: WorkQueueOptions;
  readonly #ready = new Map<string, ReadyKey>();
  readonly #groups: FairGroups;
  readonly #delayed: DelayedKeys;
  readonly #work = new Map<string, Work>();
  readonly #failures = new Map<string, number>();
  readonly #waiters = new Set<Waiter>();
  readonly #shut = new AbortController();
  /** Rings when a slot is given up. */
  #slotAlarm: AbortController | undefined;
  #order = 0;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.name = options.name;
    this.#delayed = new DelayedKeys(options.clock, ({ key, priority }) => this.add(key, { priority }));
    this.#groups = new FairGroups(options.share ?? wholeShare, (entry) => this.#ready.get(entry.key) === entry);
  }

  get length(): number {
    return this.#ready.size;
  }

  add(key: string, { priority }: AddOptions = {}): void {
    if (this.#shut.signal.aborted) return;
    this.#options.metrics?.onQueueAdd?.(this.name);
    const wish = Math.max(priority ?? 0, this.#delayed.drop(key)?.priority ?? Number.NEGATIVE_INFINITY);
    const work = this.#work.get(key);
    if (work === undefined) this.#enqueue(key, wish);
    else work.again = Math.max(wish, work.again ?? Number.NEGATIVE_INFINITY);
  }

  addAfter(key: string, ms: number, options: AddOptions = {}): void {
    const priority = options.priority ?? this.#work.get(key)?.priority ?? 0;
    if (ms <= 0) this.add(key, { ...options, priority });
    else if (!this.#shut.signal.aborted && !this.#ready.has(key)) this.#delayed.add({ key, at: this.#options.clock.now() + ms, priority });
  }

  addRateLimited(key: string, options: AddOptions & { atLeastMs?: number } = {}): number {
    const failures = this.retries(key) + 1;
    this.#failures.set(key, failures);
    this.#options.metrics?.onQueueRetry?.(this.name);
    const ms = Math.max(backOffMs(failures, limits, this.#options.random), options.atLeastMs ?? 0);
    this.addAfter(key, ms, options);
    return ms;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  retries(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  async get(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    this.#shut.signal.throwIfAborted();
    return this.#take() ?? this.#waitForKey(signal);
  }

  /** The waiter leaves in the same moment as the abort: a key that is given after it would be with nobody. */
  async #waitForKey(signal: AbortSignal): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiter: Waiter = { give: resolve, dismiss: reject };
    const onAbort = (): void => {
      this.#waiters.delete(waiter);
      reject(reasonOf(signal));
    };
    this.#waiters.add(waiter);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  done(key: string): void {
    const work = this.#work.get(key);
    if (work === undefined) return;
    this.#work.delete(key);
    const now = this.#options.clock.now();
    this.#groups.done(key, now);
    this.#options.metrics?.onQueueDone?.(this.name, (now - work.startedAt) / 1000);
    if (this.#shut.signal.aborted) return;
    if (work.again !== undefined) {
      this.#delayed.drop(key);
      this.#enqueue(key, work.again);
    }
    // Others of its namespace may have waited for it.
    this.#serve();
  }

  state(): WorkQueueState {
    const now = this.#options.clock.now();
    const seconds = Array.from(this.#work.values(), (work) => (now - work.startedAt) / 1000);
    return {
      depth: this.#ready.size,
      unfinishedSeconds: seconds.reduce((sum, each) => sum + each, 0),
      longestRunningSeconds: Math.max(0, ...seconds),
    };
  }

  shutdown(): void {
    const reason = new DOMException(`The queue ${this.name} was shut down`, 'AbortError');
    this.#shut.abort(reason);
    this.#ready.clear();
    this.#delayed.clear();
    this.#failures.clear();
    this.#groups.clear();
    this.#slotAlarm?.abort();
    for (const waiter of this.#waiters) waiter.dismiss(reason);
    this.#waiters.clear();
  }

  #enqueue(key: string, priority: number): void {
    const last = this.#ready.get(key);
    if (last !== undefined && last.priority >= priority) return;
    const now = this.#options.clock.now();
    const next = { key, priority, order: last?.order ?? this.#order, addedAt: last?.addedAt ?? now };
    this.#order += 1;
    this.#ready.set(key, next);
    this.#groups.push(next);
    this.#serve();
  }

  /** Hands keys to workers that wait, oldest first. */
  #serve(): void {
    for (const waiter of this.#waiters) {
      const key = this.#take();
      if (key === undefined) return;
      this.#waiters.delete(waiter);
      waiter.give(key);
    }
  }

  #take(): string | undefined {
    if (this.#ready.size === 0) return undefined;
    const now = this.#options.clock.now();
    const item = this.#groups.take(now);
    if (item === undefined) {
      this.#awaitSlot(this.#groups.slotFreeAfter(now));
      return undefined;
    }
    this.#ready.delete(item.key);
    this.#work.set(item.key, { startedAt: now, priority: item.priority });
    this.#options.metrics?.onQueueStart?.(this.name, (now - item.addedAt) / 1000);
    return item.key;
  }

  /** Workers that wait are served when a key in work gives up its slot. */
  #awaitSlot(ms: number): void {
    if (ms <= 0 || this.#slotAlarm !== undefined) return;
    const alarm = new AbortController();
    this.#slotAlarm = alarm;
    const ring = (): void => {
      this.#slotAlarm = undefined;
      this.#serve();
    };
    this.#options.clock.sleep(ms, alarm.signal).then(ring, () => undefined);
  }
}
