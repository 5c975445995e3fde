import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateCompany } from '../index.ts';
import { makeCompany, manyPeople, openAccount } from '../testing/open-account.ts';
import type { TestAccount } from '../testing/open-account.ts';

interface UsersPage {
  readonly users: readonly { readonly id: string }[];
  readonly limit: number;
  readonly offset: number;
  readonly more: boolean;
  readonly total: number | null;
}

async function listAll(pd: TestAccount, limit: number, path = '/users?'): Promise<string[]> {
  const ids: string[] = [];
  for (let offset = 0, more = true; more; offset += limit) {
    const { body } = await pd.get<UsersPage>(`${path}limit=${limit}&offset=${offset}`);
    ids.push(...body.users.map(({ id }) => id));
    more = body.more;
  }
  return ids;
}

describe('classic paging', () => {
  it('facts 3.1: 25 a page unless told, total null unless asked for', async () => {
    await using pd = await openAccount({ company: makeCompany({ users: manyPeople(30) }) });
    const { body } = await pd.get<UsersPage>('/users');
    expect(body).toMatchObject({ limit: 25, offset: 0, more: true, total: null });
    expect(body.users).toHaveLength(25);
    expect((await pd.get<UsersPage>('/users?total=true')).body.total).toBe(30);
    expect((await pd.get<UsersPage>('/users?total=True')).body.total).toBeNull();
  });

  it('facts 3.1: never more than 100 a page; the answer says what was used', async () => {
    await using pd = await openAccount({ company: makeCompany({ users: manyPeople(120) }) });
    const { body } = await pd.get<UsersPage>('/users?limit=1000');
    expect([body.limit, body.users.length, body.more]).toEqual([100, 100, true]);
  });

  it('a page that ends exactly at the end says that there is no more; one behind the end is empty', async () => {
    await using pd = await openAccount({ company: makeCompany({ users: manyPeople(50) }) });
    expect((await pd.get<UsersPage>('/users?limit=25&offset=25')).body.more).toBe(false);
    expect((await pd.get<UsersPage>('/users?limit=25&offset=50')).body).toMatchObject({ users: [], more: false });
  });

  it.each(['limit=0', 'limit=-1', 'limit=ten', 'offset=-1', 'offset=1.5'])('%s is 400', async (query) => {
    await using pd = await openAccount();
    expect(await pd.get(`/users?${query}`)).toMatchObject({ status: 400, body: { error: { code: 2001 } } });
  });

  it('T5: offset+limit over 10,000 is refused with code 2002, and exactly 10,000 is served', async () => {
    await using pd = await openAccount({ company: makeCompany({ users: manyPeople(10_050) }) });
    const last = await pd.get<UsersPage>('/users?limit=100&offset=9900');
    expect([last.status, last.body.users.length, last.body.more]).toEqual([200, 100, true]);
    const beyond = await pd.get<{ error: { errors: string[] } }>('/users?limit=100&offset=9901');
    expect(beyond).toMatchObject({ status: 400, body: { error: { code: 2002 } } });
    expect(beyond.body.error.errors[0]).toContain('Offset+limit exceeds maximum allowed value of 10000');
    expect((await pd.get('/license_allocations?limit=100&offset=10000')).status).toBe(400);
  });

  it('facts 5.5: shift-based schedules come 100 a page, up to 1000, without a total', async () => {
    await using pd = await openAccount();
    expect((await pd.get('/v3/schedules')).body).toEqual({ schedules: [], limit: 100, offset: 0, more: false });
    expect((await pd.get('/v3/schedules?limit=5000&total=true')).body).toEqual({ schedules: [], limit: 1000, offset: 0, more: false });
  });

  it('property: paging through the people of any company gives each once, whatever the page', async () => {
    const sizes = fc.record({ seed: fc.integer({ min: 0, max: 1e6 }), users: fc.integer({ min: 1, max: 160 }), limit: fc.integer({ min: 1, max: 100 }) });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ seed, users, limit }) => {
        const company = generateCompany({ seed, users });
        await using pd = await openAccount({ company, settings: { perMinute: 1e9 } });
        const ids = await listAll(pd, limit);
        expect(ids.toSorted()).toEqual(company.users.map(({ id }) => id).toSorted());
      }),
      { numRuns: 15 },
    );
  });

  it('facts 6.3: 10,500 people can only be read team by team', async () => {
    const company = generateCompany({ seed: 3, users: 10_500, everyoneInATeam: true });
    await using pd = await openAccount({ company, settings: { perMinute: 1e9 } });
    const seen = new Set<string>();
    for (const team of company.teams) {
      for (const id of await listAll(pd, 100, `/users?team_ids[]=${team.id}&`)) seen.add(id);
    }
    expect(seen.size).toBe(10_500);
  });
});

describe('paging while something goes wrong', () => {
  const company = makeCompany({ users: manyPeople(10) });

  it('somebody deleted between two pages makes the next person go missing', async () => {
    await using pd = await openAccount({ company });
    const first = await pd.get<UsersPage>('/users?limit=5');
    pd.simulator.state.removeUser(first.body.users[0]?.id ?? '');
    const second = await pd.get<UsersPage>('/users?limit=5&offset=5');
    expect(second.body.users.map(({ id }) => id)).toEqual(['P000006', 'P000007', 'P000008', 'P000009']);
  });

  it('facts 5.5: the shift fault does the same to one page, its total included, and leaves the people alone', async () => {
    await using pd = await openAccount({ company });
    pd.simulator.faults.add({ route: '/users', where: { offset: '5' }, fault: { kind: 'shift', by: 1 } });
    expect(await listAll(pd, 5)).not.toContain('P000005');
    pd.simulator.faults.add({ route: '/users', where: { offset: '5' }, fault: { kind: 'shift', by: -1 } });
    const second = await pd.get<UsersPage>('/users?limit=5&offset=5&total=true');
    expect([second.body.users[0]?.id, second.body.total]).toEqual(['P000004', 11]);
    expect(await listAll(pd, 5)).toHaveLength(10);
  });

  it('T5: the page before is served again under the next offset', async () => {
    await using pd = await openAccount({ company });
    pd.simulator.faults.add({ route: '/users', where: { offset: '5' }, fault: { kind: 'duplicate-page' } });
    const ids = await listAll(pd, 5);
    expect([ids.length, new Set(ids).size]).toEqual([10, 5]);
  });

  it('`more` lies', async () => {
    await using pd = await openAccount({ company });
    pd.simulator.faults.add({ route: '/users', fault: { kind: 'wrong-more' } });
    expect((await pd.get<UsersPage>('/users?limit=5')).body.more).toBe(false);
    expect((await pd.get<UsersPage>('/users?limit=5')).body.more).toBe(true);
  });
});
