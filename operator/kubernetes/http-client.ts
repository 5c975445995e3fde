import type { Clock } from '../api/clock.ts';
import type { ResourceType } from '../api/kind.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { ApplyOptions, KubernetesClient, ListOptions, ListPage, ObjectKey, ReadOptions } from './client.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { createRequester, malformedReply, type ApiCall, type OpenStream, type Requester } from './requester.ts';
import { collectionPath, objectPath, withQuery } from './resource-path.ts';
import { createTransport, type RequestReport } from './transport.ts';
import { MalformedLine, readWatchEvents, type WatchEvent } from './watch-lines.ts';

export { coreResources } from './core-resources.ts';
export { listExpired } from './api-failure.ts';
export type { WatchEvent } from './watch-lines.ts';
export type { RequestReport } from './transport.ts';

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Version after which events are wanted: of a list, of the last event or of a bookmark. */
  resourceVersion: string;
  /** Seconds after which the API server ends the watch; ours ends it 30 s later if it does not. */
  timeoutSeconds: number;
  metadataOnly?: boolean;
  signal?: AbortSignal;
}

export interface WatchingClient extends KubernetesClient {
  /**
   * One watch, with bookmarks; it ends when the API server ends it. Fails only with an OperatorError: reason
   * `ListExpired` for a 410, `MalformedReply` for a broken line. Leaving the loop closes the connection.
   */
  watch(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent>;
  /** Ends all connections; what still runs fails as Retryable. */
  close(): Promise<void>;
}

export interface ClientOptions {
  clock: Clock;
  /** How long requests take is read off it; one that moves on evenly unless told. */
  steady?: Pick<Clock, 'now'>;
  /** Value of the User-Agent header, such as `saas-license-operator/0.1.0`. */
  userAgent: string;
  onRequest?: (report: RequestReport) => void;
}

const pageSize = 500;
const watchGraceMs = 30_000;

const asMetadataList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const asMetadata = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * The API server as verbs over one pool of connections. Bodies go through untouched: fields that no schema here
 * knows survive a read and a write (facts/tech.md 1.10). A 401 renews the credential and tries once more; every other
 * retry is the caller's affair. Writes with a field that the server does not know are refused, not pruned in
 * silence (facts/operators.md C9).
 */
export function createKubernetesClient(config: ClusterConfig, options: ClientOptions): WatchingClient {
  const transport = createTransport(config, options);
  const requester = createRequester(transport, options.clock);
  return {
    ...createReads(requester),
    ...createWrites(requester),
    watch: (type, watchOptions) => watchEvents(requester, type, watchOptions),
    close: () => transport.close(),
  };
}

function createReads(requester: Requester): Pick<KubernetesClient, 'get' | 'list' | 'pages'> {
  async function get<T extends KubernetesObject>(
    type: ResourceType,
    key: ObjectKey,
    { signal, onServerTime }: ReadOptions = {},
  ): Promise<T | undefined> {
    return requester.find<T>({ method: 'GET', ...describe('get', type, key), path: objectPath(type, key), signal, ...(onServerTime === undefined ? {} : { onServerTime }) });
  }

  async function list<T extends KubernetesObject>(
    type: ResourceType,
    options: ListOptions & { continue?: string } = {},
  ): Promise<ListPage<T>> {
    const body = await requester.call<ListBody<T>>({
      method: 'GET',
      ...describe('list', type, options),
      path: withQuery(collectionPath(type, options.namespace), {
        limit: options.limit ?? pageSize,
        continue: options.continue,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
      }),
      ...(options.metadataOnly === true ? { accept: asMetadataList } : {}),
      signal: options.signal,
    });
    return pageOf(body, `list of ${type.plural}`);
  }

  async function* pages<T extends KubernetesObject>(type: ResourceType, options: ListOptions = {}): AsyncGenerator<T[]> {
    let next: string | undefined;
    do {
      const page: ListPage<T> = await list<T>(type, { ...options, ...(next === undefined ? {} : { continue: next }) });
      yield page.items;
      next = page.continue;
    } while (next !== undefined);
  }

  return { get, list, pages };
}

interface ListBody<T> {
  items?: T[] | null;
  metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
}

/** Reads a List body; one without items or version is refused: it must never pass for an empty list (guard 6). */
function pageOf<T>({ items, metadata }: ListBody<T>, what: string): ListPage<T> {
  if (metadata?.resourceVersion === undefined || (items !== null && !Array.isArray(items))) throw malformedReply(what);
  return {
    items: items ?? [],
    resourceVersion: metadata.resourceVersion,
    ...(metadata.continue ? { continue: metadata.continue } : {}),
    ...(metadata.remainingItemCount === undefined ? {} : { remainingItemCount: metadata.remainingItemCount }),
  };
}

type Writes = Pick<KubernetesClient, 'create' | 'apply' | 'mergePatch' | 'replace' | 'delete'>;

function createWrites(requester: Requester): Writes {
  const write = <T>(call: Omit<ApiCall, 'body'>, body: unknown): Promise<T> =>
    requester.call<T>({ contentType: 'application/json', ...call, body: JSON.stringify(body) });

  return {
    create<T extends KubernetesObject>(type: ResourceType, object: T, options: Parameters<Writes['create']>[2] = {}): Promise<T> {
      const path = withQuery(collectionPath(type, namespaceOf(type, object)), { fieldManager: options.fieldManager, fieldValidation: 'Strict' });
      return write({ method: 'POST', ...describe('create', type, object.metadata), path, signal: options.signal }, named(type, object));
    },
    apply<T extends KubernetesObject>(type: ResourceType, object: Partial<T> & KubernetesObject, options: ApplyOptions): Promise<T> {
      const query = { fieldManager: options.fieldManager, force: options.force === true ? true : undefined, fieldValidation: 'Strict' };
      const path = withQuery(objectPath(type, object.metadata, options.subresource), query);
      const call = { method: 'PATCH', ...describe('apply', type, object.metadata), path, signal: options.signal } as const;
      return write({ ...call, contentType: 'application/apply-patch+yaml' }, named(type, object));
    },
    mergePatch<T extends KubernetesObject>(
      type: ResourceType,
      key: ObjectKey,
      patch: unknown,
      options: Parameters<Writes['mergePatch']>[3] = {},
    ): Promise<T> {
      const path = withQuery(objectPath(type, key, options.subresource), { fieldManager: options.fieldManager, fieldValidation: 'Strict' });
      const call = { method: 'PATCH', ...describe('patch', type, key), path, signal: options.signal } as const;
      return write({ ...call, contentType: 'application/merge-patch+json' }, patch);
    },
    replace<T extends KubernetesObject>(type: ResourceType, object: T, options: { signal?: AbortSignal } = {}): Promise<T> {
      const path = withQuery(objectPath(type, object.metadata), { fieldValidation: 'Strict' });
      return write({ method: 'PUT', ...describe('update', type, object.metadata), path, signal: options.signal }, named(type, object));
    },
    delete: (type, key, options = {}) => deleteObject(requester, type, key, options),
  };
}

async function deleteObject(
  requester: Requester,
  type: ResourceType,
  key: ObjectKey,
  options: NonNullable<Parameters<KubernetesClient['delete']>[2]>,
): Promise<boolean> {
  const preconditions = {
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }),
  };
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: options.propagationPolicy ?? 'Background',
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
  };
  const reply = await requester.find({
    method: 'DELETE',
    ...describe('delete', type, key),
    path: objectPath(type, key),
    contentType: 'application/json',
    body: JSON.stringify(body),
    signal: options.signal,
  });
  return reply !== undefined;
}

