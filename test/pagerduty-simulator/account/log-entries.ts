import type { Incident, IncidentAction } from '../company/history.ts';

/** One row of /log_entries. */
export interface LogEntry {
  readonly id: string;
  readonly incident: Incident;
  readonly action: IncidentAction;
  readonly at: number;
}

/** Newest first; within an instant, the later action first. */
export function listEntries(incidents: readonly Incident[]): LogEntry[] {
  const entries = incidents.flatMap((incident) => incident.actions.map((action, index) => makeEntry(incident, action, index)));
  return entries.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
}

export function entriesOf(incident: Incident): LogEntry[] {
  return incident.actions.map((action, index) => makeEntry(incident, action, index));
}

function makeEntry(incident: Incident, action: IncidentAction, index: number): LogEntry {
  return { id: `R${incident.id.slice(1)}${String(index).padStart(3, '0')}`, incident, action, at: action.at };
}
