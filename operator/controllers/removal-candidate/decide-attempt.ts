import type { CandidateAttempt } from '../../api/removal-candidate-status.ts';
import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import { none, type CandidatePlan, type Move } from './plan.ts';
import { timeOf } from './times.ts';
import { clockSkewed } from './trusted-clock.ts';

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
  return readBack;
}

/** An unclear attempt that was read back so many milliseconds ago at most need not be read back again before the candidate closes. */
const readBackCountsMs = 2 * 60_000;

/**
 * An attempt of unknown outcome is read back once more before the candidate closes, whatever closes it: it may have taken effect since it
 * was last looked at. Undefined = it may close: there is no such attempt, it was just read back, or there is nobody to ask.
 */
export function readBeforeClosing({ candidate, profile, isClockTrusted }: CandidateScene, { event }: Pick<Move, 'event'>, now: number): CandidatePlan | undefined {
  const { attempt } = candidate.status ?? {};
  if (attempt === undefined || event === 'Carried' || attempt.phase !== 'Unclear' || profile === undefined || profile.metadata.deletionTimestamp !== undefined) return undefined;
  // By a clock that is not to be trusted nobody can tell how long ago it was read back.
  if (!isClockTrusted) return { effect: none, standing: clockSkewed, requeueAfterMs: 60_000 };
  const age = now - timeOf(attempt.endedAt);
  return age >= 0 && age < readBackCountsMs ? undefined : readBack;
}

const readBack: CandidatePlan = { effect: { kind: 'ReadBack' }, standing: { kind: 'Waiting', reason: 'ReadingBack', message: 'The operator first checks at the vendor whether the earlier attempt took effect.' } };

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
