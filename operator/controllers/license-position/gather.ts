import type { IntegrationProfile } from '../../api/integration-profile.ts';
import { labels } from '../../api/group.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import { freedOf, toSeat } from '../../licensing/position/read-objects.ts';
import type { FreedRight, Seat } from '../../licensing/position/facts.ts';
import { profileLabelValue } from '../../licensing/subscription-name.ts';
import { isOwned, selectSubscriptions } from '../../licensing/subscription-owner.ts';
import { indexes, type ControllerDependencies, type ObservedJob } from '../dependencies.ts';
import type { PositionScene } from './input.ts';

/** Subscriptions a page: at most this many whole objects are in memory at a time. */
export const pageSize = 100;

/** Reads from caches what the position is decided from: no call is made. */
export function gatherScene(profile: IntegrationProfile, { stores, providers }: ControllerDependencies): PositionScene {
  const namespace = profile.metadata.namespace ?? '';
  const key = `${namespace}/${profile.metadata.name}`;
  const jobs = stores.jobs.byIndex(indexes.byProfile, `${namespace}/${profileLabelValue(profile.metadata.name)}`);
  const runs = jobs.filter((job) => job.metadata.labels?.[labels.process] === 'subscriptions');
  return {
    profile,
    signals: providers.get(profile.spec.type)?.signals ?? [],
    models: stores.models.list(namespace),
    // All of the namespace: one may have been written before the model that it is for is made.
    entitlements: stores.entitlements.list(namespace),
    exclusions: stores.exclusions.list(namespace),
    rules: stores.rules.byIndex(indexes.byProfileName, key),
    isRefreshing: runs.some((job) => job.state === 'Active'),
    isHalfWritten: isHalfWritten(profile, runs),
  };
}

/** A run that failed after it had begun to write, or whose pod was killed and has told nothing since. */
function isHalfWritten({ status }: IntegrationProfile, runs: readonly ObservedJob[]): boolean {
  const last = status?.refresh?.subscriptions;
  if (last === undefined) return false;
  if (last.result === 'Failed' && last.created + last.updated + last.deleted > 0) return true;
  const told = Date.parse(last.completionTime) + tellingMs;
  return runs.some((job) => job.state === 'Failed' && (job.finishedAt ?? 0) > told);
}

/** A pod tells its result before its Job ends; clocks may differ a little. */
const tellingMs = 60_000;

type Reading = Pick<ControllerDependencies, 'client'> & { readonly signal: AbortSignal };

/** The profile's seats, page by page. A list that breaks off fails: a part of it never passes for the whole (guard 6). */
export async function* readSeats(profile: IntegrationProfile, { client, signal }: Reading): AsyncGenerator<Seat> {
  const options = { ...selectSubscriptions(profile), limit: pageSize, signal };
  for await (const page of client.pages<SoftwareSubscription>(softwareSubscriptionResource, options)) {
    for (const subscription of page) if (isOwned(subscription, profile)) yield toSeat(subscription);
  }
}

/** The candidates of the profile, whoever made them. */
export async function readCandidates(profile: IntegrationProfile, { client, signal }: Reading): Promise<FreedRight[]> {
  const found: FreedRight[] = [];
  const options = { namespace: profile.metadata.namespace ?? '', limit: pageSize, signal };
  for await (const page of client.pages<RemovalCandidate>(removalCandidateResource, options)) {
    // As little of each as the figures need: there may be many.
    found.push(...page.flatMap((candidate) => freedOf(candidate, profile.metadata.name)));
  }
  return found;
}
