import type { ConnectionAlias, ConnectionAliasSpec } from '../../api/connection-alias.ts';
import { connectionAliasResource } from '../../api/connection-alias.ts';
import { resolveAlias } from '../../api/effective-alias.ts';
import { toFailure, type Failure } from '../../api/errors.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import { tokenSecretName, type StoredToken } from '../../api/token-secret.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { connectionId } from '../../licensing/connection-id.ts';
import type { Provider, Session } from '../../providers/provider.ts';
import { aliasesOfProfile } from '../connection-alias/enabled-processes.ts';
import { listForMessage } from '../conditions.ts';
import { usableToken } from '../integration-profile/validate.ts';
import type { Secret } from '../secrets.ts';
import type { CandidateDependencies } from './input.ts';
import type { Standing } from './plan.ts';

/** What calls of the half of a provider that reclaims need. */
export interface ReclaimSession {
  readonly kind: 'Open';
  readonly provider: Provider;
  readonly session: Session;
  /** Name of the account, such as "acme (US)", with the type of its provider. */
  readonly account: string;
}

interface ReadAlias {
  readonly alias: ConnectionAlias;
  readonly spec: ConnectionAliasSpec;
  readonly account: string;
}

/** A token that ends sooner than this many milliseconds is not begun with. */
const tokenMarginMs = 6 * 60_000;

/**
 * A session with the access token of the alias that reclaims (C30), or why there is none now. Alias and Secret are read live. The
 * account has to be the one that the everyday alias reaches, and that the subscriptions were downloaded from.
 */
export async function openReclaimSession(profile: IntegrationProfile, dependencies: CandidateDependencies, signal: AbortSignal): Promise<ReclaimSession | Standing> {
  const provider = dependencies.providers.get(profile.spec.type);
  if (provider === undefined) return person('SpokeNotInstalled', `The provider ${profile.spec.type} is not enabled; start the operator with it.`);
  const names = aliasesOfProfile(profile);
  const read = (name: string): Promise<ReadAlias | Standing> => readAlias(name, { profile, provider, dependencies, signal });
  const everyday = await read(names.everyday);
  if (isStanding(everyday)) return everyday;
  const reclaim = names.reclaim === names.everyday ? everyday : await read(names.reclaim);
  if (isStanding(reclaim)) return reclaim;
  const refused = otherAccount(profile, { everyday, reclaim, provider });
  if (refused !== undefined) return refused;
  const stored = await readToken(reclaim.alias, dependencies, signal);
  const unusable = refuseToken(stored, { reclaim, provider, now: dependencies.clock.now() });
  if (stored === undefined || unusable !== undefined) return unusable ?? tokenMissing(reclaim.alias);
  return { kind: 'Open', provider, account: `${profile.spec.type} ${reclaim.account}`, session: buildSession({ stored, reclaim, provider }, dependencies, signal) };
}

interface Reading {
  readonly profile: IntegrationProfile;
  readonly provider: Provider;
  readonly dependencies: CandidateDependencies;
  readonly signal: AbortSignal;
}

async function readAlias(name: string, { profile, provider, dependencies, signal }: Reading): Promise<ReadAlias | Standing> {
  const { client, stores } = dependencies;
  const namespace = profile.metadata.namespace ?? '';
  const alias = await client.get<ConnectionAlias>(connectionAliasResource, { namespace, name }, { signal });
  if (alias === undefined || alias.metadata.deletionTimestamp !== undefined) return person('ConnectionAliasMissing', `ConnectionAlias ${name} is not in this namespace: create it, or change the IntegrationProfile.`);
  const resolved = resolveAlias(alias, (parent) => stores.aliases.get(`${namespace}/${parent}`));
  if ('failure' in resolved) return ofFailure(resolved.failure);
  if (resolved.spec.suspend) return person('Suspended', `ConnectionAlias ${name} is suspended: set its spec.suspend to false to go on.`);
  if (resolved.spec.type !== profile.spec.type) return person('ConnectionAliasTypeMismatch', `The ConnectionAlias ${name} is of type ${resolved.spec.type}, the profile of type ${profile.spec.type}.`);
  try {
    return { alias, spec: resolved.spec, account: provider.describeAccount(resolved.spec[provider.fragment.settingsKey]) };
  } catch (error) {
    return ofFailure(toFailure(error));
  }
}

