import { describe, expect, it } from 'vitest';
import { consentTo, makePkce, type ConsentChoice } from '../../../test/pagerduty-simulator/testing/consent.ts';
import { CLASSIC_APP, openOAuth, REDIRECT, SCOPED_APP, type OAuthScene } from '../../../test/pagerduty-simulator/testing/oauth-scene.ts';
import { catchFailure, createSession } from '../../../test/support/provider-session.ts';
import { SecretValue } from '../../api/secret-value.ts';
import type { ConsentGrant, GrantIdentity, OAuthType } from '../provider.ts';
import { createPagerDutyProvider } from './index.ts';

const provider = createPagerDutyProvider();
const day = 86_400_000;

const admin: ConsentChoice = { person: 'PADMIN1' };
const asked = { Scoped: ['users.read', 'licenses.read', 'oncalls.read'], Classic: ['read'] } as const;

interface Choices {
  readonly type?: OAuthType;
  readonly scopes?: readonly string[];
  readonly choice?: ConsentChoice;
  readonly secret?: string;
}

function clientOf(type: OAuthType, secret?: string) {
  const app = type === 'Scoped' ? SCOPED_APP : CLASSIC_APP;
  return { type, clientId: new SecretValue(app.clientId), clientSecret: new SecretValue(secret ?? app.clientSecret ?? ''), redirectURL: REDIRECT };
}

function sessionOf({ simulator, clock }: OAuthScene) {
  return createSession({ settings: { subdomain: 'acme-example', endpoints: { api: simulator.url, identity: simulator.url, app: simulator.url } }, clock });
}

/** From the address to the tokens, as the operator does it. */
async function obtain(pd: OAuthScene, { type = 'Scoped', scopes = asked[type], choice = admin, secret }: Choices = {}): Promise<ConsentGrant> {
  const session = sessionOf(pd);
  const { verifier, challenge } = makePkce();
  const client = clientOf(type, secret);
  const url = provider.consent.authorizationUrl({ ...client, scopes, state: 'any', codeChallenge: challenge }, session.settings);
  const code = new URL(await consentTo(url, choice)).searchParams.get('code') ?? '';
  return provider.consent.exchange({ ...client, scopes, code: new SecretValue(code), codeVerifier: new SecretValue(verifier) }, session);
}

function renew(pd: OAuthScene, grant: ConsentGrant, type: OAuthType = 'Scoped'): Promise<ConsentGrant> {
  return provider.consent.refresh({ ...clientOf(type), refreshToken: grant.refreshToken, scopes: grant.token.scopes ?? [] }, sessionOf(pd));
}

function identify(pd: OAuthScene, grant: ConsentGrant): Promise<GrantIdentity | undefined> {
  return provider.consent.identify({ ...sessionOf(pd), token: grant.token });
}

describe('what the facts leave open about consent, answered either way', () => {
  it('T7: a scope that the app may not have: openid alone means that nothing was granted', async () => {
    await using pd = await openOAuth({ settings: { consentInvalidScope: 'only-openid' } });
    expect((await obtain(pd, { scopes: ['users.read', 'teams.read'] })).token.scopes).toEqual([]);
  });

  it('T7: … what is allowed is granted, and shown', async () => {
    await using pd = await openOAuth({ settings: { consentInvalidScope: 'only-allowed' } });
    expect((await obtain(pd, { scopes: ['users.read', 'teams.read'] })).token.scopes).toEqual(['users.read']);
  });

  it('T7: … or the code is refused, and the reason is told', async () => {
    await using pd = await openOAuth({ settings: { consentInvalidScope: 'refuse' } });
    expect((await catchFailure(obtain(pd, { scopes: ['users.read', 'teams.read'] }))).failure).toMatchObject({ kind: 'Terminal', reason: 'ScopeNotAllowed' });
  });

  it.each(['oauth', 'api', 'not-json', 'empty'] as const)('S57: a wrong secret, answered as %s, is the secret’s fault', async (badClientBody) => {
    await using pd = await openOAuth({ settings: { badClientBody } });
    expect((await catchFailure(obtain(pd, { secret: 'wrong' }))).failure).toMatchObject({ kind: 'Terminal', reason: 'CredentialsRejected' });
  });

  it('S60, S61: without an ID token the person is known by asking', async () => {
    await using pd = await openOAuth({ settings: { idToken: false } });
    const grant = await obtain(pd);
    expect(grant.identity).toBeUndefined();
    expect(await identify(pd, grant)).toEqual({ account: 'acme-example (US)', userId: 'PADMIN1', role: 'admin' });
  });

  it.each([true, false])('facts 1.3: state comes back or not: %s', async (echoState) => {
    await using pd = await openOAuth({ settings: { echoState } });
    expect((await obtain(pd)).token.scopes).toContain('users.read');
  });

  it.each([0, 60])('facts 1.4: the old refresh token lives on for %i s', async (refreshGraceSeconds) => {
    await using pd = await openOAuth({ settings: { refreshGraceSeconds } });
    const grant = await obtain(pd);
    await renew(pd, grant);
    await pd.clock.advance(1000);
    const again = renew(pd, grant);
    if (refreshGraceSeconds > 0) expect((await again).token.scopes).toEqual(grant.token.scopes);
    else expect((await catchFailure(again)).failure).toMatchObject({ kind: 'Terminal', reason: 'AuthorizationRevoked' });
  });
});

