import { retryable, type OperatorError } from '../api/errors.ts';
import { clockTolerance } from '../licensing/activity-window.ts';
import type { RefreshDependencies } from './dependencies.ts';

/**
 * A pod whose clock is wrong would claim evidence of days that have not come, or throw away days that have: its window
 * would end in the future and the next pull begin there (guard 6). Returns what to throw; undefined when the clocks agree.
 */
export function compareClocks(dependencies: Pick<RefreshDependencies, 'clockTrust'>): OperatorError | undefined {
  if (clockError(dependencies) === 0) return undefined;
  return retryable(
    'ClockSkew',
    'The clocks of the node and of the API server are more than five minutes apart, so nothing was pulled. Let the node keep its time by NTP.',
  );
}

/** Milliseconds to add to our clock; 0 when it is right enough. */
export function clockError({ clockTrust }: Pick<RefreshDependencies, 'clockTrust'>): number {
  const skew = clockTrust?.skewMs() ?? 0;
  return Math.abs(skew) > clockTolerance ? -skew : 0;
}
