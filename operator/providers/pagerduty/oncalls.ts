import { terminal } from '../../api/errors.ts';
import type { TimeWindow } from '../provider.ts';
import type { Client } from './client.ts';
import { Overflow, pullPages, type Listing } from './paging.ts';
import { envelope, oncallRows, parseAnswer, type OncallRow } from './schemas.ts';

export const oncallsRoute = '/oncalls';
const day = 24 * 60 * 60_000;
/** Longest window of one question; longer ones may be refused or cut (facts/pagerduty.md 4.1, T5). */
const maxWindow = 89 * day;
/** Rows aimed at when an overflowing window is split: shifts across a border count in both parts. */
const rowsPerPart = 8000;
const minWindow = 10 * 60_000;

/** One cheap question that shows whether the token may list on-calls (S65). */
export async function probeOncalls(client: Client): Promise<void> {
  const json = await client.get(oncallsRoute, [['limit', '1']]);
  parseAnswer(envelope, json, oncallsRoute);
}

/**
 * On-call entries that overlap the window, by pages. Entries come again where shifts cross the border of two
 * parts and for each policy and level. Throws Terminal `TooManyOnCalls` when ten minutes hold more than
 * 10,000 entries.
 */
export async function* pullOncalls(window: TimeWindow, client: Client): AsyncGenerator<OncallRow[]> {
  // Whole seconds, outwards: PagerDuty's times have no finer grain.
  const from = Math.floor(window.from / 1000) * 1000;
  const to = Math.ceil(window.to / 1000) * 1000;
  if (to <= from) return;
  for (const part of splitWindow({ from, to }, Math.ceil((to - from) / maxWindow))) yield* pullWindow(part, client);
}

async function* pullWindow(window: TimeWindow, client: Client): AsyncGenerator<OncallRow[]> {
  let parts: TimeWindow[];
  try {
    yield* pullPages(listOncalls(window), client);
    return;
  } catch (error) {
    if (!(error instanceof Overflow)) throw error;
    if (window.to - window.from <= minWindow) throw tooManyOncalls();
    parts = splitWindow(window, Math.max(2, Math.ceil((error.total ?? 0) / rowsPerPart)));
  }
  for (const part of parts) yield* pullWindow(part, client);
}

/** Equal parts on whole seconds, without a gap; at most as many as leave each part ten minutes. */
export function splitWindow({ from, to }: TimeWindow, wanted: number): TimeWindow[] {
  const count = Math.max(1, Math.min(wanted, Math.ceil((to - from) / minWindow)));
  const border = (at: number): number => (at === count ? to : from + Math.floor(((to - from) * at) / count / 1000) * 1000);
  return Array.from({ length: count }, (_, at) => ({ from: border(at), to: border(at + 1) }));
}

function listOncalls({ from, to }: TimeWindow): Listing<OncallRow> {
  return {
    route: oncallsRoute,
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

function formatInstant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

function tooManyOncalls(): Error {
  return terminal(
    'TooManyOnCalls',
    'PagerDuty lists at most 10,000 on-call entries at a time, and the account has more than that within ten minutes.',
  );
}
