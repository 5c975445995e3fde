import type { Failure } from '../../api/errors.ts';
import type { ScheduledJob } from '../../api/integration-profile.ts';
import { decideRuns, handledRequest, type RunIntent } from './decide-runs.ts';
import { decideSchedules, describeSchedules, schedulesFailure, type ScheduleIntent } from './decide-schedules.ts';
import type { ProfileInput } from './input.ts';

export type JobIntent = ScheduleIntent | RunIntent;

export interface JobsDecision {
  readonly intents: JobIntent[];
  /** Why a job cannot be scheduled as wished. */
  readonly failure: Failure | undefined;
  /** The jobs that are there when all but these intents were carried out. */
  scheduledJobs(undone: readonly JobIntent[]): ScheduledJob[];
  /** The request that is wholly acted on when all but these intents were carried out, if any. */
  handledRequest(undone: readonly JobIntent[]): string | undefined;
}

/** CronJobs, their moves and the runs that are due now; pure. */
export function decideJobs(input: ProfileInput, state: 'Draft' | 'Published'): JobsDecision {
  const schedules = decideSchedules(input, state);
  const runs = state === 'Published' ? decideRuns(input, schedules.cronJobs) : [];
  return {
    intents: [...schedules.intents, ...runs],
    failure: schedulesFailure(input),
    scheduledJobs: (undone) => describeSchedules(input, schedules.intents, undone),
    handledRequest: (undone) => (state === 'Published' ? handledRequest(input, runs.filter((run) => !undone.includes(run))) : undefined),
  };
}
