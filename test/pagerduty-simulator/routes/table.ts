import type { Route } from '../http/call.ts';
import { accessDenied, apiError } from '../http/replies.ts';
import { abilityRoutes } from './abilities.ts';
import { analyticsRoutes } from './analytics.ts';
import { auditRoutes } from './audit.ts';
import { contactRoutes } from './contacts.ts';
import { delegationRoutes } from './delegations.ts';
import { incidentRoutes } from './incidents.ts';
import { licenseRoutes } from './licenses.ts';
import { logEntryRoutes } from './log-entries.ts';
import { oncallRoutes } from './oncalls.ts';
import { policyRoutes } from './policies.ts';
import { ruleRoutes } from './rules.ts';
import { scheduleRoutes } from './schedules.ts';
import { shiftScheduleRoutes } from './shift-schedules.ts';
import { subscriptionRoutes } from './subscriptions.ts';
import { tagRoutes } from './tags.ts';
import { teamMemberRoutes } from './team-members.ts';
import { teamRoutes } from './teams.ts';
import { userDeleteRoutes } from './user-delete.ts';
import { userWriteRoutes } from './user-writes.ts';
import { userRoutes } from './users.ts';

/** Operations that PagerDuty has and the simulator does not carry out: the scope is checked, then access is denied. */
const DENIED: readonly (readonly [method: string, pattern: string, scope: string])[] = [
  ['PUT', '/escalation_policies/{id}', 'escalation_policies.write'],
  ['PUT', '/incidents', 'incidents.write'],
];

const deniedRoutes = DENIED.map(
  ([method, pattern, scope]): Route => ({ method, pattern, scope, handle: () => apiError(accessDenied('The simulator does not carry this out.')) }),
);

/** Every operation, those with fixed parts before those with `{…}` in the same place. */
export const routes: readonly Route[] = [
  ...userRoutes,
  ...licenseRoutes,
  ...teamRoutes,
  ...policyRoutes,
  ...scheduleRoutes,
  ...shiftScheduleRoutes,
  ...oncallRoutes,
  ...abilityRoutes,
  ...incidentRoutes,
  ...logEntryRoutes,
  ...auditRoutes,
  ...analyticsRoutes,
  ...delegationRoutes,
  ...userWriteRoutes,
  ...userDeleteRoutes,
  ...teamMemberRoutes,
  ...contactRoutes,
  ...ruleRoutes,
  ...subscriptionRoutes,
  ...tagRoutes,
  ...deniedRoutes,
];

export interface RouteMatch {
  readonly route: Route;
  readonly params: Record<string, string>;
}

export function findRoute(method: string, path: string): RouteMatch | undefined {
  const parts = path.split('/');
  for (const route of routes) {
    const params = route.method === method ? matchPattern(route.pattern.split('/'), parts) : undefined;
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function matchPattern(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (wanted.startsWith('{')) params[wanted.slice(1, -1)] = part;
    else if (wanted !== part) return undefined;
  }
  return params;
}
