import { conflict } from '../api/errors.ts';
import type { ResourceType } from '../api/kind.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { KubernetesClient } from './client.ts';
import { isRecord, isSubset, type SubsetRules } from './json-compare.ts';
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
 * field differs from the object's, or when a field that we set before is not sent any more, which removes it. An object
 * out of a cache has no managedFields; only if its status holds more than ours is it read again, to see whose that
 * is. The object's uid goes along: an object made anew under the name is a Conflict, never written to.
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
  const current: WithStatus = object;
  if (isSubset(status, current.status, rules)) {
    if (!holdsMore(status, current.status, rules)) return false;
    const live = await readLive(client, type, object, options.signal);
    const entry = appliedEntry(live, options.fieldManager, 'status');
    const owned = isRecord(entry?.fieldsV1) ? entry.fieldsV1['f:status'] : undefined;
    if (isSubset(status, live.status, rules) && !ownsMoreThan(owned, status)) return false;
  }
  const { name, namespace, uid } = object.metadata;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
  await client.apply<WithStatus>(
    type,
    { apiVersion: type.apiVersion, kind: type.kind, metadata, status },
    {
      fieldManager: options.fieldManager,
      force: true,
      subresource: 'status',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
  );
  return true;
}

/** True when the status holds a leaf that ours has not: another writer's, or one that we set in an earlier pass. */
function holdsMore(ours: unknown, current: unknown, rules: SubsetRules): boolean {
  return !isSubset(current, ours, rules);
}

async function readLive(
  client: Pick<KubernetesClient, 'get'>,
  type: ResourceType,
  object: KubernetesObject,
  signal: AbortSignal | undefined,
): Promise<WithStatus> {
  if (object.metadata.managedFields !== undefined) return object;
  const live = await client.get<WithStatus>(type, object.metadata, signal === undefined ? {} : { signal });
  if (live === undefined || live.metadata.uid !== object.metadata.uid) {
    throw conflict(`The ${type.kind} whose status was to be written is gone or made anew; it is read again.`);
  }
  return live;
}
