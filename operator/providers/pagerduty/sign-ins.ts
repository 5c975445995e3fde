import type { ActivityPage, TimeWindow } from '../provider.ts';
import type { Client } from './client.ts';
import { pullCursors, type CursorPage } from './cursors.ts';
import { malformed, nameQuestion } from './failures.ts';
import { showLatest, type Origin, type Sighting, type SignalOutcome } from './observations.ts';
import { parseAnswer, parseUtcInstant, signInsAnswer, type SignInRow } from './schemas.ts';
import { sampleUsers, type UserSample } from './users.ts';
import { day } from './windows.ts';

const origin: Origin = { signal: 'SignIn', route: '/analytics/raw/users' };
/** Largest page of analytics. */
const pageSize = 1000;
/** PagerDuty makes analytics within a day (facts/pagerduty.md 4.2), so of the last one silence proves nothing (T18). */
const lag = day;
/** Names that PagerDuty may give the zone that it is asked for. */
const utc = new Set(['Etc/UTC', 'UTC', 'Etc/GMT', 'GMT', 'Etc/Universal', 'Etc/Zulu']);

/**
 * The signal SignIn (T18, C16): the last sign-in of everybody, whenever it was. Its evidence ends a day before now,
 * and is of the people who are listed, with a sign-in or without: who is new is not yet.
 * It is `Unavailable` with `SignalIncomplete` where the analytics do not list the account's people under the ids
 * that the rest of PagerDuty uses, or leave many out: a fault that somebody should know of. Asks one
 * question more than there are pages.
 */
export async function* observeSignIns(window: TimeWindow, client: Client): AsyncGenerator<ActivityPage, SignalOutcome> {
  const now = client.session.clock.now();
  const until = Math.min(window.to, now - lag);
  if (window.to <= window.from) return { kind: 'Complete', until, listed: new Set() };
  const sample = await sampleUsers(client);
  const ids = new Set<string>();
  const listing = { route: origin.route, ask: async (cursor: string | undefined) => askPage(cursor, client), identify: nameRow };
  for await (const rows of pullCursors(listing)) {
    for (const row of rows) ids.add(row.id);
    yield* showLatest(readSightings(rows), origin, client.session.clock.now());
  }
  return coversAccount(ids, sample) ? { kind: 'Complete', until, listed: ids } : incomplete;
}

const incomplete: SignalOutcome = {
  kind: 'Unavailable',
  reason: 'SignalIncomplete',
  message:
    'PagerDuty’s analytics do not list everybody in the account, so no sign-in there proves nothing. New people follow within a day; ' +
    'if it lasts, use a credential that sees all people, or take SignIn out of spec.activitySignals.',
};

/**
 * Whether the rows stand for the whole account: under the same ids, and no fewer than there are people, but for those
 * who are new since the analytics were made (two, or one in fifty); of those few, nothing is claimed either way.
 */
function coversAccount(ids: ReadonlySet<string>, { total, some }: UserSample): boolean {
  if (total === undefined) return false;
  const isKnown = some.length === 0 || some.some((id) => ids.has(id));
  return isKnown && ids.size >= total - Math.max(2, Math.floor(total / 50));
}

async function askPage(cursor: string | undefined, client: Client): Promise<CursorPage<SignInRow>> {
  const json = await client.ask(origin.route, {
    filters: {},
    time_zone: 'Etc/UTC',
    // PagerDuty's documents name two defaults for these (facts/pagerduty.md 4.2).
    order: 'asc',
    order_by: 'user_id',
    limit: pageSize,
    ...(cursor === undefined ? {} : { starting_after: cursor }),
  });
  const { data, more, last, time_zone: zone } = parseAnswer(signInsAnswer, json, origin.route);
  // Times without a zone are in this one; in another, they would be read hours wrong.
  if (typeof zone === 'string' && !utc.has(zone)) throw malformed(nameQuestion(origin.route), { route: origin.route, field: 'time_zone', problem: 'not_utc' });
  return { rows: data, next: findNext(more, last) };
}

function findNext(more: boolean, last: string | null | undefined): CursorPage<SignInRow>['next'] {
  if (!more) return { kind: 'End' };
  return typeof last === 'string' && last !== '' ? { kind: 'At', cursor: last } : { kind: 'Lost' };
}

function nameRow(row: SignInRow): string {
  return `${row.id} ${row.team_id ?? ''}`;
}

function* readSightings(rows: readonly SignInRow[]): Generator<Sighting> {
  for (const { id: person, last_sign_in_at: at } of rows) {
    yield { person, at: at === null ? undefined : parseUtcInstant(at, origin.route, 'data.last_sign_in_at') };
  }
}
