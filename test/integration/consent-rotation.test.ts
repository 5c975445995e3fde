import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aliasManifests, openAliasScene, type AliasScene, type CrashPoint } from './alias-scene.ts';
import { conditionOf } from './story.ts';

const hour = 3_600_000;

/** Every write and call of a pass that renews: claim, call, the new pair, the token Secret, who it is, status. */
const crashPoints: readonly (readonly [story: string, crash: CrashPoint])[] = [
  ['before it claims the rotation', { at: 'write', number: 1, isMade: false }],
  ['when it has claimed the rotation', { at: 'write', number: 1, isMade: true }],
  ['before it asks the vendor', { at: 'refresh', isMade: false }],
  ['when the vendor has renewed, and the answer is lost', { at: 'refresh', isMade: true }],
  ['before it stores the new pair', { at: 'write', number: 2, isMade: false }],
  ['when it has stored the new pair', { at: 'write', number: 2, isMade: true }],
  ['before it writes the token Secret', { at: 'write', number: 3, isMade: false }],
  ['when it has written the token Secret', { at: 'write', number: 3, isMade: true }],
  ['before it stores who consented', { at: 'write', number: 4, isMade: false }],
  ['when it has stored who consented', { at: 'write', number: 4, isMade: true }],
  ['before it writes status', { at: 'write', number: 5, isMade: false }],
  ['when it has written status', { at: 'write', number: 5, isMade: true }],
];

/** Where the vendor has renewed and the new pair is not stored: nothing can bring it back, unless the old token still works. */
const isLost = (crash: CrashPoint): boolean => (crash.at === 'refresh' && crash.isMade) || (crash.at === 'write' && crash.number === 2 && !crash.isMade);

