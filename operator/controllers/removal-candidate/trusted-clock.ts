import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import { isClosed, transition } from '../../licensing/candidate/transitions.ts';
import { none, type CandidatePlan, type Standing } from './plan.ts';

const recheckMs = 60_000;

export const clockSkewed: Standing = {
  kind: 'Waiting',
  reason: 'ClockSkewed',
  message: 'The operator’s clock and the API server’s differ by more than a minute or cannot be compared, so the operator does nothing irreversible. Synchronise the clock of the operator’s node.',
};

/**
 * Guard 11: with a clock that is not to be trusted nobody is asked, no deadline runs out, nothing is reclaimed, undone or deleted. What keeps
 * the licence goes on: closing without a reclaim, and finding out what became of an attempt.
 */
export function withTrustedClock({ candidate, isClockTrusted }: CandidateScene, plan: CandidatePlan): CandidatePlan {
  if (isClockTrusted || isHarmless(candidate.status?.state, plan)) return plan;
  return { effect: none, standing: isClosed(candidate.status?.state) ? plan.standing : clockSkewed, requeueAfterMs: recheckMs };
}

function isHarmless(state: Parameters<typeof transition>[0], { move, change, effect }: CandidatePlan): boolean {
  if (effect.kind === 'ReadBack') return true;
  if (effect.kind !== 'None') return false;
  if (move === undefined) return change === undefined || Object.keys(change).every((field) => field === 'attempt');
  return state === undefined || isClosed(transition(state, move.event));
}
