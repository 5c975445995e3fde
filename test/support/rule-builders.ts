import { defineReclamationRule, type ReclamationRule, type ReclamationRuleSpec, type ReclamationRuleStatus } from '../../operator/api/reclamation-rule.ts';
import { sha256 } from '../../operator/api/sha256.ts';
import { formOf, reviewId } from '../../operator/licensing/reclaim/review.ts';
import type { RemovalCandidate, RemovalCandidateSpec, RemovalCandidateStatus } from '../../operator/api/removal-candidate.ts';

/** A ReclamationRule as the API server stores it: all defaults filled in. */
export function aReclamationRule(
  change: { name?: string; generation?: number; annotations?: Record<string, string>; confirmed?: boolean; spec?: Partial<ReclamationRuleSpec>; status?: ReclamationRuleStatus } = {},
): ReclamationRule {
  const filled = defineReclamationRule().spec.parse({ profileRef: { name: 'pagerduty' }, action: 'Remove', ...change.spec }) as ReclamationRuleSpec;
  const rule = {
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
  return change.confirmed === true ? confirmRule(rule) : rule;
}

/** As a person does who has read the rule as it is now. */
export function confirmRule<T extends Pick<ReclamationRule, 'metadata' | 'spec'>>(rule: T): T {
  rule.spec.confirmedRule = reviewId(formOf(rule), sha256);
  return rule;
}

/** As a person does who edits a rule: one that was confirmed is confirmed anew, unless the edit is about that. */
export function editAndConfirm(rule: Pick<ReclamationRule, 'metadata' | 'spec'>, edit: (spec: ReclamationRuleSpec) => void): void {
  const { confirmedRule } = rule.spec;
  edit(rule.spec);
  if (confirmedRule !== undefined && rule.spec.confirmedRule === confirmedRule) confirmRule(rule);
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
