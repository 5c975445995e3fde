import { messagesDue, type MessagesDue } from '../../notices/schedule.ts';
import { answerDeadline, noticeStanding, type NoticeStanding } from '../../notices/standing.ts';
import type { Notify } from '../../api/notify.ts';
import { findMissingDecision, findObstacle, type FullScene } from './obstacles.ts';
import { none, type CandidatePlan } from './plan.ts';
import { moved, obstructed, unresolvedText, wait } from './plans.ts';
import { acting, anotherRound, isReleased, isServed, needsNotice, newDecision, roundOf, wantsToKeep } from './rights.ts';
import { situationOf } from './situation.ts';
import { timeOf, toText } from './times.ts';

/** A notice that failed as often, through every channel, needs a person; until then it is tried again (C8). */
const mostAttempts = 5;

/** AwaitingUser: the person is asked, reminded, and heard; silence means that it goes on (L4, L5, C8). */
export function decideNotice(scene: FullScene, now: number): CandidatePlan {
  const { rule } = scene;
  const settled = decideAnswer(scene) ?? acknowledge(scene, now);
  if (settled !== undefined) return settled;
  const standing = findObstacle(scene, now) ?? findMissingDecision(scene);
  if (standing !== undefined) return wait(standing, scene, now);
  const { notify } = rule.spec;
  if (notify === undefined || !needsNotice(scene, rule)) return moved({ event: 'Released', reason: 'NoticeNotNeeded', text: 'The rule no longer asks people first.' });
  return decideAddress(scene) ?? decideDeadline(scene, notify, now) ?? tell(scene, notify, now);
}

/** What the person answered counts whatever else stands in the way: nothing is done by it alone. */
function decideAnswer(scene: FullScene): CandidatePlan | undefined {
  if (isReleased(scene)) return moved({ event: 'Released', reason: 'Released', text: 'The person lets it go.', actor: 'user' });
  return wantsToKeep(scene) ? keepWished : undefined;
}

/** Whatever was decided before does not count against the wish: that wants a decision which confirms the answer (L5). */
export const keepWished: CandidatePlan = moved({ event: 'KeepWished', reason: 'KeepWished', text: 'The person wants to keep it.', actor: 'user' });

/** A decision made while the person is asked changes nothing, and is not taken for an approval later. */
function acknowledge(scene: FullScene, now: number): CandidatePlan | undefined {
  const decision = newDecision(scene);
  if (decision === undefined) return undefined;
  return { change: acting(decision, now), effect: none, standing: { kind: 'Fine', reason: 'AwaitingUser', message: askedText }, requeueAfterMs: 0 };
}

const askedText = 'The person is asked, and has until status.deadline to answer.';

function decideDeadline(scene: FullScene, notify: Notify, now: number): CandidatePlan | undefined {
  const { candidate, rule } = scene;
  const { deadline, messages = [] } = candidate.status ?? {};
  if (deadline === undefined) {
    const at = newDeadline(scene, notify, noticeStanding(notify, messages, roundOf(candidate)), now);
    if (at === undefined) return undefined;
    return { change: { deadline: toText(at) }, effect: none, standing: { kind: 'Fine', reason: 'AwaitingUser', message: askedText }, requeueAfterMs: 0 };
  }
  if (timeOf(deadline) > now) return undefined;
  if (isServed(scene, rule, now)) return moved({ event: 'Released', reason: 'NoticeRanOut', text: 'The person did not answer in time.' });
  // Too long ago, or nobody was told through a channel that counts by now: they are asked anew.
  return askAnew(candidate, scene.verdict.address);
}

/** Another round: a decision on the former one no longer counts, so in Propose a person decides before anybody is asked again. */
function askAnew(candidate: FullScene['candidate'], address: string | undefined): CandidatePlan {
  const change = { ...anotherRound(candidate), ...(address === undefined ? {} : { askedAddress: address }) };
  return { change, effect: none, standing: { kind: 'Waiting', reason: 'AskedAnew', message: 'The earlier notice no longer counts: the person must be asked again.' }, requeueAfterMs: 0 };
}

/** Guard 9: a notice to an address that is not the person's any more says nothing to them. */
function decideAddress({ candidate, verdict }: FullScene): CandidatePlan | undefined {
  const { askedAddress } = candidate.status ?? {};
  if (verdict.address === undefined) return obstructed({ reason: 'UserUnresolved', text: unresolvedText }, endOfRound(candidate));
  return askedAddress === undefined || askedAddress.toLowerCase() === verdict.address.toLowerCase() ? undefined : askAnew(candidate, verdict.address);
}

