import { renderReclaimPlan } from '../../licensing/reclaim/plan-text.ts';
import type { PlannedReclaim } from '../../licensing/reclaim/plan.ts';
import { alignColumns } from '../workbench/align-columns.ts';
import type { PlanDiff, RulePlan } from './plan-rule.ts';

/** The plan for a person; the comparison stands first, as it is what was asked for. */
export function renderRulePlan(plan: RulePlan): string {
  const text = renderReclaimPlan(plan, alignColumns);
  return plan.diff === undefined ? text : `${renderDiff(plan.diff, plan.rule).join('\n')}\n\n${text}`;
}

function renderDiff({ against, added, dropped, kept }: PlanDiff, rule: string): string[] {
  const title = against === undefined ? `There is no rule ${rule} yet: everybody is added` : `Compared with rule ${rule} as it is (plan ${against})`;
  const rows = [...added.map((person) => row('+', person)), ...dropped.map((person) => row('-', person))];
  const columns = [{ title: '' }, { title: 'SUBSCRIPTION' }, { title: 'USER' }, { title: 'ROLE' }, { title: 'LICENCE' }, { title: 'INACTIVE', align: 'right' }] as const;
  return [title, `  ${added.length} added, ${dropped.length} dropped, ${kept} in both`, ...(rows.length === 0 ? [] : alignColumns(columns, rows).map((line) => `  ${line}`))];
}

function row(sign: string, { subscription, externalUserId, role, licence, identifier, inactiveDays }: PlannedReclaim): string[] {
  return [sign, subscription, externalUserId, role, licence ?? identifier, inactiveDays === undefined ? 'never' : `${inactiveDays} d`];
}
