import { terminal } from '../api/errors.ts';
import { createProviders } from '../providers/registry.ts';
import { loadSnapshot, type CommandContext } from './position/load-snapshot.ts';
import { print } from './position/run-command.ts';
import { canonicalJson } from './position/snapshot-file.ts';
import type { RecordedRule, Snapshot } from './position/snapshot-schema.ts';
import type { PlanRuleOptions } from './plan-rule-options.ts';
import { planRule, type PlannedRule, type RulePlanRequest } from './rule/plan-rule.ts';
import { readRuleFile } from './rule/read-rule-file.ts';
import { readRecordedSpec } from './rule/read-rule-spec.ts';
import { renderRulePlan } from './rule/render-rule-plan.ts';
import { requireRules } from './rule/rule-scene.ts';
import type { Provider } from '../providers/provider.ts';

/** `saaslicense plan --rule`: whom a rule, or a change of it, would touch (D1, D10). */
export async function planRuleCommand(options: PlanRuleOptions, context: CommandContext): Promise<number> {
  const providers = createProviders();
  const snapshot = await loadSnapshot(options.source, false, context);
  const request = await readRequest(options, snapshot, providers);
  const plan = planRule(snapshot, request, { at: options.at ?? Date.parse(snapshot.at), providers });
  await print(options.format === 'json' ? `${canonicalJson(plan)}\n` : renderRulePlan(plan));
  return 0;
}

async function readRequest({ rule: name, ruleFile, comparesWithNow }: PlanRuleOptions, snapshot: Snapshot, providers: readonly Provider[]): Promise<RulePlanRequest> {
  const rules = requireRules(snapshot);
  if (ruleFile === undefined) {
    const recorded = rules.find((one) => one.name === name);
    if (recorded === undefined) throw noRule(name ?? '', snapshot, rules);
    return { rule: toPlanned(recorded, providers), operatorHash: recorded.planHash };
  }
  const rule = await readRuleFile(ruleFile, name, providers);
  const before = rules.find((one) => one.name === rule.name);
  if (!comparesWithNow) return { rule };
  return { rule, before: before === undefined ? null : toPlanned(before, providers) };
}

function toPlanned({ name, spec, reviewId }: RecordedRule, providers: readonly Provider[]): PlannedRule {
  return { name, reviewId, spec: readRecordedSpec(name, spec, providers) };
}

function noRule(name: string, { namespace }: Snapshot, rules: readonly RecordedRule[]): Error {
  const known = rules.map((rule) => rule.name).slice(0, 10).join(', ');
  return terminal('NoRule', `There is no ReclamationRule ${name} in namespace ${namespace}; there ${known === '' ? 'is none' : `are ${known}`}.`);
}
