import type { Person, Team } from '../company/company.ts';
import type { Call, Route } from '../http/call.ts';
import { isStakeholder } from '../company/making.ts';
import { answerPage, CLASSIC_PAGES, listingOf } from '../http/paging.ts';
import type { Reply } from '../http/replies.ts';
import { json, notFound, refuse } from '../http/replies.ts';
import { renderTeam, userReference } from './render.ts';

const common = { method: 'GET', scope: 'teams.read', ability: 'teams' } as const;

export const teamRoutes: readonly Route[] = [
  { ...common, pattern: '/teams', handle: listTeams },
  { ...common, pattern: '/teams/{id}', handle: (call) => json({ team: renderTeam(call.account.company, findTeam(call)) }) },
  { ...common, pattern: '/teams/{id}/members', handle: listMembers },
];

function listTeams(call: Call): Reply {
  const { company } = call.account;
  const teams = matchName(company.teams, call.query.get('query'));
  return answerPage(call, 'teams', { listing: listingOf(teams), render: (team) => renderTeam(company, team) });
}

/** Items whose name has the text in it, in any case. */
export function matchName<T extends { readonly name: string }>(items: readonly T[], text: string | null): readonly T[] {
  if (text === null || text === '') return items;
  const wanted = text.toLowerCase();
  return items.filter((item) => item.name.toLowerCase().includes(wanted));
}

function findTeam(call: Call): Team {
  return call.account.team(call.params['id'] ?? '') ?? refuse(notFound);
}

/** `total` is never filled in here (pagerduty-cli#8). */
function listMembers(call: Call): Reply {
  const team = findTeam(call);
  return answerPage(call, 'members', {
    listing: listingOf(call.account.membersOfTeams([team.id])),
    render: (user) => ({ user: userReference(call.account.company, user), role: roleIn(call, user, team) }),
    rules: { ...CLASSIC_PAGES, total: 'null' },
  });
}

function roleIn({ settings }: Call, user: Person, team: Team): string | null | undefined {
  if (isStakeholder(user.role) && settings.stakeholderTeamRole === 'none') return null;
  return user.teams.find(({ teamId }) => teamId === team.id)?.role;
}
