import type { Registry } from 'prom-client';
import { toMajor } from '../api/currency.ts';
import type { ReclamationRuleStatus } from '../api/reclamation-rule.ts';
import { candidateStates } from '../api/removal-candidate.ts';
import type { ObjectName } from './license-metrics.ts';
import { createOwnedGauge, type OwnedGauge } from './owned-gauge.ts';

/** Rules and their candidates, counted: no person is in a label (guard 7). */
export interface RuleMetrics {
  setRule(rule: ObjectName, facts: { readonly profile: string; readonly status: ReclamationRuleStatus }): void;
  /** Takes away every series of a deleted rule. */
  forgetRule(rule: ObjectName): void;
}

const names = ['namespace', 'profile', 'rule'] as const;
const verdicts = ['active', 'recent', 'unknown', 'protected', 'excluded', 'coolingDown', 'otherRule', 'candidates'] as const;

export function createRuleMetrics(registry: Registry): RuleMetrics {
  const gauge = <Label extends string>(name: string, help: string, labels: readonly Label[]): OwnedGauge<Label> => createOwnedGauge({ name: `saaslicense_${name}`, help, labels, registry });
  const subscriptions = gauge('rule_subscriptions', 'Subscriptions that a ReclamationRule covers, by verdict of its last evaluation; the verdicts add up to those covered.', [...names, 'verdict']);
  const evaluated = gauge('rule_evaluation_timestamp_seconds', 'When a ReclamationRule was last evaluated.', names);
  const held = gauge('rule_held', '1 while evaluations of a ReclamationRule are held, else 0: the condition Evaluated says why.', names);
  const candidates = gauge('removal_candidates', 'RemovalCandidates of a ReclamationRule by state.', [...names, 'state']);
  const savings = gauge('rule_potential_savings', 'What reclaiming the open candidates of a ReclamationRule would save in a year, in units of the currency.', [...names, 'currency']);
  const started = gauge('reclaims_started', 'Reclaims of a ReclamationRule that were begun within its last evaluation period.', names);
  const allowed = gauge('reclaims_allowed', 'Reclaims that the limits of a ReclamationRule allow within an evaluation period.', names);
  const all = [subscriptions, evaluated, held, candidates, savings, started, allowed];
  return {
    setRule({ namespace, name }, { profile, status }) {
      const owner = `${namespace}/${name}`;
      const labels = { namespace, profile, rule: name };
      const { evaluation, potentialSavings, run, states = [] } = status;
      subscriptions.replace(owner, evaluation === undefined ? [] : verdicts.map((verdict) => ({ labels: { ...labels, verdict }, value: evaluation[verdict] ?? 0 })));
      evaluated.replace(owner, evaluation === undefined ? [] : [{ labels, value: Date.parse(evaluation.time) / 1000 }]);
      held.replace(owner, [{ labels, value: status.held === undefined ? 0 : 1 }]);
      candidates.replace(owner, candidateStates.map((state) => ({ labels: { ...labels, state }, value: states.find((each) => each.state === state)?.count ?? 0 })));
      savings.replace(owner, potentialSavings === undefined ? [] : [{ labels: { ...labels, currency: potentialSavings.currency }, value: toMajor(potentialSavings) }]);
      started.replace(owner, run === undefined ? [] : [{ labels, value: run.started }]);
      allowed.replace(owner, run === undefined ? [] : [{ labels, value: run.allowed }]);
    },
    forgetRule({ namespace, name }) {
      for (const each of all) each.forget(`${namespace}/${name}`);
    },
  };
}
