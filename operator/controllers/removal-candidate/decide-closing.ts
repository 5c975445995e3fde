import type { RemovalCandidate, Verdict } from '../../api/removal-candidate.ts';
import type { SoftwareSubscription } from '../../api/software-subscription.ts';
import { isSamePerson } from '../../licensing/candidate/same-person.ts';
import { hasTarget } from '../../licensing/candidate/target.ts';
import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import type { Judgement } from '../../licensing/reclaim/facts.ts';
import { hideAddresses } from '../../licensing/text.ts';
import type { Move } from './plan.ts';
import { mayTakeEffect } from '../../licensing/candidate/undo-expiry.ts';
import { newDecision, wantsToKeep } from './rights.ts';

/** Why an open candidate is over, whatever else it waits for: the first that applies. `undefined` = it goes on. */
export function decideClosing(scene: CandidateScene): Move | undefined {
  return closedByPerson(scene) ?? closedForRestore(scene) ?? withoutProfile(scene) ?? withoutSubscription(scene) ?? otherPerson(scene) ?? settledByHand(scene) ?? byJudgement(scene);
}

/** L14: a person may close it in any open state. */
function closedByPerson(scene: CandidateScene): Move | undefined {
  const decision = newDecision(scene);
  const move = decision === undefined ? undefined : movesOfPerson[decision.verdict];
  return move === undefined || decision === undefined ? undefined : { ...move, actor: decision.by };
}

const movesOfPerson: Readonly<Record<Verdict, Move | undefined>> = {
  Keep: { event: 'Kept', reason: 'Kept', text: 'It is kept: that was decided.' },
  CloseSkipped: { event: 'Dismissed', reason: 'Dismissed', text: 'Closed as skipped by a person.' },
  CloseComplete: { event: 'SettledElsewhere', reason: 'SettledElsewhere', text: 'Closed as complete by a person: it was settled elsewhere.' },
  Reclaim: undefined,
  ResumeReclaim: undefined,
};

/** Whoever asks to have an attempt undone whose outcome is not known does not want it made again. */
function closedForRestore({ candidate }: CandidateScene): Move | undefined {
  const { restore } = candidate.spec;
  if (restore === undefined || !mayBeCarried(candidate)) return undefined;
  return { event: 'Dismissed', reason: 'RestoreRequested', text: 'Closed: a person asked to undo an attempt of unknown outcome (spec.restore).', actor: restore.by };
}

/** L28. */
function withoutProfile({ profile, candidate }: CandidateScene): Move | undefined {
  if (profile !== undefined && profile.metadata.deletionTimestamp === undefined) return undefined;
  const { name } = candidate.spec.subject.profileRef;
  if (candidate.status?.attempt?.phase === 'Done') return { event: 'Carried', reason: 'Reclaimed', text: 'The vendor said that it was done; the profile is gone, so it was not read back.' };
  return { event: 'NoLongerDue', reason: 'ProfileGone', text: `The IntegrationProfile ${name} is gone.` };
}

/** L9. A refresh takes people away only after a complete pull (guard 6). */
function withoutSubscription({ candidate, subscription }: CandidateScene): Move | undefined {
  if (subscription !== undefined) return undefined;
  if (mayBeCarried(candidate)) return { event: 'Carried', reason: 'Reclaimed', text: 'The subscription is gone after the attempt to reclaim it.' };
  if (candidate.status?.state === 'AwaitingRevocation') return { event: 'Vanished', reason: 'DoneByHand', text: 'The subscription is gone: it was reclaimed by hand.' };
  return { event: 'Vanished', reason: 'SubscriptionGone', text: 'The subscription is gone.' };
}

/**
 * The vendor gave the account to somebody else: whatever was decided, asked and answered was about another person (guard 9). Nothing that
 * the former owner's candidate waits for may ever touch the newcomer, so it closes, even while the rule is held.
 */
