import type { ConnectionAlias, ConnectionAliasSpec } from '../../api/connection-alias.ts';
import { resolveAlias } from '../../api/effective-alias.ts';
import { toFailure, type Failure } from '../../api/errors.ts';
import { annotations } from '../../api/group.ts';
import { tokenSecretName, type StoredToken } from '../../api/token-secret.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { Provider } from '../../providers/provider.ts';
import type { ConsentInput, Mailbox } from '../authorization/record.ts';
import { readAuthorization, readMailbox, type StoreTools } from '../authorization/store.ts';
import { indexes, type ControllerDependencies } from '../dependencies.ts';
import { aliasFinder } from '../find-alias.ts';
import { lastRejection } from '../token-rejection.ts';
import { decodeTokenSecret, isControlledBy, type Secret } from '../secrets.ts';
import { wantsMailbox } from './decide-consent.ts';
import { enabledProcesses, enabledSignals, processWishes } from './enabled-processes.ts';
import { readLeftConsent } from './leftover-secrets.ts';
import { readCredential } from './read-credential.ts';
import type { AliasInput, TokenSecret } from './input.ts';

/** Reads everything that decisions about an alias need. Secrets are read live, by name, never cached. */
export async function gatherAlias(alias: ConnectionAlias, dependencies: ControllerDependencies, signal: AbortSignal): Promise<AliasInput> {
  const provider = dependencies.providers.get(alias.spec.type);
  const namespace = alias.metadata.namespace ?? '';
  const { name } = alias.metadata;
  const profiles = dependencies.stores.profiles.byIndex(indexes.profilesByAlias, `${namespace}/${name}`);
  const { spec, parentFailure } = followParents(alias, dependencies);
  const tools = { client: dependencies.client, signal };
  const [credential, tokenSecret, consent, leftConsent] = await Promise.all([
    readCredential(spec, namespace, tools),
    readTokenSecret(alias, tools),
    spec.oauth === undefined ? undefined : readConsent(alias, tools),
    parentFailure === undefined ? readLeftConsent(alias, spec, tools) : [],
  ]);
  return {
    alias,
    spec,
    parentFailure,
    provider,
    account: provider === undefined ? undefined : describeAccount(spec, provider),
    credential,
    tokenSecret,
    processes: enabledProcesses(profiles, name),
    wishes: processWishes(profiles, name),
    signals: enabledSignals(profiles, name),
    rejection: lastRejection(profiles),
    consent,
    leftConsent,
  };
}

/** S77: what the alias leaves out comes from its parents, which are read from the cache. */
function followParents(alias: ConnectionAlias, { stores }: ControllerDependencies): Pick<AliasInput, 'spec' | 'parentFailure'> {
  const resolved = resolveAlias(alias, aliasFinder(stores, alias.metadata.namespace));
  return 'failure' in resolved ? { spec: alias.spec, parentFailure: resolved.failure } : { spec: resolved.spec, parentFailure: undefined };
}

function describeAccount(spec: ConnectionAliasSpec, provider: Provider): { name: string } | { failure: Failure } {
  try {
    return { name: provider.describeAccount(spec[provider.fragment.settingsKey]) };
  } catch (error) {
    return { failure: toFailure(error) };
  }
}

/** The token Secret as it is now. */
export async function readTokenSecret(alias: ConnectionAlias, { client, signal }: Pick<StoreTools, 'signal'> & { client: Pick<StoreTools['client'], 'get'> }): Promise<TokenSecret> {
  const key = { namespace: alias.metadata.namespace ?? '', name: tokenSecretName(alias.metadata.name) };
  const secret = await client.get<Secret>(coreResources.Secret, key, { signal });
  if (secret === undefined) return { kind: 'Absent' };
  if (!isControlledBy(secret, alias.metadata.uid)) return { kind: 'Foreign' };
  return {
    kind: 'Present',
    uid: secret.metadata.uid ?? '',
    resourceVersion: secret.metadata.resourceVersion ?? '',
    credentialHash: secret.metadata.annotations?.[annotations.intentHash] ?? '',
    login: secret.metadata.annotations?.[annotations.login] ?? '',
    stored: readStored(secret),
  };
}

/** What somebody has broken by hand is made anew, as if it were not there. */
function readStored(secret: Secret): StoredToken | undefined {
  try {
    return decodeTokenSecret(secret);
  } catch {
    return undefined;
  }
}

async function readConsent(alias: ConnectionAlias, tools: StoreTools): Promise<ConsentInput> {
  const secret = await readAuthorization(alias, tools);
  const pending = secret.kind === 'Present' ? secret.record.pending : undefined;
  const mailbox: Mailbox = wantsMailbox(alias, pending) ? await readMailbox(alias, tools) : { kind: 'Absent' };
  return { secret, mailbox };
}
