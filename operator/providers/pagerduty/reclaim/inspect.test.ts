import { describe, expect, it } from 'vitest';
import { changeIncident, generateCompany, openIncident, placeOn, takeOff, type CompanyState, type Fault } from '../../../../test/pagerduty-simulator/index.ts';
import { makePerson } from '../../../../test/pagerduty-simulator/testing/open-account.ts';
import { CLASSIC, makeStaff, SHIFTS } from '../../../../test/pagerduty-simulator/testing/write-scene.ts';
import { catchFailure } from '../../../../test/support/provider-session.ts';
import { day, nameBlocker, openReclaim, reclaimScopes } from '../../../../test/support/reclaim-scene.ts';

/** Places (policies and schedules, by name) that would have a level, layer or rotation without anybody, by the person who would leave it so. */
function lastOnes({ policies, schedules, shiftSchedules }: CompanyState, now: number): Map<string, string[]> {
  const groups = [
    ...policies.flatMap(({ name, rules }) => rules.map(({ targets }) => ({ name, people: targets.map((target) => (target.kind === 'user' ? target.id : '')) }))),
    ...schedules.flatMap(({ name, layers }) => layers.filter(({ end }) => end === null || end > now).map(({ userIds }) => ({ name, people: userIds }))),
    ...shiftSchedules.flatMap(({ name, rotations }) =>
      rotations.map(({ events }) => ({ name, people: events.filter(({ effectiveUntil }) => effectiveUntil === null || effectiveUntil > now).flatMap(({ members }) => members.map((member) => member ?? '')) })),
    ),
  ];
  const lasts = new Map<string, string[]>();
  for (const { name, people } of groups) {
    const [only, ...others] = new Set(people);
    if (only !== undefined && only !== '' && others.length === 0) lasts.set(only, [...(lasts.get(only) ?? []), name]);
  }
  return lasts;
}

