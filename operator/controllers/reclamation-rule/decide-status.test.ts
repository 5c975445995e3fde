import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aCandidate, aReclamationRule } from '../../../test/support/rule-builders.ts';
import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import { decideRuleStatus, type RuleOutcome } from './decide-status.ts';
import type { RuleScene } from './input.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const counts = { covered: 100, active: 70, recent: 5, inactive: 20, unknown: 5, protected: 3, excluded: 2, coolingDown: 1, otherRule: 0, candidates: 14, candidateRatioPercent: 14 };
const evaluated = { evaluation: { time: '2026-11-24T12:00:00Z', inputs: 'i', ...counts }, plan: { hash: `sha256:${'a'.repeat(64)}`, candidates: 14 } };
const fine: RuleOutcome = { hold: undefined, evaluated, ownershipProblems: [], ownershipNotes: [], frozen: undefined, freezeProblem: undefined, budget: { started: 0, allowed: 5 }, profileBudget: { started: 0, allowed: 50 } };

function sceneOf(spec: Partial<ReclamationRuleSpec> = {}, change: Partial<RuleScene> = {}): RuleScene {
  return {
    rule: aReclamationRule({ confirmed: !('confirmedRule' in spec), spec }),
    profile: aProfile({ status: { state: 'Published' } }),
    provider: undefined, models: [], exclusions: [], candidates: [], siblings: [], isRefreshing: false, isHalfWritten: false, leavers: new Set(),
    ...change,
  };
}

function conditionOf(type: string, scene: RuleScene, outcome: RuleOutcome = fine): string {
  const part = decideRuleStatus(scene, outcome, now).parts.find((each) => each.type === type);
  return part === undefined ? 'absent' : `${part.status} ${part.reason}`;
}

