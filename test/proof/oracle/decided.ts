import type { RemovalCandidate } from '../../../operator/api/removal-candidate.ts';
import { decisionText, targetText, type Decided } from '../people.ts';
import type { Witness } from '../witness.ts';

/*
 * Guards 1 and 9, from what people in the world remember: whoever decided knows whom and what they saw. No id of the operator's is asked.
 */

interface At {
  readonly candidate: RemovalCandidate;
  readonly seen: Witness;
}

/** Whether the decision that is there now was made about this very object, this very person and this very action, and stands. */
export function isDecided({ candidate: { metadata, spec }, seen }: At): boolean {
  const { decision } = spec;
  if (decision === undefined || !takesAway(decision.verdict)) return false;
  const text = decisionText(decision);
  const made = seen.decided.findLast((one) => one.uid === metadata.uid && one.text === text);
  return made !== undefined && isStillSo(made, seen) && !isKeepWishedSince(made, seen);
}

/** L5: a wish to keep stands until somebody has decided otherwise who knew of it. */
export function isKeepWished({ candidate: { metadata }, seen }: At): boolean {
  const last = seen.answered.findLast(({ uid }) => uid === metadata.uid);
  if (last?.verdict !== 'Keep') return false;
  return !seen.decided.some(({ uid, verdict, order }) => uid === metadata.uid && takesAway(verdict) && order > last.order);
}

function takesAway(verdict: string): boolean {
  return verdict === 'Reclaim' || verdict === 'ResumeReclaim';
}

function isKeepWishedSince({ uid, order }: Decided, { answered }: Witness): boolean {
  return answered.some((answer) => answer.uid === uid && answer.verdict === 'Keep' && answer.order > order);
}

/** Who is at the vendor when the request leaves, and what it asks for. Nobody is harmed who is gone. */
function isStillSo({ saw }: Decided, { company, person: id, method, target }: Witness): boolean {
  const person = company.users.find((one) => one.id === id);
  if (person === undefined) return saw.id === id;
  const isWho = saw.id === id && saw.address === person.email.toLowerCase() && saw.name === person.name;
  const isWhat = method === 'DELETE' ? saw.action === 'Remove' : saw.action === 'Downgrade' && saw.target === targetText(target);
  return isWho && isWhat && saw.role === person.role && saw.licence === person.licenseId;
}
