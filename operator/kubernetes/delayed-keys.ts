import type { Clock } from '../api/clock.ts';
import { PriorityHeap } from './priority-heap.ts';

/** A key that waits for its time, milliseconds since the epoch. */
export interface DelayedKey {
  readonly key: string;
  readonly priority: number;
  readonly at: number;
}

/** A timer of more than 2^31 ms would ring at once; the alarm looks again before. */
const longestSleepMs = 86_400_000;

/** Keys that wait for their time: one sleep for all of them, whatever their number. */
export class DelayedKeys {
  readonly #clock: Clock;
  readonly #onDue: (due: DelayedKey) => void;
  /** The heap may hold entries that a newer one has replaced; the map says which one counts. */
  readonly #keys = new Map<string, DelayedKey>();
  readonly #heap = new PriorityHeap<DelayedKey>((a, b) => a.at < b.at);
  #alarm: { at: number; cancel: AbortController } | undefined;

  /** `onDue` is called for each key that has been dropped before. */
  constructor(clock: Clock, onDue: (due: DelayedKey) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** The earliest wish counts, and the highest priority. */
  add({ key, at, priority }: DelayedKey): void {
    const last = this.#keys.get(key);
    const next = { key, at: Math.min(at, last?.at ?? at), priority: Math.max(priority, last?.priority ?? priority) };
    this.#keys.set(key, next);
    this.#heap.push(next);
    this.#setAlarm();
  }

  drop(key: string): DelayedKey | undefined {
    const delayed = this.#keys.get(key);
    this.#keys.delete(key);
    return delayed;
  }

  clear(): void {
    this.#keys.clear();
    this.#alarm?.cancel.abort();
  }

  #setAlarm(): void {
    const next = this.#next();
    if (this.#alarm !== undefined && next !== undefined && this.#alarm.at <= next.at) return;
    this.#alarm?.cancel.abort();
    this.#alarm = undefined;
    if (next === undefined) return;
    const alarm = { at: next.at, cancel: new AbortController() };
    this.#alarm = alarm;
    const ms = Math.min(next.at - this.#clock.now(), longestSleepMs);
    this.#clock.sleep(ms, alarm.cancel.signal).then(
      () => this.#ring(alarm),
      () => undefined,
    );
  }

  #ring(alarm: { at: number }): void {
    if (this.#alarm !== alarm) return;
    this.#alarm = undefined;
    const now = this.#clock.now();
    for (let next = this.#next(); next !== undefined && next.at <= now; next = this.#next()) {
      this.drop(next.key);
      this.#onDue(next);
    }
    this.#setAlarm();
  }

  #next(): DelayedKey | undefined {
    for (let next = this.#heap.peek(); next !== undefined; next = this.#heap.peek()) {
      if (this.#keys.get(next.key) === next) return next;
      this.#heap.pop();
    }
    return undefined;
  }
}
