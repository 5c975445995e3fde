import { toFailure, type OperatorError } from '../api/errors.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { failureOf, listExpired, parseStatus } from './api-failure.ts';
import { backOffMs, jittered } from './back-off.ts';
import type { WatchEvent } from './http-client.ts';
import type { Change, IndexedStore, Stored } from './indexed-store.ts';
import { keyOf, stripObject } from './object-key.ts';
import type { ReflectorOptions } from './reflector.ts';

/** Why everything was listed: the first time, a version that is gone, the safety net, or events that cannot be trusted. */
export type RelistCause = 'start' | 'expired' | 'periodic' | 'unsure';

/** What the loop tells the reflector around it. */
export interface LoopHooks<T> {
  store: IndexedStore<T>;
  emit(changes: Change<T>[]): void;
  report(error: unknown): void;
  onContact(): void;
  onSynced(): void;
}

const retryLimits = { baseMs: 250, capMs: 25_000, jitter: 0.2 };
const defaultRelistMs = 600_000;
/** After a safety list has failed, the watch goes on this long before the next try. */
const relistRetryMs = 30_000;
/** A watch that the server ends sooner, with nothing new, counts as a failure: else a broken proxy makes us spin. */
const shortWatchMs = 10_000;
/** Sessions in a row that ended badly with nothing new, after which the version is not trusted any more. */
const unsureAfter = 3;

/**
 * Faults that say nothing about the version that we hold: the watch is taken up where it was. Any other fault
 * that comes again and again may come from the version itself.
 */
const outages: ReadonlySet<string> = new Set([
  'ApiServerUnreachable',
  'TimedOut',
  'TooManyRequests',
  'Unauthorized',
  'CredentialUnavailable',
  'Forbidden',
]);

/** Where the loop stands; one object, so that each step can say what it changed. */
interface Position {
  /** Last version that is wholly in the store; undefined when everything must be listed. */
  version: string | undefined;
  /** Why the next list is made. */
  cause: RelistCause;
  /** Milliseconds since the epoch of the next safety list. */
  listDueAt: number;
  /** Sessions in a row that failed with nothing new. */
  failures: number;
  /** Those of them that may be the version's fault. */
  doubts: number;
}

