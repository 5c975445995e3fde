import { longestUndoRetentionDays } from '../../api/reclamation-rule.ts';
import type { CandidateAttempt } from '../../api/removal-candidate-status.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { canonicalText, hashName } from '../hash.ts';
import { isClosed } from './transitions.ts';

const dayMs = 86_400_000;

/** Whether the person may be gone or downgraded, or become so yet, by this attempt or one before it. */
export function mayTakeEffect({ phase, afterUnclear }: CandidateAttempt): boolean {
  return phase !== 'Refused' || afterUnclear === true;
}

/** Fingerprint of a request to undo: another time or reason makes another request. Undefined where there is none. */
export function restoreRequestOf({ spec: { restore } }: Pick<RemovalCandidate, 'spec'>): string | undefined {
  return restore === undefined ? undefined : hashName(canonicalText(restore));
}

/** Whether what was saved before an attempt can undo it: the attempt may have taken effect, and the Secret is there (D4). */
export function isRestorable({ status }: Pick<RemovalCandidate, 'status'>): boolean {
  const { undo, attempt } = status ?? {};
  return undo !== undefined && undo.secret !== '' && attempt !== undefined && mayTakeEffect(attempt);
}

/** Whether somebody has asked for the reclaim to be undone, and that is still to be done (C29): once for each request, in any closed state. */
export function isRestoreAwaited(candidate: Pick<RemovalCandidate, 'spec' | 'status'>): boolean {
  const request = restoreRequestOf(candidate);
  const { state, undo } = candidate.status ?? {};
  return request !== undefined && isClosed(state) && isRestorable(candidate) && undo?.restoredFor !== request;
}

/**
 * When what was saved before the reclaim is deleted (D4); milliseconds since the epoch, NaN where nothing was saved. An undo that waits,
 * for the account, a token or a free seat, does not lose what it needs: that is kept for the longest retention that any rule may have.
 */
export function undoExpiryOf(candidate: RemovalCandidate): number {
  const { undo } = candidate.status ?? {};
  const expiresAt = Date.parse(undo?.expiresAt ?? '');
  if (undo === undefined || !isRestoreAwaited(candidate)) return expiresAt;
  return Math.max(expiresAt, Date.parse(undo.savedAt) + longestUndoRetentionDays * dayMs);
}
