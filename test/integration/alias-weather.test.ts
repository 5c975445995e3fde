import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionAlias } from '../../operator/api/connection-alias.ts';
import { expectNoWrites } from './quiet.ts';
import { conditionOf, isSettled, manifests, openStory, type Story } from './story.ts';

/** Each story spoils the alias or its Secret; it ends in a condition that says what to do, and converges by itself when the cause goes. */
describe('an alias in bad weather', () => {
  let story: Story;

  beforeAll(async () => {
    story = await openStory('alias-weather', { users: 15 });
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
  });

  afterAll(async () => {
    await story.close();
  });

  const patch = (spec: object) => story.kubectl(['patch', 'connalias', 'pagerduty', '--type=merge', '-p', JSON.stringify({ spec })]);
  const messageOf = (alias: ConnectionAlias, type: string) => alias.status?.conditions?.find((condition) => condition.type === type)?.message ?? '';
  const isConnected = (alias: ConnectionAlias) => alias.status?.observedGeneration === alias.metadata.generation && conditionOf(alias, 'Ready') === 'True Connected';
  const clientSecretRef = { name: 'pagerduty-app' };
  const consent = (redirectURL: string) => ({ appToken: null, oauth: { type: 'Scoped', redirectURL, clientSecretRef } });

  it.each([
    ['S21: a redirect over plain http', consent('http://licenses.example.com/oauth_redirect.do'), 'spec.oauth.redirectURL'],
    ['S21: a redirect to another page', consent('https://licenses.example.com/callback'), 'spec.oauth.redirectURL'],
    ['two forms of login', { apiToken: { secretRef: { name: 'key' } } }, 'at most one of appToken, oauth, apiToken may be set'],
    ['no form of login', { appToken: null }, 'one of appToken, oauth, apiToken must be set'],
    ['S31: a type that no provider has', { type: 'Other' }, 'Unsupported value: "Other"'],
    ['plain http to the vendor', { pagerduty: { endpoints: { api: 'http://api.example.com' } } }, 'spec.pagerduty.endpoints.api'],
  ])('the API server refuses %s, and nothing changes', async (_story, spec, text) => {
    const before = await story.untilAlias(isConnected, 'connected');
    await expect(patch(spec)).rejects.toThrow(text);
    const after = await story.untilAlias(() => true, 'there');
    expect([after.metadata.generation, after.spec]).toEqual([before.metadata.generation, before.spec]);
  });

  const spoilt: readonly (readonly [story: string, spoil: () => Promise<unknown>, reason: string, hint: string])[] = [
    ['a Secret that is missing', () => story.kubectl(['delete', 'secret', 'pagerduty-app']), 'SecretMissing', 'Secret pagerduty-app is not in this namespace'],
    ['a Secret without a key', () => patchSecret({ clientSecret: null }), 'SecretKeyMissing', 'no value under clientSecret'],
    ['a Secret that is empty', () => patchSecret({ clientId: '', clientSecret: '' }), 'SecretKeyMissing', 'no value under clientId and clientSecret'],
    ['a Secret with a line break and nothing else', () => patchSecret({ clientSecret: Buffer.from('\n').toString('base64') }), 'SecretKeyMissing', 'no value under clientSecret'],
  ];
  const patchSecret = (data: object) => story.kubectl(['patch', 'secret', 'pagerduty-app', '--type=merge', '-p', JSON.stringify({ data })]);

  it.each(spoilt)('S24: %s is told, keeps the token and all that was downloaded, and is forgotten once it is mended', async (...row) => {
    const [, spoil, reason, hint] = row;
    const people = await story.subscriptions();
    const token = await story.get<{ data: object }>('secret', 'pagerduty-token');
    await spoil();
    const waiting = await story.untilAlias((alias) => conditionOf(alias, 'CredentialsReady') === `False ${reason}`, reason);
    expect(messageOf(waiting, 'CredentialsReady')).toContain(hint);
    expect(conditionOf(waiting, 'Reconciling')).toBe(`True ${reason}`);
    await story.untilProfile((profile) => conditionOf(profile, 'ConnectionReady') === 'False ConnectionNotReady', 'told');
    await expectNoWrites(story);
    expect((await story.get<{ data: object }>('secret', 'pagerduty-token'))?.data).toEqual(token?.data);
    await story.apply(manifests(story).secret());
    await story.untilAlias(isConnected, 'connected');
    await story.untilProfile((profile) => isSettled(profile) && conditionOf(profile, 'ConnectionReady') === 'True ConnectionReady', 'settled');
    expect((await story.subscriptions()).map((each) => each.metadata.resourceVersion)).toEqual(people.map((each) => each.metadata.resourceVersion));
    await expectNoWrites(story);
  });

  it('S24: a Secret whose values end in a line break works as it is', async () => {
    const before = await story.untilAlias(isConnected, 'connected');
    const secret = manifests(story).secret(`${story.canary}\r\n`);
    await story.apply({ ...secret, stringData: { ...secret.stringData, clientId: `${secret.stringData.clientId}\n` } });
    const after = await story.untilAlias((alias) => isConnected(alias) && alias.status?.token?.credentialHash !== before.status?.token?.credentialHash, 'a token by the new Secret');
    expect(after.status?.lastFailure).toBeUndefined();
    await story.untilProfile(isSettled, 'settled');
    await expectNoWrites(story);
  });
});
