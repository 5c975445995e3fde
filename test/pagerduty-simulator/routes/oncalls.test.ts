import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listOncalls } from '../account/oncalls.ts';
import { createAccount } from '../account/account.ts';
import { createTimeZones } from '../company/time-zones.ts';
import type { ClassicSchedule, CompanyState, Layer, Policy, PolicyTarget, ShiftEvent, ShiftSchedule } from '../index.ts';
import { DEFAULT_NOW, generateCompany } from '../index.ts';
import type { TestAccount } from '../testing/open-account.ts';
import { makeCompany, makePerson, openAccount } from '../testing/open-account.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The day before the clock's now, 09:00Z. */
const MONDAY = Date.parse('2026-11-23T09:00:00Z');

interface OncallRow {
  readonly user: { readonly id: string };
  readonly schedule: { readonly id: string; readonly type: string } | null;
  readonly escalation_policy: { readonly id: string };
  readonly escalation_level: number;
  readonly start: string | null;
  readonly end: string | null;
}

function layer(patch: Partial<Layer>): Layer {
  return { id: 'PLAYER1', name: 'Daily', start: MONDAY - 20 * DAY, end: null, rotationVirtualStart: MONDAY - 20 * DAY, turnSeconds: 86_400, userIds: ['PA', 'PB'], restrictions: [], ...patch };
}

function classic(id: string, layers: readonly Layer[], patch: Partial<ClassicSchedule> = {}): ClassicSchedule {
  return { kind: 'classic', id, name: id, description: '', timeZone: 'Etc/UTC', teamIds: [], layers, overrides: [], ...patch };
}

function shiftBased(id: string, patch: Partial<ShiftEvent>): ShiftSchedule {
  const event: ShiftEvent = {
    id: `E${id}`,
    name: 'Event',
    start: MONDAY,
    end: MONDAY + 8 * HOUR,
    effectiveSince: MONDAY,
    effectiveUntil: null,
    frequency: 'daily',
    strategy: 'rotating',
    shiftsPerMember: 1,
    members: ['PA', 'PB'],
    ...patch,
  };
  return { kind: 'v3', id, name: id, description: '', timeZone: 'Etc/UTC', teamIds: [], rotations: [{ id: `R${id}`, events: [event] }] };
}

function policyOf(id: string, ...levels: PolicyTarget[][]): Policy {
  return { id, name: id, description: null, teamIds: [], loops: 0, rules: levels.map((targets, index) => ({ id: `${id}R${index}`, delayMinutes: 30, targets })) };
}

function companyOf(patch: Partial<CompanyState>): CompanyState {
  return makeCompany({ users: ['PA', 'PB', 'PC'].map((id) => makePerson(id)), ...patch });
}

const daily = companyOf({
  schedules: [classic('PSCHED', [layer({})]), classic('PUNUSED', [layer({ userIds: ['PC'] })])],
  policies: [policyOf('PPOL1', [{ kind: 'classic', id: 'PSCHED' }], [{ kind: 'user', id: 'PC' }])],
});

async function oncalls(pd: TestAccount, query: string): Promise<OncallRow[]> {
  const { status, body } = await pd.get<{ oncalls: OncallRow[] }>(`/oncalls?${query}`);
  expect(status).toBe(200);
  return body.oncalls;
}

const brief = (rows: readonly OncallRow[]): unknown[] => rows.map((row) => [row.user.id, row.escalation_policy.id, row.escalation_level, row.start, row.end]);

