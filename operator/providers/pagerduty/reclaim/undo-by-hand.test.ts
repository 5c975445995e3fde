import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Person, Role } from '../../../../test/pagerduty-simulator/index.ts';
import { makePerson } from '../../../../test/pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../../../../test/pagerduty-simulator/testing/write-scene.ts';
import { catchFailure } from '../../../../test/support/provider-session.ts';
import { openReclaim, reclaimScopes, type ReclaimScene } from '../../../../test/support/reclaim-scene.ts';
import type { UndoBundle } from '../../reclaim.ts';

type Change = Partial<Omit<Person, 'id'>>;
const id = 'PFREE01';
const responder = [{ teamId: 'PTEAM01', role: 'responder' }] as const;

interface Downgraded {
  readonly scene: ReclaimScene;
  readonly bundle: UndoBundle;
  readonly person: () => Person;
  /** Writing requests since the reclaim. */
  readonly writes: () => string[];
}

/** Somebody who was downgraded, and then changed by hand. */
async function downgraded({ before = {}, byHand = {}, scene = openReclaim() }: { before?: Change; byHand?: Change; scene?: ReclaimScene } = {}): Promise<Downgraded> {
  scene.simulator.state.updateUser(id, before);
  const { bundle } = await scene.find(id, { action: 'Downgrade' });
  expect(await scene.verbs.act(scene.request(id, 'Downgrade'), scene.session())).toEqual({ kind: 'Done' });
  scene.simulator.state.updateUser(id, byHand);
  const sent = scene.simulator.journal.writes().length;
  return {
    scene,
    bundle: JSON.parse(JSON.stringify(bundle)) as UndoBundle,
    person: () => scene.simulator.state.user(id) ?? makePerson('PNOBODY'),
    writes: () => scene.simulator.journal.writes().slice(sent).map(({ method, route }) => `${method} ${route}`),
  };
}

const admin = { role: 'admin', licenseId: 'PLFULL1' } as const;

