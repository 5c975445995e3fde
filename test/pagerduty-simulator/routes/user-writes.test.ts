import { describe, expect, it } from 'vitest';
import { READ_KEY } from '../testing/open-account.ts';
import { openWrites } from '../testing/write-scene.ts';

const noSeat = { message: 'Invalid Input Provided', code: 2001, errors: ['License error: License is not available'] };

describe('PUT /users/{id}: the downgrade (facts 5.4)', () => {
  it('takes a role alone, lets the backend choose the licence, and moves the seat', async () => {
    await using pd = await openWrites();
    const { state } = pd.simulator;
    const before = state.seatsTaken('PLFULL1');
    await pd.clock.advance(1000);
    const answer = await pd.change('PFREE01', { role: 'read_only_user' });
    expect(answer).toMatchObject({ status: 200, body: { user: { id: 'PFREE01', role: 'read_only_user' } } });
    expect(answer.body).not.toHaveProperty('user.license');
    expect([state.seatsTaken('PLFULL1'), state.seatsTaken('PLSTAKE')]).toEqual([before - 1, 2]);
    expect((await pd.get('/users/PFREE01/license')).body).toMatchObject({ license: { id: 'PLSTAKE' } });
    expect(state.user('PFREE01')).toMatchObject({ allocatedAt: pd.clock.now(), teams: [{ role: 'observer' }] });
    expect((await pd.get('/users/PFREE01/audit/records')).body).toMatchObject({ records: [{ details: { fields: [{ name: 'role', value: 'read_only_user', before_value: 'limited_user' }] } }] });
  });

  it.each([
    ['a stale licence', { role: 'read_only_user', license: { id: 'PSTALE1', type: 'license_reference' } }],
    ['a licence that does not allow the role', { role: 'read_only_user', license: { id: 'PLFULL1', type: 'license_reference' } }],
    ['a licence that does not allow the role so far', { license: { id: 'PLSTAKE', type: 'license_reference' } }],
  ])('%s is not available', async (_, user) => {
    await using pd = await openWrites();
    expect(await pd.change('PFREE01', user)).toMatchObject({ status: 400, body: { error: noSeat } });
    expect(pd.simulator.state.user('PFREE01')?.role).toBe('limited_user');
  });

  it('nor is one without a seat left, whoever chose it', async () => {
    await using pd = await openWrites();
    expect((await pd.change('PFREE01', { role: 'read_only_user' })).status).toBe(200);
    expect(await pd.change('PFORMER', { role: 'read_only_limited_user' })).toMatchObject({ status: 400, body: { error: noSeat } });
    expect((await pd.change('PFREE01', { role: 'read_only_limited_user' })).status).toBe(200);
  });

  it('is 402 in an account without stakeholders, or without advanced permissions', async () => {
    await using pd = await openWrites({ planHasAdvancedPermissions: false });
    pd.simulator.state.replace({ abilities: ['teams'] });
    for (const role of ['read_only_user', 'observer']) expect(await pd.change('PFREE01', { role })).toMatchObject({ status: 402, body: { error: { code: 2014 } } });
  });

  it('facts 3.2: the owner is 403 as soon as the body has a role, and nobody else becomes owner', async () => {
    await using pd = await openWrites();
    expect((await pd.change('POWNER1', { role: 'owner' })).status).toBe(403);
    expect(await pd.change('POWNER1', { job_title: 'Head' })).toMatchObject({ status: 200, body: { user: { role: 'owner', job_title: 'Head' } } });
    expect((await pd.change('PFREE01', { role: 'owner' })).status).toBe(400);
    expect((await pd.change('PFREE01', { role: 'team_responder' })).status).toBe(400);
  });

  it('facts 3.2: nothing keeps the last administrator but the owner, so whoever calls must', async () => {
    await using pd = await openWrites();
    expect((await pd.change('PADMIN1', { role: 'observer' })).status).toBe(200);
    expect(pd.simulator.state.company.users.filter(({ role }) => role === 'admin')).toEqual([]);
  });

  it.each(['PRESP01', 'PSHIFT1', 'PTARGET'])('facts 11: %s, on a schedule or policy, cannot become a stakeholder; or can', async (id) => {
    await using pd = await openWrites();
    const refused = await pd.change(id, { role: 'read_only_user' });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 2001 } } });
    expect(pd.errorsOf(refused)[0]).toMatch(/^Stakeholders cannot be/);
    pd.simulator.settings.stakeholderOnCall = 'accept';
    expect((await pd.change(id, { role: 'read_only_user' })).status).toBe(200);
  });

  it('facts 5.4: wants name, address and type as the schema says, or only what changes', async () => {
    await using pd = await openWrites();
    const body = { user: { role: 'observer' } };
    expect(await pd.send('PUT', '/users/PFREE01', { body })).toMatchObject({ status: 400, body: { error: { errors: ['name cannot be empty.', 'email cannot be empty.', 'type cannot be empty.'] } } });
    pd.simulator.settings.putUserNeeds = 'nothing';
    expect((await pd.send('PUT', '/users/PFREE01', { body })).status).toBe(200);
    expect((await pd.send('PUT', '/users/PFREE01')).status).toBe(400);
  });

  it('refuses somebody else\'s address, strangers, and who may not', async () => {
    await using pd = await openWrites();
    expect(pd.errorsOf(await pd.change('PFREE01', { email: 'PRESP01@example.com' }))).toEqual(['Email has already been taken']);
    expect((await pd.change('PNOBODY', {})).status).toBe(404);
    expect((await pd.change('PFREE01', {}, 'Token token=observer')).status).toBe(403);
    expect((await pd.change('PFREE01', {}, READ_KEY)).status).toBe(403);
    expect((await pd.change('PFREE01', {}, 'Token token=admin')).status).toBe(200);
  });
});