async function* watchEvents(requester: Requester, type: ResourceType, options: WatchOptions): AsyncGenerator<WatchEvent> {
  const stream = await requester.open({
    method: 'GET',
    ...describe('watch', type, options),
    path: withQuery(collectionPath(type, options.namespace), {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: options.timeoutSeconds,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    }),
    ...(options.metadataOnly === true ? { accept: asMetadata } : {}),
    signal: options.signal,
    timeoutMs: options.timeoutSeconds * 1000 + watchGraceMs,
  });
  yield* readStream(stream, `watch of ${type.plural}`);
}

async function* readStream(stream: OpenStream, what: string): AsyncGenerator<WatchEvent> {
  try {
    yield* readWatchEvents(stream.body);
  } catch (error) {
    throw error instanceof MalformedLine ? malformedReply(what) : stream.failure(error);
  } finally {
    stream.close();
  }
}

/** Words for messages and the resource for metrics. */
function describe(verb: string, type: ResourceType, key: { namespace?: string; name?: string }): Pick<ApiCall, 'what' | 'resource'> {
  const where = [key.namespace, key.name].filter((part) => part !== undefined).join('/');
  return { what: `${verb} of ${type.plural}${where === '' ? '' : ` ${where}`}`, resource: type.plural };
}

function namespaceOf(type: ResourceType, object: KubernetesObject): string | undefined {
  // The path of an object checks its namespace and name; a create has only the collection's.
  objectPath(type, object.metadata);
  return object.metadata.namespace;
}

/** Items of a list come without their kind; a body that is sent must have it. */
function named<T extends KubernetesObject>(type: ResourceType, object: T): T {
  return { ...object, apiVersion: type.apiVersion, kind: type.kind };
}
