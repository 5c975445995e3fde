import type { Failure } from '../../api/errors.ts';
import type { RefreshProcess, RefreshResult } from '../../api/integration-profile.ts';
import { isFalse, isTrue, isUnknown, summariseConditions, type ConditionPart } from '../conditions.ts';
import { jobsOf } from './decide-jobs.ts';
import { suspensionReason, type StateDecision } from './decide-state.ts';
import { connectionFailure, isValidationCurrent, validationId } from './decide-validation.ts';
import type { ProfileInput, ValidationOutcome } from './input.ts';

/** Data older than this is stale: no candidate may come from it (C11). */
export const maxDataAgeMs = 36 * 3_600_000;

/** Types of conditions that this controller owns. */
export const profileConditionTypes = [
  'ConnectionReady',
  'ConnectionValidated',
  'Published',
  'RefreshScheduled',
  'SubscriptionsRefreshed',
  'ActivityRefreshed',
  'DataFresh',
  'LicenseDataAvailable',
  'ReclaimEnabled',
  'Suspended',
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

const typeOfProcess = { subscriptions: 'SubscriptionsRefreshed', activity: 'ActivityRefreshed' } as const;

/** All conditions of a profile; messages are a pure function of the spec and the class of failure. */
export function decideConditions(input: ProfileInput, facts: ConditionFacts): ConditionPart[] {
  const published = facts.state.state === 'Published';
  const processes = wishedProcesses(input);
  const parts = [
    connectionPart(input),
    validationPart(input, facts),
    publishedPart(input, facts),
    ...(published ? [scheduledPart(facts)] : []),
    ...(facts.windowFailure === undefined ? [] : [isFalse('ActivityRefreshed', facts.windowFailure)]),
    ...(published ? processes.map((process) => refreshPart(input, process)) : []),
    ...(published ? [freshPart(input, facts.now)] : []),
    ...licenseDataParts(input),
    reclaimPart(input),
    ...suspendedParts(input),
  ];
  const required = [
    ...requiredTypes(input, published, facts.now),
    ...(facts.windowFailure === undefined ? [] : [typeOfProcess.activity]),
  ];
  return summariseConditions(uniqueByType(parts), required, readyText(input, published));
}

/** The first part of a type counts: a refused wish comes before the result of the last run. */
function uniqueByType(parts: readonly ConditionPart[]): ConditionPart[] {
  return parts.filter((part, index) => parts.findIndex((other) => other.type === part.type) === index);
}

function wishedProcesses({ profile }: ProfileInput): RefreshProcess[] {
  return profile.spec.downloadActivity ? ['subscriptions', 'activity'] : ['subscriptions'];
}

/** A failed run does not make the profile unready while the data that is there is fresh (facts/operators.md C4), unless a person is needed. */
function requiredTypes(input: ProfileInput, published: boolean, now: number): string[] {
  const base = ['ConnectionReady', 'ConnectionValidated', ...(input.profile.spec.publish ? ['Published'] : []), 'RefreshScheduled'];
  if (!published || input.profile.spec.suspend) return base;
  const failing = wishedProcesses(input).filter((process) => {
    const result = input.profile.status?.refresh?.[process];
    return !isFresh(result, now) || refreshPart(input, process).cause === 'Terminal';
  });
  return [...base, ...failing.map((process) => typeOfProcess[process]), 'DataFresh'];
}

function readyText(input: ProfileInput, published: boolean): { reason: string; message: string } {
  if (input.profile.spec.suspend) return { reason: 'Suspended', message: 'spec.suspend is true: no job runs and the vendor is not called.' };
  if (!published) return { reason: 'DraftValidated', message: 'The draft is validated; set spec.publish to true to publish it.' };
  return { reason: 'Refreshed', message: 'The profile is published and its data is fresh.' };
}

function connectionPart(input: ProfileInput): ConditionPart {
  const failure = connectionFailure(input);
  return failure === undefined ? isTrue('ConnectionReady', 'ConnectionReady', 'The connection has a valid access token.') : isFalse('ConnectionReady', failure);
}

function validationPart(input: ProfileInput, { validation }: ConditionFacts): ConditionPart {
  const type = 'ConnectionValidated';
  if (isValidationCurrent(input)) {
    return isTrue(type, 'Validated', 'The download and activity APIs of the enabled processes answered; a reclaim API was not called.');
  }
  if (validation.kind === 'Failed') return isFalse(type, validation.failure);
  const recorded = input.profile.status?.validation;
  if (recorded?.id === validationId(input) && !recorded.passed) return isFalse(type, recordedFailure(input));
  return isUnknown(type, 'NotValidated', 'The connection has not been validated for the processes that are enabled now.');
}

function recordedFailure(input: ProfileInput): Failure {
  const recorded = input.profile.status?.lastFailure;
  const kind = recorded?.kind === 'Terminal' ? 'Terminal' : 'Retryable';
  return { kind, reason: recorded?.reason ?? 'ValidationFailed', message: recorded?.message ?? 'Validation failed: see status.validation.checks.' };
}

function publishedPart(input: ProfileInput, { state }: ConditionFacts): ConditionPart {
  if (state.state === 'Published') return isTrue('Published', state.reason, state.message);
  const cause = input.profile.spec.publish ? { cause: 'Waiting' as const } : {};
  return { type: 'Published', status: 'False', reason: state.reason, message: state.message, ...cause };
}

function scheduledPart({ jobsFailure }: ConditionFacts): ConditionPart {
  return jobsFailure === undefined
    ? isTrue('RefreshScheduled', 'Scheduled', 'The refresh jobs are scheduled: see status.scheduledJobs.')
    : isFalse('RefreshScheduled', jobsFailure);
}

/** The last run of one refresh, from its own result, or from its Job where the pod could not write one. */
export function refreshPart(input: ProfileInput, process: RefreshProcess): ConditionPart {
  const type = typeOfProcess[process];
  const result = input.profile.status?.refresh?.[process];
  if (hasSilentFailure(input, process, result)) return isFalse(type, silentFailure(input, process));
  if (result === undefined) return isUnknown(type, 'NotRunYet', `The ${process} refresh has not ended a first run yet.`);
  if (result.result === 'Succeeded') return isTrue(type, 'Succeeded', `The last ${process} refresh succeeded.`);
  return isFalse(type, failureOf(result));
}

function failureOf(result: RefreshResult): Failure {
  const { reason, message, failureKind } = result;
  return failureKind === 'Terminal' ? { kind: 'Terminal', reason, message } : { kind: 'Retryable', reason, message };
}

/** A Job that failed after the last recorded result without recording one: killed, out of memory, no image. */
function hasSilentFailure(input: ProfileInput, process: RefreshProcess, result: RefreshResult | undefined): boolean {
  const recordedAt = result === undefined ? 0 : Date.parse(result.completionTime);
  return jobsOf(input, process).some(
    (job) => job.state === 'Failed' && job.metadata.name !== result?.job && (job.finishedAt ?? 0) > recordedAt,
  );
}

function silentFailure({ profile }: ProfileInput, process: RefreshProcess): Failure {
  const selector = `saaslicense.dev/profile=${profile.metadata.name},saaslicense.dev/process=${process}`;
  return {
    kind: 'Retryable',
    reason: 'JobFailed',
    message: `The last ${process} job ended without a result: see kubectl describe job and kubectl logs with -l ${selector}.`,
  };
}

function isFresh(result: RefreshResult | undefined, now: number): boolean {
  return result?.lastSuccessTime !== undefined && now < Date.parse(result.lastSuccessTime) + maxDataAgeMs;
}

/** C11: stale data is a condition of its own, so that nothing reads it as inactivity. */
function freshPart(input: ProfileInput, now: number): ConditionPart {
  const refresh = input.profile.status?.refresh;
  const missing = wishedProcesses(input).filter((process) => refresh?.[process]?.lastSuccessTime === undefined);
  if (missing.length > 0) return isUnknown('DataFresh', 'NotRefreshedYet', `No ${missing.join(' and no ')} refresh has succeeded yet.`);
  const stale = wishedProcesses(input).filter((process) => !isFresh(refresh?.[process], now));
  if (stale.length === 0) return isTrue('DataFresh', 'Fresh', 'Every enabled refresh succeeded within the last 36 hours.');
  return isFalse('DataFresh', {
    kind: 'Retryable',
    reason: 'Stale',
    message: `No ${stale.join(' and no ')} refresh has succeeded for 36 hours: see the conditions of the refreshes.`,
  });
}

function licenseDataParts(input: ProfileInput): ConditionPart[] {
  const data = input.profile.status?.refresh?.subscriptions?.licenseData;
  if (data === undefined) return [];
  const { reason, message } = data;
  return [{ type: 'LicenseDataAvailable', status: data.available ? 'True' : 'False', reason, message }];
}

/** S50: with reclaim cleared, candidates are made and nothing is called. */
function reclaimPart({ profile }: ProfileInput): ConditionPart {
  if (profile.spec.reclaimSubscriptions) return isTrue('ReclaimEnabled', 'ReclaimEnabled', 'Reclaim Subscriptions is on; this version makes no candidates and reclaims nothing.');
  return {
    type: 'ReclaimEnabled',
    status: 'False',
    reason: 'ReclaimDisabled',
    message: 'Reclaim Subscriptions is cleared: nothing is reclaimed.',
  };
}

function suspendedParts(input: ProfileInput): ConditionPart[] {
  const reason = suspensionReason(input);
  if (reason !== 'Suspended') return [];
  return [isTrue('Suspended', 'Suspended', 'spec.suspend is true: no job runs and the vendor is not called.')];
}