/** The next time, the person is asked in a round of its own; what was sent in this one stays to be seen until then. */
function endOfRound(candidate: FullScene['candidate']): CandidatePlan['change'] {
  const { messages: _messages, ...change } = anotherRound(candidate);
  return change;
}

/** The notice runs from when it was given. Without channels the candidate is the notice, in Propose only. */
function newDeadline({ rule, verdict }: FullScene, notify: Notify, standing: NoticeStanding, now: number): number | undefined {
  const isTold = standing.kind === 'Given' || (standing.kind === 'NoChannel' && rule.spec.mode === 'Propose');
  if (!isTold) return undefined;
  return outOfFreeze(answerDeadline(notify, standing, now), verdict);
}

/** A deadline that falls into a freeze waits for its end; of one without end it stays, since nothing is done in it anyway. */
function outOfFreeze(deadline: number, { frozenAt }: FullScene['verdict']): number {
  const until = frozenAt(deadline)?.until;
  return until !== undefined && Number.isFinite(until) ? until : deadline;
}

function tell(scene: FullScene, notify: Notify, now: number): CandidatePlan {
  const { candidate } = scene;
  const { deadline, messages = [] } = candidate.status ?? {};
  const standing = noticeStanding(notify, messages, roundOf(candidate));
  if (standing.kind === 'NoChannel' && deadline === undefined) return obstructed({ reason: 'NoticeFailed', text: 'No channel of the rule reaches the person, and the rule reclaims nothing without notice. Add a channel with the audience User to spec.notify.channels.' }, endOfRound(candidate));
  if (standing.kind === 'Failed' && messages.filter(({ kind }) => kind === 'Notice').every(({ attempts }) => attempts >= mostAttempts)) {
    return obstructed({ reason: 'NoticeFailed', text: 'No channel could send the notice: status.messages shows why. Fix the channel, then set spec.decision to ResumeReclaim.' }, endOfRound(candidate));
  }
  const owed = messagesOf(scene, notify, now);
  const next = [owed.nextAt, deadline === undefined ? undefined : timeOf(deadline)].filter((at) => at !== undefined);
  return send(owed, standing.kind === 'Failed' ? failing : asking(deadline), next.length === 0 ? undefined : Math.min(...next) - now);
}

function asking(deadline: string | undefined): CandidatePlan['standing'] {
  return { kind: 'Fine', reason: 'AwaitingUser', message: deadline === undefined ? 'The person is being told.' : askedText };
}

const failing = { kind: 'Waiting', reason: 'NoticeFailing', message: 'The person could not be told yet: status.messages and the event MessageFailed say through which channel and why. It is tried again; the notice runs from when it was given.' } as const;

function messagesOf({ candidate, verdict }: FullScene, notify: Notify | undefined, now: number): MessagesDue {
  return messagesDue(situationOf(candidate, { notify, outcome: undefined, frozenUntil: verdict.frozenAt(now)?.until }), now);
}

/** The first that is due, or waiting for the next. */
function send({ due: [message] }: MessagesDue, standing: CandidatePlan['standing'], waitMs: number | undefined): CandidatePlan {
  if (message !== undefined) return { effect: { kind: 'SendMessage', message }, standing };
  return { effect: none, standing, ...(waitMs === undefined ? {} : { requeueAfterMs: Math.max(0, waitMs) }) };
}

/** AwaitingApproval: whoever approves decides between the wish to keep and the reclaim (L5, C10). */
export function decideApproval(scene: FullScene, now: number): CandidatePlan {
  const { rule } = scene;
  const decision = newDecision(scene);
  if (decision !== undefined) return moved({ event: 'KeepDeclined', reason: 'KeepDeclined', text: 'It is not kept: that was decided.', actor: decision.by }, acting(decision, now));
  const standing = { kind: 'Fine', reason: 'AwaitingApproval', message: 'The person wants to keep the licence. An approver must set spec.decision to Keep or Reclaim.' } as const;
  const owed = findObstacle(scene, now) === undefined ? messagesOf(scene, rule.spec.notify, now) : { due: [], nextAt: undefined };
  return send(owed, standing, owed.nextAt === undefined ? undefined : owed.nextAt - now);
}
