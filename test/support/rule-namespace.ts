import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { aNamespace, namespaceTime, type NamespaceFixture } from './position-namespace.ts';
import { aCandidate, aReclamationRule } from './rule-builders.ts';

const dayMs = 86_400_000;
const daysBefore = (days: number): string => new Date(Date.parse(namespaceTime) - days * dayMs).toISOString();

/**
 * A namespace whose profiles are published and fresh, with rules that can be judged: `business` removes, `lesser` downgrades the
 * stakeholders' betters, `emea` is of the second account.
 */
export function aRuleNamespace(subscriptions = 120): NamespaceFixture {
  const base = aNamespace(subscriptions);
  return {
    ...base,
    profiles: base.profiles.map(publish),
    subscriptions: base.subscriptions.map(withEvidence),
    rules: ruleSet(),
    candidates: [...base.candidates, ...candidateSet()],
  };
}

function publish(profile: IntegrationProfile): IntegrationProfile {
  const { subscriptions, activity } = profile.status?.refresh ?? {};
  const run = { result: 'Succeeded' as const, lastSuccessTime: daysBefore(0.2) };
  return {
    ...profile,
    spec: { ...profile.spec, publish: true },
    status: { ...profile.status, state: 'Published', refresh: { subscriptions: { ...subscriptions!, ...run }, activity: { ...activity!, ...run } } },
  };
}

function withEvidence(subscription: SoftwareSubscription, index: number): SoftwareSubscription {
  const last = subscription.status?.lastActivity;
  return {
    ...subscription,
    spec: { ...subscription.spec, ...(index % 5 === 0 ? { jobTitle: 'Site Reliability Engineer' } : {}), ...(index % 37 === 1 ? { role: 'admin' } : {}) },
    status: { ...subscription.status, ...(last === undefined ? {} : { evidence: [{ ...last, source: '/oncalls' }] }) },
  };
}

function ruleSet(): ReclamationRule[] {
  const limits = { maxPerRun: 10, maxPercent: 50, maxCandidateRatio: 100, minAdmins: 1 };
  return [
    aReclamationRule({ name: 'business', confirmed: true, spec: { softwareModelRef: { name: 'pd-business' }, lastActivityThresholdDays: 60, limits, protect: { tags: [], jobTitles: ['Site Reliability Engineer'] } } }),
    aReclamationRule({
      name: 'lesser',
      spec: {
        action: 'Downgrade',
        downgradeTo: { role: 'read_only_user', subscriptionIdentifier: 'PLIC002' },
        lastActivityThresholdDays: 30,
        thresholdOverrides: [{ match: { teams: ['Payments'] }, lastActivityThresholdDays: 90 }],
        condition: "subscription.role != 'admin'",
        limits,
      },
    }),
    aReclamationRule({ name: 'emea', spec: { profileRef: { name: 'pagerduty-emea' }, lastActivityThresholdDays: 45, limits } }),
  ];
}

/** One open of each rule, and one that was kept. */
function candidateSet(): RemovalCandidate[] {
  const of = (name: string, index: number, more: Partial<RemovalCandidate>): RemovalCandidate => aCandidate({ name, subject: { subscriptionRef: { name: `pagerduty-p${index}` }, externalUserId: `P${index}`, displayName: `Robin Example ${index}`, userPrincipalName: `Person.${index}@example.com` }, ...more });
  return [
    of('open-21', 21, { status: { state: 'AwaitingApproval', openedAt: daysBefore(3), blockers: [{ kind: 'Schedule', name: 'Primary of robin.21@example.com' }], attempt: { id: 'a', number: 1, phase: 'Refused', holder: 'h', startedAt: daysBefore(0.1) } } }),
    of('kept-33', 33, { status: { state: 'ClosedSkipped', reason: 'Kept', openedAt: daysBefore(9), closedAt: daysBefore(4) } }),
  ];
}
