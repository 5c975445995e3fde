import { describe, expect, it } from 'vitest';
import { checkExposition } from '../../test/tooling/check-exposition.ts';
import type { ReclamationRuleStatus } from '../api/reclamation-rule.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const rule = { namespace: 'team-a', name: 'business' };
const at = 'namespace="team-a",profile="pagerduty",rule="business"';
const status: ReclamationRuleStatus = {
  evaluation: { time: '2026-11-24T03:00:00Z', covered: 100, active: 70, recent: 5, inactive: 20, unknown: 5, protected: 3, excluded: 2, coolingDown: 1, otherRule: 0, candidates: 14 },
  states: [{ state: 'Ready', count: 12 }, { state: 'AttentionRequired', count: 2 }],
  potentialSavings: { amountMinor: 688_800, currency: 'USD' },
  run: { started: 1, allowed: 5 },
};

async function samples(metrics: Metrics, name: string): Promise<string[]> {
  return (await metrics.render()).split('\n').filter((line) => line.startsWith(`saaslicense_${name}{`));
}

describe('the metrics of rules', () => {
  it('L14: count subscriptions by verdict, adding up to those covered, and candidates by state, with zeros', async () => {
    const metrics = createMetrics();
    metrics.setRule(rule, { profile: 'pagerduty', status });
    const verdicts = await samples(metrics, 'rule_subscriptions');
    expect(verdicts.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(100);
    expect(await samples(metrics, 'removal_candidates')).toHaveLength(8);
    expect(await samples(metrics, 'removal_candidates')).toContain(`saaslicense_removal_candidates{${at},state="AttentionRequired"} 2`);
    expect(await samples(metrics, 'rule_potential_savings')).toEqual([`saaslicense_rule_potential_savings{${at},currency="USD"} 6888`]);
  });

  it('C11, C12: say whether the rule is held, and what of its limits is used', async () => {
    const metrics = createMetrics();
    metrics.setRule(rule, { profile: 'pagerduty', status: { ...status, held: { reason: 'DataStale', message: 'old', since: '2026-11-24T03:00:00Z' } } });
    expect(await samples(metrics, 'rule_held')).toEqual([`saaslicense_rule_held{${at}} 1`]);
    expect(await samples(metrics, 'reclaims_started')).toEqual([`saaslicense_reclaims_started{${at}} 1`]);
    expect(await samples(metrics, 'reclaims_allowed')).toEqual([`saaslicense_reclaims_allowed{${at}} 5`]);
  });

  it('guard 7: are well formed, name nobody, and go with their rule', async () => {
    const metrics = createMetrics();
    metrics.setRule(rule, { profile: 'pagerduty', status });
    expect(checkExposition(await metrics.render())).toEqual([]);
    const labels = new Set(metrics.describe().filter((metric) => metric.labels.includes('rule')).flatMap((metric) => metric.labels));
    expect([...labels].toSorted()).toEqual(['currency', 'namespace', 'profile', 'rule', 'state', 'verdict']);
    metrics.forgetRule(rule);
    expect((await metrics.render()).includes('rule="business"')).toBe(false);
  });

  it('a rule that was never evaluated shows no counts of subscriptions', async () => {
    const metrics = createMetrics();
    metrics.setRule(rule, { profile: 'pagerduty', status: {} });
    expect(await samples(metrics, 'rule_subscriptions')).toEqual([]);
    expect(await samples(metrics, 'rule_held')).toEqual([`saaslicense_rule_held{${at}} 0`]);
  });
});
