import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateCompany, openIncident, type Person } from '../../../../test/pagerduty-simulator/index.ts';
import { makePerson } from '../../../../test/pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../../../../test/pagerduty-simulator/testing/write-scene.ts';
import { catchFailure } from '../../../../test/support/provider-session.ts';
import { normalisePerson, openReclaim, reclaimScopes, type ReclaimScene } from '../../../../test/support/reclaim-scene.ts';
import type { RestoreReport, UndoBundle } from '../../reclaim.ts';

const rich: Partial<Person> = {
  name: 'Rika Rich',
  timeZone: 'Europe/Berlin',
  color: 'green',
  jobTitle: 'Engineer',
  description: 'Knows the database',
  teams: [{ teamId: 'PTEAM01', role: 'responder' }, { teamId: 'PTEAM02', role: 'manager' }],
  tagIds: ['PTAG001', 'PTAG002'],
  contactMethods: [
    { id: 'PFREE01C', type: 'email_contact_method', label: 'Work', address: 'pfree01@example.com' },
    { id: 'PFREE01C1', type: 'sms_contact_method', label: 'Mobile', address: '5555550100', countryCode: 49 },
    { id: 'PFREE01C2', type: 'push_notification_contact_method', label: 'App', address: 'device' },
  ],
  notificationRules: [
    { id: 'PFREE01N', delayMinutes: 0, urgency: 'high', contactMethodId: 'PFREE01C' },
    { id: 'PFREE01N1', delayMinutes: 10, urgency: 'low', contactMethodId: 'PFREE01C1' },
    { id: 'PFREE01N2', delayMinutes: 1, urgency: 'high', contactMethodId: 'PFREE01C2' },
  ],
  handoffRules: [{ id: 'PFREE01H', advanceMinutes: 60, handoffType: 'oncall', contactMethodId: 'PFREE01C1' }],
  statusUpdateRules: [{ id: 'PFREE01U', contactMethodId: 'PFREE01C' }],
  subscriptions: [{ id: 'PBIZ1', type: 'business_service' }, { id: 'PBIZ2', type: 'business_service' }],
};

function openRich(patch: Partial<Person> = {}): ReclaimScene {
  const company = makeStaff({ tags: [{ id: 'PTAG001', label: 'emea' }, { id: 'PTAG002', label: 'platform' }] });
  return openReclaim({
    ...company,
    teams: [...company.teams, { id: 'PTEAM02', name: 'Data', description: null, parentId: null }],
    users: company.users.map((user) => (user.id === 'PFREE01' ? { ...user, ...rich, ...patch } : user)),
  });
}

async function remove(scene: ReclaimScene, id = 'PFREE01'): Promise<UndoBundle> {
  const { bundle } = await scene.find(id);
  expect(await scene.verbs.act(scene.request(id, 'Remove'), scene.session())).toEqual({ kind: 'Done' });
  expect(await scene.verbs.readBack(scene.request(id, 'Remove'), scene.session())).toBe('Carried');
  // As it comes back out of a Secret.
  return JSON.parse(JSON.stringify(bundle)) as UndoBundle;
}

function normalise(scene: ReclaimScene, id: string): object {
  const person = scene.simulator.state.user(id);
  return person === undefined ? {} : normalisePerson(person, scene.simulator.state.company);
}

const partsOf = ({ restored }: RestoreReport): Record<string, number> => Object.fromEntries(restored.map(({ part, count }) => [part, count]));
const lostOf = ({ notRestored }: RestoreReport): string[] => notRestored.map(({ part }) => part);

