import { describe, expect, it } from 'vitest';
import type { Settings } from '../index.ts';
import { authorize } from './credentials.ts';
import { DEFAULT_SETTINGS } from '../http/settings.ts';
import { DEFAULT_OAUTH_SETTINGS } from './settings.ts';
import { openOAuth } from '../testing/oauth-scene.ts';

const CLASSIC = { client_id: 'classic-client', scope: 'read', code_challenge: undefined, code_challenge_method: undefined };
const CLASSIC_CLIENT = { client_id: 'classic-client', client_secret: 'classic-secret', code_verifier: undefined };

describe('the token of a person who consented', () => {
  it('S60: is that person at /users/me, whatever its scopes; the address has the account in it', async () => {
    await using pd = await openOAuth();
    const { access_token, scope } = await pd.tokensOf('POBSERV', { scope: 'no.such.scope' });
    expect(scope).toBe('openid');
    expect((await pd.get('/users/me', `Bearer ${access_token}`)).body).toMatchObject({
      user: { id: 'POBSERV', role: 'observer', html_url: 'https://acme-example.pagerduty.com/users/POBSERV' },
    });
  });

  it('T6: has its scopes and no more than the role of the person, as it is now', async () => {
    await using pd = await openOAuth();
    const bearer = `Bearer ${(await pd.tokensOf('POBSERV')).access_token}`;
    expect((await pd.get('/users', bearer)).status).toBe(200);
    expect(await pd.get('/license_allocations', bearer)).toMatchObject({ status: 403, body: { error: { errors: ['Cannot read license allocations'] } } });
    expect(await pd.get('/oncalls', bearer)).toMatchObject({
      status: 403,
      body: { error: { required_scopes: 'oncalls.read', token_scopes: 'openid users.read licenses.read' } },
    });
    pd.simulator.state.updateUser('POBSERV', { role: 'admin' });
    expect((await pd.get('/license_allocations', bearer)).status).toBe(200);
  });

  it('S61: of another account opens that account, with its people', async () => {
    await using pd = await openOAuth();
    const { body } = await pd.exchange(await pd.codeFor({ person: 'PGLOBEX', account: 'globex-example' }));
    const bearer = `Bearer ${body.access_token}`;
    expect((await pd.get('/users/me', bearer)).body).toMatchObject({ user: { html_url: 'https://globex-example.pagerduty.com/users/PGLOBEX' } });
    expect((await pd.get('/users', bearer)).body).toMatchObject({ users: [{ id: 'PGLOBEX' }] });
  });

  it('T16: of another region is 401 here', async () => {
    await using pd = await openOAuth();
    const { status, body } = await pd.exchange(await pd.codeFor({ person: 'PEUROPE', account: 'acme-europe' }));
    expect(status).toBe(200);
    expect((await pd.get('/users/me', `Bearer ${body.access_token}`)).status).toBe(401);
  });

  it('facts 1.1: Classic `read` may GET, and nothing else', async () => {
    await using pd = await openOAuth();
    const { body } = await pd.exchange(await pd.codeFor({}, CLASSIC), CLASSIC_CLIENT);
    const bearer = `Bearer ${body.access_token}`;
    for (const path of ['/users', '/license_allocations', '/oncalls']) expect((await pd.get(path, bearer)).status).toBe(200);
    const refused = await pd.send('DELETE', '/users/PRESP01', { authorization: bearer });
    expect(refused).toMatchObject({ status: 403, body: { error: { required_scopes: 'users.write', token_scopes: 'openid read' } } });
  });

  it('facts 11: Classic `read` may or may not POST to analytics', async () => {
    await using pd = await openOAuth();
    const credential = { id: 'x', kind: 'user-token', scopes: ['openid', 'read'], readOnly: false, userId: 'PADMIN1', account: pd.simulator.state, budget: 'x' } as const;
    const refusal = (method: string, scope: string, settings: Partial<Settings>): number | undefined =>
      authorize(credential, method, scope, { ...DEFAULT_SETTINGS, ...settings })?.status;
    expect(refusal('POST', 'analytics.write', {})).toBe(403);
    expect(refusal('POST', 'analytics.write', { classicReadPostsAnalytics: true })).toBeUndefined();
    expect(refusal('POST', 'users.write', { classicReadPostsAnalytics: true })).toBe(403);
  });

  it('dies with the person, who cannot renew it either, nor finish a consent', async () => {
    await using pd = await openOAuth();
    const { access_token, refresh_token } = await pd.tokensOf('POBSERV');
    const code = await pd.codeFor({ person: 'POBSERV' });
    pd.simulator.state.removeUser('POBSERV');
    expect((await pd.get('/users/me', `Bearer ${access_token}`)).status).toBe(401);
    expect((await pd.refresh(refresh_token)).status).toBe(400);
    expect((await pd.exchange(code)).status).toBe(400);
  });

  it('facts 6.1: is counted for each app and person', async () => {
    await using pd = await openOAuth({ settings: { perMinute: 2 } });
    const [admin, observer] = [await pd.tokensOf('PADMIN1'), await pd.tokensOf('POBSERV')];
    const again = await pd.tokensOf('PADMIN1');
    const statuses = [];
    for (const { access_token } of [admin, again, admin, observer]) statuses.push((await pd.get('/users/me', `Bearer ${access_token}`)).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });
});

describe('revoking', () => {
  it.each([
    ['a person', { userId: 'PADMIN1' }, 4],
    ['an app', { appId: 'app-1' }, 2],
    ['what a person gave to an app', { credentialId: 'app-1/PADMIN1' }, 2],
  ])('facts 1.7: of %s ends access tokens with a 401 that is not JSON, and refresh tokens', async (_, target, revoked) => {
    await using pd = await openOAuth();
    const scoped = await pd.tokensOf('PADMIN1');
    await pd.exchange(await pd.codeFor({}, CLASSIC), CLASSIC_CLIENT);
    expect((await pd.send('POST', '/_simulator/tokens/revoke', { body: target })).body).toEqual({ revoked });
    const answer = await pd.get('/users/me', `Bearer ${scoped.access_token}`);
    expect([answer.status, answer.body, answer.text]).toEqual([401, undefined, 'Unauthorized\n']);
    expect(await pd.refresh(scoped.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('of one token leaves the others alone', async () => {
    await using pd = await openOAuth();
    const { access_token, refresh_token } = await pd.tokensOf('PADMIN1');
    expect(pd.simulator.credentials.revoke({ token: access_token })).toBe(1);
    expect((await pd.get('/users/me', `Bearer ${access_token}`)).status).toBe(401);
    const renewed = (await pd.refresh(refresh_token)).body;
    expect((await pd.get('/users/me', `Bearer ${renewed.access_token}`)).status).toBe(200);
  });
});

describe('OAuth from another process', () => {
  const app = { clientId: 'late', clientSecret: 'late-secret', scopes: ['users.read'], redirectUrls: ['https://late.example.com/'] };

  it('registers apps and changes what one may have, and never shows a secret', async () => {
    await using pd = await openOAuth();
    const registered = await pd.send('POST', '/_simulator/apps', { body: app });
    expect(registered.body).toMatchObject({ id: 'app-4', kind: 'Scoped', ownerAccount: 'acme-example', public: false });
    const scope = 'as_account-us.acme-example users.read';
    expect((await pd.requestToken({ client_id: 'late', client_secret: 'late-secret', scope })).status).toBe(200);
    await pd.send('PATCH', '/_simulator/apps/app-4', { body: { clientSecret: 'newer-secret', scopes: ['teams.read'] } });
    expect((await pd.requestToken({ client_id: 'late', client_secret: 'late-secret', scope })).status).toBe(401);
    expect((await pd.requestToken({ client_id: 'late', client_secret: 'newer-secret', scope })).status).toBe(400);
    const { text } = await pd.get('/_simulator/apps', null);
    expect(text).toContain('public-client');
    expect(text).not.toMatch(/(scoped|classic|late|newer)-secret/);
    await pd.send('POST', '/_simulator/reset');
    expect(pd.simulator.apps.list().map(({ id }) => id)).toEqual(['app-1', 'app-2', 'app-3']);
  });

  it.each([
    ['a Scoped app without a secret', { clientId: 'late', scopes: ['users.read'] }],
    ['Classic scopes on a Scoped app', { ...app, scopes: ['read'] }],
    ['Scoped scopes on a Classic app', { ...app, kind: 'Classic' }],
    ['colons for dots (T1)', { ...app, scopes: ['users:read'] }],
    ['an account that is not there', { ...app, ownerAccount: 'nowhere' }],
    ['the same client again', { ...app, clientId: 'scoped-client' }],
    ['a redirect URL that is none', { ...app, redirectUrls: ['/relative'] }],
  ])('refuses %s', async (_, body) => {
    await using pd = await openOAuth();
    expect((await pd.send('POST', '/_simulator/apps', { body })).status).toBe(400);
  });

  it('an app of another account gets tokens of that account', async () => {
    await using pd = await openOAuth();
    await pd.send('POST', '/_simulator/apps', { body: { ...app, ownerAccount: 'globex-example' } });
    const client = { client_id: 'late', client_secret: 'late-secret' };
    expect((await pd.requestToken({ ...client, scope: 'as_account-us.acme-example users.read' })).status).toBe(400);
    const { body } = await pd.requestToken({ ...client, scope: 'as_account-us.globex-example users.read' });
    expect((await pd.get('/users', `Bearer ${body.access_token}`)).body).toMatchObject({ users: [{ id: 'PGLOBEX' }] });
  });

  it('guard 7: the journal knows the calls and the app, and no secret, code, state, verifier or token', async () => {
    await using pd = await openOAuth();
    const { refresh_token } = await pd.tokensOf('PADMIN1');
    const renewed = (await pd.refresh(refresh_token)).body;
    await pd.get('/users/me', `Bearer ${renewed.access_token}`);
    await fetch(`${pd.simulator.url}/oauth/token?client_secret=in-the-query`, { method: 'POST', body: new URLSearchParams() });
    const entries = pd.simulator.journal.list();
    expect(entries.map(({ method, route, status, credentialId, grantType }) => [method, route, status, credentialId, grantType])).toEqual([
      ['GET', '/oauth/authorize', 200, 'app-1', undefined],
      ['POST', '/oauth/authorize', 302, 'app-1', undefined],
      ['POST', '/oauth/token', 200, 'app-1', 'authorization_code'],
      ['POST', '/oauth/token', 200, 'app-1', 'refresh_token'],
      ['GET', '/users/me', 200, 'app-1/PADMIN1', undefined],
      ['POST', '/oauth/token', 400, undefined, undefined],
    ]);
    expect(entries[0]?.query).toContainEqual(['scope', 'users.read licenses.read']);
    expect(entries[0]?.query).toContainEqual(['state', '(hidden)']);
    expect(JSON.stringify(entries)).not.toMatch(/secret-|-secret|in-the-query|state-of-the-test|pdus/);
    expect(pd.simulator.journal.writes()).toEqual([]);
  });

  it('every setting of OAuth can be changed', async () => {
    await using pd = await openOAuth();
    const changed = { ...DEFAULT_OAUTH_SETTINGS, echoState: false, refreshGraceSeconds: 5 };
    expect(await pd.send('PATCH', '/_simulator/settings', { body: changed })).toMatchObject({ status: 200, body: changed });
    expect(pd.simulator.settings).toMatchObject(changed);
  });

  it('reset forgets codes and tokens', async () => {
    await using pd = await openOAuth();
    const code = await pd.codeFor();
    const { refresh_token } = await pd.tokensOf('PADMIN1');
    pd.simulator.reset();
    expect((await pd.exchange(code)).status).toBe(400);
    expect((await pd.refresh(refresh_token)).status).toBe(400);
  });
});