describe('guard 10: the undo of a downgrade changes only what the downgrade changed', () => {
  it('whoever was made an administrator by hand since stays one: nothing is written, and the role is listed as kept', async () => {
    const { scene, bundle, person, writes } = await downgraded({ before: { role: 'observer', teams: [] }, byHand: admin });
    const report = await scene.restore(bundle);
    expect(person()).toMatchObject(admin);
    expect(writes()).toEqual([]);
    expect(report).toEqual({ externalUserId: id, restored: [], notRestored: [], kept: [{ part: 'role', was: 'observer', left: 'read_only_user', is: 'admin' }] });
  });

  it('and so does the last administrator of the account', async () => {
    const { scene, bundle, person, writes } = await downgraded({ before: { role: 'user', teams: [] }, byHand: admin });
    scene.simulator.state.updateUser('PADMIN1', { role: 'user' });
    scene.simulator.state.updateUser('POWNER1', { role: 'admin' });
    scene.simulator.state.removeUser('POWNER1');
    await scene.restore(bundle);
    expect(person().role).toBe('admin');
    expect(writes()).toEqual([]);
  });

  it('whoever was made the owner by hand is not written to', async () => {
    const { scene, bundle, writes } = await downgraded({ before: { teams: [] }, byHand: { role: 'owner', licenseId: 'PLFULL1' } });
    expect((await scene.restore(bundle)).kept).toMatchObject([{ part: 'role', is: 'owner' }]);
    expect(writes()).toEqual([]);
  });

  it('a role in a team that was given by hand stays, and the base role comes back', async () => {
    const { scene, bundle, person, writes } = await downgraded({ byHand: { teams: [{ teamId: 'PTEAM01', role: 'manager' }] } });
    const report = await scene.restore(bundle);
    expect(person()).toMatchObject({ role: 'limited_user', licenseId: 'PLFULL1', teams: [{ role: 'manager' }] });
    expect(writes()).toEqual(['PUT /users/{id}']);
    expect(report.kept).toEqual([{ part: 'team PTEAM01', was: 'responder', left: 'observer', is: 'manager' }]);
  });

  it('whoever was taken out of a team by hand is not put back', async () => {
    const { scene, bundle, person } = await downgraded({ byHand: { teams: [] } });
    expect((await scene.restore(bundle)).kept).toEqual([{ part: 'team PTEAM01', was: 'responder', left: 'observer', is: 'not in it' }]);
    expect(person().teams).toEqual([]);
  });

  it('a role in a team comes back to somebody whose base role was changed by hand, where they can hold one', async () => {
    const raised = await downgraded({ byHand: admin });
    expect((await raised.scene.restore(raised.bundle)).restored).toEqual([{ part: 'teams', count: 1 }]);
    expect(raised.person()).toMatchObject({ role: 'admin', teams: responder });
    const lesser = await downgraded({ byHand: { role: 'read_only_limited_user' } });
    expect((await lesser.scene.restore(lesser.bundle)).kept.map(({ part }) => part)).toEqual(['role', 'licence', 'team PTEAM01']);
    expect(lesser.writes()).toEqual([]);
  });

  it('another licence that was given by hand stays, and the role with it', async () => {
    const { scene, bundle, writes } = await downgraded({ before: { teams: [] }, byHand: { licenseId: 'PLOTHER' } });
    const { licenses } = scene.simulator.state.company;
    scene.simulator.state.replace({ licenses: [...licenses, { ...licenses.find((one) => one.id === 'PLSTAKE'), id: 'PLOTHER' } as (typeof licenses)[number]] });
    expect((await scene.restore(bundle)).kept).toEqual([
      { part: 'role', was: 'limited_user', left: 'read_only_user', is: 'read_only_user' },
      { part: 'licence', was: 'PLFULL1', left: 'PLSTAKE', is: 'PLOTHER' },
    ]);
    expect(writes()).toEqual([]);
  });

  it('where licences are hidden, the role has to do', async () => {
    const { scene, bundle, person } = await downgraded({ byHand: { licenseId: 'PLSTAKE' } });
    await scene.restore(bundle, scene.scoped(reclaimScopes.filter((scope) => scope !== 'licenses.read')));
    expect(person().role).toBe('limited_user');
  });

  it('a role that nobody knows stays; a former one that nobody knows comes back, as any is more than a stakeholder’s', async () => {
    const kept = await downgraded({ before: { teams: [] }, byHand: { role: 'custom_auditor' as Role } });
    expect((await kept.scene.restore(kept.bundle)).kept).toMatchObject([{ part: 'role', is: 'custom_auditor' }, { part: 'licence' }]);
    expect(kept.writes()).toEqual([]);
    const former = await downgraded({ before: { role: 'custom_auditor' as Role, teams: [] } });
    await catchFailure(former.scene.restore(former.bundle));
    expect(former.writes()).toEqual(['PUT /users/{id}']);
  });

  it('a new name stays, and is no reason to keep the rest from them', async () => {
    const { scene, bundle, person } = await downgraded({ byHand: { name: 'Rika Newname' } });
    expect((await scene.restore(bundle)).kept).toEqual([]);
    expect(person()).toMatchObject({ name: 'Rika Newname', role: 'limited_user', teams: responder });
  });

  it.each(['the undo waits for a lock', 'the undo waits for the rate limit'])('whoever is made an administrator while %s stays one', async (why) => {
    const { scene, bundle, person } = await downgraded({ before: { role: 'observer', teams: [] } });
    if (why.endsWith('lock')) scene.simulator.settings.accountLock = 'always';
    else scene.simulator.faults.add({ method: 'PUT', fault: { kind: 'status', status: 429 } });
    const { clock } = scene;
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms, signal) => {
      scene.simulator.settings.accountLock = 'overlapping';
      scene.simulator.state.updateUser(id, admin);
      return sleep(ms, signal);
    };
    expect((await catchFailure(scene.restore(bundle))).failure).toMatchObject({ kind: 'Retryable', reason: 'UndoOvertaken' });
    expect((await scene.restore(bundle)).kept).toMatchObject([{ part: 'role', is: 'admin' }]);
    expect(person()).toMatchObject(admin);
  });

  it.each<[string, Change]>([
    ['given another role in a team', { teams: [{ teamId: 'PTEAM01', role: 'manager' }] }],
    ['taken out of a team', { teams: [] }],
    ['made a stakeholder again', { role: 'read_only_user', licenseId: 'PLSTAKE' }],
  ])('whoever is %s while the undo of that waits stays so', async (_what, change) => {
    const { scene, bundle, person } = await downgraded();
    const by = new AbortController();
    scene.simulator.faults.add({ method: 'PUT', route: '/teams/**', fault: { kind: 'status', status: 429 } });
    const { clock } = scene;
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms, signal) => {
      if (!by.signal.aborted) scene.simulator.state.updateUser(id, change);
      by.abort();
      return sleep(ms, signal);
    };
    expect((await catchFailure(scene.restore(bundle))).failure).toMatchObject({ kind: 'Retryable', reason: 'UndoOvertaken' });
    expect(person()).toMatchObject(change);
  });

  it('guard 2: the credential’s own user is not written to', async () => {
    const { scene, bundle, writes } = await downgraded();
    scene.simulator.state.updateUser(id, { role: 'read_only_user' });
    const own = scene.scoped(reclaimScopes, id);
    expect((await catchFailure(scene.restore(bundle, own))).failure).toMatchObject({ kind: 'Terminal', reason: 'Self' });
    expect(writes()).toEqual([]);
  });

  it('guard 2: a check that cannot be made counts as failed: whose credential it is', async () => {
    const { scene, bundle, writes } = await downgraded();
    scene.simulator.faults.add({ method: 'GET', route: '/users/me', fault: { kind: 'status', status: 403 } });
    expect((await catchFailure(scene.restore(bundle))).failure).toMatchObject({ kind: 'Terminal', reason: 'Unverified' });
    expect(writes()).toEqual([]);
  });

  it('guard 9: another person at the same id is given nothing', async () => {
    const { scene, bundle, writes } = await downgraded({ byHand: { email: 'newcomer@example.com' } });
    expect((await catchFailure(scene.restore(bundle))).failure).toMatchObject({ kind: 'Terminal', reason: 'PersonChanged' });
    expect(writes()).toEqual([]);
  });

  it('guard 9: nor is whoever is given the id while the undo waits', async () => {
    const { scene, bundle, writes } = await downgraded();
    scene.simulator.faults.add({ method: 'PUT', fault: { kind: 'status', status: 429 } });
    const { clock } = scene;
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms, signal) => {
      scene.simulator.state.updateUser(id, { email: 'newcomer@example.com' });
      return sleep(ms, signal);
    };
    expect((await catchFailure(scene.restore(bundle))).failure).toMatchObject({ reason: 'UndoOvertaken' });
    expect((await catchFailure(scene.restore(bundle))).failure).toMatchObject({ reason: 'PersonChanged' });
    expect(writes()).toHaveLength(1);
  });

  it('guard 9: nobody is given anything by what was saved of another', async () => {
    const { scene, bundle, writes } = await downgraded();
    for (const other of [{ externalUserId: id, address: 'newcomer@example.com' }, { externalUserId: 'PRESP01', address: 'pfree01@example.com' }]) {
      expect((await catchFailure(scene.restore(bundle, scene.session(), other))).failure).toMatchObject({ kind: 'Terminal', reason: 'PersonChanged' });
    }
    expect(writes()).toEqual([]);
  });

  const ranks: readonly Role[] = ['read_only_limited_user', 'read_only_user', 'restricted_access', 'observer', 'limited_user', 'user', 'admin'];
  const licenceOf = (role: Role): string => (isStakeholder(role) ? 'PLSTAKE' : 'PLFULL1');
  const isStakeholder = (role: Role): boolean => ranks.indexOf(role) < 2;
  const teamRole = fc.constantFrom('manager', 'responder', 'observer');
  const story = fc.record({
    former: fc.constantFrom(...ranks.slice(2)),
    formerTeam: teamRole,
    role: fc.option(fc.constantFrom(...ranks), { nil: undefined }),
    team: fc.option(fc.oneof(teamRole, fc.constant('none')), { nil: undefined }),
    plain: fc.record({ name: fc.constant('Rika Newname'), jobTitle: fc.constant('Head') }, { requiredKeys: [] }),
    shown: fc.constantFrom('observer', 'none'),
    isHidden: fc.boolean(),
  });
  type Story = typeof story extends fc.Arbitrary<infer Told> ? Told : never;

  function byHandOf({ role, team, plain }: Story): Change {
    const seat = role === undefined ? {} : { role, licenseId: licenceOf(role) };
    if (team === undefined) return { ...plain, ...seat };
    return { ...plain, ...seat, teams: team === 'none' ? [] : [{ teamId: 'PTEAM01', role: team }] };
  }

  /** What the person must be after the undo: each part is the former one where it is as the reclaim left it, else the hand's. */
  function expectedAfter({ former, formerTeam }: Story, present: Person): { role: Role; team: string | undefined } {
    const role = present.role === 'read_only_user' ? former : present.role;
    const team = present.teams[0]?.role;
    return { role, team: team === 'observer' && !isStakeholder(role) ? formerTeam : team };
  }

  function keptAfter({ former, formerTeam, shown, isHidden }: Story, { role, team }: ReturnType<typeof expectedAfter>): string[] {
    const isTeamSeen = team === formerTeam && (!isStakeholder(role) || shown === 'observer');
    const parts = [[role !== former, 'role'], [!isHidden && licenceOf(role) !== licenceOf(former), 'licence'], [!isTeamSeen, 'team PTEAM01']] as const;
    return parts.flatMap(([differs, part]) => (differs ? [part] : []));
  }

  it('property: whatever was changed by hand in between, each field ends as it was before or as the hand left it, and no role ever falls', async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const scene = openReclaim(makeStaff(), { stakeholderTeamRole: told.shown });
        const { bundle, person, writes } = await downgraded({ scene, before: { role: told.former, teams: [{ teamId: 'PTEAM01', role: told.formerTeam }] }, byHand: byHandOf(told) });
        const present = person();
        const expected = expectedAfter(told, present);
        const as = told.isHidden ? scene.scoped(reclaimScopes.filter((scope) => scope !== 'licenses.read')) : scene.session();
        const report = await scene.restore(bundle, as);
        expect(person()).toMatchObject({ ...told.plain, role: expected.role, licenseId: licenceOf(expected.role) });
        expect(person().teams[0]?.role).toBe(expected.team);
        expect(ranks.indexOf(person().role)).toBeGreaterThanOrEqual(ranks.indexOf(present.role));
        expect(report.kept.map(({ part }) => part)).toEqual(keptAfter(told, expected));
        kept += report.kept.length;
        const sent = writes().length;
        expect(await scene.restore(bundle, as)).toEqual(report);
        expect(writes()).toHaveLength(sent);
      }),
      { numRuns: 400, seed: 12 },
    );
    expect(kept).toBeGreaterThan(100);
  });
});
