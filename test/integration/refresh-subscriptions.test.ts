import { describe, expect, it } from 'vitest';
import { softwareSubscriptionResource } from '../../operator/api/software-subscription.ts';
import { company, expectConverged, keyOf, nameOf, people, scene, set, setRefreshed } from './refresh-company.ts';
import { expectSuccess, profileName, subscriptionWrites, versionsOf } from './refresh-scene.ts';

describe('first refresh of subscriptions', () => {
  it('S75: makes one subscription for each person, owned by the profile, and says so', async () => {
    await set();
    const outcome = await scene.run('subscriptions');
    expect(outcome.exitCode).toBe(0);
    await expectConverged();
    const { metadata } = await scene.profile();
    const person = people()[17]!;
    const stored = (await scene.subscriptions()).get(person.id)!;
    const license = company.licenses.find((one) => one.id === person.licenseId)!;
    expect(stored.metadata).toMatchObject({
      name: nameOf(person.id),
      labels: { 'saaslicense.dev/profile': profileName, 'app.kubernetes.io/managed-by': 'saas-license-operator' },
      ownerReferences: [{ kind: 'IntegrationProfile', name: profileName, uid: metadata.uid, controller: true }],
    });
    expect(stored.spec).toMatchObject({
      profileRef: { name: profileName },
      displayName: person.name,
      userPrincipalName: person.email,
      publisher: 'PagerDuty',
      product: 'PagerDuty',
      edition: license.name,
      subscriptionIdentifier: license.id,
      role: person.role,
      roleGroup: license.roleGroup,
      invitationPending: person.invitationSent,
      assignedAt: new Date(person.allocatedAt).toISOString(),
    });
    expect(stored.status).toBeUndefined();
  });

  it('C17, C20, S76: records counts, seats, requests and times in the profile', async () => {
    await set();
    const outcome = await scene.run('subscriptions');
    const result = await scene.result('subscriptions');
    expect(outcome.result).toEqual(result);
    const pending = people().filter((person) => person.invitationSent).length;
    expect(pending).toBeGreaterThan(0);
    expect(result).toMatchObject({
      result: 'Succeeded',
      job: 'job-1',
      trigger: 'Schedule',
      lastSuccessTime: '2026-11-24T09:00:00.000Z',
      created: 250,
      updated: 0,
      deleted: 0,
      apiWrites: 250,
      counts: { total: 250, recorded: 0, never: 0, unknown: 250, pendingInvitation: pending },
      licenseCount: company.licenses.length,
      licenseData: { available: true },
    });
    expect(result?.vendorRequests).toBe(scene.simulator.journal.list().length);
    expect(scene.simulator.journal.writes()).toEqual([]);
    const [first] = result?.licenses ?? [];
    const holders = people().filter((person) => person.licenseId === first?.identifier).length;
    expect(first).toMatchObject({ subscriptions: holders, assigned: holders, unlimited: false });
    expect(result?.licenses?.some((license) => license.unlimited === true)).toBe(true);
  });

  it('T6: takes role groups where the token may not read licences, and says so', async () => {
    await set();
    const observer = people().find((person) => person.role === 'observer')!;
    const expiresAt = scene.clock.now() + 3_600_000;
    const token = scene.simulator.credentials.grantUser({ userId: observer.id, scopes: ['users.read', 'licenses.read'], expiresAt });
    expect((await scene.run('subscriptions', { token, scheme: 'Bearer' })).exitCode).toBe(0);
    const stored = [...(await scene.subscriptions()).values()];
    expect(stored).toHaveLength(250);
    expect(new Set(stored.map((one) => one.spec.subscriptionIdentifier))).toEqual(new Set(['FullUser', 'Stakeholder']));
    expect(stored.every((one) => one.spec.subscriptionIdentifier === one.spec.roleGroup && one.spec.edition === undefined)).toBe(true);
    expect((await scene.result('subscriptions'))?.licenseData).toMatchObject({ available: false });
  });

  it('guard 7: puts no token anywhere, and e-mail addresses only in subscriptions', async () => {
    await set();
    await scene.run('subscriptions');
    const told = JSON.stringify(await scene.profile()) + scene.log.join('');
    expect(told).not.toContain('canary');
    for (const person of people()) expect(told).not.toContain(person.email);
  });

  it('gives two runs at the same time one subscription for each person', async () => {
    await set();
    const outcomes = await Promise.all([scene.run('subscriptions'), scene.run('subscriptions')]);
    expect(outcomes.map((outcome) => outcome.exitCode)).toEqual([0, 0]);
    await expectConverged();
    expect((await scene.subscriptions()).size).toBe(250);
  });
});

