import { OperatorError, toFailure } from '../api/errors.ts';
import type { RefreshDependencies } from './dependencies.ts';

/** Tries of one read or write before the run fails: some 16 s, so that a restart of the API server costs no download. */
const tries = 7;
const firstWaitMs = 250;
/** A server that asks for a longer wait than this fails the run: the Job waits better than a pod does. */
const longestWaitMs = 60_000;

/**
 * Tries again what failed with a fault that may pass, with back-off and jitter, and not before the other
 * side wants. What is tried must be safe to carry out twice.
 */
export async function retryTransient<T>(
  attempt: () => Promise<T>,
  dependencies: Pick<RefreshDependencies, 'clock' | 'random' | 'signal'>,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      const wait = waitBeforeRetry(error, tried, dependencies.random());
      if (wait === undefined || dependencies.signal.aborted) throw error;
      await dependencies.clock.sleep(wait, dependencies.signal);
    }
  }
}

function waitBeforeRetry(error: unknown, tried: number, random: number): number | undefined {
  const failure = error instanceof OperatorError ? toFailure(error) : undefined;
  if (failure?.kind !== 'Retryable' || tried >= tries) return undefined;
  const backOff = firstWaitMs * 2 ** (tried - 1) * (0.5 + random);
  const wait = Math.max(backOff, failure.retryAfterMs ?? 0);
  return wait > longestWaitMs ? undefined : wait;
}
