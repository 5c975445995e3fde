import { describe, expect, it } from 'vitest';
import type { OAuthScene } from '../testing/oauth-scene.ts';
import { openOAuth } from '../testing/oauth-scene.ts';

const DAY_MS = 86_400_000;
const CLASSIC = { client_id: 'classic-client', scope: 'read', code_challenge: undefined, code_challenge_method: undefined };
const CLASSIC_CLIENT = { client_id: 'classic-client', client_secret: 'classic-secret' };

async function classicRefreshToken(pd: OAuthScene): Promise<string> {
  return (await pd.exchange(await pd.codeFor({}, CLASSIC), { ...CLASSIC_CLIENT, code_verifier: undefined })).body.refresh_token;
}

/** Renews every so many days until it is refused; the days that it went on for. */
async function renewUntilRefused(pd: OAuthScene, token: string, everyDays: number, client = {}): Promise<number> {
  for (let days = everyDays, current = token; ; days += everyDays) {
    await pd.clock.advance(everyDays * DAY_MS);
    const { status, body } = await pd.refresh(current, client);
    if (status !== 200) return days;
    current = body.refresh_token;
  }
}

describe('renewing tokens', () => {
  it('facts 1.4: gives a new access and a new refresh token; the old refresh token is dead, the old access token not yet', async () => {
    await using pd = await openOAuth();
    const first = await pd.tokensOf('PADMIN1');
    const { status, body } = await pd.refresh(first.refresh_token);
    expect([status, body]).toMatchObject([200, { token_type: 'bearer', scope: first.scope, expires_in: 86_400 }]);
    expect(new Set([first.access_token, first.refresh_token, body.access_token, body.refresh_token]).size).toBe(4);
    expect(await pd.refresh(first.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await pd.get('/users/me', `Bearer ${body.access_token}`)).body).toMatchObject({ user: { id: 'PADMIN1' } });
    expect((await pd.get('/users/me', `Bearer ${first.access_token}`)).status).toBe(200);
    expect((await pd.refresh(body.refresh_token)).status).toBe(200);
  });

  it('facts 11: the old refresh token may live on for a while', async () => {
    await using pd = await openOAuth({ settings: { refreshGraceSeconds: 60 } });
    const { refresh_token } = await pd.tokensOf('PADMIN1');
    await pd.refresh(refresh_token);
    await pd.clock.advance(59_999);
    expect((await pd.refresh(refresh_token)).status).toBe(200);
    await pd.clock.advance(1);
    expect((await pd.refresh(refresh_token)).status).toBe(400);
  });

  it('facts 1.4: of two renewals at once one has the tokens', async () => {
    await using pd = await openOAuth();
    const { refresh_token } = await pd.tokensOf('PADMIN1');
    const answers = await Promise.all([pd.refresh(refresh_token), pd.refresh(refresh_token)]);
    expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 400]));
  });

  it('a replay may revoke the whole consent, and a renewal the access tokens before it', async () => {
    await using pd = await openOAuth({ settings: { refreshReplayRevokes: true, refreshEndsAccess: true } });
    const first = await pd.tokensOf('PADMIN1');
    const second = (await pd.refresh(first.refresh_token)).body;
    expect((await pd.get('/users/me', `Bearer ${first.access_token}`)).status).toBe(401);
    expect((await pd.get('/users/me', `Bearer ${second.access_token}`)).status).toBe(200);
    await pd.refresh(first.refresh_token);
    expect((await pd.get('/users/me', `Bearer ${second.access_token}`)).status).toBe(401);
    expect((await pd.refresh(second.refresh_token)).status).toBe(400);
  });

  it.each([
    ['Scoped', 30],
    ['Classic', 210],
  ] as const)('facts 1.6: a refresh token of a %s app lives %d days', async (kind, days) => {
    await using pd = await openOAuth();
    const take = async (): Promise<string> => (kind === 'Scoped' ? (await pd.tokensOf('PADMIN1')).refresh_token : await classicRefreshToken(pd));
    const client = kind === 'Scoped' ? {} : CLASSIC_CLIENT;
    const [early, late] = [await take(), await take()];
    await pd.clock.advance(days * DAY_MS - 1);
    expect((await pd.refresh(early, client)).status).toBe(200);
    await pd.clock.advance(1);
    expect(await pd.refresh(late, client)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('facts 1.6: a person must consent again after one year, for Classic after three', async () => {
    await using pd = await openOAuth();
    expect(await renewUntilRefused(pd, (await pd.tokensOf('PADMIN1')).refresh_token, 5)).toBe(365);
    expect(await renewUntilRefused(pd, await classicRefreshToken(pd), 73, CLASSIC_CLIENT)).toBe(1095);
  });

  it.each([
    ['a wrong secret', { client_secret: 'guess' }, 401],
    ['another app', CLASSIC_CLIENT, 400],
    ['no token', { refresh_token: undefined }, 400],
  ])('facts 1.7: refuses %s', async (_, patch, status) => {
    await using pd = await openOAuth();
    const { refresh_token, access_token } = await pd.tokensOf('PADMIN1');
    expect((await pd.refresh(refresh_token, patch)).status).toBe(status);
    expect((await pd.refresh(access_token)).status).toBe(400);
    expect((await pd.refresh(refresh_token)).status).toBe(200);
  });

  it('facts 1.7, tf#1092: a scope taken from the app is gone at the next renewal, not before, and is back when given back', async () => {
    await using pd = await openOAuth();
    const first = await pd.tokensOf('PADMIN1');
    pd.simulator.apps.update('app-1', { scopes: ['users.read'] });
    expect((await pd.get('/licenses', `Bearer ${first.access_token}`)).status).toBe(200);
    const second = (await pd.refresh(first.refresh_token)).body;
    expect(second.scope).toBe('openid users.read');
    expect((await pd.get('/licenses', `Bearer ${second.access_token}`)).status).toBe(403);
    pd.simulator.apps.update('app-1', { scopes: ['users.read', 'licenses.read', 'users.write'] });
    expect((await pd.refresh(second.refresh_token)).body.scope).toBe('openid users.read licenses.read');
  });

  it('facts 1.4: a renewal whose answer is lost leaves no refresh token that works', async () => {
    await using pd = await openOAuth();
    const { refresh_token } = await pd.tokensOf('PADMIN1');
    pd.simulator.faults.add({ route: '/oauth/token', fault: { kind: 'reset', when: 'before-headers' } });
    await expect(pd.refresh(refresh_token)).rejects.toThrow();
    expect((await pd.refresh(refresh_token)).status).toBe(400);
  });
});
