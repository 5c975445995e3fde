import { apiVersion, labels, product } from '../../operator/api/group.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import { reclamationRuleResource } from '../../operator/api/reclamation-rule.ts';
import { softwareEntitlementResource } from '../../operator/api/software-entitlement.ts';
import { softwareModelResource } from '../../operator/api/software-model.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { hashOf } from '../../operator/controllers/hash.ts';
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

/** The rules that have something to judge; all others have a profile that was never refreshed, and so nothing to judge. */
export const judgedRules: readonly string[] = ['judged-large', 'judged-small'];
/** Whom the second one is for. */
const smallTeam = 'Team 1';

/** Names of the models of the account, one for each of its licences. */
export const modelNames: readonly string[] = Array.from({ length: licences }, (_, index) => `pagerduty-business-${index}`);

/**
 * A published profile as its refreshes leave it: subscriptions with activity, models and entitlements; and two rules for each profile
 * of the namespace. The refresh is told last, so that an operator that runs already counts only once all is there. There
 * is no alias, so nothing can be asked of a vendor.
 */
export async function createAccount(client: WatchingClient, users: number): Promise<void> {
  const { spec } = aProfile({ spec: { publish: true, reclaimSubscriptions: true } });
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
  const time = daysAgo(0);
  const result = aResult({ startTime: time, completionTime: time, lastSuccessTime: time, connection });
  const status = {
    state: 'Published',
    publishedDownloadActivity: true,
    validation: { id: `${connection}-${hashOf(['DownloadSubscriptions', 'PullUserActivity'], 6)}`, time, passed: true },
    refresh: { subscriptions: result, activity: { ...result, signals } },
  };
  await client.mergePatch(integrationProfileResource, { namespace, name: profileName }, { status }, { subresource: 'status' });
}

/** What stands for a connection that was validated. */
const connection = 'bench';

async function createRules(client: WatchingClient): Promise<void> {
  const names: string[] = [];
  for await (const page of client.pages(integrationProfileResource, { namespace })) names.push(...page.map(({ metadata }) => metadata.name));
  const others = names.filter((name) => name !== profileName);
  await concurrently(2 * others.length, async (index) => {
    const rule = { ...named('ReclamationRule', `rule-${index}`), spec: { profileRef: { name: others[index % others.length] }, action: 'Remove' } };
    await client.create(reclamationRuleResource, rule);
  });
  const narrow = [{}, { appliesTo: { teams: [smallTeam] } }];
  for (const [index, name] of judgedRules.entries()) {
    const limits = { maxCandidateRatio: 100, maxPercent: 100 };
    const common = { profileRef: { name: profileName }, softwareModelRef: { name: modelNames[index] }, action: 'Remove', mode: 'Propose', limits };
    await client.create(reclamationRuleResource, { ...named('ReclamationRule', name), spec: { ...common, ...narrow[index] } });
  }
}

/** Candidates that the judged rules have to make: the inactive ones of the first model, and those of one team of the second. */
export function candidatesOf(users: number): number {
  const isCandidate = (index: number): boolean => idleDays(index) > 60 && (index % licences === 0 || (index % licences === 1 && teamsOf(index).includes(smallTeam)));
  return Array.from({ length: users }, (_, index) => index).filter(isCandidate).length;
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
      assignedAt: daysAgo(400),
      teams: teamsOf(index),
    },
  });
  return {
    apiVersion,
    kind: kind ?? '',
    metadata: { name: `pagerduty-p${index}`, namespace, labels: { [labels.profile]: profileName, [labels.managedBy]: product }, ownerReferences: [owner] },
    spec,
    status: { activity: 'Recorded', lastActivity: { time: daysAgo(idleDays(index)), signal: 'OnCall' }, evidenceFrom: daysAgo(watchedDays) },
  };
}

function teamsOf(index: number): string[] {
  return [...new Set([`Team ${index % 40}`, `Team ${index % 7}`])];
}

function idleDays(index: number): number {
  return 10 + (index % 3) * 30;
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