describe('what stands in the way of reclaiming somebody', () => {
  it('guard 3: nothing, of somebody who is on nothing', async () => {
    const scene = openReclaim();
    expect(await scene.find('PFREE01')).toMatchObject({
      person: {
        externalUserId: 'PFREE01',
        displayName: 'Person PFREE01',
        address: 'pfree01@example.com',
        role: 'limited_user',
        roleGroup: 'FullUser',
        subscriptionIdentifier: 'PLFULL1',
        invitationPending: false,
        isOwner: false,
        isAdmin: false,
        isSelf: false,
        createdViaSso: false,
      },
      blockers: [],
      admins: undefined,
      recentActivity: undefined,
      provenance: undefined,
    });
    expect(scene.simulator.journal.writes()).toEqual([]);
  });

  it('T13, C5: a schedule of either kind, the policy that it is on, and its shifts to come', async () => {
    const scene = openReclaim();
    expect(await scene.blockers('PRESP01')).toEqual(['OnCall Web rota', 'Schedule Web rota']);
    // On no policy, so the on-calls do not show it.
    expect(await scene.blockers('PSHIFT1')).toEqual(['Schedule Data rota']);
  });

  it('T4: a direct target is on call now, always', async () => {
    const scene = openReclaim();
    const { blockers, recentActivity } = await scene.find('PTARGET');
    expect(blockers.map(nameBlocker)).toEqual(['OnCall Web', 'EscalationPolicy Web']);
    expect(blockers.map(({ detail }) => detail)).toEqual(['always on call, as a direct target, level 2', 'escalation policy PPOLICY, level 2']);
    expect(recentActivity).toEqual({ at: scene.clock.now(), signal: 'OnCall' });
  });

  it('T9: open incidents, however old, and none that are resolved or somebody else’s', async () => {
    const scene = openReclaim();
    const { state } = scene.simulator;
    const old = openIncident(state, { assigneeIds: ['PFREE01'], title: 'Disk full', createdAt: scene.clock.now() - 400 * day });
    openIncident(state, { assigneeIds: ['POBSERV'], createdAt: scene.clock.now() - day });
    expect(await scene.blockers('PFREE01')).toEqual(['OpenIncident Disk full']);
    changeIncident(state, old.id, { status: 'resolved', by: 'POBSERV', at: scene.clock.now() });
    expect(await scene.blockers('PFREE01')).toEqual([]);
  });

  it('C14: a tag that protects, in whatever case, and no other', async () => {
    const company = makeStaff({ tags: [{ id: 'PTAG001', label: 'License-Keep' }, { id: 'PTAG002', label: 'emea' }] });
    const scene = openReclaim({ ...company, users: company.users.map((user) => (user.id === 'PFREE01' ? { ...user, tagIds: ['PTAG001', 'PTAG002'] } : user)) });
    expect(await scene.blockers('PFREE01', { protectedTags: ['license-keep '] })).toEqual(['Tag License-Keep']);
    expect(await scene.blockers('PFREE01', { protectedTags: ['other'] })).toEqual([]);
    expect(await scene.blockers('PFREE01')).toEqual([]);
  });

  it('D4: is not asked of somebody who goes away meanwhile: half of what an undo needs is not taken for all', async () => {
    const scene = openReclaim();
    const session = {
      ...scene.session(),
      onRequest: ({ route }: { route: string }) => {
        if (route === '/users/{id}/tags' && scene.simulator.state.user('PFREE01') !== undefined) scene.simulator.state.removeUser('PFREE01');
      },
    };
    expect(await scene.inspect('PFREE01', {}, session)).toEqual({ kind: 'Gone' });
  });

  it('C5: a shift in 89 days, and the first one of somebody who has just been put on a rota', async () => {
    const start = Date.parse('2026-11-24T09:00:00Z') + 89 * day;
    const layer = { id: 'PLAYER2', name: 'To come', start, end: null, rotationVirtualStart: start, turnSeconds: 604_800, userIds: ['PFREE01'], restrictions: [] };
    const scene = openReclaim(makeStaff({ schedules: [{ ...CLASSIC, layers: [...CLASSIC.layers, layer] }] }));
    expect(await scene.blockers('PFREE01')).toEqual(['OnCall Web rota', 'Schedule Web rota']);
    takeOff(scene.simulator.state, { userId: 'PFREE01', kind: 'classic' }, scene.clock.now());
    expect(await scene.blockers('PFREE01')).toEqual([]);
    placeOn(scene.simulator.state, { userId: 'PFREE01', kind: 'v3' }, scene.clock.now());
    expect(await scene.blockers('PFREE01')).toEqual(['Schedule Data rota']);
  });

  it.each(['ignored', 'listed', 'block'] as const)('C5: layers that have ended, where the vendor has them %s', async (endedLayers) => {
    const scene = openReclaim(makeStaff(), { endedLayers });
    // Where the schedule still lists them, so does PagerDuty, and nobody knows what it does then.
    expect(await scene.blockers('PFORMER')).toEqual(endedLayers === 'ignored' ? [] : ['Schedule Web rota']);
    expect((await scene.find('PFORMER')).bundle.content['positions']).toMatchObject([{ kind: 'Schedule', id: 'PSCHED1', detail: expect.stringContaining('ended 2026-10-05') as unknown }]);
  });

  it('C5: shift-based events that have ended do not hold anybody', async () => {
    const rotations = SHIFTS.rotations.map((rotation) => ({ ...rotation, events: rotation.events.map((event) => ({ ...event, effectiveUntil: Date.parse('2026-11-01T00:00:00Z') })) }));
    const scene = openReclaim(makeStaff({ shiftSchedules: [{ ...SHIFTS, rotations }] }));
    expect(await scene.blockers('PSHIFT1')).toEqual([]);
    expect((await scene.find('PSHIFT1')).bundle.content['positions']).toMatchObject([{ kind: 'ShiftSchedule', id: 'PSCHED3' }]);
  });

  it('lists ten of a kind at most, and says how many more there are', async () => {
    const scene = openReclaim();
    for (let count = 0; count < 25; count += 1) openIncident(scene.simulator.state, { assigneeIds: ['PFREE01'], createdAt: scene.clock.now() });
    const blockers = await scene.blockers('PFREE01');
    expect(blockers).toHaveLength(10);
    expect(blockers.at(-1)).toBe('OpenIncident 16 more');
  });

  it.each([1, 2, 3])('C6: property (seed %i): names the place of everybody who is the last one of an escalation level, a layer or a rotation', async (seed) => {
    const company = generateCompany({ seed, users: 60 });
    const scene = openReclaim(company, { blockersShown: 'all' });
    const lasts = lastOnes(company, scene.clock.now());
    expect(lasts.size).toBeGreaterThan(0);
    for (const [id, places] of lasts) {
      const { blockers } = await scene.find(id);
      const named = new Set(blockers.map(({ name }) => name));
      expect([id, places.filter((place) => !named.has(place))]).toEqual([id, []]);
    }
    expect(scene.simulator.journal.writes()).toEqual([]);
  });

  it('property: finds whoever the vendor itself would refuse to delete, but for snapshots, which no API lists', async () => {
    const company = generateCompany({ seed: 11, users: 60 });
    const scene = openReclaim(company, { blockersShown: 'all' });
    let refused = 0;
    for (const { id, role } of company.users) {
      const { blockers } = await scene.find(id);
      const outcome = role === 'owner' ? undefined : await scene.verbs.act(scene.request(id, 'Remove'), scene.session());
      if (outcome?.kind !== 'Refused' || outcome.words.every((words) => words.includes('snapshot'))) continue;
      refused += 1;
      expect([id, blockers.length > 0]).toEqual([id, true]);
    }
    expect(refused).toBeGreaterThan(10);
  });
});

