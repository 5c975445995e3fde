import { OperatorError, retryable, toFailure } from '../../api/errors.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { parseAccessToken } from '../../providers/access-token.ts';
import type { Session } from '../../providers/provider.ts';
import { tokenSecretName } from '../connection-alias/decide-connect.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { callVendor } from '../vendor-call.ts';
import { decodeTokenSecret, type Secret } from '../secrets.ts';
import type { ValidationDecision } from './decide-validation.ts';
import type { ProfileInput, ValidationOutcome } from './input.ts';

/**
 * Validate Connection (S64–S66): calls the download and activity APIs with the alias's access token,
 * and never a reclaim API. What the vendor answers is an outcome; a failing API server is thrown.
 */
export async function validateConnection(
  input: ProfileInput,
  decision: ValidationDecision,
  dependencies: ControllerDependencies,
  signal: AbortSignal,
): Promise<ValidationOutcome> {
  const { provider } = input;
  if (decision.kind !== 'Run' || provider === undefined) return { kind: 'NotTried' };
  const session = await openSession(input, dependencies, signal);
  try {
    const checks = await callVendor(signal, (callSignal) => provider.validate(decision.processes, { ...session, signal: callSignal }));
    return { kind: 'Checked', id: decision.id, time: new Date(dependencies.clock.now()).toISOString(), checks };
  } catch (error) {
    if (signal.aborted) throw error;
    const detail = error instanceof OperatorError ? error.detail : {};
    const { namespace, name } = input.profile.metadata;
    dependencies.logger.warn({ err: error, ...detail, namespace, name }, 'validating the connection failed');
    return { kind: 'Failed', id: decision.id, failure: toFailure(error) };
  }
}

/** A session with the alias's access token, read live: its value is never cached. */
async function openSession(input: ProfileInput, dependencies: ControllerDependencies, signal: AbortSignal): Promise<Session> {
  const { provider, alias, profile } = input;
  const name = tokenSecretName(profile.spec.connectionAliasRef.name);
  const secret = await dependencies.client.get<Secret>(coreResources.Secret, { namespace: profile.metadata.namespace ?? '', name }, { signal });
  const data = secret === undefined ? undefined : decodeTokenSecret(secret);
  if (data === undefined || provider === undefined) {
    throw retryable('TokenMissing', `Secret ${name} holds no access token yet: see the ConnectionAlias.`);
  }
  return {
    token: parseAccessToken({ value: data.token, scheme: data.scheme, scopes: data.scopes }),
    credentialId: data.credentialId,
    settings: alias?.spec[provider.fragment.settingsKey],
    clock: dependencies.clock,
    random: dependencies.random,
    signal,
    onRequest: ({ route, status }) => dependencies.metrics.onVendorRequest({ provider: provider.type, route, status }),
  };
}
