import { conflict, OperatorError, retryable, terminal } from '../../operator/api/errors.ts';
import type { Clock } from '../../operator/api/clock.ts';
import type { ResourceType } from '../../operator/api/kind.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import type { KubernetesClient, ObjectKey, ReadOptions } from '../../operator/kubernetes/client.ts';
import { isWithinSkew, type ClockTrust } from '../../operator/kubernetes/clock-trust.ts';
import { isRecord } from '../../operator/kubernetes/json-compare.ts';

/** One call of a client, before it is carried out. */
export interface ClusterCall {
  /** Such as `apply removalcandidates/status team-a/x.1`. */
  readonly what: string;
  readonly client: string;
}

/** Objects with versions: every write gives a new one, and a write under an old one is a Conflict. Status is applied field by field, as if every list were atomic. No schema, no watch. */
export interface MemoryCluster {
  /**
   * A client of one process. `before` may throw: then the call never came; `after` may throw: then it was carried out and its answer
   * is lost.
   */
  client(name?: string, hooks?: { before?(call: ClusterCall): void | Promise<void>; after?(call: ClusterCall): void | Promise<void> }): KubernetesClient;
  /** As another hand does, with no conflict. */
  put<T extends KubernetesObject>(type: ResourceType, object: T): T;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as the client has it
  get<T extends KubernetesObject>(type: ResourceType, key: ObjectKey): T | undefined;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as the client has it
  change<T extends KubernetesObject>(type: ResourceType, key: ObjectKey, edit: (object: T) => void): void;
  remove(type: ResourceType, key: ObjectKey): void;
  list<T extends KubernetesObject>(type: ResourceType): T[];
  /** Calls so far, of all clients. */
  readonly calls: ClusterCall[];
  /** Milliseconds by which the API server's clock is ahead of the scene's; undefined = its replies say no time. */
  aheadMs: number | undefined;
  /** What a process with this clock knows of it; the scene's unless the process has one of its own that is wrong. */
  clockTrust(clock?: Pick<Clock, 'now'>): ClockTrust;
}

interface Stored {
  object: KubernetesObject & { status?: Record<string, unknown> };
  /** Fields of status by the manager that applied them last. */
  owners: Map<string, Set<string>>;
}

/** @param clock the scene's. */
export function createMemoryCluster(clock: Pick<Clock, 'now'> = { now: () => 0 }): MemoryCluster {
  return new Cluster(clock);
}

class Cluster implements MemoryCluster {
  readonly calls: ClusterCall[] = [];
  aheadMs: number | undefined = 0;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #objects = new Map<string, Stored>();
  #version = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  clockTrust(own: Pick<Clock, 'now'> = this.#clock): ClockTrust {
    const skewMs = (): number | undefined => (this.aheadMs === undefined ? undefined : own.now() - this.#clock.now() - this.aheadMs);
    return { skewMs, isTrusted: () => isWithinSkew(skewMs() ?? Number.POSITIVE_INFINITY) };
  }

