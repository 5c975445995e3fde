import type { CandidateAttempt } from '../../api/removal-candidate-status.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { keepWished } from './decide-notice.ts';
import { findMissingDecision, findObstacle, type FullScene } from './obstacles.ts';
import { none, type CandidatePlan } from './plan.ts';
import { moved, obstructed, wait } from './plans.ts';
import { acting, isDecided, isServed, newDecision, wantsToKeep, type Decidable } from './rights.ts';
import { timeOf } from './times.ts';

const firstPauseMs = 60_000;
const longestPauseMs = 3_600_000;
/** A refusal that should pass, and did not pass so often, needs a person. */
const mostRefusals = 10;

/** AwaitingRevocation: it is reclaimed as soon as everything allows it. */
export function decideRevocation(scene: FullScene, now: number): CandidatePlan {
  const { rule } = scene;
  if (wantsToKeep(scene)) return keepWished;
  const decision = newDecision(scene);
  const standing = findObstacle(scene, now) ?? findMissingDecision(scene);
  if (standing !== undefined) return wait(standing, scene, now);
  // Taken note of before an attempt, so that it is no answer to how that ends.
  if (decision !== undefined) return { change: acting(decision, now), effect: none, standing: { kind: 'Waiting', reason: 'Decided', message: 'It was decided on.' }, requeueAfterMs: 0 };
  if (!isServed(scene, rule, now)) return obstructed({ reason: 'NoticeNotServed', text: 'The rule now asks people first, and this person was not asked, or too long ago.' });
  return attempt(scene, now);
}

function attempt(scene: FullScene, now: number): CandidatePlan {
  const { candidate } = scene;
  const last = candidate.status?.attempt;
  if (last !== undefined && !mayFollow(scene, last)) return failed({ reason: 'OutcomeUnclear', text: unclearText }, candidate);
  if (last !== undefined && !isAnswered(candidate, last)) {
    if (last.number >= mostRefusals) return failed({ reason: 'RefusedRepeatedly', text: 'The vendor refused the request repeatedly: status.vendorMessage shows its words.' }, candidate);
    const pause = pauseAfter(last) - now;
    if (pause > 0) return { effect: none, standing: { kind: 'Waiting', reason: 'RefusedForNow', message: 'The vendor refused for a reason that passes: it is tried again.' }, requeueAfterMs: pause };
  }
  return { effect: { kind: 'Reclaim' }, standing: { kind: 'Waiting', reason: 'Reclaiming', message: 'It is being reclaimed.' } };
}

export const unclearText = 'It is not known whether the vendor carried it out, and reading says that it did not: look there, then set spec.decision to ResumeReclaim to try again, or close it.';

/** Whatever was decided before it failed is no answer to that: the count of failures is part of what a decision confirms. */
export function failedOnce({ status }: RemovalCandidate): { failures: number } {
  return { failures: (status?.failures ?? 0) + 1 };
}

function failed({ reason, text }: { reason: string; text: string }, candidate: RemovalCandidate): CandidatePlan {
  return { ...moved({ event: 'Failed', reason, text, isWarning: true }, failedOnce(candidate)), standing: { kind: 'NeedsPerson', reason, message: text } };
}

/** Whether a person has asked for another attempt after the end of this one. */
function isAnswered({ status }: RemovalCandidate, { endedAt }: CandidateAttempt): boolean {
  return timeOf(status?.decidedAt) > timeOf(endedAt);
}

/** When the vendor may be asked again after a refusal that passes; milliseconds since the epoch. */
export function pauseAfter({ endedAt, startedAt, number }: CandidateAttempt): number {
  return timeOf(endedAt ?? startedAt) + Math.min(firstPauseMs * 2 ** Math.min(number - 1, 20), longestPauseMs);
}

/**
 * Guard 4: another attempt may follow only where the last one was refused, or a person has asked for it after its end. One whose
 * outcome is not known is never followed by another.
 */
export function mayFollow(scene: Decidable, last: CandidateAttempt): boolean {
  if (last.endedAt === undefined || last.phase === 'Claimed' || last.phase === 'Done') return false;
  return last.phase === 'Refused' || (isDecided(scene) && isAnswered(scene.candidate, last));
}
