import type { Policy } from './company.ts';

/** What happened in the account: plain data beside the company's, times in milliseconds since the epoch. */
export interface Incident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly urgency: 'high' | 'low';
  readonly createdAt: number;
  readonly status: IncidentStatus;
  /** Nobody once it is resolved. */
  readonly assigneeIds: readonly string[];
  /** The escalation policy as it was when the incident was opened: it blocks deletions as long as the incident is open (facts 5.3). */
  readonly snapshot: Policy;
  /** Oldest first. */
  readonly actions: readonly IncidentAction[];
  /** Set when somebody assigned was deleted and the account restarts incidents (facts 5.2). */
  readonly restart?: { readonly at: number; readonly assigneeIds: readonly string[]; readonly snapshot: Policy };
}

export type IncidentStatus = 'triggered' | 'acknowledged' | 'resolved';

export type IncidentActionType = 'trigger' | 'notify' | 'acknowledge' | 'resolve' | 'annotate' | 'assign' | 'escalate';

export interface IncidentAction {
  readonly type: IncidentActionType;
  readonly at: number;
  readonly agent: IncidentAgent;
  /** Who was notified: not their doing (facts 4.4). */
  readonly notifiedId?: string;
  readonly assigneeIds?: readonly string[];
}

/** A person, or what stands for itself: the policy's service or its integration. */
export type IncidentAgent = { readonly kind: 'user'; readonly id: string } | { readonly kind: 'service' } | { readonly kind: 'integration' };

/** One change of the account's set-up (facts 4.6). */
export interface AuditRecord {
  readonly id: string;
  readonly at: number;
  /** Null happens. */
  readonly actors: readonly AuditActor[] | null;
  readonly method: AuditMethod;
  readonly action: 'create' | 'update' | 'delete';
  readonly root: { readonly type: AuditRoot; readonly id: string; readonly name: string };
  readonly fields: readonly { readonly name: string; readonly value: string | null; readonly before: string | null }[];
}

export interface AuditActor {
  readonly type: 'user_reference' | 'api_key_reference' | 'app_reference';
  readonly id: string;
}

export type AuditMethod = 'browser' | 'oauth' | 'api_token' | 'identity_provider' | 'other';
export type AuditRoot = 'users' | 'teams' | 'schedules' | 'escalation_policies' | 'services' | 'ip_allow_lists';

export function isOpen(incident: Incident): boolean {
  return incident.status !== 'resolved';
}

/** The policy that it holds at a moment: a restart takes the policy anew. */
export function snapshotAt({ restart, snapshot }: Incident, now: number): Policy {
  return restart !== undefined && now >= restart.at ? restart.snapshot : snapshot;
}

/** Who has it at a moment: a restart comes some time after the deletion (facts 5.1). */
export function assigneesAt(incident: Incident, now: number): readonly string[] {
  if (!isOpen(incident)) return [];
  const { restart } = incident;
  return restart !== undefined && now >= restart.at ? restart.assigneeIds : incident.assigneeIds;
}
