/** What changed for one key; `old` without `new` is a deletion. */
export interface Change<T> {
  key: string;
  old?: T;
  new?: T;
}

export interface Stored<T> {
  uid: string;
  version: string;
  value: T;
}

interface Index<T> {
  valuesOf(value: T): string[];
  /** Keys that have a value. */
  keysOf: Map<string, Set<string>>;
  /** Values that a key has, kept so that removal does not depend on `valuesOf`. */
  valuesOfKey: Map<string, string[]>;
}

/** Values of the moment by key, with indexes. */
export class IndexedStore<T> {
  readonly #entries = new Map<string, Stored<T>>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #onIndexError: (error: unknown) => void;

  constructor(onIndexError: (error: unknown) => void) {
    this.#onIndexError = onIndexError;
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  get(key: string): Stored<T> | undefined {
    return this.#entries.get(key);
  }

  /** Sets or replaces; gives what has to be told: nothing for a version that is there already. */
  put(key: string, next: Stored<T>): Change<T>[] {
    const last = this.#entries.get(key);
    if (last?.uid === next.uid && last.version === next.version) return [];
    // Another object of the same name: the old one was deleted unseen, and its watchers must hear of it.
    const before = last !== undefined && last.uid !== next.uid ? this.remove(key) : [];
    const old = this.#entries.get(key);
    this.#unindex(key);
    this.#entries.set(key, next);
    for (const index of this.#indexes.values()) enterIndex(index, key, next.value, this.#onIndexError);
    return [...before, { key, ...(old === undefined ? {} : { old: old.value }), new: next.value }];
  }

  remove(key: string): Change<T>[] {
    const last = this.#entries.get(key);
    if (last === undefined) return [];
    this.#entries.delete(key);
    this.#unindex(key);
    return [{ key, old: last.value }];
  }

  list(namespace?: string): T[] {
    const prefix = namespace === undefined ? '' : `${namespace}/`;
    const values: T[] = [];
    for (const [key, entry] of this.#entries) if (key.startsWith(prefix)) values.push(entry.value);
    return values;
  }

  addIndex(name: string, valuesOf: (value: T) => string[]): void {
    const index: Index<T> = { valuesOf, keysOf: new Map(), valuesOfKey: new Map() };
    this.#indexes.set(name, index);
    for (const [key, entry] of this.#entries) enterIndex(index, key, entry.value, this.#onIndexError);
  }

  byIndex(name: string, value: string): T[] {
    const values: T[] = [];
    for (const key of this.#indexes.get(name)?.keysOf.get(value) ?? []) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) values.push(entry.value);
    }
    return values;
  }

  #unindex(key: string): void {
    for (const index of this.#indexes.values()) leaveIndex(index, key);
  }
}

function enterIndex<T>(index: Index<T>, key: string, value: T, onError: (error: unknown) => void): void {
  let values: string[] = [];
  try {
    values = index.valuesOf(value);
  } catch (error) {
    onError(error);
  }
  if (values.length === 0) return;
  index.valuesOfKey.set(key, values);
  for (const each of values) {
    const keys = index.keysOf.get(each) ?? new Set();
    index.keysOf.set(each, keys.add(key));
  }
}

function leaveIndex<T>(index: Index<T>, key: string): void {
  for (const value of index.valuesOfKey.get(key) ?? []) {
    const keys = index.keysOf.get(value);
    keys?.delete(key);
    if (keys?.size === 0) index.keysOf.delete(value);
  }
  index.valuesOfKey.delete(key);
}
