import type { Failure } from '../../api/errors.ts';
import type { RefreshProcess } from '../../api/integration-profile.ts';
import { isFalse, isTrue, summariseConditions, type ConditionPart } from '../conditions.ts';
import { clockParts } from './clock-conditions.ts';
import { connectionParts, reclaimScopeFailure } from './connection-conditions.ts';
import { scheduledProcesses, suspensionOf, type StateDecision } from './decide-state.ts';
import type { ProfileInput, ValidationOutcome } from './input.ts';
import { positionParts } from './position-conditions.ts';
import { freshPart, isFresh, licenseDataParts, refreshPart, signalsParts, typeOfProcess } from './refresh-conditions.ts';

/** Types of conditions that this controller owns. */
export const profileConditionTypes = [
  'ProviderAvailable',
  'ConnectionReady',
  'AccountMatch',
  'RoleSufficient',
  'ConnectionValidated',
  'Published',
  'RefreshScheduled',
  'SubscriptionsRefreshed',
  'ActivityRefreshed',
  'ActivitySignalsAvailable',
  'DataFresh',
  'LicenseDataAvailable',
  'Compliant',
  'IdentifiersRecognized',
  'AccountUnique',
  'ReclaimEnabled',
  'ReclaimAliasReady',
  'ManagedBy',
  'Suspended',
  'ClockTrusted',
  'Ready',
  'Reconciling',
  'Stalled',
];

export interface ConditionFacts {
  readonly state: StateDecision;
  readonly validation: ValidationOutcome;
  /** Why jobs are not scheduled as wished. */
  readonly jobsFailure: Failure | undefined;
  /** Why the wished start of the activity analysis is refused. */
  readonly windowFailure: Failure | undefined;
  readonly now: number;
}

/** All conditions of a profile; messages are a pure function of the spec and the class of failure. */
export function decideConditions(input: ProfileInput, facts: ConditionFacts): ConditionPart[] {
  const published = facts.state.state === 'Published';
  const parts = [
    ...connectionParts(input, facts.validation),
    publishedPart(input, facts),
    ...scheduledParts(input, facts),
    ...(facts.windowFailure === undefined ? [] : [isFalse('ActivityRefreshed', facts.windowFailure)]),
    ...(published ? wishedProcesses(input).map((process) => refreshPart(input, process)) : []),
    ...(published ? [...signalsParts(input), freshPart(input, wishedProcesses(input), facts.now)] : []),
    ...licenseDataParts(input),
    ...positionParts(input),
    reclaimPart(input),
    ...suspendedParts(input),
    ...clockParts(input),
  ];
  return summariseConditions(uniqueByType(parts), requiredTypes(input, facts), readyText(input, published));
}

/** The first part of a type counts: a refused wish comes before the result of the last run. */
function uniqueByType(parts: readonly ConditionPart[]): ConditionPart[] {
  return parts.filter((part, index) => parts.findIndex((other) => other.type === part.type) === index);
}

function wishedProcesses({ profile }: ProfileInput): RefreshProcess[] {
  return profile.spec.downloadActivity ? ['subscriptions', 'activity'] : ['subscriptions'];
}

/**
 * A failed run does not make the profile unready while the data that is there is fresh (facts/operators.md C4), unless a person is
 * needed. A suspended profile calls nothing and waits for nothing: all it has to come to is that its jobs are suspended.
 */
function requiredTypes(input: ProfileInput, { state, windowFailure, now }: ConditionFacts): string[] {
  if (input.profile.spec.suspend) return ['RefreshScheduled'];
  const published = state.state === 'Published';
  const wished = input.profile.spec.publish ? ['Published'] : [];
  const base = ['ProviderAvailable', 'ConnectionReady', 'ConnectionValidated', ...wished, 'RefreshScheduled'];
  const window = windowFailure === undefined ? [] : [typeOfProcess.activity];
  if (!published) return [...base, ...window];
  const failing = wishedProcesses(input).filter(
    (process) => !isFresh(input, process, now) || refreshPart(input, process).cause === 'Terminal',
  );
  return [...base, ...failing.map((process) => typeOfProcess[process]), 'DataFresh', ...window];
}

function readyText(input: ProfileInput, published: boolean): { reason: string; message: string } {
  if (input.profile.spec.suspend) return { reason: 'Suspended', message: 'spec.suspend is true: no job runs and the vendor is not called.' };
  if (!published) return { reason: 'DraftValidated', message: 'The draft is validated; set spec.publish to true to publish it.' };
  return { reason: 'Refreshed', message: 'The profile is published and its data is fresh.' };
}

function publishedPart(input: ProfileInput, { state }: ConditionFacts): ConditionPart {
  if (state.state === 'Published') return isTrue('Published', state.reason, state.message);
  const cause = input.profile.spec.publish ? { cause: 'Waiting' as const } : {};
  return { type: 'Published', status: 'False', reason: state.reason, message: state.message, ...cause };
}

/** Also in Draft: a schedule that cannot be is told when it is written, not on the day of the publication. */
function scheduledParts(input: ProfileInput, { jobsFailure, state }: ConditionFacts): ConditionPart[] {
  const type = 'RefreshScheduled';
  if (jobsFailure !== undefined) return [isFalse(type, jobsFailure)];
  if (scheduledProcesses(input, state.state).length === 0) return [];
  const suspension = suspensionOf(input);
  if (suspension === undefined) return [isTrue(type, 'Scheduled', 'The refresh jobs are scheduled: see status.scheduledJobs.')];
  if (input.profile.spec.suspend) return [isTrue(type, 'Suspended', 'The refresh jobs are there, suspended: see status.scheduledJobs.')];
  return [isFalse(type, suspension)];
}

/** S50: with reclaim cleared, candidates are made and nothing is called. */
function reclaimPart(input: ProfileInput): ConditionPart {
  const { profile } = input;
  const lack = profile.spec.reclaimSubscriptions ? reclaimScopeFailure(input) : undefined;
  if (lack !== undefined) return isFalse('ReclaimEnabled', lack);
  if (profile.spec.reclaimSubscriptions) return isTrue('ReclaimEnabled', 'ReclaimEnabled', 'Reclaim Subscriptions is on: candidates are reclaimed as their ReclamationRules say.');
  return {
    type: 'ReclaimEnabled',
    status: 'False',
    reason: 'ReclaimDisabled',
    message: 'Reclaim Subscriptions is cleared: candidates are made, and nothing is reclaimed.',
  };
}

function suspendedParts({ profile }: ProfileInput): ConditionPart[] {
  if (!profile.spec.suspend) return [];
  return [isTrue('Suspended', 'Suspended', 'spec.suspend is true: no job runs and the vendor is not called.')];
}
