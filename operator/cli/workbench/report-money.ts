import type { MoneyFigures, PositionGroup } from '../../api/license-position.ts';
import { formatMoney } from '../../licensing/position/amounts.ts';
import type { TrendPoint, Workbench } from '../../licensing/position/workbench.ts';
import { formatCount, groupWords, hasSavings, listModels, savingWords, type MoneyName } from './figures.ts';
import { html, nameOf, type Content, type Markup } from './markup.ts';
import { orDash } from './report-answers.ts';
import { drawSavings, drawShare } from './report-charts.ts';
import { drawModel } from './report-position.ts';
import { drawTable, numbers, words, type TableColumn } from './report-table.ts';
import { drawTrend, type Series } from './report-trend.ts';

const costColumns = [
  { key: 'annualCost', title: 'Annual cost' },
  { key: 'averageUnitCost', title: 'Average for a right' },
  { key: 'trueUpCost', title: 'True-up' },
  { key: 'overLicensedCost', title: 'Over-licensed' },
  { key: 'potentialSavings', title: 'Potential savings' },
] as const satisfies readonly { readonly key: MoneyName; readonly title: string }[];

/** One figure as text, or a dash where it is not known. */
const write = (money: MoneyFigures, key: MoneyName): Content => orDash(money[key] === undefined ? undefined : formatMoney({ amountMinor: money[key], currency: money.currency }));

const problems = { NoPrice: 'No price known', MixedCurrencies: 'Entitlements in several currencies' } as const;

/** What the rights cost in a year, and what is needed, too much or unused of them (L30). */
export function drawCost(workbench: Workbench): Markup {
  const rows = listModels(workbench).flatMap(({ profile, model }) => {
    const name = drawModel({ profile, model });
    const { money = [] } = model.position;
    const problem = model.priceProblem === undefined ? undefined : problems[model.priceProblem];
    if (money.length === 0) return [[name, ...costColumns.map((_, index) => (index === 0 ? (problem ?? '–') : '–'))]];
    return money.map((figures) => [name, ...costColumns.map(({ key }) => write(figures, key))]);
  });
  return drawTable({
    caption: 'A year’s cost by model. True-up is what the rights needed would cost, over-licensed what those available cost, potential what the unused ones cost.',
    columns: [...words('Model'), ...numbers(...costColumns.map(({ title }) => title))],
    rows,
    foot: workbench.sum.money.map((figures) => [`Total in ${figures.currency}`, ...costColumns.map(({ key }) => write(figures, key))]),
  });
}

/** The four kinds of savings in each currency (C21, D9): the parts of the freed add up to it. */
export function drawSavingKinds({ sum }: Workbench): Markup {
  const saving = sum.money.filter(hasSavings);
  if (saving.length === 0) return html`<p>Nothing is unused at a known price, and nothing was freed yet.</p>\n`;
  const charts = saving.map((money) => html`<div><h3>${money.currency}</h3>${drawSavings(`savings-${money.currency}`, money)}</div>\n`);
  return html`<p class="soft">Potential is what unused rights cost in a year. Freed is what reclaims gave back: realised is no longer paid for, at renewal is paid for until its commitment ends, forgone was bought again.</p>
<div class="pair">${charts}</div>
${drawTable({
  caption: 'Savings of a year by currency; freed = realised + at renewal + forgone. To date is what the realised ones have saved so far.',
  columns: [...words('Currency'), ...numbers(...savingWords.map(({ label }) => label), 'To date')],
  rows: saving.map((money) => [money.currency, ...savingWords.map(({ key }) => write(money, key)), write(money, 'realisedToDate')]),
})}`;
}

/** Breakdowns (C22, L34); undefined where there is none. */
export function drawGroups({ groups }: Workbench): Markup | undefined {
  const tables = groupWords.filter(({ key }) => groups[key].length > 0).map(({ key, label }) => html`<h3>By ${label.toLowerCase()}</h3>\n${drawGroup(label, groups[key])}`);
  return tables.length === 0 ? undefined : html`${tables}`;
}

