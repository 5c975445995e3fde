import { describe, expect, it } from 'vitest';
import type { ClassicSchedule, CompanyState, Policy, ShiftSchedule } from '../index.ts';
import { FULL_LICENSE, makeCompany, makePerson, openAccount } from '../testing/open-account.ts';

const MONDAY = Date.parse('2026-11-23T09:00:00Z');
const DAY = 86_400_000;

const classic: ClassicSchedule = {
  kind: 'classic',
  id: 'PSCHED1',
  name: 'Payments primary',
  description: '',
  timeZone: 'Etc/UTC',
  teamIds: ['PTEAM01'],
  layers: [
    { id: 'PLAYER1', name: 'Weekly', start: MONDAY, end: null, rotationVirtualStart: MONDAY, turnSeconds: 604_800, userIds: ['PRESP01', 'PRESP02'], restrictions: [] },
  ],
  overrides: [{ userId: 'POWNER1', start: MONDAY + DAY, end: MONDAY + 2 * DAY }],
};

const shiftBased: ShiftSchedule = {
  kind: 'v3',
  id: 'PV3SCH1',
  name: 'Payments night',
  description: '',
  timeZone: 'Europe/London',
  teamIds: [],
  rotations: [
    {
      id: 'ROTATIONABCDEFGHIJKLMNOP',
      events: [
        {
          id: 'EVENTABCDEFGHIJKLMNOPQRS',
          name: 'Nightly',
          start: MONDAY + 12 * 3_600_000,
          end: MONDAY + 20 * 3_600_000,
          effectiveSince: MONDAY,
          effectiveUntil: null,
          frequency: 'daily',
          strategy: 'rotating',
          shiftsPerMember: 1,
          members: ['PRESP01', null],
        },
      ],
    },
  ],
};

const policy: Policy = {
  id: 'PPOLICY',
  name: 'Payments escalation',
  description: null,
  teamIds: ['PTEAM01'],
  loops: 2,
  rules: [
    { id: 'PRULE01', delayMinutes: 30, targets: [{ kind: 'classic', id: 'PSCHED1' }, { kind: 'v3', id: 'PV3SCH1' }] },
    { id: 'PRULE02', delayMinutes: 15, targets: [{ kind: 'user', id: 'POWNER1' }] },
  ],
};

const company: CompanyState = makeCompany({
  users: [
    makePerson('POWNER1', { role: 'owner', name: 'Ada Owner' }),
    makePerson('PRESP01', { name: 'Bela Ashgrove', email: 'bela.ashgrove@example.com', teams: [{ teamId: 'PTEAM01', role: 'responder' }] }),
    makePerson('PRESP02', { name: 'Ciro Birchfell', invitationSent: true, teams: [{ teamId: 'PTEAM01', role: 'manager' }, { teamId: 'PTEAM02', role: 'responder' }] }),
    makePerson('PRESP03', { name: 'Dara Elmgate', teams: [{ teamId: 'PTEAM02', role: 'observer' }] }),
  ],
  teams: [
    { id: 'PDEPT01', name: 'Commerce', description: 'The department', parentId: null },
    { id: 'PTEAM01', name: 'Payments', description: null, parentId: 'PDEPT01' },
    { id: 'PTEAM02', name: 'Search', description: null, parentId: 'PDEPT01' },
  ],
  schedules: [classic],
  shiftSchedules: [shiftBased, { ...shiftBased, id: 'PV3HIDE', name: 'Secret', unreadable: true }],
  policies: [policy],
});

const ids = (items: readonly { id: string }[]): string[] => items.map(({ id }) => id);

interface UserBody {
  readonly id: string;
  readonly teams: readonly { readonly type: string; readonly name?: string }[];
  readonly contact_methods: readonly { readonly type: string; readonly address?: string }[];
}

