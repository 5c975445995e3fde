import type { ActivityPage, TimeWindow } from '../provider.ts';
import type { Client } from './client.ts';
import { pullCursors, type CursorPage } from './cursors.ts';
import { completeWindow, findPerson, showLatest, type Origin, type Sighting, type SignalOutcome } from './observations.ts';
import { pageSize } from './paging.ts';
import { auditRetention } from './permissions.ts';
import { auditAnswer, parseAnswer, parseInstant, type AuditRow } from './schemas.ts';
import { cutWindow, day, formatInstant, second } from './windows.ts';

const origin: Origin = { signal: 'AuditActor', route: '/audit/records' };
/** One question may reach over 31 days (facts/pagerduty.md 4.6); a day less leaves room for the second before. */
const parts = { maxWindow: 30 * day, minWindow: second };
/** A pull of a year that began hours ago still counts as one of a year. */
const grace = day / 4;

/**
 * The signal AuditActor (T20, C16): who changed something in the account. What an identity provider changed on behalf
 * of a person is not that person's doing. A window that begins before PagerDuty's twelve months is pulled from
 * where the records begin, and ends `Unavailable` with `SignalHistoryTooShort`: what was seen counts, silence does not.
 */
export async function* observeAuditRecords(window: TimeWindow, client: Client): AsyncGenerator<ActivityPage, SignalOutcome> {
  const { clock } = client.session;
  const now = clock.now();
  const isTooEarly = window.from < now - auditRetention - grace;
  const from = isTooEarly ? now - auditRetention : window.from;
  for (const part of cutWindow({ from, to: window.to }, parts)) {
    const listing = { route: origin.route, ask: async (cursor: string | undefined) => askPage(part, cursor, client), identify: (row: AuditRow) => row.id };
    for await (const rows of pullCursors(listing)) yield* showLatest(readSightings(rows), origin, clock.now());
  }
  return isTooEarly ? tooEarly : completeWindow(window, now);
}

const tooEarly: SignalOutcome = {
  kind: 'Unavailable',
  reason: 'SignalHistoryTooShort',
  message:
    'PagerDuty keeps audit records for twelve months and the analysis begins earlier, so silence in AuditActor proves nothing: ' +
    'choose a later spec.analyzeUserActivityFrom, or take AuditActor out of spec.activitySignals.',
};

async function askPage({ from, to }: TimeWindow, cursor: string | undefined, client: Client): Promise<CursorPage<AuditRow>> {
  const json = await client.get(origin.route, [
    // A second early: whether the ends of a window belong to it is not documented, and a record seen twice does no harm.
    ['since', formatInstant(from - second)],
    ['until', formatInstant(to)],
    ['actor_type', 'user_reference'],
    ['limit', String(pageSize)],
    ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
  ]);
  const { records, next_cursor: next } = parseAnswer(auditAnswer, json, origin.route);
  return { rows: records, next: next === null ? { kind: 'End' } : { kind: 'At', cursor: next } };
}

function* readSightings(rows: readonly AuditRow[]): Generator<Sighting> {
  for (const { actors, execution_time: time, method } of rows) {
    if (method?.type === 'identity_provider') continue;
    const at = parseInstant(time, origin.route, 'records.execution_time');
    for (const actor of actors ?? []) yield { person: findPerson(actor), at };
  }
}
