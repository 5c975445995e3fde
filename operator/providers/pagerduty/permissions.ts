import { processNames, type ProcessName, type VendorConfigurationRow } from '../../api/integration-profile.ts';
import type { ActivitySignal, ScopeNeeds, SubflowNames } from '../provider.ts';

export const profileType = 'PagerDuty Subscription';
export const publisher = 'PagerDuty';
export const product = 'PagerDuty';

/** Names of the subflows (S37, S39, S47). */
export const subflows: SubflowNames = {
  downloadSubscriptions: 'PagerDuty Download Subscriptions',
  updateUserActivity: 'PagerDuty Update User Activity',
  reclaimSubscription: 'PagerDuty Reclaim Subscription',
};

/** PagerDuty keeps audit records for twelve months (facts/pagerduty.md 4.6). */
export const auditRetention = 365 * 24 * 3_600_000;

/**
 * The default first (L1). Activity counts for anybody; silence only for those who could have been seen (T3):
 * stakeholders cannot be on call, may not change the account's set-up, and need not answer an incident that they
 * follow, so three of the signals say nothing about them. Whoever uses PagerDuty signs in.
 */
export const signals = [
  { name: 'OnCall', sees: ['FullUser'] },
  { name: 'SignIn', sees: ['FullUser', 'Stakeholder'] },
  { name: 'AuditActor', sees: ['FullUser'], keptForMs: auditRetention },
  { name: 'IncidentResponse', sees: ['FullUser'] },
] as const satisfies readonly ActivitySignal[];
export type SignalName = (typeof signals)[number]['name'];

/** Scope that a signal needs (facts/pagerduty.md 2). Analytics want the right to write, though they are only read (T18). */
export const signalScopes: Readonly<Record<SignalName, string>> = {
  OnCall: 'oncalls.read',
  SignIn: 'analytics.write',
  AuditActor: 'audit_records.read',
  IncidentResponse: 'incidents.read',
};

/** Scopes per process (S5, S9, S12), in PagerDuty's own spelling with dots (T1). */
const requiredScopes: Readonly<Record<ProcessName, string>> = {
  DownloadSubscriptions: 'users.read',
  PullUserActivity: 'oncalls.read',
  ReclaimSubscription: 'users.write',
};

/** What the checks before a reclaim read, beside `users.read` (guards 2, 3; facts/pagerduty.md 2). Without one of them, its check is unverified and blocks. */
export const guardScopes: readonly string[] = ['users.read', 'oncalls.read', 'schedules.read', 'escalation_policies.read', 'incidents.read'];

/** What takes the undo bundle, and brings back what is in it (D4); tags also protect (C14). */
const undoScopes: readonly string[] = [
  'licenses.read',
  'subscribers.read',
  'subscribers.write',
  'tags.read',
  'tags.write',
  'teams.read',
  'teams.write',
  'users:contact_methods.read',
  'users:contact_methods.write',
];

/** Licences are a gain but not needed (T6); teams only matter above 10,000 people (docs/decisions/0004). */
const optionalScopes: Readonly<Record<ProcessName, readonly string[]>> = {
  DownloadSubscriptions: ['licenses.read', 'teams.read'],
  PullUserActivity: [],
  ReclaimSubscription: [...guardScopes, ...undoScopes],
};

/** Least roles and scopes per process: the rows of the guide's table (S3–S13). */
export const vendorConfiguration: readonly VendorConfigurationRow[] = [
  {
    process: 'DownloadSubscriptions',
    createAppRole: 'Manager',
    tokenRole: 'Observer',
    scopes: { scoped: requiredScopes.DownloadSubscriptions, classic: 'read' },
  },
  {
    process: 'PullUserActivity',
    createAppRole: 'Manager',
    tokenRole: 'Observer',
    scopes: { scoped: requiredScopes.PullUserActivity, classic: 'read' },
  },
  {
    process: 'ReclaimSubscription',
    createAppRole: 'Global admin',
    tokenRole: 'Global admin',
    scopes: { scoped: requiredScopes.ReclaimSubscription, classic: 'write' },
  },
];

/**
 * Scopes of the given processes and signals only, no more (S2), sorted and unique. `oncalls.read` is required by the
 * activity process whatever its signals, as the guide says (S9): the validation asks for on-calls (S65).
 */
export function listScopes({ processes, signals: wanted }: ScopeNeeds): { required: string[]; optional: string[] } {
  const enabled = processNames.filter((name) => processes.includes(name));
  const ofSignals = enabled.includes('PullUserActivity') ? signals.filter(({ name }) => wanted.includes(name)).map(({ name }) => signalScopes[name]) : [];
  const required = new Set(enabled.map((name) => requiredScopes[name]));
  const optional = new Set([...enabled.flatMap((name) => optionalScopes[name]), ...ofSignals].filter((scope) => !required.has(scope)));
  return { required: Array.from(required).sort(), optional: Array.from(optional).sort() };
}

/**
 * PagerDuty's spelling of a scope. ServiceNow's guide writes `users:read` where the API says `users.read`
 * (T1); scopes that really hold a colon, such as `users:contact_methods.read`, stay as they are.
 */
export function normaliseScope(scope: string): string {
  return scope.replace(/^([a-z_]+):(read|write)$/, '$1.$2');
}