describe('other people and accounts', () => {
  it('S61: a person of another account is known as one, in either region', async () => {
    await using pd = await openOAuth();
    const globex = await obtain(pd, { choice: { person: 'PGLOBEX', account: 'globex-example' } });
    const europe = await obtain(pd, { choice: { person: 'PEUROPE', account: 'acme-europe' } });
    expect([globex.identity?.account, europe.identity?.account]).toEqual(['globex-example (US)', 'acme-europe (EU)']);
    expect((await identify(pd, globex))?.account).toBe('globex-example (US)');
    // The API of the alias's region does not know a token of the other one (facts 1.7).
    expect((await catchFailure(identify(pd, europe))).failure.reason).toBe('TokenRejected');
  });

  it('S60: an observer’s role is told, and is too low for reclaim', async () => {
    await using pd = await openOAuth();
    const { role = '' } = (await identify(pd, await obtain(pd, { choice: { person: 'POBSERV' } }))) ?? {};
    expect([role, provider.consent.insufficientRole(role, ['DownloadSubscriptions', 'ReclaimSubscription'])]).toEqual(['observer', ['ReclaimSubscription']]);
  });

  it('facts 1.7: an app’s own token is nobody’s', async () => {
    await using pd = await openOAuth();
    const { clientId, clientSecret } = clientOf('Scoped');
    const { token } = await provider.connect({ credential: { kind: 'AppToken', clientId, clientSecret }, requiredScopes: ['users.read'], optionalScopes: [] }, sessionOf(pd));
    expect(await provider.consent.identify({ ...sessionOf(pd), token })).toBeUndefined();
  });

  it('a person who takes the consent back, or leaves, ends it', async () => {
    await using pd = await openOAuth();
    const grant = await obtain(pd);
    pd.simulator.credentials.revoke({ userId: 'PADMIN1' });
    expect((await catchFailure(renew(pd, grant))).failure.reason).toBe('AuthorizationRevoked');
    expect((await catchFailure(identify(pd, grant))).failure.reason).toBe('TokenRejected');
  });
});

describe('lifetimes (T8, facts 1.6)', () => {
  it('T7: a code is dead after 30 seconds', async () => {
    await using pd = await openOAuth();
    const { verifier, challenge } = makePkce();
    const client = clientOf('Scoped');
    const session = sessionOf(pd);
    const code = await pd.codeFor({}, { code_challenge: challenge });
    await pd.clock.advance(30_000);
    const work = provider.consent.exchange({ ...client, scopes: [], code: new SecretValue(code), codeVerifier: new SecretValue(verifier) }, session);
    expect((await catchFailure(work)).failure.reason).toBe('CodeRejected');
  });

  it.each<[OAuthType, number]>([
    ['Scoped', 365],
    ['Classic', 1095],
  ])('C27: of %s: renewed in time it lasts to the end of its window of %i days, and no longer', async (type, days) => {
    await using pd = await openOAuth();
    let grant = await obtain(pd, { type });
    expect(grant.consentLifetimeMs).toBe(days * day);
    const every = grant.refreshTokenLifetimeMs / day - 1;
    let passed = 0;
    for (; passed + every < days; passed += every) {
      await pd.clock.advance(every * day);
      grant = await renew(pd, grant, type);
    }
    await pd.clock.advance((days - passed) * day);
    expect((await catchFailure(renew(pd, grant, type))).failure.reason).toBe('AuthorizationRevoked');
  });

  it('facts 1.3: the ten days that a Classic reply says are believed, not the 30 of the text', async () => {
    await using pd = await openOAuth();
    const grant = await obtain(pd, { type: 'Classic' });
    expect(grant.expiresAt).toBe(pd.clock.now() + 10 * day);
  });
});
