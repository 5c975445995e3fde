import { clientIdKeyPattern, type ConnectionAliasSpec } from '../../api/connection-alias.ts';
import type { Failure } from '../../api/errors.ts';
import { labels, product } from '../../api/group.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { readSecretKey, type Secret } from '../secrets.ts';
import type { AliasCredential, ReadCredential } from './input.ts';

/** How long to wait for a Secret that is not there: the user may apply it after the alias. */
const missingSecretRecheckMs = 15_000;

/** The credential of an effective spec, read live from its Secret in the same namespace; never cached. */
export async function readCredential(
  spec: ConnectionAliasSpec,
  namespace: string,
  { client, signal }: { client: Pick<KubernetesClient, 'get'>; signal: AbortSignal },
): Promise<ReadCredential> {
  const name = credentialSecretName(spec);
  if (name === undefined) return failed(noCredential);
  const secret = await client.get<Secret>(coreResources.Secret, { namespace, name }, { signal });
  if (secret === undefined) {
    return failed({
      kind: 'Waiting',
      reason: 'SecretMissing',
      message: `Secret ${name} is not in this namespace: create it here; Secrets of other namespaces are never read.`,
      retryAfterMs: missingSecretRecheckMs,
    });
  }
  const unusable = refuseSecret(secret, name) ?? refuseShownKey(spec);
  if (unusable !== undefined) return failed(unusable);
  const read = new CredentialReader(secret, name);
  const credential = credentialOf(spec, read);
  if (credential === undefined) return failed(read.missingKeys());
  return { kind: 'Read', credential, version: `${secret.metadata.uid ?? ''}/${secret.metadata.resourceVersion ?? ''}` };
}

/** Name of the Secret with the credential; undefined where neither the alias nor a parent has one. */
export function credentialSecretName(spec: ConnectionAliasSpec): string | undefined {
  return spec.appToken?.clientSecretRef.name ?? spec.oauth?.clientSecretRef.name ?? spec.apiToken?.secretRef.name;
}

/** The way in which a spec logs in, as the token Secret names it; undefined where neither the alias nor a parent says one. */
export function loginOf({ appToken, oauth, apiToken }: ConnectionAliasSpec): string | undefined {
  if (appToken !== undefined) return 'appToken';
  if (oauth !== undefined) return 'oauth';
  return apiToken === undefined ? undefined : 'apiToken';
}

const noCredential: Failure = {
  kind: 'Terminal',
  reason: 'CredentialMissing',
  message: 'Neither this alias nor a parent has appToken, oauth or apiToken: set one of them.',
};

/** A token of Kubernetes or of ours is not for the vendor; and reading our own token Secret would renew it for ever. */
function refuseSecret(secret: Secret, name: string): Failure | undefined {
  const isOurs = secret.metadata.labels?.[labels.managedBy] === product;
  if (!isOurs && secret.type !== 'kubernetes.io/service-account-token') return undefined;
  return {
    kind: 'Terminal',
    reason: 'SecretNotUsable',
    message: `Secret ${name} holds a token of Kubernetes or of this operator, not a credential for the vendor: name another one.`,
  };
}

/** The schema refuses it too; an alias may be older than that, and a value that has been in status once is no secret any more. */
function refuseShownKey({ appToken, oauth }: ConnectionAliasSpec): Failure | undefined {
  if (oauth === undefined || appToken !== undefined || clientIdKeyPattern.test(oauth.clientSecretRef.clientIdKey)) return undefined;
  return {
    kind: 'Terminal',
    reason: 'SecretNotUsable',
    message: `The client id is shown in status, so it is not read from key ${oauth.clientSecretRef.clientIdKey}: put it under a key whose name ends in client id, such as clientId, and name that in oauth.clientSecretRef.clientIdKey.`,
  };
}

function failed(failure: Failure): ReadCredential {
  return { kind: 'Failed', failure };
}

function credentialOf(spec: ConnectionAliasSpec, read: CredentialReader): AliasCredential | undefined {
  const kind = spec.appToken === undefined ? 'OAuthClient' : 'AppToken';
  const client = spec.appToken ?? spec.oauth;
  if (client !== undefined) {
    const { clientIdKey, clientSecretKey } = client.clientSecretRef;
    const clientId = read.key(clientIdKey);
    const clientSecret = read.key(clientSecretKey);
    return clientId === undefined || clientSecret === undefined ? undefined : { kind, clientId, clientSecret };
  }
  const token = read.key(spec.apiToken?.secretRef.key ?? 'token');
  return token === undefined ? undefined : { kind: 'ApiToken', token };
}

/** Reads keys of one Secret and remembers which were missing or empty, by name only. */
class CredentialReader {
  readonly #secret: Secret;
  readonly #name: string;
  readonly #missing: string[] = [];

  constructor(secret: Secret, name: string) {
    this.#secret = secret;
    this.#name = name;
  }

  key(key: string): ReturnType<typeof readSecretKey> {
    const value = readSecretKey(this.#secret, key);
    if (value === undefined) this.#missing.push(key);
    return value;
  }

  missingKeys(): Failure {
    return {
      kind: 'Waiting',
      reason: 'SecretKeyMissing',
      message: `Secret ${this.#name} has no value under ${this.#missing.join(' and ')}: add it, or name the right key in the alias.`,
      retryAfterMs: missingSecretRecheckMs,
    };
  }
}
