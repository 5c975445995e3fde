import { integrationProfileResource, type IntegrationProfile } from '../api/integration-profile.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../api/software-subscription.ts';
import { isOwned, selectSubscriptions } from '../licensing/subscription-owner.ts';
import type { RefreshDependencies } from './dependencies.ts';
import { retryTransient } from './retry.ts';

/** Subscriptions a page: at most this many whole objects are in memory at a time. */
const pageSize = 250;

/**
 * Reads the subscriptions of a profile page by page and keeps of each only what `compact` makes of it. A
 * list that breaks off is read again from its start: a part of it never passes for the whole (guard 6).
 */
export async function readStored<T>(
  profile: IntegrationProfile,
  compact: (subscription: SoftwareSubscription) => T,
  dependencies: RefreshDependencies,
): Promise<T[]> {
  const { client, signal } = dependencies;
  const options = { ...selectSubscriptions(profile), limit: pageSize, signal };
  return retryTransient(async () => {
    const stored: T[] = [];
    for await (const page of client.pages<SoftwareSubscription>(softwareSubscriptionResource, options)) {
      for (const subscription of page) if (isOwned(subscription, profile)) stored.push(compact(subscription));
    }
    return stored;
  }, dependencies);
}

/** Version of the API server's store at this moment: every object that is written later has a higher one. */
export async function readVersion(profile: IntegrationProfile, dependencies: RefreshDependencies): Promise<string> {
  const { client, signal } = dependencies;
  const options = { ...selectSubscriptions(profile), limit: 1, signal };
  return retryTransient(async () => (await client.list(softwareSubscriptionResource, options)).resourceVersion, dependencies);
}

/**
 * Whether another profile of the same name made it. When ours still is the profile of that name, the other is an earlier
 * one, and the garbage collector is about to delete what it left behind.
 */
export function isOfNamesake(object: KubernetesObject, profile: IntegrationProfile): boolean {
  const { kind } = integrationProfileResource;
  const owners = object.metadata.ownerReferences ?? [];
  return !isOwned(object, profile) && owners.some((owner) => owner.kind === kind && owner.name === profile.metadata.name);
}
