import { Cron } from 'croner';
import type { Failure } from '../../api/errors.ts';
import { annotations } from '../../api/group.ts';
import { refreshProcesses, type RefreshProcess, type ScheduledJob } from '../../api/integration-profile.ts';
import { buildCronJob, type CronJob } from './cron-job.ts';
import { scheduledProcesses, suspensionOf } from './decide-state.ts';
import type { ObservedCronJob, ProfileInput } from './input.ts';
import { defaultSchedule, jobTitle } from './names.ts';
import { hasSucceeded, isRunning, processOf } from './runs.ts';

/** What is to be done about CronJobs, in order. */
export type ScheduleIntent =
  | { readonly kind: 'DeleteCronJob'; readonly cronJob: ObservedCronJob; readonly process: RefreshProcess; readonly why: string }
  | { readonly kind: 'ApplyCronJob'; readonly cronJob: CronJob; readonly process: RefreshProcess };

export interface SchedulesDecision {
  readonly intents: ScheduleIntent[];
  /** CronJobs that are there once the intents are carried out, and from which a run can start now. */
  readonly cronJobs: readonly CronJob[];
}

/** CronJobs and their moves; pure. */
export function decideSchedules(input: ProfileInput, state: 'Draft' | 'Published'): SchedulesDecision {
  const wanted = scheduledProcesses(input, state)
    .map((process) => withPossibleSchedule(input, scheduleOf(input, process)))
    .filter((cronJob) => cronJob !== undefined);
  const cronJobs = wanted.filter((cronJob) => !isMoveBlocked(input, cronJob));
  const applies = cronJobs.map((cronJob): ScheduleIntent => ({ kind: 'ApplyCronJob', cronJob, process: processOf(cronJob) }));
  return { intents: [...removalsOf(input, wanted), ...applies], cronJobs };
}

/** The jobs as they are when all but the `undone` intents were carried out: nothing that is not there, and all that still is. */
export function describeSchedules(input: ProfileInput, intents: readonly ScheduleIntent[], undone: readonly unknown[]): ScheduledJob[] {
  const done = intents.filter((intent) => !undone.includes(intent));
  return refreshProcesses.flatMap((process) => {
    const applied = done.find((intent) => intent.kind === 'ApplyCronJob' && intent.process === process);
    const deleted = done.filter((intent) => intent.kind === 'DeleteCronJob').map((intent) => intent.cronJob.metadata.name);
    const remaining = ownCronJobs(input).find((cronJob) => processOf(cronJob) === process && !deleted.includes(cronJob.metadata.name));
    const cronJob = applied?.cronJob ?? remaining;
    return cronJob === undefined ? [] : [describeCronJob(input, cronJob)];
  });
}

function describeCronJob(input: ProfileInput, cronJob: ObservedCronJob): ScheduledJob {
  const process = processOf(cronJob);
  return {
    title: cronJob.metadata.annotations?.[annotations.jobTitle] ?? jobTitle(input.profile.spec.displayName, process),
    process,
    cronJob: cronJob.metadata.name,
    schedule: cronJob.spec?.schedule ?? '',
    timeZone: cronJob.spec?.timeZone ?? 'Etc/UTC',
    suspended: cronJob.spec?.suspend ?? false,
  };
}

function scheduleOf(input: ProfileInput, process: RefreshProcess): CronJob {
  // The subscriptions of the present connection must be there before their activity can be (L19).
  const early = process === 'activity' && !hasSucceeded(input, 'subscriptions');
  return buildCronJob(input, process, { suspend: early || suspensionOf(input) !== undefined });
}

/** A schedule that cannot be keeps the one that is there, also under a new name, so that suspending and renaming still work; without one there is no job. */
function withPossibleSchedule(input: ProfileInput, wanted: CronJob): CronJob | undefined {
  if (scheduleFailure(input, processOf(wanted)) === undefined) return wanted;
  const existing = ownCronJobs(input).find((cronJob) => processOf(cronJob) === processOf(wanted))?.spec;
  if (existing?.schedule === undefined || existing.timeZone === undefined) return undefined;
  return { ...wanted, spec: { ...wanted.spec, schedule: existing.schedule, timeZone: existing.timeZone } };
}

/** What the schema's pattern lets through but no calendar knows; asked of a draft too, since it is to be published one day. */
export function schedulesFailure(input: ProfileInput): Failure | undefined {
  const processes: RefreshProcess[] = input.profile.spec.downloadActivity ? ['subscriptions', 'activity'] : ['subscriptions'];
  return processes.map((process) => scheduleFailure(input, process)).find((failure) => failure !== undefined);
}

function scheduleFailure({ profile }: ProfileInput, process: RefreshProcess): Failure | undefined {
  const schedule = profile.spec.schedules?.[process] ?? defaultSchedule(profile, process);
  const timezone = profile.spec.schedules?.timeZone ?? 'Etc/UTC';
  if (!isTimeZone(timezone)) {
    return terminalSchedule('InvalidTimeZone', `spec.schedules.timeZone ${quote(timezone)} is not an IANA time zone, such as Europe/Berlin: change it.`);
  }
  const field = `spec.schedules.${process}`;
  try {
    const next = new Cron(schedule, { mode: '5-part', timezone, paused: true }).nextRun();
    return next === null ? terminalSchedule('InvalidSchedule', `${field} ${quote(schedule)} names a day that never comes: change it.`) : undefined;
  } catch {
    return terminalSchedule('InvalidSchedule', `${field} ${quote(schedule)} is not a cron schedule of five fields that a calendar knows: change it.`);
  }
}

/** What somebody has written, for a message: it is configuration, and the schema bounds it too. */
function quote(value: string): string {
  return JSON.stringify(value.length > 128 ? `${value.slice(0, 127)}…` : value);
}

function terminalSchedule(reason: string, message: string): Failure {
  return { kind: 'Terminal', reason, message };
}

function isTimeZone(name: string): boolean {
  // The API server refuses a CronJob in the zone `Local`, and Go reads zone names by their case.
  if (name.toLowerCase() === 'local') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}

/** Ours that are no longer wished, or have another name than wished (rename, T15); one with a run in progress stays until it ends. */
function removalsOf(input: ProfileInput, wanted: readonly CronJob[]): ScheduleIntent[] {
  const names = new Set(wanted.map((cronJob) => cronJob.metadata.name));
  return ownCronJobs(input)
    .filter((cronJob) => !names.has(cronJob.metadata.name))
    .filter((cronJob) => !wanted.some((other) => processOf(other) === processOf(cronJob)) || !isRunning(input, processOf(cronJob)))
    .map((cronJob) => ({ kind: 'DeleteCronJob', cronJob, process: processOf(cronJob), why: whyRemoved(wanted, processOf(cronJob)) }));
}

function whyRemoved(wanted: readonly CronJob[], process: RefreshProcess): string {
  if (wanted.length === 0) return 'the profile is not to be published';
  return wanted.some((cronJob) => processOf(cronJob) === process) ? 'it has a new name' : 'it is not enabled any more';
}

function isMoveBlocked(input: ProfileInput, wanted: CronJob): boolean {
  const process = processOf(wanted);
  const old = ownCronJobs(input).some((cronJob) => processOf(cronJob) === process && cronJob.metadata.name !== wanted.metadata.name);
  return old && isRunning(input, process);
}

/** Those of the profile's CronJobs that it controls: one that only wears our labels is not touched. */
function ownCronJobs({ cronJobs, profile }: ProfileInput): ObservedCronJob[] {
  const { uid } = profile.metadata;
  return cronJobs.filter((cronJob) => cronJob.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid));
}

