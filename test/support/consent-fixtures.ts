import { SecretValue } from '../../operator/api/secret-value.ts';
import type { AuthorizationRecord, ConsentInput, Grant, Pending } from '../../operator/controllers/authorization/record.ts';
import { credentialHash } from '../../operator/controllers/connection-alias/decide-connect.ts';
import type { ConsentingInput } from '../../operator/controllers/connection-alias/decide-consent.ts';
import type { AliasInput } from '../../operator/controllers/connection-alias/input.ts';
import { anAliasInput, aTokenSecret, hour, now } from './alias-fixtures.ts';
import { anAlias } from './builders.ts';

export const day = 24 * hour;
export const redirectURL = 'https://licenses.example.com/oauth_redirect.do';

/** The spec of an alias that logs in with consent. */
export const consentSpec = {
  appToken: undefined,
  oauth: { type: 'Scoped' as const, redirectURL, clientSecretRef: { name: 'app', clientIdKey: 'clientId', clientSecretKey: 'clientSecret' } },
};

/** What gather would read for an alias with consent, given what is stored of it. */
export function aConsentInput(record: AuthorizationRecord = {}, change: Partial<AliasInput> = {}): ConsentingInput {
  const consent: ConsentInput = { secret: { kind: 'Present', uid: 'u', resourceVersion: '1', record }, mailbox: { kind: 'Absent' } };
  const base = anAliasInput({
    alias: anAlias({ spec: consentSpec }),
    credential: { kind: 'Read', credential: { kind: 'OAuthClient', clientId: new SecretValue('client'), clientSecret: new SecretValue('secret') }, version: 'uid/1' },
    ...change,
  });
  return { ...base, consent: change.consent ?? consent };
}

/** The fingerprint under which the fixture's tokens were obtained. */
export const consentHash = credentialHash(aConsentInput());

/** A consent of an hour ago, whose tokens live a day. */
export function aGrant(change: Partial<Grant> = {}): Grant {
  return {
    id: 'grant-1',
    accessToken: new SecretValue('access-1'),
    refreshToken: new SecretValue('refresh-1'),
    scopes: ['oncalls.read', 'users.read'],
    issuedAt: now - hour,
    expiresAt: now + 23 * hour,
    authorizedAt: now - hour,
    refreshEndsAt: now - hour + 30 * day,
    refreshLifetimeMs: 30 * day,
    consentEndsAt: now - hour + 365 * day,
    account: 'acme (US)',
    userId: 'PADMIN',
    role: 'admin',
    isIdentified: true,
    app: 'Scoped client',
    credentialHash: consentHash,
    ...change,
  };
}

export function aPending(change: Partial<Pending> = {}): Pending {
  return {
    state: `22222222-2222-4222-8222-222222222222.${'s'.repeat(43)}`,
    codeVerifier: new SecretValue('v'.repeat(43)),
    redirectURL,
    scopes: ['oncalls.read', 'users.read'],
    expiresAt: now + hour / 2,
    ...change,
  };
}

/** The input as it stands once the grant's access token is where pods mount it. */
export function published(input: ConsentingInput, grant: Grant): ConsentingInput {
  return { ...input, tokenSecret: aTokenSecret(grant.credentialHash, { token: grant.accessToken, issuedAt: grant.issuedAt, expiresAt: grant.expiresAt }, 'oauth') };
}
