import type { ResourceType } from '../api/kind.ts';
import type { KubernetesObject } from '../api/meta.ts';

/** Where an object is; `namespace` is absent for cluster-scoped kinds. */
export interface ObjectKey {
  namespace?: string;
  name: string;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Page size; 500 unless told. */
  limit?: number;
  /** Ask for metadata only (PartialObjectMetadata): for Secrets, whose values are never cached. */
  metadataOnly?: boolean;
  signal?: AbortSignal;
}

export interface ListPage<T> {
  items: T[];
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

export interface ApplyOptions {
  fieldManager: string;
  /** Take over fields of other managers; only for fields that are ours by right. Default false: a conflict is an error. */
  force?: boolean;
  subresource?: 'status';
  signal?: AbortSignal;
}

export interface RequestOptions {
  signal?: AbortSignal;
}

export interface ReadOptions extends RequestOptions {
  /** Receives the API server's own time at this answer, in milliseconds since the epoch, to the second; not called where the answer has none. */
  onServerTime?: (at: number) => void;
}

/**
 * The API server as plain verbs. Every verb fails only with an OperatorError (mapped from the HTTP
 * status: 409 Conflict → `Conflict`, 403/422/400 → `Terminal`, 401/429/5xx/network/time-out → `Retryable`
 * with Retry-After); messages never hold a response body. Reads answer undefined for 404.
 */
export interface KubernetesClient {
  get<T extends KubernetesObject>(type: ResourceType, key: ObjectKey, options?: ReadOptions): Promise<T | undefined>;
  /** One page. */
  list<T extends KubernetesObject>(type: ResourceType, options?: ListOptions & { continue?: string }): Promise<ListPage<T>>;
  /** All pages, one at a time; a 410 in the middle throws Retryable `ListExpired`, never a cut-off list. */
  pages<T extends KubernetesObject>(type: ResourceType, options?: ListOptions): AsyncIterable<T[]>;
  /** POST; an object that exists already is a Conflict. */
  create<T extends KubernetesObject>(type: ResourceType, object: T, options?: RequestOptions & { fieldManager?: string }): Promise<T>;
  /** Server-side apply. `metadata.resourceVersion` in the object makes it conditional. */
  apply<T extends KubernetesObject>(type: ResourceType, object: Partial<T> & KubernetesObject, options: ApplyOptions): Promise<T>;
  /** JSON merge patch. */
  mergePatch<T extends KubernetesObject>(type: ResourceType, key: ObjectKey, patch: unknown, options?: RequestOptions & { fieldManager?: string; subresource?: 'status' }): Promise<T>;
  /** PUT; needs `metadata.resourceVersion`. */
  replace<T extends KubernetesObject>(type: ResourceType, object: T, options?: RequestOptions): Promise<T>;
  /** False when it was gone already. */
  delete(type: ResourceType, key: ObjectKey, options?: RequestOptions & { propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'; uid?: string; resourceVersion?: string }): Promise<boolean>;
}
