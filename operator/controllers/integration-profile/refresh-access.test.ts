import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aProfileInput, settings } from '../../../test/support/profile-fixtures.ts';
import { buildRoleBinding, buildServiceAccount, decideAccess, type RoleBinding } from './refresh-access.ts';

const input = aProfileInput();
const intent = buildRoleBinding(input);
const theirs: RoleBinding = { ...intent, metadata: { name: intent.metadata.name, namespace: 'team-a', uid: 'u' } };

describe('access of refresh pods', () => {
  it('what is as it should be is left alone, also with the owners of profiles that just went', () => {
    const gone = { apiVersion: 'saaslicense.dev/v1alpha1', kind: 'IntegrationProfile', name: 'gone', uid: 'gone' };
    const actual = { ...intent, metadata: { ...intent.metadata, ownerReferences: [...(intent.metadata.ownerReferences ?? []), gone] } };
    expect(decideAccess(input, intent, actual)).toBe('Nothing');
    expect(decideAccess(input, intent, undefined)).toBe('Create');
  });

  it('a subject that was added or taken away is put right', () => {
    const more = { ...intent, subjects: [...intent.subjects, { kind: 'ServiceAccount', name: 'other', namespace: 'team-a' }] };
    expect(decideAccess(input, intent, more)).toBe('Apply');
    expect(decideAccess(input, intent, { ...intent, subjects: [] } as RoleBinding)).toBe('Apply');
  });

  it('--refresh-cluster-role changed: roleRef cannot be changed, so it is made anew', () => {
    const changed = aProfileInput({ settings: { ...settings, refreshClusterRole: 'other' } });
    expect(decideAccess(changed, buildRoleBinding(changed), intent)).toBe('Recreate');
  });

  it('NotOwned: what is somebody else’s is never written to', () => {
    expect(decideAccess(input, intent, theirs)).toBe('NotOwned');
    const account = buildServiceAccount(input);
    expect(decideAccess(input, account, { metadata: { name: account.metadata.name } })).toBe('NotOwned');
  });

  it('ours whose label was taken off is still ours, by the profile that owns it', () => {
    expect(decideAccess(input, intent, { ...intent, metadata: { ...intent.metadata, labels: {} } })).toBe('Apply');
  });

  it('all profiles of the namespace own it together, so it goes with the last one', () => {
    const two = aProfileInput({ profilesOfNamespace: [aProfile(), aProfile({ name: 'b', uid: 'b' })] });
    expect(buildRoleBinding(two).metadata.ownerReferences?.map((owner) => owner.name)).toEqual(['pagerduty', 'b']);
  });
});
