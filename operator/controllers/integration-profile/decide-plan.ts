import { compact } from '../../api/compact.ts';
import type { Failure } from '../../api/errors.ts';
import type { IntegrationProfileStatus } from '../../api/integration-profile.ts';
import { readRecordedWindow, resolveWindow } from '../../licensing/activity-window.ts';
import { backOffRemaining } from '../back-off.ts';
import type { ConditionPart } from '../conditions.ts';
import { requestedAt } from '../connection-alias/decide-connect.ts';
import { decideConditions } from './decide-conditions.ts';
import { decideJobs, type JobIntent } from './decide-jobs.ts';
import { allowedActions, decideState, type StateDecision } from './decide-state.ts';
import { connectionFailure, isNewRequest, isValidationCurrent } from './decide-validation.ts';
import type { ProfileInput, ValidationOutcome } from './input.ts';
import { maxDataAgeMs } from './refresh-conditions.ts';

export type OwnStatus = Omit<IntegrationProfileStatus, 'conditions' | 'refresh' | 'position'>;

export interface ProfilePlan {
  readonly intents: JobIntent[];
  readonly state: StateDecision;
  /** The status when every intent was carried out. */
  readonly status: OwnStatus;
  /** The status when all but these intents were carried out: it claims nothing that is not there. */
  statusWithout(undone: readonly JobIntent[]): OwnStatus;
  /** Conditions, given what applying the intents failed with. */
  conditions(applyFailure: Failure | undefined): ConditionPart[];
  /** Milliseconds until something is due by itself. */
  readonly requeueAfterMs: number | undefined;
}

/** The whole plan for one profile: a pure function of what was read, what validation found, and now. */
export function decidePlan(input: ProfileInput, validation: ValidationOutcome, now: number): ProfilePlan {
  const before = input.profile.status;
  const validated = withValidation(input, validation, now);
  const state = decideState(validated);
  const published = withStatus(validated, {
    ...validated.profile.status,
    state: state.state,
    ...(state.state === 'Published' ? { publishedDownloadActivity: input.profile.spec.downloadActivity } : {}),
  });
  const jobs = decideJobs(published, state.state);
  const windowFailure = activityWindowFailure(input, now);
  const described = describeStatus(published, state);
  const statusWithout = (undone: readonly JobIntent[]): OwnStatus => {
    const handled = handledRequest(input, validation, state) ?? jobs.handledRequest(undone) ?? before?.lastHandledRequestedAt;
    return { ...described, scheduledJobs: jobs.scheduledJobs(undone), ...compact({ lastHandledRequestedAt: handled }) };
  };
  return {
    intents: jobs.intents,
    state,
    status: statusWithout([]),
    statusWithout,
    conditions: (applyFailure) =>
      decideConditions(published, { state, validation, jobsFailure: applyFailure ?? jobs.failure, windowFailure, now }),
    requeueAfterMs: requeueAfter(published, state, now),
  };
}

function withStatus(input: ProfileInput, status: IntegrationProfileStatus): ProfileInput {
  return { ...input, profile: { ...input.profile, status } };
}

/** The input as it stands after this pass's validation. */
function withValidation(input: ProfileInput, outcome: ValidationOutcome, now: number): ProfileInput {
  if (outcome.kind === 'NotTried') return input;
  const { lastFailure: _failure, lastFailureTime: _time, consecutiveFailures: _count, ...before } = input.profile.status ?? {};
  const failure = validationFailure(outcome);
  const time = new Date(now).toISOString();
  const checks = outcome.kind === 'Checked' ? { checks: [...outcome.checks] } : {};
  const status = { ...before, validation: { id: outcome.id, time, passed: failure === undefined, ...checks } };
  if (failure === undefined) return withStatus(input, status);
  const again = input.profile.status?.validation?.id === outcome.id;
  return withStatus(input, {
    ...status,
    lastFailure: { kind: failure.kind, reason: failure.reason, message: failure.message.slice(0, 1024) },
    lastFailureTime: time,
    consecutiveFailures: (again ? (input.profile.status?.consecutiveFailures ?? 0) : 0) + 1,
  });
}

function validationFailure(outcome: Exclude<ValidationOutcome, { kind: 'NotTried' }>): Failure | undefined {
  if (outcome.kind === 'Failed') return outcome.failure;
  const failed = outcome.checks.filter((check) => check.result === 'Failed');
  if (failed.length === 0) return undefined;
  const text = failed.map((check) => `${check.name}: ${check.message ?? 'failed'}`).join(' ');
  return { kind: 'Terminal', reason: 'ValidationFailed', message: `Validation failed. ${text}` };
}

