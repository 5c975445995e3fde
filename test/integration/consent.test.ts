import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionAlias } from '../../operator/api/connection-alias.ts';
import { authorized, openConsentScene, openPage, throughReplica, type ConsentScene } from './consent-scene.ts';
import { conditionOf, isSettled } from './story.ts';

/** Consent as a person lives it; each story starts where the last one ended. */
describe('the consent of a person on a real API server, with two replicas', () => {
  let scene: ConsentScene;

  beforeAll(async () => {
    scene = await openConsentScene('consent');
    const { story, secret, alias, profile } = scene;
    await story.apply(secret(), alias(), profile());
  });

  afterAll(async () => {
    await scene.close();
  });

  const tokenCalls = (grantType: string): number =>
    scene.pagerduty.journal.list({ method: 'POST' }).filter((entry) => entry.path === '/oauth/token' && entry.grantType === grantType).length;
  const grantOf = async (): Promise<Record<string, unknown>> => {
    const secret = await scene.story.get<{ data: { grant?: string } }>('secret', 'pagerduty-authorization');
    return JSON.parse(Buffer.from(secret?.data.grant ?? 'e30=', 'base64').toString()) as Record<string, unknown>;
  };
  const tokenInPods = async (): Promise<string> => {
    const secret = await scene.story.get<{ data: Record<string, string> }>('secret', 'pagerduty-token');
    return Buffer.from(secret?.data['token'] ?? '', 'base64').toString();
  };
  const reasons = async (): Promise<string[]> => {
    const events = JSON.parse(await scene.story.kubectl(['get', 'events.events.k8s.io', '-o', 'json'])) as { items: { reason: string }[] };
    return events.items.map((event) => event.reason);
  };

  it('S22, S59: the alias shows an address to open with exactly the required scopes, for an hour', async () => {
    const { story } = scene;
    const url = new URL(await scene.url());
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'consent-client',
      redirect_uri: scene.redirectUrl,
      response_type: 'code',
      scope: 'oncalls.read users.read',
      state: expect.any(String) as unknown,
      code_challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as unknown,
      code_challenge_method: 'S256',
    });
    const alias = await story.untilAlias((object) => conditionOf(object, 'Authorized') === 'False AuthorizationRequired', 'AuthorizationRequired');
    expect(conditionOf(alias, 'Stalled')).toBe('True AuthorizationRequired');
    expect(alias.status?.authorization?.state).toBe('AwaitingConsent');
    const life = Date.parse(alias.status?.authorization?.urlExpiresAt ?? '') - Date.now();
    expect(life).toBeGreaterThan(50 * 60_000);
    expect(life).toBeLessThanOrEqual(60 * 60_000);
    await expect.poll(reasons).toContain('AuthorizationRequired');
  });

  it('S62: a denial is told on the page and in a condition, and the address stays good: anybody who knows it can say no', async () => {
    const url = await scene.url();
    const page = await openPage(await scene.consent(url, { person: '', deny: true }));
    expect(page.status).toBe(403);
    expect(page.text).toContain('Consent denied');
    const alias = await scene.story.untilAlias((object) => conditionOf(object, 'Authorized') === 'False AuthorizationDenied', 'denied');
    expect(alias.status?.authorization).toMatchObject({ state: 'Denied', url });
    expect(tokenCalls('authorization_code')).toBe(0);
  });

  it('S61: the consent of another account is refused by name, and nothing of it is kept', async () => {
    const url = await scene.url();
    const foreign = await scene.consent(url, { account: 'globex', person: 'globex' }).catch(async () => {
      // Any person of the other account: the page lists some.
      const listed = /<option value="([^"]+@[^"]+)">[^<]*globex/.exec((await openPage(url)).text)?.[1] ?? '';
      return scene.consent(url, { account: 'globex', person: listed });
    });
    const page = await openPage(foreign);
    expect(page.status).toBe(403);
    expect(page.text).toContain('Wrong account');
    expect(page.text).toContain('acme (US)');
    const alias = await scene.story.untilAlias((object) => conditionOf(object, 'AccountMatch') === 'False AccountMismatch', 'refused');
    expect(alias.status?.authorization).toMatchObject({ state: 'Refused', url });
    expect(await grantOf()).toEqual({});
    expect(await tokenInPods()).toBe('');
    const profile = await scene.story.untilProfile(() => true, 'there');
    expect(profile.status?.state).toBe('Draft');
  });

  it('S21, S62, S63, T7: of a double click that reaches two replicas exactly one exchanges, and the profile is published', async () => {
    await scene.story.untilAlias((object) => object.status?.authorization?.state === 'Refused' && object.status.authorization.url !== undefined, 'a new URL');
    const location = await scene.consent(await scene.url(), { person: scene.person('admin') });
    const before = tokenCalls('authorization_code');
    const [one, other, third] = await Promise.all([openPage(throughReplica(location, scene.follower)), openPage(location), openPage(throughReplica(location, scene.follower))]);
    expect([one.status, other.status, third.status].sort((a, b) => a - b)).toEqual([200, 409, 409]);
    const won = [one, other, third].find((page) => page.status === 200);
    expect(won?.text).toContain('Authorized');
    expect(tokenCalls('authorization_code') - before).toBe(1);
    const alias = await scene.story.untilAlias(authorized, 'authorized');
    expect(alias.status?.authorization).toMatchObject({ state: 'Authorized', user: { id: scene.person('admin') } });
    expect(alias.status?.authorization?.url).toBeUndefined();
    expect(alias.status?.grantedScopes).toEqual(['oncalls.read', 'users.read']);
    const published = await scene.story.untilProfile(isSettled, 'published and refreshed');
    expect(published.status?.state).toBe('Published');
    await expect.poll(reasons).toContain('Authorized');
  });

  it('S60, S61: account and role of the person are shown, and suffice', async () => {
    const alias = await scene.story.untilAlias((object) => conditionOf(object, 'RoleSufficient') !== 'absent' && object.status?.authorization?.user?.role !== undefined, 'role known');
    expect(conditionOf(alias, 'RoleSufficient')).toBe('True RoleSuffices');
    expect(conditionOf(alias, 'AccountMatch')).toBe('True AccountMatches');
    expect(alias.status?.authorization?.user?.role).toBe('admin');
  });

  it('S63: the page is of its own, repeats nothing and loads nothing', async () => {
    const page = await openPage(`${scene.redirectUrl}?state=%3Cscript%3Ealert(1)%3C/script%3E&code=abc`);
    expect(page.status).toBe(400);
    expect(page.text).not.toContain('alert(1)');
    expect(page.text).not.toMatch(/(src|href)="(?!data:,)/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const style = /<style>([^]*?)<\/style>/.exec(page.text)?.[1] ?? '';
    expect(page.headers.get('content-security-policy')).toContain(createHash('sha256').update(style).digest('base64'));
  });

  it('takes nothing but a GET of that one path, without a body', async () => {
    const { redirectUrl } = scene.story.operator;
    const statuses = await Promise.all([
      fetch(`${redirectUrl}/oauth_redirect.do?code=a`, { method: 'POST', body: 'code=a' }),
      fetch(`${redirectUrl}/oauth_redirect.do?code=a`, { method: 'HEAD' }),
      fetch(`${redirectUrl}/metrics`),
      fetch(`${redirectUrl}/oauth_redirect.do?code=a&code=b&state=c`),
      fetch(`${redirectUrl}/oauth_redirect.do?code=${'x'.repeat(7000)}`),
    ]).then((responses) => responses.map((response) => response.status));
    expect(statuses).toEqual([405, 405, 404, 400, 400]);
  });

  it('S2, S22: a process that needs more asks for another consent, while the old one goes on', async () => {
    const { story } = scene;
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"reclaimSubscriptions":true}}']);
    const alias = await story.untilAlias((object) => conditionOf(object, 'ScopesSufficient') === 'False ScopesMissing', 'ScopesMissing');
    expect(conditionOf(alias, 'Authorized')).toBe('True Authorized');
    const url = await scene.url();
    expect(new URL(url).searchParams.get('scope')).toBe('oncalls.read users.read users.write');
    const old = await tokenInPods();
    expect(old).not.toBe('');
    // A person of too low a role is told so, and what they may do works.
    await openPage(await scene.consent(url, { person: scene.person('observer') }));
    const after = await story.untilAlias((object) => conditionOf(object, 'RoleSufficient') === 'False RoleTooLow', 'S60: role too low');
    expect(conditionOf(after, 'Ready')).toBe('True Connected');
    expect(after.status?.authorization?.user?.id).toBe(scene.person('observer'));
    expect(await tokenInPods()).not.toBe(old);
  });

  it('T8: a renewal stores the new pair before anything uses it', async () => {
    const before = await grantOf();
    const rotations = tokenCalls('refresh_token');
    await scene.story.kubectl(['annotate', 'connalias', 'pagerduty', '--overwrite', 'saaslicense.dev/requestedAt=rotate']);
    await scene.story.untilAlias((object) => object.status?.lastHandledRequestedAt === 'rotate' && object.status.token?.issuedAt !== new Date(Number(before['issuedAt'])).toISOString(), 'rotated');
    const after = await grantOf();
    expect(after['refreshToken']).not.toBe(before['refreshToken']);
    expect(tokenCalls('refresh_token') - rotations).toBe(1);
    expect(await tokenInPods()).toBe(after['accessToken']);
  });

  it('S60: a consent that was taken back is noticed, said, and asked for again; the access token goes on being used', async () => {
    const { story, pagerduty } = scene;
    const old = await tokenInPods();
    pagerduty.credentials.revoke({ appId: pagerduty.apps.list()[0]?.id ?? '' }, 'refresh');
    await story.kubectl(['annotate', 'connalias', 'pagerduty', '--overwrite', 'saaslicense.dev/requestedAt=revoked']);
    const alias = await story.untilAlias((object) => conditionOf(object, 'Authorized') === 'False AuthorizationRevoked', 'revoked');
    expect(alias.status?.authorization?.state).toBe('Revoked');
    expect(alias.status?.authorization?.url).toBeDefined();
    expect(await tokenInPods()).toBe(old);
    await expect.poll(reasons).toContain('AuthorizationRevoked');
    const profile = await story.untilProfile(() => true, 'there');
    expect(profile.status?.state).toBe('Published');
  });

  it('facts 11: a redirect without state is taken for the only alias that waits, and neither a code nor a refusal that is not ours uses anything up', async () => {
    const { pagerduty } = scene;
    pagerduty.settings.echoState = false;
    const url = await scene.url();
    const forged = await openPage(`${scene.redirectUrl}?code=not-a-code-of-ours`);
    expect(forged.status).toBe(400);
    // Anybody can say no: the address that the person has open stays good.
    expect((await openPage(`${scene.redirectUrl}?error=access_denied`)).status).toBe(403);
    const location = await scene.consent(url, { person: scene.person('admin') });
    expect(new URL(location).searchParams.has('state')).toBe(false);
    expect((await openPage(location)).status).toBe(200);
    pagerduty.settings.echoState = true;
    await scene.story.untilAlias(authorized, 'authorized again');
  });

  it('S25, guard 7: no secret of the consent is in any object but its Secret, nor in a log, event or metric', async () => {
    const { story } = scene;
    const grant = await grantOf();
    const kinds = 'saaslicense,cronjobs,jobs,pods,events,serviceaccounts,rolebindings,configmaps,leases';
    const everything = await story.kubectl(['get', kinds, '-o', 'yaml', '--show-managed-fields']);
    const metrics = await Promise.all([story.operator, scene.follower].map(async ({ telemetryUrl }) => (await fetch(`${telemetryUrl}/metrics`)).text()));
    const logs = [await story.operatorLog(), await readFile(scene.follower.logFile, 'utf8')];
    const texts = [everything, ...metrics, ...logs].join('\n');
    for (const secret of [scene.clientSecret, String(grant['refreshToken']), String(grant['accessToken'])]) {
      expect(secret.length).toBeGreaterThan(10);
      for (const form of [secret, Buffer.from(secret).toString('base64')]) expect(texts.includes(form)).toBe(false);
    }
    expect(metrics[0]).toMatch(/saaslicense_authorization_expiry_timestamp_seconds\{[^}]*connection_alias="pagerduty"[^}]*\} \d+/);
    // Pods get the access token and nothing else.
    const token = await story.get<{ data: Record<string, string> }>('secret', 'pagerduty-token');
    expect(Object.keys(token?.data ?? {}).sort()).toEqual(['credentialId', 'expiresAt', 'issuedAt', 'scheme', 'scopes', 'token']);
  });

  it('a Secret of the name that is somebody else’s is never written to', async () => {
    const { story, alias, profile } = scene;
    const foreign = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'taken-authorization', namespace: story.namespace }, stringData: { mine: 'yes' } };
    await story.apply(foreign, alias({}, 'taken'), profile({ connectionAliasRef: { name: 'taken' } }, 'taken'));
    await story.until<ConnectionAlias>('connalias', 'taken', (object) => conditionOf(object, 'Authorized') === 'False AuthorizationSecretNotOwned', 'not owned');
    const secret = await story.get<{ data: object }>('secret', 'taken-authorization');
    expect(Object.keys(secret?.data ?? {})).toEqual(['mine']);
    await story.kubectl(['delete', 'connalias,intprof', 'taken']);
    const page = await openPage(`${scene.redirectUrl}?code=a&state=11111111-1111-4111-8111-111111111111.${'A'.repeat(43)}`);
    expect(page.text).toContain('The connection is gone');
  });
});
