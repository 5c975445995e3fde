import type { Failure } from '../../api/errors.ts';
import { labels } from '../../api/group.ts';
import type { RefreshProcess, RefreshResult, SignalResult } from '../../api/integration-profile.ts';
import { clockTolerance } from '../../licensing/activity-window.ts';
import { profileLabelValue } from '../../licensing/subscription-name.ts';
import { isFalse, isTrue, isUnknown, type ConditionPart } from '../conditions.ts';
import type { ProfileInput } from './input.ts';
import { hasSucceeded, jobsOf, lastSuccess, refreshResult } from './runs.ts';

/** Data older than this is stale: no candidate may come from it (C11). */
export const maxDataAgeMs = 36 * 3_600_000;

/** As long as the message of a condition is to be, of however many parts. */
const longestMessage = 1024;

export const typeOfProcess = { subscriptions: 'SubscriptionsRefreshed', activity: 'ActivityRefreshed' } as const;

/** The last run of one refresh, from its own result, or from its Job where the pod could not write one. */
export function refreshPart(input: ProfileInput, process: RefreshProcess): ConditionPart {
  const type = typeOfProcess[process];
  const result = refreshResult(input, process);
  if (hasSilentFailure(input, process, result)) return isFalse(type, silentFailure(input, process));
  if (result === undefined) return isUnknown(type, 'NotRefreshedYet', `The ${process} refresh has not ended a first run yet.`);
  if (result.result === 'Failed') return isFalse(type, failureOf(result));
  if (!hasSucceeded(input, process)) return isUnknown(type, 'NotRefreshedYet', `The ${process} refresh has not run for the present connection yet.`);
  return isTrue(type, 'Succeeded', `The last ${process} refresh succeeded.`);
}

function failureOf(result: RefreshResult): Failure {
  const { reason, message, failureKind } = result;
  return failureKind === 'Terminal' ? { kind: 'Terminal', reason, message } : { kind: 'Retryable', reason, message };
}

/** A Job that failed after the last recorded result without recording one: killed, out of memory, no image. */
function hasSilentFailure(input: ProfileInput, process: RefreshProcess, result: RefreshResult | undefined): boolean {
  const recordedAt = result === undefined ? 0 : Date.parse(result.completionTime);
  return jobsOf(input, process).some(
    (job) => job.state === 'Failed' && job.metadata.name !== result?.job && (job.finishedAt ?? 0) > recordedAt,
  );
}

function silentFailure({ profile }: ProfileInput, process: RefreshProcess): Failure {
  const selector = `${labels.profile}=${profileLabelValue(profile.metadata.name)},${labels.process}=${process}`;
  return {
    kind: 'Retryable',
    reason: 'JobFailed',
    message: `The last ${process} job ended without a result: see kubectl describe job and kubectl logs with -l ${selector}.`,
  };
}

/** True while the last success through the present connection is not too old. */
export function isFresh(input: ProfileInput, process: RefreshProcess, now: number): boolean {
  const success = lastSuccess(input, process);
  if (success === undefined) return false;
  const age = now - Date.parse(success);
  // A time to come was written by a clock that was ahead: when that success really was is not known.
  return age >= -clockTolerance && age < maxDataAgeMs;
}

/** C11: stale data is a condition of its own, so that nothing reads it as inactivity. */
export function freshPart(input: ProfileInput, processes: readonly RefreshProcess[], now: number): ConditionPart {
  const missing = processes.filter((process) => !hasSucceeded(input, process));
  if (missing.length > 0) return isUnknown('DataFresh', 'NotRefreshedYet', `No ${missing.join(' and no ')} refresh has succeeded yet.`);
  const stale = processes.filter((process) => !isFresh(input, process, now));
  if (stale.length === 0) return isTrue('DataFresh', 'Fresh', 'Every enabled refresh succeeded within the last 36 hours.');
  return isFalse('DataFresh', {
    kind: 'Retryable',
    reason: 'Stale',
    message: `No ${stale.join(' and no ')} refresh has succeeded for 36 hours: see the conditions of the refreshes.`,
  });
}

/** C16: each signal is optional; one that the vendor does not let this token pull is told, and the profile works without it. */
export function signalsParts(input: ProfileInput): ConditionPart[] {
  const { activitySignals, downloadActivity } = input.profile.spec;
  const pulled = refreshResult(input, 'activity')?.signals ?? [];
  const wished = activitySignals.map((name) => pulled.find((signal) => signal.name === name)).filter((signal) => signal !== undefined);
  if (!downloadActivity || wished.length === 0) return [];
  const missing = wished.filter((signal) => !signal.available);
  const [first] = missing;
  const type = 'ActivitySignalsAvailable';
  if (first === undefined) return [isTrue(type, 'Available', 'Every activity signal of spec.activitySignals can be pulled.')];
  const reason = first.reason ?? 'SignalNotAvailable';
  return [{ type, status: 'False', reason, message: describeMissing(missing) }];
}

/** Each signal with its own reason and what to do: the scope of one is not that of another. All of them get the same room. */
function describeMissing(missing: readonly SignalResult[]): string {
  const shown = [...missing].sort((a, b) => (a.name < b.name ? -1 : 1));
  const room = Math.floor(longestMessage / Math.max(1, shown.length)) - 1;
  return shown.map(({ name, reason, message }) => cut(`${name} (${reason ?? 'SignalNotAvailable'}): ${message ?? 'The vendor does not say why.'}`, room)).join(' ');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

export function licenseDataParts(input: ProfileInput): ConditionPart[] {
  const data = refreshResult(input, 'subscriptions')?.licenseData;
  if (data === undefined) return [];
  const { reason, message } = data;
  return [{ type: 'LicenseDataAvailable', status: data.available ? 'True' : 'False', reason, message }];
}
