import { toFailure, type Failure } from '../api/errors.ts';
import type { IntegrationProfile, RefreshProcess, RefreshResult } from '../api/integration-profile.ts';
import { keepEnabled } from '../licensing/activity-signals.ts';
import type { AnalysisStart } from '../licensing/activity-window.ts';
import { startDeadline } from '../kubernetes/deadline.ts';
import { startProgress, type ExitCode, type Progress, type RefreshDependencies, type RefreshInput, type RefreshOutcome } from './dependencies.ts';
import { confirmRefresh, prepareRefresh, profileGone, readProfile, type RefreshSubject } from './gather.ts';
import { recordResult } from './record-result.ts';
import { refreshActivity, type ActivitySummary } from './refresh-activity.ts';
import { buildResult, forgetSignals, type FinishedRun } from './refresh-result.ts';
import { refreshSubscriptions } from './refresh-subscriptions.ts';
import { clockError, compareClocks } from './server-clock.ts';
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
  /** Milliseconds since the epoch, by our clock. */
  readonly startedAt: number;
  /** What becomes known on the way, for the result. */
  start: AnalysisStart | undefined;
  connection: string | undefined;
}

type Carried = { summary: SubscriptionsSummary | ActivitySummary } | { failure: Failure };

/**
 * One refresh of one profile, as its Job runs it: gather, pull everything, check, decide, and only then
 * write the difference; last of all the result into the profile's status. It may be killed anywhere and run
 * again. It throws nothing: what went wrong is in the outcome, the log and the profile's status.
 */
export async function runRefresh(process: RefreshProcess, input: RefreshInput, dependencies: RefreshDependencies): Promise<RefreshOutcome> {
  const startedAt = dependencies.clock.now();
  const found = await findProfile(input, dependencies);
  if ('failure' in found) return { exitCode: exitCodeOf(found.failure), failure: found.failure };
  const { profile } = found;
  const run: Run = { process, input, dependencies, progress: startProgress(), profile, startedAt, start: undefined, connection: undefined };
  const carried = await carryOut(run);
  return finish(run, carried);
}

async function findProfile(input: RefreshInput, dependencies: RefreshDependencies): Promise<{ profile: IntegrationProfile } | { failure: Failure }> {
  try {
    const profile = await readProfile(input, dependencies);
    return profile === undefined ? { failure: explain(profileGone(), dependencies) } : { profile };
  } catch (error) {
    return { failure: explain(error, dependencies) };
  }
}

async function carryOut(run: Run): Promise<Carried> {
  const { dependencies, process, profile, progress } = run;
  try {
    const skew = compareClocks(dependencies);
    if (skew !== undefined) throw skew;
    const subject = await prepareRefresh(process, profile, run);
    run.connection = subject.connection;
    const confirm = () => confirmConnection(subject, run);
    if (process === 'subscriptions') return { summary: await refreshSubscriptions(subject, { dependencies, progress, confirm }) };
    const onStart = (start: AnalysisStart): void => {
      run.start = start;
    };
    return { summary: await refreshActivity(subject, { dependencies, progress, onStart, confirm }) };
  } catch (error) {
    return { failure: explain(error, dependencies) };
  }
}

/**
 * The last look before the first write. What this run does not go on with, because it was pulled through another connection
 * or by a signal that is no longer enabled, is struck from the record first: a run killed half-way would else leave
 * a mixture that passes for evidence without a gap (guard 6).
 */
async function confirmConnection(subject: RefreshSubject, run: Run): Promise<void> {
  await confirmRefresh(run.process, subject, run);
  const recorded = run.profile.status?.refresh?.[run.process];
  if (recorded === undefined) return;
  if (recorded.connection !== subject.connection) {
    await recordResult(run, () => buildResult({ ...describeRun(run, { failure: replacing }), previous: undefined }));
    return;
  }
  const enabled = run.profile.spec.activitySignals.map((name) => ({ name }));
  if (keepEnabled(recorded.signals ?? [], enabled).length === (recorded.signals ?? []).length) return;
  await recordResult(run, (previous) => forgetSignals(previous ?? recorded, enabled));
}

const replacing = {
  kind: 'Retryable',
  reason: 'ConnectionChanged',
  message: 'What was known came from another connection and is being replaced; it is not complete until a run succeeds.',
} as const satisfies Failure;

/** Logs what happened with its details, and says what it means. */
function explain(error: unknown, { logger, signal }: RefreshDependencies): Failure {
  const failure: Failure = signal.aborted
    ? { kind: 'Retryable', reason: 'Interrupted', message: 'The run was told to end before it was finished; the next run carries on.' }
    : toFailure(error);
  logger.error({ reason: failure.reason, failureKind: failure.kind, err: error }, failure.message);
  return failure;
}

async function finish(run: Run, carried: Carried): Promise<RefreshOutcome> {
  const recorded = await recordOutcome(run, carried);
  if (recorded === 'ProfileGone') return { exitCode: 3, failure: profileGone().failure };
  const failure = 'failure' in carried ? carried.failure : undefined;
  const outcome = { ...(failure === undefined ? {} : { failure }), ...(recorded === undefined ? {} : { result: recorded }) };
  // A result that nobody can see is worth another try, whatever it was.
  if (recorded === undefined) return { ...outcome, exitCode: 1 };
  if (failure !== undefined) return { ...outcome, exitCode: exitCodeOf(failure) };
  const { created, updated, deleted, vendorRequests, apiWrites, result, message } = recorded;
  run.dependencies.logger.info({ created, updated, deleted, vendorRequests, apiWrites }, message);
  return { ...outcome, exitCode: result === 'Succeeded' ? 0 : 1 };
}

/** Writes the result; undefined when that could not be done. */
async function recordOutcome(run: Run, carried: Carried): Promise<RefreshResult | 'ProfileGone' | undefined> {
  const { clock, logger, signal } = run.dependencies;
  const lastWords = signal.aborted ? startDeadline(clock, lastWordsMs) : undefined;
  const usable = lastWords?.signal ?? signal;
  try {
    const dependencies = { ...run.dependencies, signal: usable };
    return await recordResult({ ...run, dependencies }, (previous) => buildResult({ ...describeRun(run, carried), previous }));
  } catch (error) {
    logger.error({ err: error }, 'The result of the refresh could not be written to the profile.');
    return toFailure(error).reason === 'ProfileGone' ? 'ProfileGone' : undefined;
  } finally {
    lastWords?.end();
  }
}

function describeRun(run: Run, carried: Carried): Omit<FinishedRun, 'previous'> {
  const { process, input, progress, start, connection, dependencies } = run;
  const error = clockError(dependencies);
  return {
    process,
    input,
    progress,
    start,
    connection,
    startedAt: run.startedAt + error,
    endedAt: dependencies.clock.now() + error,
    summary: 'summary' in carried ? carried.summary : undefined,
    failure: 'failure' in carried ? carried.failure : undefined,
  };
}

function exitCodeOf(failure: Failure): ExitCode {
  return failure.kind === 'Terminal' || failure.kind === 'Waiting' ? 3 : 1;
}
