import { terminal } from '../../api/errors.ts';
import type { ActivityPage, TimeWindow } from '../provider.ts';
import type { Client } from './client.ts';
import { completeWindow, findPerson, showLatest, type Origin, type Sighting, type SignalOutcome } from './observations.ts';
import type { Listing } from './paging.ts';
import { logEntryRows, parseInstant, type LogEntryRow } from './schemas.ts';
import { day, formatInstant, pullWindows, second, type WindowedListing } from './windows.ts';

const origin: Origin = { signal: 'IncidentResponse', route: '/log_entries' };

const logEntries: WindowedListing<LogEntryRow> = {
  // No limit is documented; the one of on-calls is known to do (facts/pagerduty.md 4.4).
  maxWindow: 89 * day,
  minWindow: second,
  list: listLogEntries,
  tooMany: () =>
    terminal('TooManyLogEntries', 'PagerDuty lists at most 10,000 log entries at a time, and the account has more than that within a second.'),
};

/**
 * What befalls an incident by itself: whoever is named as its agent did nothing. All other entries of a person count,
 * kinds still unknown included, for to take an action for none could cost somebody their account.
 */
const automatic = new Set([
  'notify_log_entry',
  'exhaust_escalation_path_log_entry',
  'reach_ack_limit_log_entry',
  'reach_trigger_limit_log_entry',
  'repeat_escalation_path_log_entry',
]);

/**
 * The signal IncidentResponse (C16): who acknowledged, resolved, reassigned, raised or wrote on an incident. Only the
 * agent counts, never whoever was notified or assigned. Throws Terminal `TooManyLogEntries` when a second holds
 * more than 10,000 entries.
 */
export async function* observeLogEntries(window: TimeWindow, client: Client): AsyncGenerator<ActivityPage, SignalOutcome> {
  const { clock } = client.session;
  const now = clock.now();
  for await (const rows of pullWindows(window, logEntries, client)) yield* showLatest(readSightings(rows), origin, clock.now());
  return completeWindow(window, now);
}

function* readSightings(rows: readonly LogEntryRow[]): Generator<Sighting> {
  for (const { agent, created_at: time, type } of rows) {
    if (automatic.has(type)) continue;
    yield { person: findPerson(agent), at: parseInstant(time, origin.route, 'log_entries.created_at') };
  }
}

function listLogEntries({ from, to }: TimeWindow): Listing<LogEntryRow> {
  return {
    route: origin.route,
    key: 'log_entries',
    query: [
      // A second early: whether the ends of a window belong to it is not documented, and an entry seen twice does no harm.
      ['since', formatInstant(from - second)],
      ['until', formatInstant(to)],
      // The overview leaves entries out, and with them people.
      ['is_overview', 'false'],
      ['time_zone', 'UTC'],
    ],
    rows: logEntryRows,
    total: 'Asked',
    identify: (row) => row.id,
    repeats: 'Row',
  };
}
