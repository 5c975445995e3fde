import { OperatorError, terminal } from '../../api/errors.ts';
import type { Client, Query } from './client.ts';
import { inconsistent, maxReach, Overflow, pageSize, pullPages, type Listing } from './paging.ts';
import { envelope, parseAnswer, userRows, userSample, type UserRow } from './schemas.ts';
import { listTeams } from './teams.ts';

const route = '/users';
/** Team ids in one question: 100 ids of 14 characters keep the address well under 8 KiB. */
const maxTeams = 100;
/** People aimed at in one question, so that few questions turn out too wide. */
const peoplePerQuestion = 8000;
const maxPulls = 3;

/**
 * Every person of the account, each once. Above the 10,000 that offset paging reaches, the account is read
 * team by team and the union is proven against the account's total (docs/decisions/0004). Throws Terminal
 * `TooManyUsers` when that cannot be done; never gives a part for the whole (guard 6).
 */
export async function* pullUsers(client: Client): AsyncGenerator<UserRow[]> {
  const seen = new Set<string>();
  let total: number | undefined;
  try {
    for await (const rows of pullPages(listUsers([]), client)) yield keepNew(rows, seen);
    return;
  } catch (error) {
    if (!(error instanceof Overflow)) throw error;
    total = error.total;
  }
  for await (const rows of pullByTeams(total, client)) yield keepNew(rows, seen);
}

/** One cheap question that shows whether the token may list people (S65). */
export async function probeUsers(client: Client): Promise<void> {
  const json = await client.get(route, [['limit', '1']]);
  parseAnswer(envelope, json, route);
}

/** Some people of the account, and how many there are; undefined when PagerDuty does not tell. */
export interface UserSample {
  readonly some: readonly string[];
  readonly total: number | undefined;
}

/** One question for the ids of up to 100 people and the number of all. */
export async function sampleUsers(client: Client): Promise<UserSample> {
  const json = await client.get(route, [
    ['limit', String(pageSize)],
    ['total', 'true'],
  ]);
  const { users, total } = parseAnswer(userSample, json, route);
  return { some: users.map((user) => user.id), total: total ?? undefined };
}

function listUsers(query: Query): Listing<UserRow> {
  return { route, key: 'users', query, rows: userRows, total: 'Asked', identify: (row) => row.id, repeats: 'Row' };
}

function keepNew(rows: UserRow[], seen: Set<string>): UserRow[] {
  return rows.filter((row) => {
    if (seen.has(row.id)) return false;
    seen.add(row.id);
    return true;
  });
}

/** People found by team, against the total of the account: equal, and nobody is missing. */
interface Union {
  readonly found: Set<string>;
  readonly total: number;
}

async function* pullByTeams(firstTotal: number | undefined, client: Client): AsyncGenerator<UserRow[]> {
  let total = firstTotal ?? (await countUsers(client));
  const teams = await listTeamsOrExplain(client);
  const step = Math.min(maxTeams, Math.max(1, Math.floor((teams.length * peoplePerQuestion) / total)));
  for (let pulls = 1; ; pulls += 1) {
    const union: Union = { found: new Set(), total };
    for (let at = 0; at < teams.length; at += step) yield* pullTeams(teams.slice(at, at + step), union, client);
    const { size } = union.found;
    // Counted again, or a newcomer in a team could stand for somebody in none.
    const totalNow = await countUsers(client);
    if (totalNow === total && size === total) return;
    if (totalNow === total && size < total) throw explainTeamless(total - size);
    if (pulls >= maxPulls) throw inconsistent(route, 'CountDiffers');
    total = totalNow;
  }
}

/** People of the given teams, by halves of the list where they are too many for one question. */
async function* pullTeams(teams: readonly string[], union: Union, client: Client): AsyncGenerator<UserRow[]> {
  if (union.found.size === union.total) return;
  try {
    const query = teams.map((team) => ['team_ids[]', team] as const);
    for await (const rows of pullPages(listUsers(query), client)) {
      for (const row of rows) union.found.add(row.id);
      yield rows;
      // Everybody is found: what is left are people of several teams, once more.
      if (union.found.size === union.total) return;
    }
    return;
  } catch (error) {
    if (!(error instanceof Overflow)) throw error;
  }
  if (teams.length === 1) throw tooMany('one team alone has more people than that');
  const half = Math.ceil(teams.length / 2);
  yield* pullTeams(teams.slice(0, half), union, client);
  yield* pullTeams(teams.slice(half), union, client);
}

async function countUsers(client: Client): Promise<number> {
  const json = await client.get(route, [
    ['limit', '1'],
    ['total', 'true'],
  ]);
  const { total } = parseAnswer(envelope, json, route);
  if (typeof total !== 'number') throw tooMany('PagerDuty did not tell how many there are, so completeness cannot be proven');
  return total;
}

async function listTeamsOrExplain(client: Client): Promise<string[]> {
  try {
    return await listTeams(client);
  } catch (error) {
    if (error instanceof Overflow) throw tooMany('there are too many teams to read them team by team');
    if (!(error instanceof OperatorError)) throw error;
    switch (error.failure.reason) {
      case 'ScopeMissing':
      case 'AccessDenied':
        throw tooMany('reading them team by team needs the scope teams.read: grant it');
      case 'PlanLacksFeature':
        throw tooMany('the account’s plan has no teams to read them by');
      default:
        throw error;
    }
  }
}

function explainTeamless(count: number): OperatorError {
  return tooMany(`${count} people belong to no team, so they cannot be listed: put everyone in a team`);
}

function tooMany(why: string): OperatorError {
  const limit = maxReach.toLocaleString('en-US');
  return terminal('TooManyUsers', `PagerDuty lists at most ${limit} people without a filter, and ${why}.`);
}