describe('users', () => {
  it('facts 3.1: a user has no licence, no creation date and no last login, and some undocumented fields', async () => {
    await using pd = await openAccount({ company });
    const { body } = await pd.get<{ user: Record<string, unknown> }>('/users/PRESP02');
    expect(body.user).toMatchObject({ id: 'PRESP02', type: 'user', role: 'limited_user', invitation_sent: true, job_title: null, billed: true });
    for (const absent of ['license', 'created_at', 'last_login', 'http_cal_url', 'subdomains', 'story']) expect(body.user).not.toHaveProperty(absent);
    expect(body.user['self']).toBe('https://api.pagerduty.com/users/PRESP02');
  });

  it('facts 3.1: query looks into names and addresses, in any case', async () => {
    await using pd = await openAccount({ company });
    expect(ids((await pd.get<{ users: UserBody[] }>('/users?query=BIRCH')).body.users)).toEqual(['PRESP02']);
    expect(ids((await pd.get<{ users: UserBody[] }>('/users?query=bela.ash')).body.users)).toEqual(['PRESP01']);
  });

  it('facts 7: team_ids[] may be repeated; somebody in two of the teams comes once', async () => {
    await using pd = await openAccount({ company });
    const both = await pd.get<{ users: UserBody[] }>('/users?team_ids[]=PTEAM01&team_ids[]=PTEAM02');
    expect(ids(both.body.users)).toEqual(['PRESP01', 'PRESP02', 'PRESP03']);
    expect((await pd.get<{ users: UserBody[] }>('/users?team_ids[]=PDEPT01')).body.users).toEqual([]);
  });

  it('facts 3.1: include[] turns references into whole objects; calendar addresses only for one user', async () => {
    await using pd = await openAccount({ company });
    const plain = await pd.get<{ user: UserBody }>('/users/PRESP01');
    expect([plain.body.user.teams[0]?.type, plain.body.user.contact_methods[0]?.type]).toEqual(['team_reference', 'email_contact_method_reference']);
    const query = 'include[]=teams&include[]=contact_methods&include[]=calendar_urls';
    const whole = await pd.get<{ user: UserBody }>(`/users/PRESP01?${query}`);
    expect(whole.body.user.teams[0]).toMatchObject({ type: 'team', name: 'Payments' });
    expect(whole.body.user.contact_methods[0]?.address).toBe('bela.ashgrove@example.com');
    expect(whole.body.user).toHaveProperty('http_cal_url');
    expect((await pd.get(`/users?${query}`)).text).not.toContain('http_cal_url');
  });

  it('facts 3.1: an unknown or deleted id is 404, code 2100', async () => {
    await using pd = await openAccount({ company });
    const expected = { status: 404, body: { error: { message: 'Not Found', code: 2100 } } };
    expect(await pd.get('/users/PNOBODY')).toMatchObject(expected);
    pd.simulator.state.removeUser('PRESP01');
    expect(await pd.get('/users/PRESP01')).toMatchObject(expected);
  });
});

describe('licences', () => {
  it('facts 3.3: seats taken and left are counted from the people; null = no limit; no page around them', async () => {
    await using pd = await openAccount({ company: makeCompany() });
    const { body } = await pd.get<{ licenses: Record<string, unknown>[] }>('/licenses?limit=1');
    expect(Object.keys(body)).toEqual(['licenses']);
    expect(body.licenses).toMatchObject([
      { name: 'Business (Full User)', role_group: 'FullUser', current_value: 3, allocations_available: 7 },
      { role_group: 'Stakeholder', current_value: 1, allocations_available: null, self: null },
    ]);
  });

  it('facts 3.4: an allocation joins a bare user reference to a licence without counts, dated with an offset', async () => {
    await using pd = await openAccount({ company });
    const { body } = await pd.get<{ license_allocations: { license: object; user: { id: string }; allocated_at: string }[]; total: number }>('/license_allocations?limit=1');
    expect(body).toMatchObject({ limit: 1, more: true, total: 4 });
    const [first] = body.license_allocations;
    expect(first?.user).toEqual({ id: 'POWNER1', type: 'user_reference' });
    expect(first?.license).not.toHaveProperty('current_value');
    expect(first?.allocated_at).toBe('2025-01-15T06:00:00-06:00');
  });

  it('facts 11: their total may be null instead', async () => {
    await using pd = await openAccount({ company, settings: { allocationsTotal: 'null' } });
    expect((await pd.get<{ total: number | null }>('/license_allocations')).body.total).toBeNull();
  });

  it('facts 3.4: one person has one licence', async () => {
    await using pd = await openAccount({ company });
    expect((await pd.get('/users/PRESP01/license')).body).toMatchObject({ license: { id: FULL_LICENSE.id } });
    expect((await pd.get('/users/PNOBODY/license')).status).toBe(404);
  });
});

