import type { ConnectionAlias } from '../../api/connection-alias.ts';
import { toFailure, type Failure } from '../../api/errors.ts';
import { annotations } from '../../api/group.ts';
import { labels, product } from '../../api/group.ts';
import { processNames, type IntegrationProfile, type ProcessName } from '../../api/integration-profile.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { Credential, Provider } from '../../providers/provider.ts';
import { indexes, type ControllerDependencies } from '../dependencies.ts';
import { lastRejection } from '../token-rejection.ts';
import { readSecretKey, type Secret } from '../secrets.ts';
import { tokenSecretName } from './decide-connect.ts';
import type { AliasInput, ReadCredential, TokenSecret } from './input.ts';

/** How long to wait for a Secret that is not there: the user may apply it after the alias. */
const missingSecretRecheckMs = 15_000;

/** Reads everything that decisions about an alias need. Secrets are read live, by name, never cached. */
export async function gatherAlias(alias: ConnectionAlias, dependencies: ControllerDependencies, signal: AbortSignal): Promise<AliasInput> {
  const provider = dependencies.providers.get(alias.spec.type);
  const namespace = alias.metadata.namespace ?? '';
  const profiles = dependencies.stores.profiles.byIndex(indexes.profilesByAlias, `${namespace}/${alias.metadata.name}`);
  const [credential, tokenSecret] = await Promise.all([
    readCredential(alias, dependencies, signal),
    readTokenSecret(alias, dependencies, signal),
  ]);
  return {
    alias,
    provider,
    account: provider === undefined ? undefined : describeAccount(alias, provider),
    credential,
    tokenSecret,
    processes: enabledProcesses(profiles),
    signals: Array.from(new Set(profiles.flatMap((profile) => profile.spec.activitySignals))).sort(),
    rejectedAt: lastRejection(profiles),
  };
}

/** Processes enabled in any of the profiles, in table order; a suspended or deleted profile asks for nothing. */
export function enabledProcesses(profiles: readonly IntegrationProfile[]): ProcessName[] {
  const active = profiles.filter((profile) => !profile.spec.suspend && profile.metadata.deletionTimestamp === undefined);
  const enabled: Record<ProcessName, boolean> = {
    DownloadSubscriptions: active.length > 0,
    PullUserActivity: active.some((profile) => profile.spec.downloadActivity),
    ReclaimSubscription: active.some((profile) => profile.spec.reclaimSubscriptions),
  };
  return processNames.filter((name) => enabled[name]);
}

function describeAccount(alias: ConnectionAlias, provider: Provider): { name: string } | { failure: Failure } {
  try {
    return { name: provider.describeAccount(alias.spec[provider.fragment.settingsKey]) };
  } catch (error) {
    return { failure: toFailure(error) };
  }
}

async function readCredential(alias: ConnectionAlias, { client }: ControllerDependencies, signal: AbortSignal): Promise<ReadCredential> {
  const name = credentialSecretName(alias);
  const key = { namespace: alias.metadata.namespace ?? '', name };
  const secret = await client.get<Secret>(coreResources.Secret, key, { signal });
  if (secret === undefined) {
    return failed({
      kind: 'Waiting',
      reason: 'SecretMissing',
      message: `Secret ${name} is not in this namespace: create it here; Secrets of other namespaces are never read.`,
      retryAfterMs: missingSecretRecheckMs,
    });
  }
  const unusable = refuseSecret(secret, name);
  if (unusable !== undefined) return failed(unusable);
  const read = new CredentialReader(secret, name);
  const credential = credentialOf(alias, read);
  if (credential === undefined) return failed(read.missingKeys());
  return { kind: 'Read', credential, version: `${secret.metadata.uid ?? ''}/${secret.metadata.resourceVersion ?? ''}` };
}

function credentialSecretName({ spec }: ConnectionAlias): string {
  return spec.appToken?.clientSecretRef.name ?? spec.apiToken?.secretRef.name ?? '';
}

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

function failed(failure: Failure): ReadCredential {
  return { kind: 'Failed', failure };
}

function credentialOf({ spec }: ConnectionAlias, read: CredentialReader): Credential | undefined {
  if (spec.appToken !== undefined) {
    const { clientIdKey, clientSecretKey } = spec.appToken.clientSecretRef;
    const clientId = read.key(clientIdKey);
    const clientSecret = read.key(clientSecretKey);
    return clientId === undefined || clientSecret === undefined ? undefined : { kind: 'AppToken', clientId, clientSecret };
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

async function readTokenSecret(alias: ConnectionAlias, { client }: ControllerDependencies, signal: AbortSignal): Promise<TokenSecret> {
  const key = { namespace: alias.metadata.namespace ?? '', name: tokenSecretName(alias.metadata.name) };
  const secret = await client.get<Secret>(coreResources.Secret, key, { signal });
  if (secret === undefined) return { kind: 'Absent' };
  const owned = secret.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === alias.metadata.uid);
  if (owned !== true) return { kind: 'Foreign' };
  return {
    kind: 'Present',
    credentialHash: secret.metadata.annotations?.[annotations.intentHash] ?? '',
    complete: readSecretKey(secret, 'token') !== undefined,
  };
}
