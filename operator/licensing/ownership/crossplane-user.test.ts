import { describe, expect, it } from 'vitest';
import { crossplaneUser } from '../../../test/support/ownership-fixtures.ts';
import { crossplaneOwners, crossplanePatch, readCrossplaneKind, type CrossplaneKind } from './crossplane-user.ts';

const cluster: CrossplaneKind = { group: 'user.pagerduty.crossplane.io', version: 'v1alpha1', plural: 'users', namespaced: false };
const namespaced: CrossplaneKind = { ...cluster, group: 'user.pagerduty.m.crossplane.io', namespaced: true };
const view = { kind: cluster, namespace: 'tenant' };

describe('a User of Crossplane', () => {
  it('D7: is found by address and by id', () => {
    const [owner, ...others] = crossplaneOwners(crossplaneUser('anna', { email: 'Anna@Example.com' }, { externalName: 'PANNA' }), view);
    expect(others).toEqual([]);
    expect(owner).toMatchObject({ address: 'anna@example.com', externalUserId: 'PANNA', ownership: { managedBy: 'Crossplane', reference: 'users.user.pagerduty.crossplane.io anna' } });
  });

  it('D7: is found by its address at creation, by the one that it has now, and by the id that it tells', () => {
    expect(crossplaneOwners(crossplaneUser('a', {}, { spec: { initProvider: { email: 'a@example.com' } } }), view)).toMatchObject([{ address: 'a@example.com' }]);
    const renamed = crossplaneUser('a', { email: 'new@example.com' }, { status: { atProvider: { email: 'old@example.com', id: 'PA' } } });
    expect(crossplaneOwners(renamed, view)).toMatchObject([{ address: 'new@example.com', externalUserId: 'PA' }, { address: 'old@example.com', externalUserId: 'PA' }]);
    expect(crossplaneOwners(crossplaneUser('a', {}, { externalName: 'PA' }), view)).toMatchObject([{ address: undefined, externalUserId: 'PA' }]);
  });

  it.each([[{ metadata: { name: 'a' } }], [crossplaneUser('a', {})], [crossplaneUser('a', { email: 7 })], [{ metadata: { name: 'a' }, spec: 'x', status: [] }]])('guard 6: %j does not say whose it is', (user) => {
    expect(crossplaneOwners(user, view)).toEqual([]);
  });

  it('D7: proposes patches that are JSON, for this User', () => {
    const changes = [{ action: 'Downgrade', downgradeTo: { role: "it's", subscriptionIdentifier: 'PLICENSE' } }] as const;
    const [owner] = crossplaneOwners(crossplaneUser('anna', { email: 'a@example.com' }), { ...view, changes });
    const patch = /^kubectl patch users\.user\.pagerduty\.crossplane\.io anna --type=merge -p '([^']+)'$/m.exec(owner?.ownership.proposal ?? '')?.[1];
    expect(JSON.parse(patch ?? '')).toEqual({ spec: { forProvider: { role: "it's", license: 'PLICENSE' } } });
  });

  it('D7: a removal makes sure that the account goes with the User', () => {
    expect(crossplanePatch({ action: 'Remove' }, cluster)).toEqual({ spec: { deletionPolicy: 'Delete' } });
    expect(crossplanePatch({ action: 'Remove' }, namespaced)).toEqual({ spec: { managementPolicies: ['*'] } });
    const [owner] = crossplaneOwners(crossplaneUser('anna', { email: 'a@example.com' }, { namespace: 'tenant' }), { kind: namespaced, namespace: 'tenant', changes: [{ action: 'Remove' }] });
    expect(owner?.ownership.proposal).toContain('kubectl delete users.user.pagerduty.m.crossplane.io anna -n tenant');
  });
});

describe('the CRD of User', () => {
  const spec = { group: 'g.example.com', names: { plural: 'users' }, scope: 'Namespaced', versions: [{ name: 'v1alpha1', served: false, storage: false }, { name: 'v1beta1', served: true, storage: false }, { name: 'v1', served: true, storage: true }] };

  it('D7: says in which version it can be read', () => {
    expect(readCrossplaneKind(spec)).toEqual({ group: 'g.example.com', version: 'v1', plural: 'users', namespaced: true });
    expect(readCrossplaneKind({ ...spec, scope: 'Cluster', versions: spec.versions.slice(0, 2) })).toMatchObject({ version: 'v1beta1', namespaced: false });
  });

  it.each([[undefined], [{}], [{ ...spec, versions: [] }], [{ ...spec, versions: spec.versions.slice(0, 1) }], [{ ...spec, names: 7 }]])('guard 6: %j cannot be read', (bad) => {
    expect(readCrossplaneKind(bad)).toBeUndefined();
  });
});
