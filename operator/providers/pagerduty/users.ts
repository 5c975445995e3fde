import { OperatorError, terminal } from '../../api/errors.ts';
import type { Client, Query } from './client.ts';
import { inconsistent, maxReach, Overflow, pullPages, type Listing } from './paging.ts';
import { envelope, parseAnswer, userRows, type UserRow } from './schemas.ts';
import { listTeams } from './teams.ts';

const route = '/users';
/** Team ids in one question: 100 ids of 14 characters keep the address well under 8 KiB. */
const teamsPerQuestion = 100;
const maxPulls = 3;

/**
 * Every person of the account, each once. Above the 10,000 that offset paging reaches, the account is read
 * team by team and the union is proven against the account's total (docs/decisions/0004). Throws Terminal
 * `TooManyUsers` when that cannot be done; never gives a part for the whole (guard 6).
 */
export async function* pullUsers(client: Client): AsyncGenerator<UserRow[]> {
  const seen = new Set<string>();
  try {
    for await (const rows of pullPages(listUsers([]), client)) yield keepNew(rows, seen);
    return;
  } catch (error) {
    if (!(error instanceof Overflow)) throw error;
  }
  for await (const rows of pullByTeams(client)) yield keepNew(rows, seen);
}

/** One cheap question that shows whether the token may list people (S65). */
export async function probeUsers(client: Client): Promise<void> {
  const json = await client.get(route, [['limit', '1']]);
  parseAnswer(envelope, json, route);
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

async function* pullByTeams(client: Client): AsyncGenerator<UserRow[]> {
  const teams = await listTeamsOrExplain(client);
  let total = await countUsers(client);
  for (let pulls = 1; ; pulls += 1) {
    const found = new Set<string>();
    for (let at = 0; at < teams.length && found.size < total; at += teamsPerQuestion) {
      yield* pullTeams(teams.slice(at, at + teamsPerQuestion), found, client);
    }
    if (found.size === total) return;
    const totalNow = await countUsers(client);
    if (totalNow === total && found.size < total) throw explainTeamless(total - found.size);
    if (pulls >= maxPulls) throw inconsistent(route, 'CountDiffers');
    total = totalNow;
  }
}

/** People of the given teams, by halves of the list where they are too many for one question. */
async function* pullTeams(teams: readonly string[], found: Set<string>, client: Client): AsyncGenerator<UserRow[]> {
  try {
    const query = teams.map((team) => ['team_ids[]', team] as const);
    for await (const rows of pullPages(listUsers(query), client)) {
      for (const row of rows) found.add(row.id);
      yield rows;
    }
    return;
  } catch (error) {
    if (!(error instanceof Overflow)) throw error;
  }
  if (teams.length === 1) throw tooMany('one team alone has more people than that');
  const half = Math.ceil(teams.length / 2);
  yield* pullTeams(teams.slice(0, half), found, client);
  yield* pullTeams(teams.slice(half), found, client);
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
