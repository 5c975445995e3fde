import { afterEach, describe, expect, it } from 'vitest';
import { connectionAliasResource } from '../../operator/api/connection-alias.ts';
import { softwareSubscriptionResource } from '../../operator/api/software-subscription.ts';
import { connectionId } from '../../operator/licensing/connection-id.ts';
import type { Provider } from '../../operator/providers/provider.ts';
import { generateCompany, type Person } from '../pagerduty-simulator/index.ts';
import { createAlias, meanwhile, sceneStart, setScene, subscriptionWrites, versionsOf, type Scene, type SceneOptions } from './refresh-scene.ts';

const day = 86_400_000;
const at = (time: number): string => new Date(time).toISOString();
const company = generateCompany({ seed: 11, users: 40, now: sceneStart });
const others = generateCompany({ seed: 12, users: 40, now: sceneStart });

let scene: Scene;

afterEach(async () => {
  await scene.stop();
});

async function set(options: Partial<SceneOptions> = {}): Promise<void> {
  scene = await setScene({ company, ...options });
}

async function setRefreshed(): Promise<void> {
  await set();
  expect((await scene.run('subscriptions')).exitCode).toBe(0);
  expect((await scene.run('activity')).exitCode).toBe(0);
  scene.requests.length = 0;
  scene.simulator.journal.clear();
}

const people = (): readonly Person[] => scene.simulator.state.company.users;
const makeAlias = (name: string, spec = {}) => createAlias(scene.client, { namespace: scene.namespace, name }, { url: scene.simulator.url, spec });
const useAlias = (name: string) => scene.patchProfile({ spec: { connectionAliasRef: { name } } });

async function expectChanged(process: 'subscriptions' | 'activity', change: Parameters<Scene['run']>[1]): Promise<void> {
  const before = versionsOf(await scene.subscriptions());
  expect(await scene.run(process, change)).toMatchObject({ exitCode: 3, failure: { kind: 'Waiting', reason: 'ConnectionChanged' } });
  expect(versionsOf(await scene.subscriptions())).toEqual(before);
}

describe('S77, S78, L27: an alias that takes from its parents', () => {
  const child = { parentAliasRef: { name: 'regional' }, apiToken: undefined, pagerduty: undefined };

  it('is refreshed with what the parents say', async () => {
    await set({ alias: child });
    const endpoints = { api: scene.simulator.url, identity: scene.simulator.url, app: scene.simulator.url };
    await makeAlias('company', { pagerduty: { subdomain: 'acme-example', endpoints: { api: 'https://nowhere.example' } } });
    await makeAlias('regional', { parentAliasRef: { name: 'company' }, pagerduty: { subdomain: 'acme-example', endpoints } });
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect((await scene.subscriptions()).size).toBe(40);
  });

  it.each([
    { story: 'a parent that is not there', parent: undefined, failure: { kind: 'Waiting', reason: 'ParentAliasMissing' } },
    { story: 'a loop', parent: { parentAliasRef: { name: 'pagerduty' } }, failure: { kind: 'Terminal', reason: 'ParentAliasLoop' } },
    { story: 'a parent that is suspended', parent: { suspend: true }, failure: { kind: 'Waiting', reason: 'Suspended' } },
  ])('calls no vendor with $story', async ({ parent, failure }) => {
    await set({ alias: child });
    if (parent !== undefined) await makeAlias('regional', parent);
    expect(await scene.run('subscriptions')).toMatchObject({ exitCode: 3, failure });
    expect(scene.simulator.journal.list()).toEqual([]);
    expect((await scene.result('subscriptions'))?.reason).toBe(failure.reason);
  });
});

describe('an API token that was replaced by one of another account (guard 6)', () => {
  /** Where nobody was ever on call. */
  const empty = (real: Provider): Provider => ({
    ...real,
    async *activity(pulls) {
      for (const { signal, window } of pulls) yield Promise.resolve({ kind: 'SignalEnd' as const, signal, outcome: { kind: 'Complete' as const, until: window.to } });
    },
  });

  it('proves nobody inactive: activity waits for the subscriptions, whose download refuses strangers', async () => {
    await setRefreshed();
    const before = (await scene.result('activity'))?.activityWindow;
    scene.clock.advance(day);
    const issuedAt = at(scene.clock.now());
    scene.clock.advance(1000);
    expect(await scene.run('activity', { issuedAt, provider: empty })).toMatchObject({ exitCode: 3, failure: { kind: 'Waiting', reason: 'SubscriptionsNotDownloaded' } });
    expect((await scene.result('activity'))?.activityWindow).toEqual(before);
    expect((await scene.run('subscriptions', { issuedAt })).exitCode).toBe(0);
    expect((await scene.run('activity', { issuedAt })).exitCode).toBe(0);
  });
});