describe('what a rule says of itself', () => {
  it.each<[string, string, RuleScene, Partial<RuleOutcome>]>([
    ['is confirmed, and nothing stands in its way', 'True Reclaiming', sceneOf(), {}],
    ['S50: Reclaim Subscriptions is cleared on the profile', 'False ReclaimDisabled', sceneOf({}, { profile: aProfile({ spec: { reclaimSubscriptions: false } }) }), {}],
    ['S79: nobody has confirmed it', 'False RuleNotConfirmed', sceneOf({ confirmedRule: undefined }), {}],
    ['(f): it is another one than was confirmed', 'False RuleNotConfirmed', sceneOf({ confirmedRule: '0'.repeat(40) }), {}],
    ['C15: it only counts', 'False ModeObserve', sceneOf({ mode: 'Observe' }), {}],
    ['it is suspended', 'False Suspended', sceneOf({ suspend: true }), {}],
    ['C11: the evidence is old', 'False Held', sceneOf(), { hold: { reason: 'DataStale', message: 'old', needsPerson: true } }],
    ['D7: it cannot be read who else manages accounts', 'False OwnershipUnreadable', sceneOf(), { ownershipProblems: ['no state'] }],
    ['a freeze is on', 'False Frozen', sceneOf(), { frozen: { reason: 'Holidays' } }],
    ['C12: five percent of those covered are nobody', 'False BudgetZero', sceneOf(), { budget: { started: 0, allowed: 0 } }],
    ['C12: as many as are allowed were reclaimed', 'False BudgetSpent', sceneOf(), { budget: { started: 5, allowed: 5 } }],
    ['guard 5: as many as the profile allows were reclaimed, by all its rules', 'False BudgetSpent', sceneOf(), { profileBudget: { started: 50, allowed: 50 } }],
  ])('when %s: Reclaiming is %s', (_what, expected, scene, outcome) => {
    expect(conditionOf('Reclaiming', scene, { ...fine, ...outcome })).toBe(expected);
  });

  it('guard 12: what is not whole of the whole cluster is said, and holds nobody', () => {
    const outcome = { ...fine, ownershipNotes: ['One of the Users is nameless.'] };
    expect(conditionOf('OwnershipReadable', sceneOf(), outcome)).toBe('True OwnershipIncomplete');
    expect(conditionOf('Reclaiming', sceneOf(), outcome)).toBe(conditionOf('Reclaiming', sceneOf(), fine));
    expect(conditionOf('OwnershipReadable', sceneOf(), { ...outcome, ownershipProblems: ['no state'] })).toBe('False OwnershipUnreadable');
  });

  it('guards 5 and 6: a hold that a person must end stalls the rule; one that passes does not', () => {
    const held = (needsPerson: boolean): RuleOutcome => ({ ...fine, evaluated: undefined, hold: { reason: 'Why', message: 'why', needsPerson } });
    expect(conditionOf('Stalled', sceneOf(), held(true))).toBe('True Why');
    expect(conditionOf('Reconciling', sceneOf(), held(false))).toBe('True Why');
    expect(conditionOf('Ready', sceneOf())).toBe('True Evaluated');
  });

  it('a hold keeps the day on which it began, and what was evaluated before stays', () => {
    const held = { reason: 'DataStale', message: 'old', since: '2026-11-20T00:00:00Z' };
    const scene = sceneOf({}, { rule: aReclamationRule({ confirmed: true, status: { ...evaluated, held } }) });
    const { status } = decideRuleStatus(scene, { ...fine, evaluated: undefined, hold: { reason: 'DataStale', message: 'old', needsPerson: true } }, now);
    expect(status.held?.since).toBe('2026-11-20T00:00:00Z');
    expect(status.evaluation).toEqual(evaluated.evaluation);
  });

  it('D1: a plan that is not the confirmed one is told, with both hashes and how many are not part of it', () => {
    const other = `sha256:${'b'.repeat(64)}`;
    expect(conditionOf('PlanConfirmed', sceneOf())).toBe('absent');
    expect(conditionOf('PlanConfirmed', sceneOf({ confirmedPlan: evaluated.plan.hash }))).toBe('True PlanConfirmed');
    const open = ['a', 'b', 'c'].map((name) => aCandidate({ name, status: { state: 'Ready', planHash: name === 'a' ? other : evaluated.plan.hash } }));
    const changed = decideRuleStatus(sceneOf({ confirmedPlan: other }, { candidates: open }), fine, now);
    expect(changed.status.plan).toMatchObject({ confirmed: false });
    expect(changed.parts.find(({ type }) => type === 'PlanConfirmed')).toMatchObject({
      status: 'False', reason: 'PlanChanged',
      message: expect.stringContaining(`The plan is ${evaluated.plan.hash}, and spec.confirmedPlan is ${other}: 2 of 3 open candidates are not part of the confirmed plan`) as string,
    });
    expect(conditionOf('PlanConfirmed', sceneOf({ confirmedPlan: other }), { ...fine, evaluated: undefined })).toBe('Unknown NotYetEvaluated');
  });

  it('C32: a threshold of less than a month is allowed and worth a word', () => {
    expect(conditionOf('ThresholdReasonable', sceneOf({ lastActivityThresholdDays: 29 }))).toBe('False ThresholdLow');
    expect(conditionOf('ThresholdReasonable', sceneOf({ lastActivityThresholdDays: 30 }))).toBe('absent');
  });

  it('L14, D9: counts its own open candidates, and adds up their savings unless they are in two currencies', () => {
    const usd = (amountMinor: number) => ({ state: 'Ready' as const, potentialSavings: { amountMinor, currency: 'USD' } });
    const own = [aCandidate({ name: 'a', status: usd(100) }), aCandidate({ name: 'b', status: usd(200) }), aCandidate({ name: 'c', status: { state: 'ClosedComplete' } })];
    const other = aCandidate({ name: 'd', subject: { ruleRef: { name: 'other' } }, status: usd(1000) });
    const { status } = decideRuleStatus(sceneOf({}, { candidates: [...own, other] }), fine, now);
    expect(status).toMatchObject({ openCandidates: 2, potentialSavings: { amountMinor: 300, currency: 'USD' }, states: [{ state: 'Ready', count: 2 }, { state: 'ClosedComplete', count: 1 }] });
    const euro = aCandidate({ name: 'e', status: { state: 'Ready', potentialSavings: { amountMinor: 1, currency: 'EUR' } } });
    expect(decideRuleStatus(sceneOf({}, { candidates: [...own, euro] }), fine, now).status.potentialSavings).toBeUndefined();
  });
});
