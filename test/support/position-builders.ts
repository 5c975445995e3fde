import type { ObjectMeta } from '../../operator/api/meta.ts';
import type { ReclamationRule, ReclamationRuleSpec } from '../../operator/api/reclamation-rule.ts';
import type { SoftwareEntitlement, SoftwareEntitlementSpec, SoftwareEntitlementStatus } from '../../operator/api/software-entitlement.ts';
import type { SoftwareModel, SoftwareModelSpec, SoftwareModelStatus } from '../../operator/api/software-model.ts';
import type { SoftwareSubscription, SoftwareSubscriptionSpec, SoftwareSubscriptionStatus } from '../../operator/api/software-subscription.ts';
import type { SubscriptionExclusion, SubscriptionExclusionSpec, SubscriptionExclusionStatus } from '../../operator/api/subscription-exclusion.ts';

function meta(name: string, change: Partial<ObjectMeta> = {}): ObjectMeta {
  return { name, namespace: 'team-a', uid: `uid-${name}`, resourceVersion: '1', generation: 1, ...change };
}

/** A SoftwareModel of the profile `pagerduty`. */
export function aModel(
  change: { name?: string; metadata?: Partial<ObjectMeta>; spec?: Partial<SoftwareModelSpec>; status?: SoftwareModelStatus } = {},
): SoftwareModel {
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'SoftwareModel',
    metadata: meta(change.name ?? 'pagerduty-business', change.metadata),
    spec: {
      profileRef: { name: 'pagerduty' },
      publisher: 'PagerDuty',
      product: 'PagerDuty',
      edition: 'Business',
      subscriptionIdentifiers: ['PLIC001'],
      roleGroup: 'FullUser',
      ...change.spec,
    },
    ...(change.status === undefined ? {} : { status: change.status }),
  };
}

/** 100 rights of `pagerduty-business` at $41.00 a month since the start of 2026. */
export function anEntitlement(
  change: { name?: string; spec?: Partial<SoftwareEntitlementSpec>; status?: SoftwareEntitlementStatus } = {},
): SoftwareEntitlement {
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'SoftwareEntitlement',
    metadata: meta(change.name ?? 'business-2026'),
    spec: {
      modelRef: { name: 'pagerduty-business' },
      purchasedRights: 100,
      unitCost: { amountMinor: 4100, currency: 'USD' },
      period: 'Month',
      billing: 'MonthlyPeak',
      startDate: '2026-01-01',
      ...change.spec,
    },
    ...(change.status === undefined ? {} : { status: change.status }),
  };
}

/** A person who is out until the end of the year. */
export function anExclusion(
  change: { name?: string; metadata?: Partial<ObjectMeta>; spec?: Partial<SubscriptionExclusionSpec>; status?: SubscriptionExclusionStatus } = {},
): SubscriptionExclusion {
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'SubscriptionExclusion',
    metadata: meta(change.name ?? 'on-leave', change.metadata),
    spec: { user: { userPrincipalName: 'Sam.Rivera@example.com', kind: 'Person' }, reason: 'Parental leave', until: '2027-01-01T00:00:00Z', ...change.spec },
    ...(change.status === undefined ? {} : { status: change.status }),
  };
}

/** A rule of the profile `pagerduty` with its threshold. */
export function aRule(name: string, change: Pick<ReclamationRuleSpec, 'lastActivityThresholdDays'> & Partial<ReclamationRuleSpec>): ReclamationRule {
  // Of a rule only these fields matter to the position.
  return { metadata: meta(name), spec: { profileRef: { name: 'pagerduty' }, ...change } } as ReclamationRule;
}

/** A subscription of the profile `pagerduty`, last active on 20 November. */
export function aSubscription(
  change: { name?: string; spec?: Partial<SoftwareSubscriptionSpec>; status?: SoftwareSubscriptionStatus } = {},
): SoftwareSubscription {
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'SoftwareSubscription',
    metadata: meta(change.name ?? 'pagerduty-p1'),
    spec: {
      profileRef: { name: 'pagerduty' },
      externalUserId: 'P1',
      displayName: 'Sam Rivera',
      userPrincipalName: 'Sam.Rivera@example.com',
      publisher: 'PagerDuty',
      product: 'PagerDuty',
      subscriptionIdentifier: 'PLIC001',
      role: 'user',
      roleGroup: 'FullUser',
      invitationPending: false,
      ...change.spec,
    },
    status: change.status ?? {
      activity: 'Recorded',
      lastActivity: { time: '2026-11-20T08:00:00Z', signal: 'OnCall' },
      evidenceFrom: '2026-09-25T00:00:00Z',
    },
  };
}
