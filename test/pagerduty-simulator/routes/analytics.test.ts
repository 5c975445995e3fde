import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../company/company.ts';
import { errorsOf, idsOf, now, openHistory, POLICY } from '../testing/history-scene.ts';
import type { Answer, TestAccount } from '../testing/open-account.ts';
import { makePerson, manyPeople, READ_KEY } from '../testing/open-account.ts';

describe('POST /analytics/raw/users (facts 4.2)', () => {
  const signedIn = now - 9 * 3_600_000 - 60_000;
  const people = [
    makePerson('PA', { name: 'Zoe', webSignIns: [signedIn] }),
    makePerson('PB', { name: 'Yan', webSignIns: [now - 60_000, now - 10 * DAY_MS] }),
    makePerson('PC', { name: 'Xia', mobileSignIns: [now - 2 * DAY_MS] }),
    makePerson('PD', { name: 'Wim', createdAt: now - 60_000 }),
  ];
  type Row = Record<string, unknown> & { id: string; last_sign_in_at: string | null };
  interface Page {
    readonly data: Row[];
    readonly first: string | null;
    readonly last: string | null;
    readonly more: boolean;
    readonly limit: number;
  }
  const ask = async (pd: TestAccount, body: object = {}, authorization?: string): Promise<Answer<Page>> =>
    (await pd.send('POST', '/analytics/raw/users', { body, ...(authorization === undefined ? {} : { authorization }) })) as Answer<Page>;

  it('T18: tells the last sign-in without a zone, in the zone asked for, and never apart', async () => {
    await using pd = await openHistory({ users: people });
    const { body } = await ask(pd, { order: 'asc', order_by: 'user_id' });
    expect(body.data.map(({ id, last_sign_in_at, signed_up }) => [id, last_sign_in_at, signed_up])).toEqual([
      ['PA', '2026-11-23T23:59:00', true],
      ['PB', '2026-11-14T09:00:00', true],
      ['PC', null, false],
    ]);
    expect(body).toMatchObject({ more: false, limit: 1000, order: 'asc', order_by: 'user_id', time_zone: 'Etc/UTC', filters: {} });
    const chicago = await ask(pd, { time_zone: 'America/Chicago', filters: { user_ids: ['PA'] } });
    expect(chicago.body.data).toMatchObject([{ id: 'PA', last_sign_in_at: '2026-11-23T17:59:00', created_at: '2025-01-10T06:00:00', email: 'pa@example.com' }]);
  });

  it('is up to a day behind: later sign-ins and newer people are not in it yet', async () => {
    await using pd = await openHistory({ users: people }, { analyticsLagHours: 0 });
    const live = await ask(pd, { order: 'asc', order_by: 'user_id' });
    expect(live.body.data.map(({ id, last_sign_in_at }) => [id, last_sign_in_at?.slice(0, 10)])).toEqual([['PA', '2026-11-23'], ['PB', '2026-11-24'], ['PC', undefined], ['PD', undefined]]);
    pd.simulator.settings.analyticsLagHours = 24;
    expect((await ask(pd)).body.data).toHaveLength(3);
    await pd.clock.advance(DAY_MS);
    expect((await ask(pd)).body.data).toHaveLength(4);
  });

  it('facts 11: may or may not count sign-ins to the app', async () => {
    await using pd = await openHistory({ users: people }, { signInCounts: 'web-and-mobile' });
    expect((await ask(pd, { filters: { user_ids: ['PC'] } })).body.data).toMatchObject([{ last_sign_in_at: '2026-11-22T09:00:00', downloaded_mobile_app: true }]);
  });

  it('walks by cursor, forwards and backwards, whoever comes or goes meanwhile', async () => {
    await using pd = await openHistory({ users: manyPeople(2500) });
    const asked = { order: 'asc', order_by: 'user_id' };
    const first = (await ask(pd, asked)).body;
    expect([first.data.length, first.data.at(-1)?.id, first.more]).toEqual([1000, 'P000999', true]);
    pd.simulator.state.removeUser('P000003');
    const second = (await ask(pd, { ...asked, starting_after: first.last })).body;
    expect([second.data[0]?.id, second.more]).toEqual(['P001000', true]);
    const third = (await ask(pd, { ...asked, starting_after: second.last })).body;
    expect([third.data.length, third.data.at(-1)?.id, third.more]).toEqual([500, 'P002499', false]);
    const back = (await ask(pd, { ...asked, limit: 10, ending_before: second.first })).body;
    expect([back.data[0]?.id, back.data.at(-1)?.id, back.more]).toEqual(['P000990', 'P000999', true]);
    expect((await ask(pd, { ...asked, starting_after: third.last })).body).toMatchObject({ data: [], first: null, last: null, more: false });
    expect((await ask(pd, { ...asked, starting_after: 'nonsense' })).status).toBe(400);
    expect((await ask(pd, { ...asked, limit: 1001 })).status).toBe(400);
  });

  it('has an order of its own where none is asked for; the facts know two', async () => {
    await using pd = await openHistory({ users: people });
    expect(idsOf(await ask(pd), 'data')).toEqual(['PA', 'PB', 'PC']);
    pd.simulator.settings.analyticsDefaultOrderBy = 'user_id';
    expect(idsOf(await ask(pd), 'data')).toEqual(['PC', 'PB', 'PA']);
  });

  it('facts 4.2: is 402 without the plan, 403 for a read-only key and a token without analytics.write, 400 for nonsense', async () => {
    await using pd = await openHistory({ users: people });
    expect((await ask(pd, {}, READ_KEY)).status).toBe(403);
    const refused = await ask(pd, {}, await pd.bearer('users.read'));
    expect(refused).toMatchObject({ status: 403, body: { error: { required_scopes: 'analytics.write' } } });
    expect((await ask(pd, {}, await pd.bearer('analytics.write'))).status).toBe(200);
    expect((await ask(pd, { filters: { role_ids: ['admin'] } })).status).toBe(400);
    expect((await ask(pd, { time_zone: 'Nowhere' })).status).toBe(400);
    expect((await pd.send('POST', '/analytics/raw/users')).status).toBe(400);
    pd.simulator.settings.planHasAnalytics = false;
    expect(errorsOf(await ask(pd)).slice(0, 2)).toEqual([402, 2014]);
  });

  it('S66: is no write in the journal', async () => {
    await using pd = await openHistory({ users: people });
    await ask(pd);
    expect(pd.simulator.journal.writes()).toEqual([]);
    expect(pd.simulator.journal.list({ route: '/analytics/raw/users' })).toHaveLength(1);
  });

  it('can give somebody of two teams twice, and say who is on a schedule', async () => {
    const teams = [{ id: 'PT1', name: 'One', description: null, parentId: null }, { id: 'PT2', name: 'Two', description: null, parentId: null }];
    const both = makePerson('PA', { teams: [{ teamId: 'PT1', role: 'responder' }, { teamId: 'PT2', role: 'manager' }] });
    const policies = [{ ...POLICY, rules: [{ id: 'R1', delayMinutes: 30, targets: [{ kind: 'user' as const, id: 'PA' }] }] }];
    await using pd = await openHistory({ users: [both], teams, policies }, { analyticsRowPerTeam: true });
    expect((await ask(pd, { order: 'asc' })).body.data).toMatchObject([{ team_id: 'PT1', team_count: 2, on_escalation_policy: true, on_schedule: false }, { team_id: 'PT2', team_name: 'Two' }]);
    pd.simulator.settings.analyticsRowPerTeam = false;
    expect((await ask(pd)).body.data).toHaveLength(1);
  });
});

