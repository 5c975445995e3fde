import { labels } from '../../api/group.ts';
import { refreshProcesses, type RefreshProcess, type RefreshResult } from '../../api/integration-profile.ts';
import type { ObservedJob } from '../dependencies.ts';
import { connectionId } from './decide-validation.ts';
import type { ProfileInput } from './input.ts';
import { triggeredJobSuffix } from './names.ts';

/** The process of a refresh object, from its label. */
export function processOf(object: { metadata: { labels?: Record<string, string> } }): RefreshProcess {
  const label = object.metadata.labels?.[labels.process];
  return refreshProcesses.find((process) => process === label) ?? 'subscriptions';
}

/** Jobs of one process of the profile. */
export function jobsOf(input: ProfileInput, process: RefreshProcess): ObservedJob[] {
  return input.jobs.filter((job) => job.metadata.labels?.[labels.process] === process);
}

export function isRunning(input: ProfileInput, process: RefreshProcess): boolean {
  return jobsOf(input, process).some((job) => job.state === 'Active');
}

export function refreshResult({ profile }: ProfileInput, process: RefreshProcess): RefreshResult | undefined {
  return profile.status?.refresh?.[process];
}

/** The Job that a trigger made, also under the name that the CronJob had before a rename (T15). */
export function triggeredJob(input: ProfileInput, process: RefreshProcess, trigger: string): ObservedJob | undefined {
  return jobsOf(input, process).find((job) => job.metadata.name.endsWith(triggeredJobSuffix(trigger)));
}

/** When a run last succeeded whose figures are those of the present connection: data of another account counts for nothing (guard 6). */
export function lastSuccess(input: ProfileInput, process: RefreshProcess): string | undefined {
  const result = refreshResult(input, process);
  return isOfPresentConnection(input, process) ? result?.lastSuccessTime : undefined;
}

export function hasSucceeded(input: ProfileInput, process: RefreshProcess): boolean {
  return lastSuccess(input, process) !== undefined;
}

/** False when the kept figures of the process came through another connection; before any success there are none. */
export function isOfPresentConnection(input: ProfileInput, process: RefreshProcess): boolean {
  const result = refreshResult(input, process);
  return result?.lastSuccessTime === undefined || result.connection === connectionId(input);
}
