import { entriesOf } from '../account/log-entries.ts';
import type { Incident } from '../company/history.ts';
import { assigneesAt } from '../company/history.ts';
import type { Interval } from '../company/intervals.ts';
import type { Call, Route } from '../http/call.ts';
import { answerPage, listingOf } from '../http/paging.ts';
import { readList, readTime, readTimeZone } from '../http/query.ts';
import type { Reply } from '../http/replies.ts';
import { argumentError, invalidInput, refuse } from '../http/replies.ts';
import { incidentReference, personReference, policyReference, serviceReference, teamReference } from './render.ts';
import { renderUser } from './render-user.ts';

export const incidentRoutes: readonly Route[] = [{ method: 'GET', pattern: '/incidents', scope: 'incidents.read', handle: listIncidents }];

function listIncidents(call: Call): Reply {
  const { start, end } = readIncidentWindow(call);
  const tests = [statusTest(call), assigneeTest(call), urgencyTest(call), placeTest(call)];
  const incidents = call.account.company.incidents
    .filter(({ createdAt }) => createdAt >= start && createdAt <= end)
    .filter((incident) => tests.every((test) => test(incident)))
    .sort(readOrder(call));
  return answerPage(call, 'incidents', { listing: listingOf(incidents), render: (incident) => renderIncident(call, incident) });
}

/** The last month, or a month from the one end that was given; six at most, unless all are asked for (facts 4.5). */
function readIncidentWindow(call: Call): Interval {
  if (call.query.get('date_range') === 'all') return { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };
  const [since, until] = [readTime(call, 'since'), readTime(call, 'until')];
  const start = since ?? addMonths(until ?? call.now, -1);
  const end = until ?? (since === undefined ? call.now : addMonths(since, 1));
  if (end < start) refuse(argumentError(2005, 'until must not be before since.'));
  // The text was seen like this (grafana-pagerduty#19).
  if (end > addMonths(start, 6)) refuse(invalidInput(' is invalid.'));
  return { start, end };
}

/** In UTC; the 31st of a short month is its last day. */
export function addMonths(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

type Test = (incident: Incident) => boolean;

function statusTest({ query }: Call): Test {
  const statuses = readList(query, 'statuses');
  const unknown = statuses?.find((status) => !['triggered', 'acknowledged', 'resolved'].includes(status));
  if (unknown !== undefined) refuse(invalidInput('statuses is not valid.'));
  return ({ status }) => statuses === undefined || statuses.includes(status);
}

/** Who has it now, so only open ones come (facts 4.5). */
function assigneeTest({ query, now }: Call): Test {
  const ids = readList(query, 'user_ids');
  return (incident) => ids === undefined || assigneesAt(incident, now).some((id) => ids.includes(id));
}

function urgencyTest({ query }: Call): Test {
  const urgencies = readList(query, 'urgencies');
  return ({ urgency }) => urgencies === undefined || urgencies.includes(urgency);
}

function placeTest({ query, account }: Call): Test {
  const [teamIds, serviceIds] = [readList(query, 'team_ids'), readList(query, 'service_ids')];
  return ({ snapshot }) =>
    (teamIds === undefined || snapshot.teamIds.some((id) => teamIds.includes(id))) &&
    (serviceIds === undefined || serviceIds.includes(serviceReference(account.company, snapshot).id));
}

/** By number, or by time if asked to. */
function readOrder({ query }: Call): (a: Incident, b: Incident) => number {
  const wish = query.get('sort_by') ?? 'incident_number:asc';
  const [, field, way] = /^(incident_number|created_at|urgency):(asc|desc)$/.exec(wish) ?? refuse(invalidInput('sort_by is not valid.'));
  const sign = way === 'desc' ? -1 : 1;
  const keyOf = ({ createdAt, urgency }: Incident): number => (field === 'created_at' ? createdAt : field === 'urgency' && urgency === 'high' ? 1 : 0);
  return (a, b) => sign * (keyOf(a) - keyOf(b) || a.number - b.number);
}

export function renderIncident(call: Call, incident: Incident): object {
  const { account, now } = call;
  const { company } = account;
  const time = timeStyle(call);
  const lastAt = incident.actions.at(-1)?.at ?? incident.createdAt;
  const resolvedAt = incident.status === 'resolved' ? lastAt : null;
  const includes = new Set(readList(call.query, 'include'));
  const policy = policyReference(company, incident.snapshot);
  return {
    ...incidentReference(company, incident),
    type: 'incident',
    incident_number: incident.number,
    title: incident.title,
    description: incident.title,
    status: incident.status,
    urgency: incident.urgency,
    created_at: time(incident.createdAt),
    updated_at: time(lastAt),
    last_status_change_at: time(lastAt),
    last_status_change_by: serviceReference(company, incident.snapshot),
    resolved_at: resolvedAt === null ? null : time(resolvedAt),
    incident_key: `key-${incident.id}`,
    service: serviceReference(company, incident.snapshot),
    escalation_policy: policy,
    teams: incident.snapshot.teamIds.flatMap((id) => account.team(id) ?? []).map((team) => teamReference(company, team)),
    assigned_via: 'escalation_policy',
    assignments: assigneesAt(incident, now).map((id) => ({ at: time(lastAt), assignee: renderPerson(call, id, includes.has('assignees') || includes.has('users')) })),
    acknowledgements: acknowledgementsOf(call, incident, includes.has('acknowledgers') || includes.has('users')),
    first_trigger_log_entry: { id: entriesOf(incident)[0]?.id ?? incident.id, type: 'trigger_log_entry_reference', summary: 'Triggered', self: null, html_url: null },
    alert_counts: { triggered: 0, resolved: 0, all: 0 },
    is_mergeable: true,
    incident_type: { name: 'incident_default' },
    pending_actions: [],
    incidents_responders: [],
    priority: null,
    resolve_reason: null,
  };
}

function timeStyle(call: Call): (at: number) => string {
  const zone = readTimeZone(call);
  return (at) => call.zones.format(zone, at);
}

/** They go when the incident is resolved or somebody else gets it. */
function acknowledgementsOf(call: Call, incident: Incident, whole: boolean): object[] {
  if (incident.status !== 'acknowledged') return [];
  const time = timeStyle(call);
  return incident.actions.flatMap(({ type, at, agent }) =>
    type === 'acknowledge' && agent.kind === 'user' ? [{ at: time(at), acknowledger: renderPerson(call, agent.id, whole) }] : [],
  );
}

function renderPerson({ account }: Call, id: string, whole: boolean): object {
  const user = account.user(id);
  return whole && user !== undefined ? renderUser(account, user, new Set()) : personReference(account, id);
}