describe('the lock of the account (facts 5.4, tf#1117)', () => {
  it('guard 4: refuses a change of users while another is under way, and no other request', async () => {
    await using pd = await openWrites();
    pd.simulator.faults.add({ method: 'DELETE', delayMs: 200 });
    const slow = pd.remove('PFREE01');
    while (pd.simulator.faults.list()[0]?.applied !== 1) await new Promise(setImmediate);
    const refused = await pd.change('PFORMER', { role: 'observer' });
    expect(refused.status).toBe(400);
    expect(pd.errorsOf(refused)).toEqual(['License error: Unable to perform request at this time. account could not be locked']);
    expect((await pd.get('/users')).status).toBe(200);
    expect((await slow).status).toBe(204);
    expect((await pd.change('PFORMER', { role: 'observer' })).status).toBe(200);
    expect(pd.simulator.journal.list({ person: 'PFORMER' }).map(({ outcome }) => outcome)).toEqual(['refused', 'done']);
  });

  it('can be closed for good, or left out', async () => {
    await using pd = await openWrites({ accountLock: 'always' });
    expect((await pd.remove('PFREE01')).status).toBe(400);
    expect((await pd.remove('PFREE01', READ_KEY)).status).toBe(403);
    pd.simulator.settings.accountLock = 'never';
    expect((await pd.remove('PFREE01')).status).toBe(204);
  });
});

