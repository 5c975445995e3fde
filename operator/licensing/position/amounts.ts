import { fractionDigits } from '../../api/currency.ts';
import { terminal } from '../../api/errors.ts';
import type { UnitPrice } from './facts.ts';

/** Largest amount that a status holds: every integer up to it is exact in a JavaScript number (D9). */
const maxMinor = 9_000_000_000_000_000n;

/** A sum of money in minor units of its currency. */
export interface Amount {
  readonly amountMinor: number;
  readonly currency: string;
}

/** What this many rights cost in a year of twelve months, in minor units. */
export function annualAmount(price: UnitPrice, rights: number): bigint {
  return BigInt(price.amountMinor) * BigInt(rights) * (price.period === 'Month' ? 12n : 1n);
}

/**
 * The quotient, rounded to the nearest integer, halves up.
 * @throws RangeError for a negative numerator or a denominator that is not positive.
 */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  if (numerator < 0n || denominator <= 0n) throw new RangeError('divideRounded takes a numerator from 0 and a denominator from 1');
  return (2n * numerator + denominator) / (2n * denominator);
}

/**
 * The total in integer parts in proportion to the weights (C22, D9): they add up to the total exactly, and each is
 * less than 1 away from its exact share. What rounding down leaves goes to the largest remainders, the first of equal ones first.
 * @throws RangeError when every weight is 0, or one or the total is negative.
 */
export function distribute(total: bigint, weights: readonly bigint[]): bigint[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  if (total < 0n || whole <= 0n || weights.some((weight) => weight < 0n)) {
    throw new RangeError('distribute takes a total from 0 and weights from 0 of which one is not 0');
  }
  const parts = weights.map((weight) => (total * weight) / whole);
  const remainders = weights.map((weight, index) => ({ index, left: (total * weight) % whole }));
  remainders.sort((a, b) => (a.left === b.left ? a.index - b.index : a.left > b.left ? -1 : 1));
  const missing = Number(total - parts.reduce((sum, part) => sum + part, 0n));
  const favoured = new Set(remainders.slice(0, missing).map(({ index }) => index));
  return parts.map((part, index) => (favoured.has(index) ? part + 1n : part));
}

/** Whether a status can hold the amount. */
export function fitsStatus(amount: bigint): boolean {
  return amount <= maxMinor && amount >= -maxMinor;
}

/**
 * An amount as a status holds it.
 * @throws OperatorError AmountTooLarge (Terminal) beyond 9,000,000,000,000,000 minor units.
 */
export function toMinor(amount: bigint): number {
  if (!fitsStatus(amount)) {
    throw terminal('AmountTooLarge', `An amount of money exceeds ${maxMinor} minor units, which is the most that is calculated. Check the rights and prices.`);
  }
  return Number(amount);
}

/** An amount for people and columns, the same in every locale: `USD 19,680.00`, `JPY 4,100`, `BHD 1.234`. */
export function formatMoney(amount: Amount): string {
  const [whole = '', fraction] = formatDecimal(amount).split('.');
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  return `${amount.currency} ${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** The exact amount in major units as decimal text, for CSV: `19680.00`. */
export function formatDecimal({ amountMinor, currency }: Amount): string {
  const digits = fractionDigits(currency);
  const minor = BigInt(amountMinor);
  const text = String(minor < 0n ? -minor : minor).padStart(digits + 1, '0');
  const split = text.length - digits;
  return `${minor < 0n ? '-' : ''}${text.slice(0, split)}${digits === 0 ? '' : `.${text.slice(split)}`}`;
}
