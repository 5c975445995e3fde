import { setTimeout as delay } from 'node:timers/promises';
import { OperatorError } from '../../api/errors.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../api/integration-profile.ts';
import { product } from '../../api/group.ts';
import type { ResourceType } from '../../api/kind.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { reclamationRuleResource, type ReclamationRule } from '../../api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { softwareEntitlementResource, type SoftwareEntitlement } from '../../api/software-entitlement.ts';
import { softwareModelResource, type SoftwareModel } from '../../api/software-model.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import { subscriptionExclusionResource, type SubscriptionExclusion } from '../../api/subscription-exclusion.ts';
import { systemClock } from '../../api/system-clock.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { ClusterConfig } from '../../kubernetes/cluster-config.ts';
import { createKubernetesClient } from '../../kubernetes/http-client.ts';
import { isOwned, selectSubscriptions } from '../../licensing/subscription-owner.ts';
import type { ReclaimSeat } from '../../licensing/reclaim/facts.ts';
import { toReclaimSeat } from '../../licensing/reclaim/seat.ts';
import type { ObservedJob } from '../../controllers/dependencies.ts';
import { gatherLeavers, type Leavers } from './gather-leavers.ts';
import { findMoved, gatherRuns, mergeRuns } from './gather-runs.ts';

/** All that these commands can do on an API server: list, and read one object. They hold no verb that writes. */
export interface ClusterReader extends Pick<KubernetesClient, 'pages' | 'get'> {
  close(): Promise<void>;
}

/** The objects of a namespace that its position is made from. */
export interface NamespaceObjects {
  readonly profiles: readonly { readonly profile: IntegrationProfile; readonly seats: readonly ReclaimSeat[] }[];
  readonly models: readonly SoftwareModel[];
  readonly entitlements: readonly SoftwareEntitlement[];
  readonly exclusions: readonly SubscriptionExclusion[];
  readonly rules: readonly ReclamationRule[];
  readonly candidates: readonly RemovalCandidate[];
  /** Who left, by rule; none of a rule whose Secret may not or cannot be read. */
  readonly leavers: Leavers;
  /** Of the subscriptions refreshes; undefined where they may not be listed. */
  readonly jobs: readonly ObservedJob[] | undefined;
  /** Profiles whose subscriptions were refreshed while they were read. */
  readonly moved: ReadonlySet<string>;
}

/** Subscriptions a page: at most this many whole objects are in memory at a time. */
const pageSize = 250;
/** Times that a list which broke off is begun anew; a part of it never passes for the whole (guard 6). */
const tries = 4;
const waitMs = 500;

export function openClusterReader(config: ClusterConfig): ClusterReader {
  const client = createKubernetesClient(config, { clock: systemClock, userAgent: product });
  return { pages: (type, options) => client.pages(type, options), get: async (type, key, options) => client.get(type, key, options), close: () => client.close() };
}

/** Reads the objects of one namespace, page by page. */
export async function gatherNamespace(reader: ClusterReader, namespace: string): Promise<NamespaceObjects> {
  const listAll = async <T extends KubernetesObject>(type: ResourceType): Promise<T[]> => collect(() => reader.pages<T>(type, { namespace, limit: pageSize }), (each) => [each]);
  const jobs = await gatherRuns(reader, namespace);
  const all = await listAll<IntegrationProfile>(integrationProfileResource);
  const profiles = [];
  for (const profile of all.filter(({ metadata }) => metadata.deletionTimestamp === undefined)) profiles.push({ profile, seats: await gatherSeats(reader, profile) });
  const rules = await listAll<ReclamationRule>(reclamationRuleResource);
  return {
    profiles,
    models: await listAll<SoftwareModel>(softwareModelResource),
    entitlements: await listAll<SoftwareEntitlement>(softwareEntitlementResource),
    exclusions: await listAll<SubscriptionExclusion>(subscriptionExclusionResource),
    rules,
    leavers: await gatherLeavers(reader, rules, namespace),
    candidates: await listAll<RemovalCandidate>(removalCandidateResource),
    jobs: mergeRuns(jobs, await gatherRuns(reader, namespace)),
    moved: findMoved(all, await listAll<IntegrationProfile>(integrationProfileResource)),
  };
}

/** The subscriptions of this very profile, not of an earlier one of the same name. */
async function gatherSeats(reader: ClusterReader, profile: IntegrationProfile): Promise<ReclaimSeat[]> {
  return collect(
    () => reader.pages<SoftwareSubscription>(softwareSubscriptionResource, { ...selectSubscriptions(profile), limit: pageSize }),
    (each) => (isOwned(each, profile) ? [toReclaimSeat(each)] : []),
  );
}

/** Of every object of a list, what is kept; a list that broke off is begun anew. */
async function collect<T, Kept>(open: () => AsyncIterable<T[]>, keep: (object: T) => Kept[]): Promise<Kept[]> {
  for (let tried = 1; ; tried += 1) {
    try {
      const kept: Kept[] = [];
      for await (const page of open()) kept.push(...page.flatMap(keep));
      return kept;
    } catch (error) {
      if (tried === tries || !(error instanceof OperatorError) || error.failure.kind !== 'Retryable') throw error;
      await delay(waitMs * tried);
    }
  }
}
