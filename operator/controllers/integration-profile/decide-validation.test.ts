import { describe, expect, it } from 'vitest';
import { anAlias, aProfile } from '../../../test/support/builders.ts';
import { aPublishedInput, now } from '../../../test/support/profile-fixtures.ts';
import { suspensionOf } from './decide-state.ts';
import { decideValidation } from './decide-validation.ts';
import type { ProfileInput } from './input.ts';

/** A published profile whose token is that of a person with this role. */
function consentedBy(role: string, spec: Partial<ProfileInput['profile']['spec']> = {}): ProfileInput {
  const alias = anAlias({ ready: 'True' });
  const authorization = { state: 'Authorized' as const, user: { id: 'PME', role } };
  const profile = aProfile({ spec: { ...aProfile().spec, ...spec } });
  return aPublishedInput(profile, { alias: { ...alias, status: { ...alias.status, authorization } } });
}

describe('the consent of a person who does not see the whole account (S60, guard 6)', () => {
  it.each(['restricted_access', 'read_only_user', 'read_only_limited_user'])('a %s: nothing is downloaded, for whoever is not shown would be taken for gone', (role) => {
    expect(suspensionOf(consentedBy(role))).toMatchObject({ kind: 'Terminal', reason: 'RoleTooLow' });
    expect(decideValidation(consentedBy(role), now)).toMatchObject({ kind: 'Blocked', failure: { reason: 'RoleTooLow' } });
  });

  it.each(['observer', 'user', 'owner', 'a_role_to_come'])('a %s: downloads go on', (role) => {
    expect(suspensionOf(consentedBy(role))).toBeUndefined();
  });

  it('a role that is too low to reclaim holds up no download', () => {
    expect(suspensionOf(consentedBy('observer', { reclaimSubscriptions: true }))).toBeUndefined();
  });
});