/** The endless list-and-watch of one reflector. */
export class ReflectorLoop<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #hooks: LoopHooks<T>;
  readonly #at: Position = { version: undefined, cause: 'start', listDueAt: 0, failures: 0, doubts: 0 };

  constructor(options: ReflectorOptions<T>, hooks: LoopHooks<T>) {
    this.#options = options;
    this.#hooks = hooks;
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    while (!signal.aborted) {
      let leastMs = 0;
      try {
        await this.#session(signal);
      } catch (error) {
        if (signal.aborted) return;
        leastMs = this.#noteFailure(error);
      }
      if (this.#at.failures === 0) continue;
      const waitMs = Math.max(leastMs, backOffMs(this.#at.failures, retryLimits, random));
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  /** A list where one is due, then one watch. */
  async #session(signal: AbortSignal): Promise<void> {
    const at = this.#at;
    if (at.version === undefined) await this.#relist(signal);
    else if (this.#isListDue()) await this.#relistForSafety(signal);
    const started = this.#options.clock.now();
    const before = at.version;
    if (before !== undefined) await this.#watch(before, signal);
    const isShort = this.#options.clock.now() - started < shortWatchMs && !this.#isListDue();
    at.failures = isShort && at.version === before ? at.failures + 1 : 0;
  }

  #isListDue(): boolean {
    return this.#options.clock.now() >= this.#at.listDueAt;
  }

  async #relist(signal: AbortSignal): Promise<void> {
    const hooks = this.#hooks;
    const { clock, random, relistEveryMs = defaultRelistMs } = this.#options;
    const listed = await readList(this.#options, this.#hooks, signal);
    this.#options.onRelist?.(this.#at.cause);
    for (const [key, entry] of listed.entries) hooks.emit(hooks.store.put(key, entry));
    for (const key of hooks.store.keys()) if (!listed.entries.has(key)) hooks.emit(hooks.store.remove(key));
    this.#at.version = listed.version;
    this.#at.cause = 'periodic';
    this.#at.doubts = 0;
    this.#at.listDueAt = clock.now() + jittered(relistEveryMs, 0.1, random);
    hooks.onSynced();
  }

  /** The watch is still good when this list fails, so the failure only puts it off. */
  async #relistForSafety(signal: AbortSignal): Promise<void> {
    try {
      await this.#relist(signal);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#hooks.report(error);
      this.#at.listDueAt = this.#options.clock.now() + relistRetryMs;
    }
  }

  async #watch(version: string, signal: AbortSignal): Promise<void> {
    const at = this.#at;
    const { client, type, clock, random } = this.#options;
    const timeoutSeconds = watchSeconds(at.listDueAt - clock.now(), random);
    const events = client.watch(type, { ...selection(this.#options), resourceVersion: version, timeoutSeconds, signal });
    for await (const event of events) {
      this.#hooks.onContact();
      if (event.type === 'ERROR') throw frameFailure(this.#options, event);
      if (event.type !== 'BOOKMARK') this.#hooks.emit(applyEvent(this.#options, this.#hooks, event));
      at.version = event.object.metadata.resourceVersion;
      at.failures = 0;
      at.doubts = 0;
    }
    this.#hooks.onContact();
  }

  /** Notes a failed session and gives the milliseconds to wait at least. */
  #noteFailure(error: unknown): number {
    this.#hooks.report(error);
    const failure = toFailure(error);
    this.#at.failures += 1;
    if (failure.reason === listExpired) this.#listAnew('expired');
    else if (!outages.has(failure.reason)) this.#at.doubts += 1;
    if (this.#at.doubts >= unsureAfter) this.#listAnew('unsure');
    return failure.kind === 'Retryable' ? (failure.retryAfterMs ?? 0) : 0;
  }

  #listAnew(cause: RelistCause): void {
    if (this.#at.version === undefined) return;
    this.#at.version = undefined;
    this.#at.cause = cause;
  }
}

interface Listed<T> {
  version: string;
  entries: Map<string, Stored<T>>;
}

/** All pages of one snapshot, or a failure: a cut-off list would read as deletions (guard 6). */
async function readList<T>(options: ReflectorOptions<T>, hooks: LoopHooks<T>, signal: AbortSignal): Promise<Listed<T>> {
  const entries = new Map<string, Stored<T>>();
  let next: string | undefined;
  let version: string;
  do {
    const page = await options.client.list<KubernetesObject>(options.type, {
      ...selection(options),
      limit: options.pageSize ?? 500,
      ...(next === undefined ? {} : { continue: next }),
      signal,
    });
    signal.throwIfAborted();
    hooks.onContact();
    for (const object of page.items) {
      const entry = heldEntry(hooks, object) ?? entryOf(options, hooks, object);
      if (entry !== undefined) entries.set(keyOf(object.metadata), entry);
    }
    version = page.resourceVersion;
    next = page.continue;
  } while (next !== undefined);
  return { version, entries };
}

/** What the store has of the object, if in the same version: it need not be kept twice. */
function heldEntry<T>(hooks: LoopHooks<T>, { metadata }: KubernetesObject): Stored<T> | undefined {
  const held = hooks.store.get(keyOf(metadata));
  return held?.uid === metadata.uid && held?.version === metadata.resourceVersion ? held : undefined;
}

function applyEvent<T>(options: ReflectorOptions<T>, hooks: LoopHooks<T>, event: WatchEvent): Change<T>[] {
  const key = keyOf(event.object.metadata);
  if (event.type === 'DELETED') return hooks.store.remove(key);
  const entry = entryOf(options, hooks, event.object);
  return entry === undefined ? [] : hooks.store.put(key, entry);
}

/** A projection that throws is a defect of ours: it is told, and the one object is left out. */
function entryOf<T>(options: ReflectorOptions<T>, hooks: LoopHooks<T>, object: KubernetesObject): Stored<T> | undefined {
  const { uid = '', resourceVersion: version = '' } = object.metadata;
  try {
    return { uid, version, value: (options.project ?? trustObject<T>)(object) };
  } catch (error) {
    hooks.report(error);
    return undefined;
  }
}

function selection<T>(options: ReflectorOptions<T>): Pick<ReflectorOptions<T>, 'namespace' | 'labelSelector' | 'fieldSelector' | 'metadataOnly'> {
  return {
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.labelSelector === undefined ? {} : { labelSelector: options.labelSelector }),
    ...(options.fieldSelector === undefined ? {} : { fieldSelector: options.fieldSelector }),
    ...(options.metadataOnly === undefined ? {} : { metadataOnly: options.metadataOnly }),
  };
}

/** 240 to 300 s, so that watches do not end together; less when a safety list is due sooner. */
function watchSeconds(untilListMs: number, random: () => number): number {
  return Math.max(1, Math.ceil(Math.min(240 + 60 * random(), untilListMs / 1000)));
}

/** An ERROR frame holds a metav1.Status; it is read as the same status over HTTP. */
function frameFailure<T>(options: ReflectorOptions<T>, event: WatchEvent): OperatorError {
  const status = parseStatus(event.object);
  return failureOf({ what: `watch of ${options.type.plural}`, code: status.code ?? 500, status, now: options.clock.now() });
}

/** Without a projection `T` is what the API server is trusted to send. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters, typescript/no-unsafe-type-assertion
const trustObject = <T>(object: KubernetesObject): T => stripObject(object) as T;