function drawGroup(label: string, lines: readonly PositionGroup[]): Markup {
  const currencies = [...new Set(lines.flatMap(({ costs }) => (costs ?? []).map(({ currency }) => currency)))].sort();
  const hasOwned = lines.some(({ owned }) => owned !== undefined);
  const most = Math.max(...lines.map(({ used }) => used));
  const columns: TableColumn[] = [...words(label), ...numbers(...(hasOwned ? ['Owned'] : []), 'Used', 'Unused'), { title: 'Used, of it unused', kind: 'share' }, ...numbers(...currencies.map((currency) => `Annual cost in ${currency}`))];
  const rows = lines.map(({ name, owned, used, unused, costs = [] }) => [
    nameOf(name),
    ...(hasOwned ? [orDash(owned === undefined ? undefined : formatCount(owned))] : []),
    formatCount(used),
    formatCount(unused),
    drawShare(used, unused, most),
    ...currencies.map((currency) => costOf(costs.find((cost) => cost.currency === currency)?.annualCost, currency)),
  ]);
  const sum = (key: 'used' | 'unused' | 'owned'): string => formatCount(lines.reduce((whole, line) => whole + (line[key] ?? 0), 0));
  const costs = currencies.map((currency) => costOf(lines.reduce((whole, line) => whole + (line.costs?.find((cost) => cost.currency === currency)?.annualCost ?? 0), 0), currency));
  const foot = ['Total', ...(hasOwned ? [sum('owned')] : []), sum('used'), sum('unused'), undefined, ...costs];
  return drawTable({ caption: `Rights and their cost by ${label.toLowerCase()}; the lines add up to the total. The hatched part of a bar is unused.`, columns, rows, foot: [foot] });
}

const costOf = (amountMinor: number | undefined, currency: string): Content => orDash(amountMinor === undefined ? undefined : formatMoney({ amountMinor, currency }));

const countSeries = [
  { label: 'Owned', key: 'owned' },
  { label: 'Used', key: 'used' },
  { label: 'Active', key: 'active' },
  { label: 'Unused', key: 'unused' },
] as const;

/** Earlier snapshots and the present: rights, and money by currency; undefined for fewer than two points. */
export function drawTrends({ trend }: Workbench): Markup | undefined {
  if (trend.length < 2) return undefined;
  const times = trend.map(({ at }) => at);
  const rights: Series[] = countSeries.map(({ label, key }) => ({ label, style: key, values: trend.map(({ counts }) => counts[key]) }));
  const currencies = [...new Set(trend.flatMap(({ money }) => money.map(({ currency }) => currency)))].sort();
  const charts = currencies.map((currency) => {
    const series: Series[] = [
      { label: 'Annual cost', style: 'owned', values: trend.map((point) => moneyAt(point, currency, 'annualCost')) },
      { label: 'Potential savings', style: 'unused', values: trend.map((point) => moneyAt(point, currency, 'potentialSavings')) },
    ];
    return html`<div><h3>${currency} a year</h3>${drawTrend(`trend-${currency}`, { title: `Cost and potential savings in ${currency} over time`, times, series, write: (amountMinor) => formatMoney({ amountMinor, currency }), writeAxis: (amountMinor) => shorten({ amountMinor, currency }) })}</div>\n`;
  });
  return html`<div class="pair"><div><h3>Rights</h3>${drawTrend('trend-rights', { title: 'Rights over time', times, series: rights, write: formatCount, writeAxis: formatCount })}</div>
${charts}</div>
${drawTrendTable(trend, currencies)}`;
}

/** An amount beside an axis whose currency is told above: whole ones without their zeros. */
const shorten = (amount: { readonly amountMinor: number; readonly currency: string }): string => formatMoney(amount).slice(amount.currency.length + 1).replace(/\.0+$/, '');

const moneyAt = ({ money }: TrendPoint, currency: string, key: 'annualCost' | 'potentialSavings'): number => money.find((figures) => figures.currency === currency)?.[key] ?? 0;

function drawTrendTable(trend: readonly TrendPoint[], currencies: readonly string[]): Markup {
  return drawTable({
    caption: 'The figures of each snapshot.',
    columns: [...words('Time'), ...numbers(...countSeries.map(({ label }) => label), ...currencies.flatMap((currency) => [`Annual cost in ${currency}`, `Potential savings in ${currency}`]))],
    rows: trend.map((point) => [
      point.at,
      ...countSeries.map(({ key }) => formatCount(point.counts[key])),
      ...currencies.flatMap((currency) => (['annualCost', 'potentialSavings'] as const).map((key) => formatMoney({ amountMinor: moneyAt(point, currency, key), currency }))),
    ]),
  });
}
