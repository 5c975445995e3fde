import { none, type CandidatePlan, type Move, type Standing } from './plan.ts';
import type { FullScene } from './obstacles.ts';

export const unresolvedText = 'The person has no e-mail address to be asked at: see spec.userResolution of the profile, or take spec.notify out of the rule.';
export const blockedText = 'Something at the vendor stands in the way: status.blockers names it, and it is looked at again every hour.';

/** A plan that is a move, after which the next state decides at once. */
export function moved(move: Move, change: CandidatePlan['change'] = {}): CandidatePlan {
  return { move, change, effect: none, standing: { kind: 'Waiting', reason: move.reason, message: move.text }, requeueAfterMs: 0 };
}

/** A move to AttentionRequired. */
export function obstructed(move: Pick<Move, 'reason' | 'text'>, change: CandidatePlan['change'] = {}): CandidatePlan {
  return { ...moved({ event: 'Obstructed', isWarning: true, ...move }, change), standing: { kind: 'NeedsPerson', reason: move.reason, message: move.text } };
}

/** Nothing is done until what stands in the way is gone; of a freeze the end is known. */
export function wait(standing: Standing, { verdict }: FullScene, now: number): CandidatePlan {
  const until = standing.reason === 'Frozen' ? verdict.frozenAt(now)?.until : undefined;
  return { effect: none, standing, ...(until !== undefined && Number.isFinite(until) ? { requeueAfterMs: Math.max(0, until - now) } : {}) };
}

/** L7: with notice on, somebody without an address cannot be asked. */
export function isUnresolved(rule: FullScene['rule'] | undefined, verdict: FullScene['verdict'] | undefined): boolean {
  return rule?.spec.notify !== undefined && verdict !== undefined && verdict.address === undefined;
}
