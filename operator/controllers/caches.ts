import { connectionAliasResource, type ConnectionAlias } from '../api/connection-alias.ts';
import { labels, product } from '../api/group.ts';
import { integrationProfileResource, type IntegrationProfile } from '../api/integration-profile.ts';
import type { ResourceType } from '../api/kind.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { reclamationRuleResource, type ReclamationRule } from '../api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../api/removal-candidate.ts';
import { softwareEntitlementResource, type SoftwareEntitlement } from '../api/software-entitlement.ts';
import { softwareModelResource, type SoftwareModel } from '../api/software-model.ts';
import { subscriptionExclusionResource, type SubscriptionExclusion } from '../api/subscription-exclusion.ts';
import { tokenSecretName } from '../api/token-secret.ts';
import { coreResources } from '../kubernetes/core-resources.ts';
import type { WatchingClient } from '../kubernetes/http-client.ts';
import { createReflector, type Reflector } from '../kubernetes/reflector.ts';
import { profileLabelValue } from '../licensing/subscription-name.ts';
import { authorizationSecretName, redirectSecretName } from './authorization/names.ts';
import { aliasesOfProfile } from './connection-alias/enabled-processes.ts';
import { credentialSecretName } from './connection-alias/read-credential.ts';
import { indexes, type ControllerDependencies, type ObservedJob, type Stores } from './dependencies.ts';
import { profileOf } from './profile-of.ts';
import { undoSecretsOf } from './undo-secret/undo-secrets-of.ts';
import { observeCandidate, observeCronJob, observeJob, observeProfile } from './observe.ts';

/** All caches, the watch of labelled Secrets' metadata among them. */
export interface Caches {
  readonly stores: Stores;
  readonly secrets: Reflector<KubernetesObject>;
  readonly all: readonly Reflector<KubernetesObject>[];
}

/** Index of aliases by the Secrets that they read or own. */
export const aliasesBySecret = 'secret';

interface CacheOptions {
  readonly client: WatchingClient;
  readonly clock: ControllerDependencies['clock'];
  readonly random: ControllerDependencies['random'];
  /** Watch one namespace only; all when left out. */
  readonly namespace?: string;
  readonly onError: (resource: string, failure: { reason: string }) => void;
}

/** Makes the caches; nothing is read before they are started. */
export function createCaches(options: CacheOptions): Caches {
  const ours = `${labels.managedBy}=${product}`;
  const stores: Stores = {
    aliases: cache<ConnectionAlias>(connectionAliasResource, options, {}),
    profiles: cache<IntegrationProfile>(integrationProfileResource, options, { project: observeProfile }),
    cronJobs: cache<KubernetesObject>(coreResources.CronJob, options, { labelSelector: ours, project: observeCronJob }),
    jobs: cache<ObservedJob>(coreResources.Job, options, { labelSelector: ours, project: observeJob }),
    serviceAccounts: cache<KubernetesObject>(coreResources.ServiceAccount, options, { labelSelector: ours, metadataOnly: true }),
    // Whole: a subject that somebody added or took away is put right.
    roleBindings: cache<KubernetesObject>(coreResources.RoleBinding, options, { labelSelector: ours }),
    models: cache<SoftwareModel>(softwareModelResource, options, {}),
    entitlements: cache<SoftwareEntitlement>(softwareEntitlementResource, options, {}),
    exclusions: cache<SubscriptionExclusion>(subscriptionExclusionResource, options, {}),
    rules: cache<ReclamationRule>(reclamationRuleResource, options, {}),
    candidates: cache<RemovalCandidate>(removalCandidateResource, options, { project: observeCandidate }),
  };
  // Values of Secrets are never cached: metadata of labelled ones only, to react at once (design section 4).
  const secrets = cache<KubernetesObject>(coreResources.Secret, options, { labelSelector: `${labels.watch}=true`, metadataOnly: true });
  addIndexes(stores);
  return { stores, secrets, all: [...Object.values(stores), secrets] };
}

function cache<T extends KubernetesObject>(
  type: ResourceType,
  options: CacheOptions,
  more: { labelSelector?: string; metadataOnly?: boolean; project?: (object: KubernetesObject) => T },
): Reflector<T> {
  const { client, clock, random, namespace, onError } = options;
  return createReflector<T>({
    client,
    type,
    clock,
    random,
    onError: (failure) => onError(type.plural, failure),
    ...(namespace === undefined ? {} : { namespace }),
    ...more,
  });
}

function addIndexes(stores: Stores): void {
  stores.profiles.addIndex(indexes.profilesByAlias, (profile) => {
    const { everyday, reclaim } = aliasesOfProfile(profile);
    return Array.from(new Set([everyday, reclaim]), (name) => `${profile.metadata.namespace ?? ''}/${name}`);
  });
  stores.profiles.addIndex(indexes.byProfile, (profile) => [
    `${profile.metadata.namespace ?? ''}/${profileLabelValue(profile.metadata.name)}`,
  ]);
  for (const store of [stores.models, stores.rules]) {
    store.addIndex(indexes.byProfileName, ({ metadata, spec }) => [`${metadata.namespace ?? ''}/${spec.profileRef.name}`]);
  }
  stores.candidates.addIndex(indexes.byProfileName, ({ metadata, spec }) => [`${metadata.namespace ?? ''}/${spec.subject.profileRef.name}`]);
  stores.candidates.addIndex(indexes.byRule, ({ metadata, spec }) => [`${metadata.namespace ?? ''}/${spec.subject.ruleRef.name}`]);
  stores.candidates.addIndex(indexes.byUndoSecret, undoSecretsOf);
  stores.entitlements.addIndex(indexes.byModel, ({ metadata, spec }) => [`${metadata.namespace ?? ''}/${spec.modelRef.name}`]);
  stores.aliases.addIndex(aliasesBySecret, secretsOfAlias);
  stores.aliases.addIndex(indexes.aliasesByUid, ({ metadata }) => [metadata.uid ?? '']);
  stores.cronJobs.addIndex(indexes.byProfile, profileOf);
  stores.jobs.addIndex(indexes.byProfile, profileOf);
}

/** A Secret that a parent gives is the parent's: its change reaches the children through the parent. */
function secretsOfAlias({ metadata, spec }: ConnectionAlias): string[] {
  const own = [tokenSecretName, authorizationSecretName, redirectSecretName].map((nameOf) => nameOf(metadata.name));
  const names = [credentialSecretName(spec), ...own];
  return names.filter((name) => name !== undefined).map((name) => `${metadata.namespace ?? ''}/${name}`);
}
