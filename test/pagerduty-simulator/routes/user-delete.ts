import type { Blocker } from '../account/blockers.ts';
import { listBlockers } from '../account/blockers.ts';
import { restartIncidents } from '../account/incidents.ts';
import { demandAdmin } from '../auth/credentials.ts';
import type { Person } from '../company/company.ts';
import type { Call, Route } from '../http/call.ts';
import type { ApiError, Reply } from '../http/replies.ts';
import { accessDenied, apiError, invalidInput, json, noContent, notFound, refuse } from '../http/replies.ts';
import { recordChange } from './changes.ts';

export const userDeleteRoutes: readonly Route[] = [{ method: 'DELETE', pattern: '/users/{id}', scope: 'users.write', userWrite: true, handle: deleteUser }];

/** 204, or why not (facts 5.1). Somebody gone is 404, also while reads still show them. */
function deleteUser(call: Call): Reply {
  const { account, settings, now } = call;
  const denied = demandAdmin(call.credential, account, 'Cannot delete users');
  if (denied !== undefined) return apiError(denied);
  const user = account.user(call.params['id'] ?? '') ?? refuse(notFound);
  const special = refuseSpecial(call, user);
  if (special !== undefined) return apiError(special);
  const blockers = listBlockers(account, user.id, { now, settings });
  if (blockers.length > 0) return answerBlocked(call, blockers);
  account.depart(user.id, now);
  // Asynchronous: the answer comes first (facts 5.1).
  if (settings.planHasOffboarding && settings.offboardingIncidents === 'restart') {
    restartIncidents(account, user.id, { at: now + settings.restartAfterMs, now, zones: call.zones });
  }
  recordChange(call, { action: 'delete', root: { type: 'users', id: user.id, name: user.name }, fields: [] });
  return noContent();
}

function refuseSpecial({ settings, credential }: Call, user: Person): ApiError | undefined {
  if (user.role === 'owner') {
    return settings.ownerDelete === 'forbidden' ? accessDenied() : invalidInput('The account owner cannot be deleted.');
  }
  if (user.id !== credential.userId || settings.selfDelete === 'allowed') return undefined;
  return settings.selfDelete === 'forbidden' ? accessDenied() : invalidInput('You cannot delete yourself.');
}

/** Neither code nor message unless a setting says so; the text is for people (facts 5.1). */
function answerBlocked({ settings }: Call, all: readonly Blocker[]): Reply {
  const shown = settings.blockersShown === 'first' ? all.slice(0, 1) : all;
  const errors = shown.map(explain);
  const bodies = {
    'errors-only': { errors },
    'empty-message': { message: '', errors },
    'with-code': { message: 'Invalid Input Provided', code: 2001, errors },
    'names-conflicts': { errors, conflicts: shown.map(({ kind, items }) => ({ type: kind, ids: items.map(({ id }) => id) })) },
  };
  return json({ error: bodies[settings.blockerBody] }, 400);
}

function explain({ kind, items }: Blocker): string {
  const noun = NOUNS[kind][items.length === 1 ? 0 : 1];
  return `The user cannot be deleted as they ${kind === 'snapshot' ? 'are in' : 'have'} ${items.length} ${noun}. ${REMEDIES[kind]}`;
}

const NOUNS = {
  incident: ['incident', 'incidents'],
  schedule: ['schedule', 'schedules'],
  'escalation policy': ['escalation policy', 'escalation policies'],
  snapshot: ['escalation policy snapshot with an open incident', 'escalation policy snapshots with open incidents'],
} as const satisfies Record<Blocker['kind'], readonly [string, string]>;

const REMEDIES: Readonly<Record<Blocker['kind'], string>> = {
  incident: 'Please resolve the following incident to continue.',
  schedule: 'Please remove the user from the following schedule to continue.',
  'escalation policy': 'Please remove the user from the following escalation policy to continue.',
  snapshot: 'Please resolve or reassign the incident to continue.',
};