describe('GET /oncalls', () => {
  it('T4: without since and until it tells who is on call now; a direct target is on call always, with null times and no schedule', async () => {
    await using pd = await openAccount({ company: daily });
    const rows = await oncalls(pd, '');
    expect(brief(rows)).toEqual([
      ['PB', 'PPOL1', 1, '2026-11-24T09:00:00Z', '2026-11-25T09:00:00Z'],
      ['PC', 'PPOL1', 2, null, null],
    ]);
    expect(rows[1]?.schedule).toBeNull();
  });

  it('facts 4.1: whatever overlaps the window counts, whole', async () => {
    await using pd = await openAccount({ company: daily });
    const rows = await oncalls(pd, 'since=2026-11-22T08:59:59Z&until=2026-11-23T09:00:01Z&schedule_ids[]=PSCHED');
    expect(rows.map(({ start, end }) => [start, end])).toEqual([
      ['2026-11-21T09:00:00Z', '2026-11-22T09:00:00Z'],
      ['2026-11-22T09:00:00Z', '2026-11-23T09:00:00Z'],
      ['2026-11-23T09:00:00Z', '2026-11-24T09:00:00Z'],
    ]);
    const exact = await oncalls(pd, 'since=2026-11-22T09:00:00Z&until=2026-11-23T09:00:00Z&schedule_ids[]=PSCHED');
    expect(exact).toHaveLength(1);
  });

  it('T4: a schedule that no policy uses does not show up', async () => {
    await using pd = await openAccount({ company: daily });
    const rows = await oncalls(pd, 'since=2026-11-01T00:00:00Z&until=2026-11-24T00:00:00Z&user_ids[]=PC');
    expect(rows.map(({ schedule }) => schedule)).toEqual([null]);
  });

  it('facts 4.1: one shift comes once for each policy and level', async () => {
    const target: PolicyTarget = { kind: 'classic', id: 'PSCHED' };
    await using pd = await openAccount({ company: { ...daily, policies: [policyOf('PPOL1', [target], [target]), policyOf('PPOL2', [target])] } });
    expect(brief(await oncalls(pd, '')).map((row) => (row as unknown[]).slice(0, 3))).toEqual([['PB', 'PPOL1', 1], ['PB', 'PPOL1', 2], ['PB', 'PPOL2', 1]]);
    expect(await oncalls(pd, 'escalation_policy_ids[]=PPOL2')).toHaveLength(1);
  });

  it('facts 4.1: schedule_ids[] hides direct targets unless null is one of them', async () => {
    await using pd = await openAccount({ company: daily });
    expect((await oncalls(pd, 'schedule_ids[]=PSCHED')).map(({ user }) => user.id)).toEqual(['PB']);
    expect((await oncalls(pd, 'schedule_ids[]=null')).map(({ user }) => user.id)).toEqual(['PC']);
    expect((await oncalls(pd, 'schedule_ids[]=null&schedule_ids[]=PSCHED')).map(({ user }) => user.id)).toEqual(['PB', 'PC']);
  });

  it('facts 4.1: earliest keeps the first of each policy, level and person', async () => {
    await using pd = await openAccount({ company: daily });
    const rows = await oncalls(pd, 'since=2026-11-10T00:00:00Z&until=2026-11-20T00:00:00Z&earliest=true');
    expect(brief(rows).map((row) => (row as unknown[])[0])).toEqual(['PA', 'PB', 'PC']);
    expect(rows[0]?.start).toBe('2026-11-09T09:00:00Z');
  });

  it('facts 4.1: shifts further than 90 days ahead are not known', async () => {
    await using pd = await openAccount({ company: daily });
    const rows = await oncalls(pd, 'since=2027-02-15T00:00:00Z&until=2027-04-30T00:00:00Z&schedule_ids[]=PSCHED&limit=100');
    expect(rows.at(-1)?.start).toBe('2027-02-21T09:00:00Z');
    expect(await oncalls(pd, 'since=2027-04-01T00:00:00Z&until=2027-04-30T00:00:00Z')).toEqual([]);
  });

  it('T5: a range over 90 days is refused unless told otherwise; 89 days are fine', async () => {
    await using pd = await openAccount({ company: daily });
    const wide = '/oncalls?since=2026-08-01T00:00:00Z&until=2026-11-24T00:00:00Z';
    expect(await pd.get(wide)).toMatchObject({ status: 400, body: { error: { code: 2005 } } });
    expect((await pd.get('/oncalls?since=2026-08-27T09:00:00Z&until=2026-11-24T09:00:00Z')).status).toBe(200);
    pd.simulator.settings.oncallRangeDays = null;
    expect((await pd.get(wide)).status).toBe(200);
  });

  it.each([
    ['since=yesterday', 2004],
    ['until=2026-13-01T00:00:00Z', 2004],
    ['since=2026-11-24T00:00:00Z&until=2026-11-23T00:00:00Z', 2005],
    ['until=2026-11-23T00:00:00Z', 2005],
    ['time_zone=Moon/Base', 2001],
  ])('facts 6.2: %s is 400 with code %i', async (query, code) => {
    await using pd = await openAccount({ company: daily });
    expect(await pd.get(`/oncalls?${query}`)).toMatchObject({ status: 400, body: { error: { code } } });
  });

  it('facts 4.5: a time without a zone is read in the zone of the account', async () => {
    await using pd = await openAccount({ company: daily });
    const [row] = await oncalls(pd, 'since=2026-11-23T02:59:00&until=2026-11-23T02:59:30&schedule_ids[]=PSCHED');
    expect(row?.start).toBe('2026-11-22T09:00:00Z');
    const [next] = await oncalls(pd, 'since=2026-11-23T03:00:00&until=2026-11-23T03:00:30&schedule_ids[]=PSCHED');
    expect(next?.start).toBe('2026-11-23T09:00:00Z');
  });

  it('answers in the time zone that was asked for', async () => {
    await using pd = await openAccount({ company: daily });
    expect((await oncalls(pd, 'time_zone=Asia/Kolkata'))[0]?.start).toBe('2026-11-24T14:30:00+05:30');
  });

  it('facts 4.1: shift-based schedules count like classic ones, with a reference of their own kind', async () => {
    const company = companyOf({
      shiftSchedules: [shiftBased('PV3', {}), shiftBased('PALL', { strategy: 'every-member', members: ['PB', null, 'PC'] })],
      policies: [policyOf('PPOL1', [{ kind: 'v3', id: 'PV3' }], [{ kind: 'v3', id: 'PALL' }])],
    });
    await using pd = await openAccount({ company });
    const rows = await oncalls(pd, '');
    expect(rows.map(({ user, start, end }) => [user.id, start, end])).toEqual([
      ['PB', '2026-11-24T09:00:00Z', '2026-11-24T17:00:00Z'],
      ['PB', '2026-11-24T09:00:00Z', '2026-11-24T17:00:00Z'],
      ['PC', '2026-11-24T09:00:00Z', '2026-11-24T17:00:00Z'],
    ]);
    expect(rows[0]?.schedule?.type).toBe('schedule_v3_reference');
  });

  it('a lone person round the clock does not go off call: a start, and null for the end', async () => {
    const company = companyOf({
      schedules: [classic('PSOLO', [layer({ userIds: ['PA'] })])],
      policies: [policyOf('PPOL1', [{ kind: 'classic', id: 'PSOLO' }])],
    });
    await using pd = await openAccount({ company });
    expect(brief(await oncalls(pd, ''))).toEqual([['PA', 'PPOL1', 1, '2026-11-03T09:00:00Z', null]]);
  });

  it('T5: over 10,000 rows cannot be read in one window', async () => {
    await using pd = await openAccount({ company: generateCompany({ seed: 5, users: 6000 }), settings: { oncallsPerMinute: 1e9, perMinute: 1e9 } });
    const window = '/oncalls?since=2026-09-01T00:00:00Z&until=2026-11-24T00:00:00Z&limit=100';
    expect((await pd.get<{ total: number }>(`${window}&total=true`)).body.total).toBeGreaterThan(5000);
    expect(await pd.get(`${window}&offset=9950`)).toMatchObject({ status: 400, body: { error: { code: 2002 } } });
  });

  it('a person who is gone is on call no more', async () => {
    await using pd = await openAccount({ company: daily });
    pd.simulator.state.removeUser('PB');
    expect((await oncalls(pd, '')).map(({ user }) => user.id)).toEqual(['PC']);
  });

  it('property: a window cut anywhere gives the same people, policies, levels and shifts', () => {
    const cases = fc.record({
      seed: fc.integer({ min: 0, max: 1e6 }),
      users: fc.integer({ min: 3, max: 120 }),
      from: fc.integer({ min: -80 * 24, max: 60 * 24 }),
      hours: fc.integer({ min: 0, max: 80 * 24 }),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const zones = createTimeZones();
    fc.assert(
      fc.property(cases, ({ seed, users, from, hours, cut }) => {
        const account = createAccount(generateCompany({ seed, users }));
        const start = DEFAULT_NOW + from * HOUR;
        const end = start + hours * HOUR;
        const middle = start + Math.floor((end - start) * cut);
        const shifts = (a: number, b: number): string[] => {
          const all = { userIds: undefined, policyIds: undefined, scheduleIds: undefined, direct: true, earliest: false };
          const rows = listOncalls(account, { window: { start: a, end: b }, ...all }, zones);
          return [...rows].map((row) => [row.user.id, row.policy.id, row.level, row.schedule?.id, row.start, row.end].join(' '));
        };
        const whole = shifts(start, end);
        expect(new Set(whole).size).toBe(whole.length);
        expect(new Set([...shifts(start, middle), ...shifts(middle, end)])).toEqual(new Set(whole));
      }),
      { numRuns: 60 },
    );
  });
});
