import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { canonicalText, hashName } from '../../licensing/hash.ts';
import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import { noticeStanding } from '../../notices/standing.ts';
import { timeOf, toText } from './times.ts';

/** A notice that ran out longer ago than this many milliseconds is forgotten by whoever got it: they are asked again. */
export const noticeKeepsMs = 30 * 86_400_000;

type Decision = NonNullable<RemovalCandidate['spec']['decision']>;

/** A candidate, and what a decision has to confirm to count now. */
export type Decidable = Pick<CandidateScene, 'candidate' | 'decisionId'>;

/** Fingerprint of a decision: whoever decides the same again, says so with another time, reason or id. */
export function fingerprintOf(decision: Decision): string {
  return hashName(canonicalText(decision));
}

/**
 * Whether a decision counts. One that takes something away counts only for exactly what the person saw: a hand-over, an answer, a
 * failed attempt, another object of the same name and a revert of a commit all void it. Whoever decides to keep is always heard (guard 1).
 */
export function counts({ verdict, confirms }: Decision, decisionId: string | undefined): boolean {
  if (verdict !== 'Reclaim' && verdict !== 'ResumeReclaim') return true;
  return decisionId !== undefined && confirms === decisionId;
}

/** The decision in spec, if it counts and was not acted on yet. */
export function newDecision({ candidate: { spec, status }, decisionId }: Decidable): Decision | undefined {
  const { decision } = spec;
  if (decision === undefined || !counts(decision, decisionId)) return undefined;
  return fingerprintOf(decision) === status?.decision ? undefined : decision;
}

/** Whether a person’s decision to reclaim stands, acted on or not. */
export function isDecided({ candidate: { spec }, decisionId }: Decidable): boolean {
  return spec.decision !== undefined && takesAway(spec.decision) && counts(spec.decision, decisionId);
}

/** Whether a person has decided to reclaim what is no longer what they saw. */
export function isOutdated({ candidate: { spec }, decisionId }: Decidable): boolean {
  return spec.decision !== undefined && takesAway(spec.decision) && !counts(spec.decision, decisionId);
}

/** Whether a person has decided that it is not reclaimed; what that comes to, the next pass decides. */
export function isDecidedAgainst({ candidate: { spec } }: Decidable): boolean {
  return spec.decision !== undefined && !takesAway(spec.decision);
}

function takesAway({ verdict }: Decision): boolean {
  return verdict === 'Reclaim' || verdict === 'ResumeReclaim';
}

/** Fields that say that a decision was acted on. */
export function acting(decision: Decision | undefined, now: number): { decision?: string; decidedAt?: string } {
  return decision === undefined ? {} : { decision: fingerprintOf(decision), decidedAt: toText(now) };
}

/** Whether the person wants to keep it and nobody has decided otherwise since (L5): only a decision that confirms the answer does. */
export function wantsToKeep(scene: Decidable): boolean {
  return scene.candidate.status?.answer?.verdict === 'Keep' && !isDecided(scene);
}

/** Whether the person has to be asked first (L8); once it is decided, nobody is about restricted software (L11). */
export function needsNotice(scene: Decidable, { spec }: ReclamationRule): boolean {
  if (spec.notify === undefined || spec.notify.daysBeforeAutoReclaim === 0) return false;
  return !(scene.candidate.spec.justification === 'RestrictedSoftware' && isDecided(scene));
}

/** Whether the person was asked, or had not to be, and has not said no (L5): what a reclaim needs besides a decision. */
export function isServed(scene: Decidable & Pick<CandidateScene, 'verdict'>, rule: ReclamationRule, now: number): boolean {
  if (wantsToKeep(scene)) return false;
  if (!needsNotice(scene, rule)) return true;
  if (isAskedElsewhere(scene)) return false;
  // With Keep, somebody has declined it: the decision confirms the answer.
  return isAnswered(scene) || hasRunOut(scene, rule, now);
}

/** Whether the person lets it go: said to the notice of this round, since that of a former one may have gone to another address (guard 9). */
export function isReleased(scene: Pick<CandidateScene, 'candidate'>): boolean {
  return scene.candidate.status?.answer?.verdict === 'Release' && isAnswered(scene);
}

function isAnswered({ candidate: { status = {} } }: Pick<CandidateScene, 'candidate'>): boolean {
  const { answer, round = 1 } = status;
  return answer !== undefined && (answer.round ?? 1) === round;
}

/** Guard 9: who was asked at an address that is not the person's any more: their silence, and their yes, were another's. */
function isAskedElsewhere({ candidate: { status }, verdict }: Pick<CandidateScene, 'candidate' | 'verdict'>): boolean {
  return status?.askedAddress !== undefined && status.askedAddress.toLowerCase() !== verdict?.address?.toLowerCase();
}

/** Whether silence counts (L5): the person was told, the time is up, and not so long ago that it is forgotten. */
function hasRunOut(scene: Decidable, { spec }: ReclamationRule, now: number): boolean {
  const { candidate } = scene;
  const { deadline: text, messages = [] } = candidate.status ?? {};
  const deadline = timeOf(text);
  if (!(deadline <= now && now - deadline <= noticeKeepsMs) || spec.notify === undefined) return false;
  const standing = noticeStanding(spec.notify, messages, roundOf(candidate));
  if (standing.kind === 'Given') return standing.at < deadline;
  // Without channels the candidate itself is the notice, which a person has to look at; never in Enforce (L5).
  return standing.kind === 'NoChannel' && spec.mode === 'Propose' && isDecided(scene);
}

/** Whether this round has been begun: its notices went out, or its time runs. What comes of it later needs a round of its own. */
export function isRoundBegun({ status }: RemovalCandidate): boolean {
  return status?.deadline !== undefined || status?.askedAddress !== undefined;
}

/** Fields that begin another round: the person is asked anew, and decisions of the former round no longer count. */
export function anotherRound(candidate: RemovalCandidate): { round: number; deadline: undefined; messages: undefined; askedAddress: undefined } {
  return { round: roundOf(candidate).round + 1, deadline: undefined, messages: undefined, askedAddress: undefined };
}

/** What the messages of the present round are named after. */
export function roundOf({ metadata, status }: { readonly metadata: RemovalCandidate['metadata']; readonly status?: RemovalCandidate['status'] | undefined }): { uid: string; round: number } {
  return { uid: metadata.uid ?? '', round: status?.round ?? 1 };
}