/** A bad start of the analysis is refused here, before a pod finds out. */
function activityWindowFailure(input: ProfileInput, now: number): Failure | undefined {
  const { profile } = input;
  // Whatever account it was recorded of: a start that was accepted once is not refused as days go by (S43), as in the pod.
  const recorded = profile.status?.refresh?.activity?.activityWindow;
  if (!profile.spec.downloadActivity) return undefined;
  const decision = resolveWindow({
    analyzeFrom: profile.spec.analyzeUserActivityFrom,
    maxLookBackDays: profile.spec.maxLookBackDays,
    recorded: readRecordedWindow(recorded),
    now,
  });
  return 'failure' in decision ? decision.failure : undefined;
}

/** A draft has acted on a request when it has validated. */
function handledRequest(input: ProfileInput, validation: ValidationOutcome, state: StateDecision): string | undefined {
  if (state.state === 'Published' || input.profile.spec.suspend || !isNewRequest(input)) return undefined;
  return validation.kind === 'NotTried' ? undefined : requestedAt(input.profile);
}

function describeStatus(input: ProfileInput, state: StateDecision): OwnStatus {
  const { profile, provider } = input;
  return compact({
    ...keptStatus(profile.status ?? {}),
    observedGeneration: profile.metadata.generation ?? 0,
    state: state.state,
    connectionAlias: profile.spec.connectionAliasRef.name,
    connectionAliasId: defaultAliasId(input),
    allowedActions: allowedActions(input, state.state),
    profileType: provider?.profileType,
    subflows: provider === undefined ? undefined : { ...provider.subflows },
    vendorConfiguration: provider === undefined ? undefined : [...provider.vendorConfiguration],
    subscriptions: latestCounts(input),
    lastRefreshTime: profile.status?.refresh?.subscriptions?.lastSuccessTime,
    activityWindow: activityWindow(input),
  });
}

function defaultAliasId({ profile, provider }: ProfileInput): string | undefined {
  const known = provider?.fragment.defaultConnectionAlias;
  return known?.name === profile.spec.connectionAliasRef.name ? known.id : undefined;
}

function activityWindow({ profile }: ProfileInput): OwnStatus['activityWindow'] {
  const window = profile.status?.refresh?.activity?.activityWindow;
  if (window === undefined) return undefined;
  return compact({
    from: window.from,
    completeUntil: window.to,
    // S44: the vendor is watched from the day the profile is made, whatever `from` reaches back to (S45).
    collectingSince: profile.metadata.creationTimestamp ?? window.from,
  });
}

/** Counts of whichever refresh succeeded last: each counts all subscriptions. */
function latestCounts({ profile }: ProfileInput): OwnStatus['subscriptions'] {
  const results = Object.values(profile.status?.refresh ?? {}).filter((result) => result !== undefined);
  const successes = results.filter((result) => result.counts !== undefined && result.lastSuccessTime !== undefined);
  return successes.sort((a, b) => (b.lastSuccessTime ?? '').localeCompare(a.lastSuccessTime ?? ''))[0]?.counts;
}

/** Fields that outlive a pass. */
function keptStatus(status: IntegrationProfileStatus): OwnStatus {
  const { validation, publishedDownloadActivity, lastFailure, lastFailureTime, consecutiveFailures, lastHandledRequestedAt } = status;
  return compact({ validation, publishedDownloadActivity, lastFailure, lastFailureTime, consecutiveFailures, lastHandledRequestedAt });
}

/** Validation retries, data growing stale, and a safety net; everything else comes by events. */
function requeueAfter(input: ProfileInput, state: StateDecision, now: number): number | undefined {
  const { profile } = input;
  if (profile.spec.suspend) return undefined;
  if (state.changed === 'ReturnedToDraft') return 1;
  const failure = connectionFailure(input);
  if (failure !== undefined) return failure.kind === 'Waiting' ? failure.retryAfterMs : undefined;
  if (!isValidationCurrent(input)) return Math.max(1, backOffRemaining(profile.status ?? {}, now));
  const ends = Object.values(profile.status?.refresh ?? {})
    .map((result) => (result?.lastSuccessTime === undefined ? 0 : Date.parse(result.lastSuccessTime) + maxDataAgeMs))
    .filter((end) => end > now);
  return ends.length === 0 ? undefined : Math.min(...ends) - now;
}
