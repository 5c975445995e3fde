import type { Policy } from '../company/company.ts';
import type { Incident, IncidentAction, IncidentAgent } from '../company/history.ts';
import { snapshotAt } from '../company/history.ts';
import type { TimeZones } from '../company/time-zones.ts';
import type { Account } from './account.ts';
import { listOncalls } from './oncalls.ts';

export interface NewIncident {
  readonly assigneeIds: readonly string[];
  /** The policy that it keeps as it is now; none = one without targets. */
  readonly policyId?: string;
  readonly title?: string;
  readonly urgency?: 'high' | 'low';
  readonly createdAt: number;
}

/** Opens an incident. Throws RangeError when there is no such policy. */
export function openIncident(account: Account, wish: NewIncident): Incident {
  const { incidents } = account.company;
  const number = Math.max(0, ...incidents.map((incident) => incident.number)) + 1;
  const { assigneeIds, createdAt, title = 'Something is wrong', urgency = 'high' } = wish;
  const incident: Incident = {
    id: `QNEW${String(number).padStart(10, '0')}`,
    number,
    title,
    urgency,
    createdAt,
    status: 'triggered',
    assigneeIds,
    snapshot: findPolicy(account, wish.policyId),
    actions: [
      { type: 'trigger', at: createdAt, agent: { kind: 'integration' } },
      { type: 'assign', at: createdAt, agent: { kind: 'service' }, assigneeIds },
      ...assigneeIds.map((notifiedId): IncidentAction => ({ type: 'notify', at: createdAt, agent: { kind: 'service' }, notifiedId })),
    ],
  };
  account.replace({ incidents: [...incidents, incident] });
  return incident;
}

function findPolicy(account: Account, id: string | undefined): Policy {
  if (id === undefined) return { id: 'PNOPOLICY', name: 'No policy', description: null, teamIds: [], loops: 0, rules: [] };
  const policy = account.policy(id);
  if (policy === undefined) throw new RangeError(`the company has no escalation policy ${id}`);
  return policy;
}

export interface IncidentChange {
  readonly status?: 'acknowledged' | 'resolved';
  /** To reassign it. */
  readonly assigneeIds?: readonly string[];
  /** Who does it; else the service. */
  readonly by?: string;
  readonly at: number;
}

/** Acknowledges, resolves or reassigns. Throws RangeError when there is no such incident. */
export function changeIncident(account: Account, id: string, change: IncidentChange): Incident {
  const { incidents } = account.company;
  const incident = incidents.find((one) => one.id === id);
  if (incident === undefined) throw new RangeError(`the company has no incident ${id}`);
  const changed = applyChange(incident, change);
  account.replace({ incidents: incidents.map((one) => (one.id === id ? changed : one)) });
  return changed;
}

function applyChange(incident: Incident, { status, assigneeIds, by, at }: IncidentChange): Incident {
  const agent: IncidentAgent = by === undefined ? { kind: 'service' } : { kind: 'user', id: by };
  const { restart: _, ...rest } = incident;
  const actions: IncidentAction[] = [...incident.actions];
  if (assigneeIds !== undefined) actions.push({ type: 'assign', at, agent, assigneeIds });
  if (status !== undefined) actions.push({ type: status === 'resolved' ? 'resolve' : 'acknowledge', at, agent });
  return {
    ...rest,
    snapshot: snapshotAt(incident, at),
    status: status ?? (assigneeIds === undefined ? incident.status : 'triggered'),
    assigneeIds: status === 'resolved' ? [] : (assigneeIds ?? incident.assigneeIds),
    actions,
  };
}

/** Hands the incidents of somebody deleted to the first level of their policies, as they are now, some time later (facts 5.2). */
export function restartIncidents(account: Account, userId: string, { at, now, zones }: { at: number; now: number; zones: TimeZones }): void {
  const incidents = account.company.incidents.map((incident): Incident => {
    const involved = incident.status !== 'resolved' && (incident.assigneeIds.includes(userId) || targets(incident.snapshot, userId));
    if (!involved) return incident;
    const snapshot = account.policy(incident.snapshot.id) ?? incident.snapshot;
    return { ...incident, restart: { at, snapshot, assigneeIds: firstOnCall(account, snapshot, now, zones) } };
  });
  account.replace({ incidents });
}

function targets({ rules }: Policy, userId: string): boolean {
  return rules.some((rule) => rule.targets.some(({ kind, id }) => kind === 'user' && id === userId));
}

function firstOnCall(account: Account, { id }: Policy, now: number, zones: TimeZones): string[] {
  const query = { window: { start: now, end: now }, policyIds: new Set([id]), userIds: undefined, scheduleIds: undefined, direct: true, earliest: false };
  const rows = [...listOncalls(account, query, zones)];
  const level = Math.min(...rows.map((row) => row.level));
  return [...new Set(rows.filter((row) => row.level === level).map(({ user }) => user.id))];
}
