import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../company/company.ts';
import { errorsOf, idsOf, makeIncident, makeRecord, now, openHistory } from '../testing/history-scene.ts';
import type { TestAccount } from '../testing/open-account.ts';
import { makePerson, READ_KEY } from '../testing/open-account.ts';

describe('GET /log_entries (facts 4.4)', () => {
  const incidents = [makeIncident({ id: 'Q1', number: 1 }), makeIncident({ id: 'Q2', number: 2, createdAt: now - 40 * DAY_MS })];

  it('lists entries of all kinds, newest first, with agents that are people, services and integrations', async () => {
    await using pd = await openHistory({ incidents });
    const { body } = await pd.get<{ log_entries: { type: string; agent: { id: string; type: string }; user?: { id: string } }[] }>('/log_entries?limit=4');
    expect(body).toMatchObject({ more: true, total: null, limit: 4 });
    expect(body.log_entries.map(({ type, agent }) => [type, agent.type])).toEqual([
      ['resolve_log_entry', 'user_reference'],
      ['acknowledge_log_entry', 'user_reference'],
      ['notify_log_entry', 'service_reference'],
      ['trigger_log_entry', 'integration_reference'],
    ]);
    expect(body.log_entries.map(({ agent, user }) => [agent.id === 'PRESP01', user?.id])).toEqual([[true, undefined], [true, undefined], [false, 'PSTAKE1'], [false, undefined]]);
  });

  it('keeps to the window, in the account\'s zone where a time has none, and leaves entries out of the overview', async () => {
    await using pd = await openHistory({ incidents });
    const count = async (query: string): Promise<number> => idsOf(await pd.get(`/log_entries?limit=100&${query}`), 'log_entries').length;
    expect(await count('')).toBe(8);
    expect(await count('since=2026-11-01T00:00:00Z')).toBe(4);
    expect(await count('since=2026-11-01T00:00:00Z&is_overview=true')).toBe(3);
    expect(await count('since=2026-11-23T09:00:02Z&until=2026-11-23T09:00:02Z')).toBe(1);
    // 03:00 in Chicago is 09:00 in UTC.
    expect(await count('since=2026-11-23T03:00:02')).toBe(2);
    expect(await count('user_ids[]=POBSERV')).toBe(8);
    pd.simulator.settings.windowEnds = 'exclusive';
    expect(await count('since=2026-11-23T09:00:01Z&until=2026-11-23T09:00:03Z')).toBe(1);
    expect((await pd.get('/log_entries?since=2026-11-02T00:00:00Z&until=2026-11-01T00:00:00Z')).status).toBe(400);
  });

  it('T5: reaches no further than 10,000 rows', async () => {
    await using pd = await openHistory({ incidents: Array.from({ length: 2600 }, (_, index) => makeIncident({ id: `Q${index}`, number: index })) });
    expect((await pd.get<{ total: number }>('/log_entries?limit=100&total=true')).body.total).toBe(10_400);
    expect(errorsOf(await pd.get('/log_entries?limit=100&offset=9901')).slice(0, 2)).toEqual([400, 2002]);
    expect((await pd.get('/log_entries', await pd.bearer('users.read'))).status).toBe(403);
  });
});

describe('GET /incidents (facts 4.5)', () => {
  const incidents = [
    makeIncident({ id: 'QOLD', number: 1, createdAt: now - 200 * DAY_MS, status: 'acknowledged', assigneeIds: ['PRESP01'], actions: [{ type: 'acknowledge', at: now - 200 * DAY_MS, agent: { kind: 'user', id: 'PRESP01' } }] }),
    makeIncident({ id: 'QMID', number: 2, createdAt: now - 50 * DAY_MS }),
    makeIncident({ id: 'QNEW', number: 3, status: 'triggered', assigneeIds: ['POBSERV'] }),
  ];
  const list = async (pd: TestAccount, query: string): Promise<string[]> => idsOf(await pd.get(`/incidents?${query}`), 'incidents');

  it('searches the last month, a month from one end, at most six, or everything', async () => {
    await using pd = await openHistory({ incidents });
    expect(await list(pd, '')).toEqual(['QNEW']);
    expect(await list(pd, 'since=2026-09-20T00:00:00Z')).toEqual(['QMID']);
    expect(await list(pd, 'until=2026-10-20T00:00:00Z')).toEqual(['QMID']);
    expect(await list(pd, 'since=2026-05-30T00:00:00Z&until=2026-11-30T00:00:00Z')).toEqual(['QMID', 'QNEW']);
    expect(errorsOf(await pd.get('/incidents?since=2026-05-01T00:00:00Z&until=2026-11-24T00:00:00Z'))).toEqual([400, 2001, [' is invalid.']]);
    expect(await list(pd, 'since=2000-01-01&date_range=all')).toEqual(['QOLD', 'QMID', 'QNEW']);
  });

  it('reads times without a zone in the account\'s', async () => {
    await using pd = await openHistory({ incidents });
    // QNEW began at 09:00 UTC, which is 03:00 in Chicago.
    expect(await list(pd, 'since=2026-11-23T03:30:00')).toEqual([]);
    expect(await list(pd, 'since=2026-11-23T02:30:00')).toEqual(['QNEW']);
  });

  it('finds by who has it now, open ones only, and misses old ones without date_range=all', async () => {
    await using pd = await openHistory({ incidents });
    expect(await list(pd, 'user_ids[]=PRESP01')).toEqual([]);
    expect(await list(pd, 'user_ids[]=PRESP01&user_ids[]=POBSERV&date_range=all')).toEqual(['QOLD', 'QNEW']);
    expect(await list(pd, 'statuses[]=triggered&date_range=all')).toEqual(['QNEW']);
    expect(await list(pd, 'date_range=all&sort_by=created_at:desc')).toEqual(['QNEW', 'QMID', 'QOLD']);
    expect((await pd.get('/incidents?date_range=all&statuses[]=acknowledged')).body).toMatchObject({
      incidents: [{ status: 'acknowledged', assignments: [{ assignee: { id: 'PRESP01', type: 'user_reference' } }], acknowledgements: [{ acknowledger: { id: 'PRESP01' } }], resolved_at: null }],
    });
    expect((await pd.get('/incidents?statuses[]=open')).status).toBe(400);
  });
});

