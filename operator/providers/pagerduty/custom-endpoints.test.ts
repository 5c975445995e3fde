import { describe, expect, it } from 'vitest';
import { openAccount } from '../../../test/pagerduty-simulator/testing/open-account.ts';
import { systemClock } from '../../api/system-clock.ts';
import { OperatorError } from '../../api/errors.ts';
import { SecretValue } from '../../api/secret-value.ts';
import { createProviders } from '../registry.ts';
import type { Provider, Session } from '../provider.ts';

function sessionAt(url: string): Session {
  return {
    token: { value: new SecretValue('planted'), scheme: 'Bearer', scopes: undefined },
    credentialId: 'one',
    settings: { region: 'US', subdomain: 'acme', endpoints: { api: url, identity: url } },
    clock: systemClock,
    random: () => 0,
    signal: new AbortController().signal,
    onRequest: () => undefined,
  };
}

async function drain(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _page of pages) continue;
}

const client = {
  type: 'Scoped',
  clientId: new SecretValue('planted-client'),
  clientSecret: new SecretValue('planted-secret'),
  redirectURL: 'https://licenses.example.com/oauth_redirect.do',
  scopes: ['users.read'],
} as const;

const verbs: Record<string, (provider: Provider, session: Session) => Promise<unknown>> = {
  describeAccount: async (provider, session) => provider.describeAccount(session.settings),
  connect: (provider, session) =>
    provider.connect({ credential: { kind: 'ApiToken', token: session.token.value }, requiredScopes: [], optionalScopes: [] }, session),
  authorizationUrl: async ({ consent }, { settings }) => consent.authorizationUrl({ ...client, state: 's', codeChallenge: 'c' }, settings),
  exchange: ({ consent }, session) => consent.exchange({ ...client, code: new SecretValue('planted'), codeVerifier: new SecretValue('planted') }, session),
  refresh: ({ consent }, session) => consent.refresh({ ...client, refreshToken: new SecretValue('planted') }, session),
  identify: ({ consent }, session) => consent.identify(session),
  validate: (provider, session) => provider.validate(['DownloadSubscriptions'], session),
  download: (provider, session) => drain(provider.download(session)),
  activity: (provider, session) => drain(provider.activity([{ signal: 'OnCall', window: { from: 0, to: 1 } }], session)),
};

describe('guard 7: a credential is not sent where an alias says, unless the operator was started for that', () => {
  it.each(Object.entries(verbs))('%s refuses endpoints of the alias’s own, and asks nobody', async (_name, verb) => {
    await using account = await openAccount();
    const provider = createProviders()[0];
    const refused = await verb(provider as Provider, sessionAt(account.simulator.url)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OperatorError);
    expect((refused as OperatorError).failure).toMatchObject({ kind: 'Terminal', reason: 'CustomEndpointsNotAllowed' });
    expect(account.simulator.journal.list()).toEqual([]);
  });

  it('takes settings without endpoints', () => {
    expect(createProviders()[0]?.describeAccount({ subdomain: 'acme' })).toBe('acme (US)');
  });
});
