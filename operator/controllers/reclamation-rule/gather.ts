import { Buffer } from 'node:buffer';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { ReclaimSeat } from '../../licensing/reclaim/facts.ts';
import { toReclaimSeat } from '../../licensing/reclaim/seat.ts';
import { isOwned, selectSubscriptions } from '../../licensing/subscription-owner.ts';
import { indexes, type ControllerDependencies } from '../dependencies.ts';
import { gatherScene, pageSize } from '../license-position/gather.ts';
import type { Secret } from '../secrets.ts';
import type { RuleScene } from './input.ts';

type Reading = Pick<ControllerDependencies, 'client'> & { readonly signal: AbortSignal };

/** Reads from caches what the rule is decided from; of Secrets, which no cache holds, the one with those who left. */
export async function gatherRule(rule: ReclamationRule, dependencies: ControllerDependencies, signal: AbortSignal): Promise<RuleScene> {
  const { stores, providers } = dependencies;
  const namespace = rule.metadata.namespace ?? '';
  const key = `${namespace}/${rule.spec.profileRef.name}`;
  const profile = stores.profiles.get(key);
  const runs = profile === undefined ? { isRefreshing: false, isHalfWritten: false } : gatherScene(profile, dependencies);
  return {
    rule,
    profile,
    provider: profile === undefined ? undefined : providers.get(profile.spec.type),
    models: stores.models.list(namespace),
    exclusions: stores.exclusions.list(namespace),
    candidates: stores.candidates.byIndex(indexes.byProfileName, key),
    siblings: stores.rules.byIndex(indexes.byProfileName, key).filter(({ metadata }) => metadata.name !== rule.metadata.name),
    isRefreshing: runs.isRefreshing,
    isHalfWritten: runs.isHalfWritten,
    leavers: await readLeavers(rule, { client: dependencies.client, signal }),
  };
}

/** Addresses in a Secret of leavers: they are read and compared for each candidate, and a Secret holds half a million lines (guard 12). */
export const mostLeavers = 20_000;

/** Addresses of the rule's Secret, in lower case; none without one; undefined where it is not there, lacks the key, or holds too many. */
export async function readLeavers({ metadata, spec }: ReclamationRule, { client, signal }: Reading): Promise<ReadonlySet<string> | undefined> {
  if (spec.leaversRef === undefined) return new Set();
  const secret = await client.get<Secret>(coreResources.Secret, { namespace: metadata.namespace ?? '', name: spec.leaversRef.name }, { signal });
  const encoded = secret?.data?.[spec.leaversRef.key];
  if (encoded === undefined) return undefined;
  const lines = Buffer.from(encoded, 'base64').toString('utf8').split(/\r?\n/);
  const leavers = new Set(lines.map((line) => line.trim().toLowerCase()).filter((line) => line !== '' && !line.startsWith('#')));
  return leavers.size > mostLeavers ? undefined : leavers;
}

/** The profile's seats, page by page. A list that breaks off fails: a part of it never passes for the whole (guard 6). */
export async function* readReclaimSeats(profile: IntegrationProfile, { client, signal }: Reading): AsyncGenerator<ReclaimSeat> {
  const options = { ...selectSubscriptions(profile), limit: pageSize, signal };
  for await (const page of client.pages<SoftwareSubscription>(softwareSubscriptionResource, options)) {
    for (const subscription of page) if (isOwned(subscription, profile)) yield toReclaimSeat(subscription);
  }
}
