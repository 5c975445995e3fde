import type { ConnectionAlias, ConnectionAliasStatus } from '../../api/connection-alias.ts';
import type { Condition } from '../../api/meta.ts';
import type { EventNote } from '../../kubernetes/event-recorder.ts';
import type { ConditionPart } from '../conditions.ts';
import { recordOf, type ConsentingInput } from './decide-consent.ts';

const action = 'Authorize';

/**
 * What a person should hear of the consent, once each: compared with the status before, so that a restart says
 * nothing twice. No note holds the URL: events are read by more people than the alias.
 */
export function consentEvents(
  before: ConnectionAlias,
  after: { readonly input: ConsentingInput; readonly status: Omit<ConnectionAliasStatus, 'conditions'>; readonly parts: readonly ConditionPart[] },
): EventNote[] {
  const changed = after.parts.filter((part) => isNews(part, before.status?.conditions));
  return [...changed.flatMap(describeChange), ...describeAttempt(before, after)];
}

function isNews(part: ConditionPart, conditions: readonly Condition[] | undefined): boolean {
  const last = conditions?.find((condition) => condition.type === part.type);
  return last?.status !== part.status || last.reason !== part.reason;
}

/** Conditions whose turn to this status a person should hear of; the reason of the event, where it is not the condition's. */
export const consentNews: readonly { readonly type: string; readonly status: ConditionPart['status']; readonly of?: string; readonly as?: string }[] = [
  { type: 'Authorized', status: 'True', of: 'Authorized' },
  { type: 'Authorized', status: 'False' },
  { type: 'AuthorizationExpiring', status: 'True' },
  { type: 'RoleSufficient', status: 'False' },
  { type: 'ScopesSufficient', status: 'False', of: 'ScopesMissing', as: 'AuthorizationRequired' },
];

function describeChange({ type, status, reason, message }: ConditionPart): EventNote[] {
  const told = consentNews.find((each) => each.type === type && each.status === status && (each.of ?? reason) === reason);
  if (told === undefined) return [];
  return [{ type: told.of === 'Authorized' ? 'Normal' : 'Warning', reason: told.as ?? reason, action, note: message }];
}

/** A denial or a wrong account while an earlier consent still works shows in no condition. */
function describeAttempt(before: ConnectionAlias, { input, status, parts }: Parameters<typeof consentEvents>[1]): EventNote[] {
  const { attempt } = recordOf(input);
  const isTold = parts.some((part) => part.type === 'Authorized' && part.reason === attempt?.reason);
  if (attempt === undefined || isTold || before.status?.authorization?.state === status.authorization?.state) return [];
  return [{ type: 'Warning', reason: attempt.reason, action, note: attempt.message }];
}
