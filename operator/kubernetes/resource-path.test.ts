import { expect, it } from 'vitest';
import { coreResources } from './core-resources.ts';
import { collectionPath, objectPath, withQuery } from './resource-path.ts';

it('builds the paths of core and group kinds', () => {
  expect(collectionPath(coreResources.Secret)).toBe('/api/v1/secrets');
  expect(collectionPath(coreResources.CronJob, 'tenant')).toBe('/apis/batch/v1/namespaces/tenant/cronjobs');
  expect(objectPath(coreResources.Lease, { namespace: 'tenant', name: 'a' }, 'status')).toBe(
    '/apis/coordination.k8s.io/v1/namespaces/tenant/leases/a/status',
  );
  expect(objectPath(coreResources.Namespace, { name: 'tenant' })).toBe('/api/v1/namespaces/tenant');
  expect(withQuery('/x', { a: 'b c', none: undefined, watch: true })).toBe('/x?a=b+c&watch=true');
});

it.each(['../../kube-system/secrets/token', 'a/status', '..', '.', '', 'a%2Fb', 'a?b', 'a b', 'a\nb'])(
  'never lets the name %j reach another object with our rights (facts/operators.md 0.4)',
  (name) => {
    expect(() => objectPath(coreResources.Secret, { namespace: 'tenant', name })).toThrow(/correct the reference/);
    if (name !== '') expect(() => collectionPath(coreResources.Secret, name)).toThrow(/correct the reference/);
  },
);

it('asks for the namespace of a namespaced object', () => {
  expect(() => objectPath(coreResources.Secret, { name: 'a' })).toThrow(/namespace/);
});
