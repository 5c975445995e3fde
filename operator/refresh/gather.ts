import { terminal, waiting } from '../api/errors.ts';
import { connectionAliasResource, type ConnectionAlias } from '../api/connection-alias.ts';
import { integrationProfileResource, type IntegrationProfile, type RefreshProcess } from '../api/integration-profile.ts';
import type { Provider, Session } from '../providers/provider.ts';
import type { Progress, RefreshDependencies, RefreshInput } from './dependencies.ts';
import { readMountedToken } from './mounted-token.ts';
import { retryTransient } from './retry.ts';

const lookAgainMs = 600_000;

/** A profile that may be refreshed, its provider, and a session with the vendor. */
export interface RefreshSubject {
  readonly profile: IntegrationProfile;
  readonly provider: Provider;
  readonly session: Session;
}

/** The profile that the Job was made for; undefined when it is gone, going, or another one of that name. */
export async function readProfile(input: RefreshInput, dependencies: RefreshDependencies): Promise<IntegrationProfile | undefined> {
  const { client, signal } = dependencies;
  const key = { namespace: input.namespace, name: input.profileName };
  const profile = await retryTransient(
    () => client.get<IntegrationProfile>(integrationProfileResource, key, { signal }),
    dependencies,
  );
  const isOurs = profile?.metadata.uid === input.profileUid && profile.metadata.deletionTimestamp === undefined;
  return isOurs ? profile : undefined;
}

/**
 * Checks that the process may run and opens a session. Throws Waiting when something must come first
 * (L19: subscriptions before activity), Terminal when a person must act; nothing has been called then.
 */
export async function prepareRefresh(
  process: RefreshProcess,
  profile: IntegrationProfile,
  run: { readonly input: RefreshInput; readonly dependencies: RefreshDependencies; readonly progress: Progress },
): Promise<RefreshSubject> {
  const { dependencies, input } = run;
  checkProcess(process, profile);
  checkConnection(profile, input);
  const alias = await readAlias(profile, dependencies);
  const provider = dependencies.provider(profile.spec.type);
  if (provider === undefined) {
    throw terminal('ProviderNotEnabled', `The provider ${profile.spec.type} is not enabled; start the operator with it.`);
  }
  const { token, credentialId } = await readMountedToken(input.tokenDirectory, dependencies.clock.now());
  const session: Session = {
    token,
    credentialId,
    settings: alias.spec[provider.fragment.settingsKey],
    clock: dependencies.clock,
    random: dependencies.random,
    signal: dependencies.signal,
    onRequest: (request) => {
      run.progress.vendorRequests += 1;
      run.progress.rateLimitRemaining = request.rateRemaining ?? run.progress.rateLimitRemaining;
    },
  };
  return { profile, provider, session };
}

function checkProcess(process: RefreshProcess, profile: IntegrationProfile): void {
  if (profile.spec.suspend) throw waiting('Suspended', 'The profile is suspended (spec.suspend), so the vendor is not called.', lookAgainMs);
  if (process === 'subscriptions') return;
  if (!profile.spec.downloadActivity) {
    throw terminal('ActivityNotEnabled', 'Download Activity is cleared (spec.downloadActivity), so no activity is pulled.');
  }
  // The last run, not just any: one that was held (another account, say) makes activity of that account no evidence.
  if (profile.status?.refresh?.subscriptions?.result !== 'Succeeded') {
    throw waiting('SubscriptionsNotDownloaded', 'Activity is pulled once the subscriptions refresh has succeeded.', lookAgainMs);
  }
}

/** The token was mounted when the Job was made: it must not be used with the settings of another alias. */
function checkConnection({ spec }: IntegrationProfile, { connectionAlias }: RefreshInput): void {
  if (connectionAlias === undefined || connectionAlias === spec.connectionAliasRef.name) return;
  throw waiting('ConnectionChanged', 'The profile refers to another ConnectionAlias than when this job was made; the next run uses that one.', lookAgainMs);
}

async function readAlias(profile: IntegrationProfile, dependencies: RefreshDependencies): Promise<ConnectionAlias> {
  const { client, signal } = dependencies;
  const { name } = profile.spec.connectionAliasRef;
  const key = { namespace: profile.metadata.namespace ?? '', name };
  const alias = await retryTransient(() => client.get<ConnectionAlias>(connectionAliasResource, key, { signal }), dependencies);
  if (alias === undefined) {
    throw waiting('ConnectionAliasNotFound', `ConnectionAlias ${name} does not exist; create it or change spec.connectionAliasRef.`, lookAgainMs);
  }
  if (alias.spec.type !== profile.spec.type) {
    throw terminal('ProviderMismatch', `ConnectionAlias ${name} is of type ${alias.spec.type}, the profile of type ${profile.spec.type}.`);
  }
  if (alias.spec.suspend) {
    throw waiting('Suspended', `ConnectionAlias ${name} is suspended (spec.suspend), so the vendor is not called.`, lookAgainMs);
  }
  return alias;
}
