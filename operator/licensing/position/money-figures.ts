import type { LicensePosition, MoneyFigures, PositionCounts } from '../../api/license-position.ts';
import { divideRounded, formatMoney, toMinor } from './amounts.ts';
import { annualCosts, type AveragePrice } from './contracts.ts';
import type { Contract, Day } from './facts.ts';
import type { Unpriced } from './workbench.ts';
import type { FreedSavings } from './savings.ts';

export interface MoneyInput {
  readonly counts: PositionCounts;
  /** Contracts of the model. */
  readonly contracts: readonly Contract[];
  readonly day: Day;
  /** Undefined where there is none, or several currencies. */
  readonly price: AveragePrice | undefined;
  readonly freed: readonly FreedSavings[];
}

/** Nothing freed is a figure too, so that a series begins at 0. */
const nothingFreed = { freed: 0n, realised: 0n, atRenewal: 0n, forgone: 0n, realisedToDate: 0n };

/** Figures that a sum over models has, where one of them has it; annualCost is always there. */
const sumNames = [
  'trueUpCost',
  'overLicensedCost',
  'potentialSavings',
  'freedSavings',
  'realisedSavings',
  'atRenewalSavings',
  'forgoneSavings',
  'realisedToDate',
] as const satisfies readonly (keyof MoneyFigures)[];

/** Every figure of money, in the order in which it is shown. */
export const moneyNames = ['annualCost', 'averageUnitCost', ...sumNames] as const;

/** A year of so many rights at the exact average price, rounded once, in minor units (D9). */
export function costOf(price: AveragePrice, quantity: number): number {
  return toMinor(divideRounded(price.annual * BigInt(quantity), price.rights));
}

/**
 * Money of a model by currency, in the order of its code (L30, D9). Without one average price there is only what is paid and what
 * was saved. Rights that were freed in another currency than the present one have a line of their own.
 */
export function moneyOf({ counts, contracts, day, price, freed }: MoneyInput): MoneyFigures[] {
  // A contract of no rights gives no price, so neither a currency.
  const costs = annualCosts(contracts.filter(({ rights }) => rights > 0), day);
  const currencies = new Set([...costs.keys(), ...(price === undefined ? [] : [price.currency]), ...freed.map(({ currency }) => currency)]);
  return [...currencies].toSorted().map((currency) => ({
    currency,
    annualCost: toMinor(costs.get(currency) ?? 0n),
    ...(price?.currency === currency ? pricedFigures(price, counts) : {}),
    ...freedFigures(freed.find((one) => one.currency === currency) ?? nothingFreed),
  }));
}

/** Sum by currency, in the order of its code. A figure that is known nowhere stays out; there is no average of sums. */
export function sumMoney(lists: readonly (readonly MoneyFigures[])[]): MoneyFigures[] {
  const sums = new Map<string, MoneyFigures>();
  for (const one of lists.flat()) {
    const before = sums.get(one.currency);
    sums.set(one.currency, before === undefined ? withoutAverage(one) : add(before, one));
  }
  return [...sums.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}

const priced = { needed: 0, unused: 0 };

/**
 * Figures as text for people and columns, several currencies joined: `EUR 410.00 + USD 19,680.00`. Undefined without money.
 * @param unpriced rights without a price in a sum: `USD 19,680.00 + 16 without a price`.
 */
export function displayOf(money: readonly MoneyFigures[], unpriced: Unpriced = priced): LicensePosition['display'] {
  if (money.length === 0) return undefined;
  const display: LicensePosition['display'] = {};
  for (const name of ['annualCost', 'potentialSavings', 'trueUpCost'] as const) {
    const text = displayFigure(money, name, rightsWithout(name, unpriced));
    if (text !== undefined) display[name] = text;
  }
  return display;
}

function rightsWithout(name: 'annualCost' | 'potentialSavings' | 'trueUpCost', { needed, unused }: Unpriced): number {
  if (name === 'annualCost') return 0;
  return name === 'trueUpCost' ? needed : unused;
}

/** Currencies with nothing are left out as long as there is another. */
function displayFigure(money: readonly MoneyFigures[], name: 'annualCost' | 'potentialSavings' | 'trueUpCost', without: number): string | undefined {
  const amounts = money.flatMap(({ currency, [name]: amountMinor }) => (amountMinor === undefined ? [] : [{ currency, amountMinor }]));
  const present = amounts.filter(({ amountMinor }) => amountMinor > 0);
  // A zero beside rights of unknown price would read as nothing to pay.
  const shown = present.length > 0 || without > 0 ? present : amounts.slice(0, 1);
  const texts = [...shown.map(formatMoney), ...(without > 0 ? [`${without} without a price`] : [])];
  return texts.length === 0 ? undefined : texts.join(' + ');
}

function pricedFigures(price: AveragePrice, { needed, available, unused }: PositionCounts): Partial<MoneyFigures> {
  return {
    averageUnitCost: costOf(price, 1),
    trueUpCost: costOf(price, needed),
    overLicensedCost: costOf(price, available),
    potentialSavings: costOf(price, unused),
  };
}

function freedFigures({ freed, realised, atRenewal, forgone, realisedToDate }: Omit<FreedSavings, 'currency'>): Partial<MoneyFigures> {
  return {
    freedSavings: toMinor(freed),
    realisedSavings: toMinor(realised),
    atRenewalSavings: toMinor(atRenewal),
    forgoneSavings: toMinor(forgone),
    realisedToDate: toMinor(realisedToDate),
  };
}

function withoutAverage({ averageUnitCost: _average, ...sums }: MoneyFigures): MoneyFigures {
  return sums;
}

function add(a: MoneyFigures, b: MoneyFigures): MoneyFigures {
  const sum: MoneyFigures = { currency: a.currency, annualCost: plus(a.annualCost, b.annualCost) };
  for (const name of sumNames) {
    const [left, right] = [a[name], b[name]];
    if (left !== undefined || right !== undefined) sum[name] = plus(left ?? 0, right ?? 0);
  }
  return sum;
}

/** Not the plus of numbers, which is not exact beyond what a status holds. */
export function plus(a: number, b: number): number {
  return toMinor(BigInt(a) + BigInt(b));
}
