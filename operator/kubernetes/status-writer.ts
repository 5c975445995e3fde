import { conflict } from '../api/errors.ts';
import type { ResourceType } from '../api/kind.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { KubernetesClient } from './client.ts';
import { isRecord, isSubset } from './json-compare.ts';
import { appliedEntry, ownsMoreThan } from './managed-fields.ts';

export interface WriteStatusOptions {
  /** Each writer of a status has its own, so that they do not undo each other's fields. */
  fieldManager: string;
  signal?: AbortSignal;
  /** Lists in the status that several writers share, with the field that tells items apart; `conditions` by `type` is known. */
  listKeys?: Readonly<Record<string, string>>;
}

interface WithStatus extends KubernetesObject {
  status?: unknown;
}

/**
 * Server-side apply of all that `fieldManager` has to say in the status; gives whether it wrote. It writes when a
 * field differs from the object's, or when a field that we set before is not sent any more, which removes it.
 *
 * `object` may come from a cache. Before a write, and when its status holds more than ours, the object is read
 * again: to see whose the rest is, and to write under its version. A status apply does not check the uid, and without
 * the version an object that was made anew under the name would be given the status of the old one. Then, and when
 * somebody writes in between, it is a Conflict.
 */
// oxlint-disable-next-line max-params -- reads as a sentence: with this client, of this kind, into this object, this status
export async function writeStatus(
  client: Pick<KubernetesClient, 'get' | 'apply'>,
  type: ResourceType,
  object: KubernetesObject,
  status: object,
  options: WriteStatusOptions,
): Promise<boolean> {
  const rules = { listKeys: { conditions: 'type', ...options.listKeys } };
  const seen: WithStatus = object;
  if (isSubset(status, seen.status, rules) && isSubset(seen.status, status, rules)) return false;

  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const live = await readSame(client, type, object, signal);
  if (isSubset(status, live.status, rules) && !ownsMoreThan(ownedFields(live, options.fieldManager), status)) return false;

  const { name, namespace, resourceVersion } = live.metadata;
  const metadata = {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  const intent = { apiVersion: type.apiVersion, kind: type.kind, metadata, status };
  await client.apply<WithStatus>(type, intent, { fieldManager: options.fieldManager, force: true, subresource: 'status', ...signal });
  return true;
}

async function readSame(
  client: Pick<KubernetesClient, 'get'>,
  type: ResourceType,
  object: KubernetesObject,
  options: { signal?: AbortSignal },
): Promise<WithStatus> {
  const live = await client.get<WithStatus>(type, object.metadata, options);
  if (live === undefined || live.metadata.uid !== object.metadata.uid) {
    throw conflict(`The ${type.kind} whose status was to be written is gone or made anew; it is read again.`);
  }
  return live;
}

/** What the manager has applied to the status before, as a fieldsV1 tree. */
function ownedFields(live: KubernetesObject, manager: string): unknown {
  const fields = appliedEntry(live, manager, 'status')?.fieldsV1;
  return isRecord(fields) ? fields['f:status'] : undefined;
}
