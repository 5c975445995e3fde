import type { ConnectionAlias } from '../../api/connection-alias.ts';
import { retryable, toFailure } from '../../api/errors.ts';
import { annotations } from '../../api/group.ts';
import { tokenSecretName, type StoredToken } from '../../api/token-secret.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { Session } from '../../providers/provider.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { callVendor, providerContext, warnOfFailure } from '../vendor-call.ts';
import { decodeTokenSecret, isControlledBy, type Secret } from '../secrets.ts';
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
    warnOfFailure(error, input.profile, dependencies.logger, 'validating the connection failed');
    return { kind: 'Failed', id: decision.id, failure: toFailure(error) };
  }
}

/** A session with the alias's access token, read live: its value is never cached. */
async function openSession(input: ProfileInput, dependencies: ControllerDependencies, signal: AbortSignal): Promise<Session> {
  const { provider, alias, effectiveAlias, profile } = input;
  const name = tokenSecretName(profile.spec.connectionAliasRef.name);
  const secret = await dependencies.client.get<Secret>(coreResources.Secret, { namespace: profile.metadata.namespace ?? '', name }, { signal });
  const stored = usableToken(secret, alias);
  if (stored === undefined || provider === undefined || effectiveAlias === undefined || 'failure' in effectiveAlias) {
    throw retryable('TokenMissing', `Secret ${name} holds no access token of the ConnectionAlias yet: see its conditions.`);
  }
  return {
    ...providerContext(provider, effectiveAlias.spec, dependencies),
    token: { value: stored.token, scheme: stored.scheme, scopes: stored.scopes },
    credentialId: stored.credentialId,
    signal,
  };
}

/**
 * The token of this alias, obtained with the credential that its status tells of. A Secret of that name that somebody
 * else made, or a token of other settings, would have another account's people taken for this one's.
 */
export function usableToken(secret: Secret | undefined, alias: ConnectionAlias | undefined): StoredToken | undefined {
  const expected = alias?.status?.token?.credentialHash;
  if (secret === undefined || alias === undefined || expected === undefined) return undefined;
  if (!isControlledBy(secret, alias.metadata.uid) || secret.metadata.annotations?.[annotations.intentHash] !== expected) return undefined;
  return decodeTokenSecret(secret);
}
