import { annotations, apiVersion, labels, product } from '../../api/group.ts';
import { integrationProfileResource } from '../../api/integration-profile.ts';
import type { KubernetesObject, OwnerReference } from '../../api/meta.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { hashOf } from '../hash.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import type { ProfileInput } from './input.ts';
import { terminal } from '../../api/errors.ts';

interface RoleBinding extends KubernetesObject {
  roleRef: { apiGroup: string; kind: string; name: string };
  subjects: { kind: string; name: string; namespace: string }[];
}

/**
 * The namespace's ServiceAccount and RoleBinding for refresh pods: least rights, in this namespace only.
 * All profiles of the namespace own them together, so they go with the last one.
 */
export async function ensureRefreshAccess(input: ProfileInput, dependencies: ControllerDependencies, signal: AbortSignal): Promise<void> {
  const { stores } = dependencies;
  const key = `${input.profile.metadata.namespace ?? ''}/${input.settings.refreshServiceAccount}`;
  await applyShared(coreResources.ServiceAccount, buildServiceAccount(input), stores.serviceAccounts.get(key), { dependencies, signal });
  await applyShared(coreResources.RoleBinding, buildRoleBinding(input), stores.roleBindings.get(key), { dependencies, signal });
}

async function applyShared(
  type: (typeof coreResources)['ServiceAccount' | 'RoleBinding'],
  intent: KubernetesObject,
  existing: KubernetesObject | undefined,
  { dependencies, signal }: { dependencies: ControllerDependencies; signal: AbortSignal },
): Promise<void> {
  if (existing?.metadata.annotations?.[annotations.intentHash] === intent.metadata.annotations?.[annotations.intentHash]) return;
  const live = await dependencies.client.get(type, { namespace: intent.metadata.namespace ?? '', name: intent.metadata.name }, { signal });
  if (live !== undefined && live.metadata.labels?.[labels.managedBy] !== product) {
    throw terminal(
      'NotOwned',
      `${type.kind} ${intent.metadata.name} exists in this namespace and is not the operator's: delete or rename it; it is never overwritten.`,
    );
  }
  // A POST, so that an object made in between is a conflict and not merged into; owners of deleted profiles are
  // taken out by the garbage collector.
  if (live === undefined) await dependencies.client.create(type, intent, { fieldManager, signal });
  else await dependencies.client.apply(type, intent, { fieldManager, force: true, signal });
}

function metadata(input: ProfileInput): KubernetesObject['metadata'] {
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
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(input) };
}

export function buildRoleBinding(input: ProfileInput): RoleBinding {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: metadata(input),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: input.settings.refreshClusterRole },
    subjects: [
      { kind: 'ServiceAccount', name: input.settings.refreshServiceAccount, namespace: input.profile.metadata.namespace ?? '' },
    ],
  };
}
