import type { Clock, Random } from '../api/clock.ts';
import { toFailure, type Failure } from '../api/errors.ts';
import type { ResourceType } from '../api/kind.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { untilAborted } from './abort.ts';
import type { WatchingClient } from './http-client.ts';
import { IndexedStore, type Change } from './indexed-store.ts';
import { ReflectorLoop, type RelistCause } from './reflector-loop.ts';

export type { Change } from './indexed-store.ts';
export type { RelistCause } from './reflector-loop.ts';

export interface ReflectorOptions<T> {
  client: Pick<WatchingClient, 'list' | 'watch'>;
  type: ResourceType;
  /** All namespaces unless given. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Keep metadata only: for Secrets, whose values are never cached. */
  metadataOnly?: boolean;
  /**
   * What is kept of an object. Unless given, the object without managedFields and kubectl's copy of it, and `T` is
   * what the API server is trusted to send.
   */
  project?: (object: KubernetesObject) => T;
  clock: Clock;
  random: Random;
  /** Objects in a page; 500 unless given. */
  pageSize?: number;
  /** Milliseconds, ±10 %, between two full lists, the safety net under the watch; 10 minutes unless given. */
  relistEveryMs?: number;
  /** Told of every fault that was survived, a listener's too. */
  onError?: (failure: Failure) => void;
  onRelist?: (cause: RelistCause) => void;
}

/** The objects of one kind, as near to now as the API server tells. */
export interface Reflector<T> {
  /** Lists and watches until the signal aborts; never rejects. */
  start(signal: AbortSignal): Promise<void>;
  /** True once one full list is in. */
  hasSynced(): boolean;
  /** Resolves with the first full list; rejects with the signal's reason. */
  whenSynced(signal: AbortSignal): Promise<void>;
  /** `key` is `namespace/name`. */
  get(key: string): T | undefined;
  list(namespace?: string): T[];
  addIndex(name: string, valuesOf: (value: T) => string[]): void;
  byIndex(name: string, value: string): T[];
  /** A listener that throws is reported and loses nothing. Gives the way to unsubscribe. */
  subscribe(listener: (change: Change<T>) => void): () => void;
  /** Milliseconds since the epoch of the last word from the API server; 0 before the first (liveness, facts/operators.md B3.29). */
  lastContactAt(): number;
}

/**
 * Keeps a copy of one kind by a paged list, a watch with bookmarks and a periodic list. It survives what client-node's
 * informer does not (facts/tech.md 1, facts/operators.md 0.2, C8): whatever fails is tried again for ever, with jitter
 * between 0.2 s and 30 s and never sooner than Retry-After; an object that was deleted and made again is told as both.
 */
export function createReflector<T = KubernetesObject>(options: ReflectorOptions<T>): Reflector<T> {
  const listeners = new Set<(change: Change<T>) => void>();
  const synced = Promise.withResolvers<void>();
  const report = (error: unknown): void => options.onError?.(toFailure(error));
  const store = new IndexedStore<T>(report);
  let contactAt = 0;
  let isSynced = false;

  function emit(changes: Change<T>[]): void {
    for (const change of changes) {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch (error) {
          report(error);
        }
      }
    }
  }

  const loop = new ReflectorLoop<T>(options, {
    store,
    emit,
    report,
    onContact: () => {
      contactAt = options.clock.now();
    },
    onSynced: () => {
      isSynced = true;
      synced.resolve();
    },
  });

  return {
    start: (signal) => loop.run(signal),
    hasSynced: () => isSynced,
    whenSynced: (signal) => untilAborted(synced.promise, signal),
    get: (key) => store.get(key)?.value,
    list: (namespace) => store.list(namespace),
    addIndex: (name, valuesOf) => store.addIndex(name, valuesOf),
    byIndex: (name, value) => store.byIndex(name, value),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lastContactAt: () => contactAt,
  };
}