describe('undoing a removal (D4, T10, C7)', () => {
  it('D4: brings everything back under a new id, and lists what it cannot', async () => {
    const scene = openRich();
    const before = normalise(scene, 'PFREE01');
    const bundle = await remove(scene);
    const report = await scene.restore(bundle);
    expect(report.externalUserId).not.toBe('PFREE01');
    expect(normalise(scene, report.externalUserId)).toEqual(before);
    expect(partsOf(report)).toEqual({ person: 1, 'contact methods': 2, 'notification rules': 2, 'handoff rules': 1, 'status update rules': 1, 'notification subscriptions': 2, teams: 2, tags: 2 });
    expect(lostOf(report)).toEqual(['mobile app', 'notification rules', 'id', 'sign-in', 'user API keys', 'history']);
  });

  it('D4: puts nobody back on a rotation or policy, and says where they were', async () => {
    const scene = openReclaim();
    const bundle = await remove(scene, 'PFORMER');
    const before = scene.simulator.state.company;
    const report = await scene.restore(bundle);
    expect(scene.simulator.state.company.schedules).toEqual(before.schedules);
    expect(report.notRestored).toContainEqual({ part: 'schedule', why: expect.stringMatching(/^Web rota \(PSCHED1\), Former, place 1, ended .*by hand/) as unknown });
  });

  it('D4: twice is the same as once', async () => {
    const scene = openRich();
    const bundle = await remove(scene);
    const first = await scene.restore(bundle);
    const writes = scene.simulator.journal.writes().length;
    expect(await scene.restore(bundle)).toEqual(first);
    expect(scene.simulator.journal.writes()).toHaveLength(writes);
    expect(scene.simulator.state.company.users.filter(({ email }) => email === 'pfree01@example.com')).toHaveLength(1);
  });

  it('property: D4: whatever is lost on the way, calling again makes it whole, and nothing twice', async () => {
    const kinds = [{ kind: 'reset', when: 'before-headers' }, { kind: 'reset', when: 'before-processing' }, { kind: 'status', status: 503 }, { kind: 'html' }, { kind: 'status', status: 429 }, { kind: 'empty' }] as const;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ skip: fc.nat(12), fault: fc.constantFrom(...kinds) }), { minLength: 1, maxLength: 4 }), async (spoilt) => {
        const scene = openRich();
        const before = normalise(scene, 'PFREE01');
        const bundle = await remove(scene);
        for (const method of ['POST', 'PUT']) for (const { skip, fault } of spoilt) scene.simulator.faults.add({ method, skip, fault });
        let report: RestoreReport | undefined;
        for (let call = 0; report === undefined && call < 12; call += 1) report = await scene.restore(bundle).catch(() => undefined);
        expect(normalise(scene, report?.externalUserId ?? '')).toEqual(before);
        expect(scene.simulator.state.company.users.filter(({ email }) => email === 'pfree01@example.com')).toHaveLength(1);
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  it('property: D4: anybody of any company who could be removed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), async (seed) => {
        const scene = openReclaim(generateCompany({ seed, users: 25 }));
        for (const { id, role } of scene.simulator.state.company.users) {
          const { blockers, bundle } = await scene.find(id);
          if (blockers.length > 0 || role === 'owner') continue;
          const before = normalise(scene, id);
          if ((await scene.verbs.act(scene.request(id, 'Remove'), scene.session())).kind !== 'Done') continue;
          const report = await scene.restore(bundle);
          expect(normalise(scene, report.externalUserId)).toEqual(before);
        }
      }),
      { numRuns: 8, seed: 5 },
    );
  });

  it('waits until reads no longer show the one who was removed, and does not take the ghost for them', async () => {
    const scene = openRich();
    const { bundle } = await scene.find('PFREE01');
    scene.simulator.settings.deleteShownReads = 4;
    await scene.verbs.act(scene.request('PFREE01', 'Remove'), scene.session());
    expect((await scene.restore(bundle)).externalUserId).not.toBe('PFREE01');
  });

  it('does not take the one who was removed for them where the list lags behind', async () => {
    const scene = openRich();
    const { bundle } = await scene.find('PFREE01');
    // Gone when asked for, and still in the list.
    scene.simulator.faults.add({ method: 'GET', route: '/users/PFREE01', fault: { kind: 'status', status: 404 } });
    expect((await catchFailure(scene.restore(bundle))).failure.reason).toBe('PersonNotRestored');
  });

  it('makes nobody anew who was never removed', async () => {
    const scene = openRich();
    const { bundle } = await scene.find('PFREE01');
    const report = await scene.restore(bundle);
    expect(report.externalUserId).toBe('PFREE01');
    expect(scene.simulator.journal.writes()).toEqual([]);
    expect(lostOf(report)).toEqual([]);
  });

  it('finds somebody whom an identity provider or a colleague has invited meanwhile', async () => {
    const scene = openRich();
    const bundle = await remove(scene);
    scene.simulator.state.addUser(makePerson('PAGAIN1', { name: nameIn(bundle), email: 'PFREE01@Example.com'.toLowerCase(), role: 'observer' }));
    const report = await scene.restore(bundle);
    expect(report.externalUserId).toBe('PAGAIN1');
    expect(report.kept).toEqual([{ part: 'role', was: 'limited_user', is: 'observer' }]);
    expect(scene.simulator.state.user('PAGAIN1')?.role).toBe('observer');
    expect(scene.simulator.journal.list({ method: 'POST', route: '/users' })).toEqual([]);
  });

  it('guard 1: gives nothing to somebody new who has the address by now', async () => {
    const scene = openRich();
    const bundle = await remove(scene);
    scene.simulator.state.addUser(makePerson('PNEWONE', { name: 'Somebody Else', email: 'pfree01@example.com' }));
    const before = scene.simulator.journal.writes().length;
    await expect(scene.restore(bundle)).rejects.toMatchObject({ failure: { kind: 'Terminal', reason: 'AddressTaken' } });
    expect(scene.simulator.journal.writes()).toHaveLength(before);
  });

  it('leaves the licence out when it is no more to be had, and says so', async () => {
    const scene = openRich();
    const bundle = await remove(scene);
    const { licenses } = scene.simulator.state.company;
    scene.simulator.state.replace({ licenses: licenses.map((license) => (license.id === 'PLFULL1' ? { ...license, id: 'PLNEW01' } : license)) });
    const report = await scene.restore(bundle);
    expect(lostOf(report)).toContain('licence');
    expect(scene.simulator.state.user(report.externalUserId)?.licenseId).toBe('PLNEW01');
  });

  it('says what to do when no seat is left, in words without names', async () => {
    const scene = openRich();
    const bundle = await remove(scene);
    const { licenses } = scene.simulator.state.company;
    scene.simulator.state.replace({ licenses: licenses.map((license) => ({ ...license, seats: 0 })) });
    const { failure } = await catchFailure(scene.restore(bundle));
    expect(failure).toEqual({ kind: 'Terminal', reason: 'PersonNotRestored', message: expect.stringContaining('no licence with a free seat allows the role') as unknown });
    expect(failure.message).not.toMatch(/@|Rika/);
  });

  it('goes on past what it may not do, and says which scope is missing', async () => {
    const scene = openRich();
    const bundle = await remove(scene);
    const lacking = ['tags.write', 'subscribers.read', 'users:contact_methods.write', 'teams.write'];
    const report = await scene.restore(bundle, scene.scoped(reclaimScopes.filter((scope) => !lacking.includes(scope))));
    expect(lostOf(report)).toEqual(expect.arrayContaining(['tags', 'notification subscriptions', 'contact methods', 'teams', 'notification rules', 'handoff rules']));
    expect(partsOf(report)).toMatchObject({ person: 1, 'status update rules': 1 });
    // Somebody with more rights calls it again.
    const again = await scene.restore(bundle);
    expect(again.externalUserId).toBe(report.externalUserId);
    expect(partsOf(again)).toMatchObject({ teams: 2, tags: 2, 'contact methods': 2 });
  });

  it('names the parts that could not be read before the removal', async () => {
    const scene = openRich();
    const session = scene.scoped(reclaimScopes.filter((scope) => !['teams.read', 'subscribers.read', 'tags.read'].includes(scope)));
    const { bundle } = await scene.find('PFREE01', {}, session);
    await scene.verbs.act(scene.request('PFREE01', 'Remove'), scene.session());
    const report = await scene.restore(bundle);
    expect(report.notRestored).toContainEqual({ part: 'notification subscriptions', why: 'it could not be read before: grant the scope subscribers.read' });
    expect(lostOf(report)).toEqual(expect.arrayContaining(['team roles', 'tags']));
    // The least role, since nobody knows which it was.
    expect(scene.simulator.state.user(report.externalUserId)?.teams.map(({ role }) => role)).toEqual(['observer', 'observer']);
  });

  it('keeps subscriptions to incidents that are there, and says how many are not', async () => {
    const scene = openRich();
    const incident = openIncident(scene.simulator.state, { assigneeIds: ['POBSERV'], createdAt: scene.clock.now() });
    scene.simulator.state.updateUser('PFREE01', { subscriptions: [{ id: incident.id, type: 'incident' }, { id: 'QGONE', type: 'incident' }] });
    const report = await scene.restore(await remove(scene));
    expect(report.notRestored).toContainEqual({ part: 'notification subscriptions', why: '1 of 2: PagerDuty did not let the person subscribe' });
  });

  it('invites in the name of the owner, and of the first administrator where the owner is not to be seen', async () => {
    const scene = openRich();
    const bundle = await remove(scene);
    scene.simulator.state.updateUser('POWNER1', { role: 'user' });
    scene.simulator.state.updateUser('PADMIN1', { role: 'user' });
    expect((await catchFailure(scene.restore(bundle))).failure).toMatchObject({ kind: 'Terminal', reason: 'NoAdministrator' });
    scene.simulator.state.updateUser('PADMIN1', { role: 'admin' });
    expect((await scene.restore(bundle)).externalUserId).toMatch(/^PN/);
  });

  it.each([{ version: '2' }, { provider: 'Other' }, { content: {} }, { content: { action: 'Remove' } }])('refuses a bundle that it cannot read: %j', async (patch) => {
    const scene = openRich();
    const { bundle } = await scene.find('PFREE01');
    expect((await catchFailure(scene.restore({ ...bundle, ...patch }))).failure).toMatchObject({ kind: 'Terminal', reason: 'UnusableBundle' });
    expect(scene.simulator.journal.writes()).toEqual([]);
  });

  it('guard 7: says nothing in a report or failure that names the person', async () => {
    const scene = openRich();
    const bundle = await remove(scene);
    const report = await scene.restore(bundle);
    expect(JSON.stringify(report)).not.toMatch(/@|Rika|5555550100/);
  });
});