describe('GET /audit/records (facts 4.6)', () => {
  const auditRecords = [
    makeRecord('A-new', now - 3_600_000),
    makeRecord('A-key', now - 3_700_000, { actors: [{ type: 'api_key_reference', id: 'PKEY' }], method: 'api_token', action: 'delete', root: { type: 'users', id: 'PGONE', name: 'Gone' } }),
    makeRecord('A-nobody', now - 3_800_000, { actors: null, method: 'other' }),
    makeRecord('A-old', now - 20 * DAY_MS),
    makeRecord('A-ancient', now - 364 * DAY_MS),
    makeRecord('A-forgotten', now - 367 * DAY_MS),
  ];
  const list = async (pd: TestAccount, query: string): Promise<string[]> => idsOf(await pd.get(`/audit/records?${query}`), 'records');

  it('T20: lists the last day unless told otherwise, 31 days at most, a year back at most, newest first', async () => {
    await using pd = await openHistory({ auditRecords });
    expect(await list(pd, '')).toEqual(['A-new', 'A-key', 'A-nobody']);
    expect(await list(pd, 'since=2026-10-25T00:00:00Z')).toEqual(['A-new', 'A-key', 'A-nobody', 'A-old']);
    expect(errorsOf(await pd.get('/audit/records?since=2026-10-01T00:00:00Z')).slice(0, 2)).toEqual([400, 2005]);
    expect(errorsOf(await pd.get('/audit/records?until=2026-10-01T00:00:00Z')).slice(0, 2)).toEqual([400, 2005]);
    expect(await list(pd, 'since=2025-11-10T00:00:00Z&until=2025-12-10T00:00:00Z')).toEqual(['A-ancient']);
  });

  it('facts 4.6: has nothing from before 2020-12-02', async () => {
    await using pd = await openHistory({ auditRecords: [makeRecord('A-first', Date.parse('2020-12-02T00:00:00Z')), makeRecord('A-before', Date.parse('2020-12-01T23:59:59Z'))] });
    await pd.send('POST', '/_simulator/clock', { body: { set: '2020-12-10T00:00:00Z' } });
    expect(await list(pd, 'since=2020-11-20T00:00:00Z')).toEqual(['A-first']);
  });

  it('filters by actor, which needs the type, by method, root and action; actors may be null', async () => {
    await using pd = await openHistory({ auditRecords });
    expect(await list(pd, 'actor_type=user_reference&actor_id=POWNER1')).toEqual(['A-new']);
    expect(await list(pd, 'actor_type=user_reference&actor_id=POBSERV')).toEqual([]);
    expect((await pd.get('/audit/records?actor_id=POWNER1')).status).toBe(400);
    expect(await list(pd, 'method_type=api_token&root_resource_types[]=users&actions[]=delete')).toEqual(['A-key']);
    expect((await pd.get('/audit/records')).body).toMatchObject({ records: [{ actors: [{ id: 'POWNER1', summary: 'Ada Owner' }] }, {}, { actors: null }] });
    expect(idsOf(await pd.get('/users/PGONE/audit/records'), 'records')).toEqual(['A-key']);
  });

  it('pages by cursor to the end, whatever is added on top; a larger page than there is gets cut (facts 11)', async () => {
    await using pd = await openHistory({ auditRecords: Array.from({ length: 5 }, (_, index) => makeRecord(`A${index}`, now - index * 1000)) }, { cursorMaxLimit: 2 });
    const page = async (cursor = ''): Promise<{ limit: number; next_cursor: string | null; records: { id: string }[] }> =>
      (await pd.get<{ limit: number; next_cursor: string | null; records: { id: string }[] }>(`/audit/records?limit=100&cursor=${cursor}`)).body;
    const first = await page();
    expect([first.limit, first.records.map(({ id }) => id)]).toEqual([2, ['A0', 'A1']]);
    const { auditRecords: known } = pd.simulator.state.company;
    pd.simulator.state.replace({ auditRecords: [...known, makeRecord('A-later', now)] });
    const second = await page(first.next_cursor ?? '');
    const third = await page(second.next_cursor ?? '');
    expect([...second.records, ...third.records].map(({ id }) => id)).toEqual(['A2', 'A3', 'A4']);
    expect(third.next_cursor).toBeNull();
    expect((await pd.get('/audit/records?cursor=nonsense')).status).toBe(400);
  });

  it('is for administrators and account-level tokens, and 402 where the plan lacks it', async () => {
    await using pd = await openHistory({ auditRecords });
    expect(errorsOf(await pd.get('/audit/records', 'Token token=observer')).slice(0, 2)).toEqual([403, 2010]);
    expect((await pd.get('/audit/records', READ_KEY)).status).toBe(200);
    expect((await pd.get('/audit/records', await pd.bearer('audit_records.read'))).status).toBe(200);
    pd.simulator.settings.planHasAudit = false;
    expect(errorsOf(await pd.get('/audit/records')).slice(0, 2)).toEqual([402, 2014]);
  });

  it('spoils cursor pages as it does the others', async () => {
    await using pd = await openHistory({ auditRecords: Array.from({ length: 5 }, (_, index) => makeRecord(`A${index}`, now - index * 1000)) }, { cursorMaxLimit: 2 });
    pd.simulator.faults.add({ route: '/audit/records', fault: { kind: 'wrong-more' } });
    expect((await pd.get('/audit/records')).body).toMatchObject({ records: [{}, {}], next_cursor: null });
    const { next_cursor: cursor } = (await pd.get<{ next_cursor: string }>('/audit/records')).body;
    pd.simulator.faults.add({ route: '/audit/records', fault: { kind: 'duplicate-page' } });
    expect(await list(pd, `cursor=${cursor}`)).toEqual(['A0', 'A1']);
    pd.simulator.faults.add({ route: '/audit/records', fault: { kind: 'shift', by: 1 } });
    expect(await list(pd, `cursor=${cursor}`)).toEqual(['A3', 'A4']);
  });
});

