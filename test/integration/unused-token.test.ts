import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { integrationProfileResource } from '../../operator/api/integration-profile.ts';
import { coreResources } from '../../operator/kubernetes/core-resources.ts';
import { aliasManifests, openAliasScene, type AliasScene } from './alias-scene.ts';
import { conditionOf } from './story.ts';

const minute = 60_000;
const app = { oauth: undefined, appToken: { clientSecretRef: { name: 'app' } } };

describe('S2: the operator keeps no valid token that nothing uses', () => {
  let scene: AliasScene;

  beforeAll(async () => {
    scene = await openAliasScene('unused-token');
    const { secret, alias, profile } = aliasManifests(scene);
    await scene.apply(secret(), alias(app), profile());
  });
  afterAll(async () => scene.close());

  const has = async (name: string): Promise<boolean> => (await scene.client.get(coreResources.Secret, { namespace: scene.namespace, name })) !== undefined;
  /** One pass later than any token may be young. */
  const pass = async (): Promise<void> => {
    scene.clock.advance(minute);
    await scene.start().pass();
  };
  const ready = async (): Promise<string> => conditionOf(await scene.alias(), 'Ready');
  const edit = async (spec: object): Promise<void> => scene.apply(aliasManifests(scene).alias(spec));

  it('deletes the token Secret when the alias is suspended, and obtains a token when it is resumed', async () => {
    await pass();
    expect([await ready(), await has('pagerduty-token')]).toEqual(['True Connected', true]);
    await edit({ ...app, suspend: true });
    await pass();
    expect([await ready(), await has('pagerduty-token'), (await scene.alias()).status?.token]).toEqual(['True Suspended', false, undefined]);
    const calls = scene.tokenCalls('client_credentials');
    await pass();
    expect(scene.tokenCalls('client_credentials')).toBe(calls);
    await edit(app);
    await pass();
    expect([await ready(), await has('pagerduty-token')]).toEqual(['True Connected', true]);
  });

  it('deletes it when the last profile is suspended, and when the last profile is gone', async () => {
    const { profile } = aliasManifests(scene);
    await scene.apply(profile({ suspend: true }));
    await pass();
    expect([await ready(), await has('pagerduty-token')]).toEqual(['True NotUsed', false]);
    await scene.apply(profile());
    await pass();
    expect(await has('pagerduty-token')).toBe(true);
    await scene.client.delete(integrationProfileResource, { namespace: scene.namespace, name: 'pagerduty' });
    await expect.poll(async () => { await pass(); return has('pagerduty-token'); }, { timeout: 10_000 }).toBe(false);
    await scene.apply(profile());
    await pass();
  });

  it('C30: deletes the token of a reclaim alias that no profile names any more', async () => {
    const { alias, profile } = aliasManifests(scene);
    await scene.apply(alias(app, 'writer'), profile({ reclaimSubscriptions: true, reclaimAliasRef: { name: 'writer' } }));
    await scene.start().pass('writer');
    expect(await has('writer-token')).toBe(true);
    await scene.apply(profile({ reclaimSubscriptions: false }));
    scene.clock.advance(minute);
    await scene.start().pass('writer');
    expect(await has('writer-token')).toBe(false);
  });

  it('deletes the token of another login at once: until a person consents there is none', async () => {
    await pass();
    expect(await has('pagerduty-token')).toBe(true);
    await edit({});
    await scene.start().pass();
    expect([await ready(), await has('pagerduty-token')]).toEqual(['False AuthorizationRequired', false]);
    const replica = scene.start();
    expect(await replica.complete(await scene.consent())).toBe('Authorized');
    await scene.start().pass();
    expect([await ready(), await has('pagerduty-token')]).toEqual(['True Connected', true]);
  });

  it('S59: keeps the consent of a person while the alias is not used: nobody is asked again, and no token was asked for', async () => {
    const { profile } = aliasManifests(scene);
    await scene.apply(profile({ suspend: true }));
    await pass();
    expect([await has('pagerduty-token'), await has('pagerduty-authorization')]).toEqual([false, true]);
    await scene.apply(profile());
    await pass();
    expect([await ready(), await has('pagerduty-token')]).toEqual(['True Connected', true]);
    expect(scene.tokenCalls('refresh_token')).toBe(0);
  });

  it('deletes the consent, whose refresh token lasts for months, when the alias no longer logs in with one', async () => {
    await edit(app);
    await pass();
    const names = ['pagerduty-authorization', 'pagerduty-redirect', 'pagerduty-token'];
    expect(await Promise.all(names.map(has))).toEqual([false, false, true]);
    expect([await ready(), (await scene.alias()).status?.authorization]).toEqual(['True Connected', undefined]);
  });
});
