import { compact } from '../../api/compact.ts';
import type { ReclamationRuleStatus } from '../../api/reclamation-rule.ts';
import { candidateStates, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';
import type { Hold } from '../../licensing/reclaim/facts.ts';
import { formatMoney } from '../../licensing/position/amounts.ts';
import { isTrue, summariseConditions, type ConditionPart } from '../conditions.ts';
import type { RuleReview } from '../../licensing/reclaim/review.ts';
import { requestedAt } from '../connection-alias/decide-connect.ts';
import { confirmedPart, planConfirmedPart, reviewOf } from './confirmation.ts';
import { decideReclaiming } from './decide-reclaiming.ts';
import type { RuleScene } from './input.ts';

/** Types of conditions that this controller owns. */
export const ruleConditionTypes = ['Evaluated', 'Confirmed', 'Reclaiming', 'PlanConfirmed', 'OwnershipReadable', 'FreezeWindowsValid', 'ThresholdReasonable', 'Ready', 'Reconciling', 'Stalled'];

/** What this pass came to. */
export interface RuleOutcome {
  /** Why no candidates are made. */
  readonly hold: Hold | undefined;
  /** Undefined: nothing was evaluated in this pass, and what status says stays. */
  readonly evaluated: Pick<ReclamationRuleStatus, 'evaluation' | 'guards' | 'plan'> | undefined;
  readonly ownershipProblems: readonly string[];
  /** What is not whole of who else manages accounts, and holds nobody. */
  readonly ownershipNotes: readonly string[];
  readonly frozen: { readonly reason: string } | undefined;
  /** A window that cannot be read: it freezes for good. */
  readonly freezeProblem: string | undefined;
  readonly budget: { readonly started: number; readonly allowed: number };
  /** The same of all rules of the profile, within 24 hours. */
  readonly profileBudget: { readonly started: number; readonly allowed: number };
}

export interface RulePlan {
  readonly status: Omit<ReclamationRuleStatus, 'conditions' | 'review'> & { readonly review: RuleReview };
  readonly parts: readonly ConditionPart[];
}

/** Status of a rule: a pure function of what was read, what was found, and now. */
export function decideRuleStatus(scene: RuleScene, outcome: RuleOutcome, now: number): RulePlan {
  const { rule } = scene;
  const before = rule.status ?? {};
  const { evaluation, guards, plan } = outcome.evaluated ?? before;
  const own = scene.candidates.filter(({ spec }) => spec.subject.ruleRef.name === rule.metadata.name);
  const open = own.filter(({ status }) => !isClosed(status?.state));
  const savings = sumSavings(open);
  const { confirmedPlan } = rule.spec;
  const status: RulePlan['status'] = {
    observedGeneration: rule.metadata.generation ?? 0,
    review: reviewOf(rule),
    openCandidates: open.length,
    run: outcome.budget,
    ...compact({
      evaluation,
      guards,
      lastHandledRequestedAt: outcome.evaluated === undefined ? before.lastHandledRequestedAt : requestedAt(rule),
      held: outcome.hold === undefined ? undefined : describeHold(outcome.hold, before.held, now),
      plan: plan === undefined ? undefined : { hash: plan.hash, candidates: plan.candidates, ...(confirmedPlan === undefined ? {} : { confirmed: confirmedPlan === plan.hash }) },
      states: countStates(own),
      potentialSavings: savings,
      savingsText: savings === undefined ? undefined : formatMoney(savings),
    }),
  };
  return { status, parts: describeRule(scene, outcome, { status, open }) };
}

function describeHold({ reason, message }: Hold, before: ReclamationRuleStatus['held'], now: number): ReclamationRuleStatus['held'] {
  const since = before?.reason === reason ? before.since : new Date(now).toISOString();
  return { reason, message: message.slice(0, 1024), since };
}

function countStates(own: readonly RemovalCandidate[]): ReclamationRuleStatus['states'] {
  const counts = candidateStates.map((state) => ({ state, count: own.filter(({ status }) => status?.state === state).length }));
  const shown = counts.filter(({ count }) => count > 0);
  return shown.length === 0 ? undefined : shown;
}

/** Undefined while no price is known, or while prices are in several currencies: they are never mixed (D9). */
function sumSavings(open: readonly RemovalCandidate[]): ReclamationRuleStatus['potentialSavings'] {
  const known = open.map(({ status }) => status?.potentialSavings).filter((each) => each !== undefined);
  const [first] = known;
  if (first === undefined || known.some(({ currency }) => currency !== first.currency)) return undefined;
  return { currency: first.currency, amountMinor: known.reduce((sum, { amountMinor }) => sum + amountMinor, 0) };
}

interface Decided {
  readonly status: RulePlan['status'];
  /** Open candidates of the rule. */
  readonly open: readonly RemovalCandidate[];
}

function describeRule(scene: RuleScene, outcome: RuleOutcome, { status, open }: Decided): ConditionPart[] {
  const { spec } = scene.rule;
  const parts = [
    evaluatedPart(outcome, status),
    confirmedPart(scene.rule, status.review),
    decideReclaiming(scene, outcome),
    ...planConfirmedPart(spec, status.plan?.hash, open),
    ...ownershipPart(outcome),
    ...freezePart(outcome.freezeProblem),
    ...thresholdPart(spec.lastActivityThresholdDays),
  ];
  const mode = { Observe: 'It counts only, and makes no candidates.', Propose: 'Its candidates wait for spec.decision.', Enforce: 'Its candidates are reclaimed after their notice.' }[spec.mode];
  return summariseConditions(parts, ['Evaluated', 'FreezeWindowsValid'], { reason: 'Evaluated', message: mode });
}

function evaluatedPart({ hold }: RuleOutcome, { evaluation }: RulePlan['status']): ConditionPart {
  if (hold !== undefined) return { type: 'Evaluated', status: 'False', reason: hold.reason, message: hold.message, cause: hold.needsPerson ? 'Terminal' : 'Waiting' };
  if (evaluation === undefined) return { type: 'Evaluated', status: 'Unknown', reason: 'NotYetEvaluated', message: 'The rule was not evaluated yet.', cause: 'Waiting' };
  return isTrue('Evaluated', 'Evaluated', 'The rule is evaluated when a refresh ends, when it changes, and on its period: see status.evaluation.');
}

/** What comes before what could not be read. */
export const unreadableText = 'Nothing is reclaimed while it cannot be read who else manages the accounts: ';
export const incompleteText = 'Not every managed account is known; reclaiming goes on. ';

function ownershipPart({ ownershipProblems: problems, ownershipNotes: notes }: RuleOutcome): ConditionPart[] {
  if (problems.length === 0 && notes.length === 0) return [];
  if (problems.length === 0) return [{ type: 'OwnershipReadable', status: 'True', reason: 'OwnershipIncomplete', message: `${incompleteText}${notes.slice(0, 3).join(' ')}` }];
  return [{ type: 'OwnershipReadable', status: 'False', reason: 'OwnershipUnreadable', message: `${unreadableText}${problems.slice(0, 3).join(' ')}` }];
}

function freezePart(problem: string | undefined): ConditionPart[] {
  return problem === undefined ? [] : [{ type: 'FreezeWindowsValid', status: 'False', reason: 'FreezeWindowInvalid', message: problem, cause: 'Terminal' }];
}

/** Allowed, since some companies want it, but worth a word (C32). */
function thresholdPart(days: number): ConditionPart[] {
  if (days >= 30) return [];
  return [{ type: 'ThresholdReasonable', status: 'False', reason: 'ThresholdLow', message: 'spec.lastActivityThresholdDays is less than 30: a holiday looks like a seat that nobody uses.' }];
}