function otherPerson({ candidate, subscription }: CandidateScene): Move | undefined {
  if (subscription === undefined || isSamePerson(candidate.spec.subject, subscription.spec)) return undefined;
  return { event: 'NoLongerDue', reason: 'SubjectChanged', text: 'The vendor shows another address at this id, so the account now belongs to another person. The rule judges that person separately.' };
}

/** Whether an attempt of ours may have been carried out after all. */
function mayBeCarried({ status }: CandidateScene['candidate']): boolean {
  return status?.attempt !== undefined && mayTakeEffect(status.attempt);
}

/** Role and licence are no longer those that were decided on. What is stored while the rule is held closes nothing. */
function settledByHand({ candidate, subscription, verdict }: CandidateScene): Move | undefined {
  const { subject } = candidate.spec;
  if (subscription === undefined || verdict?.hold !== undefined || isAsDecided(subscription, subject)) return undefined;
  const state = hasTarget(subscription.spec, subject) ? candidate.status?.state : undefined;
  if (state !== undefined && mayBeCarried(candidate)) return { event: 'Carried', reason: 'Reclaimed', text: 'The person has the lesser role after the attempt to reclaim it.' };
  // In any other state nobody had decided on it, so it was not this that was carried out (L9).
  if (state === 'AwaitingRevocation') return { event: 'Carried', reason: 'DoneByHand', text: 'The person has the lesser role already: it was done by hand.' };
  return { event: 'NoLongerDue', reason: 'SubscriptionChanged', text: 'Role or licence of the person are others than when the candidate was made.' };
}

/** Whether the person has the role and licence that were decided on, as far as is stored. */
export function isAsDecided({ spec }: SoftwareSubscription, subject: RemovalCandidate['spec']['subject']): boolean {
  return isSamePerson(subject, spec) && hideAddresses(spec.role) === hideAddresses(subject.role) && spec.subscriptionIdentifier === subject.subscriptionIdentifier;
}

/** What the rule says of the person by now. A rule that is held says nothing (guards 5 and 6). */
function byJudgement(scene: CandidateScene): Move | undefined {
  const { candidate, rule, verdict } = scene;
  if (rule === undefined || verdict === undefined || verdict.hold !== undefined) return undefined;
  const { subject } = candidate.spec;
  if (rule.spec.action !== subject.action || !isSameTarget(rule.spec.downgradeTo, subject.downgradeTo)) {
    return { event: 'NoLongerDue', reason: 'RuleChanged', text: 'The rule does something else by now; a new candidate is made for that.' };
  }
  return moveOf(verdict.judgement) ?? keptByWish(scene, rule);
}

function isSameTarget(one: { role: string; subscriptionIdentifier?: string | undefined } | undefined, other: typeof one): boolean {
  return one?.role === other?.role && one?.subscriptionIdentifier === other?.subscriptionIdentifier;
}

function moveOf(judgement: Judgement): Move | undefined {
  if (judgement.kind === 'Active') return { event: 'ActivityReturned', reason: 'ActivityReturned', text: 'The person was active.' };
  if (judgement.kind === 'NotCovered') return { event: 'NoLongerDue', reason: 'NotCovered', text: 'The rule is not for this subscription any more.' };
  if (judgement.kind === 'Recent') return { event: 'NoLongerDue', reason: 'NewSeat', text: 'The licence was assigned a short time ago.' };
  if (judgement.kind !== 'Protected') return undefined;
  return judgement.guard === 'Exclusion'
    ? { event: 'NoLongerDue', reason: 'Excluded', text: `The SubscriptionExclusion ${judgement.by} keeps the person out.` }
    : { event: 'NoLongerDue', reason: 'Protected', text: `The person is protected by now: ${judgement.guard}.` };
}

/** L5: where nobody has to agree, the wish of the person is enough. */
function keptByWish(scene: CandidateScene, rule: NonNullable<CandidateScene['rule']>): Move | undefined {
  if (!wantsToKeep(scene) || (rule.spec.notify?.approval ?? 'None') === 'Approvers') return undefined;
  return { event: 'Kept', reason: 'Kept', text: 'It is kept: the person wants it.', actor: 'user' };
}
