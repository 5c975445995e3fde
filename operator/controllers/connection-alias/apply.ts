import { toFailure } from '../../api/errors.ts';
import type { StoredToken } from '../../api/token-secret.ts';
import type { ConnectedToken } from '../../providers/provider.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { credentialIdOf } from '../hash.ts';
import { callVendor, providerContext, warnOfFailure } from '../vendor-call.ts';
import { requestedScopes, type ConnectDecision } from './decide-connect.ts';
import type { AliasInput, ConnectOutcome } from './input.ts';
import { writeTokenSecret } from './write-token.ts';

export { fieldManager } from '../authorization/owned-secret.ts';

/**
 * Obtains a token and persists it before anything uses it (design section 3). A failure of the vendor
 * is an outcome, shown in status; a failure of the API server is thrown and retried.
 */
export async function connectAlias(
  input: AliasInput,
  decision: ConnectDecision,
  dependencies: ControllerDependencies,
  signal: AbortSignal,
): Promise<ConnectOutcome> {
  if (decision.kind === 'Adopt') return connectedOutcome(decision, false);
  const { provider, credential } = input;
  if (decision.kind !== 'Connect' || provider === undefined || credential.kind === 'Failed') return { kind: 'NotTried' };
  if (credential.credential.kind === 'OAuthClient') return { kind: 'NotTried' };
  const request = { credential: credential.credential, requiredScopes: requestedScopes(input).required, optionalScopes: requestedScopes(input).optional };
  const { credentialHash } = decision;
  const context = providerContext(provider, input.spec, dependencies);
  const issuedAt = dependencies.clock.now();
  let connected: ConnectedToken;
  try {
    connected = await callVendor(signal, (callSignal) => provider.connect(request, { ...context, signal: callSignal }));
  } catch (error) {
    if (signal.aborted) throw error;
    warnOfFailure(error, input.alias, dependencies.logger, 'the vendor gave no token');
    return { kind: 'Failed', failure: toFailure(error), credentialHash };
  }
  const stored = toStored(input, connected, issuedAt);
  await writeTokenSecret(input, { stored, credentialHash }, { client: dependencies.client, signal });
  return connectedOutcome({ stored, issuedAt, credentialHash }, true);
}

export function connectedOutcome(
  { stored, issuedAt, credentialHash }: { stored: StoredToken; issuedAt: number; credentialHash: string },
  isNew: boolean,
): ConnectOutcome {
  return {
    kind: 'Connected',
    issuedAt: new Date(issuedAt).toISOString(),
    expiresAt: stored.expiresAt === undefined ? undefined : new Date(stored.expiresAt).toISOString(),
    grantedScopes: stored.scopes,
    credentialHash,
    isNew,
  };
}

function toStored({ alias }: AliasInput, { token, expiresAt }: ConnectedToken, issuedAt: number): StoredToken {
  return { token: token.value, scheme: token.scheme, scopes: token.scopes, credentialId: credentialIdOf(alias), expiresAt, issuedAt };
}
