import { apiVersion, labels, product } from '../../operator/api/group.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import { reclamationRuleResource } from '../../operator/api/reclamation-rule.ts';
import { softwareEntitlementResource } from '../../operator/api/software-entitlement.ts';
import { softwareModelResource } from '../../operator/api/software-model.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import type { WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { aProfile } from '../support/builders.ts';
import { anEntitlement, aSubscription } from '../support/position-builders.ts';
import { aResult } from '../support/profile-fixtures.ts';

export const namespace = 'bench-position';
export const profileName = 'pagerduty';
const licences = 4;
const dayMs = 86_400_000;
/** Activity is known for so many days. */
const watchedDays = 120;

/** Names of the models of the account, one for each of its licences. */
export const modelNames: readonly string[] = Array.from({ length: licences }, (_, index) => `pagerduty-business-${index}`);

/**
 * A profile as its refreshes leave it: subscriptions with activity, models and entitlements; and two rules for each profile
 * of the namespace. The refresh is told last, so that an operator that runs already counts only once all is there.
 */
export async function createAccount(client: WatchingClient, users: number): Promise<void> {
  const { spec } = aProfile({ spec: { publish: false } });
  const profile = await client.create<IntegrationProfile>(integrationProfileResource, { ...named('IntegrationProfile', profileName), spec });
  await createSubscriptions(client, profile, users);
  await createRules(client);
  for (const [index, name] of modelNames.entries()) {
    const modelSpec = { profileRef: { name: profileName }, publisher: 'PagerDuty', product: 'PagerDuty', subscriptionIdentifiers: [licenceOf(index)], roleGroup: 'FullUser' };
    await client.create(softwareModelResource, { ...named('SoftwareModel', name), spec: modelSpec } as KubernetesObject);
    const entitlement = { ...named('SoftwareEntitlement', `business-${index}`), spec: anEntitlement({ spec: { modelRef: { name } } }).spec };
    await client.create(softwareEntitlementResource, entitlement);
  }
  const window = { from: daysAgo(watchedDays), to: daysAgo(0) };
  const signals = spec.activitySignals.map((name) => ({ name, available: true, ...window }));
  const refresh = { subscriptions: aResult(), activity: aResult({ signals }) };
  await client.mergePatch(integrationProfileResource, { namespace, name: profileName }, { status: { refresh } }, { subresource: 'status' });
}

async function createRules(client: WatchingClient): Promise<void> {
  const names: string[] = [];
  for await (const page of client.pages(integrationProfileResource, { namespace })) names.push(...page.map(({ metadata }) => metadata.name));
  await concurrently(2 * names.length, async (index) => {
    const rule = { ...named('ReclamationRule', `rule-${index}`), spec: { profileRef: { name: names[index % names.length] }, action: 'Remove' } };
    await client.create(reclamationRuleResource, rule);
  });
}

async function createSubscriptions(client: WatchingClient, profile: IntegrationProfile, users: number): Promise<void> {
  await concurrently(users, async (index) => {
    const one = buildSubscription(index, profile);
    const { name } = one.metadata;
    const { status, ...subscription } = one;
    await client.create<SoftwareSubscription>(softwareSubscriptionResource, subscription);
    await client.mergePatch(softwareSubscriptionResource, { namespace, name }, { status }, { subresource: 'status' });
  });
}

/** As refreshes write it (operator/refresh/subscription-writer.ts); every third person was not active for more than 60 days. */
function buildSubscription(index: number, { metadata }: IntegrationProfile): SoftwareSubscription {
  const owner = { apiVersion, kind: 'IntegrationProfile', name: profileName, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: false };
  const { kind, spec } = aSubscription({
    spec: {
      externalUserId: `P${index}`,
      displayName: `Person ${index}`,
      userPrincipalName: `person.${index}@example.com`,
      subscriptionIdentifier: licenceOf(index % licences),
      edition: 'Business',
      teams: [`Team ${index % 40}`, `Team ${index % 7}`],
    },
  });
  return {
    apiVersion,
    kind: kind ?? '',
    metadata: { name: `pagerduty-p${index}`, namespace, labels: { [labels.profile]: profileName, [labels.managedBy]: product }, ownerReferences: [owner] },
    spec,
    status: { activity: 'Recorded', lastActivity: { time: daysAgo(10 + (index % 3) * 30), signal: 'OnCall' }, evidenceFrom: daysAgo(watchedDays) },
  };
}

function licenceOf(index: number): string {
  return `PLIC00${index}`;
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * dayMs).toISOString();
}

function named(kind: string, name: string): { apiVersion: string; kind: string; metadata: { name: string; namespace: string } } {
  return { apiVersion, kind, metadata: { name, namespace } };
}

async function concurrently(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}