describe('whom it may never be', () => {
  it('T11: says who is the owner, and counts the administrators besides the owner who can act', async () => {
    const company = makeStaff();
    const scene = openReclaim({ ...company, users: [...company.users, makePerson('PADMIN2', { role: 'admin', invitationSent: true })] });
    expect(await scene.find('POWNER1')).toMatchObject({ person: { isOwner: true, isAdmin: true }, admins: 1 });
    expect(await scene.find('PADMIN1')).toMatchObject({ person: { isOwner: false, isAdmin: true }, admins: 1 });
    // Somebody invited counts as themselves only.
    expect(await scene.find('PADMIN2')).toMatchObject({ admins: 2 });
  });

  it('T11: knows the token’s own user, and that an account’s key is nobody’s', async () => {
    const scene = openReclaim();
    expect((await scene.find('PADMIN1', {}, scene.scoped(reclaimScopes))).person.isSelf).toBe(true);
    expect((await scene.find('PFREE01', {}, scene.scoped(reclaimScopes))).person.isSelf).toBe(false);
    expect((await scene.find('PADMIN1')).person.isSelf).toBe(false);
  });

  it('T11: blocks where nobody can tell whose the token is, unless it is an app’s', async () => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route: '/users/me', count: null, fault: { kind: 'status', status: 403 } });
    expect(await scene.blockers('PFREE01')).toEqual(['Unverified the token’s own user']);
    const session = scene.session({ scopes: [...reclaimScopes, 'as_account-us.acme-example'] });
    expect(await scene.blockers('PFREE01', {}, session)).toEqual([]);
  });

  it('C25: tells that an identity provider made the account, where the audit trail may be read', async () => {
    const made = { id: 'PDRECORD1', at: Date.parse('2026-03-01T00:00:00Z'), actors: null, method: 'identity_provider', action: 'create', root: { type: 'users', id: 'PFREE01', name: 'Person PFREE01' }, fields: [] } as const;
    const scene = openReclaim(makeStaff({ auditRecords: [made] }));
    expect((await scene.find('PFREE01')).provenance).toBe('IdentityProvider');
    expect((await scene.find('PFORMER')).provenance).toBeUndefined();
    expect((await scene.find('PFREE01', {}, scene.scoped(reclaimScopes.filter((scope) => scope !== 'audit_records.read')))).provenance).toBeUndefined();
    scene.simulator.settings.planHasAudit = false;
    expect((await scene.find('PFREE01')).provenance).toBeUndefined();
  });
});

describe('evidence since the last pull', () => {
  it('L1: on-call duty that ended after the evidence is activity, and no blocker', async () => {
    const scene = openReclaim();
    // An override that ended an hour ago, in a layer that is gone.
    const end = scene.clock.now() - 3_600_000;
    const override = { userId: 'PFREE01', start: end - 3_600_000, end };
    scene.simulator.state.replace({ schedules: [{ ...CLASSIC, overrides: [override] }] });
    expect(await scene.find('PFREE01')).toMatchObject({ blockers: [], recentActivity: { at: end, signal: 'OnCall' } });
    expect((await scene.find('PFREE01', { evidenceTo: end + 1000 })).recentActivity).toBeUndefined();
  });

  it('T5: asks for on-calls in windows of 89 days at most, from the evidence to 89 days ahead', async () => {
    const scene = openReclaim();
    await scene.find('PFREE01', { evidenceTo: scene.clock.now() - 100 * day });
    const windows = scene.simulator.journal.list({ route: '/oncalls' }).map(({ query }) => {
      const asked = Object.fromEntries(query);
      return [Date.parse(asked['since'] ?? ''), Date.parse(asked['until'] ?? '')] as const;
    });
    for (const [since = 0, until = 0] of windows) expect(until - since).toBeLessThanOrEqual(89 * day);
    expect(windows[0]?.[0]).toBe(scene.clock.now() - 100 * day);
    expect((windows.at(-1)?.[1] ?? 0) - scene.clock.now()).toBeGreaterThan(89 * day);
    expect((windows.at(-1)?.[1] ?? 0) - scene.clock.now()).toBeLessThanOrEqual(90 * day);
  });
});

