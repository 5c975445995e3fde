import { apiVersion } from '../api/group.ts';
import { conflict, OperatorError } from '../api/errors.ts';
import { integrationProfileResource, type IntegrationProfile, type RefreshProcess, type RefreshResult } from '../api/integration-profile.ts';
import type { RefreshDependencies, RefreshInput } from './dependencies.ts';
import { profileGone, readProfile } from './gather.ts';
import { retryTransient } from './retry.ts';

/** How often a profile that others keep writing is read again before the result of a run counts as not written. */
const recordTries = 10;

interface Run {
  readonly process: RefreshProcess;
  readonly input: RefreshInput;
  readonly dependencies: Pick<RefreshDependencies, 'client' | 'clock' | 'random' | 'signal'>;
}

/**
 * Writes a result into the profile's status with a field manager of its own, whole. It is made from the result that is
 * recorded at that moment, so a run never writes back what it read when it began. Throws Terminal `ProfileGone`.
 */
export async function recordResult(run: Run, build: (previous: RefreshResult | undefined) => RefreshResult): Promise<RefreshResult> {
  for (let tried = 0; tried < recordTries; tried += 1) {
    const profile = await readProfile(run.input, run.dependencies);
    if (profile === undefined) throw profileGone();
    const result = build(profile.status?.refresh?.[run.process]);
    if (await apply(run, profile, result)) return result;
  }
  throw conflict('The profile was changed by others again and again while the result was written.');
}

/** False when somebody wrote in between. */
async function apply({ process, dependencies }: Run, { metadata }: IntegrationProfile, result: RefreshResult): Promise<boolean> {
  const { client, signal } = dependencies;
  const { name, namespace = '', uid = '', resourceVersion = '' } = metadata;
  const object = {
    apiVersion,
    kind: integrationProfileResource.kind,
    // The uid keeps it from a profile of the same name that was made in the meantime.
    metadata: { name, namespace, uid, resourceVersion },
    status: { refresh: { [process]: result } },
  };
  const options = { fieldManager: `saaslicense-refresh-${process}`, force: true, subresource: 'status', signal } as const;
  try {
    await retryTransient(() => client.apply<IntegrationProfile>(integrationProfileResource, object, options), dependencies);
    return true;
  } catch (error) {
    if (error instanceof OperatorError && error.failure.kind === 'Conflict') return false;
    throw error;
  }
}
