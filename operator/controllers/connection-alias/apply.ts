import { toFailure } from '../../api/errors.ts';
import type { StoredToken } from '../../api/token-secret.ts';
import type { ConnectedToken, Credential, Provider } from '../../providers/provider.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { credentialIdOf } from '../hash.ts';
import { callVendor, providerContext, warnOfFailure } from '../vendor-call.ts';
import { neededScopes, requestedScopes, type ConnectDecision, type RequestedScopes } from './decide-connect.ts';
import { explainRefusedScopes } from './explain-scopes.ts';
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
  const login = { provider, credential: credential.credential };
  const { credentialHash } = decision;
  const issuedAt = dependencies.clock.now();
  let connected: ConnectedToken;
  try {
    connected = await obtain(input, login, dependencies, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    warnOfFailure(error, input.alias, dependencies.logger, 'the vendor gave no token');
    return { kind: 'Failed', failure: explainRefusedScopes(input, toFailure(error)), credentialHash };
  }
  const stored = toStored(input, connected, issuedAt);
  await writeTokenSecret(input, { stored, credentialHash }, { client: dependencies.client, signal });
  return connectedOutcome({ stored, issuedAt, credentialHash }, true);
}

interface Login {
  readonly provider: Provider;
  readonly credential: Credential;
}

/** A token for all enabled processes or, where the vendor refuses their scopes, for those that only read: status then says what it lacks. */
async function obtain(input: AliasInput, { provider, credential }: Login, dependencies: ControllerDependencies, signal: AbortSignal): Promise<ConnectedToken> {
  const context = providerContext(provider, input.spec, dependencies);
  const ask = ({ required, optional }: RequestedScopes): Promise<ConnectedToken> =>
    callVendor(signal, (callSignal) => provider.connect({ credential, requiredScopes: required, optionalScopes: optional }, { ...context, signal: callSignal }));
  const [all, needed] = [requestedScopes(input), neededScopes(input)];
  try {
    return await ask(all);
  } catch (error) {
    if (toFailure(error).reason !== 'ScopeNotAllowed' || needed.required.length === all.required.length) throw error;
    return ask(needed);
  }
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
