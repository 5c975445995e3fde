import { describe, expect, it } from 'vitest';
import { integrationProfileResource, type RefreshResult } from '../../operator/api/integration-profile.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { type Fault, type FaultRule, type Person } from '../pagerduty-simulator/index.ts';
import { expectConverged, keyOf, nameOf, people, scene, set, setRefreshed } from './refresh-company.ts';
import { createProfile, profileName, standingClock, subscriptionWrites, versionsOf } from './refresh-scene.ts';

describe('a refresh that ends early', () => {
  it.each([1, 100, 240])('converges when it is run again after %i writes', async (writes) => {
    await set();
    const stop = new AbortController();
    scene.watcher.onRequest = ({ method }) => {
      if (method === 'POST' && subscriptionWrites(scene).length >= writes) stop.abort();
    };
    const interrupted = await scene.run('subscriptions', { signal: stop.signal, clock: standingClock, concurrency: 4 });
    scene.watcher.onRequest = () => undefined;
    expect(interrupted.exitCode).toBe(1);
    expect(await scene.result('subscriptions')).toMatchObject({ result: 'Failed', reason: 'Interrupted', failureKind: 'Retryable' });
    const { size } = await scene.subscriptions();
    expect(size).toBeGreaterThanOrEqual(writes);
    expect(size).toBeLessThan(250);
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    await expectConverged();
    expect(await scene.result('subscriptions')).toMatchObject({ result: 'Succeeded', created: 250 - size });
  });

  it.each<{ story: string; faults: FaultRule[] }>([
    { story: 'the vendor fails', faults: spoil({ kind: 'status', status: 500 }) },
    { story: 'a page is cut off', faults: spoil({ kind: 'truncate', keepBytes: 900, contentLength: 'kept' }) },
    { story: 'the connection breaks in a page', faults: spoil({ kind: 'truncate', keepBytes: 900, contentLength: 'whole' }) },
    { story: 'a page comes twice', faults: spoil({ kind: 'duplicate-page' }) },
    // The pages after the first, in every pull: the first one told the total before somebody left.
    { story: 'a person is missed between pages', faults: ['100', '200'].flatMap((offset) => spoil({ kind: 'shift', by: 1 }, { offset })) },
    { story: 'a page claims too early to be the last', faults: spoil({ kind: 'wrong-more' }) },
    { story: 'the answer is a web page', faults: spoil({ kind: 'html' }) },
    { story: 'the token is refused', faults: spoil({ kind: 'status', status: 401 }) },
  ])('guard 6: changes nothing when $story, and says so', async ({ faults }) => {
    await setRefreshed();
    const before = versionsOf(await scene.subscriptions());
    const known = await scene.result('subscriptions');
    scene.simulator.state.removeUser(people()[40]!.id);
    for (const fault of faults) scene.simulator.faults.add(fault);
    scene.clock.advance(86_400_000);
    const outcome = await scene.run('subscriptions');
    expect(outcome.exitCode).not.toBe(0);
    expect(subscriptionWrites(scene)).toEqual([]);
    expect(versionsOf(await scene.subscriptions())).toEqual(before);
    const result = await scene.result('subscriptions');
    expect(result).toMatchObject({ result: 'Failed', apiWrites: 0, failureKind: outcome.failure?.kind, ...figuresOf(known) });
    scene.simulator.faults.clear();
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    await expectConverged();
  });
});

describe('a download that is complete and still not believed', () => {
  it('EmptyDownload: changes nothing when the vendor lists nobody', async () => {
    await setRefreshed();
    scene.simulator.state.replace({ users: [] });
    const outcome = await scene.run('subscriptions');
    expect(outcome).toMatchObject({ exitCode: 3, failure: { kind: 'Terminal', reason: 'EmptyDownload' } });
    expect(subscriptionWrites(scene)).toEqual([]);
    expect(await scene.result('subscriptions')).toMatchObject({ reason: 'EmptyDownload', counts: { total: 250 } });
  });

  it('SuspiciousShrink: holds until a person confirms the vendor’s number', async () => {
    await setRefreshed();
    scene.simulator.state.replace({ users: people().slice(0, 100) });
    expect(await scene.run('subscriptions')).toMatchObject({ exitCode: 3, failure: { reason: 'SuspiciousShrink' } });
    expect(subscriptionWrites(scene)).toEqual([]);
    await scene.patchProfile({ metadata: { annotations: { 'saaslicense.dev/accept-shrink': '99' } } });
    expect(await scene.run('subscriptions')).toMatchObject({ exitCode: 3, failure: { reason: 'SuspiciousShrink' } });
    await scene.patchProfile({ metadata: { annotations: { 'saaslicense.dev/accept-shrink': '100' } } });
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    await expectConverged();
  });
});

