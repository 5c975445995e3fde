import { defineReclamationRule, type ReclamationRule, type ReclamationRuleSpec, type ReclamationRuleStatus } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate, RemovalCandidateSpec, RemovalCandidateStatus } from '../../operator/api/removal-candidate.ts';

/** A ReclamationRule as the API server stores it: all defaults filled in. */
export function aReclamationRule(
  change: { name?: string; generation?: number; annotations?: Record<string, string>; spec?: Partial<ReclamationRuleSpec>; status?: ReclamationRuleStatus } = {},
): ReclamationRule {
  const filled = defineReclamationRule().spec.parse({ profileRef: { name: 'pagerduty' }, action: 'Remove', ...change.spec }) as ReclamationRuleSpec;
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'ReclamationRule',
    metadata: {
      name: change.name ?? 'business',
      namespace: 'team-a',
      uid: `uid-rule-${change.name ?? 'business'}`,
      resourceVersion: '1',
      generation: change.generation ?? 1,
      ...(change.annotations === undefined ? {} : { annotations: change.annotations }),
    },
    spec: filled,
    ...(change.status === undefined ? {} : { status: change.status }),
  };
}

/** A RemovalCandidate of the rule `business`, about Sam Rivera. */
export function aCandidate(
  change: { name?: string; subject?: Partial<RemovalCandidateSpec['subject']>; spec?: Partial<RemovalCandidateSpec>; status?: RemovalCandidateStatus } = {},
): RemovalCandidate {
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'RemovalCandidate',
    metadata: { name: change.name ?? 'pagerduty-p1.1', namespace: 'team-a', uid: `uid-${change.name ?? 'pagerduty-p1.1'}`, resourceVersion: '1', generation: 1 },
    spec: {
      subject: {
        profileRef: { name: 'pagerduty' },
        ruleRef: { name: 'business' },
        subscriptionRef: { name: 'pagerduty-p1' },
        externalUserId: 'P1',
        displayName: 'Sam Rivera',
        userPrincipalName: 'Sam.Rivera@example.com',
        subscriptionIdentifier: 'PLIC001',
        role: 'user',
        action: 'Remove',
        ...change.subject,
      },
      justification: 'LowUsage',
      assignmentGroup: 'Software managers',
      ...change.spec,
    },
    ...(change.status === undefined ? {} : { status: change.status }),
  };
}
