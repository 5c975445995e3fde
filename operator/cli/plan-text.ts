import type { ComplianceState } from '../api/license-position.ts';
import { formatMoney } from '../licensing/position/amounts.ts';
import type { RenewalComparison, Term } from '../licensing/position/compare-renewals.ts';
import type { Comparison, Difference, MoneyDifference, MoneyName } from '../licensing/position/compare.ts';
import type { PlanDocument } from './plan-document.ts';
import { alignColumns, type Column } from './workbench/align-columns.ts';

/**
 * The plan for a person: a table for each model, profile and the namespace. Figures that are 0 on both sides are left out,
 * and of what no change touches there is one line.
 */
export function renderPlanText(plan: PlanDocument): string {
  const isChanged = plan.changes.length > 0;
  const title = `Licence position of namespace ${plan.namespace} at ${plan.at}${isChanged ? ', as it is and as it would be' : ''}`;
  const sections = [
    [title],
    isChanged ? ['Changes', ...indent(plan.changes)] : [],
    ...plan.comparisons.map((comparison) =>
      isChanged && isUntouched(comparison) ? [`${titleOf(comparison)}: no change`] : [titleOf(comparison), ...indent(renderComparison(comparison, isChanged))],
    ),
    ...plan.renewals.map((renewal) => [`Renewal of ${renewal.entitlement}, for ${renewal.model}`, ...indent(renderRenewal(renewal))]),
    plan.notes.length === 0 ? [] : ['Notes', ...indent(plan.notes)],
    [`Plan ${plan.hash}`],
  ];
  return `${sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function titleOf({ scope, name, profile }: Comparison): string {
  return `${scope} ${name}${profile === undefined ? '' : ` of profile ${profile}`}`;
}

const countTitles: readonly (readonly [keyof Comparison['counts'], string])[] = [
  ['owned', 'Rights owned'],
  ['assigned', 'Subscriptions'],
  ['excluded', '  excluded'],
  ['duplicates', '  duplicates'],
  ['used', 'Rights used'],
  ['active', '  active'],
  ['recent', '  new'],
  ['unknown', '  unknown'],
  ['unused', 'Rights unused'],
  ['stale', '  stale'],
  ['neverUsed', '  never used'],
  ['pending', '  pending invitation'],
  ['available', 'Rights available'],
  ['needed', 'Rights needed'],
];

const moneyTitles: readonly (readonly [MoneyName, string])[] = [
  ['annualCost', 'Annual cost'],
  ['averageUnitCost', 'Average price, a year'],
  ['trueUpCost', 'True-up cost'],
  ['overLicensedCost', 'Over-licensed amount'],
  ['potentialSavings', 'Savings: potential'],
  ['freedSavings', 'Savings: freed'],
  ['realisedSavings', '  realised'],
  ['atRenewalSavings', '  at renewal'],
  ['forgoneSavings', '  forgone'],
  ['realisedToDate', 'Realised to date'],
];

/** Figures of a position that are told even when they are 0. */
const alwaysShown: readonly string[] = ['owned', 'used', 'unused', 'available', 'needed'];

function renderComparison(comparison: Comparison, isChanged: boolean): string[] {
  const { compliance, thresholdDays, counts, money } = comparison;
  const rows = [
    ['Compliance', compliance.now, compliance.planned, describeChange(compliance.now, compliance.planned)],
    ...(thresholdDays === undefined ? [] : [countRow('Threshold in days', thresholdDays)]),
    ...countTitles.flatMap(([name, title]) => (isZero(counts[name]) && !alwaysShown.includes(name) ? [] : [countRow(title, counts[name])])),
    ...money.flatMap(({ currency, figures }) =>
      moneyTitles.flatMap(([name, title]) => {
        const figure = figures[name];
        return figure === undefined || isZero(figure) ? [] : [moneyRow(title, figure, currency)];
      }),
    ),
  ];
  const columns: Column[] = [{ title: 'FIGURE' }, { title: isChanged ? 'NOW' : 'POSITION', align: 'right' }];
  if (!isChanged) return alignColumns(columns, rows.map((row) => row.slice(0, 2)));
  return alignColumns([...columns, { title: 'PLANNED', align: 'right' }, { title: 'DIFFERENCE', align: 'right' }], rows);
}

function describeChange(now: ComplianceState, planned: ComplianceState): string {
  return now === planned ? '' : 'changes';
}

function isUntouched({ compliance, thresholdDays, counts, money }: Comparison): boolean {
  const figures = [...Object.values(counts), ...money.flatMap((one) => Object.values(one.figures)), ...(thresholdDays === undefined ? [] : [thresholdDays])];
  return compliance.now === compliance.planned && figures.every(({ difference }) => difference === 0);
}

function isZero({ now = 0, planned = 0 }: MoneyDifference): boolean {
  return now === 0 && planned === 0;
}

function countRow(title: string, { now, planned, difference }: Difference): string[] {
  return [title, String(now), String(planned), signed(difference, String)];
}

function moneyRow(title: string, { now, planned, difference }: MoneyDifference, currency: string): string[] {
  const show = (amountMinor: number) => formatMoney({ amountMinor, currency });
  const known = (amount: number | undefined) => (amount === undefined ? '-' : show(amount));
  return [title, known(now), known(planned), signed(difference, show)];
}

/** A difference with its sign in front, so that nobody takes it for an amount; empty when there is none. */
function signed(difference: number, show: (amount: number) => string): string {
  if (difference === 0) return '';
  return `${difference > 0 ? '+' : '-'}${show(Math.abs(difference))}`;
}

function renderRenewal({ now, planned, next, difference, suggestedRights }: RenewalComparison): string[] {
  const rows = [
    ...(now === undefined ? [] : [termRow('Present term, now', now)]),
    termRow('Present term, planned', planned),
    ...(next === undefined ? [] : [termRow('Next term', next)]),
  ];
  const { currency } = planned.price;
  return [
    ...alignColumns([{ title: 'TERM' }, { title: 'FROM' }, { title: 'TO' }, { title: 'RIGHTS', align: 'right' }, { title: 'PRICE', align: 'right' }, { title: 'COST', align: 'right' }], rows),
    ...(difference === undefined ? [] : [`Difference of the present term: ${signed(difference, (amountMinor) => formatMoney({ amountMinor, currency })) || 'none'}`]),
    ...(suggestedRights === undefined ? [] : [`Suggested rights for the next term, by the peak of people not known to be unused: ${suggestedRights}`]),
  ];
}

function termRow(title: string, { rights, price, start, end, costMinor }: Term): string[] {
  const cost = costMinor === undefined ? '' : formatMoney({ amountMinor: costMinor, currency: price.currency });
  return [title, start, end ?? 'no end', String(rights), `${formatMoney(price)}/${price.period}`, cost];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
