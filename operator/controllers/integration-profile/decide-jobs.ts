import { Cron } from 'croner';
import type { Failure } from '../../api/errors.ts';
import { labels } from '../../api/group.ts';
import { refreshProcesses, type RefreshProcess, type RefreshResult, type ScheduledJob } from '../../api/integration-profile.ts';
import { requestedAt } from '../connection-alias/decide-connect.ts';
import type { ObservedJob } from '../dependencies.ts';
import { buildCronJob, type CronJob } from './cron-job.ts';
import { scheduledProcesses, suspensionReason } from './decide-state.ts';
import { isNewRequest } from './decide-validation.ts';
import type { ObservedCronJob, ProfileInput } from './input.ts';
import { cronJobName, jobTitle, triggeredJobName } from './names.ts';

/** What is to be done about CronJobs and Jobs, in order. */
export type JobIntent =
  | { readonly kind: 'DeleteCronJob'; readonly cronJob: ObservedCronJob; readonly process: RefreshProcess; readonly why: string }
  | { readonly kind: 'ApplyCronJob'; readonly cronJob: CronJob; readonly process: RefreshProcess }
  | { readonly kind: 'CreateJob'; readonly process: RefreshProcess; readonly trigger: string; readonly cronJobName: string };

export interface JobsDecision {
  readonly intents: JobIntent[];
  readonly scheduledJobs: ScheduledJob[];
  /** Why a job cannot be scheduled as wished. */
  readonly failure: Failure | undefined;
  /** The request that this pass has wholly acted on, if any. */
  readonly handledRequest: string | undefined;
}

/** Trigger of the run that follows the first publication. */
const firstRun = 'Published';

/** CronJobs, their moves and the runs that are due now; pure. */
export function decideJobs(input: ProfileInput, state: 'Draft' | 'Published'): JobsDecision {
  const processes = scheduledProcesses(input, state);
  const schedules = processes.map((process) => scheduleOf(input, process));
  const failure = schedules.map((schedule) => invalidSchedule(schedule)).find((found) => found !== undefined);
  const removals = cronJobRemovals(input, schedules);
  const possible = schedules.map((schedule) => withPossibleSchedule(input, schedule)).filter((schedule) => schedule !== undefined);
  const applied = possible.filter((schedule) => !isMoveBlocked(input, schedule));
  const applies: JobIntent[] = applied.map((cronJob) => ({ kind: 'ApplyCronJob', cronJob, process: processOf(cronJob) }));
  const runs = state === 'Published' ? dueRuns(input, applied) : [];
  return {
    intents: [...removals, ...applies, ...runs],
    scheduledJobs: applied.map((cronJob) => describeJob(input, cronJob)),
    failure,
    handledRequest: handledRequest(input, state, runs),
  };
}

function scheduleOf(input: ProfileInput, process: RefreshProcess): CronJob {
  // The subscriptions must be there before their activity can be (L19).
  const early = process === 'activity' && !hasSucceeded(input, 'subscriptions');
  const suspend = early || suspensionReason(input) !== undefined;
  return buildCronJob(input.profile, process, { settings: input.settings, suspend });
}

function describeJob(input: ProfileInput, cronJob: CronJob): ScheduledJob {
  const process = processOf(cronJob);
  return {
    title: jobTitle(input.profile.spec.displayName, process),
    process,
    cronJob: cronJob.metadata.name,
    schedule: cronJob.spec.schedule,
    timeZone: cronJob.spec.timeZone,
    suspended: cronJob.spec.suspend,
  };
}

/** A schedule that cannot be keeps the one that is there, so that suspending and everything else still works; without one there is no job. */
function withPossibleSchedule(input: ProfileInput, wanted: CronJob): CronJob | undefined {
  if (invalidSchedule(wanted) === undefined) return wanted;
  const existing = ownCronJobs(input).find((cronJob) => cronJob.metadata.name === wanted.metadata.name)?.spec;
  if (existing?.schedule === undefined || existing.timeZone === undefined) return undefined;
  return { ...wanted, spec: { ...wanted.spec, schedule: existing.schedule, timeZone: existing.timeZone } };
}

/** What the schema's pattern lets through but no calendar knows. */
function invalidSchedule(cronJob: CronJob): Failure | undefined {
  const { schedule, timeZone } = cronJob.spec;
  const field = `spec.schedules.${processOf(cronJob)}`;
  try {
    const next = new Cron(schedule, { mode: '5-part', timezone: timeZone, paused: true }).nextRun();
    if (next !== null) return undefined;
    return terminalSchedule('InvalidSchedule', `${field} names a day that never comes: change it.`);
  } catch {
    const knownZone = isTimeZone(timeZone);
    return knownZone
      ? terminalSchedule('InvalidSchedule', `${field} is not a cron schedule of five fields: change it.`)
      : terminalSchedule('InvalidTimeZone', 'spec.schedules.timeZone is not an IANA time zone, such as Europe/Berlin: change it.');
  }
}

function terminalSchedule(reason: string, message: string): Failure {
  return { kind: 'Terminal', reason, message };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}

