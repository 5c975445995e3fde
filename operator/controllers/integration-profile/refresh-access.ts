import { conflict, OperatorError, terminal } from '../../api/errors.ts';
import { annotations, apiVersion, labels, product } from '../../api/group.ts';
import { integrationProfileResource } from '../../api/integration-profile.ts';
import type { KubernetesObject, OwnerReference } from '../../api/meta.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { isSubset } from '../../kubernetes/json-compare.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { hashOf } from '../hash.ts';
import type { ProfileInput } from './input.ts';

export interface RoleBinding extends KubernetesObject {
  roleRef: { apiGroup: string; kind: string; name: string };
  subjects: { kind: string; name: string; namespace: string }[];
}

type SharedType = (typeof coreResources)['ServiceAccount' | 'RoleBinding'];

/** Subjects must be as we want them, no more; owners may be more, of profiles that are just being deleted. */
const rules = { listKeys: { ownerReferences: 'uid' }, emptyIsAbsent: true };

/**
 * The namespace's ServiceAccount and RoleBinding for refresh pods: least rights, in this namespace only.
 * All profiles of the namespace own them together, so they go with the last one. What another hand changed is put
 * back. Throws Terminal `NotOwned` where an object of the name is somebody else's; it is never written to.
 */
export async function ensureRefreshAccess(input: ProfileInput, dependencies: ControllerDependencies, signal: AbortSignal): Promise<void> {
  const { stores } = dependencies;
  const key = `${input.profile.metadata.namespace ?? ''}/${input.settings.refreshServiceAccount}`;
  const context = { input, dependencies, signal };
  await ensureShared(coreResources.ServiceAccount, { intent: buildServiceAccount(input), cached: stores.serviceAccounts.get(key) }, context);
  await ensureShared(coreResources.RoleBinding, { intent: buildRoleBinding(input), cached: stores.roleBindings.get(key) }, context);
}

interface AccessContext {
  readonly input: ProfileInput;
  readonly dependencies: ControllerDependencies;
  readonly signal: AbortSignal;
}

/** What is to be done about one of the two, given the object as it is; undefined = it is not there. */
export type AccessDecision = 'Nothing' | 'Create' | 'Apply' | 'Recreate' | 'NotOwned';

/** Pure: a roleRef cannot be changed, so another one means to delete and create (as `kubectl auth reconcile` does). */
export function decideAccess(input: ProfileInput, intent: KubernetesObject, actual: KubernetesObject | undefined): AccessDecision {
  if (actual === undefined) return 'Create';
  if (!isOurs(input, actual)) return 'NotOwned';
  // Items of lists come without their kind.
  const { apiVersion: _version, kind: _kind, ...wanted } = intent;
  if (isSubset(wanted, actual, rules)) return 'Nothing';
  return isSubset(roleRefOf(intent), roleRefOf(actual), rules) ? 'Apply' : 'Recreate';
}

function roleRefOf(object: KubernetesObject): unknown {
  return 'roleRef' in object ? object.roleRef : {};
}

/** By its label, or, where that was taken off, by a profile of the namespace that owns it. */
function isOurs({ profilesOfNamespace }: ProfileInput, { metadata }: KubernetesObject): boolean {
  if (metadata.labels?.[labels.managedBy] === product) return true;
  const profiles = new Set(profilesOfNamespace.map((profile) => profile.metadata.uid));
  return metadata.ownerReferences?.some((owner) => profiles.has(owner.uid)) ?? false;
}

async function ensureShared(
  type: SharedType,
  { intent, cached }: { intent: KubernetesObject; cached: KubernetesObject | undefined },
  { input, dependencies, signal }: AccessContext,
): Promise<void> {
  if (decideAccess(input, intent, cached) === 'Nothing') return;
  const { client } = dependencies;
  const key = { namespace: intent.metadata.namespace ?? '', name: intent.metadata.name };
  // A decision to write is made on the object itself: the cache has labelled ones only, and may be old.
  const live = await client.get(type, key, { signal });
  switch (decideAccess(input, intent, live)) {
    case 'Nothing':
      return;
    case 'NotOwned':
      throw notOwned(type, intent);
    case 'Apply':
      await client.apply(type, { ...intent, metadata: { ...intent.metadata, ...identityOf(live) } }, { fieldManager, force: true, signal });
      return;
    case 'Recreate':
      await client.delete(type, key, { signal, ...identityOf(live) });
      await create(type, intent, { input, dependencies, signal });
      return;
    case 'Create':
      await create(type, intent, { input, dependencies, signal });
  }
}

/** A POST, so that an object made in between is seen and not merged into. */
async function create(type: SharedType, intent: KubernetesObject, { dependencies, signal }: AccessContext): Promise<void> {
  try {
    await dependencies.client.create(type, intent, { fieldManager, signal });
  } catch (error) {
    if (!(error instanceof OperatorError) || error.failure.kind !== 'Conflict') throw error;
    throw conflict(`${type.kind} ${intent.metadata.name} was made by another hand just now; it is read again.`);
  }
}

/** The object that was judged, and no other that bears its name by now. */
function identityOf(live: KubernetesObject | undefined): { uid?: string } {
  return live?.metadata.uid === undefined ? {} : { uid: live.metadata.uid };
}

function notOwned(type: SharedType, intent: KubernetesObject): OperatorError {
  return terminal(
    'NotOwned',
    `${type.kind} ${intent.metadata.name} exists in this namespace and is not the operator's: delete or rename it; it is never overwritten.`,
  );
}

function buildMetadata(input: ProfileInput): KubernetesObject['metadata'] {
  const owners: OwnerReference[] = input.profilesOfNamespace
    .filter((profile) => profile.metadata.deletionTimestamp === undefined)
    .map((profile) => ({
      apiVersion,
      kind: integrationProfileResource.kind,
      name: profile.metadata.name,
      uid: profile.metadata.uid ?? '',
    }))
    .sort((a, b) => a.uid.localeCompare(b.uid));
  return {
    name: input.settings.refreshServiceAccount,
    namespace: input.profile.metadata.namespace ?? '',
    labels: { [labels.managedBy]: product, [labels.partOf]: product },
    annotations: { [annotations.intentHash]: hashOf([owners, input.settings.refreshClusterRole]) },
    ownerReferences: owners,
  };
}

export function buildServiceAccount(input: ProfileInput): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: buildMetadata(input) };
}

export function buildRoleBinding(input: ProfileInput): RoleBinding {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: buildMetadata(input),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: input.settings.refreshClusterRole },
    subjects: [
      { kind: 'ServiceAccount', name: input.settings.refreshServiceAccount, namespace: input.profile.metadata.namespace ?? '' },
    ],
  };
}
