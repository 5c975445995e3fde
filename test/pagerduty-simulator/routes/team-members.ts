import { z } from 'zod';
import type { Membership, Person, Team } from '../company/company.ts';
import { isStakeholder } from '../company/making.ts';
import { readJson } from '../http/body.ts';
import type { Call, Route } from '../http/call.ts';
import type { Reply } from '../http/replies.ts';
import { accessDenied, apiError, invalidInput, noContent, notFound, refuse } from '../http/replies.ts';
import { recordChange } from './changes.ts';

const common = { pattern: '/teams/{id}/users/{user_id}', scope: 'teams.write', ability: 'teams' } as const;

export const teamMemberRoutes: readonly Route[] = [
  { ...common, method: 'PUT', handle: addMember },
  { ...common, method: 'DELETE', handle: removeMember },
];

const wish = z.object({ role: z.enum(['manager', 'responder', 'observer']).optional() });

/** A stakeholder cannot hold a role in a team (facts 5.4). */
function addMember(call: Call): Reply {
  const { team, user } = findBoth(call);
  const { role } = call.body === '' ? {} : readJson(call, wish);
  if (role !== undefined && isStakeholder(user.role)) return apiError(invalidInput('The user cannot hold a role in a team.'));
  const membership: Membership = { teamId: team.id, role: role ?? (isStakeholder(user.role) ? 'observer' : 'manager') };
  changeTeams(call, { team, user }, [...user.teams.filter(({ teamId }) => teamId !== team.id), membership]);
  return noContent();
}

/** Not while they are a direct target of one of the team's policies (facts 5.5). */
function removeMember(call: Call): Reply {
  const { team, user } = findBoth(call);
  if (!user.teams.some(({ teamId }) => teamId === team.id)) return apiError(notFound);
  const held = call.account.policiesTargeting(user.id).some(({ teamIds }) => teamIds.includes(team.id));
  if (held) return apiError(invalidInput('User cannot be removed as they belong to an escalation policy on this team'));
  changeTeams(call, { team, user }, user.teams.filter(({ teamId }) => teamId !== team.id));
  return noContent();
}

function findBoth(call: Call): { team: Team; user: Person } {
  const { account, credential, params } = call;
  const role = credential.userId === undefined ? 'admin' : account.user(credential.userId)?.role;
  if (role !== 'owner' && role !== 'admin' && role !== 'user') refuse(accessDenied('Cannot change teams'));
  const team = account.team(params['id'] ?? '') ?? refuse(notFound);
  return { team, user: account.user(params['user_id'] ?? '') ?? refuse(notFound) };
}

function changeTeams(call: Call, { team, user }: { team: Team; user: Person }, teams: readonly Membership[]): void {
  call.account.updateUser(user.id, { teams });
  recordChange(call, { action: 'update', root: { type: 'teams', id: team.id, name: team.name }, fields: [] });
}
