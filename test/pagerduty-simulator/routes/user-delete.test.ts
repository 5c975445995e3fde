import { describe, expect, it } from 'vitest';
import { changeIncident, openIncident, placeOn, takeOff } from '../index.ts';
import { READ_KEY } from '../testing/open-account.ts';
import { makeStaff, openWrites, POLICY } from '../testing/write-scene.ts';

const ADMIN = 'Token token=admin';

describe('DELETE /users/{id} (facts 5.1)', () => {
  it('answers 204 without a body; then the person is gone, their seat is free, and the deletion is on record', async () => {
    await using pd = await openWrites({ deleteShownReads: 0 });
    const seats = pd.simulator.state.seatsTaken('PLFULL1');
    const answer = await pd.remove('PFREE01');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await pd.get('/users/PFREE01')).body).toEqual({ error: { message: 'Not Found', code: 2100 } });
    expect(pd.simulator.state.seatsTaken('PLFULL1')).toBe(seats - 1);
    expect((await pd.get('/audit/records?root_resource_types[]=users&actions[]=delete')).body).toMatchObject({
      records: [{ root_resource: { id: 'PFREE01' }, actors: [{ type: 'api_key_reference' }], method: { type: 'api_token' } }],
    });
  });

  it('is 404 the second time, and for somebody who never was', async () => {
    await using pd = await openWrites();
    await pd.remove('PFREE01');
    for (const id of ['PFREE01', 'PNOBODY']) expect(await pd.remove(id)).toMatchObject({ status: 404, body: { error: { code: 2100 } } });
  });

  it.each([
    ['an open incident', 'POBSERV', '1 incident. Please resolve the following incident'],
    ['a classic schedule', 'PRESP01', '1 schedule. Please remove the user'],
    ['a shift-based schedule', 'PSHIFT1', '1 schedule. Please remove the user'],
    ['a policy that names them', 'PTARGET', '1 escalation policy.'],
  ])('%s blocks it, with a 400 that has neither code nor message', async (_, id, text) => {
    await using pd = await openWrites();
    openIncident(pd.simulator.state, { assigneeIds: ['POBSERV'], createdAt: pd.clock.now() - 90 * 86_400_000 });
    const answer = await pd.remove(id);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: { errors: [expect.stringContaining(text)] } });
    expect((await pd.get(`/users/${id}`)).status).toBe(200);
  });

  it('facts 5.3: a policy as an open incident still holds it blocks too, until the incident is resolved or reassigned', async () => {
    await using pd = await openWrites();
    const { state } = pd.simulator;
    const [first, second] = [1, 2].map(() => openIncident(state, { assigneeIds: ['PADMIN1'], policyId: POLICY.id, createdAt: pd.clock.now() }));
    takeOff(state, { userId: 'PTARGET', kind: 'policy' }, pd.clock.now());
    expect((await pd.get('/escalation_policies?user_ids[]=PTARGET')).body).toMatchObject({ escalation_policies: [] });
    expect(pd.errorsOf(await pd.remove('PTARGET'))[0]).toContain('2 escalation policy snapshots');
    for (const incident of [first, second]) changeIncident(state, incident?.id ?? '', { status: 'resolved', by: 'PADMIN1', at: pd.clock.now() });
    expect((await pd.remove('PTARGET')).status).toBe(204);
  });

  it('names one kind of blocker after the other, or all at once, in bodies of several shapes (facts 11)', async () => {
    await using pd = await openWrites();
    const { state, settings } = pd.simulator;
    openIncident(state, { assigneeIds: ['PRESP01'], createdAt: pd.clock.now() });
    placeOn(state, { userId: 'PRESP01', kind: 'v3' }, pd.clock.now());
    placeOn(state, { userId: 'PRESP01', kind: 'policy', level: 2 }, pd.clock.now());
    expect(pd.errorsOf(await pd.remove('PRESP01'))).toHaveLength(1);
    settings.blockersShown = 'all';
    expect(pd.errorsOf(await pd.remove('PRESP01')).map((text) => /they have (\d \w+)/.exec(text)?.[1])).toEqual(['1 incident', '2 schedules', '1 escalation']);
    settings.blockerBody = 'empty-message';
    expect((await pd.remove('PRESP01')).body).toMatchObject({ error: { message: '' } });
    settings.blockerBody = 'with-code';
    expect((await pd.remove('PRESP01')).body).toMatchObject({ error: { code: 2001, message: 'Invalid Input Provided' } });
    settings.blockerBody = 'names-conflicts';
    expect((await pd.remove('PRESP01')).body).toMatchObject({ error: { conflicts: [{ type: 'incident' }, { ids: ['PSCHED1', 'PSCHED3'] }, { ids: ['PPOLICY'] }] } });
  });

  it('layers that have ended do not block, unless a setting says so', async () => {
    await using pd = await openWrites({ endedLayers: 'block' });
    expect((await pd.remove('PFORMER')).status).toBe(400);
    const listed = async (): Promise<unknown> => (await pd.get<{ schedules: { users: { id: string }[] }[] }>('/schedules')).body.schedules[0]?.users.map(({ id }) => id).includes('PFORMER');
    expect(await listed()).toBe(true);
    pd.simulator.settings.endedLayers = 'ignored';
    expect(await listed()).toBe(false);
    expect((await pd.remove('PFORMER')).status).toBe(204);
  });

  it('never the owner, by either answer; oneself if the setting lets one (facts 11)', async () => {
    await using pd = await openWrites();
    const { settings } = pd.simulator;
    expect(await pd.remove('POWNER1')).toMatchObject({ status: 403, body: { error: { code: 2010 } } });
    settings.ownerDelete = 'invalid';
    expect((await pd.remove('POWNER1')).status).toBe(400);
    settings.selfDelete = 'forbidden';
    expect((await pd.remove('PADMIN1', ADMIN)).status).toBe(403);
    settings.selfDelete = 'invalid';
    expect((await pd.remove('PADMIN1', ADMIN)).status).toBe(400);
    settings.selfDelete = 'allowed';
    expect((await pd.remove('PADMIN1', ADMIN)).status).toBe(204);
    expect((await pd.get('/users/me', ADMIN)).status).toBe(401);
  });

  it('needs users.write and an administrator', async () => {
    await using pd = await openWrites();
    expect((await pd.remove('PFREE01', READ_KEY)).status).toBe(403);
    expect(await pd.remove('PFREE01', await pd.bearer('users.read'))).toMatchObject({ status: 403, body: { error: { required_scopes: 'users.write' } } });
    expect(await pd.remove('PFREE01', 'Token token=observer')).toMatchObject({ status: 403, body: { error: { code: 2010 } } });
    expect((await pd.remove('PFREE01', await pd.bearer('users.write'))).status).toBe(204);
  });
});

