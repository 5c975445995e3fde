import { defineReclamationRule, type ReclamationRule, type ReclamationRuleSpec, type ReclamationRuleStatus } from '../../api/reclamation-rule.ts';
import { toStructuralSchema, type StructuralSchema } from '../../api/structural-schema.ts';
import { approvalId, changesBetween, type ApprovalChange, type ApprovalFact, type Digest } from '../approval.ts';
import { canonicalText, hashName } from '../hash.ts';
import { hideAddresses, storable } from '../text.ts';

/** The form of a rule that a person reads and confirms. */
export interface RuleForm {
  readonly name: string;
  /** With its defaults, as the API server stores it. */
  readonly spec: ReclamationRuleSpec;
}

/** Fields that decide neither who is touched, nor what is done to them, how they are asked, or how fast. */
const apart: readonly (keyof ReclamationRuleSpec)[] = ['confirmedRule', 'confirmedPlan', 'suspend', 'assignmentGroup', 'closedRetentionDays'];

/** UTF-16 units of a fact in status, which the schema counts in code points. */
const longestShown = 512;

const schema: StructuralSchema = toStructuralSchema(defineReclamationRule().spec, 'spec');

/** Returns what a person confirms of a rule: its name, and a fact for each field that decides (guard 1). The order in a set means nothing. */
export function reviewFacts({ name, spec }: RuleForm): ApprovalFact[] {
  const decisive = Object.entries(spec).filter(([field, value]) => value !== undefined && !apart.some((one) => one === field));
  const facts = decisive.map(([field, value]) => ({ field: `spec.${field}`, value: toText(inOrder(value, schema.properties?.[field])) }));
  return [{ field: 'metadata.name', value: name }, ...facts].toSorted((a, b) => (a.field < b.field ? -1 : 1));
}

/** Returns the id of a rule's present form: what `spec.confirmedRule` has to equal before anything is reclaimed. */
export function reviewId(rule: RuleForm, digest: Digest): string {
  return approvalId(reviewFacts(rule), digest);
}

/** Whether a person has confirmed the rule as it is now. It asks the spec alone: no memory in status is ever permission. */
export function isConfirmed(rule: RuleForm, digest: Digest): boolean {
  return rule.spec.confirmedRule !== undefined && rule.spec.confirmedRule === reviewId(rule, digest);
}

/** Returns the present form of a rule. */
export function formOf({ metadata, spec }: Pick<ReclamationRule, 'metadata' | 'spec'>): RuleForm {
  return { name: metadata.name, spec };
}

export type RuleReview = NonNullable<ReclamationRuleStatus['review']>;

/**
 * Returns what status says of the review. It remembers the form that was last seen confirmed, so that after an edit a person sees what
 * changed since; a lost memory costs that explanation, and nothing else.
 */
export function decideReview(rule: RuleForm, before: RuleReview | undefined, digest: Digest): RuleReview {
  const id = reviewId(rule, digest);
  const facts = reviewFacts(rule).map(toShown);
  const confirmed = rule.spec.confirmedRule === id ? { id, facts } : before?.confirmed;
  const changes = confirmed === undefined ? [] : changesBetween(confirmed.facts, facts);
  return { id, ...(confirmed === undefined ? {} : { confirmed }), ...(changes.length === 0 ? {} : { changes }) };
}

/** Returns the changes since the form that `spec.confirmedRule` names; undefined when that form is not remembered. */
export function changesSinceConfirmed({ spec }: Pick<RuleForm, 'spec'>, { confirmed, changes = [] }: RuleReview): readonly ApprovalChange[] | undefined {
  return confirmed !== undefined && confirmed.id === spec.confirmedRule ? changes : undefined;
}

/** A fact as status may hold it: without addresses (guard 7), cut to its limit; two values that differ stay two. */
function toShown({ field, value }: ApprovalFact): ApprovalFact {
  const hidden = hideAddresses(value);
  if (hidden === value && value.length <= longestShown) return { field, value: storable(value, longestShown) };
  const mark = ` #${hashName(value)}`;
  return { field, value: `${storable(hidden, longestShown - mark.length)}${mark}` };
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : canonicalText(value);
}

/** The value with its sets sorted: the API server keeps the order in which a set was written, and nothing depends on it. */
function inOrder(value: unknown, known: StructuralSchema | undefined): unknown {
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => inOrder(item, known?.items));
    return known?.['x-kubernetes-list-type'] === 'set' ? items.toSorted((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, member]) => [field, inOrder(member, known?.properties?.[field])]));
}
