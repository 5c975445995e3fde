import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import { confirmRule } from '../support/rule-builders.ts';

type Rule = Pick<ReclamationRule, 'metadata' | 'spec'>;

/** What people saw when they confirmed, by the id that they wrote down: the oracle's own memory, made by nothing of the operator. */
const seen = new Map<string, string>();

/** A person reads the rule and confirms it. */
export function confirmAsSeen(rule: Rule): void {
  confirmRule(rule);
  seen.set(rule.spec.confirmedRule ?? '', textOf(rule));
}

/** Whether somebody saw the rule as it is now, and confirmed what they saw. */
export function isAsConfirmed(rule: Rule): boolean {
  return rule.spec.confirmedRule !== undefined && seen.get(rule.spec.confirmedRule) === textOf(rule);
}

/** All but what decides nothing about a person. */
function textOf({ metadata: { name }, spec }: Rule): string {
  const { confirmedRule: _rule, confirmedPlan: _plan, suspend: _suspend, assignmentGroup: _group, closedRetentionDays: _days, ...decisive } = spec;
  const fields = Object.entries(decisive).filter(([, value]) => value !== undefined);
  return JSON.stringify([name, fields.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
