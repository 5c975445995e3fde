import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { canonicalText, hashName } from '../../licensing/hash.ts';
import { noticeStanding } from '../../notices/standing.ts';
import { timeOf, toText } from './times.ts';

/** A notice that ran out longer ago than this many milliseconds is forgotten by whoever got it: they are asked again. */
export const noticeKeepsMs = 30 * 86_400_000;

type Decision = NonNullable<RemovalCandidate['spec']['decision']>;

/** Fingerprint of a decision: whoever decides the same again, says so with another time or reason. */
export function fingerprintOf(decision: Decision): string {
  return hashName(canonicalText(decision));
}

/** The decision in spec, unless it does not count: see `isTooOld`. */
export function validDecision(candidate: RemovalCandidate): Decision | undefined {
  return isTooOld(candidate) ? undefined : candidate.spec.decision;
}

/**
 * Whether a decision to reclaim was made before the candidate: that one was about another. Whoever decides to keep is heard whatever the
 * date, since a clock that is behind must not lose it (guard 1).
 */
export function isTooOld({ spec: { decision }, status, metadata }: RemovalCandidate): boolean {
  if (decision?.at === undefined || !takesAway(decision)) return false;
  return !(timeOf(decision.at) >= timeOf(status?.openedAt ?? metadata.creationTimestamp));
}

function takesAway({ verdict }: Decision): boolean {
  return verdict === 'Reclaim' || verdict === 'ResumeReclaim';
}

/** The decision, if it was not acted on yet. */
export function newDecision(candidate: RemovalCandidate): Decision | undefined {
  const decision = validDecision(candidate);
  return decision === undefined || fingerprintOf(decision) === candidate.status?.decision ? undefined : decision;
}

/** Whether a person’s decision to reclaim stands, acted on or not. */
export function isDecided(candidate: RemovalCandidate): boolean {
  const decision = validDecision(candidate);
  return decision !== undefined && takesAway(decision);
}

/** Whether a person has decided that it is not reclaimed; what that comes to, the next pass decides. */
export function isDecidedAgainst(candidate: RemovalCandidate): boolean {
  return validDecision(candidate) !== undefined && !isDecided(candidate);
}

/** Fields that say that a decision was acted on. */
export function acting(decision: Decision | undefined, now: number): { decision?: string; decidedAt?: string } {
  return decision === undefined ? {} : { decision: fingerprintOf(decision), decidedAt: toText(now) };
}

/** Whether the person wants to keep it and nobody has decided otherwise since (L5). */
export function wantsToKeep({ status }: RemovalCandidate): boolean {
  if (status?.answer?.verdict !== 'Keep') return false;
  return !(timeOf(status.decidedAt) >= timeOf(status.answer.at));
}

/** Whether the person has to be asked first (L8); once it is decided, nobody is about restricted software (L11). */
export function needsNotice(candidate: RemovalCandidate, { spec }: ReclamationRule): boolean {
  if (spec.notify === undefined || spec.notify.daysBeforeAutoReclaim === 0) return false;
  return !(candidate.spec.justification === 'RestrictedSoftware' && isDecided(candidate));
}

/** Whether the person was asked, or had not to be, and has not said no (L5): what a reclaim needs besides a decision. */
export function isServed(candidate: RemovalCandidate, rule: ReclamationRule, now: number): boolean {
  if (wantsToKeep(candidate)) return false;
  if (!needsNotice(candidate, rule)) return true;
  const verdict = candidate.status?.answer?.verdict;
  if (verdict === 'Release') return true;
  // Somebody has declined the wish to keep it: wantsToKeep has seen to the order of the two.
  if (verdict === 'Keep') return isDecided(candidate);
  return hasRunOut(candidate, rule, now);
}

/** Whether silence counts (L5): the person was told, the time is up, and not so long ago that it is forgotten. */
function hasRunOut(candidate: RemovalCandidate, { spec }: ReclamationRule, now: number): boolean {
  const { deadline: text, messages = [] } = candidate.status ?? {};
  const deadline = timeOf(text);
  if (!(deadline <= now && now - deadline <= noticeKeepsMs) || spec.notify === undefined) return false;
  const standing = noticeStanding(spec.notify, messages, roundOf(candidate));
  if (standing.kind === 'Given') return standing.at < deadline;
  // Without channels the candidate itself is the notice, which a person has to look at; never in Enforce (L5).
  return standing.kind === 'NoChannel' && spec.mode === 'Propose' && isDecided(candidate);
}

/** What the messages of the present round are named after. */
export function roundOf({ metadata, status }: RemovalCandidate): { uid: string; round: number } {
  return { uid: metadata.uid ?? '', round: status?.round ?? 1 };
}
