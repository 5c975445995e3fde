import type { Policy, PolicyTarget } from '../company/company.ts';
import type { Call, Route } from '../http/call.ts';
import { answerPage, listingOf } from '../http/paging.ts';
import { readList } from '../http/query.ts';
import type { Reply } from '../http/replies.ts';
import { json, notFound, refuse } from '../http/replies.ts';
import { personReference, policyReference, renderTeam, scheduleReference, teamReference } from './render.ts';
import { renderUser } from './render-user.ts';
import { matchName } from './teams.ts';

const common = { method: 'GET', scope: 'escalation_policies.read' } as const;

export const policyRoutes: readonly Route[] = [
  { ...common, pattern: '/escalation_policies', handle: listPolicies },
  { ...common, pattern: '/escalation_policies/{id}', handle: showPolicy },
];

function listPolicies(call: Call): Reply {
  const userIds = readList(call.query, 'user_ids');
  const teamIds = readList(call.query, 'team_ids');
  const policies = matchName(call.account.company.policies, call.query.get('query'))
    .filter((policy) => userIds === undefined || policy.rules.some((rule) => rule.targets.some((target) => targetsOne(target, userIds))))
    .filter((policy) => teamIds === undefined || policy.teamIds.some((id) => teamIds.includes(id)));
  return answerPage(call, 'escalation_policies', { listing: listingOf(policies), render: (policy) => renderPolicy(call, policy) });
}

/** The filter looks at direct targets only (facts 5.5). */
function targetsOne(target: PolicyTarget, userIds: readonly string[]): boolean {
  return target.kind === 'user' && userIds.includes(target.id);
}

function showPolicy(call: Call): Reply {
  const policy = call.account.policy(call.params['id'] ?? '') ?? refuse(notFound);
  return json({ escalation_policy: renderPolicy(call, policy) });
}

export function renderPolicy(call: Call, policy: Policy): object {
  const { account } = call;
  const includes = new Set(readList(call.query, 'include'));
  const teams = policy.teamIds.flatMap((id) => account.team(id) ?? []);
  return {
    ...policyReference(account.company, policy),
    type: 'escalation_policy',
    name: policy.name,
    description: policy.description,
    num_loops: policy.loops,
    on_call_handoff_notifications: 'if_has_services',
    escalation_rules: policy.rules.map((rule) => ({
      id: rule.id,
      escalation_delay_in_minutes: rule.delayMinutes,
      targets: rule.targets.flatMap((target) => renderTarget(call, target, includes.has('targets'))),
    })),
    services: [],
    teams: teams.map((team) => (includes.has('teams') ? renderTeam(account.company, team) : teamReference(account.company, team))),
  };
}

function renderTarget({ account }: Call, target: PolicyTarget, whole: boolean): object[] {
  if (target.kind === 'user') {
    const user = account.user(target.id);
    return [whole && user !== undefined ? renderUser(account, user, new Set()) : personReference(account, target.id)];
  }
  const schedule = target.kind === 'classic' ? account.schedule(target.id) : account.shiftSchedule(target.id);
  return schedule === undefined ? [] : [scheduleReference(account.company, schedule)];
}
