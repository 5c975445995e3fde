import { expect, it } from 'vitest';
import { SecretValue } from '../../api/secret-value.ts';
import type { ConsentGrant } from '../../providers/provider.ts';
import { newGrant, renewGrant } from './grants.ts';

const obtained: ConsentGrant = {
  token: { value: new SecretValue('access'), scheme: 'Bearer', scopes: ['users.read'] },
  expiresAt: 2,
  refreshToken: new SecretValue('refresh'),
  refreshTokenLifetimeMs: 30,
  consentLifetimeMs: 365,
  identity: undefined,
};

it('S61: a consent remembers the account that it was given for, also when the vendor never tells, and through renewals', () => {
  const given = { id: 'one', obtained, askedAt: 1, credentialHash: 'h' };
  const grant = newGrant(given, { app: 'Scoped client', givenFor: 'acme (US)' });
  expect(grant).toMatchObject({ account: undefined, givenFor: 'acme (US)' });
  expect(renewGrant(grant, { ...given, id: 'two' })).toMatchObject({ id: 'two', givenFor: 'acme (US)' });
});