  client(name = 'one', hooks: Parameters<MemoryCluster['client']>[1] = {}): KubernetesClient {
    const call = async <T>(what: string, work: () => T): Promise<T> => {
      const made = { what, client: name };
      this.calls.push(made);
      await hooks.before?.(made);
      // Other processes may come in between.
      await Promise.resolve();
      const result = structuredClone(work());
      await hooks.after?.(made);
      return result;
    };
    const describe = (verb: string, type: ResourceType, key: ObjectKey, subresource?: string): string =>
      `${verb} ${type.plural}${subresource === undefined ? '' : `/${subresource}`} ${key.namespace ?? ''}/${key.name}`;
    const items = <T extends KubernetesObject>(type: ResourceType, namespace: string | undefined): T[] => this.list<T>(type).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
    return {
      get: async <T extends KubernetesObject>(type: ResourceType, key: ObjectKey, options: ReadOptions = {}) =>
        call(describe('get', type, key), () => {
          const date = this.#serverTime();
          if (date !== undefined) options.onServerTime?.(date);
          return this.get<T>(type, key);
        }),
      list: async (type, options = {}) => call(`list ${type.plural}`, () => ({ items: items(type, options.namespace), resourceVersion: String(this.#version) })),
      pages: <T extends KubernetesObject>(type: ResourceType, options: { namespace?: string } = {}) => pagesOf(() => call(`list ${type.plural}`, () => items<T>(type, options.namespace))),
      create: async (type, object) => call(describe('create', type, object.metadata), () => this.#create(type, object)),
      apply: async <T extends KubernetesObject>(type: ResourceType, object: Partial<T> & KubernetesObject, options: { fieldManager: string; subresource?: 'status' }) =>
        call(describe('apply', type, object.metadata, options.subresource), () => this.#apply(type, object, options) as T),
      mergePatch: async <T extends KubernetesObject>(type: ResourceType, key: ObjectKey, patch: unknown, options: { subresource?: 'status' } = {}) => call(describe('patch', type, key, options.subresource), () => this.#patchStatus(type, key, patch as StatusPatch) as T),
      replace: async (type, object) => call(describe('replace', type, object.metadata), () => this.#replace(type, object)),
      delete: async (type, key, options = {}) => call(describe('delete', type, key), () => this.#delete(type, key, options)),
    };
  }

  put<T extends KubernetesObject>(type: ResourceType, object: T): T {
    const key = keyOf(type, object.metadata);
    const uid = object.metadata.uid ?? `uid-${this.#version + 1}`;
    const stampedAt = this.#serverTime();
    const managed = stampedAt === undefined ? {} : { managedFields: [{ manager: 'anybody', operation: 'Update', time: new Date(stampedAt).toISOString() }] };
    const stored = structuredClone({ ...object, metadata: { ...object.metadata, ...managed, uid, resourceVersion: this.#next(), generation: object.metadata.generation ?? 1 } });
    this.#objects.set(key, { object: stored, owners: this.#objects.get(key)?.owners ?? new Map<string, Set<string>>() });
    return structuredClone(stored);
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as the client has it
  get<T extends KubernetesObject>(type: ResourceType, key: ObjectKey): T | undefined {
    return structuredClone(this.#objects.get(keyOf(type, key))?.object) as T | undefined;
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as the client has it
  change<T extends KubernetesObject>(type: ResourceType, key: ObjectKey, edit: (object: T) => void): void {
    const object = this.get<T>(type, key);
    if (object === undefined) throw new Error(`no ${type.plural} ${key.name}`);
    edit(object);
    this.put(type, object);
  }

  remove(type: ResourceType, key: ObjectKey): void {
    this.#objects.delete(keyOf(type, key));
  }

  list<T extends KubernetesObject>(type: ResourceType): T[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${type.plural} `)).map(([, { object }]) => structuredClone(object) as unknown as T);
  }

  /** As it stamps writes and dates answers: cut off to the second; undefined where it does neither. */
  #serverTime(): number | undefined {
    return this.aheadMs === undefined ? undefined : Math.floor((this.#clock.now() + this.aheadMs) / 1000) * 1000;
  }

  #next(): string {
    this.#version += 1;
    return String(this.#version);
  }

  #create<T extends KubernetesObject>(type: ResourceType, object: T): T {
    if (this.#objects.has(keyOf(type, object.metadata))) throw new OperatorError({ kind: 'Conflict', reason: 'Conflict', message: 'It exists.' }, { reason: 'AlreadyExists' });
    const { status: _status, ...rest } = object as T & { status?: unknown };
    return this.put(type, { ...rest, metadata: { ...object.metadata, uid: `uid-${this.#version + 1}` } } as unknown as T);
  }

  #replace<T extends KubernetesObject>(type: ResourceType, object: T): T {
    const stored = this.#objects.get(keyOf(type, object.metadata));
    if (stored === undefined) throw conflict('It is gone.');
    requireVersion(stored.object, object.metadata.resourceVersion);
    return this.put(type, object);
  }

  #apply(type: ResourceType, intent: KubernetesObject & { status?: object }, { fieldManager, subresource }: { fieldManager: string; subresource?: 'status' }): KubernetesObject {
    const stored = this.#objects.get(keyOf(type, intent.metadata));
    if (stored === undefined) throw conflict('It is gone.');
    if (subresource !== 'status') throw new Error('only status is applied here');
    requireVersion(stored.object, intent.metadata.resourceVersion);
    const status = mergeStatus(stored, intent.status ?? {}, fieldManager);
    // A write that changes nothing gives no new version, as at the API server.
    if (JSON.stringify(sortKeys(status)) === JSON.stringify(sortKeys(stored.object.status ?? {}))) return stored.object;
    stored.object = structuredClone({ ...stored.object, status, metadata: { ...stored.object.metadata, resourceVersion: this.#next() } });
    return stored.object;
  }

  /** Of a merge patch of status: what is null goes, whoever owns it. */
  #patchStatus(type: ResourceType, key: ObjectKey, { metadata, status }: StatusPatch): KubernetesObject {
    const stored = this.#objects.get(keyOf(type, key));
    if (stored === undefined) throw conflict('It is gone.');
    requireVersion(stored.object, metadata?.resourceVersion);
    const merged = Object.entries({ ...stored.object.status, ...status }).filter(([, value]) => value !== null);
    for (const fields of stored.owners.values()) for (const [field, value] of Object.entries(status)) if (value === null) fields.delete(field);
    stored.object = structuredClone({ ...stored.object, status: Object.fromEntries(merged), metadata: { ...stored.object.metadata, resourceVersion: this.#next() } });
    return structuredClone(stored.object);
  }

  #delete(type: ResourceType, key: ObjectKey, { uid, resourceVersion }: { uid?: string; resourceVersion?: string }): boolean {
    const stored = this.#objects.get(keyOf(type, key));
    if (stored === undefined) return false;
    if (uid !== undefined && uid !== stored.object.metadata.uid) throw conflict('It is another one.');
    requireVersion(stored.object, resourceVersion);
    this.#objects.delete(keyOf(type, key));
    return true;
  }
}

/** Fields that the manager applied before and does not send any more go, unless another manager has them too. */
function mergeStatus(stored: Stored, intent: object, manager: string): Record<string, unknown> {
  const status: Record<string, unknown> = { ...stored.object.status };
  const wanted = Object.fromEntries(Object.entries(intent).filter(([, value]) => value !== undefined));
  for (const field of stored.owners.get(manager) ?? []) if (!(field in wanted) && !isOwnedByOther(stored, field, manager)) delete status[field];
  stored.owners.set(manager, new Set(Object.keys(wanted)));
  return { ...status, ...wanted };
}

interface StatusPatch {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly status: Readonly<Record<string, unknown>>;
}

async function* pagesOf<T>(list: () => Promise<T[]>): AsyncGenerator<T[]> {
  yield await list();
}

function keyOf(type: ResourceType, { namespace, name }: ObjectKey): string {
  return `${type.plural} ${namespace ?? ''}/${name}`;
}

function requireVersion({ metadata }: KubernetesObject, version: string | undefined): void {
  if (version !== undefined && version !== metadata.resourceVersion) throw conflict('It is of another version.');
}

function isOwnedByOther({ owners }: Stored, field: string, manager: string): boolean {
  return [...owners].some(([other, fields]) => other !== manager && fields.has(field));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, sortKeys(each)]));
}

/** What a process that is killed at a call throws, and at every call after it. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** The faults that an API server has: they may pass, or need a person. */
export const apiFault = (): Error => retryable('ApiServerError', 'The API server has a fault that may pass.');
export const apiRefusal = (): Error => terminal('Forbidden', 'It is forbidden.');
