import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../pagerduty-simulator/index.ts';
import { aliasManifests, openAliasScene, type AliasScene } from './alias-scene.ts';
import { conditionOf } from './story.ts';

const hour = 3_600_000;

/** What PagerDuty's identity service answers with, and what the alias then says. */
const weather: readonly (readonly [story: string, fault: Fault, reason: string])[] = [
  ['a server error', { kind: 'status', status: 500 }, 'VendorUnavailable'],
  ['a gateway that waited too long', { kind: 'status', status: 504 }, 'VendorUnavailable'],
  ['a time-out', { kind: 'status', status: 408 }, 'VendorUnavailable'],
  ['a rate limit that stays', { kind: 'status', status: 429 }, 'RateLimited'],
  ['401', { kind: 'status', status: 401 }, 'CredentialsRejected'],
  ['402', { kind: 'status', status: 402 }, 'PlanLacksFeature'],
  ['403', { kind: 'status', status: 403 }, 'CredentialsRejected'],
  ['a web page', { kind: 'html' }, 'MalformedAnswer'],
  ['an empty answer', { kind: 'empty' }, 'MalformedAnswer'],
  ['an answer that is cut off', { kind: 'truncate', keepBytes: 40, contentLength: 'kept' }, 'MalformedAnswer'],
  ['a connection that breaks in the answer', { kind: 'truncate', keepBytes: 40, contentLength: 'whole' }, 'VendorUnreachable'],
  ['a connection that is reset', { kind: 'reset', when: 'before-headers' }, 'VendorUnreachable'],
];

describe('the token endpoint in bad weather', () => {
  let scene: AliasScene;
  let reasons: string;

  beforeAll(async () => {
    reasons = await readFile(new URL('../../docs/reasons.md', import.meta.url), 'utf8');
    scene = await openAliasScene('login-weather');
    // With every scope of use, so that a token costs one request.
    scene.pagerduty.apps.register({ clientId: 'whole-client', clientSecret: 'whole-secret', scopes: ['users.read', 'oncalls.read', 'users.write', 'licenses.read', 'teams.read'] });
    const { secret, alias, profile } = aliasManifests(scene);
    const whole = { ...secret(), data: { clientId: btoa('whole-client'), clientSecret: btoa('whole-secret') } };
    await scene.apply(whole, alias({ oauth: undefined, appToken: { clientSecretRef: { name: 'app' } } }), profile());
  });

  afterAll(async () => {
    await scene.close();
  });

  beforeEach(async () => {
    scene.pagerduty.faults.clear();
    // A new day, in which a new token is due.
    scene.clock.advance(48 * hour);
    await scene.start().pass();
    expect(conditionOf(await scene.alias(), 'TokenReady')).toBe('True TokenIssued');
  });

  const versionOf = async (): Promise<string | undefined> => (await scene.alias()).metadata.resourceVersion;

  it.each(weather)('%s: the token that is there goes on; without one the alias says what to do, and is well again by itself', async (_story, fault, reason) => {
    const token = (await scene.secret('pagerduty-token'))['token'];
    scene.pagerduty.faults.add({ route: '/oauth/token', count: null, fault });
    scene.clock.advance(20 * hour);
    await scene.start().pass();
    const renewing = await scene.alias();
    expect(conditionOf(renewing, 'TokenReady')).toBe('True RenewalFailing');
    expect(conditionOf(renewing, 'Ready')).toBe('True Connected');
    expect((await scene.secret('pagerduty-token'))['token']).toBe(token);

    scene.clock.advance(24 * hour);
    await scene.start().pass();
    const failing = await scene.alias();
    expect(conditionOf(failing, 'TokenReady')).toBe(`False ${reason}`);
    expect(conditionOf(failing, 'Ready')).toBe(`False ${reason}`);
    expect(failing.status?.lastFailure).toMatchObject({ reason });
    expect(reasons).toContain(reason);

    // Nothing is asked or written before the next try is due.
    const [calls, version] = [scene.tokenCalls('client_credentials'), await versionOf()];
    await scene.start().pass();
    expect([scene.tokenCalls('client_credentials'), await versionOf()]).toEqual([calls, version]);

    scene.pagerduty.faults.clear();
    scene.clock.advance(hour);
    await scene.start().pass();
    const mended = await scene.alias();
    expect(conditionOf(mended, 'Ready')).toBe('True Connected');
    expect(conditionOf(mended, 'Stalled')).toBe('absent');
    expect(mended.status?.lastFailure).toBeUndefined();
    expect(await scene.isTokenTaken()).toBe(true);
    const after = await versionOf();
    await scene.start().pass();
    expect(await versionOf()).toBe(after);
  });
});
