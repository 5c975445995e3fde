import { PriorityHeap } from './priority-heap.ts';

/** What one namespace may take of the workers, so that none of them, slow or hostile, delays the others (guard 12). */
export interface Share {
  /** Most keys of one namespace in work at once. */
  readonly perGroup: number;
  /** Keys in work at once that have begun less than `slotMs` ago: what takes longer waits for somebody else, and gives its slot to another. */
  readonly slots: number;
  readonly slotMs: number;
}

/** A key that is ready. */
export interface ReadyKey {
  readonly key: string;
  readonly priority: number;
  readonly order: number;
  readonly addedAt: number;
}

/** One key in so many goes to whoever has had least, whatever its priority: a namespace that is edited all the time would else keep all resyncs of the others waiting. */
const patience = 4;

/** Of one namespace. */
interface Group {
  readonly name: string;
  readonly ready: PriorityHeap<ReadyKey>;
  running: number;
  /** Milliseconds of slots that it has had, as fair queueing counts: never less than whoever was served last, so that nobody saves up. */
  used: number;
}

/**
 * Keys that are ready, by namespace. Priority comes first, then whoever has had the least of the slots, then age. Entries may
 * be ones that a newer one has replaced; `isCurrent` says which one counts.
 */
export class FairGroups {
  readonly #groups = new Map<string, Group>();
  readonly #isCurrent: (entry: ReadyKey) => boolean;
  readonly #share: Share;
  /** When each key in work began. */
  readonly #begun = new Map<string, number>();
  #served = 0;
  #taken = 0;

  constructor(share: Share, isCurrent: (entry: ReadyKey) => boolean) {
    this.#share = share;
    this.#isCurrent = isCurrent;
  }

  push(entry: ReadyKey): void {
    const group = this.#groupOf(entry.key);
    if (group.running === 0 && this.#first(group) === undefined) group.used = Math.max(group.used, this.#served);
    group.ready.push(entry);
  }

  /** The next key, for a worker, who must call `done`; undefined while no slot is free, or each namespace with a key has its share in work. */
  take(now: number): ReadyKey | undefined {
    if (this.slotFreeAfter(now) > 0) return undefined;
    this.#taken += 1;
    const isPatient = this.#taken % patience !== 0;
    let best: { readonly group: Group; readonly entry: ReadyKey } | undefined;
    for (const group of this.#groups.values()) {
      const entry = group.running < this.#share.perGroup ? this.#first(group) : undefined;
      if (entry === undefined) continue;
      if (best === undefined || comesBefore({ group, entry }, best, isPatient)) best = { group, entry };
    }
    if (best === undefined) return undefined;
    const { group, entry } = best;
    group.ready.pop();
    group.running += 1;
    this.#begun.set(entry.key, now);
    this.#served = Math.max(this.#served, group.used);
    return entry;
  }

  /** Milliseconds until a key that is in work gives up its slot; 0 = one is free. */
  slotFreeAfter(now: number): number {
    const { slots, slotMs } = this.#share;
    if (this.#begun.size < slots) return 0;
    // A clock that was set back gives the slots up: they are for moments.
    const holding = Array.from(this.#begun.values()).filter((at) => at <= now && now - at < slotMs);
    return holding.length < slots ? 0 : Math.min(...holding) + slotMs - now;
  }

  /** The key is out of work. */
  done(key: string, now: number): void {
    const group = this.#groupOf(key);
    group.running -= 1;
    group.used += Math.min(Math.max(0, now - (this.#begun.get(key) ?? now)), this.#share.slotMs);
    this.#begun.delete(key);
    // Whoever has had no more than the others is like one who was never there.
    if (group.running === 0 && group.used <= this.#served && this.#first(group) === undefined) this.#groups.delete(group.name);
  }

  clear(): void {
    this.#groups.clear();
  }

  #groupOf(key: string): Group {
    const name = key.slice(0, Math.max(0, key.indexOf('/')));
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group: Group = { name, running: 0, used: 0, ready: new PriorityHeap<ReadyKey>((a, b) => a.priority > b.priority || (a.priority === b.priority && a.order < b.order)) };
    this.#groups.set(name, group);
    return group;
  }

  #first({ ready }: Group): ReadyKey | undefined {
    for (let entry = ready.peek(); entry !== undefined; entry = ready.peek()) {
      if (this.#isCurrent(entry)) return entry;
      ready.pop();
    }
    return undefined;
  }
}

interface Choice {
  readonly group: Group;
  readonly entry: ReadyKey;
}

function comesBefore(a: Choice, b: Choice, byPriority: boolean): boolean {
  if (byPriority && a.entry.priority !== b.entry.priority) return a.entry.priority > b.entry.priority;
  // What is in work is not counted yet; it will be.
  if (a.group.used !== b.group.used || a.group.running !== b.group.running) {
    return a.group.used === b.group.used ? a.group.running < b.group.running : a.group.used < b.group.used;
  }
  return a.entry.order < b.entry.order;
}
