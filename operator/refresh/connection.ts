import { connectionAliasResource, type ConnectionAlias, type ConnectionAliasSpec } from '../api/connection-alias.ts';
import { parentsOf, resolveAlias } from '../api/effective-alias.ts';
import { OperatorError, terminal, waiting } from '../api/errors.ts';
import type { IntegrationProfile, RefreshProcess } from '../api/integration-profile.ts';
import { connectionId } from '../licensing/connection-id.ts';
import type { Provider } from '../providers/provider.ts';
import type { RefreshDependencies, RefreshInput } from './dependencies.ts';
import type { MountedToken } from './mounted-token.ts';
import { retryTransient } from './retry.ts';

const lookAgainMs = 600_000;

/** How a profile reaches its account at this moment. */
export interface Connection {
  readonly provider: Provider;
  /** Provider settings of the effective alias: its own, and what it takes from its parents. */
  readonly settings: unknown;
  readonly id: string;
}

/**
 * Checks that the process may run, and finds the connection. Throws Waiting when something must come first
 * (L19: subscriptions of this connection before activity), Terminal when a person must act. Calls no vendor.
 */
export async function findConnection(
  process: RefreshProcess,
  profile: IntegrationProfile,
  run: { readonly input: RefreshInput; readonly dependencies: RefreshDependencies },
): Promise<Connection> {
  checkProcess(process, profile);
  checkAliasName(profile, run.input);
  const { alias, spec } = await readEffectiveAlias(profile, run.dependencies);
  const provider = run.dependencies.provider(profile.spec.type);
  if (provider === undefined) {
    throw terminal('SpokeNotInstalled', `The provider ${profile.spec.type} is not enabled; start the operator with it.`);
  }
  const settings: unknown = spec[provider.fragment.settingsKey];
  const id = connectionId({ type: spec.type, aliasUid: alias.metadata.uid ?? '', settings });
  if (run.input.connectionId !== undefined && run.input.connectionId !== id) throw connectionChanged();
  if (process === 'activity') checkSubscriptions(profile, id);
  return { provider, settings, id };
}

/** The token that is mounted, or what was pulled, belongs to what the profile used to refer to. */
function connectionChanged(): OperatorError {
  return waiting(
    'ConnectionChanged',
    'The connection of the profile is another one than when this job was made, so nothing was written; the next run uses it.',
    lookAgainMs,
  );
}

function checkProcess(process: RefreshProcess, { spec }: IntegrationProfile): void {
  if (spec.suspend) throw waiting('Suspended', 'The profile is suspended (spec.suspend), so the vendor is not called.', lookAgainMs);
  if (process === 'activity' && !spec.downloadActivity) {
    throw terminal('ActivityNotEnabled', 'Download Activity is cleared (spec.downloadActivity), so no activity is pulled.');
  }
}

/** The token was mounted when the Job was made: it must not be used with the settings of another alias. */
function checkAliasName({ spec }: IntegrationProfile, { connectionAlias }: RefreshInput): void {
  if (connectionAlias !== undefined && connectionAlias !== spec.connectionAliasRef.name) throw connectionChanged();
}

/** The last run, not just any, and of this connection: activity of one account says nothing of the people of another. */
function checkSubscriptions(profile: IntegrationProfile, id: string): void {
  const last = profile.status?.refresh?.subscriptions;
  if (last?.result === 'Succeeded' && last.connection === id) return;
  const message = 'Activity is pulled once a subscriptions refresh has succeeded through the present connection, and the last one has not.';
  throw waiting('SubscriptionsNotDownloaded', message, lookAgainMs);
}

/**
 * An API token names no account, and who replaces it in its Secret leaves the connection as it is. The download of subscriptions
 * refuses another account's people; activity has nothing to tell it by where nobody did anything. So it waits for them.
 */
export function checkAccountOfToken(process: RefreshProcess, { status }: IntegrationProfile, { token, issuedAt }: MountedToken): void {
  if (process !== 'activity' || token.scheme !== 'ApiToken' || issuedAt === undefined) return;
  if (Date.parse(status?.refresh?.subscriptions?.startTime ?? '') >= issuedAt) return;
  const message = 'The API token is newer than the last download of subscriptions, which shows whose account it is of: activity is pulled after the next one.';
  throw waiting('SubscriptionsNotDownloaded', message, lookAgainMs);
}

async function readEffectiveAlias(
  profile: IntegrationProfile,
  dependencies: RefreshDependencies,
): Promise<{ alias: ConnectionAlias; spec: ConnectionAliasSpec }> {
  const { name } = profile.spec.connectionAliasRef;
  const found = new Map<string, ConnectionAlias | undefined>();
  const read = async (wanted: string): Promise<ConnectionAlias | undefined> => {
    const key = { namespace: profile.metadata.namespace ?? '', name: wanted };
    const alias = await retryTransient(
      () => dependencies.client.get<ConnectionAlias>(connectionAliasResource, key, { signal: dependencies.signal }),
      dependencies,
    );
    found.set(wanted, alias);
    return alias;
  };
  const alias = await read(name);
  if (alias === undefined) {
    throw waiting('ConnectionAliasMissing', `ConnectionAlias ${name} does not exist; create it or change spec.connectionAliasRef.`, lookAgainMs);
  }
  const find = (wanted: string): ConnectionAlias | undefined => found.get(wanted);
  const nextParent = (): string | undefined => parentsOf(alias, find).find((parent) => !found.has(parent));
  for (let parent = nextParent(); parent !== undefined; parent = nextParent()) await read(parent);
  const effective = resolveAlias(alias, find);
  if ('failure' in effective) throw new OperatorError(effective.failure);
  checkAlias(name, effective.spec, profile);
  return { alias, spec: effective.spec };
}

function checkAlias(name: string, spec: ConnectionAliasSpec, profile: IntegrationProfile): void {
  if (spec.type !== profile.spec.type) {
    throw terminal('ProviderMismatch', `ConnectionAlias ${name} is of type ${spec.type}, the profile of type ${profile.spec.type}.`);
  }
  if (spec.suspend) {
    throw waiting('Suspended', `ConnectionAlias ${name} is suspended (spec.suspend), so the vendor is not called.`, lookAgainMs);
  }
}
