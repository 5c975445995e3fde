import type { Failure } from '../api/errors.ts';
import type { RefreshProcess, RefreshResult } from '../api/integration-profile.ts';
import { keepEnabled } from '../licensing/activity-signals.ts';
import { isCredible, type AnalysisStart } from '../licensing/activity-window.ts';
import { storable } from '../licensing/text.ts';
import type { ActivitySummary } from './refresh-activity.ts';
import type { SubscriptionsSummary } from './subscription-intake.ts';
import type { Progress, RefreshInput } from './dependencies.ts';

/** A finished run. */
export interface FinishedRun {
  readonly process: RefreshProcess;
  readonly input: RefreshInput;
  readonly progress: Progress;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** The result that is recorded now, perhaps by a run beside this one; a failed run keeps its figures. */
  readonly previous: RefreshResult | undefined;
  /** What the run found, when it succeeded. */
  readonly summary: SubscriptionsSummary | ActivitySummary | undefined;
  /** Why it failed, when it did. */
  readonly failure: Failure | undefined;
  /** Start of the analysis, once accepted. */
  readonly start: AnalysisStart | undefined;
  /** Id of the connection that the run pulled through; undefined when it found none. */
  readonly connection: string | undefined;
}

const success = {
  subscriptions: { reason: 'SubscriptionsRefreshed', message: 'All subscriptions were downloaded and stored.' },
  activity: { reason: 'ActivityRefreshed', message: 'All activity of the window was pulled and stored.' },
} as const satisfies Record<RefreshProcess, { reason: string; message: string }>;

/**
 * The whole result, as one server-side apply wants it: what is not in it is dropped. A failed run keeps the
 * figures of the last success, so that what is known stays known, and says that it failed. A run that succeeds after
 * one that began later, and succeeded too, keeps that one's figures: they are newer.
 */
export function buildResult(finished: FinishedRun): RefreshResult {
  const run = withOverlap(finished);
  const { failure, progress, connection } = run;
  return {
    result: failure === undefined ? 'Succeeded' : 'Failed',
    ...(failure === undefined ? success[run.process] : textOf(failure)),
    ...(run.input.jobName ? { job: storable(run.input.jobName, 253) } : {}),
    ...(run.input.trigger ? { trigger: storable(run.input.trigger, 256) } : {}),
    startTime: toTime(run.startedAt),
    completionTime: toTime(run.endedAt),
    durationSeconds: Math.max(0, Math.round((run.endedAt - run.startedAt) / 1000)),
    vendorRequests: progress.vendorRequests,
    apiWrites: progress.apiWrites,
    created: progress.created,
    updated: progress.updated,
    deleted: progress.deleted,
    ...(progress.rateLimitRemaining === undefined ? {} : { rateLimitRemaining: Math.max(0, Math.floor(progress.rateLimitRemaining)) }),
    ...(run.summary === undefined ? keepKnown(run) : { ...run.summary, ...(connection === undefined ? {} : { connection }) }),
    ...(failure === undefined ? { lastSuccessTime: toTime(run.endedAt) } : {}),
  };
}

/** Another run of this profile began after this one and has succeeded already. */
function withOverlap(run: FinishedRun): FinishedRun {
  const { previous } = run;
  const isOvertaken = previous?.result === 'Succeeded' && Date.parse(previous.startTime) > run.startedAt;
  if (!isOvertaken || run.failure !== undefined) return run;
  if (previous.connection === run.connection) return { ...run, summary: undefined };
  return { ...run, summary: undefined, failure: mixed };
}

/** Both wrote: what is stored may be of either account until one runs again. */
const mixed = {
  kind: 'Retryable',
  reason: 'ConnectionChanged',
  message: 'Two runs through different connections wrote at the same time; the next run puts it right.',
} as const satisfies Failure;

/** The same result without the signals that are no longer enabled, whose window goes with them. */
export function forgetSignals(result: RefreshResult, enabled: readonly { readonly name: string }[]): RefreshResult {
  const { activityWindow, ...rest } = result;
  const window = activityWindow === undefined ? {} : { activityWindow: { from: activityWindow.from } };
  return { ...rest, ...window, signals: keepEnabled(result.signals ?? [], enabled) };
}

function textOf(failure: Failure): Pick<RefreshResult, 'reason' | 'message' | 'failureKind'> {
  return { reason: storable(failure.reason, 128), message: storable(failure.message, 1024), failureKind: failure.kind };
}

const known = ['lastSuccessTime', 'counts', 'licenses', 'licenseCount', 'licenseData', 'signals', 'connection'] as const satisfies readonly (keyof RefreshResult)[];

function keepKnown({ previous, start, endedAt }: FinishedRun): Partial<RefreshResult> {
  const kept: Partial<RefreshResult> = Object.fromEntries(
    known.filter((key) => previous?.[key] !== undefined && !isFromTheFuture(key, previous, endedAt)).map((key) => [key, previous?.[key]]),
  );
  const activityWindow = keepWindow(previous?.activityWindow, start);
  return activityWindow === undefined ? kept : { ...kept, activityWindow };
}

/** A success in the future was written by a clock that was ahead; it must not make old data look fresh (C11). */
function isFromTheFuture(key: string, previous: RefreshResult, now: number): boolean {
  return key === 'lastSuccessTime' && !isCredible(Date.parse(previous.lastSuccessTime ?? ''), now);
}

/**
 * Evidence that is complete stays. Without any, a start that a person chose and that was accepted is kept
 * without an end, so that it does not fail tomorrow for lying a day further back (S43).
 */
function keepWindow(previous: RefreshResult['activityWindow'], start: AnalysisStart | undefined): RefreshResult['activityWindow'] {
  if (previous?.to !== undefined || start === undefined) return previous;
  return start.chosen ? { from: toTime(start.wished) } : undefined;
}

function toTime(at: number): string {
  return new Date(at).toISOString();
}
