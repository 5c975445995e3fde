import type { ResourceType } from '../api/kind.ts';

function builtIn(apiVersion: string, kind: string, plural: string, namespaced = true): ResourceType {
  return { apiVersion, kind, plural, namespaced };
}

/** Kubernetes' own kinds that the house works with. */
export const coreResources = {
  Secret: builtIn('v1', 'Secret', 'secrets'),
  ConfigMap: builtIn('v1', 'ConfigMap', 'configmaps'),
  ServiceAccount: builtIn('v1', 'ServiceAccount', 'serviceaccounts'),
  Pod: builtIn('v1', 'Pod', 'pods'),
  Namespace: builtIn('v1', 'Namespace', 'namespaces', false),
  Event: builtIn('events.k8s.io/v1', 'Event', 'events'),
  Lease: builtIn('coordination.k8s.io/v1', 'Lease', 'leases'),
  CronJob: builtIn('batch/v1', 'CronJob', 'cronjobs'),
  Job: builtIn('batch/v1', 'Job', 'jobs'),
  Role: builtIn('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  RoleBinding: builtIn('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  CustomResourceDefinition: builtIn('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', false),
} as const satisfies Record<string, ResourceType>;
