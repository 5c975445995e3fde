import { describe, expect, it } from 'vitest';
import { createPagedClient, pageOf } from '../../../test/support/offset-pages.ts';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import type { UserRow } from './schemas.ts';
import { pullUsers } from './users.ts';

interface Person {
  user: UserRow;
  teams: string[];
}

const makeUser = (id: string): UserRow => ({ id, name: id, email: `${id}@example.com`, role: 'user' });
const makePeople = (count: number, teamsOf: (index: number) => string[]): Person[] =>
  Array.from({ length: count }, (_, index) => ({ user: makeUser(`P${index}`), teams: teamsOf(index) }));

/** An account whose people may change at any request. */
function setUp(people: () => Person[], scopes: string[] | undefined = ['users.read', 'teams.read']) {
  const client = createPagedClient(createSession({ settings: { subdomain: 'acme' }, scopes }), {
    '/teams': (query) => {
      const teams = new Set(people().flatMap((person) => person.teams));
      return pageOf('teams', Array.from(teams, (id) => ({ id, name: id })), query);
    },
    '/users': (query) => {
      const wanted = query.getAll('team_ids[]');
      expect(wanted.length).toBeLessThanOrEqual(100);
      const found = people().filter((person) => wanted.length === 0 || person.teams.some((team) => wanted.includes(team)));
      return pageOf('users', found.map((person) => person.user), query);
    },
  });
  const pull = async () => (await collect(pullUsers(client))).flat().map((row) => row.id);
  return { client, pull, asked: (route: string) => client.journal.filter((request) => request.route === route).length };
}

describe('people of an account', () => {
  it('reads 10,000 people in 100 requests, without asking for teams', async () => {
    const people = makePeople(10_000, () => ['T']);
    const { pull, asked } = setUp(() => people);
    expect(new Set(await pull()).size).toBe(10_000);
    expect([asked('/users'), asked('/teams')]).toEqual([100, 0]);
  });

  it('gives each person once, also when the pull had to be made again', async () => {
    let calls = 0;
    let people = makePeople(250, () => []);
    const { pull } = setUp(() => {
      calls += 1;
      if (calls === 2) people = people.slice(1);
      return people;
    });
    const ids = await pull();
    expect(ids.length).toBe(250);
    expect(new Set(ids).size).toBe(250);
  });
});

describe('an account with more than 10,000 people (docs/decisions/0004)', () => {
  it('L21: reads all 20,000 by their teams, with few requests more than pages', async () => {
    const people = makePeople(20_000, (index) => [`T${index % 60}`]);
    const { pull, asked } = setUp(() => people);
    const ids = await pull();
    expect(ids.length).toBe(20_000);
    expect(new Set(ids).size).toBe(20_000);
    // 200 pages, a look at the whole before and after, and the last pages of three questions, not all full.
    expect(asked('/users')).toBeLessThanOrEqual(205);
    expect(asked('/teams')).toBe(1);
  });

  it('asks for at most 100 teams at a time', async () => {
    const people = makePeople(12_000, (index) => [`T${index % 350}`]);
    const { pull } = setUp(() => people);
    expect((await pull()).length).toBe(12_000);
  });

  it('counts people of several teams once, and stops when everybody is found', async () => {
    const people = makePeople(10_500, (index) => [`A${index % 150}`, `B${index % 7}`, ...(index % 2 === 0 ? ['C'] : [])]);
    const { pull, asked } = setUp(() => people);
    const ids = await pull();
    expect(ids.length).toBe(10_500);
    expect(new Set(ids).size).toBe(10_500);
    expect(asked('/users')).toBeLessThan(160);
  });

  it('guard 6: says how many people belong to no team, instead of leaving them out', async () => {
    const people = makePeople(10_200, (index) => (index < 37 ? [] : [`T${index % 10}`]));
    const { pull } = setUp(() => people);
    expect((await catchFailure(pull())).failure).toEqual({
      kind: 'Terminal',
      reason: 'TooManyUsers',
      message:
        'PagerDuty lists at most 10,000 people without a filter, and 37 people belong to no team, so they cannot be listed: put everyone in a team.',
    });
  });

  it('refuses a team that is too large by itself', async () => {
    const people = makePeople(10_300, () => ['Everyone']);
    const { failure } = await catchFailure(setUp(() => people).pull());
    expect(failure).toMatchObject({ kind: 'Terminal', reason: 'TooManyUsers' });
    expect(failure.message).toContain('one team alone');
  });

  it('refuses an account without teams', async () => {
    const people = makePeople(10_001, () => []);
    expect((await catchFailure(setUp(() => people).pull())).failure.message).toContain('10001 people belong to no team');
  });

  it('asks for the scope that reading by team needs, without a call for teams', async () => {
    const people = makePeople(10_001, () => ['T']);
    const { pull, asked } = setUp(() => people, ['users.read']);
    const { failure } = await catchFailure(pull());
    expect(failure).toMatchObject({ kind: 'Terminal', reason: 'TooManyUsers' });
    expect(failure.message).toContain('teams.read');
    expect(asked('/teams')).toBe(0);
  });

  it('looks again when people come while it reads, and then has them all', async () => {
    let calls = 0;
    const people = makePeople(10_100, (index) => [`T${index % 20}`]);
    const { pull } = setUp(() => {
      calls += 1;
      // A newcomer in the team that has been read first.
      if (calls === 90) people.push({ user: makeUser('newcomer'), teams: ['T0'] });
      return people;
    });
    const ids = await pull();
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(10_100);
  });

  it('does not take a newcomer for the person who belongs to no team', async () => {
    let calls = 0;
    const people = makePeople(10_100, (index) => (index === 0 ? [] : [`T${index % 20}`]));
    const { pull } = setUp(() => {
      calls += 1;
      if (calls === 60) people.push({ user: makeUser('newcomer'), teams: ['T9'] });
      return people;
    });
    expect((await catchFailure(pull())).failure.message).toContain('1 people belong to no team');
  });

  it('is not content with the right number of the wrong people', async () => {
    let calls = 0;
    const people = makePeople(10_100, (index) => (index === 0 ? [] : [`T${index % 20}`]));
    const { pull } = setUp(() => {
      calls += 1;
      // Somebody leaves, so that the count of those in teams equals the count of all that was first told.
      if (calls === 60) people.pop();
      return people;
    });
    expect((await catchFailure(pull())).failure.reason).toMatch(/TooManyUsers|InconsistentPull/);
  });
});
