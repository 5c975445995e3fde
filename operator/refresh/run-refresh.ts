import { apiVersion } from '../api/group.ts';
import { toFailure, type Failure } from '../api/errors.ts';
import { integrationProfileResource, type IntegrationProfile, type RefreshProcess, type RefreshResult } from '../api/integration-profile.ts';
import type { PullWindow } from '../licensing/activity-window.ts';
import { startDeadline } from '../kubernetes/deadline.ts';
import { startProgress, type ExitCode, type Progress, type RefreshDependencies, type RefreshInput, type RefreshOutcome } from './dependencies.ts';
import { prepareRefresh, readProfile } from './gather.ts';
import { refreshActivity, type ActivitySummary } from './refresh-activity.ts';
import { buildResult } from './refresh-result.ts';
import { refreshSubscriptions } from './refresh-subscriptions.ts';
import { retryTransient } from './retry.ts';
import type { SubscriptionsSummary } from './subscription-intake.ts';

export type { RefreshDependencies, RefreshInput, RefreshOutcome } from './dependencies.ts';

/** Milliseconds that writing the result may take once the pod was told to end (terminationGracePeriod is 30 s). */
const lastWordsMs = 5_000;

interface Run {
  readonly process: RefreshProcess;
  readonly input: RefreshInput;
  readonly dependencies: RefreshDependencies;
  readonly progress: Progress;
  readonly profile: IntegrationProfile;
}

type Carried = { summary: SubscriptionsSummary | ActivitySummary } | { failure: Failure };

/**
 * One refresh of one profile, as its Job runs it: gather, pull everything, check, decide, and only then
 * write the difference; last of all the result into the profile's status. It may be killed anywhere and run
 * again. It throws nothing: what went wrong is in the outcome, the log and the profile's status.
 */
export async function runRefresh(process: RefreshProcess, input: RefreshInput, dependencies: RefreshDependencies): Promise<RefreshOutcome> {
  const startedAt = dependencies.clock.now();
  const progress = startProgress();
  const found = await findProfile(input, dependencies);
  if ('failure' in found) return { exitCode: exitCodeOf(found.failure), failure: found.failure };
  const { profile } = found;
  let window: PullWindow | undefined;
  const run: Run = { process, input, dependencies, progress, profile };
  const carried = await carryOut(run, (accepted) => {
    window = accepted;
  });
  const failure = 'failure' in carried ? carried.failure : undefined;
  const result = buildResult({
    process,
    input,
    progress,
    startedAt,
    endedAt: dependencies.clock.now(),
    previous: profile.status?.refresh?.[process],
    summary: 'summary' in carried ? carried.summary : undefined,
    failure,
    window,
  });
  return finish(run, result, failure);
}

async function findProfile(input: RefreshInput, dependencies: RefreshDependencies): Promise<{ profile: IntegrationProfile } | { failure: Failure }> {
  try {
    const profile = await readProfile(input, dependencies);
    if (profile !== undefined) return { profile };
    const message = 'The IntegrationProfile that this Job was made for is gone; nothing is to be done.';
    dependencies.logger.warn({ reason: 'ProfileGone' }, message);
    return { failure: { kind: 'Terminal', reason: 'ProfileGone', message } };
  } catch (error) {
    return { failure: explain(error, dependencies) };
  }
}

async function carryOut(run: Run, onWindow: (window: PullWindow) => void): Promise<Carried> {
  const { dependencies, process, profile, progress } = run;
  try {
    const subject = await prepareRefresh(process, profile, run);
    if (process === 'subscriptions') return { summary: await refreshSubscriptions(subject, run) };
    return { summary: await refreshActivity(subject, { dependencies, progress, onWindow }) };
  } catch (error) {
    return { failure: explain(error, dependencies) };
  }
}

/** Logs what happened with its details, and says what it means. */
function explain(error: unknown, { logger, signal }: RefreshDependencies): Failure {
  const failure: Failure = signal.aborted
    ? { kind: 'Retryable', reason: 'Interrupted', message: 'The run was told to end before it was finished; the next run carries on.' }
    : toFailure(error);
  logger.error({ reason: failure.reason, failureKind: failure.kind, err: error }, failure.message);
  return failure;
}

async function finish(run: Run, result: RefreshResult, failure: Failure | undefined): Promise<RefreshOutcome> {
  const isRecorded = await recordResult(run, result);
  const outcome = { ...(failure === undefined ? {} : { failure }), ...(isRecorded ? { result } : {}) };
  if (failure === undefined) {
    const { created, updated, deleted, vendorRequests, apiWrites } = result;
    run.dependencies.logger.info({ created, updated, deleted, vendorRequests, apiWrites }, result.message);
  }
  // A result that nobody can see is worth another try, whatever it was.
  if (!isRecorded) return { ...outcome, exitCode: 1 };
  return { ...outcome, exitCode: failure === undefined ? 0 : exitCodeOf(failure) };
}

/** Writes the result with a field manager of its own, whole; false when that could not be done. */
async function recordResult(run: Run, result: RefreshResult): Promise<boolean> {
  const { client, clock, random, logger, signal } = run.dependencies;
  const { name, namespace = '', uid = '' } = run.profile.metadata;
  // The uid keeps it from a profile of the same name that was made in the meantime.
  const object = {
    apiVersion,
    kind: integrationProfileResource.kind,
    metadata: { name, namespace, uid },
    status: { refresh: { [run.process]: result } },
  };
  const lastWords = signal.aborted ? startDeadline(clock, lastWordsMs) : undefined;
  const usable = lastWords?.signal ?? signal;
  const options = { fieldManager: `saaslicense-refresh-${run.process}`, force: true, subresource: 'status', signal: usable } as const;
  try {
    await retryTransient(() => client.apply<IntegrationProfile>(integrationProfileResource, object, options), { clock, random, signal: usable });
    return true;
  } catch (error) {
    logger.error({ err: error }, 'The result of the refresh could not be written to the profile.');
    return false;
  } finally {
    lastWords?.end();
  }
}

function exitCodeOf(failure: Failure): ExitCode {
  return failure.kind === 'Terminal' || failure.kind === 'Waiting' ? 3 : 1;
}