describe('what shows late (facts 5.1)', () => {
  it('reads show somebody for a few requests after the deletion, while their licence and the DELETE already say gone', async () => {
    await using pd = await openWrites();
    await pd.remove('PFREE01');
    expect((await pd.get('/users/PFREE01/license')).status).toBe(404);
    const listed = (await pd.get<{ users: { id: string }[] }>('/users?limit=100')).body.users.map(({ id }) => id);
    expect(listed).toContain('PFREE01');
    expect((await pd.get('/users/PFREE01')).status).toBe(200);
    expect((await pd.get('/users/PFREE01')).status).toBe(404);
    expect((await pd.get<{ users: { id: string }[] }>('/users?limit=100')).body.users.map(({ id }) => id)).toEqual(listed.filter((id) => id !== 'PFREE01'));
  });

  it('or for some time', async () => {
    await using pd = await openWrites({ deleteShownReads: 0, deleteShownMs: 1500 });
    await pd.remove('PFREE01');
    for (const status of [200, 200, 200]) expect((await pd.get('/users/PFREE01')).status).toBe(status);
    await pd.clock.advance(1500);
    expect((await pd.get('/users/PFREE01')).status).toBe(404);
  });

  it('analytics list somebody until they are made again, up to a day later', async () => {
    await using pd = await openWrites();
    await pd.remove('PFREE01');
    const count = async (): Promise<number> =>
      ((await pd.send('POST', '/analytics/raw/users', { body: { filters: { user_ids: ['PFREE01'] } } })).body as { data: unknown[] }).data.length;
    expect(await count()).toBe(1);
    await pd.clock.advance(15 * 3_600_000);
    expect(await count()).toBe(0);
  });

  it('a schedule or policy blocks on for a while after somebody was taken off', async () => {
    await using pd = await openWrites({ editsSettleChecks: 1, editsSettleMs: 1000 });
    await pd.send('DELETE', '/_simulator/placements', { body: { userId: 'PRESP01', kind: 'classic', id: 'PSCHED1' } });
    await pd.send('DELETE', '/_simulator/placements', { body: { userId: 'PTARGET', kind: 'policy' } });
    expect(pd.errorsOf(await pd.remove('PRESP01'))[0]).toContain('1 schedule');
    expect((await pd.remove('PTARGET')).status).toBe(400);
    await pd.clock.advance(1000);
    expect((await pd.remove('PRESP01')).status).toBe(204);
    expect((await pd.remove('PTARGET')).status).toBe(204);
  });
});

