import { resolveAlias } from '../../api/effective-alias.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import { profileLabelValue } from '../../licensing/subscription-name.ts';
import { indexes, type ControllerDependencies } from '../dependencies.ts';
import { aliasFinder } from '../find-alias.ts';
import { clockState } from '../watch-clock.ts';
import { accountsOf } from './accounts.ts';
import type { ProfileInput } from './input.ts';

/** Reads everything that decisions about a profile need, from caches: no call is made. */
export function gatherProfile(profile: IntegrationProfile, dependencies: ControllerDependencies): ProfileInput {
  const { stores, providers, settings } = dependencies;
  const namespace = profile.metadata.namespace ?? '';
  const ofProfile = `${namespace}/${profileLabelValue(profile.metadata.name)}`;
  const findAlias = aliasFinder(stores, namespace);
  const alias = findAlias(profile.spec.connectionAliasRef.name);
  const reclaim = profile.spec.reclaimAliasRef?.name;
  const profilesOfNamespace = stores.profiles.list(namespace);
  return {
    profile,
    provider: providers.get(profile.spec.type),
    alias,
    effectiveAlias: alias === undefined ? undefined : resolveAlias(alias, findAlias),
    reclaimAlias: reclaim === undefined ? undefined : findAlias(reclaim),
    cronJobs: stores.cronJobs.byIndex(indexes.byProfile, ofProfile),
    jobs: stores.jobs.byIndex(indexes.byProfile, ofProfile),
    profilesOfNamespace,
    accounts: accountsOf(profilesOfNamespace, dependencies),
    settings,
    clock: clockState(dependencies.clockTrust),
  };
}
