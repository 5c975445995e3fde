import type { CandidateAttempt } from '../../api/removal-candidate-status.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { AuditEntry } from '../../audit/trail.ts';
import { storable } from '../../licensing/text.ts';
import type { ActOutcome } from '../../providers/reclaim.ts';
import { aboutCandidate } from './records.ts';
import { failedOnce } from './decide-revocation.ts';
import { recordFact, settleFact, type Carried, type Outcome, type Pass } from './settle.ts';
import { toText } from './times.ts';

interface Acted {
  readonly attempt: CandidateAttempt;
  readonly outcome: ActOutcome;
}

/** Writes down what became of the one request (guard 4, L12). Where that fails, the claim stays, and is read back later. */
export async function recordActed(claimed: RemovalCandidate, acted: Acted, pass: Pass): Promise<Carried> {
  await recordFact(claimed, auditOfActed(claimed, acted), pass);
  const now = pass.dependencies.clock.now();
  const settled = await settleFact(claimed, (candidate) => (isSame(candidate, acted.attempt) ? outcomeOfActed(candidate, acted, now) : undefined), pass);
  return settled ?? { candidate: claimed, outcome: { standing: underWay, requeueAfterMs: 0 } };
}

const underWay = { kind: 'Waiting', reason: 'AttemptUnderWay', message: 'A request to the vendor may be under way.' } as const;

/** Whoever took the claim for dead has it by now. */
function isSame({ status }: RemovalCandidate, { id }: CandidateAttempt): boolean {
  return status?.attempt?.id === id && status.attempt.phase === 'Claimed';
}

/** What the status says after a request to the vendor. Pure. */
export function outcomeOfActed(candidate: RemovalCandidate, { attempt, outcome }: Acted, now: number): Outcome {
  const endedAt = toText(now);
  if (outcome.kind === 'Unclear') {
    return { change: { attempt: { ...attempt, phase: 'Unclear' } }, standing: { kind: 'Waiting', reason: 'OutcomeUnclear', message: 'The vendor gave no clear answer: it is read back before anything else.' }, requeueAfterMs: 0 };
  }
  if (outcome.kind !== 'Refused') return { change: { attempt: { ...attempt, phase: 'Done', endedAt } }, standing: { kind: 'Waiting', reason: 'ReadingBack', message: 'The vendor says that it was done: that is read back.' }, requeueAfterMs: 0 };
  const words = outcome.words.join('\n');
  const change = { attempt: { ...attempt, phase: 'Refused', endedAt } as const, vendorMessage: words === '' ? undefined : storable(words, 2048) };
  if (outcome.passing) return { change, standing: { kind: 'Waiting', reason: outcome.reason, message: 'The vendor refused for a reason that passes: it is tried again.' }, requeueAfterMs: Math.max(1000, outcome.retryAfterMs ?? 0) };
  const text = 'The vendor refused it: status.vendorMessage has its words. Mend that, then set spec.decision to ResumeReclaim.';
  return {
    move: { event: 'Failed', reason: outcome.reason, text, isWarning: true },
    change: { ...change, ...failedOnce(candidate) },
    standing: { kind: 'NeedsPerson', reason: outcome.reason, message: text },
    requeueAfterMs: 0,
  };
}

/** The vendor’s words may name people, so they are on the candidate only. */
function auditOfActed(candidate: RemovalCandidate, { attempt, outcome }: Acted): AuditEntry {
  const event = outcome.kind === 'Refused' ? 'WriteRefused' : outcome.kind === 'Unclear' ? 'WriteUnclear' : 'WriteDone';
  const reason = 'reason' in outcome ? { reason: outcome.reason } : {};
  return { ...aboutCandidate(candidate), event, actor: 'operator', data: { action: candidate.spec.subject.action, attempt: String(attempt.number), outcome: outcome.kind, ...reason } };
}
