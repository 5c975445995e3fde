import { sha256 } from '../../api/sha256.ts';
import type { ReclamationRule, ReclamationRuleSpec, ReclamationRuleStatus } from '../../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { AuditEntry } from '../../audit/trail.ts';
import { changesBetween, describeChanges, type ApprovalChange } from '../../licensing/approval.ts';
import { changesSinceConfirmed, decideReview, isConfirmed, formOf, type RuleReview } from '../../licensing/reclaim/review.ts';
import { isTrue, isUnknown, type ConditionPart } from '../conditions.ts';

/** Changes that a message names; status.review.changes has all of them. */
const mostNamed = 5;

const howToConfirm = 'Read the rule, then set spec.confirmedRule to its status.review.id.';

/** Whether a person has confirmed the rule as it is now: its spec alone decides. */
export function isRuleConfirmed(rule: Pick<ReclamationRule, 'metadata' | 'spec'>): boolean {
  return isConfirmed(formOf(rule), sha256);
}

export function reviewOf(rule: ReclamationRule): RuleReview {
  return decideReview(formOf(rule), rule.status?.review, sha256);
}

export function confirmedPart({ spec }: Pick<ReclamationRule, 'spec'>, review: RuleReview): ConditionPart {
  if (spec.confirmedRule === review.id) return isTrue('Confirmed', 'Confirmed', 'A person has confirmed the rule as it is now (spec.confirmedRule).');
  if (spec.confirmedRule === undefined) return { type: 'Confirmed', status: 'False', reason: 'NotConfirmed', message: `Nobody has confirmed the rule, so nothing is reclaimed. ${howToConfirm}` };
  const message = `The rule is not the one that was confirmed, so nothing is reclaimed. ${describeSince(changesSinceConfirmed({ spec }, review))} ${howToConfirm}`;
  return { type: 'Confirmed', status: 'False', reason: 'RuleChangedSinceConfirmed', message };
}

function describeSince(changes: readonly ApprovalChange[] | undefined): string {
  if (changes === undefined || changes.length === 0) return 'The operator no longer has the confirmed form and cannot show what changed: compare the rule with the version that was approved.';
  const more = changes.length - mostNamed;
  return `${describeChanges(changes.slice(0, mostNamed))}${more > 0 ? `; ${more} more in status.review.changes` : ''}.`;
}

/** Says whether the present plan is the confirmed one, and how many open candidates the confirmed plan does not name (D1). */
export function planConfirmedPart({ confirmedPlan }: Pick<ReclamationRuleSpec, 'confirmedPlan'>, hash: string | undefined, open: readonly RemovalCandidate[]): ConditionPart[] {
  if (confirmedPlan === undefined) return [];
  if (hash === undefined) return [isUnknown('PlanConfirmed', 'NotYetEvaluated', 'The rule has not been evaluated yet, so there is no plan to compare with spec.confirmedPlan.')];
  if (confirmedPlan === hash) return [isTrue('PlanConfirmed', 'PlanConfirmed', 'The plan is the one that was confirmed (spec.confirmedPlan).')];
  const outside = open.filter(({ status }) => status?.planHash !== confirmedPlan).length;
  const message = `The plan is ${hash}, and spec.confirmedPlan is ${confirmedPlan}: ${outside} of ${open.length} open candidates are not part of the confirmed plan and are not reclaimed. Read saaslicense plan, then set spec.confirmedPlan to its hash.`;
  return [{ type: 'PlanConfirmed', status: 'False', reason: 'PlanChanged', message }];
}

/**
 * Returns what the audit trail records when a rule comes to be confirmed in a new form, or when an edit makes a confirmation void. What was
 * before is known from status; where that was lost, a confirmation is recorded twice rather than never.
 */
export function confirmationEntry(rule: ReclamationRule, review: RuleReview): AuditEntry | undefined {
  const { spec, status, metadata } = rule;
  const before = status?.review;
  const was = isTold(status) ? before?.id : undefined;
  const is = spec.confirmedRule === review.id ? review.id : undefined;
  if (was === is) return undefined;
  const about = { profile: spec.profileRef.name, rule: metadata.name, actor: 'operator' };
  if (is !== undefined) return { ...about, event: 'RuleConfirmed', data: { id: is, ...describeEach(changesSince(before, review)) } };
  return { ...about, event: 'RuleConfirmationVoid', data: { id: was ?? '', present: review.id, ...describeEach(review.changes ?? []) } };
}

/** Whether status says that the rule, in the form that it describes, is confirmed. */
function isTold(status: ReclamationRuleStatus | undefined): boolean {
  return status?.conditions?.some(({ type, status: state }) => type === 'Confirmed' && state === 'True') === true;
}

/** From the form that was confirmed before to the one that is now. */
function changesSince(before: ReclamationRuleStatus['review'], { confirmed }: RuleReview): ApprovalChange[] {
  return before?.confirmed === undefined || confirmed === undefined ? [] : changesBetween(before.confirmed.facts, confirmed.facts);
}

function describeEach(changes: readonly ApprovalChange[]): Record<string, string> {
  if (changes.length === 0) return {};
  return { changed: changes.map(({ field }) => field).join(', '), ...Object.fromEntries(changes.map((change) => [change.field, describeChanges([change])])) };
}
