import { demandAdmin } from '../auth/credentials.ts';
import type { Person } from '../company/company.ts';
import { byName } from '../company/making.ts';
import type { Call, Route } from '../http/call.ts';
import { answerPage, listingOf } from '../http/paging.ts';
import { readList } from '../http/query.ts';
import type { Reply } from '../http/replies.ts';
import { apiError, json, missingAbility, notFound, refuse } from '../http/replies.ts';
import { renderLicense } from './render.ts';
import { renderUser } from './render-user.ts';

const LIST_INCLUDES = new Set(['contact_methods', 'notification_rules', 'teams', 'subdomains']);
const DETAIL_INCLUDES = new Set([...LIST_INCLUDES, 'calendar_urls']);

export const userRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/users', scope: 'users.read', handle: listUsers },
  { method: 'GET', pattern: '/users/me', scope: null, handle: showMe },
  { method: 'GET', pattern: '/users/{id}', scope: 'users.read', handle: (call) => showUser(call, findShown(call)) },
  { method: 'GET', pattern: '/users/{id}/license', scope: 'licenses.read', handle: showLicense },
];

function listUsers(call: Call): Reply {
  const teamIds = readList(call.query, 'team_ids');
  if (teamIds !== undefined && !call.account.company.abilities.includes('teams')) refuse(missingAbility());
  const members = withDeparted(call, teamIds === undefined ? call.account.company.users : call.account.membersOfTeams(teamIds), teamIds);
  const users = matchQuery(members, call.query.get('query'));
  const includes = readIncludes(call, LIST_INCLUDES);
  return answerPage(call, 'users', { listing: listingOf(users), render: (user) => renderUser(call.account, user, includes) });
}

/** Those just deleted still show for a while (facts 5.1). */
function withDeparted({ account, now, settings }: Call, members: readonly Person[], teamIds: readonly string[] | undefined): readonly Person[] {
  const departed = account.departures.show({ now, settings });
  const shown = departed.filter(({ teams }) => teamIds === undefined || teams.some(({ teamId }) => teamIds.includes(teamId)));
  return shown.length === 0 ? members : [...members, ...shown].sort(byName);
}

function findShown(call: Call): Person {
  const { account, now, settings, params } = call;
  const id = params['id'] ?? '';
  return account.user(id) ?? account.departures.show({ now, settings }, id)[0] ?? refuse(notFound);
}

/** `query` matches names, and addresses too in practice (facts 3.1). */
function matchQuery(users: readonly Person[], text: string | null): readonly Person[] {
  if (text === null || text === '') return users;
  const wanted = text.toLowerCase();
  return users.filter((user) => user.name.toLowerCase().includes(wanted) || user.email.includes(wanted));
}

function readIncludes(call: Call, known: ReadonlySet<string>): Set<string> {
  return known.intersection(new Set(readList(call.query, 'include')));
}

function findUser(call: Call): Person {
  return call.account.user(call.params['id'] ?? '') ?? refuse(notFound);
}

function showUser(call: Call, user: Person): Reply {
  return json({ user: renderUser(call.account, user, readIncludes(call, DETAIL_INCLUDES)) });
}

/** An account's key or an app is nobody: 400, and `error` is a string (facts 1.7). */
function showMe(call: Call): Reply {
  const { userId } = call.credential;
  const user = userId === undefined ? undefined : call.account.user(userId);
  if (user !== undefined) return showUser(call, user);
  return json({ error: "Can't tell who is asking: an account-level token has no current user." }, 400);
}

function showLicense(call: Call): Reply {
  const denied = demandAdmin(call.credential, call.account, 'Cannot read license allocations');
  if (denied !== undefined) return apiError(denied);
  const license = call.account.license(findUser(call).licenseId) ?? refuse(notFound);
  return json({ license: renderLicense(license) });
}
