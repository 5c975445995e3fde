import type { ConnectionAliasSpec } from '../api/connection-alias.ts';
import { OperatorError, retryable } from '../api/errors.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { Provider, ProviderContext } from '../providers/provider.ts';
import type { ControllerDependencies } from './dependencies.ts';

/** Less than a reconcile may take: what a hanging vendor does must still be written into status. */
const longestCallMs = 40_000;

/**
 * Calls the vendor with a deadline of its own. A vendor that hangs is a failure to show, with back-off,
 * and not a reconcile that took too long; an abort of `signal` itself is passed on.
 * Throws what the call throws, or Retryable `VendorUnavailable` when the time is up.
 */
export async function callVendor<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = AbortSignal.timeout(longestCallMs);
  try {
    return await call(AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (deadline.aborted && !signal.aborted) throw retryable('VendorUnavailable', 'The vendor did not answer in time.');
    throw error;
  }
}

/** Logs a failure with what is known of it for logs only: a provider's detail is in no condition or event (guard 7). */
export function warnOfFailure(error: unknown, { metadata }: KubernetesObject, logger: ControllerDependencies['logger'], message: string): void {
  const detail = error instanceof OperatorError ? error.detail : {};
  logger.warn({ err: error, ...detail, namespace: metadata.namespace, name: metadata.name }, message);
}

/** What a provider is handed for a call about an alias. */
export function providerContext(
  provider: Provider,
  spec: ConnectionAliasSpec,
  { clock, random, metrics }: Pick<ControllerDependencies, 'clock' | 'random' | 'metrics'>,
): Omit<ProviderContext, 'signal'> {
  return {
    settings: spec[provider.fragment.settingsKey],
    clock,
    random,
    onRequest: ({ route, status }) => metrics.onVendorRequest({ provider: provider.type, route, status }),
  };
}
