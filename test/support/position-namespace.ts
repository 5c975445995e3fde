import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { CandidateState, RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { SoftwareEntitlement } from '../../operator/api/software-entitlement.ts';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import type { SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import type { SubscriptionExclusion } from '../../operator/api/subscription-exclusion.ts';
import type { NamespaceObjects } from '../../operator/cli/position/cluster-reader.ts';
import { recordSnapshot } from '../../operator/cli/position/record-snapshot.ts';
import type { Snapshot } from '../../operator/cli/position/snapshot-schema.ts';
import { toReclaimSeat } from '../../operator/licensing/reclaim/seat.ts';
import { createProviders, providerByType } from '../../operator/providers/registry.ts';
import { aProfile } from './builders.ts';
import { aModel, anEntitlement, anExclusion, aRule, aSubscription } from './position-builders.ts';
import { aResult } from './profile-fixtures.ts';

/** Every figure of this namespace is of this time. */
export const namespaceTime = '2026-11-24T12:00:00Z';
export const namespaceNow = Date.parse(namespaceTime);
const dayMs = 86_400_000;
const daysBefore = (days: number): string => new Date(namespaceNow - days * dayMs).toISOString();

/** Evidence reaches back this many days: longer than the default threshold of 60, shorter than 120. */
export const evidenceDays = 100;

/** The objects of a namespace with two accounts, one paid in USD and EUR, the other in EUR. */
export interface NamespaceFixture {
  readonly profiles: IntegrationProfile[];
  readonly subscriptions: SoftwareSubscription[];
  readonly models: SoftwareModel[];
  readonly entitlements: SoftwareEntitlement[];
  readonly exclusions: SubscriptionExclusion[];
  readonly rules: ReclamationRule[];
  readonly candidates: RemovalCandidate[];
}

/**
 * So many subscriptions, two thirds of them in the first account. Addresses are in every place in which a user or the vendor could put
 * one, so that a test can see that none comes out.
 */
export function aNamespace(subscriptions = 60): NamespaceFixture {
  const [first, second] = [aWatchedProfile('pagerduty'), aWatchedProfile('pagerduty-emea')];
  return {
    profiles: [first, second],
    subscriptions: Array.from({ length: subscriptions }, (_, index) => subscriptionOf(index, index % 3 === 2 ? 'pagerduty-emea' : 'pagerduty')),
    models: [
      aModel({ name: 'pd-business', status: { monthlyPeaks: [{ month: '2026-10', used: 30, active: 20 }] } }),
      aModel({ name: 'pd-stakeholder', spec: { edition: 'Stakeholder', subscriptionIdentifiers: ['PLIC002'], roleGroup: 'Stakeholder' } }),
      aModel({ name: 'emea-business', spec: { profileRef: { name: 'pagerduty-emea' } } }),
    ],
    entitlements: [
      anEntitlement({ name: 'pd-business-2026', spec: { modelRef: { name: 'pd-business' }, purchasedRights: 40, billing: 'AnnualCommit', endDate: '2026-12-31', costCenter: 'cc-100 ola.nordmann@example.com', renewal: { noticeDays: 60, bufferPercent: 10 } } }),
      anEntitlement({ name: 'pd-stakeholder', spec: { modelRef: { name: 'pd-stakeholder' }, purchasedRights: 3, unitCost: { amountMinor: 950, currency: 'EUR' } } }),
      anEntitlement({ name: 'emea-business', spec: { modelRef: { name: 'emea-business' }, purchasedRights: 10, unitCost: { amountMinor: 3900, currency: 'EUR' } } }),
      anEntitlement({ name: 'of-nothing', spec: { modelRef: { name: 'not-found-yet' } } }),
    ],
    exclusions: [
      anExclusion({ name: 'person-4-is-on-leave', spec: { user: { userPrincipalName: 'Person.4@Example.com', kind: 'Person' } } }),
      // Person 27 has another address in the company; this is the one at the vendor.
      anExclusion({ name: 'by-alias', spec: { user: { userPrincipalName: 'person.27@example.com', kind: 'Person' }, until: '2027-02-01T00:00:00Z' } }),
      anExclusion({ name: 'long-over', spec: { user: { userPrincipalName: 'person.7@example.com', kind: 'Person' }, until: '2026-11-01T00:00:00Z' } }),
    ],
    rules: [aRule('emea', { lastActivityThresholdDays: 45, profileRef: { name: 'pagerduty-emea' } })],
    candidates: [aCandidate(1, 'AwaitingApproval'), aCandidate(3, 'ClosedComplete', daysBefore(20)), aCandidate(6, 'ClosedSkipped', daysBefore(5))],
  };
}

/** Those objects as a cluster gives them to these commands. */
export function toNamespaceObjects({ profiles, subscriptions, ...rest }: NamespaceFixture): NamespaceObjects {
  const seatsOf = ({ metadata }: IntegrationProfile) => subscriptions.filter(({ spec }) => spec.profileRef.name === metadata.name).map(toReclaimSeat);
  return { ...rest, leavers: new Map(), jobs: [], moved: new Set(), profiles: profiles.map((profile) => ({ profile, seats: seatsOf(profile) })) };
}

const providers = createProviders();
export const signalsOf = (type: string) => providerByType(providers, type)?.signals ?? [];

/** Recorded data of those objects. */
export function aSnapshot(fixture: NamespaceFixture = aNamespace(), change: { readonly withPeople?: boolean; readonly at?: number; readonly leavers?: NamespaceObjects['leavers'] } = {}): Snapshot {
  const objects = { ...toNamespaceObjects(fixture), ...(change.leavers === undefined ? {} : { leavers: change.leavers }) };
  return recordSnapshot(objects, { at: change.at ?? namespaceNow, namespace: 'team-a', withPeople: change.withPeople ?? false, signalsOf });
}

function aWatchedProfile(name: string): IntegrationProfile {
  const window = { available: true, from: daysBefore(evidenceDays), to: daysBefore(0) };
  return aProfile({
    name,
    spec: { displayName: `Account of lena@example.com`, activitySignals: ['OnCall'], reconciliation: { periodHours: 168, teamPrecedence: ['Payments'] } },
    status: {
      lastRefreshTime: daysBefore(0.25),
      refresh: {
        subscriptions: aResult({ connection: name, licenseCount: 1, licenses: [{ identifier: 'PLIC001', name: 'Business', roleGroup: 'FullUser', subscriptions: 1, assigned: 30, available: 12 }] }),
        activity: aResult({ connection: name, signals: [{ name: 'OnCall', ...window }] }),
      },
    },
  });
}

/** Person `index`; some are in both accounts, some have another address in the company, some were never active. */
function subscriptionOf(index: number, profile: string): SoftwareSubscription {
  const isStakeholder = profile === 'pagerduty' && index % 10 === 9;
  // Person 41 has a second seat under the address of person 40.
  const person = index === 41 ? 39 : index;
  return aSubscription({
    name: `${profile}-p${index}`,
    spec: {
      profileRef: { name: profile },
      externalUserId: `P${index}`,
      displayName: `Robin Example ${index}`,
      userPrincipalName: `Person.${person}@example.com`,
      subscriptionIdentifier: licenceOf(index, isStakeholder),
      role: isStakeholder ? 'observer' : 'user',
      roleGroup: isStakeholder ? 'Stakeholder' : 'FullUser',
      invitationPending: index % 17 === 16,
      ...teamsOf(index),
      ...(index % 11 === 5 ? { resolvedEmail: `robin.${index}@company.example` } : {}),
      // Of a hidden date the API server's own time of creation would count, which a test cannot set.
      assignedAt: daysBefore(index % 13 === 12 ? 20 : 400),
    },
    status: activityOf(index, isStakeholder),
  });
}

/** One in 29 has a licence that no model claims. */
function licenceOf(index: number, isStakeholder: boolean): string {
  if (isStakeholder) return 'PLIC002';
  return index % 29 === 28 ? 'PLIC999' : 'PLIC001';
}

function teamsOf(index: number): { teams?: string[] } {
  if (index % 4 === 0) return {};
  // Of several teams, that of teamPrecedence counts, which is not the first.
  return { teams: [['Payments'], ['Database', 'sre@example.com'], ['Analytics', 'Payments']][(index % 4) - 1]! };
}

function activityOf(index: number, isStakeholder: boolean): NonNullable<SoftwareSubscription['status']> {
  if (isStakeholder) return { activity: 'Unknown' };
  const evidenceFrom = daysBefore(evidenceDays);
  if (index % 6 === 3) return { activity: 'Never', evidenceFrom };
  return { activity: 'Recorded', lastActivity: { time: daysBefore((index * 7) % 130), signal: 'OnCall' }, evidenceFrom };
}

function aCandidate(index: number, state: CandidateState, closedAt?: string): RemovalCandidate {
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'RemovalCandidate',
    metadata: { name: `candidate-${index}`, namespace: 'team-a', uid: `candidate-${index}`, resourceVersion: '1' },
    spec: {
      subject: {
        profileRef: { name: 'pagerduty' },
        ruleRef: { name: 'emea' },
        subscriptionRef: { name: `pagerduty-p${index}` },
        externalUserId: `P${index}`,
        displayName: `Robin Example ${index}`,
        userPrincipalName: `Person.${index}@example.com`,
        subscriptionIdentifier: 'PLIC001',
        role: 'user',
        action: 'Remove',
      },
      justification: 'LowUsage',
      assignmentGroup: 'Software managers',
    },
    status: {
      state,
      openedAt: daysBefore(30),
      ...(closedAt === undefined ? {} : { closedAt }),
      evidence: { inactiveDays: 77, thresholdDays: 60, windowFrom: daysBefore(evidenceDays), windowTo: daysBefore(0) },
    },
  };
}