describe('OAuth delegations (facts 3.5)', () => {
  const person = makePerson('PA', { webSignIns: [now - DAY_MS, now - 9 * DAY_MS], mobileSignIns: [now - 2 * DAY_MS] });
  interface Page {
    readonly oauth_delegations: readonly Record<string, unknown>[];
    readonly next_cursor: string | null;
    readonly more: boolean;
  }

  it('a sign-in leaves one of the web and of PagerDutyLogin; pages go by cursor', async () => {
    await using pd = await openHistory({ users: [person] }, { cursorMaxLimit: 2 });
    const first = (await pd.get<Page>('/users/PA/oauth_delegations')).body;
    expect(first.oauth_delegations).toMatchObject([
      { client_id: 'PagerDutyLogin', delegation_type: 'web', created_at: '2026-11-23T09:00:00.000Z', status: 'issued' },
      { client_id: 'PagerDutyMobile', delegation_type: 'mobile' },
    ]);
    const second = (await pd.get<Page>(`/users/PA/oauth_delegations?cursor=${first.next_cursor}`)).body;
    expect([second.oauth_delegations.length, second.more, second.next_cursor]).toEqual([1, false, null]);
    pd.simulator.settings.delegationKindField = 'type';
    const { body } = await pd.get<Page>('/users/PA/oauth_delegations?delegation_type=mobile,integration');
    expect(body.oauth_delegations.map((row) => [row['type'], row['delegation_type']])).toEqual([['mobile', undefined]]);
    expect((await pd.get('/users/PNOBODY/oauth_delegations')).status).toBe(404);
  });

  it('DELETE signs out of what it names', async () => {
    await using pd = await openHistory({ users: [person] });
    expect((await pd.send('DELETE', '/oauth_delegations?user_id=PA')).status).toBe(400);
    expect((await pd.send('DELETE', '/oauth_delegations?user_id=PA&type=integration')).status).toBe(400);
    expect(await pd.send('DELETE', '/oauth_delegations?user_id=PA&type=web')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const { body } = await pd.get<Page>('/users/PA/oauth_delegations?status=issued');
    expect(body.oauth_delegations).toMatchObject([{ delegation_type: 'mobile' }]);
    expect(pd.simulator.journal.writes()).toHaveLength(3);
  });
});