describe('POST /users (facts 1.8, 3.1)', () => {
  const user = { type: 'user', name: 'Bela Again', email: 'again@example.com', role: 'observer' };
  const from = 'padmin1@example.com';

  it('invites somebody under an id that nobody had before', async () => {
    await using pd = await openWrites({ deleteShownReads: 0 });
    const first = await pd.send('POST', '/users', { body: { user }, from });
    expect(first).toMatchObject({ status: 201, body: { user: { name: 'Bela Again', role: 'observer', invitation_sent: true } } });
    const { id } = (first.body as { user: { id: string } }).user;
    expect((await pd.remove(id)).status).toBe(204);
    const second = await pd.send('POST', '/users', { body: { user }, from });
    expect((second.body as { user: { id: string } }).user.id).not.toBe(id);
    expect(pd.simulator.journal.writes().map(({ person, outcome }) => [person === id, outcome])).toEqual([[true, 'done'], [true, 'done'], [false, 'done']]);
  });

  it('needs From, the address of a user; or only for credentials of nobody', async () => {
    await using pd = await openWrites();
    expect((await pd.send('POST', '/users', { body: { user } })).status).toBe(400);
    expect((await pd.send('POST', '/users', { body: { user }, from: 'stranger@example.com' })).status).toBe(400);
    pd.simulator.settings.fromHeader = 'account-level';
    expect((await pd.send('POST', '/users', { body: { user } })).status).toBe(400);
    expect((await pd.send('POST', '/users', { body: { user }, authorization: 'Token token=admin' })).status).toBe(201);
  });

  it.each([
    ['without a name', { ...user, name: undefined }, 400],
    ['with a taken address', { ...user, email: from }, 400],
    ['as owner', { ...user, role: 'owner' }, 400],
    ['on a stale licence', { ...user, license: { id: 'PSTALE1' } }, 400],
  ])('refuses somebody %s', async (_, wished, status) => {
    await using pd = await openWrites();
    expect((await pd.send('POST', '/users', { body: { user: wished }, from })).status).toBe(status);
  });
});

describe('team membership (facts 5.4, 5.5)', () => {
  const path = (id: string): string => `/teams/PTEAM01/users/${id}`;

  it('goes by PUT and DELETE, and is on record', async () => {
    await using pd = await openWrites();
    expect((await pd.send('PUT', path('PADMIN1'), { body: { role: 'manager' } })).status).toBe(204);
    expect((await pd.get('/users/PADMIN1')).body).toMatchObject({ user: { teams: [{ id: 'PTEAM01' }] } });
    expect((await pd.send('DELETE', path('PADMIN1'))).status).toBe(204);
    expect((await pd.send('DELETE', path('PADMIN1'))).status).toBe(404);
    expect((await pd.send('PUT', '/teams/PNOTEAM/users/PADMIN1')).status).toBe(404);
    expect((await pd.send('PUT', path('PADMIN1'), { authorization: 'Token token=observer' })).status).toBe(403);
    expect(pd.simulator.journal.writes()[0]).toMatchObject({ route: '/teams/{id}/users/{user_id}', person: 'PADMIN1' });
  });

  it.each([['observer', 'observer'], ['none', null]] as const)('facts 5.4: a downgrade leaves somebody in their teams, with the role %s, and a raise gives the former one back to nobody', async (stakeholderTeamRole, role) => {
    await using pd = await openWrites({ stakeholderTeamRole });
    const roleIn = async () => ((await pd.get('/teams/PTEAM01/members')).body as { members: { user: { id: string }; role: string | null }[] }).members.find(({ user }) => user.id === 'PFREE01')?.role;
    expect(await roleIn()).toBe('responder');
    await pd.change('PFREE01', { role: 'read_only_user' });
    expect(await roleIn()).toBe(role);
    await pd.change('PFREE01', { role: 'limited_user' });
    expect(await roleIn()).toBe('observer');
  });

  it('a stakeholder holds no role, and a target of the team\'s policy cannot leave', async () => {
    await using pd = await openWrites();
    expect((await pd.send('PUT', path('PSTAKE1'), { body: { role: 'responder' } })).status).toBe(400);
    expect((await pd.send('PUT', path('PSTAKE1'))).status).toBe(204);
    expect(await pd.send('DELETE', path('PTARGET'))).toMatchObject({
      status: 400,
      body: { error: { code: 2001, errors: ['User cannot be removed as they belong to an escalation policy on this team'] } },
    });
  });
});

