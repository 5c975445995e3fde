import type { BacktestReport, Share, VariantResult } from './backtest.ts';
import { returnDays } from './backtest.ts';
import type { AlignColumns } from './text-table.ts';

/** A backtest for a person: a line for each variant, and what became of everybody. */
export function renderBacktest(report: BacktestReport, align: AlignColumns): string {
  const title = `Backtest over ${report.states} recorded states from ${timeText(report.from)} to ${timeText(report.to)}`;
  const legend = `RETURNED: active within ${returnDays} days, and ever, after they would have been flagged. PRECISION: flagged, seen for that long, and not returned. RECALL: of those known to be unused, flagged.`;
  const sections = [[title], align(columns, report.variants.map(row)), align(cohortColumns, report.variants.map(cohortRow)), [legend]];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const columns = [
  { title: 'VARIANT' }, { title: 'DAYS', align: 'right' }, { title: 'FLAGGED', align: 'right' }, { title: `RETURNED ${returnDays} D`, align: 'right' }, { title: 'RETURNED EVER', align: 'right' },
  { title: `PRECISION ${returnDays} D`, align: 'right' }, { title: 'PRECISION EVER', align: 'right' }, { title: 'RECALL', align: 'right' },
] as const;

function row({ name, thresholdDays, people, returned30, returnedEver, precision30, precisionEver, recall }: VariantResult): string[] {
  return [name, String(thresholdDays), String(people), String(returned30), String(returnedEver), percent(precision30), percent(precisionEver), percent(recall)];
}

const cohortColumns = [
  { title: 'VARIANT' }, { title: 'RETAINED', align: 'right' }, { title: 'REACTIVATED', align: 'right' }, { title: 'LAPSED', align: 'right' }, { title: 'RECLAIMED', align: 'right' },
  { title: 'LEFT', align: 'right' }, { title: 'NEW', align: 'right' }, { title: 'STILL AT RISK', align: 'right' }, { title: 'UNJUDGED', align: 'right' }, { title: 'NEW, ACTIVE IN 30 D', align: 'right' },
] as const;

function cohortRow({ name, cohorts }: VariantResult): string[] {
  const { retained, reactivated, lapsed, reclaimed, left, stillAtRisk, unjudged, activated30 } = cohorts;
  return [name, ...[retained, reactivated, lapsed, reclaimed, left, cohorts.new, stillAtRisk, unjudged].map(String), percent(activated30)];
}

/** Rounded down to a tenth, so that nothing short of everybody is shown as 100 percent. */
function percent(share: Share | undefined): string {
  if (share === undefined || share.of === 0) return '-';
  const tenths = Math.floor((share.part * 1000) / share.of);
  return `${Math.floor(tenths / 10)}.${tenths % 10} % (${share.part}/${share.of})`;
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
