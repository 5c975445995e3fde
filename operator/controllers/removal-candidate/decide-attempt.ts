import type { CandidateAttempt } from '../../api/removal-candidate-status.ts';
import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import { none, type CandidatePlan } from './plan.ts';
import { timeOf } from './times.ts';

/**
 * Milliseconds after its claim in which an attempt may still be under way in some process; the request is sent, and has ended,
 * long before (see `sendWithinMs` of reclaim.ts). After it, what was claimed may have been carried out, and is read back (guard 4).
 */
export const claimLastsMs = 3 * 60_000;

/** An attempt whose outcome is not known yet comes before everything else: nothing is decided, and never is anything sent, until it is (guard 4). */
export function decideAttempt({ candidate, profile }: CandidateScene, now: number): CandidatePlan | undefined {
  const { attempt } = candidate.status ?? {};
  if (attempt === undefined || !isUnknown(attempt)) return undefined;
  if (attempt.phase === 'Claimed') return awaitClaim(attempt, now);
  // Nobody is left to be asked; closing says so.
  if (profile === undefined || profile.metadata.deletionTimestamp !== undefined) return undefined;
  return { effect: { kind: 'ReadBack' }, standing: { kind: 'Waiting', reason: 'ReadingBack', message: 'The vendor is asked whether the attempt was carried out; nothing is sent again before.' } };
}

/** Whether the person may be gone, or go yet, by this attempt or one before it. */
export function mayTakeEffect({ phase, afterUnclear }: CandidateAttempt): boolean {
  return phase !== 'Refused' || afterUnclear === true;
}

/** Whether it is not known what became of it: even a vendor’s yes is read back. */
function isUnknown({ phase, endedAt }: CandidateAttempt): boolean {
  return phase === 'Claimed' || phase === 'Done' || (phase === 'Unclear' && endedAt === undefined);
}

function awaitClaim(attempt: CandidateAttempt, now: number): CandidatePlan {
  const standing = { kind: 'Waiting', reason: 'AttemptUnderWay', message: 'A request to the vendor may be under way.' } as const;
  const left = timeOf(attempt.startedAt) + claimLastsMs - now;
  if (left > 0) return { effect: none, standing, requeueAfterMs: left };
  return { change: { attempt: { ...attempt, phase: 'Unclear' } }, effect: none, standing: { ...standing, reason: 'OutcomeUnclear', message: 'A request to the vendor was claimed, and nobody told what became of it.' }, requeueAfterMs: 0 };
}
