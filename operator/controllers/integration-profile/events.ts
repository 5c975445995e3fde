import type { IntegrationProfileStatus } from '../../api/integration-profile.ts';
import type { ConditionPart } from '../conditions.ts';
import type { ProfilePlan } from './decide-plan.ts';

export interface EventToRecord {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

/** Events are for what happened, never for what still is: each needs a change between two passes. */
export function profileEvents(before: IntegrationProfileStatus | undefined, plan: ProfilePlan, parts: readonly ConditionPart[]): EventToRecord[] {
  return [...stateEvents(plan), ...validationEvents(before, plan), ...conditionEvents(before, parts), ...refreshEvents(before, plan)];
}

function stateEvents({ state }: ProfilePlan): EventToRecord[] {
  if (state.changed === 'Published') return [normal('Published', 'Publish', 'The profile is published.')];
  if (state.changed === 'ReturnedToDraft') return [{ type: 'Warning', reason: 'ReturnedToDraft', action: 'Publish', note: state.message }];
  return [];
}

function validationEvents(before: IntegrationProfileStatus | undefined, plan: ProfilePlan): EventToRecord[] {
  const validation = plan.status.validation;
  if (validation?.passed !== true || (before?.validation?.id === validation.id && before.validation.passed)) return [];
  return [normal('Validated', 'Validate', 'The connection was validated; no reclaim API was called.')];
}

/** Conditions whose turn to False is an event of its own; Ready, Reconciling and Stalled only repeat them. */
export const announcedConditions = [
  'ConnectionReady',
  'ConnectionValidated',
  'RefreshScheduled',
  'SubscriptionsRefreshed',
  'ActivityRefreshed',
  'ActivitySignalsAvailable',
  'DataFresh',
  'LicenseDataAvailable',
  'Compliant',
  'IdentifiersRecognized',
  'AccountUnique',
  'ReclaimAliasReady',
  'ManagedBy',
  'ClockTrusted',
];

function conditionEvents(before: IntegrationProfileStatus | undefined, parts: readonly ConditionPart[]): EventToRecord[] {
  return parts
    .filter((part) => announcedConditions.includes(part.type) && part.status === 'False')
    .filter((part) => {
      const old = before?.conditions?.find((condition) => condition.type === part.type);
      return old?.status !== 'False' || old.reason !== part.reason;
    })
    .map((part) => ({ type: 'Warning', reason: part.reason, action: 'Reconcile', note: part.message }));
}

function refreshEvents(before: IntegrationProfileStatus | undefined, { status }: ProfilePlan): EventToRecord[] {
  const total = status.subscriptions?.total ?? 0;
  const refreshed = isNew(status.lastRefreshTime, before?.lastRefreshTime)
    ? [normal('SubscriptionsRefreshed', 'Refresh', `The subscriptions are refreshed: ${total} in all.`)]
    : [];
  const active = isNew(status.activityWindow?.completeUntil, before?.activityWindow?.completeUntil)
    ? [normal('ActivityRefreshed', 'Refresh', 'The user activity is refreshed.')]
    : [];
  return [...refreshed, ...active];
}

function isNew(value: string | undefined, before: string | undefined): boolean {
  return value !== undefined && value !== before;
}

function normal(reason: string, action: string, note: string): EventToRecord {
  return { type: 'Normal', reason, action, note };
}