describe('whom a refresh works for', () => {
  it('writes nothing at all for a profile that was deleted and made anew', async () => {
    await set();
    const { metadata } = await scene.profile();
    await scene.client.delete(integrationProfileResource, { namespace: scene.namespace, name: profileName });
    await createProfile(scene.client, scene.namespace);
    scene.requests.length = 0;
    expect(await scene.run('subscriptions', { profileUid: metadata.uid! })).toEqual({
      exitCode: 3,
      failure: expect.objectContaining({ reason: 'ProfileGone' }) as unknown,
    });
    expect(scene.requests.filter((request) => request.method !== 'GET')).toEqual([]);
    expect(scene.simulator.journal.list()).toEqual([]);
  });

  it('makes anew what an earlier profile of the same name left behind', async () => {
    await set();
    const person = people()[5]!;
    const { kind } = integrationProfileResource;
    const owner = { apiVersion: 'saaslicense.dev/v1alpha1', kind, name: profileName, uid: '00000000-0000-4000-8000-000000000000', controller: true };
    await leave(person, { ownerReferences: [owner] });
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    const { metadata } = await scene.profile();
    const stored = (await scene.subscriptions()).get(person.id);
    expect(stored?.metadata.ownerReferences).toMatchObject([{ uid: metadata.uid }]);
    expect(stored?.spec.displayName).toBe(person.name);
    expect(stored?.status).toBeUndefined();
  });

  it('leaves an object alone that is not its own, and fails with NotOwned', async () => {
    await set();
    const person = people()[5]!;
    await leave(person, {});
    const outcome = await scene.run('subscriptions');
    expect(outcome).toMatchObject({ exitCode: 3, failure: { kind: 'Terminal', reason: 'NotOwned' } });
    expect((await scene.subscriptions()).get(person.id)?.spec.displayName).toBe('Somebody else’s');
    expect((await scene.result('subscriptions'))?.message).not.toContain(nameOf(person.id));
  });

  it('does not call the vendor while the profile or the alias is suspended', async () => {
    await set({ alias: { suspend: true } });
    expect(await scene.run('subscriptions')).toMatchObject({ exitCode: 3, failure: { kind: 'Waiting', reason: 'Suspended' } });
    await scene.patchProfile({ spec: { suspend: true } });
    expect(await scene.run('subscriptions')).toMatchObject({ exitCode: 3, failure: { kind: 'Waiting', reason: 'Suspended' } });
    expect(scene.simulator.journal.list()).toEqual([]);
    expect(await scene.result('subscriptions')).toMatchObject({ result: 'Failed', reason: 'Suspended', vendorRequests: 0 });
  });
});

async function leave(person: Person, metadata: Partial<SoftwareSubscription['metadata']>): Promise<void> {
  await scene.client.create<SoftwareSubscription>(softwareSubscriptionResource, {
    metadata: { ...metadata, ...keyOf(person.id) },
    spec: {
      profileRef: { name: profileName },
      externalUserId: person.id,
      displayName: 'Somebody else’s',
      userPrincipalName: 'x@example.test',
      publisher: 'x',
      product: 'x',
      subscriptionIdentifier: 'x',
      role: 'x',
      roleGroup: 'Unknown',
      invitationPending: false,
    },
  });
}

/** Spoils every page of people after the first, or those with the given query. */
function spoil(fault: Fault, where?: Record<string, string>): FaultRule[] {
  const which = where === undefined ? { skip: 1 } : { where };
  return [{ route: '/users', count: null, fault, ...which }];
}

/** What a failed run keeps of the last success. */
function figuresOf(result: RefreshResult | undefined): Partial<RefreshResult> {
  const { lastSuccessTime, counts, licenses, licenseCount, licenseData } = result ?? {};
  return { lastSuccessTime, counts, licenses, licenseCount, licenseData };
}
