import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionAlias } from '../../operator/api/connection-alias.ts';
import { conditionOf, manifests, openStory, type Story } from './story.ts';

describe('child aliases, and an alias that reclaims, on a real API server', () => {
  let story: Story;

  beforeAll(async () => {
    story = await openStory('child-aliases');
    story.simulator.apps.register({ clientId: 'child-client', clientSecret: 'child-secret', scopes: ['users.read', 'oncalls.read'] });
  });

  afterAll(async () => {
    await story.close();
  });

  const aliasNamed = (name: string, spec: object): object => ({
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'ConnectionAlias',
    metadata: { name, namespace: story.namespace },
    spec: { type: 'PagerDuty', ...spec },
  });
  const profileFor = (name: string, spec: object = {}): object => ({
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'IntegrationProfile',
    metadata: { name, namespace: story.namespace },
    spec: { type: 'PagerDuty', displayName: name, connectionAliasRef: { name }, reclaimSubscriptions: false, ...spec },
  });
  const untilReady = (name: string): Promise<ConnectionAlias> => story.until<ConnectionAlias>('connalias', name, (alias) => conditionOf(alias, 'Ready') === 'True Connected', 'Ready');
  const tokenOf = async (name: string): Promise<string> => (await story.get<{ data: { token: string } }>('secret', `${name}-token`))?.data.token ?? '';
  const patchAlias = (name: string, spec: object): Promise<string> => story.kubectl(['patch', 'connalias', name, '--type=merge', '-p', JSON.stringify({ spec })]);

  it('L27, S77: a child waits for its parent and says so', async () => {
    await story.apply(aliasNamed('first', { parentAliasRef: { name: 'pagerduty' } }), profileFor('first'));
    const alias = await story.until<ConnectionAlias>('connalias', 'first', (object) => conditionOf(object, 'CredentialsReady') === 'False ParentAliasMissing', 'ParentAliasMissing');
    expect(conditionOf(alias, 'Reconciling')).toBe('True ParentAliasMissing');
  });

  it('S77, S78: what a child leaves out comes from its parent, at once, and its token is its own', async () => {
    const { secret, alias } = manifests(story);
    await story.apply(secret(), alias());
    const child = await untilReady('first');
    expect(child.status?.account).toBe('acme (US)');
    const childSecret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'child-app', namespace: story.namespace }, stringData: { clientId: 'child-client', clientSecret: 'child-secret' } };
    await story.apply(childSecret, aliasNamed('second', { parentAliasRef: { name: 'pagerduty' }, appToken: { clientSecretRef: { name: 'child-app' } } }), profileFor('second'));
    await untilReady('second');
    expect(await tokenOf('first')).not.toBe('');
    expect(await tokenOf('second')).not.toBe(await tokenOf('first'));
    // Nobody uses the parent itself.
    const parent = await story.untilAlias((object) => conditionOf(object, 'Ready') === 'True NotUsed', 'NotUsed');
    expect(parent.status?.token).toBeUndefined();
    expect(await tokenOf('pagerduty')).toBe('');
  });

  it('S78: a changed Secret of the parent reaches the child that takes it from there, and only that one', async () => {
    const [first, second] = [await tokenOf('first'), await tokenOf('second')];
    await story.kubectl(['annotate', 'secret', 'pagerduty-app', 'example.com/touched=1']);
    await story.until<{ data: { token: string } }>('secret', 'first-token', (secret) => secret.data.token !== first, 'a new token');
    expect(await tokenOf('second')).toBe(second);
  });

  it('S77: suspending the parent suspends its children; their tokens go and come back', async () => {
    await patchAlias('pagerduty', { suspend: true });
    await story.until<ConnectionAlias>('connalias', 'first', (alias) => conditionOf(alias, 'Suspended') === 'True Suspended', 'suspended');
    // A token younger than half a minute is kept for the rest of it, so that nobody can have the vendor asked for a stream of tokens.
    await expect.poll(async () => tokenOf('first'), { timeout: 40_000, interval: 500 }).toBe('');
    await patchAlias('pagerduty', { suspend: false });
    await untilReady('first');
    expect(await tokenOf('first')).not.toBe('');
  });

  it('a loop of parents is told, and ends when it is taken away', async () => {
    await story.apply(aliasNamed('third', { parentAliasRef: { name: 'fourth' } }), aliasNamed('fourth', { parentAliasRef: { name: 'third' } }));
    const alias = await story.until<ConnectionAlias>('connalias', 'third', (object) => conditionOf(object, 'Stalled') === 'True ParentAliasLoop', 'ParentAliasLoop');
    expect(conditionOf(alias, 'CredentialsReady')).toBe('False ParentAliasLoop');
    await patchAlias('fourth', { parentAliasRef: { name: 'pagerduty' } });
    await story.until<ConnectionAlias>('connalias', 'third', (object) => conditionOf(object, 'CredentialsReady') === 'True SecretRead', 'no loop any more');
  });

  it('C30, S2: an alias that reclaims has the right to write, and the everyday alias needs none', async () => {
    await story.apply(aliasNamed('writer', { parentAliasRef: { name: 'pagerduty' } }));
    await story.kubectl(['patch', 'intprof', 'first', '--type=merge', '-p', '{"spec":{"reclaimSubscriptions":true}}']);
    await story.until<ConnectionAlias>('connalias', 'first', (alias) => alias.status?.requiredScopes?.includes('users.write') === true, 'users.write required');
    await story.kubectl(['patch', 'intprof', 'first', '--type=merge', '-p', '{"spec":{"reclaimAliasRef":{"name":"writer"}}}']);
    const everyday = await story.until<ConnectionAlias>('connalias', 'first', (alias) => alias.status?.requiredScopes?.includes('users.write') === false, 'read only again');
    expect(everyday.status?.requiredScopes).toEqual(['oncalls.read', 'users.read']);
    const writer = await untilReady('writer');
    expect(writer.status?.requiredScopes).toEqual(['users.write']);
    // And what the checks before a reclaim read, as far as the app may have it (guard 3).
    expect(writer.status?.grantedScopes).toEqual(['licenses.read', 'oncalls.read', 'teams.read', 'users.read', 'users.write']);
    await untilReady('first');
  });

  it('names that lead astray, or that no Secret could be named after, are refused by the API server', async () => {
    const stray = story.apply(aliasNamed('stray', { parentAliasRef: { name: '../pagerduty' } }));
    await expect(stray).rejects.toThrow(/spec\.parentAliasRef\.name/);
    const straySecret = story.apply(aliasNamed('stray', { pagerduty: { subdomain: 'acme', region: 'US' }, appToken: { clientSecretRef: { name: 'a/../b' } } }));
    await expect(straySecret).rejects.toThrow(/clientSecretRef\.name/);
    const long = story.apply(aliasNamed('a'.repeat(240), { parentAliasRef: { name: 'pagerduty' } }));
    await expect(long).rejects.toThrow(/at most 239 characters/);
    await story.apply(aliasNamed('a'.repeat(239), { parentAliasRef: { name: 'pagerduty' } }));
  });
});
