import type { RemovalCandidate } from '../../../operator/api/removal-candidate.ts';
import type { ReclamationRule } from '../../../operator/api/reclamation-rule.ts';
import type { SoftwareSubscription } from '../../../operator/api/software-subscription.ts';
import type { IntegrationProfile } from '../../../operator/api/integration-profile.ts';
import type { GuardFacts } from '../../../operator/controllers/removal-candidate/guards.ts';
import type { CandidatePlan } from '../../../operator/controllers/removal-candidate/plan.ts';
import type { CandidateScene, CandidateVerdict } from '../../../operator/licensing/candidate/facts.ts';
import { isAsConfirmed } from '../confirmations.ts';
import { dayMs } from '../subscriptions.ts';
import { profileCap } from './journal.ts';

interface Told {
  readonly candidate: RemovalCandidate;
  readonly rule: ReclamationRule | undefined;
  readonly profile: IntegrationProfile | undefined;
  readonly verdict: CandidateVerdict | undefined;
  readonly subscription: SoftwareSubscription | undefined;
  readonly now: number;
  /** What a decision has to confirm now. */
  readonly decisionId: string | undefined;
  readonly isClockTrusted: boolean;
}

type Check = (told: Told) => boolean;

/** What must not be true where something is begun: a message, a question to the vendor, a reclaim (guards 1, 5, 6; D1, D7). */
const neverBegun: Readonly<Record<string, Check>> = {
  NoRule: ({ rule }) => rule === undefined || rule.metadata.deletionTimestamp !== undefined,
  NoProfile: ({ profile }) => profile === undefined || profile.metadata.deletionTimestamp !== undefined,
  OnlyObserved: ({ rule }) => rule?.spec.mode === 'Observe',
  ReclaimDisabled: ({ profile }) => profile?.spec.reclaimSubscriptions === false,
  NotConfirmed: ({ rule }) => rule !== undefined && !isAsConfirmed(rule),
  Held: ({ verdict }) => verdict === undefined || verdict.hold !== undefined,
  NotInactive: ({ verdict }) => verdict?.judgement.kind !== 'Candidate',
  Owned: ({ verdict }) => (verdict?.ownership.length ?? 0) > 0,
  NotInPlan: ({ verdict }) => verdict?.plan === 'Changed',
  Frozen: ({ verdict, now }) => verdict?.frozenAt(now) !== undefined,
  ClockUntrusted: ({ isClockTrusted }) => !isClockTrusted,
  OtherPerson: ({ candidate, subscription }) => subscription !== undefined && isOtherPerson(candidate, subscription),
};

/** … and besides, where it is reclaimed. */
const neverReclaimed: Readonly<Record<string, Check>> = {
  ...neverBegun,
  OtherState: ({ candidate }) => candidate.status?.state !== 'AwaitingRevocation',
  NotDecided: (told) => told.rule?.spec.mode !== 'Enforce' && !isDecided(told),
  DecidedAgainst: ({ candidate }) => isDecidedAgainst(candidate),
  OtherAction: ({ candidate, rule }) => rule?.spec.action !== candidate.spec.subject.action,
  KeepWished: isKeepWished,
  NoNotice: isWithoutNotice,
  OpenAttempt: isAttemptOpen,
};

/** Why the plan must not be made, by name. */
// oxlint-disable-next-line complexity -- one rule of the oracle, each case of it in its place
export function judgePlan(scene: CandidateScene, { effect, move }: CandidatePlan, now: number): string[] {
  const told = { ...scene, now };
  const { state = 'None' } = scene.candidate.status ?? {};
  const isClosed = state.startsWith('Closed');
  const reasons: Readonly<Record<string, boolean>> = {
    ClosedMoves: isClosed && move !== undefined,
    ActsBeforeReadBack: !isClosed && isUnknown(scene.candidate) && !['None', 'ReadBack'].includes(effect.kind),
    TwoThings: move !== undefined && effect.kind !== 'None',
    // Guard 11: what cannot be taken back.
    ActsUntimely: !scene.isClockTrusted && ['Restore', 'DeleteUndo', 'DeleteCandidate', 'SendMessage'].includes(effect.kind),
    RunsOutUntimely: !scene.isClockTrusted && move?.event === 'Released',
    GoesOnAnyway: goesOn(move) && namesOf(neverBegun, told).length > 0,
  };
  const reclaimed = effect.kind === 'Reclaim' ? namesOf(neverReclaimed, told) : [];
  const begun = isBeginning(effect.kind, state) ? namesOf(neverBegun, told) : [];
  return [...reclaimed, ...begun.map((name) => `${effect.kind}${name}`), ...trueOf(reasons)];
}

