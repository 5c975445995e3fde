import { connectionAliasResource } from '../../api/connection-alias.ts';
import { OperatorError, toFailure } from '../../api/errors.ts';
import { annotations, apiVersion, labels, product } from '../../api/group.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { AccessToken, ConnectedToken } from '../../providers/provider.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { hashOf } from '../hash.ts';
import { callVendor } from '../vendor-call.ts';
import { encodeTokenSecret, type Secret } from '../secrets.ts';
import { requestedScopes, tokenSecretName, type ConnectDecision } from './decide-connect.ts';
import type { AliasInput, ConnectOutcome } from './input.ts';

/** Field manager of the controllers. */
export const fieldManager = product;

/**
 * Obtains a token and persists it before anything uses it (design section 3). A failure of the vendor
 * is an outcome, shown in status; a failure of the API server is thrown and retried.
 */
export async function connectAlias(
  input: AliasInput,
  decision: Extract<ConnectDecision, { kind: 'Connect' }>,
  dependencies: ControllerDependencies,
  signal: AbortSignal,
): Promise<ConnectOutcome> {
  const { alias, provider, credential } = input;
  if (provider === undefined || credential.kind === 'Failed') return { kind: 'NotTried' };
  const scopes = requestedScopes(input);
  const issuedAt = new Date(dependencies.clock.now()).toISOString();
  let connected: ConnectedToken;
  try {
    connected = await callVendor(signal, (callSignal) =>
      provider.connect(
        { credential: credential.credential, requiredScopes: scopes.required, optionalScopes: scopes.optional },
        {
          settings: alias.spec[provider.fragment.settingsKey],
          clock: dependencies.clock,
          random: dependencies.random,
          signal: callSignal,
          onRequest: ({ route, status }) => dependencies.metrics.onVendorRequest({ provider: provider.type, route, status }),
        },
      ),
    );
  } catch (error) {
    if (signal.aborted) throw error;
    logFailure(error, input, dependencies);
    return { kind: 'Failed', failure: toFailure(error), credentialHash: decision.credentialHash };
  }
  await writeTokenSecret(input, decision.credentialHash, connected, { dependencies, signal });
  return {
    kind: 'Connected',
    issuedAt,
    expiresAt: isoTime(connected.expiresAt),
    grantedScopes: connected.token.scopes,
    credentialHash: decision.credentialHash,
  };
}

function logFailure(error: unknown, { alias }: AliasInput, { logger }: ControllerDependencies): void {
  const detail = error instanceof OperatorError ? error.detail : {};
  logger.warn({ err: error, ...detail, namespace: alias.metadata.namespace, name: alias.metadata.name }, 'the vendor gave no token');
}

async function writeTokenSecret(
  { alias }: AliasInput,
  credentialHash: string,
  connected: ConnectedToken,
  { dependencies, signal }: { dependencies: ControllerDependencies; signal: AbortSignal },
): Promise<void> {
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: tokenSecretName(alias.metadata.name),
      namespace: alias.metadata.namespace ?? '',
      labels: { [labels.managedBy]: product, [labels.partOf]: product, [labels.watch]: 'true' },
      annotations: { [annotations.intentHash]: credentialHash },
      ownerReferences: [
        {
          apiVersion,
          kind: connectionAliasResource.kind,
          name: alias.metadata.name,
          uid: alias.metadata.uid ?? '',
          controller: true,
          blockOwnerDeletion: false,
        },
      ],
    },
    type: 'Opaque',
    data: encodeTokenSecret({
      token: connected.token.value,
      scheme: connected.token.scheme,
      scopes: scopesText(connected.token),
      credentialId: hashOf([alias.metadata.namespace, alias.metadata.uid]),
      expiresAt: isoTime(connected.expiresAt) ?? '',
    }),
  };
  await dependencies.client.apply<Secret>(coreResources.Secret, secret, { fieldManager, signal, force: true });
}

function scopesText(token: AccessToken): string {
  return token.scopes?.join(' ') ?? '';
}

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