describe('next refresh of subscriptions', () => {
  it('writes nothing when nothing changed', async () => {
    await setRefreshed();
    const before = versionsOf(await scene.subscriptions());
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect(subscriptionWrites(scene)).toEqual([]);
    expect(versionsOf(await scene.subscriptions())).toEqual(before);
    expect(await scene.result('subscriptions')).toMatchObject({ apiWrites: 0, created: 0, updated: 0, deleted: 0, counts: { total: 250 } });
  });

  it('guard 9: says since when a seat is another person’s, once, with what else changed', async () => {
    await setRefreshed();
    const before = await scene.subscriptions();
    const [former, renamed, respelled] = [people()[20]!, people()[21]!, people()[22]!];
    scene.simulator.state.updateUser(former.id, { name: 'New Person', email: 'new.person@acme-example.test' });
    scene.simulator.state.updateUser(renamed.id, { name: 'Renamed Person' });
    scene.simulator.state.updateUser(respelled.id, { email: respelled.email.toUpperCase() });
    scene.clock.advance(3_600_000);
    const earliest = scene.clock.now();
    await expectSuccess(scene, 'subscriptions');
    expect(subscriptionWrites(scene)).toEqual(['PATCH', 'PATCH', 'PATCH']);
    const after = await scene.subscriptions();
    const { personSince, ...handedOver } = after.get(former.id)!.spec;
    expect(handedOver).toEqual({ ...before.get(former.id)?.spec, displayName: 'New Person', userPrincipalName: 'new.person@acme-example.test' });
    expect(Date.parse(personSince ?? '')).toBeGreaterThanOrEqual(earliest);
    expect(Date.parse(personSince ?? '')).toBeLessThanOrEqual(scene.clock.now());
    expect(after.get(renamed.id)?.spec).toEqual({ ...before.get(renamed.id)?.spec, displayName: 'Renamed Person' });
    expect(after.get(respelled.id)?.spec).toEqual({ ...before.get(respelled.id)?.spec, userPrincipalName: respelled.email.toUpperCase() });

    scene.requests.length = 0;
    scene.clock.advance(3_600_000);
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect(subscriptionWrites(scene)).toEqual([]);
    scene.simulator.state.updateUser(former.id, { role: 'observer' });
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect((await scene.subscriptions()).get(former.id)?.spec).toMatchObject({ role: 'observer', personSince });
  });

  it('writes only the fields of those who changed, and removes a field that is gone', async () => {
    await setRefreshed();
    const before = await scene.subscriptions();
    const renamed = people()[20]!;
    const promoted = people().find((person) => person.role === 'limited_user' && person.jobTitle !== null && person.id !== renamed.id)!;
    scene.simulator.state.updateUser(renamed.id, { name: 'Renamed Person' });
    scene.simulator.state.updateUser(promoted.id, { role: 'user', jobTitle: null });
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect(subscriptionWrites(scene)).toEqual(['PATCH', 'PATCH']);
    const after = await scene.subscriptions();
    expect(after.get(renamed.id)?.spec).toEqual({ ...before.get(renamed.id)?.spec, displayName: 'Renamed Person' });
    const { jobTitle, ...rest } = before.get(promoted.id)!.spec;
    expect(jobTitle).toBeDefined();
    expect(after.get(promoted.id)?.spec).toEqual({ ...rest, role: 'user' });
    expect(await scene.result('subscriptions')).toMatchObject({ created: 0, updated: 2, deleted: 0, apiWrites: 2 });
  });

  it('deletes the one who left and makes the one who came', async () => {
    await setRefreshed();
    const left = people()[30]!;
    scene.simulator.state.removeUser(left.id);
    scene.simulator.state.addUser({ ...left, id: 'PNEWONE', name: 'New Person', email: 'new.person@example.test' });
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect(subscriptionWrites(scene)).toEqual(['POST', 'DELETE']);
    await expectConverged();
    expect(await scene.result('subscriptions')).toMatchObject({ created: 1, updated: 0, deleted: 1 });
  });

  it('repairs what a person changed by hand', async () => {
    await setRefreshed();
    const [first, second, third] = people().slice(0, 3).map((person) => person.id);
    await scene.client.mergePatch(softwareSubscriptionResource, keyOf(first!), { spec: { role: 'nonsense' } });
    await scene.client.mergePatch(softwareSubscriptionResource, keyOf(second!), { metadata: { labels: { 'saaslicense.dev/profile': null } } });
    await scene.client.delete(softwareSubscriptionResource, keyOf(third!));
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    await expectConverged();
    scene.requests.length = 0;
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect(subscriptionWrites(scene)).toEqual([]);
  });
});
