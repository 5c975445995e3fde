import type { KubernetesObject } from '../api/meta.ts';
import { keyOf } from '../kubernetes/object-key.ts';
import { profileOf } from './profile-of.ts';
import { indexes, type ControllerDependencies, type Stores } from './dependencies.ts';
import { objectName } from './object-key.ts';
import { isChangeOfIntent, isRefreshChange, type Change } from './predicates.ts';
import type { Queues } from './queues.ts';

/** Edits come in swarms, by GitOps say: the subscriptions are read once for all of them. */
const gatherMs = 250;

/** Which change of which object makes whose licence position be looked at (design section 3, Position). */
export function connectPositionQueues(stores: Stores, queues: Queues): void {
  wakeByOwn(stores, queues);
  wakeByModels(stores, queues);
  wakeByJobs(stores, queues);
  const look = (key: string): void => queues.positions.addAfter(key, gatherMs);
  stores.entitlements.subscribe((change) => {
    if (!isChangeOfIntent(change)) return;
    queues.entitlements.add(change.key);
    for (const model of namesOf(change, ({ spec }) => spec.modelRef.name)) {
      // Another one of the model may be what renews it.
      for (const sibling of stores.entitlements.byIndex(indexes.byModel, `${objectName(change.key).namespace}/${model}`)) queues.entitlements.add(keyOf(sibling.metadata));
      const profile = stores.models.get(`${objectName(change.key).namespace}/${model}`)?.spec.profileRef.name;
      if (profile !== undefined) look(`${objectName(change.key).namespace}/${profile}`);
    }
  });
  stores.exclusions.subscribe((change) => {
    if (!isChangeOfIntent(change)) return;
    queues.exclusions.add(change.key);
    for (const profile of stores.profiles.list(objectName(change.key).namespace)) look(keyOf(profile.metadata));
  });
  stores.rules.subscribe((change) => {
    if (!isChangeOfIntent(change)) return;
    for (const profile of namesOf(change, ({ spec }) => spec.profileRef.name)) look(`${objectName(change.key).namespace}/${profile}`);
  });
}

/** What a reconciliation counted reaches the exclusions, whose own controller writes their status. */
export function connectMatches({ exclusionMatches }: Pick<ControllerDependencies, 'exclusionMatches'>, queues: Queues): void {
  exclusionMatches.subscribe((key) => queues.exclusions.add(key));
}

function wakeByOwn(stores: Stores, queues: Queues): void {
  stores.profiles.subscribe((change) => {
    if (isChangeOfIntent(change) || isRefreshChange(change)) queues.positions.addAfter(change.key, gatherMs);
    const isThereNow = change.new !== undefined;
    if (isThereNow === (change.old !== undefined)) return;
    // Counts of a profile that is gone go from the exclusions too.
    for (const exclusion of stores.exclusions.list(objectName(change.key).namespace)) queues.exclusions.add(keyOf(exclusion.metadata));
  });
}

/** A run that has ended: what waited for it goes on. */
function wakeByJobs(stores: Stores, queues: Queues): void {
  stores.jobs.subscribe(({ old, new: now }) => {
    if (old?.state !== 'Active' || now?.state === 'Active') return;
    const profiles = profileOf(old).flatMap((value) => stores.profiles.byIndex(indexes.byProfile, value));
    for (const profile of profiles) queues.positions.addAfter(keyOf(profile.metadata), gatherMs);
  });
}

function wakeByModels(stores: Stores, queues: Queues): void {
  stores.models.subscribe((change) => {
    const { namespace } = objectName(change.key);
    const isIntent = isChangeOfIntent(change);
    if (isIntent) for (const profile of namesOf(change, ({ spec }) => spec.profileRef.name)) queues.positions.addAfter(`${namespace}/${profile}`, gatherMs);
    if (!isIntent && JSON.stringify(change.old?.status?.monthlyPeaks) === JSON.stringify(change.new?.status?.monthlyPeaks)) return;
    for (const entitlement of stores.entitlements.byIndex(indexes.byModel, change.key)) queues.entitlements.add(keyOf(entitlement.metadata));
  });
}

/** What a reference named before and names now. */
function namesOf<T extends KubernetesObject>({ old, new: now }: Change<T>, nameOf: (object: T) => string): Set<string> {
  return new Set([old, now].flatMap((object) => (object === undefined ? [] : [nameOf(object)])));
}