describe('the rotation of a consent', () => {
  let scene: AliasScene;

  beforeAll(async () => {
    scene = await openAliasScene('rotation');
    const { secret, alias, profile } = aliasManifests(scene);
    await scene.apply(secret(), alias(), profile());
  });

  afterAll(async () => {
    await scene.close();
  });

  /** A fresh consent, published and shown. */
  beforeEach(async () => {
    scene.pagerduty.faults.clear();
    scene.pagerduty.settings.refreshGraceSeconds = 0;
    scene.clock.advance(2 * hour);
    const alias = await scene.alias().catch(() => undefined);
    // Another consent is asked for by taking the app's word back.
    if (alias?.status?.authorization?.state === 'Authorized') {
      scene.pagerduty.credentials.revoke({ appId: scene.pagerduty.apps.list()[0]?.id ?? '' });
      scene.clock.advance(24 * hour);
      await scene.start().pass();
    }
    const replica = scene.start();
    await replica.pass();
    expect(await replica.complete(await scene.consent())).toBe('Authorized');
    await scene.start().pass();
    expect(conditionOf(await scene.alias(), 'Ready')).toBe('True Connected');
  });

  const authorization = async (): Promise<{ authorizedAt: number; url: string | undefined }> => {
    const { authorizedAt = '', url } = (await scene.alias()).status?.authorization ?? {};
    return { authorizedAt: Date.parse(authorizedAt), url };
  };

  let isAway = false;
  /** The API server is away for so many requests, from when the vendor has renewed. */
  const failAfterRenewal = (times: number): void => {
    const before = scene.tokenCalls('refresh_token');
    isAway = true;
    scene.proxy.inject({
      match: ({ path }) => isAway && path.includes('pagerduty-authorization') && scene.tokenCalls('refresh_token') > before,
      times,
      fault: { kind: 'status', code: 503 },
    });
  };

  const settle = async (): Promise<void> => {
    // Another process takes over once the claim is old, and every pass finds the world as the last one left it.
    for (let count = 0; count < 3; count += 1) {
      scene.clock.advance(61_000);
      await scene.start().pass();
    }
  };

  it('T8: is due in the last third of the token’s life, and costs one call and one new pair', async () => {
    const before = scene.tokenCalls('refresh_token');
    scene.clock.advance(16 * hour);
    await scene.start().pass();
    expect(scene.tokenCalls('refresh_token')).toBe(before);
    scene.clock.advance(4 * hour);
    await scene.start().pass();
    await scene.start().pass();
    expect(scene.tokenCalls('refresh_token')).toBe(before + 1);
    expect(await scene.isTokenTaken()).toBe(true);
    expect((await scene.alias()).status?.token?.issuedAt).toBe(new Date(scene.clock.now()).toISOString());
  });

  it.each(crashPoints)('T8: a crash %s loses no consent where the vendor kept the old token', async (_story, crash) => {
    scene.pagerduty.settings.refreshGraceSeconds = 7200;
    scene.clock.advance(20 * hour);
    await scene.start({ crash }).pass().catch(() => undefined);
    await settle();
    const alias = await scene.alias();
    expect(conditionOf(alias, 'Authorized')).toBe('True Authorized');
    expect(conditionOf(alias, 'Ready')).toBe('True Connected');
    expect(await scene.isTokenTaken()).toBe(true);
    // The pair in use is the newest: it renews again.
    scene.clock.advance(20 * hour);
    await scene.start().pass();
    expect(conditionOf(await scene.alias(), 'Authorized')).toBe('True Authorized');
    expect(await scene.isTokenTaken()).toBe(true);
  });

  it.each(crashPoints)('T8: a crash %s, with a vendor that kills the old token at once, is told where the pair is lost, and costs nothing elsewhere', async (_story, crash) => {
    scene.clock.advance(20 * hour);
    await scene.start({ crash }).pass().catch(() => undefined);
    await settle();
    const alias = await scene.alias();
    if (isLost(crash)) {
      expect(conditionOf(alias, 'Authorized')).toBe('False AuthorizationLost');
      expect(alias.status?.authorization).toMatchObject({ state: 'Revoked', url: expect.any(String) as unknown });
      expect(await scene.isTokenTaken()).toBe(true);
      return;
    }
    expect(conditionOf(alias, 'Ready')).toBe('True Connected');
    expect(await scene.isTokenTaken()).toBe(true);
  });

  it('of two leaders at one moment one renews, and the other finds it done', async () => {
    scene.clock.advance(20 * hour);
    const before = scene.tokenCalls('refresh_token');
    const results = await Promise.allSettled([scene.start().pass(), scene.start().pass(), scene.start().pass()]);
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    await scene.start().pass();
    expect(scene.tokenCalls('refresh_token')).toBe(before + 1);
    expect(conditionOf(await scene.alias(), 'Ready')).toBe('True Connected');
  });

  it('an API server that is away for a while after the vendor has renewed gets the pair in the end', async () => {
    scene.clock.advance(20 * hour);
    const replica = scene.start({ isProxied: true });
    failAfterRenewal(6);
    await replica.pass();
    expect(scene.proxy.pending()).toBe(0);
    expect(conditionOf(await scene.alias(), 'Ready')).toBe('True Connected');
    expect(await scene.isTokenTaken()).toBe(true);
  });

  it('a pair that could not be stored in time stays in memory, and the next pass stores it first', async () => {
    scene.clock.advance(20 * hour);
    const replica = scene.start({ isProxied: true });
    failAfterRenewal(1000);
    const before = scene.tokenCalls('refresh_token');
    await expect(replica.pass()).rejects.toMatchObject({ failure: { reason: 'PersistFailed' } });
    expect(replica.dependencies.unsavedRenewals.size).toBe(1);
    isAway = false;
    await replica.pass();
    expect(replica.dependencies.unsavedRenewals.size).toBe(0);
    expect(scene.tokenCalls('refresh_token')).toBe(before + 1);
    expect(conditionOf(await scene.alias(), 'Ready')).toBe('True Connected');
    expect(await scene.isTokenTaken()).toBe(true);
  });

  it('T8: an answer that got lost on the way is not asked for twice at once; where the old token still works, nothing is lost', async () => {
    scene.pagerduty.settings.refreshGraceSeconds = 7200;
    scene.pagerduty.faults.add({ method: 'POST', route: '/oauth/token', fault: { kind: 'reset', when: 'before-headers' } });
    scene.clock.advance(20 * hour);
    const before = scene.tokenCalls('refresh_token');
    await scene.start().pass();
    expect(scene.tokenCalls('refresh_token')).toBe(before + 1);
    expect(conditionOf(await scene.alias(), 'TokenReady')).toBe('True RenewalFailing');
    await settle();
    expect(conditionOf(await scene.alias(), 'Ready')).toBe('True Connected');
    expect(conditionOf(await scene.alias(), 'TokenReady')).toBe('True TokenIssued');
  });

  it('S60: announces the end of the consent 28 days ahead, once, with an address to consent again', async () => {
    const windowEnd = (await authorization()).authorizedAt + 365 * 24 * hour;
    const daysLeft = (): number => (windowEnd - scene.clock.now()) / (24 * hour);
    while (daysLeft() > 50) {
      scene.clock.advance(20 * 24 * hour);
      await scene.start().pass();
    }
    scene.clock.advance((daysLeft() - 29) * 24 * hour);
    await scene.start().pass();
    expect(conditionOf(await scene.alias(), 'AuthorizationExpiring')).toBe('absent');
    expect((await authorization()).url).toBeUndefined();
    scene.clock.advance(30 * hour);
    await scene.start().pass();
    const alias = await scene.alias();
    expect(conditionOf(alias, 'AuthorizationExpiring')).toBe('True AuthorizationExpiring');
    expect(conditionOf(alias, 'Ready')).toBe('True Connected');
    expect((await authorization()).url).toBeDefined();
    expect(alias.status?.conditions?.find(({ type }) => type === 'AuthorizationExpiring')?.message).not.toMatch(/\d{4}/);
    expect(await scene.start().complete(await scene.consent())).toBe('Authorized');
    await scene.start().pass();
    expect(conditionOf(await scene.alias(), 'AuthorizationExpiring')).toBe('absent');
  });

  it('guard 7: none of the tokens is in a log line', async () => {
    const { grant = '{}' } = await scene.secret('pagerduty-authorization');
    const { accessToken, refreshToken } = JSON.parse(grant) as Record<string, string>;
    const text = scene.log.join('\n');
    expect(text.length).toBeGreaterThan(500);
    for (const secret of ['canary-client-secret', accessToken ?? '', refreshToken ?? '']) {
      expect(secret.length).toBeGreaterThan(10);
      expect(text.includes(secret)).toBe(false);
    }
  });
});