describe('POST /analytics/metrics (facts 4.3)', () => {
  const policies = [{ ...POLICY, rules: [{ id: 'R1', delayMinutes: 30, targets: [{ kind: 'user' as const, id: 'PRESP01' }] }] }];
  const filters = { date_range_start: '2026-11-20T00:00:00Z', date_range_end: '2026-11-21T00:00:00Z', responder_ids: ['PRESP01', 'POWNER1'] };

  it('facts 11: gives one row in total, without a name, or one for each responder', async () => {
    await using pd = await openHistory({ policies });
    const total = (await pd.send('POST', '/analytics/metrics/responders/all', { body: { filters } })).body as { data: Record<string, unknown>[] };
    expect(total.data).toEqual([expect.objectContaining({ total_seconds_on_call: 86_400, total_seconds_on_call_level_1: 86_400 })]);
    expect(total.data[0]).not.toHaveProperty('responder_id');
    pd.simulator.settings.responderRows = 'per-responder';
    const each = (await pd.send('POST', '/analytics/metrics/responders/all', { body: { filters } })).body as { data: Record<string, unknown>[] };
    expect(each.data.map((row) => [row['responder_id'], row['total_seconds_on_call']])).toEqual([['POWNER1', 0], ['PRESP01', 86_400]]);
  });

  it('refuses more than a year, and counts the whole account', async () => {
    await using pd = await openHistory({ policies });
    const body = { filters: { ...filters, date_range_start: '2025-11-01T00:00:00Z' } };
    expect((await pd.send('POST', '/analytics/metrics/responders/all', { body })).status).toBe(400);
    expect((await pd.send('POST', '/analytics/metrics/users/all', { body: { filters: {} } })).body).toMatchObject({ data: [{ total_user_count: 4, total_on_escalation_policy_count: 1, total_on_escalation_policy_percentage: 25 }] });
  });
});