describe('teams, policies, abilities', () => {
  it('facts 2: members have a role in the team; their total is never given', async () => {
    await using pd = await openAccount({ company });
    const { body } = await pd.get<{ members: { user: { id: string }; role: string }[]; total: null }>('/teams/PTEAM01/members?total=true');
    expect(body.members.map(({ user, role }) => [user.id, role])).toEqual([['PRESP01', 'responder'], ['PRESP02', 'manager']]);
    expect(body.total).toBeNull();
    expect((await pd.get('/teams/PNOTEAM/members')).status).toBe(404);
    expect((await pd.get('/teams?query=sea')).body).toMatchObject({ teams: [{ id: 'PTEAM02', parent: { id: 'PDEPT01' } }] });
  });

  it('facts 5.5: policies by user are those that name the user directly, not through a schedule', async () => {
    await using pd = await openAccount({ company });
    const direct = await pd.get<{ escalation_policies: Policy[] }>('/escalation_policies?user_ids[]=POWNER1');
    expect(ids(direct.body.escalation_policies)).toEqual(['PPOLICY']);
    expect((await pd.get<{ escalation_policies: Policy[] }>('/escalation_policies?user_ids[]=PRESP01')).body.escalation_policies).toEqual([]);
    expect((await pd.get('/escalation_policies/PPOLICY')).body).toMatchObject({
      escalation_policy: { escalation_rules: [{ targets: [{ type: 'schedule_reference' }, { type: 'schedule_v3_reference' }] }, { targets: [{ type: 'user_reference' }] }] },
    });
  });

  it('facts 3.6: an ability is 204 when there, 402 when the plan lacks it, 404 when unknown', async () => {
    await using pd = await openAccount();
    expect((await pd.get('/abilities')).body).toEqual({ abilities: ['teams', 'read_only_users'] });
    const statuses = await Promise.all(['teams', 'urgencies', 'magic'].map(async (name) => (await pd.get(`/abilities/${name}`)).status));
    expect(statuses).toEqual([204, 402, 404]);
  });

  it('facts 7: another version in Accept is tolerated; an unknown route is 404; what is not carried out changes nothing', async () => {
    await using pd = await openAccount();
    const headers = { authorization: 'Token token=full-key', accept: 'application/vnd.pagerduty+json;version=1' };
    expect((await fetch(`${pd.simulator.url}/users`, { headers })).status).toBe(200);
    expect((await pd.get('/wishes')).body).toMatchObject({ error: { code: 2100 } });
    expect((await pd.send('PUT', '/incidents')).status).toBe(403);
    expect((await pd.get('/users/PRESP01')).status).toBe(200);
    expect(pd.simulator.journal.writes()).toMatchObject([{ method: 'PUT', route: '/incidents', status: 403, outcome: 'refused' }]);
  });
});

describe('schedules of both kinds', () => {
  it('facts 0.7: shift-based schedules are not in /schedules, and classic ones not in /v3/schedules', async () => {
    await using pd = await openAccount({ company });
    expect((await pd.get('/schedules')).body).toMatchObject({ schedules: [{ id: 'PSCHED1', users: [{ id: 'PRESP01' }, { id: 'PRESP02' }, { id: 'POWNER1' }] }] });
    expect((await pd.get('/v3/schedules')).body).toMatchObject({ schedules: [{ id: 'PV3SCH1', type: 'schedule_v3_reference' }] });
  });

  it('facts 5.5: the list of shift-based ones has references only, and leaves out without a word what may not be read', async () => {
    await using pd = await openAccount({ company });
    expect((await pd.get('/v3/schedules')).text).not.toContain('PV3HIDE');
    const { body } = await pd.get('/v3/schedules/PV3SCH1');
    expect(body).toMatchObject({
      schedule: { rotations: [{ events: [{ assignment_strategy: { members: [{ type: 'user_member', user_id: 'PRESP01' }, { type: 'empty_member' }] } }] }] },
    });
  });

  it('facts 5.5: a classic id asked through v3 is 400; the other way round it is 404', async () => {
    await using pd = await openAccount({ company });
    expect(await pd.get('/v3/schedules/PSCHED1')).toMatchObject({ status: 400, body: { error: { code: 2001 } } });
    expect((await pd.get('/schedules/PV3SCH1')).status).toBe(404);
    expect((await pd.get('/v3/schedules/PV3HIDE')).status).toBe(404);
  });

  it('renders entries only for a time that was asked for, cut to it, overrides on top', async () => {
    await using pd = await openAccount({ company });
    const bare = await pd.get('/schedules/PSCHED1');
    expect(bare.body).toMatchObject({ schedule: { schedule_layers: [{ rendered_schedule_entries: [] }] } });
    const { body } = await pd.get('/schedules/PSCHED1?since=2026-11-23T00:00:00Z&until=2026-11-26T00:00:00Z');
    expect(body).toMatchObject({
      schedule: {
        final_schedule: {
          rendered_coverage_percentage: 87.5,
          rendered_schedule_entries: [
            { start: '2026-11-23T09:00:00Z', end: '2026-11-24T09:00:00Z', user: { id: 'PRESP01' } },
            { start: '2026-11-24T09:00:00Z', end: '2026-11-25T09:00:00Z', user: { id: 'POWNER1' } },
            { start: '2026-11-25T09:00:00Z', end: '2026-11-26T00:00:00Z', user: { id: 'PRESP01' } },
          ],
        },
      },
    });
    const computed = await pd.get('/v3/schedules/PV3SCH1?include[]=final_schedule&since=2026-11-23T00:00:00Z&until=2026-11-25T00:00:00Z');
    expect(computed.body).toMatchObject({ schedule: { final_schedule: { computed_shift_assignments: [{ start_time: '2026-11-23T21:00:00Z', member: { user_id: 'PRESP01' } }] } } });
  });
});
