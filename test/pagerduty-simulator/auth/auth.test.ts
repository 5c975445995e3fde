import { describe, expect, it } from 'vitest';
import { ACCOUNT_SCOPE, FULL_KEY, makeCompany, openAccount, READ_KEY } from '../testing/open-account.ts';

interface ApiErrorBody {
  readonly error: { readonly code?: number; readonly message: string; readonly required_scopes?: string; readonly token_scopes?: string };
}

describe('the token endpoint', () => {
  it('facts 1.5: grants an app token for a day, with the scopes asked for and no refresh token', async () => {
    await using pd = await openAccount();
    const { status, body } = await pd.requestToken({ scope: `${ACCOUNT_SCOPE} users.read oncalls.read` });
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 86_400, scope: `${ACCOUNT_SCOPE} users.read oncalls.read` });
    expect(body).not.toHaveProperty('refresh_token');
    expect(body.access_token).toMatch(/^pdus\+_/);
  });

  it('T7: refuses a scope that the app may not have, as was observed', async () => {
    await using pd = await openAccount();
    const { status, body } = await pd.requestToken({ scope: `${ACCOUNT_SCOPE} users.read users.write` });
    expect(status).toBe(400);
    expect(body).toEqual({ error: 'invalid_request', error_description: 'Invalid scope' });
  });

  it('T7: or, as documented, grants openid alone without a word', async () => {
    await using pd = await openAccount({ settings: { invalidScope: 'only-openid' } });
    const { status, body } = await pd.requestToken({ scope: `${ACCOUNT_SCOPE} users.read users.write` });
    expect([status, body.scope]).toEqual([200, 'openid']);
    const users = await pd.get<ApiErrorBody>('/users', `Bearer ${body.access_token}`);
    expect(users.status).toBe(403);
    expect(users.body.error).toEqual({ message: 'Token missing required scopes', required_scopes: 'users.read', token_scopes: 'openid' });
  });

  it('T7: or grants what the app may have', async () => {
    await using pd = await openAccount({ settings: { invalidScope: 'only-allowed' } });
    const { body } = await pd.requestToken({ scope: `${ACCOUNT_SCOPE} users.read users.write` });
    expect(body.scope).toBe(`${ACCOUNT_SCOPE} users.read`);
  });

  it.each(['users.read', 'as_account-us.other users.read', 'as_account-eu.acme-example users.read', 'users:read as_account-us.acme-example'])(
    'facts 1.5, T1: refuses the scope "%s": no account, another one, the wrong region, or colons for dots',
    async (scope) => {
      await using pd = await openAccount();
      expect((await pd.requestToken({ scope })).status).toBe(400);
    },
  );

  it('facts 1.7: a wrong secret or client is 401', async () => {
    await using pd = await openAccount();
    const scope = `${ACCOUNT_SCOPE} users.read`;
    expect((await pd.requestToken({ scope, client_secret: 'guess' })).status).toBe(401);
    expect((await pd.requestToken({ scope, client_id: 'stranger' })).status).toBe(401);
  });

  it('facts 1.2: wants a form, and only the grant it knows', async () => {
    await using pd = await openAccount();
    const json = await fetch(`${pd.simulator.url}/oauth/token`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect([json.status, await json.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    expect((await pd.requestToken({ grant_type: 'password' })).body.error).toBe('unsupported_grant_type');
  });

  it('T8: a token dies when its time is over by the clock of the simulator, and its life can be made short', async () => {
    await using pd = await openAccount({ settings: { tokenLifetimeSeconds: 600 } });
    const bearer = await pd.bearer('users.read');
    await pd.clock.advance(599_000);
    expect((await pd.get('/users', bearer)).status).toBe(200);
    await pd.clock.advance(1000);
    const late = await pd.get<ApiErrorBody>('/users', bearer);
    expect([late.status, late.body.error.code]).toEqual([401, 2006]);
  });

  it('facts 1.7: the 401 of a revoked token is not JSON', async () => {
    await using pd = await openAccount();
    const bearer = await pd.bearer('users.read');
    expect(pd.simulator.credentials.revoke({ credentialId: 'app-1' })).toBe(1);
    const answer = await pd.get('/users', bearer);
    expect([answer.status, answer.body]).toEqual([401, undefined]);
    expect(answer.text).not.toBe('');
  });

  it('facts 1.7: a token of the other region is nobody here', async () => {
    await using us = await openAccount();
    await using eu = await openAccount({ region: 'eu' });
    const { body } = await eu.requestToken({ scope: 'as_account-eu.acme-example users.read' });
    expect((await eu.get('/users', `Bearer ${body.access_token}`)).status).toBe(200);
    expect((await us.get('/users', `Bearer ${body.access_token}`)).status).toBe(401);
  });
});

describe('the Authorization header', () => {
  it.each([null, 'Bearer', 'Bearer nobody', 'Token token=wrong', 'Token full-key', 'Basic dXNlcjpwYXNz', 'Bearer full-key', 'full-key'])(
    'facts 1.7: %s is 401 with code 2006',
    async (header) => {
      await using pd = await openAccount();
      const answer = await pd.get<ApiErrorBody>('/users', header);
      expect([answer.status, answer.body.error.code]).toEqual([401, 2006]);
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it.each([
    ['/users', 'users.read'],
    ['/users/PRESP01', 'users.read'],
    ['/licenses', 'licenses.read'],
    ['/license_allocations', 'licenses.read'],
    ['/users/PRESP01/license', 'licenses.read'],
    ['/teams', 'teams.read'],
    ['/schedules', 'schedules.read'],
    ['/v3/schedules', 'schedules.read'],
    ['/escalation_policies', 'escalation_policies.read'],
    ['/oncalls', 'oncalls.read'],
    ['/abilities', 'abilities.read'],
  ])('facts 2: %s wants %s of an OAuth token and says so', async (path, scope) => {
    await using pd = await openAccount();
    const other = scope === 'users.read' ? 'teams.read' : 'users.read';
    const refused = await pd.get<ApiErrorBody>(path, await pd.bearer(other));
    expect(refused.status).toBe(403);
    expect(refused.body.error).toMatchObject({ required_scopes: scope, token_scopes: `${ACCOUNT_SCOPE} ${other}` });
    expect(refused.body.error).not.toHaveProperty('code');
    expect((await pd.get(path, await pd.bearer(scope))).status).toBe(200);
  });

  it('facts 11: the scope of shift-based schedules is not known, and may be none', async () => {
    await using pd = await openAccount({ settings: { shiftScheduleScope: null } });
    expect((await pd.get('/v3/schedules', await pd.bearer('users.read'))).status).toBe(200);
  });

  it('facts 1.1: a read-only key may only GET', async () => {
    await using pd = await openAccount();
    expect((await pd.get('/users', READ_KEY)).status).toBe(200);
    const refused = await pd.send('DELETE', '/users/PRESP01', { authorization: READ_KEY });
    expect([refused.status, refused.body]).toMatchObject([403, { error: { code: 2010 } }]);
  });

  it('T6: licence allocations are for administrators; an Observer may read people', async () => {
    await using pd = await openAccount({ apiKeys: [{ key: 'observer', userId: 'POBSERV' }, { key: 'owner', userId: 'POWNER1' }] });
    for (const path of ['/license_allocations', '/users/PRESP01/license']) {
      const refused = await pd.get<ApiErrorBody>(path, 'Token token=observer');
      expect([refused.status, refused.body]).toMatchObject([403, { error: { errors: ['Cannot read license allocations'] } }]);
      expect((await pd.get(path, 'Token token=owner')).status).toBe(200);
    }
    expect((await pd.get('/users', 'Token token=observer')).status).toBe(200);
  });

  it('T6: a person who signed in with Classic OAuth and the scope `read` acts with their own role', async () => {
    await using pd = await openAccount();
    const expiresAt = pd.clock.now() + 60_000;
    const observer = `Bearer ${pd.simulator.credentials.grantUser({ userId: 'POBSERV', scopes: ['read', 'openid'], expiresAt })}`;
    expect((await pd.get('/users', observer)).status).toBe(200);
    expect((await pd.get('/license_allocations', observer)).status).toBe(403);
    const denied = await pd.send('DELETE', '/users/PRESP01', { authorization: observer });
    expect(denied.body).toMatchObject({ error: { required_scopes: 'users.write' } });
  });

  it('facts 1.1: a user key dies with the person', async () => {
    await using pd = await openAccount({ apiKeys: [{ key: 'mine', userId: 'PRESP01' }] });
    expect((await pd.get('/users/me', 'Token token=mine')).body).toMatchObject({ user: { id: 'PRESP01' } });
    pd.simulator.state.removeUser('PRESP01');
    expect((await pd.get('/users/me', 'Token token=mine')).status).toBe(401);
  });

  it('facts 1.7: an account key or an app is nobody: /users/me is 400 and error a string', async () => {
    await using pd = await openAccount();
    for (const header of [FULL_KEY, await pd.bearer('users.read')]) {
      const answer = await pd.get<{ error: unknown }>('/users/me', header);
      expect([answer.status, typeof answer.body.error]).toEqual([400, 'string']);
    }
  });

  it('facts 1.1: a plan without teams answers 402, code 2014', async () => {
    await using pd = await openAccount({ company: makeCompany({ abilities: [] }) });
    expect(await pd.get('/teams')).toMatchObject({ status: 402, body: { error: { code: 2014 } } });
    expect((await pd.get('/users?team_ids[]=PTEAM01')).status).toBe(402);
  });
});
