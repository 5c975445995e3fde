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

/** Stakeholders cannot be on call, so the on-call signal says nothing about them (T3). */
export const signals = [{ name: 'OnCall', sees: ['FullUser'] }] as const satisfies readonly ActivitySignal[];

/** Scopes per process (S5, S9, S12), in PagerDuty's own spelling with dots (T1). */
const requiredScopes: Readonly<Record<ProcessName, string>> = {
  DownloadSubscriptions: 'users.read',
  PullUserActivity: 'oncalls.read',
  ReclaimSubscription: 'users.write',
};

/** Licences are a gain but not needed (T6); teams only matter above 10,000 people (docs/decisions/0004). */
const optionalScopes: Readonly<Record<ProcessName, readonly string[]>> = {
  DownloadSubscriptions: ['licenses.read', 'teams.read'],
  PullUserActivity: [],
  ReclaimSubscription: [],
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

/** Scopes of the given processes only, no more (S2), sorted and unique. */
export function listScopes({ processes }: ScopeNeeds): { required: string[]; optional: string[] } {
  const enabled = processNames.filter((name) => processes.includes(name));
  return {
    required: Array.from(new Set(enabled.map((name) => requiredScopes[name]))).sort(),
    optional: Array.from(new Set(enabled.flatMap((name) => optionalScopes[name]))).sort(),
  };
}

/**
 * PagerDuty's spelling of a scope. ServiceNow's guide writes `users:read` where the API says `users.read`
 * (T1); scopes that really hold a colon, such as `users:contact_methods.read`, stay as they are.
 */
export function normaliseScope(scope: string): string {
  return scope.replace(/^([a-z_]+):(read|write)$/, '$1.$2');
}
