import { anAlias } from './builders.ts';
import { SecretValue } from '../../operator/api/secret-value.ts';
import { createProviders } from '../../operator/providers/registry.ts';
import { credentialHash } from '../../operator/controllers/connection-alias/decide-connect.ts';
import type { StoredToken } from '../../operator/api/token-secret.ts';
import type { AliasInput, TokenSecret } from '../../operator/controllers/connection-alias/input.ts';

export const now = Date.parse('2026-11-24T12:00:00Z');
export const hour = 3_600_000;

/** What gather would read for an alias whose Secret is there and which one profile uses. */
export function anAliasInput(change: Partial<AliasInput> = {}): AliasInput {
  const provider = createProviders().find((each) => each.type === 'PagerDuty');
  const alias = change.alias ?? anAlias();
  return {
    alias,
    spec: alias.spec,
    parentFailure: undefined,
    provider,
    account: { name: 'acme (US)' },
    credential: {
      kind: 'Read',
      credential: { kind: 'AppToken', clientId: new SecretValue('id'), clientSecret: new SecretValue('secret') },
      version: 'uid/1',
    },
    tokenSecret: { kind: 'Absent' },
    processes: ['DownloadSubscriptions', 'PullUserActivity'],
    signals: ['OnCall'],
    wishes: [{ profile: 'pagerduty', processes: change.processes ?? ['DownloadSubscriptions', 'PullUserActivity'] }],
    rejection: undefined,
    consent: undefined,
    leftConsent: [],
    ...change,
  };
}

/** The Secret with the access token, as it is read. */
export function aTokenSecret(hash: string, token: Partial<StoredToken> = {}, login = 'appToken'): TokenSecret {
  const stored: StoredToken = {
    token: new SecretValue('access-1'),
    scheme: 'Bearer',
    scopes: ['oncalls.read', 'users.read'],
    credentialId: 'c1',
    expiresAt: now + 23 * hour,
    issuedAt: now - hour,
    ...token,
  };
  return { kind: 'Present', uid: 'secret-uid', resourceVersion: '7', credentialHash: hash, login, stored };
}

/** The same alias an hour after it was connected, with a token of 24 hours. */
export function connectedAlias(
  change: Partial<AliasInput> = {},
  token: { granted?: string[]; issuedAt?: number; hashOf?: AliasInput } = {},
): AliasInput {
  const input = anAliasInput(change);
  const hash = credentialHash(token.hashOf ?? input);
  const issued = token.issuedAt ?? now - hour;
  return {
    ...input,
    tokenSecret: aTokenSecret(hash, { issuedAt: issued, expiresAt: issued + 24 * hour }),
    alias: {
      ...input.alias,
      status: {
        grantedScopes: token.granted ?? ['oncalls.read', 'users.read'],
        token: {
          secretName: 'pagerduty-token',
          issuedAt: new Date(issued).toISOString(),
          expiresAt: new Date(issued + 24 * hour).toISOString(),
          credentialHash: hash,
        },
        ...input.alias.status,
      },
    },
  };
}
