import type { RefreshProcess } from '../../api/integration-profile.ts';
import { requestedAt } from '../connection-alias/decide-connect.ts';
import type { ObservedJob } from '../dependencies.ts';
import type { CronJob } from './cron-job.ts';
import { suspensionOf } from './decide-state.ts';
import { isNewRequest } from './decide-validation.ts';
import type { ProfileInput } from './input.ts';
import { hasSucceeded, isOfPresentConnection, isRunning, jobsOf, processOf, refreshResult, triggeredJob } from './runs.ts';

/** A Job to start now, from the template of the CronJob of that name. */
export interface RunIntent {
  readonly kind: 'CreateJob';
  readonly process: RefreshProcess;
  readonly trigger: string;
  readonly cronJobName: string;
}

type Wish = (input: ProfileInput, process: RefreshProcess) => string | undefined;

/** What asks for a run now, the first first; each gives a trigger that never comes twice. */
const wishes: Wish[] = [requestWish, firstWish, connectionWish, signalsWish];

/** Runs that are due now; subscriptions before activity (L19). */
export function decideRuns(input: ProfileInput, cronJobs: readonly CronJob[]): RunIntent[] {
  if (suspensionOf(input) !== undefined) return [];
  return cronJobs.flatMap((cronJob): RunIntent[] => {
    const process = processOf(cronJob);
    if (isRunning(input, process) || !isTurnOf(input, process)) return [];
    const triggers = wishes.map((wish) => wish(input, process));
    const trigger = triggers.find((each) => each !== undefined && !hasRun(input, process, each));
    return trigger === undefined ? [] : [{ kind: 'CreateJob', process, trigger, cronJobName: cronJob.metadata.name }];
  });
}

/** The pod of an activity run refuses to go on from a subscriptions run that failed, so it is not started then. */
function isTurnOf(input: ProfileInput, process: RefreshProcess): boolean {
  return process === 'subscriptions' || (hasSucceeded(input, 'subscriptions') && refreshResult(input, 'subscriptions')?.result === 'Succeeded');
}

/** On request, activity follows when the subscriptions run of the same request has ended. */
function requestWish(input: ProfileInput, process: RefreshProcess): string | undefined {
  if (!isNewRequest(input)) return undefined;
  const trigger = requestTrigger(input);
  return process === 'subscriptions' || subscriptionsRun(input, trigger) === 'Succeeded' ? trigger : undefined;
}

/** After the first publication nobody waits for the next night. */
function firstWish(input: ProfileInput, process: RefreshProcess): string | undefined {
  return refreshResult(input, process) === undefined && jobsOf(input, process).length === 0 ? 'Published' : undefined;
}

/** Another account: what is there is of the old one, so it is made anew, once for each validation. */
function connectionWish(input: ProfileInput, process: RefreshProcess): string | undefined {
  return isOfPresentConnection(input, process) ? undefined : `Connection ${input.profile.status?.validation?.time ?? ''}`;
}

/** Other signals than those of the last activity run (C16): people may look different by them today. */
function signalsWish(input: ProfileInput, process: RefreshProcess): string | undefined {
  const pulled = process === 'activity' ? refreshResult(input, process)?.signals?.map((signal) => signal.name) : undefined;
  const { activitySignals } = input.profile.spec;
  const isSame = pulled === undefined || (pulled.length === activitySignals.length && pulled.every((name) => activitySignals.includes(name)));
  return isSame ? undefined : `Signals ${input.profile.metadata.generation ?? 0}`;
}

/** The request that is wholly acted on once the intents of this pass are carried out, if any. */
export function handledRequest(input: ProfileInput, runs: readonly RunIntent[]): string | undefined {
  if (suspensionOf(input) !== undefined || !isNewRequest(input)) return undefined;
  const last = input.profile.spec.downloadActivity ? 'activity' : 'subscriptions';
  const trigger = requestTrigger(input);
  const isStarted = runs.some((run) => run.process === last && run.trigger === trigger);
  // A request whose subscriptions run has failed is over: its activity run has nothing to build on.
  const isOver = isStarted || hasRun(input, last, trigger) || subscriptionsRun(input, trigger) === 'Failed';
  return isOver ? requestedAt(input.profile) : undefined;
}

function requestTrigger({ profile }: ProfileInput): string {
  return `Request ${requestedAt(profile) ?? ''}`.slice(0, 256);
}

function hasRun(input: ProfileInput, process: RefreshProcess, trigger: string): boolean {
  return refreshResult(input, process)?.trigger === trigger || triggeredJob(input, process, trigger) !== undefined;
}

/** How the subscriptions run of a trigger ended: its Job says, also when the pod died without a result; else the recorded result. */
function subscriptionsRun(input: ProfileInput, trigger: string): ObservedJob['state'] {
  const job = triggeredJob(input, 'subscriptions', trigger);
  if (job !== undefined) return job.state;
  const result = refreshResult(input, 'subscriptions');
  return result?.trigger === trigger ? result.result : 'Active';
}
