import { canonicalText } from './hash.ts';

/** One fact of what a person approves, as text that a person can read. */
export interface ApprovalFact {
  /** Such as `spec.lastActivityThresholdDays`, or `address`. */
  readonly field: string;
  readonly value: string;
}

/** A fact that is another one than when it was approved; the empty text = not there. */
export interface ApprovalChange {
  readonly field: string;
  readonly before: string;
  readonly now: string;
}

/** SHA-256 of a text as lower-case hexadecimal digits: `licensing` has none of its own. */
export type Digest = (text: string) => string;

const idDigits = 40;
const longestShown = 200;

/**
 * Returns the id of what a person sees: equal facts have the same id, whatever their order, and nobody can find other facts of the same id.
 * Whoever approves writes the id down; anything else than these facts is then not approved (docs/decisions/0012).
 */
export function approvalId(facts: readonly ApprovalFact[], digest: Digest): string {
  const pairs = facts.map(({ field, value }) => [field, value]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return digest(canonicalText(pairs)).slice(0, idDigits);
}

/** Returns what has changed between two sets of facts, in the order of their fields. */
export function changesBetween(before: readonly ApprovalFact[], now: readonly ApprovalFact[]): ApprovalChange[] {
  const [former, present] = [before, now].map((facts) => new Map(facts.map(({ field, value }) => [field, value])));
  const fields = [...new Set([...before, ...now].map(({ field }) => field))].toSorted();
  return fields
    .map((field) => ({ field, before: former?.get(field) ?? '', now: present?.get(field) ?? '' }))
    .filter((change) => change.before !== change.now);
}

/** Returns the changes for people: `action was Downgrade and is Remove`. */
export function describeChanges(changes: readonly ApprovalChange[]): string {
  return changes.map(({ field, before, now }) => `${field} was ${shown(before)} and is ${shown(now)}`).join('; ');
}

function shown(value: string): string {
  if (value === '') return 'not set';
  return value.length <= longestShown ? value : `${value.slice(0, longestShown)}…`;
}
