import type { KubernetesObject } from '../../api/meta.ts';
import { longestUndoRetentionDays } from '../../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { isRestoreAwaited } from '../../licensing/candidate/undo-expiry.ts';
import { expiryOf, isSavedBy } from '../removal-candidate/undo-secret.ts';
import { timeOf } from '../removal-candidate/times.ts';

const dayMs = 86_400_000;
/** The candidate’s own controller deletes at the moment; it is helped out only when it has not done so for this long. */
const patienceMs = dayMs;
/** An attempt that is under way has saved, and has not said so yet: it is left alone for the shortest retention there is. */
const shortestMs = dayMs;
/** Clocks differ, and the API server leaves fractions of a second out. */
const slackMs = dayMs;

export type UndoFate = { readonly kind: 'Keep'; readonly requeueAfterMs?: number } | { readonly kind: 'Delete' };

/**
 * Whether a Secret with what is needed to undo a reclaim has expired (D4, guard 7). It outlives a candidate that was deleted by
 * mistake, and nothing outlives the longest retention that a rule may have, whatever its annotation says. `candidate` is the one of
 * the name of whoever saved it, if there is one. Pure.
 */
export function decideUndo(secret: KubernetesObject, candidate: RemovalCandidate | undefined, now: number): UndoFate {
  const end = endOf(secret, candidate);
  // The API server tells of everything when it was made; without that nothing is known, and nothing is deleted.
  if (Number.isNaN(end)) return { kind: 'Keep' };
  return now < end ? { kind: 'Keep', requeueAfterMs: end - now } : { kind: 'Delete' };
}

/** Milliseconds since the epoch. */
function endOf(secret: KubernetesObject, candidate: RemovalCandidate | undefined): number {
  const { metadata } = secret;
  const created = timeOf(metadata.creationTimestamp);
  const latest = created + longestUndoRetentionDays * dayMs + slackMs;
  const expiry = (text: string | undefined): number => Math.min(readTime(text) ?? latest, latest);
  const said = expiry(expiryOf(secret));
  const owner = ownerOf(secret, candidate);
  if (owner === undefined || owner.metadata.deletionTimestamp !== undefined) return said;
  const { undo } = owner.status ?? {};
  // Only the operator writes status, so it counts for more than the annotation. It may speak of an earlier attempt, though, while that
  // which is under way has saved under the same name: that one is younger.
  const left = isRestoreAwaited(owner) ? latest : expiry(undo?.expiresAt);
  const end = undo?.secret === metadata.name ? left + patienceMs : said;
  return Math.max(end, created + shortestMs);
}

/** Another one, which came after a candidate of the same name was deleted, has nothing to do with it; one that was put back from a backup has. */
export function ownerOf(secret: KubernetesObject, candidate: RemovalCandidate | undefined): RemovalCandidate | undefined {
  const isOwner = candidate !== undefined && (isSavedBy(secret, candidate.metadata.uid) || candidate.status?.undo?.secret === secret.metadata.name);
  return isOwner ? candidate : undefined;
}

/** Undefined for what is no RFC 3339 time: Date.parse finds a year in any text. */
function readTime(text: string | undefined): number | undefined {
  const time = /^\d{4}-\d\d-\d\dT/.test(text ?? '') ? timeOf(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
