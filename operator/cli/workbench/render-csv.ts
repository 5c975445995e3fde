import type { MoneyFigures } from '../../api/license-position.ts';
import { formatDecimal } from '../../licensing/position/amounts.ts';
import { moneyNames } from '../../licensing/position/money-figures.ts';
import type { Workbench, WorkbenchModel } from '../../licensing/position/workbench.ts';
import { renderCsvLines, type Cell } from './csv.ts';
import { listModels } from './figures.ts';

const countNames = ['owned', 'assigned', 'excluded', 'duplicates', 'used', 'active', 'stale', 'neverUsed', 'pending', 'recent', 'unknown', 'unused', 'available', 'needed'] as const;
const ageNames = ['upTo30', 'upTo60', 'upTo90', 'over90', 'none'] as const;

const nameTitles = ['namespace', 'at', 'profile', 'model', 'publisher', 'product', 'edition', 'identifiers', 'compliance'];
const otherTitles = ['unusedPercent', 'thresholdDays', 'activityAsOf', 'seatsAssigned', 'seatsAvailable'];
const ageTitles = ageNames.map((name) => `lastActivity_${name}`);
const header = [...nameTitles, ...countNames, ...otherTitles, ...ageTitles, 'currency', ...moneyNames, 'priceProblem'];

/**
 * The position of each model for a spreadsheet (S83); money is in units of its currency, such as 19680.00. A model whose
 * money is of several currencies has a row for each, and only its first holds the counts: each column can be added up.
 */
export function renderCsv(workbench: Workbench): string {
  const rows = listModels(workbench).flatMap(({ profile, model }) => {
    const names = [workbench.namespace, workbench.at, profile, model.model, model.publisher, model.product, model.edition, model.identifiers.join(' '), model.position.compliance];
    const [first, ...others] = model.position.money ?? [];
    const counts = countsOf(model);
    const blank = counts.map(() => undefined);
    return [[...names, ...counts, ...moneyOf(first), model.priceProblem], ...others.map((money) => [...names, ...blank, ...moneyOf(money), model.priceProblem])];
  });
  return renderCsvLines(header, rows);
}

function countsOf({ position }: WorkbenchModel): Cell[] {
  return [
    ...countNames.map((name) => position[name]),
    position.unusedPercent,
    position.thresholdDays,
    position.activityAsOf,
    position.seatsAssigned,
    position.seatsAvailable,
    ...ageNames.map((name) => position.ages[name]),
  ];
}

function moneyOf(money: MoneyFigures | undefined): Cell[] {
  if (money === undefined) return [undefined, ...moneyNames.map(() => undefined)];
  const { currency } = money;
  return [currency, ...moneyNames.map((name) => (money[name] === undefined ? undefined : { decimal: formatDecimal({ amountMinor: money[name], currency }) }))];
}
