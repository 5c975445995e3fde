import { createHash } from 'node:crypto';
import { OperatorError, terminal } from '../api/errors.ts';
import type { ResourceType } from '../api/kind.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { KubernetesClient } from './client.ts';
import { canonicalJson, isSubset, type SubsetRules } from './json-compare.ts';
import { appliedEntry } from './managed-fields.ts';

export interface ApplyOwnedOptions {
  /** Uid of the object that controls this one; the intent's ownerReferences must name it as controller. */
  owner: string;
  fieldManager: string;
  /** Annotation that keeps the hash of the intent that was last written. */
  intentHashAnnotation: string;
  /** The object as it is now, if it is known to be there; from a cache will do. */
  existing?: KubernetesObject | undefined;
  signal?: AbortSignal;
}

type Client = Pick<KubernetesClient, 'get' | 'create' | 'apply' | 'mergePatch'>;

/** Lists of built-in kinds that others may add to; any other list must be as we want it. */
const rules: SubsetRules = {
  listKeys: {
    ownerReferences: 'uid',
    finalizers: '',
    containers: 'name',
    initContainers: 'name',
    volumes: 'name',
    env: 'name',
    volumeMounts: 'mountPath',
    imagePullSecrets: 'name',
  },
  quantities: new Set(['limits', 'requests', 'sizeLimit']),
  emptyIsAbsent: true,
};

/**
 * Makes an object that we own be as `intent` says. Nothing is written while the hash of the intent is the one in the
 * annotation and every field of the intent is still there (facts/operators.md A9.12, C7: defaults of the API server are not
 * drift). A new object is made by POST, so that a name which is taken is seen; changes are server-side applies
 * with force, since the object is ours as a whole. Secrets: give `data`, not `stringData`, which no read returns.
 * Fails with Terminal `NotOwned` for an object of that name that the owner does not control; it is never written to.
 */
export async function applyOwned(
  client: Client,
  type: ResourceType,
  intent: KubernetesObject,
  options: ApplyOwnedOptions,
): Promise<'unchanged' | 'applied'> {
  requireOwner(type, intent, options);
  const wanted = withHash(type, intent, options.intentHashAnnotation);
  if (options.existing !== undefined && isAsWanted(type, options.existing, wanted, options)) return 'unchanged';

  const signal = options.signal === undefined ? {} : { signal: options.signal };
  // A decision to write is made on the object itself: a cache may be old, and has no managedFields.
  const live = await client.get<KubernetesObject>(type, intent.metadata, signal);
  if (live !== undefined) return changeOwned(client, type, { live, wanted }, options);
  try {
    await client.create(type, wanted, { fieldManager: options.fieldManager, ...signal });
    return 'applied';
  } catch (error) {
    if (!(error instanceof OperatorError) || error.detail['reason'] !== 'AlreadyExists') throw error;
  }
  const other = await client.get<KubernetesObject>(type, intent.metadata, signal);
  if (other !== undefined) return changeOwned(client, type, { live: other, wanted }, options);
  throw terminal('NotOwned', `The ${type.kind} ${intent.metadata.name} comes and goes by another hand; give it another name.`);
}

function requireOwner(type: ResourceType, intent: KubernetesObject, options: ApplyOwnedOptions): void {
  const hasOwner = intent.metadata.ownerReferences?.some((each) => each.controller === true && each.uid === options.owner) ?? false;
  if (!hasOwner || 'stringData' in intent) {
    throw terminal('InvalidIntent', `The ${type.kind} ${intent.metadata.name} cannot be applied: it needs its owner as controller, and data for stringData.`);
  }
}

function withHash(type: ResourceType, intent: KubernetesObject, annotation: string): KubernetesObject {
  const hash = createHash('sha256').update(canonicalJson(intent)).digest('hex').slice(0, 32);
  const { annotations } = intent.metadata;
  return {
    ...intent,
    apiVersion: type.apiVersion,
    kind: type.kind,
    metadata: { ...intent.metadata, annotations: { ...annotations, [annotation]: hash } },
  };
}

/** True when nothing is to be done. Fails with Terminal when the object is not ours. */
function isAsWanted(type: ResourceType, actual: KubernetesObject, wanted: KubernetesObject, options: ApplyOwnedOptions): boolean {
  const isOurs = actual.metadata.ownerReferences?.some((each) => each.controller === true && each.uid === options.owner) ?? false;
  if (!isOurs) {
    throw terminal(
      'NotOwned',
      `The ${type.kind} ${wanted.metadata.name} exists and is not controlled by this object; delete or rename it, it is never overwritten.`,
    );
  }
  // Items of lists come without their kind, which the path of the request has given anyway.
  const { apiVersion: _version, kind: _kind, ...content } = wanted;
  return isSubset(content, actual, rules);
}

async function changeOwned(
  client: Client,
  type: ResourceType,
  { live, wanted }: { live: KubernetesObject; wanted: KubernetesObject },
  options: ApplyOwnedOptions,
): Promise<'unchanged' | 'applied'> {
  if (isAsWanted(type, live, wanted, options)) return 'unchanged';
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  await adoptCreation(client, type, live, options);
  const { uid } = live.metadata;
  const metadata = { ...wanted.metadata, ...(uid === undefined ? {} : { uid }) };
  await client.apply(type, { ...wanted, metadata }, { fieldManager: options.fieldManager, force: true, ...signal });
  return 'applied';
}

/**
 * A POST leaves its fields with us as an `Update`, beside which an apply gets a second entry; a field that a later
 * intent leaves out would stay, held by the first. So the entry of the POST becomes the one of the applies, as
 * kubectl does when it moves from client-side to server-side apply.
 */
async function adoptCreation(client: Client, type: ResourceType, live: KubernetesObject, options: ApplyOwnedOptions): Promise<void> {
  const entries = live.metadata.managedFields ?? [];
  const isCreation = (entry: (typeof entries)[number]): boolean =>
    entry.manager === options.fieldManager && entry.operation === 'Update' && !entry.subresource;
  if (appliedEntry(live, options.fieldManager) !== undefined || !entries.some(isCreation)) return;
  const managedFields = entries.map((entry) => (isCreation(entry) ? { ...entry, operation: 'Apply' } : entry));
  const { resourceVersion } = live.metadata;
  await client.mergePatch(type, live.metadata, { metadata: { resourceVersion, managedFields } }, {
    fieldManager: options.fieldManager,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}