/** Why these facts must not be acted on, by name. */
export function judgeFacts({ scene, started, startedOfProfile, accountReclaims, turn, holder, now }: GuardFacts): string[] {
  const { profile, rule, candidate, subscription, verdict } = scene;
  const { limits, evaluationPeriodHours } = rule.spec;
  const allowed = Math.min(limits.maxPerRun, Math.floor((verdict.covered * limits.maxPercent) / 100));
  const more = {
    NotPublished: profile.status?.state !== 'Published' || !profile.spec.publish,
    ProfileSuspended: profile.spec.suspend,
    RuleSuspended: rule.spec.suspend,
    OtherProfile: rule.spec.profileRef.name !== profile.metadata.name,
    Deleted: [candidate, subscription].some(({ metadata }) => metadata.deletionTimestamp !== undefined),
    OtherSubscription: subscription.spec.role !== candidate.spec.subject.role || subscription.spec.subscriptionIdentifier !== candidate.spec.subject.subscriptionIdentifier,
    NotItsTurn: turn?.holder !== holder || turn.endsAt - now < 60_000,
    OverBudget: started.filter((at) => at >= now - evaluationPeriodHours * 3_600_000).length >= allowed,
    OverProfileCap: withinDay(startedOfProfile, now) >= profileCap(profile),
    OverAccountCap: accountReclaims !== undefined && withinDay(accountReclaims.started, now) >= accountReclaims.maxPerDay,
  };
  return [...namesOf(neverReclaimed, { ...scene, now }), ...trueOf(more)];
}

function withinDay(started: readonly number[], now: number): number {
  return started.filter((at) => at >= now - dayMs).length;
}

function goesOn(move: CandidatePlan['move']): boolean {
  return move?.event === 'ReclaimAtOnce' || move?.event === 'ReclaimWithNotice';
}

function isBeginning(kind: CandidatePlan['effect']['kind'], state: string): boolean {
  return kind === 'Inspect' || (kind === 'SendMessage' && state === 'AwaitingUser');
}

function trueOf(reasons: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(reasons).filter(([, holds]) => holds).map(([name]) => name);
}

function namesOf(checks: Readonly<Record<string, Check>>, told: Told): string[] {
  return Object.entries(checks).filter(([, check]) => check(told)).map(([name]) => name);
}

/** Only what was confirmed as it is now. */
function isDecided({ candidate: { spec: { decision } }, decisionId }: Told): boolean {
  return isFor(decision) && decisionId !== undefined && decision?.confirms === decisionId;
}

function isFor(decision: RemovalCandidate['spec']['decision']): boolean {
  return decision?.verdict === 'Reclaim' || decision?.verdict === 'ResumeReclaim';
}

/** L14: whoever decides against it is heard, whatever they saw. */
function isDecidedAgainst({ spec: { decision } }: RemovalCandidate): boolean {
  return decision !== undefined && !isFor(decision);
}

/** L5: of a wish and a decision the later one counts, and the later one confirms the wish. */
function isKeepWished(told: Told): boolean {
  return told.candidate.status?.answer?.verdict === 'Keep' && !isDecided(told);
}

/** Guard 9. */
function isOtherPerson({ spec: { subject } }: RemovalCandidate, { spec }: SoftwareSubscription): boolean {
  return subject.externalUserId !== spec.externalUserId || subject.userPrincipalName?.toLowerCase() !== spec.userPrincipalName.toLowerCase();
}

function needsNotice(told: Told): boolean {
  const { candidate, rule } = told;
  const days = rule?.spec.notify?.daysBeforeAutoReclaim ?? 0;
  return days > 0 && !(candidate.spec.justification === 'RestrictedSoftware' && isDecided(told));
}

/** L5, L8, L11. */
// oxlint-disable-next-line complexity -- one rule of the oracle, each case of it in its place
function isWithoutNotice(told: Told): boolean {
  if (!needsNotice(told)) return false;
  const { answer, round = 1, askedAddress } = told.candidate.status ?? {};
  if (answer?.verdict === 'Keep') return !isDecided(told);
  // Guard 9: what was asked elsewhere says nothing.
  if (askedAddress !== undefined && askedAddress !== told.verdict?.address) return true;
  return !(answer?.verdict === 'Release' && answer.round === round) && !hasRunOut(told);
}

function hasRunOut({ candidate, now }: Told): boolean {
  const { deadline = '', messages = [] } = candidate.status ?? {};
  const given = messages.filter(({ kind, audience, state }) => kind === 'Notice' && audience === 'User' && state === 'Sent').map(({ time }) => Date.parse(time));
  const at = Date.parse(deadline);
  return at <= now && now - at <= 30 * dayMs && given.some((time) => time < at);
}

/** Guard 4. */
function isAttemptOpen(told: Told): boolean {
  const { attempt, decidedAt } = told.candidate.status ?? {};
  if (attempt === undefined) return false;
  if (attempt.phase === 'Refused') return attempt.endedAt === undefined;
  return attempt.phase !== 'Unclear' || attempt.endedAt === undefined || !(isDecided(told) && Date.parse(decidedAt ?? '') > Date.parse(attempt.endedAt));
}

/** Whether it is not known what became of an attempt. */
function isUnknown({ status }: RemovalCandidate): boolean {
  const { attempt } = status ?? {};
  return attempt !== undefined && (attempt.phase === 'Claimed' || attempt.phase === 'Done' || (attempt.phase === 'Unclear' && attempt.endedAt === undefined));
}
