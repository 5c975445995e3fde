import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../operator/api/clock.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { systemClock } from '../../operator/api/system-clock.ts';
import { subscriptionName } from '../../operator/licensing/subscription-name.ts';
import type { Provider } from '../../operator/providers/provider.ts';
import { runRefreshCommand } from '../../operator/refresh/refresh-command.ts';
import { generateCompany, type Person } from '../pagerduty-simulator/index.ts';
import { attachControlPlane } from './control-plane-handle.ts';
import { createProfile, meanwhile, profileName, sceneStart, setScene, type Scene } from './refresh-scene.ts';

const day = 86_400_000;
const at = (time: number): string => new Date(time).toISOString();
const company = generateCompany({ seed: 11, users: 40, now: sceneStart });

let scene: Scene;

afterEach(async () => {
  await scene.stop();
});

async function setRefreshed(): Promise<void> {
  scene = await setScene({ company });
  expect((await scene.run('subscriptions')).exitCode).toBe(0);
  expect((await scene.run('activity')).exitCode).toBe(0);
  scene.requests.length = 0;
  scene.simulator.journal.clear();
}

const people = (): readonly Person[] => scene.simulator.state.company.users;
const keyOf = (person: Person) => ({ namespace: scene.namespace, name: subscriptionName(profileName, person.id) });
const deleteProfile = () => scene.client.delete(integrationProfileResource, { namespace: scene.namespace, name: profileName });
const writes = () => scene.requests.filter(({ method }) => method !== 'GET');

describe('a profile that is made anew while an old job runs', () => {
  it('ProfileGone: the old run writes nothing', async () => {
    await setRefreshed();
    const anew = async () => {
      await deleteProfile();
      await createProfile(scene.client, scene.namespace);
      scene.requests.length = 0;
    };
    scene.simulator.state.updateUser(people()[3]!.id, { name: 'Renamed Person' });
    expect(await scene.run('subscriptions', { provider: meanwhile(anew) })).toMatchObject({ exitCode: 3, failure: { reason: 'ProfileGone' } });
    expect(writes()).toEqual([]);
  });

  it('guard 6: the old run deletes no subscription of the new profile', async () => {
    scene = await setScene({ company });
    const old = await scene.profile();
    let fresh: IntegrationProfile | undefined;
    // After the old run looked for the last time and before it meets the new profile's subscriptions.
    const client = {
      ...scene.client,
      create: async (...call: Parameters<typeof scene.client.create>) => {
        if (fresh === undefined) {
          await deleteProfile();
          fresh = await createProfile(scene.client, scene.namespace);
          expect((await scene.run('subscriptions', { profileUid: fresh.metadata.uid! })).exitCode).toBe(0);
        }
        return scene.client.create(...call);
      },
    } as typeof scene.client;
    expect(await scene.run('subscriptions', { client, profileUid: old.metadata.uid!, concurrency: 1 })).toMatchObject({ exitCode: 3, failure: { reason: 'ProfileGone' } });
    const stored = [...(await scene.subscriptions()).values()];
    expect(stored).toHaveLength(40);
    for (const { metadata } of stored) expect(metadata.ownerReferences?.[0]?.uid).toBe(fresh?.metadata.uid);
  });
});

describe('runs beside each other', () => {
  it('guard 6: somebody whom another run found after this one began is not deleted', async () => {
    await setRefreshed();
    const newcomer: Person = { ...people()[5]!, id: 'PNEWONE', email: 'new.person@example.test' };
    // This run's list of what is stored is read after the other run has written.
    const listed = Promise.withResolvers<void>();
    let lists = 0;
    const client = {
      ...scene.client,
      async *pages(...call: Parameters<typeof scene.client.pages>) {
        lists += 1;
        await listed.promise;
        yield* scene.client.pages(...call);
      },
    } as typeof scene.client;
    const provider = (real: Provider): Provider => ({
      ...real,
      async *download(session) {
        yield* real.download(session);
        scene.simulator.state.addUser(newcomer);
        expect((await scene.run('subscriptions')).exitCode).toBe(0);
        listed.resolve();
      },
    });
    expect((await scene.run('subscriptions', { client, provider })).exitCode).toBe(0);
    expect(lists).toBe(1);
    expect((await scene.subscriptions()).has(newcomer.id)).toBe(true);
    scene.simulator.state.removeUser(newcomer.id);
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect((await scene.subscriptions()).has(newcomer.id)).toBe(false);
  });

  it('a failure writes no older figures over a success that came in between', async () => {
    await setRefreshed();
    const provider = meanwhile(async () => {
      scene.simulator.state.addUser({ ...people()[5]!, id: 'PNEWONE', email: 'new.person@example.test' });
      expect((await scene.run('subscriptions')).exitCode).toBe(0);
      throw new Error('a defect');
    });
    expect((await scene.run('subscriptions', { provider })).exitCode).toBe(1);
    expect(await scene.result('subscriptions')).toMatchObject({ result: 'Failed', reason: 'InternalError', counts: { total: 41 } });
  });
});

