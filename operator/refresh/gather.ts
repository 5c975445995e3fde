import { terminal, type OperatorError } from '../api/errors.ts';
import { integrationProfileResource, type IntegrationProfile, type RefreshProcess } from '../api/integration-profile.ts';
import type { Provider, Session } from '../providers/provider.ts';
import { checkAccountOfToken, findConnection } from './connection.ts';
import type { Progress, RefreshDependencies, RefreshInput } from './dependencies.ts';
import { readMountedToken } from './mounted-token.ts';
import { retryTransient } from './retry.ts';

/** A profile that may be refreshed, its provider, and a session with the vendor. */
export interface RefreshSubject {
  readonly profile: IntegrationProfile;
  readonly provider: Provider;
  readonly session: Session;
  /** Id of the connection that everything is pulled through. */
  readonly connection: string;
}

interface Run {
  readonly input: RefreshInput;
  readonly dependencies: RefreshDependencies;
  readonly progress: Progress;
}

/** The profile that the Job was made for; undefined when it is gone, going, or another one of that name. */
export async function readProfile(
  input: Pick<RefreshInput, 'namespace' | 'profileName' | 'profileUid'>,
  dependencies: Pick<RefreshDependencies, 'client' | 'clock' | 'random' | 'signal'>,
): Promise<IntegrationProfile | undefined> {
  const { client, signal } = dependencies;
  const key = { namespace: input.namespace, name: input.profileName };
  const profile = await retryTransient(
    () => client.get<IntegrationProfile>(integrationProfileResource, key, { signal }),
    dependencies,
  );
  const isOurs = profile?.metadata.uid === input.profileUid && profile.metadata.deletionTimestamp === undefined;
  return isOurs ? profile : undefined;
}

export function profileGone(): OperatorError {
  return terminal('ProfileGone', 'The IntegrationProfile that this Job was made for is gone; nothing is to be done.');
}

/**
 * Checks that the process may run and opens a session. Throws Waiting when something must come first,
 * Terminal when a person must act; nothing has been called then.
 */
export async function prepareRefresh(process: RefreshProcess, profile: IntegrationProfile, run: Run): Promise<RefreshSubject> {
  const { dependencies, input } = run;
  const connection = await findConnection(process, profile, run);
  const mounted = await readMountedToken(input.tokenDirectory, dependencies.clock.now());
  checkAccountOfToken(process, profile, mounted);
  const { token, credentialId } = mounted;
  const session: Session = {
    token,
    credentialId,
    settings: connection.settings,
    clock: dependencies.clock,
    random: dependencies.random,
    signal: dependencies.signal,
    onRequest: (request) => {
      run.progress.vendorRequests += 1;
      run.progress.rateLimitRemaining = request.rateRemaining ?? run.progress.rateLimitRemaining;
    },
  };
  return { profile, provider: connection.provider, session, connection: connection.id };
}

/**
 * Looks again, between the pull and the first write, whether everything that the pull relied on is still so: a pull takes
 * minutes, in which a person may point the profile at another account, suspend it or make it anew.
 */
export async function confirmRefresh(process: RefreshProcess, subject: RefreshSubject, run: Run): Promise<void> {
  const profile = await readProfile(run.input, run.dependencies);
  if (profile === undefined) throw profileGone();
  await findConnection(process, profile, { ...run, input: { ...run.input, connectionId: subject.connection } });
}
