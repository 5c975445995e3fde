import { isTrue, type ConditionPart } from '../conditions.ts';
import { isRuleConfirmed } from './confirmation.ts';
import type { RuleOutcome } from './decide-status.ts';
import type { RuleScene } from './input.ts';

/** Something for which nothing is reclaimed. */
export interface Obstacle {
  readonly reason: string;
  readonly message: string;
}

/** What of an outcome can stand in the way. */
type Standing = Pick<RuleOutcome, 'hold' | 'ownershipProblems' | 'frozen' | 'budget' | 'profileBudget'>;

type Check = (scene: RuleScene, outcome: Standing) => Obstacle | undefined;

/** Why candidates of the rule are not reclaimed now, the first first (S50, S79, guards 1 and 5). Each is asked again, live, before every write. */
const checks: readonly Check[] = [
  ({ rule }) => when(rule.spec.suspend, 'Suspended', 'The rule is suspended (spec.suspend).'),
  ({ profile }) => when(profile?.spec.reclaimSubscriptions === false, 'ReclaimDisabled', 'Reclaim Subscriptions is cleared on the profile (spec.reclaimSubscriptions): candidates are made and nothing is reclaimed.'),
  ({ rule }) => when(rule.spec.mode === 'Observe', 'ModeObserve', 'The rule only counts (spec.mode Observe).'),
  ({ rule }) => when(!isRuleConfirmed(rule), 'RuleNotConfirmed', 'Nobody has confirmed the rule as it is now: see the condition Confirmed.'),
  (_scene, { hold }) => when(hold !== undefined, 'Held', 'Nothing is reclaimed while evaluations are held: see Evaluated.'),
  (_scene, { ownershipProblems }) => when(ownershipProblems.length > 0, 'OwnershipUnreadable', 'It cannot be read who else manages the accounts: see OwnershipReadable.'),
  (_scene, { frozen }) => when(frozen !== undefined, 'Frozen', `A freeze window is in force: ${frozen?.reason ?? ''}`.trim()),
  (_scene, { budget }) => when(budget.allowed === 0, 'BudgetZero', 'spec.limits.maxPercent of those covered is less than one: raise it, or nothing can ever be reclaimed.'),
  (_scene, { budget }) => when(budget.started >= budget.allowed, 'BudgetSpent', 'As many as spec.limits allow were reclaimed within the last period: it goes on by itself.'),
  (_scene, { profileBudget: { started, allowed } }) => when(started >= allowed, 'BudgetSpent', `The profile’s rules began as many reclaims within 24 hours as its spec.reclaimLimits allows (${allowed} a day). The operator goes on by itself.`),
];

export function decideReclaiming(scene: RuleScene, outcome: RuleOutcome): ConditionPart {
  const [obstacle] = findObstacles(scene, outcome);
  if (obstacle !== undefined) return { type: 'Reclaiming', status: 'False', ...obstacle };
  return isTrue('Reclaiming', 'Reclaiming', scene.rule.spec.mode === 'Enforce' ? 'Candidates are reclaimed when their notice has run out.' : 'Candidates are reclaimed once it is decided.');
}

/** All that stands in the way now, the first first. */
export function findObstacles(scene: RuleScene, outcome: Standing): Obstacle[] {
  return checks.flatMap((check) => check(scene, outcome) ?? []);
}

function when(holds: boolean, reason: string, message: string): Obstacle | undefined {
  return holds ? { reason, message } : undefined;
}
