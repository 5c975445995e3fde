import type { Failure } from '../api/errors.ts';
import type { RefreshProcess, RefreshResult } from '../api/integration-profile.ts';
import type { PullWindow } from '../licensing/activity-window.ts';
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
  /** The result before this run, whose figures a failed run keeps. */
  readonly previous: RefreshResult | undefined;
  /** What the run found, when it succeeded. */
  readonly summary: SubscriptionsSummary | ActivitySummary | undefined;
  /** Why it failed, when it did. */
  readonly failure: Failure | undefined;
  /** Window of the pull, once accepted. */
  readonly window: PullWindow | undefined;
}

const success = {
  subscriptions: { reason: 'SubscriptionsRefreshed', message: 'All subscriptions were downloaded and stored.' },
  activity: { reason: 'ActivityRefreshed', message: 'All activity of the window was pulled and stored.' },
} as const satisfies Record<RefreshProcess, { reason: string; message: string }>;

/**
 * The whole result, as one server-side apply wants it: what is not in it is dropped. A failed run keeps the
 * figures of the last success, so that what is known stays known, and says that it failed.
 */
export function buildResult(run: FinishedRun): RefreshResult {
  const { failure, progress } = run;
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
    ...(failure === undefined ? { lastSuccessTime: toTime(run.endedAt), ...run.summary } : keepKnown(run)),
  };
}

function textOf(failure: Failure): Pick<RefreshResult, 'reason' | 'message' | 'failureKind'> {
  return { reason: storable(failure.reason, 128), message: storable(failure.message, 1024), failureKind: failure.kind };
}

const known = ['lastSuccessTime', 'counts', 'licenses', 'licenseCount', 'licenseData'] as const satisfies readonly (keyof RefreshResult)[];

function keepKnown({ previous, window }: FinishedRun): Partial<RefreshResult> {
  const kept: Partial<RefreshResult> = Object.fromEntries(
    known.filter((key) => previous?.[key] !== undefined).map((key) => [key, previous?.[key]]),
  );
  const activityWindow = keepWindow(previous?.activityWindow, window);
  return activityWindow === undefined ? kept : { ...kept, activityWindow };
}

/**
 * Evidence that is complete stays. Without any, a start that a person chose and that was accepted is kept
 * without an end, so that it does not fail tomorrow for lying a day further back (S43).
 */
function keepWindow(previous: RefreshResult['activityWindow'], window: PullWindow | undefined): RefreshResult['activityWindow'] {
  if (previous?.to !== undefined || window === undefined) return previous;
  return window.chosen ? { from: toTime(window.from) } : undefined;
}

function toTime(at: number): string {
  return new Date(at).toISOString();
}