/** Ours that are no longer wished, or have another name than wished (rename, T15); one with a run in progress stays until it ends. */
function cronJobRemovals(input: ProfileInput, wanted: readonly CronJob[]): JobIntent[] {
  const names = new Set(wanted.map((cronJob) => cronJob.metadata.name));
  return ownCronJobs(input)
    .filter((cronJob) => !names.has(cronJob.metadata.name))
    .filter((cronJob) => !wanted.some((other) => processOf(other) === processOf(cronJob)) || !isRunning(input, processOf(cronJob)))
    .map((cronJob) => ({ kind: 'DeleteCronJob', cronJob, process: processOf(cronJob), why: wanted.length === 0 ? 'NotPublished' : 'NotWanted' }));
}

function isMoveBlocked(input: ProfileInput, wanted: CronJob): boolean {
  const process = processOf(wanted);
  const old = ownCronJobs(input).some((cronJob) => processOf(cronJob) === process && cronJob.metadata.name !== wanted.metadata.name);
  return old && isRunning(input, process);
}

function ownCronJobs(input: ProfileInput): ObservedCronJob[] {
  return input.cronJobs.filter((cronJob) => isOwnedBy(cronJob, input.profile.metadata.uid));
}

function isOwnedBy(object: ObservedCronJob, uid: string | undefined): boolean {
  return object.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid) ?? false;
}

/** The process of a refresh object, from its label. */
export function processOf(object: { metadata: { labels?: Record<string, string> } }): RefreshProcess {
  const label = object.metadata.labels?.[labels.process];
  return refreshProcesses.find((process) => process === label) ?? 'subscriptions';
}

/** Jobs of one process of the profile. */
export function jobsOf(input: ProfileInput, process: RefreshProcess): ObservedJob[] {
  return input.jobs.filter((job) => job.metadata.labels?.[labels.process] === process);
}

function isRunning(input: ProfileInput, process: RefreshProcess): boolean {
  return jobsOf(input, process).some((job) => job.state === 'Active');
}

function hasSucceeded(input: ProfileInput, process: RefreshProcess): boolean {
  return refreshResult(input, process)?.lastSuccessTime !== undefined;
}

/** Runs that are due now: after the first publication, and on request; subscriptions before activity (L19). */
function dueRuns(input: ProfileInput, cronJobs: readonly CronJob[]): JobIntent[] {
  if (suspensionReason(input) !== undefined) return [];
  const runs: JobIntent[] = [];
  for (const cronJob of cronJobs) {
    const process = processOf(cronJob);
    const trigger = dueTrigger(input, process, cronJob.metadata.name);
    if (trigger !== undefined && !isRunning(input, process)) {
      runs.push({ kind: 'CreateJob', process, trigger, cronJobName: cronJob.metadata.name });
    }
  }
  return runs;
}

function dueTrigger(input: ProfileInput, process: RefreshProcess, cronJob: string): string | undefined {
  if (isNewRequest(input)) {
    const request = requestTrigger(input);
    if (!hasRun(input, process, cronJob, request) && isTurnOf(input, process, request)) return request;
  }
  const hasNeverRun = refreshResult(input, process) === undefined && jobsOf(input, process).length === 0;
  const mayStart = process === 'subscriptions' || hasSucceeded(input, 'subscriptions');
  return hasNeverRun && mayStart ? firstRun : undefined;
}

function refreshResult({ profile }: ProfileInput, process: RefreshProcess): RefreshResult | undefined {
  return profile.status?.refresh?.[process];
}

function requestTrigger(input: ProfileInput): string {
  return `Request ${requestedAt(input.profile) ?? ''}`.slice(0, 256);
}

function hasRun(input: ProfileInput, process: RefreshProcess, cronJob: string, trigger: string): boolean {
  const name = triggeredJobName(cronJob, trigger);
  return refreshResult(input, process)?.trigger === trigger || jobsOf(input, process).some((job) => job.metadata.name === name);
}

/** On request, activity follows when the subscriptions run of the same request has ended. */
function isTurnOf(input: ProfileInput, process: RefreshProcess, trigger: string): boolean {
  if (process === 'subscriptions') return true;
  return subscriptionsRun(input, trigger) === 'Succeeded' && hasSucceeded(input, 'subscriptions');
}

function handledRequest(input: ProfileInput, state: 'Draft' | 'Published', runs: readonly JobIntent[]): string | undefined {
  if (state !== 'Published' || suspensionReason(input) !== undefined || !isNewRequest(input)) return undefined;
  const last = input.profile.spec.downloadActivity ? 'activity' : 'subscriptions';
  const trigger = requestTrigger(input);
  const isStarted = runs.some((run) => run.kind === 'CreateJob' && run.process === last && run.trigger === trigger);
  const isOver = isStarted || refreshResult(input, last)?.trigger === trigger || hasNothingToFollow(input, trigger);
  return isOver ? requestedAt(input.profile) : undefined;
}

/** A request whose subscriptions run has failed is over: its activity run has nothing to build on. */
function hasNothingToFollow(input: ProfileInput, trigger: string): boolean {
  return subscriptionsRun(input, trigger) === 'Failed';
}

/** How the subscriptions run of a trigger ended: its Job says, also when the pod died without a result; else the recorded result. */
function subscriptionsRun(input: ProfileInput, trigger: string): ObservedJob['state'] {
  const name = triggeredJobName(cronJobName(input.profile, 'subscriptions'), trigger);
  const job = jobsOf(input, 'subscriptions').find((each) => each.metadata.name === name);
  if (job !== undefined) return job.state;
  const result = refreshResult(input, 'subscriptions');
  return result?.trigger === trigger ? result.result : 'Active';
}
