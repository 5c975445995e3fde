import { terminal } from '../../../api/errors.ts';
import type { InspectRequest } from '../../reclaim.ts';
import type { Client } from '../client.ts';
import { pullPages, type Listing } from '../paging.ts';
import { parseAnswer } from '../schemas.ts';
import { day, formatInstant, pullWindows, second, type WindowedListing } from '../windows.ts';
import { checkOff, type Checked } from './checked.ts';
import { personPlace, placeOf } from './places.ts';
import {
  incidentRows,
  namedOncallRows,
  policyRows,
  scheduleRows,
  shiftScheduleAnswer,
  shiftScheduleRows,
  tagRows,
  type IncidentRow,
  type NamedOncallRow,
  type PolicyRow,
  type ScheduleRow,
  type ShiftScheduleRow,
  type TagRow,
} from './schemas.ts';

/** Where PagerDuty has somebody, read now (facts/pagerduty.md 5.5). */
export interface Places {
  readonly incidents: Checked<IncidentRow[]>;
  readonly policies: Checked<PolicyRow[]>;
  readonly oncalls: Checked<NamedOncallRow[]>;
  /** All classic schedules: there is no filter by person. */
  readonly schedules: Checked<ScheduleRow[]>;
  readonly shiftSchedules: Checked<ReadableSchedules>;
}

export interface ReadableSchedules {
  readonly read: readonly ShiftScheduleRow[];
  /** Listed, but not to be looked into. */
  readonly unreadable: readonly { readonly name: string; readonly why: string }[];
}

/**
 * How far ahead shifts are looked for, milliseconds: PagerDuty tells of those that begin within 90 days (facts/pagerduty.md 4.1),
 * less half a day for clocks that differ.
 */
const aheadMs = 89.5 * day;

export async function gatherPlaces({ externalUserId: id, evidenceTo }: InspectRequest, client: Client): Promise<Places> {
  const incidents = await checkOff({ scope: 'incidents.read', ask: () => collect(listIncidents(id), client) }, client);
  const policies = await checkOff({ scope: 'escalation_policies.read', ask: () => collect(listPolicies(id), client) }, client);
  const oncalls = await checkOff({ scope: 'oncalls.read', ask: () => readOncalls(id, evidenceTo, client) }, client);
  const schedules = await checkOff({ scope: 'schedules.read', ask: () => collect(listing('/schedules', 'schedules', scheduleRows, layers), client) }, client);
  // No scope is documented for shift-based schedules, so they are asked for in any case (facts/pagerduty.md 11).
  const shiftSchedules = await checkOff({ scope: undefined, ask: () => readShiftSchedules(client) }, client);
  return { incidents, policies, oncalls, schedules, shiftSchedules };
}

/** Tags of the person (C14). Undocumented which plans have them, so a refusal is told and not thrown. */
export async function readTags(id: string, client: Client): Promise<Checked<TagRow[]>> {
  const place = personPlace(id, '/tags');
  return checkOff({ scope: 'tags.read', ask: () => collect({ ...listing(place.route, 'tags', tagRows, []), path: place.path }, client) }, client);
}

const layers = [['include[]', 'schedule_layers']] as const;

/** Every row of a list that is proven whole; a pull that was made again gives each row once. */
export async function collect<Row>(list: Listing<Row>, client: Client): Promise<Row[]> {
  return gatherOnce(pullPages(list, client), (row) => list.identify(row));
}

async function gatherOnce<Row>(pages: AsyncIterable<Row[]>, identify: (row: Row) => string): Promise<Row[]> {
  const rows = new Map<string, Row>();
  for await (const page of pages) for (const row of page) rows.set(identify(row), row);
  return Array.from(rows.values());
}

export function listing<Row extends { readonly id: string }>(route: string, key: string, rows: Listing<Row>['rows'], query: Listing<Row>['query']): Listing<Row> {
  return { route, key, query, rows, total: 'Asked', identify: (row) => row.id, repeats: 'Row' };
}

function listIncidents(id: string): Listing<IncidentRow> {
  return listing('/incidents', 'incidents', incidentRows, [
    ['user_ids[]', id],
    ['statuses[]', 'triggered'],
    ['statuses[]', 'acknowledged'],
    // Without it, only those of the last month are searched (facts/pagerduty.md 5.5).
    ['date_range', 'all'],
  ]);
}

function listPolicies(id: string): Listing<PolicyRow> {
  return listing('/escalation_policies', 'escalation_policies', policyRows, [['user_ids[]', id]]);
}

/** On-call entries from the end of the evidence on, as far ahead as PagerDuty tells. Shift-based schedules are among them. */
async function readOncalls(id: string, evidenceTo: number, client: Client): Promise<NamedOncallRow[]> {
  const now = client.session.clock.now();
  const list: WindowedListing<NamedOncallRow> = {
    maxWindow: 89 * day,
    minWindow: second,
    list: ({ from, to }) => ({
      route: '/oncalls',
      key: 'oncalls',
      query: [
        ['user_ids[]', id],
        ['since', formatInstant(from)],
        ['until', formatInstant(to)],
        ['time_zone', 'UTC'],
      ],
      rows: namedOncallRows,
      total: 'Asked',
      identify: nameEntry,
      repeats: 'Page',
    }),
    tooMany: () => terminal('TooManyOnCalls', 'PagerDuty lists at most 10,000 on-call entries at a time, and one person has more than that in a second.'),
  };
  return gatherOnce(pullWindows({ from: Math.min(evidenceTo, now), to: now + aheadMs }, list, client), nameEntry);
}

function nameEntry(row: NamedOncallRow): string {
  const parts = [row.user?.id, row.schedule?.id, row.escalation_policy?.id, row.escalation_level, row.start, row.end];
  return parts.map((part) => part ?? '').join(' ');
}

/**
 * The list leaves out without a word what this credential may not read (facts/pagerduty.md 5.5), so it proves nothing about
 * those: somebody who is on one comes with the on-calls, where the schedule is on a policy, and else the deletion's own 400 is
 * what holds.
 */
async function readShiftSchedules(client: Client): Promise<ReadableSchedules> {
  const read: ShiftScheduleRow[] = [];
  const unreadable: { name: string; why: string }[] = [];
  for (const { id, summary } of await collect(listing('/v3/schedules', 'schedules', shiftScheduleRows, []), client)) {
    const place = placeOf('/v3/schedules/{id}', id);
    const ask = async (): Promise<ShiftScheduleRow> => parseAnswer(shiftScheduleAnswer, await client.get(place, []), place.route).schedule;
    const schedule = await checkOff({ scope: undefined, ask }, client);
    if (schedule.kind === 'Known') read.push(schedule.value);
    else unreadable.push({ name: summary ?? id, why: schedule.why });
  }
  return { read, unreadable };
}