interface Accounts {
  readonly everyday: ReadAlias;
  readonly reclaim: ReadAlias;
  readonly provider: Provider;
}

/** Ids of people of one account mean nothing in another: they would be taken for gone, or worse. */
function otherAccount({ spec, status }: IntegrationProfile, { everyday, reclaim, provider }: Accounts): Standing | undefined {
  if (everyday.account !== reclaim.account) {
    return person('AccountMismatch', `The ConnectionAlias ${reclaim.alias.metadata.name}, which reclaims, reaches another account than ${everyday.alias.metadata.name}: both must be of one account.`);
  }
  // The settings say one account; whose token it is, the alias has asked the vendor where that can be told (S60).
  const wrong = [everyday, reclaim].find(({ alias }) => alias.status?.conditions?.some(({ type, status: is }) => type === 'AccountMatch' && is === 'False'));
  if (wrong !== undefined) return person('AccountMismatch', `The token of the ConnectionAlias ${wrong.alias.metadata.name} is of another account than its settings name: see its condition AccountMatch.`);
  const present = connectionId({ type: spec.type, aliasUid: everyday.alias.metadata.uid ?? '', settings: everyday.spec[provider.fragment.settingsKey] });
  if (status?.refresh?.subscriptions?.connection === present) return undefined;
  return { kind: 'Waiting', reason: 'ConnectionChanged', message: 'The subscriptions were downloaded through another connection than the profile has now: the next refresh ends that.' };
}

/** Never cached. A Secret that somebody has broken by hand is made anew by the alias. */
async function readToken(alias: ConnectionAlias, { client }: CandidateDependencies, signal: AbortSignal): Promise<StoredToken | undefined> {
  const key = { namespace: alias.metadata.namespace ?? '', name: tokenSecretName(alias.metadata.name) };
  const secret = await client.get<Secret>(coreResources.Secret, key, { signal });
  try {
    return usableToken(secret, alias);
  } catch {
    return undefined;
  }
}

function refuseToken(stored: StoredToken | undefined, { reclaim, provider, now }: { reclaim: ReadAlias; provider: Provider; now: number }): Standing | undefined {
  if (stored === undefined || (stored.expiresAt !== undefined && stored.expiresAt - now < tokenMarginMs)) return tokenMissing(reclaim.alias);
  if (stored.scopes === undefined) return undefined;
  const { required } = provider.scopes({ processes: ['ReclaimSubscription'], signals: [], login: reclaim.spec.oauth?.type ?? 'AppToken' });
  const missing = required.filter((scope) => stored.scopes?.includes(scope) !== true);
  if (missing.length === 0) return undefined;
  return person('ReclaimScopesMissing', `The token of the ConnectionAlias ${reclaim.alias.metadata.name} lacks ${listForMessage(missing)}: grant it, or name an alias that has it in spec.reclaimAliasRef of the profile.`);
}

function tokenMissing({ metadata }: ConnectionAlias): Standing {
  return { kind: 'Waiting', reason: 'TokenMissing', message: `The ConnectionAlias ${metadata.name} has no access token that lasts long enough: see its conditions.` };
}

interface Equipment {
  readonly stored: StoredToken;
  readonly reclaim: ReadAlias;
  readonly provider: Provider;
}

function buildSession({ stored, reclaim, provider }: Equipment, { clock, random, metrics }: CandidateDependencies, signal: AbortSignal): Session {
  return {
    settings: reclaim.spec[provider.fragment.settingsKey],
    clock,
    random,
    onRequest: ({ route, status }) => metrics.onVendorRequest({ provider: provider.type, route, status }),
    token: { value: stored.token, scheme: stored.scheme, scopes: stored.scopes },
    credentialId: stored.credentialId,
    signal,
  };
}

export function isStanding(value: object): value is Standing {
  return 'message' in value && 'reason' in value;
}

/** A failure of another module, as what keeps the candidate waiting. */
export function ofFailure({ kind, reason, message }: Failure): Standing {
  return { kind: kind === 'Terminal' ? 'NeedsPerson' : 'Waiting', reason, message };
}

function person(reason: string, message: string): Standing {
  return { kind: 'NeedsPerson', reason, message };
}
