import type { IntegrationProfile } from '../../api/integration-profile.ts';
import { decideBudget } from '../../licensing/reclaim/budget.ts';
import { isAsDecided } from './decide-closing.ts';
import { mayFollow, unclearText } from './decide-revocation.ts';
import type { AccountReclaims, AccountTurn } from './account-turns.ts';
import { overAccountCap, overProfileCap } from './caps.ts';
import { findMissingDecision, findObstacle, type FullScene } from './obstacles.ts';
import type { Standing } from './plan.ts';
import { clockSkewed } from './trusted-clock.ts';
import { isDecidedAgainst, isServed } from './rights.ts';

/** What the guards are asked about, all of it read at the API server at that moment. */
export interface GuardFacts {
  readonly scene: FullScene;
  /** When attempts for other candidates of the rule were begun; milliseconds since the epoch (guard 5). */
  readonly started: readonly number[];
  /** When attempts for other candidates of the profile were begun, of all its rules (guard 5). */
  readonly startedOfProfile: readonly number[];
  /** What was begun in the account, of all namespaces (guard 5); undefined before it is known which one. */
  readonly accountReclaims: AccountReclaims | undefined;
  /** Admins of the profile, and of the account by other profiles and namespaces, whose reclaim was begun so short a time ago that the vendor may still count them (guard 2). */
  readonly recentAdmins: number;
  /** Whose turn it is to write to the account; undefined before it is taken. */
  readonly turn: AccountTurn | undefined;
  /** Who asks: the turn has to be this one's. */
  readonly holder: string;
  readonly now: number;
}

/** A guard of design section 5: what must hold at the moment of the write, or nothing is sent. */
export interface ReclaimGuard {
  /** Number in design section 5. */
  readonly number: 1 | 2 | 3 | 4 | 5 | 6 | 9 | 11;
  readonly name: string;
  /** What does not hold; undefined = it does. */
  readonly check: (facts: GuardFacts) => Standing | undefined;
}

/** Nothing is sent so many milliseconds before the turn ends: what was sent has to end before another process may take it. */
export const turnMarginMs = 60_000;

export const accountBusyText = 'Another reclaim of the account is under way, or may be: one is done after the other.';

/** All that is asked of our own objects, in this order. What is asked of the vendor is in inspection-guards.ts. */
export const reclaimGuards: readonly ReclaimGuard[] = [
  { number: 11, name: 'ClockTrusted', check: ({ scene }) => refuse(!scene.isClockTrusted, clockSkewed) },
  { number: 1, name: 'CandidateAwaitsRevocation', check: ({ scene }) => refuse(scene.candidate.status?.state !== 'AwaitingRevocation' || scene.candidate.metadata.deletionTimestamp !== undefined, waiting('StateChanged', 'The candidate is in another state by now.')) },
  { number: 1, name: 'ProfileThere', check: ({ scene }) => refuse(scene.profile.metadata.deletionTimestamp !== undefined, waiting('ProfileGone', 'The profile is being deleted.')) },
  { number: 1, name: 'ProfilePublished', check: ({ scene }) => refuse(!isPublished(scene.profile), person('ProfileNotPublished', `The IntegrationProfile ${scene.profile.metadata.name} is not published. Its conditions say what is missing.`)) },
  { number: 1, name: 'ProfileNotSuspended', check: ({ scene }) => refuse(scene.profile.spec.suspend, person('ProfileSuspended', `The IntegrationProfile ${scene.profile.metadata.name} is suspended. Set its spec.suspend to false to go on.`)) },
  { number: 9, name: 'SameSubscription', check: ({ scene }) => refuse(!isAsDecided(scene.subscription, scene.candidate.spec.subject) || scene.subscription.metadata.deletionTimestamp !== undefined, waiting('SubscriptionChanged', 'The subscription no longer matches the candidate.')) },
  { number: 1, name: 'RuleThere', check: ({ scene }) => refuse(!isRuleOf(scene), person('RuleNotFound', 'The rule is being deleted, or is for another profile by now.')) },
  { number: 1, name: 'RuleNotSuspended', check: ({ scene }) => refuse(scene.rule.spec.suspend, person('RuleSuspended', 'spec.suspend of the ReclamationRule is true: its candidates stay as they are.')) },
  // Reclaim enabled, rule confirmed, mode, ownership, plan and freeze: the same words as while it waits.
  { number: 1, name: 'NothingInTheWay', check: ({ scene, now }) => findObstacle(scene, now) },
  { number: 1, name: 'SameAction', check: ({ scene }) => refuse(!isSameAction(scene), waiting('RuleChanged', 'The rule does something else by now.')) },
  { number: 1, name: 'Decided', check: ({ scene }) => findMissingDecision(scene) ?? refuse(isDecidedAgainst(scene), waiting('StateChanged', 'The decision changed in the meantime.')) },
  { number: 1, name: 'NoticeServed', check: ({ scene, now }) => refuse(!isServed(scene, scene.rule, now), waiting('NoticeNotServed', 'The person was not asked, or the notice has not run out.')) },
  { number: 6, name: 'NotHeld', check: ({ scene }) => held(scene) },
  { number: 2, name: 'NotProtected', check: ({ scene }) => refuse(scene.verdict.judgement.kind === 'Protected', waiting('Protected', 'The person is protected by now.')) },
  { number: 1, name: 'StillInactive', check: ({ scene }) => refuse(scene.verdict.judgement.kind !== 'Candidate', waiting('EvidenceIncomplete', 'The rule does not find the subscription inactive now.')) },
  { number: 4, name: 'NoOpenAttempt', check: ({ scene }) => openAttempt(scene) },
  { number: 4, name: 'OwnTurn', check: (facts) => refuse(!hasTurn(facts), waiting('AccountBusy', accountBusyText)) },
  { number: 5, name: 'WithinBudget', check: overBudget },
  { number: 5, name: 'WithinProfileCap', check: overProfileCap },
  { number: 5, name: 'WithinAccountCap', check: overAccountCap },
];

