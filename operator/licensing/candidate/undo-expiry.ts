import { annotations } from '../../api/group.ts';
import { longestUndoRetentionDays } from '../../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';

const dayMs = 86_400_000;

/** Whether somebody has asked for the reclaim to be undone, and that is still to be done (C29): only what was reclaimed, as long as there is what is needed for it, and once. */
export function isRestoreAwaited({ metadata, status }: RemovalCandidate): boolean {
  const { state, undo } = status ?? {};
  const isWished = (metadata.annotations?.[annotations.restoreRequested] ?? '') !== '';
  return isWished && state === 'ClosedComplete' && undo !== undefined && undo.secret !== '' && undo.restoredAt === undefined;
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
