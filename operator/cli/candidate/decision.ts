import type { RemovalCandidate, Verdict } from '../../api/removal-candidate.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';

/** What a person writes into spec.decision. */
export interface Decision {
  readonly verdict: Verdict;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  readonly reason: string;
  /** The decisionId that the person has seen; what takes nothing away needs none. */
  readonly confirms?: string;
}

/** Why the decision cannot be made on this candidate; undefined when it can. */
export function findRefusal({ status }: RemovalCandidate, verdict: Verdict): string | undefined {
  const state = status?.state;
  if (isClosed(state)) return `it is closed (${state ?? ''}): nothing leads out of that`;
  if (verdict === 'ResumeReclaim' && state !== 'AttentionRequired') return `it is ${state ?? 'new'}, and only what is AttentionRequired can be resumed: decide --reclaim`;
  if (needsId(verdict) && status?.decisionId === undefined) return 'status.decisionId is not set yet: wait until the operator has processed the candidate';
  return undefined;
}

/** Whether a decision counts only for exactly what the person saw. */
export function needsId(verdict: Verdict): boolean {
  return verdict === 'Reclaim' || verdict === 'ResumeReclaim';
}

/** Candidates of a rule on which nobody has decided, that wait for it: Ready, as L13 has it, by name. */
export function readyOf(candidates: readonly RemovalCandidate[], rule: string): RemovalCandidate[] {
  const ready = candidates.filter(({ metadata, spec, status }) => spec.subject.ruleRef.name === rule && status?.state === 'Ready' && spec.decision === undefined && metadata.deletionTimestamp === undefined);
  return ready.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** What deciding on so many at once would come to, before it is done (L13). */
export function describeMany(candidates: readonly RemovalCandidate[], rule: string, verdict: Verdict): string {
  const removals = candidates.filter(({ spec }) => spec.subject.action === 'Remove').length;
  const actions = [
    ...(removals === 0 ? [] : [`${removals} to remove for good`]),
    ...(removals === candidates.length ? [] : [`${candidates.length - removals} to downgrade`]),
  ];
  const blocked = candidates.filter(({ status }) => (status?.blockerCount ?? 0) > 0).length;
  const stands = blocked === 0 ? '' : `; something is known to stand in the way of ${blocked}`;
  return `${candidates.length} candidate(s) of rule ${rule} are Ready and not decided on: ${actions.join(', ')}${stands}. The decision would be ${verdict}.`;
}
