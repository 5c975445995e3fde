import type { IntegrationProfileStatus } from '../api/integration-profile.ts';

/** A Job of the subscriptions refresh, as far as it tells whether what is stored is of one time. */
export interface RefreshRun {
  readonly state: 'Active' | 'Succeeded' | 'Failed';
  /** Milliseconds since the epoch; undefined while active. */
  readonly finishedAt: number | undefined;
}

/** Why what is stored of a profile is of two times: in the same words wherever it is told. */
export const refreshTexts = {
  running: 'A refresh of the subscriptions is running: what is stored is of two times until it ends.',
  halfWritten: 'The last refresh of the subscriptions broke off while it wrote: what is stored is of two times until one succeeds.',
} as const;

/** A pod tells its result before its Job ends; clocks may differ a little. */
const tellingMs = 60_000;

/** Whether a subscriptions run is writing now. */
export function isRefreshing(runs: readonly RefreshRun[]): boolean {
  return runs.some(({ state }) => state === 'Active');
}

/** Whether the last subscriptions run failed after it had begun to write, or its pod was killed and has told nothing since. */
export function isHalfWritten(status: IntegrationProfileStatus | undefined, runs: readonly RefreshRun[]): boolean {
  const last = status?.refresh?.subscriptions;
  if (last === undefined) return false;
  if (last.result === 'Failed' && last.created + last.updated + last.deleted > 0) return true;
  const told = Date.parse(last.completionTime) + tellingMs;
  return runs.some(({ state, finishedAt = 0 }) => state === 'Failed' && finishedAt > told);
}