describe('the connection of a job', () => {
  it('is the one that its token was mounted for, or nothing is called', async () => {
    await set();
    const { metadata, spec } = (await scene.client.get<Awaited<ReturnType<typeof makeAlias>>>(connectionAliasResource, { namespace: scene.namespace, name: 'pagerduty' }))!;
    const id = connectionId({ type: 'PagerDuty', aliasUid: metadata.uid!, settings: spec['pagerduty'] });
    await expectChanged('subscriptions', { connectionId: 'another' });
    expect(scene.simulator.journal.list()).toEqual([]);
    expect((await scene.run('subscriptions', { connectionId: id })).exitCode).toBe(0);
    expect((await scene.result('subscriptions'))?.connection).toBe(id);
  });

  it.each(['subscriptions', 'activity'] as const)('of %s is looked at again before the first write', async (process) => {
    await setRefreshed();
    await makeAlias('other');
    scene.clock.advance(day);
    scene.simulator.state.updateUser(people()[3]!.id, { name: 'Renamed Person' });
    await expectChanged(process, { provider: meanwhile(() => useAlias('other')) });
    expect(await scene.result(process)).toMatchObject({ result: 'Failed', reason: 'ConnectionChanged', counts: { total: 40 } });
  });

  it('is another one when the alias is pointed at another account in the middle', async () => {
    await setRefreshed();
    const repoint = () => scene.client.mergePatch(connectionAliasResource, { namespace: scene.namespace, name: 'pagerduty' }, { spec: { pagerduty: { subdomain: 'other' } } });
    await expectChanged('activity', { provider: meanwhile(repoint) });
  });

  it.each([
    { story: 'suspended', spec: { suspend: true }, reason: 'Suspended' },
    { story: 'no longer to pull activity', spec: { downloadActivity: false }, reason: 'ActivityNotEnabled' },
  ])('writes nothing when the profile is $story in the middle', async ({ spec, reason }) => {
    await setRefreshed();
    scene.clock.advance(day);
    const outcome = await scene.run('activity', { provider: meanwhile(() => scene.patchProfile({ spec })) });
    expect(outcome).toMatchObject({ exitCode: 3, failure: { reason } });
    expect(subscriptionWrites(scene)).toEqual([]);
  });
});

describe('guard 6: activity after the connection changed', () => {
  it('L19: waits until the subscriptions were downloaded through it', async () => {
    await setRefreshed();
    await makeAlias('other');
    await useAlias('other');
    expect(await scene.run('activity')).toMatchObject({ exitCode: 3, failure: { kind: 'Waiting', reason: 'SubscriptionsNotDownloaded' } });
    expect(scene.simulator.journal.list()).toEqual([]);
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect((await scene.run('activity')).exitCode).toBe(0);
  });

  it('goes on with no evidence of the one before', async () => {
    await setRefreshed();
    const window = (await scene.result('activity'))?.activityWindow;
    expect(window?.from).toBe(at(sceneStart - 60 * day));
    scene.clock.advance(10 * day);
    await makeAlias('other');
    await useAlias('other');
    await scene.run('subscriptions');
    expect((await scene.run('activity')).exitCode).toBe(0);
    const start = at(sceneStart - 50 * day);
    expect(await scene.result('activity')).toMatchObject({ activityWindow: { from: start }, signals: [{ name: 'OnCall', from: start }] });
    const watched = [...(await scene.subscriptions()).values()].flatMap(({ status }) => status?.evidenceFrom ?? []);
    expect(new Set(watched)).toEqual(new Set([start]));
  });

  it.each(['subscriptions', 'activity'] as const)('a first run of %s that is killed half-way leaves nothing that passes for whole', async (process) => {
    await setRefreshed();
    await makeAlias('other');
    await useAlias('other');
    if (process === 'activity') await scene.run('subscriptions');
    scene.clock.advance(10 * day);
    scene.simulator.state.replace({ users: people().map((person) => ({ ...person, name: `New ${person.name}` })) });
    const dead = deadAfter(5);
    expect((await scene.run(process, { client: dead })).exitCode).toBe(1);
    await useAlias('pagerduty');
    const result = await scene.result(process);
    expect(result).toMatchObject({ result: 'Failed', reason: 'ConnectionChanged' });
    for (const key of ['connection', 'counts', 'lastSuccessTime', 'signals'] as const) expect(result).not.toHaveProperty(key);
    if (process === 'subscriptions') expect(await scene.run('activity')).toMatchObject({ failure: { reason: 'SubscriptionsNotDownloaded' } });
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect((await scene.run('activity')).exitCode).toBe(0);
    expect(await scene.result(process)).toMatchObject({ result: 'Succeeded', counts: { total: 40 } });
  });

  it('PeopleNotKnown: is refused when the active people are not those of the subscriptions', async () => {
    await setRefreshed();
    const before = await scene.result('activity');
    scene.simulator.state.replace({ ...others, subdomain: company.subdomain });
    scene.clock.advance(day);
    expect(await scene.run('activity')).toMatchObject({ exitCode: 3, failure: { kind: 'Terminal', reason: 'PeopleNotKnown' } });
    expect(subscriptionWrites(scene)).toEqual([]);
    const after = await scene.result('activity');
    expect(after).toMatchObject({ result: 'Failed', activityWindow: before?.activityWindow, signals: before?.signals });
    const [, unknown] = /accept-unknown-people: "(\d+)"/.exec(after?.message ?? '') ?? [];
    await scene.patchProfile({ metadata: { annotations: { 'saaslicense.dev/accept-unknown-people': unknown } } });
    expect((await scene.run('activity')).exitCode).toBe(0);
  });

  /** The scene's client until so many subscriptions were written; then nothing goes through any more, as after a kill. */
  function deadAfter(count: number): typeof scene.client {
    let written = 0;
    const refuse = () => Promise.reject(new Error('killed'));
    const guarded =
      (verb: 'create' | 'apply' | 'mergePatch' | 'delete') =>
      async (...call: readonly unknown[]): Promise<unknown> => {
        if (written >= count) return refuse();
        if ((call[0] as { plural: string }).plural === softwareSubscriptionResource.plural) written += 1;
        return (scene.client[verb] as (...args: readonly unknown[]) => Promise<unknown>)(...call);
      };
    return {
      ...scene.client,
      get: (...call) => (written >= count ? refuse() : scene.client.get(...call)),
      create: guarded('create'),
      apply: guarded('apply'),
      mergePatch: guarded('mergePatch'),
      delete: guarded('delete'),
    } as typeof scene.client;
  }
});