describe('checks that cannot be made', () => {
  const unverified = { 'oncalls.read': 'on-calls', 'schedules.read': 'schedules', 'escalation_policies.read': 'escalation policies', 'incidents.read': 'open incidents', 'tags.read': 'tags' };

  it.each(Object.entries(unverified))('guard 3: without %s the check of %s blocks, and says what to grant', async (scope, check) => {
    const scene = openReclaim(makeStaff(), { shiftScheduleScope: null });
    const session = scene.scoped(reclaimScopes.filter((one) => one !== scope));
    const { blockers } = await scene.find('PFREE01', { protectedTags: ['keep'] }, session);
    expect(blockers).toEqual([{ kind: 'Unverified', name: check, detail: `grant the scope ${scope}` }]);
  });

  it('guard 3: names shift-based schedules where their scope is missing', async () => {
    const scene = openReclaim(makeStaff(), { shiftScheduleScope: 'schedules_v3.read' });
    expect(await scene.blockers('PFREE01', {}, scene.scoped(reclaimScopes))).toEqual(['Unverified shift-based schedules']);
  });

  it('C14: an unreadable tag is nobody’s business where no tag protects', async () => {
    const scene = openReclaim();
    expect(await scene.blockers('PFREE01', {}, scene.scoped(reclaimScopes.filter((one) => one !== 'tags.read')))).toEqual([]);
  });

  const routes = { '/oncalls': 'on-calls', '/schedules': 'schedules', '/v3/schedules': 'shift-based schedules', '/escalation_policies': 'escalation policies', '/incidents': 'open incidents', '/users/*/tags': 'tags' };
  it.each(Object.entries(routes).flatMap(([route, check]) => [402, 403].map((status) => [status, route, check] as const)))('guard 3: a %d of %s blocks', async (status, route, check) => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route, count: null, fault: { kind: 'status', status } });
    expect(await scene.blockers('PFREE01', { protectedTags: ['keep'] })).toEqual([`Unverified ${check}`]);
  });

  it('T13: blocks by each shift-based schedule that is listed and cannot be looked into', async () => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route: '/v3/schedules/*', count: null, fault: { kind: 'status', status: 404 } });
    expect(await scene.blockers('PFREE01')).toEqual(['Unverified Data rota']);
  });

  it('T6: hidden licences hold nothing up', async () => {
    const scene = openReclaim();
    const { person, blockers } = await scene.find('PFREE01', {}, scene.scoped(reclaimScopes.filter((one) => one !== 'licenses.read')));
    expect([person.subscriptionIdentifier, blockers]).toEqual([undefined, []]);
  });
});

describe('answers that are not to be trusted', () => {
  it('says that somebody is gone by PagerDuty’s own word only', async () => {
    const scene = openReclaim();
    expect(await scene.inspect('PNOBODY')).toEqual({ kind: 'Gone' });
    const bodies = ['html', 'empty', 'not-json'] as const;
    for (const body of bodies) {
      scene.simulator.faults.add({ route: '/users/PFREE01', count: 1, fault: { kind: 'status', status: 404, body } });
      expect((await catchFailure(scene.inspect('PFREE01'))).failure).toMatchObject({ kind: 'Retryable', reason: 'MalformedAnswer' });
    }
  });

  it.each(['me', '', '../teams', 'P1/../P2', 'P 1', 'P1?x'])('guard 4: asks nothing about %j, which is no id', async (id) => {
    const scene = openReclaim();
    expect((await catchFailure(scene.inspect(id))).failure).toMatchObject({ kind: 'Terminal', reason: 'InvalidPerson' });
    expect(scene.simulator.journal.list()).toEqual([]);
  });

  const paged = ['/oncalls', '/schedules', '/v3/schedules', '/escalation_policies', '/incidents', '/users/*/tags', '/teams/*/members'];
  const spoilt: readonly Fault[] = [{ kind: 'wrong-more' }, { kind: 'malformed-json' }, { kind: 'status', status: 503 }, { kind: 'empty' }, { kind: 'truncate', keepBytes: 20, contentLength: 'whole' }];
  it.each(paged.flatMap((route) => spoilt.map((fault) => [route, fault.kind, fault] as const)))('guard 6: %s under lasting %s is no finding', async (route, _, fault) => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route, count: null, fault });
    expect((await catchFailure(scene.inspect('PFREE01', { protectedTags: ['keep'] }))).failure.kind).toBe('Retryable');
  });

  it('guard 6: does not count administrators in half a list', async () => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route: '/users', count: null, fault: { kind: 'wrong-more' } });
    expect((await catchFailure(scene.inspect('PADMIN1'))).failure).toMatchObject({ kind: 'Retryable', reason: 'InconsistentPull' });
  });

  it('guard 7: never asks for calendar addresses, and keeps none', async () => {
    const scene = openReclaim();
    const found = await scene.find('PFREE01');
    expect(JSON.stringify(found)).not.toMatch(/secret-of|http_cal_url|full-key/);
    expect(scene.simulator.journal.list().flatMap(({ query }) => query.map(([, value]) => value))).not.toContain('calendar_urls');
  });
});