/** The first guard that does not hold. */
export function askGuards(facts: GuardFacts, guards: readonly ReclaimGuard[] = reclaimGuards): Standing | undefined {
  for (const { check } of guards) {
    const standing = check(facts);
    if (standing !== undefined) return standing;
  }
  return undefined;
}

/** Guards that hold only under the turn are not asked before it is taken. */
export const guardsBeforeTurn = reclaimGuards.filter(({ name }) => name !== 'OwnTurn');

/** The wish is asked besides what the profile has come to: its status may lag behind. */
function isPublished({ spec, status }: IntegrationProfile): boolean {
  return status?.state === 'Published' && spec.publish;
}

function isRuleOf({ rule, profile }: FullScene): boolean {
  return rule.metadata.deletionTimestamp === undefined && rule.spec.profileRef.name === profile.metadata.name;
}

function isSameAction({ rule, candidate }: FullScene): boolean {
  const { action, downgradeTo } = candidate.spec.subject;
  const target = rule.spec.downgradeTo;
  return rule.spec.action === action && target?.role === downgradeTo?.role && target?.subscriptionIdentifier === downgradeTo?.subscriptionIdentifier;
}

function held({ verdict: { hold } }: FullScene): Standing | undefined {
  return hold === undefined ? undefined : { kind: hold.needsPerson ? 'NeedsPerson' : 'Waiting', reason: hold.reason, message: hold.message };
}

function openAttempt(scene: FullScene): Standing | undefined {
  const last = scene.candidate.status?.attempt;
  return last === undefined || mayFollow(scene, last) ? undefined : waiting('OutcomeUnclear', unclearText);
}

function hasTurn({ turn, holder, now }: GuardFacts): boolean {
  return turn?.holder === holder && now <= turn.endsAt - turnMarginMs;
}

function overBudget({ scene: { rule, verdict }, started, now }: GuardFacts): Standing | undefined {
  const { limits, evaluationPeriodHours: periodHours } = rule.spec;
  const budget = decideBudget({ started, covered: verdict.covered, limits, periodHours, now });
  if (budget.left > 0) return undefined;
  if (budget.message !== undefined) return person('BudgetZero', budget.message);
  return waiting('BudgetSpent', 'As many as spec.limits of the rule allow were reclaimed within the last period: it goes on by itself.');
}

function refuse(holds: boolean, standing: Standing): Standing | undefined {
  return holds ? standing : undefined;
}

function waiting(reason: string, message: string): Standing {
  return { kind: 'Waiting', reason, message };
}

function person(reason: string, message: string): Standing {
  return { kind: 'NeedsPerson', reason, message };
}
