import { annualAmount, divideRounded } from './amounts.ts';
import { addDays, contractYearAt, monthAt, startOfDay } from './calendar.ts';
import type { Contract, Day, UnitPrice } from './facts.ts';

const dayMs = 86_400_000;
/** Days before its end on which a renewal is to be looked at where the contract does not say (C23). */
const defaultNoticeDays = 90;

export type ContractState = 'Upcoming' | 'Active' | 'Expired';

/** The exact average price of one right for a year: `annual / rights`, in minor units; rights are never 0. */
export interface AveragePrice {
  readonly kind: 'Price';
  readonly currency: string;
  readonly annual: bigint;
  readonly rights: bigint;
}

/** Why there is no average: nothing gives a price, or contracts in force are in several currencies, which are never mixed. */
export interface PriceProblem {
  readonly kind: 'NoPrice' | 'MixedCurrencies';
}

/** Whether the rights are held on this day: before the start, from start to end (both inclusive), after the end (S80). */
export function stateOf(contract: Pick<Contract, 'start' | 'end'>, day: Day): ContractState {
  if (day < contract.start) return 'Upcoming';
  return contract.end !== undefined && day > contract.end ? 'Expired' : 'Active';
}

/** The contracts whose rights are held on this day; several at once add up. */
export function inForce(contracts: readonly Contract[], day: Day): Contract[] {
  return contracts.filter((contract) => stateOf(contract, day) === 'Active');
}

/** Rights held on this day (L30). */
export function rightsOwned(contracts: readonly Contract[], day: Day): number {
  return inForce(contracts, day).reduce((sum, contract) => sum + contract.rights, 0);
}

/**
 * Average price of one right on this day, weighted by the rights of each contract in force (L30). Where none is in
 * force, the fallback, which is the user's own price on the model.
 */
export function averagePrice(contracts: readonly Contract[], fallback: UnitPrice | undefined, day: Day): AveragePrice | PriceProblem {
  // A what-if may take all rights of a contract away; such a contract gives no price.
  const priced = inForce(contracts, day).filter(({ rights }) => rights > 0);
  const costs = [...annualCosts(priced, day)];
  if (costs.length > 1) return { kind: 'MixedCurrencies' };
  const [only] = costs;
  if (only !== undefined) return { kind: 'Price', currency: only[0], annual: only[1], rights: BigInt(rightsOwned(priced, day)) };
  if (fallback === undefined) return { kind: 'NoPrice' };
  return { kind: 'Price', currency: fallback.currency, annual: annualAmount(fallback, 1), rights: 1n };
}

/** Rights in force on this day at their prices for a year, in minor units, by currency. */
export function annualCosts(contracts: readonly Contract[], day: Day): Map<string, bigint> {
  const costs = new Map<string, bigint>();
  for (const { price, rights } of inForce(contracts, day)) {
    costs.set(price.currency, (costs.get(price.currency) ?? 0n) + annualAmount(price, rights));
  }
  return costs;
}

/**
 * Cost of the days of [from, to], both inclusive, that lie in the contract, in minor units (D9). A price per month
 * accrues evenly over each calendar month, a price per year over each year of the contract; a whole month or contract year
 * costs exactly rights × price. It is the difference of two running totals, each rounded, so that consecutive spans
 * add up to their whole exactly, however it is split.
 */
export function costBetween(contract: Contract, from: Day, to: Day): bigint {
  const first = from > contract.start ? from : contract.start;
  const last = contract.end !== undefined && contract.end < to ? contract.end : to;
  if (last < first) return 0n;
  return accruedBefore(contract, startOfDay(last) + dayMs) - accruedBefore(contract, startOfDay(first));
}

/** Running total before the day that begins at `ms`; where it begins does not matter, as only differences are used. */
function accruedBefore({ rights, price, start }: Contract, ms: number): bigint {
  const { index, day, days } = price.period === 'Month' ? monthAt(ms) : contractYearAt(start, ms);
  const each = BigInt(price.amountMinor) * BigInt(rights);
  return each * BigInt(index) + divideRounded(each * BigInt(day), BigInt(days));
}

/**
 * First day on which the renewal is due to be looked at (C23, L35); undefined for a contract that runs on. Not before the
 * contract starts: until then there is nothing to renew.
 */
export function noticeDateOf(contract: Contract): Day | undefined {
  if (contract.end === undefined) return undefined;
  const notice = addDays(contract.end, -(contract.renewal?.noticeDays ?? defaultNoticeDays));
  return notice > contract.start ? notice : contract.start;
}

/** The next day after this one on which a contract starts, has ended, or comes into its renewal notice; undefined = never. */
export function nextChange(contracts: readonly Contract[], day: Day): Day | undefined {
  let next: Day | undefined;
  for (const contract of contracts) {
    const ended = contract.end === undefined ? undefined : addDays(contract.end, 1);
    for (const change of [contract.start, ended, noticeDateOf(contract)]) {
      if (change !== undefined && change > day && (next === undefined || change < next)) next = change;
    }
  }
  return next;
}