describe('a subscription whose label was taken away', () => {
  it('guard 6: comes back without the evidence of the time in which nobody looked', async () => {
    await setRefreshed();
    const never = [...(await scene.subscriptions()).values()].filter(({ status }) => status?.activity === 'Never');
    const person = people().find(({ id }) => id === never[0]?.spec.externalUserId)!;
    await scene.client.mergePatch(softwareSubscriptionResource, keyOf(person), { metadata: { labels: { 'saaslicense.dev/profile': null } } });
    scene.clock.advance(5 * day);
    await scene.run('activity');
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    const back = await scene.client.get<SoftwareSubscription>(softwareSubscriptionResource, keyOf(person));
    expect(back?.metadata.labels?.['saaslicense.dev/profile']).toBe(profileName);
    expect(back?.status).toEqual({ activity: 'Unknown' });
    await scene.run('activity');
    const after = await scene.client.get<SoftwareSubscription>(softwareSubscriptionResource, keyOf(person));
    expect(Date.parse(after?.status?.evidenceFrom ?? '')).toBeGreaterThan(sceneStart + 4 * day);
  });
});

describe('guard 6: a clock that is wrong', () => {
  it.each([
    // The success that is on record was then written by the same clock: it must not count as fresh (C11).
    { story: 'ahead', serverAheadMs: -3 * day, lastSuccessTime: undefined },
    { story: 'behind', serverAheadMs: 3 * day, lastSuccessTime: at(sceneStart) },
  ])('ClockSkew: three days $story, pulls nothing and leaves a result of the API server’s time', async ({ serverAheadMs, lastSuccessTime }) => {
    await setRefreshed();
    const before = await scene.result('activity');
    expect(await scene.run('activity', { serverAheadMs })).toMatchObject({ exitCode: 1, failure: { kind: 'Retryable', reason: 'ClockSkew' } });
    expect(scene.simulator.journal.list()).toEqual([]);
    const after = await scene.result('activity');
    expect(after).toMatchObject({ result: 'Failed', activityWindow: before?.activityWindow });
    expect(after?.lastSuccessTime).toBe(lastSuccessTime);
    expect(after?.completionTime).toBe(at(scene.clock.now() + serverAheadMs));
    expect((await scene.run('activity')).exitCode).toBe(0);
  });

  it.each([3 * day, -3 * day])('ClockSkew: is told by the API server’s own answers, %i ms off', async (off) => {
    scene = await setScene({ company });
    const { kubeconfig } = await attachControlPlane();
    const { uid = '' } = (await scene.profile()).metadata;
    const argv = ['subscriptions', `--namespace=${scene.namespace}`, `--profile=${profileName}`, `--profile-uid=${uid}`, '--token-directory=/nowhere', `--kubeconfig=${kubeconfig}`];
    const clock: Clock = { now: () => systemClock.now() + off, sleep: (ms, signal) => systemClock.sleep(ms, signal) };
    expect(await runRefreshCommand(argv, { LOG_LEVEL: 'error' }, { clock })).toBe(1);
    const result = await scene.result('subscriptions');
    expect(result?.reason).toBe('ClockSkew');
    expect(Math.abs(Date.parse(result?.completionTime ?? '') - systemClock.now())).toBeLessThan(60_000);
  });

  it('a window that ends in the future is pulled again from its start', async () => {
    await setRefreshed();
    const refresh = (await scene.profile()).status!.refresh!;
    const signals = refresh.activity!.signals!.map((signal) => ({ ...signal, to: at(sceneStart + 9 * day) }));
    await scene.client.mergePatch(integrationProfileResource, { namespace: scene.namespace, name: profileName }, { status: { refresh: { activity: { signals } } } }, { subresource: 'status' });
    scene.clock.advance(5 * day);
    expect((await scene.run('activity')).exitCode).toBe(0);
    const since = scene.simulator.journal.list({ route: '/oncalls' })[0]?.query.find(([name]) => name === 'since')?.[1];
    expect(since).toBe('2026-09-25T09:00:00Z');
    expect((await scene.result('activity'))?.signals?.[0]?.to).toBe(at(scene.clock.now()));
  });
});