describe('offboarding (facts 5.2)', () => {
  it('lets schedules and policies go: a placeholder stays on them, and nobody is on call in its place', async () => {
    await using pd = await openWrites({ planHasOffboarding: true, deleteShownReads: 0 });
    for (const id of ['PRESP01', 'PSHIFT1', 'PTARGET']) expect((await pd.remove(id)).status).toBe(204);
    const { body } = await pd.get<{ schedules: { users: object[] }[] }>('/schedules');
    expect(body.schedules[0]?.users).toContainEqual(expect.objectContaining({ id: 'PRESP01', summary: 'Bela Responder', deleted_at: '2026-11-24T09:00:00.000Z' }));
    expect((await pd.get('/escalation_policies/PPOLICY')).body).toMatchObject({ escalation_policy: { escalation_rules: [{}, { targets: [{ id: 'PTARGET', type: 'user_reference' }] }] } });
    expect((await pd.get('/oncalls?schedule_ids[]=null')).body).toMatchObject({ oncalls: [] });
  });

  it('fails on assigned incidents and on snapshots, unless incidents are restarted', async () => {
    await using pd = await openWrites({ planHasOffboarding: true });
    openIncident(pd.simulator.state, { assigneeIds: ['PRESP01'], policyId: POLICY.id, createdAt: pd.clock.now() });
    expect(pd.errorsOf(await pd.remove('PRESP01'))[0]).toContain('1 incident');
    takeOff(pd.simulator.state, { userId: 'PTARGET', kind: 'policy' }, pd.clock.now());
    expect(pd.errorsOf(await pd.remove('PTARGET'))[0]).toContain('snapshot');
    pd.simulator.settings.offboardingIncidents = 'restart';
    expect((await pd.remove('PTARGET')).status).toBe(204);
  });

  it('restarts incidents on the policy some time after the answer', async () => {
    await using pd = await openWrites({ planHasOffboarding: true, offboardingIncidents: 'restart' });
    openIncident(pd.simulator.state, { assigneeIds: ['PADMIN1'], policyId: POLICY.id, createdAt: pd.clock.now() });
    expect((await pd.remove('PADMIN1')).status).toBe(204);
    const assignees = async (): Promise<string[]> =>
      (await pd.get<{ incidents: { assignments: { assignee: { id: string } }[] }[] }>('/incidents')).body.incidents.flatMap(({ assignments }) => assignments.map(({ assignee }) => assignee.id));
    expect(await assignees()).toEqual(['PADMIN1']);
    await pd.clock.advance(5000);
    expect(await assignees()).toEqual(['PRESP01']);
  });
});

describe('the journal of writes', () => {
  it('guard 4: counts deletions by person and outcome, also where the answer was lost', async () => {
    await using pd = await openWrites();
    pd.simulator.faults.add({ method: 'DELETE', fault: { kind: 'reset', when: 'before-headers' } });
    await expect(pd.remove('PFREE01')).rejects.toThrow();
    await pd.remove('PFREE01');
    await pd.remove('PRESP01');
    pd.simulator.faults.add({ method: 'DELETE', fault: { kind: 'status', status: 503 } });
    await pd.remove('PRESP01');
    expect(pd.simulator.journal.writes().map(({ method, route, person, outcome, status }) => [method, route, person, outcome, status])).toEqual([
      ['DELETE', '/users/{id}', 'PFREE01', 'done', 0],
      ['DELETE', '/users/{id}', 'PFREE01', 'refused', 404],
      ['DELETE', '/users/{id}', 'PRESP01', 'refused', 400],
      ['DELETE', '/users/{id}', 'PRESP01', 'unserved', 503],
    ]);
    expect((await pd.get('/_simulator/journal?method=DELETE&outcome=done&person=PFREE01', null)).body).toHaveLength(1);
  });

  it('a reset gives everything back', async () => {
    await using pd = await openWrites({}, makeStaff());
    await pd.remove('PFREE01');
    openIncident(pd.simulator.state, { assigneeIds: [], createdAt: pd.clock.now() });
    pd.simulator.reset();
    expect((await pd.get('/users/PFREE01/license')).status).toBe(200);
    expect(pd.simulator.state.company.incidents).toEqual([]);
    expect((await pd.remove('PFREE01')).status).toBe(204);
  });
});
