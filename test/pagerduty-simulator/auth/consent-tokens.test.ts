import { createPublicKey, verify } from 'node:crypto';
import type { webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makePkce } from '../testing/consent.ts';
import { openOAuth } from '../testing/oauth-scene.ts';

const CLASSIC = { client_id: 'classic-client', scope: 'read', code_challenge: undefined, code_challenge_method: undefined };
const CLASSIC_CLIENT = { client_id: 'classic-client', client_secret: 'classic-secret' };

describe('exchanging a code', () => {
  it('facts 1.3: gives both tokens, what was granted and for how long', async () => {
    await using pd = await openOAuth();
    const { status, body } = await pd.exchange(await pd.codeFor());
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^pdus\+_0XBPWQQ_[0-9a-f-]{36}$/) as unknown,
      refresh_token: expect.stringMatching(/^pdus\+_1XBPWQQ_[0-9a-f-]{36}$/) as unknown,
      token_type: 'bearer',
      scope: 'openid users.read licenses.read',
      expires_in: 86_400,
      id_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as unknown,
      client_info: expect.any(String) as unknown,
    });
    expect((await pd.get('/users', `Bearer ${body.access_token}`)).status).toBe(200);
    expect((await pd.get('/users', `Bearer ${body.refresh_token}`)).status).toBe(401);
  });

  it('facts 1.3: the code lives 30 seconds', async () => {
    await using pd = await openOAuth();
    const [early, late] = [await pd.codeFor(), await pd.codeFor()];
    await pd.clock.advance(29_999);
    expect((await pd.exchange(early)).status).toBe(200);
    await pd.clock.advance(1);
    expect(await pd.exchange(late)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('facts 1.3: a code works once; when it comes again its tokens are revoked, or not', async () => {
    await using pd = await openOAuth();
    for (const [codeReplayRevokes, after] of [[true, 401], [false, 200]] as const) {
      pd.simulator.settings.codeReplayRevokes = codeReplayRevokes;
      const code = await pd.codeFor();
      const { body } = await pd.exchange(code);
      expect(await pd.exchange(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      expect((await pd.get('/users', `Bearer ${body.access_token}`)).status).toBe(after);
    }
  });

  it.each([
    ['a wrong secret', { client_secret: 'guess' }, 401, 'invalid_client'],
    ['no secret', { client_secret: undefined }, 401, 'invalid_client'],
    ['an unknown client', { client_id: 'stranger' }, 401, 'invalid_client'],
    ['another app', CLASSIC_CLIENT, 400, 'invalid_grant'],
    ['no verifier', { code_verifier: undefined }, 400, 'invalid_request'],
    ['another verifier', { code_verifier: makePkce().verifier }, 400, 'invalid_grant'],
    ['another redirect URI, though registered', { redirect_uri: 'http://127.0.0.1:8085/callback?from=laptop' }, 400, 'invalid_grant'],
    ['no redirect URI', { redirect_uri: undefined }, 400, 'invalid_request'],
    ['no client', { client_id: undefined }, 400, 'invalid_request'],
    ['no grant type', { grant_type: undefined }, 400, 'invalid_request'],
    ['an invented code', { code: 'guess' }, 400, 'invalid_grant'],
  ])('facts 1.7: %s is refused', async (_, patch, status, error) => {
    await using pd = await openOAuth();
    expect(await pd.exchange(await pd.codeFor(), patch)).toMatchObject({ status, body: { error } });
  });

  it('facts 1.3: a failed attempt of the right app uses the code up, one of a stranger does not', async () => {
    await using pd = await openOAuth();
    const code = await pd.codeFor();
    expect((await pd.exchange(code, { client_secret: 'guess' })).status).toBe(401);
    expect((await pd.exchange(code, CLASSIC_CLIENT)).status).toBe(400);
    expect((await pd.exchange(code, { code_verifier: makePkce().verifier })).status).toBe(400);
    expect((await pd.exchange(code)).status).toBe(400);
  });

  it('facts 1.3: PKCE is optional for a Classic app with a secret, and stands for the secret of one without', async () => {
    await using pd = await openOAuth();
    const plain = await pd.exchange(await pd.codeFor({}, CLASSIC), { ...CLASSIC_CLIENT, code_verifier: undefined });
    expect(plain.body).toMatchObject({ scope: 'openid read', expires_in: 864_000 });
    const uninvited = await pd.exchange(await pd.codeFor({}, CLASSIC), CLASSIC_CLIENT);
    expect(uninvited.status).toBe(400);
    const open = { client_id: 'public-client', client_secret: undefined };
    const code = await pd.codeFor({}, { client_id: 'public-client', scope: 'write' });
    expect((await pd.exchange(code, open)).body.scope).toBe('openid write');
  });

  it('facts 1.3: the life of a Classic token is not certain, and is what expires_in says', async () => {
    await using pd = await openOAuth({ settings: { classicTokenLifetimeSeconds: 30 * 86_400 } });
    const { body } = await pd.exchange(await pd.codeFor({}, CLASSIC), { ...CLASSIC_CLIENT, code_verifier: undefined });
    expect(body.expires_in).toBe(2_592_000);
    await pd.clock.advance(2_592_000_000 - 1);
    expect((await pd.get('/users', `Bearer ${body.access_token}`)).status).toBe(200);
    await pd.clock.advance(1);
    expect((await pd.get('/users', `Bearer ${body.access_token}`)).status).toBe(401);
  });

  it('facts 1.7: a scope that the app may not have gives a token with openid alone, 400, or the rest', async () => {
    await using pd = await openOAuth();
    const outcomes = [];
    for (const consentInvalidScope of ['only-openid', 'refuse', 'only-allowed'] as const) {
      pd.simulator.settings.consentInvalidScope = consentInvalidScope;
      const { status, body } = await pd.exchange(await pd.codeFor({}, { scope: 'users.read users.write' }));
      outcomes.push([status, body.scope ?? body.error_description]);
    }
    expect(outcomes).toEqual([[200, 'openid'], [400, 'Invalid scope'], [200, 'openid users.read']]);
  });

  it('T1: names with colons are not scopes', async () => {
    await using pd = await openOAuth();
    expect((await pd.tokensOf('PADMIN1', { scope: 'users:read' })).scope).toBe('openid');
  });

  it('facts 1.7: the 401 of a bad client may have any body', async () => {
    await using pd = await openOAuth();
    const bodies = [];
    for (const badClientBody of ['oauth', 'api', 'not-json', 'empty'] as const) {
      pd.simulator.settings.badClientBody = badClientBody;
      const { status, text } = await pd.exchange('code', { client_secret: 'guess' });
      bodies.push([status, text]);
    }
    expect(bodies).toEqual([
      [401, expect.stringContaining('invalid_client')],
      [401, expect.stringContaining('2006')],
      [401, 'Unauthorized\n'],
      [401, ''],
    ]);
  });

  it('a Classic app cannot act for itself', async () => {
    await using pd = await openOAuth();
    const { status, body } = await pd.requestToken({ ...CLASSIC_CLIENT, scope: 'as_account-us.acme-example read' });
    expect([status, body.error]).toEqual([400, 'unauthorized_client']);
  });
});

describe('the ID token', () => {
  it('facts 1.9: says which person of which account it is and which API to use, signed by a published key', async () => {
    await using pd = await openOAuth();
    const { id_token = '' } = await pd.tokensOf('PADMIN1');
    const [header = '', claims = '', signature = ''] = id_token.split('.');
    const { issuer, jwks_uri } = (await pd.get<{ issuer: string; jwks_uri: string }>('/global/oauth/anonymous/.well-known/openid-configuration', null)).body;
    const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: (webcrypto.JsonWebKey & { kid: string })[] };
    const { kid, alg } = parsePart(header) as { kid: string; alg: string };
    const key = keys.find((each) => each.kid === kid);
    expect([alg, key]).toEqual(['RS256', expect.not.objectContaining({ d: expect.anything() as unknown })]);
    const publicKey = createPublicKey({ key: key ?? {}, format: 'jwk' });
    expect(verify('sha256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    const now = pd.clock.now() / 1000;
    expect(parsePart(claims)).toMatchObject({
      iss: issuer,
      aud: ['https://api.pagerduty.com', 'scoped-client'],
      user_id: 'PADMIN1',
      subdomain: 'acme-example',
      region: 'UnitedStates',
      account_id: expect.stringMatching(/^P[0-9A-F]{6}$/) as unknown,
      iat: now,
      exp: now + 86_400,
    });
  });

  it('S61, T16: somebody of another account, another region, can be told by it', async () => {
    await using pd = await openOAuth();
    const claimsOf = async (person: string, account: string): Promise<Record<string, unknown>> => {
      const { body } = await pd.exchange(await pd.codeFor({ person, account }));
      return parsePart(body.id_token?.split('.')[1] ?? '') as Record<string, unknown>;
    };
    const accounts = [await claimsOf('PADMIN1', 'acme-example'), await claimsOf('PGLOBEX', 'globex-example'), await claimsOf('PEUROPE', 'acme-europe')];
    expect(accounts.map(({ subdomain, aud }) => [subdomain, (aud as string[])[0]])).toEqual([
      ['acme-example', 'https://api.pagerduty.com'],
      ['globex-example', 'https://api.pagerduty.com'],
      ['acme-europe', 'https://api.eu.pagerduty.com'],
    ]);
    expect(new Set(accounts.map(({ account_id }) => account_id)).size).toBe(3);
  });

  it('facts 1.4: is not given at a renewal, or ever', async () => {
    await using pd = await openOAuth();
    const { refresh_token } = await pd.tokensOf('PADMIN1');
    expect((await pd.refresh(refresh_token)).body).not.toHaveProperty('id_token');
    pd.simulator.settings.idToken = false;
    expect(await pd.tokensOf('PADMIN1')).not.toHaveProperty('id_token');
  });
});

function parsePart(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}
