import type { LogEntry } from '../account/log-entries.ts';
import type { IncidentActionType } from '../company/history.ts';
import type { Call, Route } from '../http/call.ts';
import { withinWindow } from '../http/cursors.ts';
import { answerPage, listingOf } from '../http/paging.ts';
import { readFlag, readList, readTimeZone, readWindow } from '../http/query.ts';
import type { Reply } from '../http/replies.ts';
import { renderIncident } from './incidents.ts';
import { apiOf, incidentReference, personReference, renderTeam, serviceReference, teamReference } from './render.ts';

export const logEntryRoutes: readonly Route[] = [{ method: 'GET', pattern: '/log_entries', scope: 'incidents.read', handle: listLogEntries }];

/** Newest first, without `since` from the beginning; there is no filter by person (facts 4.4). */
function listLogEntries(call: Call): Reply {
  const window = readWindow(call, { since: Number.NEGATIVE_INFINITY, until: call.now });
  const zone = readTimeZone(call);
  const includes = new Set(readList(call.query, 'include'));
  const teamIds = readList(call.query, 'team_ids');
  const overview = readFlag(call.query, 'is_overview');
  const entries = withinWindow(call, call.account.entriesNewestFirst(), window).filter(
    ({ incident, action }) => (!overview || OVERVIEW.has(action.type)) && (teamIds === undefined || incident.snapshot.teamIds.some((id) => teamIds.includes(id))),
  );
  return answerPage(call, 'log_entries', { listing: listingOf(entries), render: (entry) => renderLogEntry(call, entry, { zone, includes }) });
}

/** The overview leaves out what is not a change of the incident itself. */
const OVERVIEW: ReadonlySet<IncidentActionType> = new Set(['trigger', 'acknowledge', 'resolve', 'escalate']);

function renderLogEntry(call: Call, { id, incident, action, at }: LogEntry, style: { zone: string; includes: ReadonlySet<string> }): object {
  const { company } = call.account;
  const { includes, zone } = style;
  const teams = incident.snapshot.teamIds.flatMap((teamId) => call.account.team(teamId) ?? []);
  return {
    id,
    type: `${action.type}_log_entry`,
    summary: summarize(call, action.type, { notifiedId: action.notifiedId }),
    self: `${apiOf(company)}/log_entries/${id}`,
    html_url: null,
    created_at: call.zones.format(zone, at),
    agent: renderAgent(call, { incident, action }),
    channel: { type: action.agent.kind === 'user' ? 'web' : 'auto' },
    contexts: [],
    service: serviceReference(company, incident.snapshot),
    incident: includes.has('incidents') ? renderIncident(call, incident) : incidentReference(company, incident),
    teams: teams.map((team) => (includes.has('teams') ? renderTeam(company, team) : teamReference(company, team))),
    ...renderSpecial(call, action),
  };
}

function summarize({ account }: Call, type: IncidentActionType, { notifiedId }: { notifiedId: string | undefined }): string {
  return notifiedId === undefined ? `An incident: ${type}.` : `Notified ${account.user(notifiedId)?.name ?? 'somebody'}.`;
}

function renderAgent(call: Call, { incident, action: { agent } }: Pick<LogEntry, 'incident' | 'action'>): object {
  if (agent.kind === 'user') return personReference(call.account, agent.id);
  const service = serviceReference(call.account.company, incident.snapshot);
  if (agent.kind === 'service') return service;
  return { id: `I${service.id.slice(1)}`, type: 'integration_reference', summary: 'Events API v2', self: null, html_url: null };
}

/** What only some kinds of entry have. */
function renderSpecial(call: Call, { type, notifiedId, assigneeIds }: LogEntry['action']): object {
  const assigned = assigneeIds === undefined ? {} : { assignees: assigneeIds.map((id) => personReference(call.account, id)) };
  const notified = notifiedId === undefined ? {} : { user: personReference(call.account, notifiedId) };
  return { ...assigned, ...notified, ...(type === 'trigger' ? { event_details: { description: 'Something is wrong.' } } : {}) };
}
