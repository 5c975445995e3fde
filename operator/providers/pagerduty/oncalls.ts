import { terminal } from '../../api/errors.ts';
import type { ActivityPage, TimeWindow } from '../provider.ts';
import type { Client } from './client.ts';
import { completeWindow, showLatest, type Origin, type Sighting, type SignalOutcome } from './observations.ts';
import type { Listing } from './paging.ts';
import { envelope, oncallRows, parseAnswer, parseInstant, type OncallRow } from './schemas.ts';
import { day, formatInstant, pullWindows, type WindowedListing } from './windows.ts';

const origin: Origin = { signal: 'OnCall', route: '/oncalls' };

const oncalls: WindowedListing<OncallRow> = {
  // Longer ones may be refused or cut (facts/pagerduty.md 4.1, T5).
  maxWindow: 89 * day,
  minWindow: 10 * 60_000,
  list: listOncalls,
  tooMany: () =>
    terminal(
      'TooManyOnCalls',
      'PagerDuty lists at most 10,000 on-call entries at a time, and the account has more than that within ten minutes.',
    ),
};

/** One cheap question that shows whether the token may list on-calls (S65). */
export async function probeOncalls(client: Client): Promise<void> {
  const json = await client.get(origin.route, [['limit', '1']]);
  parseAnswer(envelope, json, origin.route);
}

/**
 * The signal OnCall (L1, L38): who was on call in the window. Entries come again where shifts cross the border of
 * two parts and for each policy and level. Throws Terminal `TooManyOnCalls` when ten minutes hold more than
 * 10,000 entries.
 */
export async function* observeOncalls(window: TimeWindow, client: Client): AsyncGenerator<ActivityPage, SignalOutcome> {
  const { clock } = client.session;
  const startedAt = clock.now();
  for await (const rows of pullWindows(window, oncalls, client)) {
    const now = clock.now();
    yield* showLatest(readSightings(rows, now), origin, now);
  }
  return completeWindow(window, startedAt);
}

function* readSightings(rows: readonly OncallRow[], now: number): Generator<Sighting> {
  for (const row of rows) yield { person: row.user?.id, at: findActivity(row, now) };
}

/**
 * Last moment of an on-call entry that has come: the end of a shift, or now while it runs. No start means a
 * permanent target, on call now (T4); a shift to come is no activity yet.
 */
export function findActivity(row: OncallRow, now: number): number | undefined {
  const start = row.start === null ? undefined : parseInstant(row.start, origin.route, 'oncalls.start');
  if (start !== undefined && start > now) return undefined;
  const end = row.end === null || start === undefined ? now : parseInstant(row.end, origin.route, 'oncalls.end');
  return Math.min(end, now);
}

function listOncalls({ from, to }: TimeWindow): Listing<OncallRow> {
  return {
    route: origin.route,
    key: 'oncalls',
    query: [
      ['since', formatInstant(from)],
      ['until', formatInstant(to)],
      // Without it PagerDuty would answer in the account's zone; with it, nobody can read it wrong.
      ['time_zone', 'UTC'],
    ],
    rows: oncallRows,
    total: 'Asked',
    identify: nameEntry,
    // One shift naturally comes once for each policy and level.
    repeats: 'Page',
  };
}

function nameEntry(row: OncallRow): string {
  const parts = [row.user?.id, row.schedule?.id, row.escalation_policy?.id, row.escalation_level, row.start, row.end];
  return parts.map((part) => part ?? '').join(' ');
}