describe('undoing a downgrade (C7, C18)', () => {
  async function downgrade(scene: ReclaimScene): Promise<UndoBundle> {
    const { bundle } = await scene.find('PFREE01', { action: 'Downgrade' });
    expect(await scene.verbs.act(scene.request('PFREE01', 'Downgrade'), scene.session())).toEqual({ kind: 'Done' });
    return JSON.parse(JSON.stringify(bundle)) as UndoBundle;
  }

  it('gives role, licence and team roles back, in one request a thing', async () => {
    const scene = openRich();
    const before = normalise(scene, 'PFREE01');
    const bundle = await downgrade(scene);
    expect(normalise(scene, 'PFREE01')).not.toEqual(before);
    const report = await scene.restore(bundle);
    expect(report).toEqual({ externalUserId: 'PFREE01', restored: [{ part: 'role', count: 1 }, { part: 'teams', count: 2 }], notRestored: [], kept: [] });
    expect(normalise(scene, 'PFREE01')).toEqual(before);
    const writes = scene.simulator.journal.writes().length;
    expect(await scene.restore(bundle)).toEqual(report);
    expect(scene.simulator.journal.writes()).toHaveLength(writes);
  });

  it('keeps the name that the person has today', async () => {
    const scene = openRich();
    const bundle = await downgrade(scene);
    scene.simulator.state.updateUser('PFREE01', { name: 'Rika Newname' });
    await scene.restore(bundle);
    expect(scene.simulator.state.user('PFREE01')).toMatchObject({ name: 'Rika Newname', role: 'limited_user' });
  });

  it('gives the role back without the licence where that is no more to be had', async () => {
    const scene = openRich();
    const bundle = await downgrade(scene);
    const { licenses } = scene.simulator.state.company;
    scene.simulator.state.replace({ licenses: licenses.map((license) => (license.id === 'PLFULL1' ? { ...license, id: 'PLNEW01' } : license)) });
    const report = await scene.restore(bundle);
    expect(lostOf(report)).toContain('licence');
    expect(scene.simulator.state.user('PFREE01')).toMatchObject({ role: 'limited_user', licenseId: 'PLNEW01' });
  });

  it('says that nobody is there any more, or no seat', async () => {
    const scene = openRich();
    const bundle = await downgrade(scene);
    const { licenses } = scene.simulator.state.company;
    scene.simulator.state.replace({ licenses: licenses.map((license) => ({ ...license, seats: 0 })) });
    expect((await catchFailure(scene.restore(bundle))).failure).toMatchObject({ kind: 'Terminal', reason: 'RoleNotRestored' });
    scene.simulator.state.removeUser('PFREE01');
    expect((await catchFailure(scene.restore(bundle))).failure).toMatchObject({ kind: 'Terminal', reason: 'PersonGone' });
  });
});

/** As it was when the bundle was taken. */
function nameIn({ content }: UndoBundle): string {
  const { person } = content as { person: { name: string } };
  return person.name;
}