describe('contact methods and notification rules', () => {
  it('can be read and added, which a restoration needs', async () => {
    await using pd = await openWrites();
    const contact = { type: 'sms_contact_method', label: 'Mobile', address: '5555550100', country_code: 1 };
    const made = await pd.send('POST', '/users/PFREE01/contact_methods', { body: { contact_method: contact } });
    expect(made).toMatchObject({ status: 201, body: { contact_method: contact } });
    const { id } = (made.body as { contact_method: { id: string } }).contact_method;
    expect((await pd.send('POST', '/users/PFREE01/contact_methods', { body: { contact_method: contact } })).status).toBe(400);
    const rule = { type: 'assignment_notification_rule', start_delay_in_minutes: 5, urgency: 'high', contact_method: { id, type: 'sms_contact_method_reference' } };
    expect((await pd.send('POST', '/users/PFREE01/notification_rules', { body: { notification_rule: rule } })).status).toBe(201);
    expect((await pd.send('POST', '/users/PFREE01/notification_rules', { body: { notification_rule: { ...rule, contact_method: { id: 'PNONE' } } } })).status).toBe(400);
    expect((await pd.get('/users/PFREE01/contact_methods')).body).toMatchObject({ contact_methods: [{ type: 'email_contact_method', address: 'pfree01@example.com' }, { id }] });
    expect((await pd.get('/users/PFREE01?include[]=notification_rules')).body).toMatchObject({ user: { notification_rules: [{}, { start_delay_in_minutes: 5, contact_method: { id } }] } });
    expect((await pd.get('/users/PFREE01/notification_rules', await pd.bearer('users.read'))).status).toBe(403);
  });

  it('are one\'s own or an administrator\'s to add', async () => {
    await using pd = await openWrites();
    const body = { contact_method: { type: 'email_contact_method', label: 'Work', address: 'work@example.com' } };
    const status = async (id: string): Promise<number> => (await pd.send('POST', `/users/${id}/contact_methods`, { body, authorization: 'Token token=observer' })).status;
    expect([await status('POBSERV'), await status('PFREE01')]).toEqual([201, 403]);
  });
});

describe('scenes from another process', () => {
  it('opens, reassigns and resolves incidents, and puts people on schedules and policies', async () => {
    await using pd = await openWrites();
    const incident = (await pd.send('POST', '/_simulator/incidents', { body: { assigneeIds: ['PFREE01'], policyId: 'PPOLICY' } })).body as { id: string };
    expect((await pd.get('/incidents?user_ids[]=PFREE01')).body).toMatchObject({ incidents: [{ id: incident.id }] });
    await pd.send('PATCH', `/_simulator/incidents/${incident.id}`, { body: { assigneeIds: ['POBSERV'], by: 'PFREE01' } });
    expect((await pd.get('/incidents?user_ids[]=PFREE01')).body).toMatchObject({ incidents: [] });
    await pd.send('PATCH', `/_simulator/incidents/${incident.id}`, { body: { status: 'resolved', by: 'POBSERV' } });
    expect((await pd.get('/incidents?user_ids[]=POBSERV')).body).toMatchObject({ incidents: [] });
    for (const kind of ['policy', 'classic', 'v3']) expect((await pd.send('POST', '/_simulator/placements', { body: { userId: 'PFREE01', kind } })).status).toBe(200);
    pd.simulator.settings.blockersShown = 'all';
    expect(pd.errorsOf(await pd.remove('PFREE01'))).toHaveLength(2);
    for (const kind of ['policy', 'classic', 'v3']) await pd.send('DELETE', '/_simulator/placements', { body: { userId: 'PFREE01', kind } });
    expect((await pd.remove('PFREE01')).status).toBe(204);
    expect((await pd.send('POST', '/_simulator/placements', { body: { userId: 'PFREE01', kind: 'v3', id: 'PNONE' } })).status).toBe(400);
    expect((await pd.send('PATCH', '/_simulator/incidents/QNONE', { body: {} })).status).toBe(400);
  });
});
