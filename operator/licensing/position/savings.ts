import { divideRounded } from './amounts.ts';
import { addDays, dayOf, daysBetween, firstDayOfNextMonth } from './calendar.ts';
import { averagePrice, inForce, rightsOwned, type AveragePrice } from './contracts.ts';
import type { Contract, Day, FreedRight, UnitPrice } from './facts.ts';

/** What freed rights save, in minor units of one currency; `freed = realised + atRenewal + forgone` (D9). */
export interface FreedSavings {
  readonly currency: string;
  /** A year of every freed right, at the average price of the day on which it was freed. */
  readonly freed: bigint;
  /** Of these, no longer paid for. */
  readonly realised: bigint;
  /** Of these, still paid for until a commitment or month ends. */
  readonly atRenewal: bigint;
  /** Of these, bought again at a renewal. */
  readonly forgone: bigint;
  /** What was not paid so far: not a year's figure. */
  readonly realisedToDate: bigint;
}

export interface FreedInput {
  /** Rights of one model. */
  readonly freed: readonly FreedRight[];
  /** Contracts of that model, those that have ended too. */
  readonly contracts: readonly Contract[];
  readonly fallback: UnitPrice | undefined;
  readonly now: number;
}

/** Rights that were freed on one day, by how they were paid for. */
interface FreedDay {
  readonly day: Day;
  readonly price: AveragePrice;
  readonly monthly: number;
  readonly annual: number;
  /** Last day of the commitment of the annual ones; undefined = never ends. */
  readonly committedUntil: Day | undefined;
  /** Rights owned on the day. */
  readonly owned: number;
}

/** Numbers of rights of one price. */
interface PriceTally {
  readonly price: AveragePrice;
  realised: number;
  atRenewal: number;
  forgone: number;
  /** Days on which they were realised, summed over the rights. */
  realisedDays: number;
}

/**
 * How far freed rights save money already (C21, D9); docs/decisions/0010-licence-position.md, Savings. One entry for
 * each currency, by its code.
 *
 * A freed right is attributed to the contracts in force on its day: in the order of freeing to the rights billed by the
 * month's peak, as many as there are, then to those committed for a year.
 * - MonthlyPeak: at renewal until the end of the calendar month, whose peak is billed with it; realised from the first of
 *   the next. It stays realised however many rights are owned then, since peak use is billed, not rights.
 * - AnnualCommit: at renewal until the last day of the commitment, the latest in force that day. After it, realised as
 *   far as the rights owned are fewer than on the day of freeing; what was bought again is forgone.
 * - No contract in force: MonthlyPeak at the fallback price. No price, or several currencies at once: left out.
 *
 * `realisedToDate` counts the days on which each right was realised, until the day of `now`, at 1/365 of its annual price.
 */
export function splitFreed(input: FreedInput): FreedSavings[] {
  const today = dayOf(input.now);
  const days = attribute(input);
  const tallies = new Map<string, PriceTally>();
  countMonthly(days, today, tallies);
  countAnnual(days, input.contracts, today, tallies);
  const sums = new Map<string, FreedSavings>();
  for (const tally of tallies.values()) {
    const { currency } = tally.price;
    sums.set(currency, add(sums.get(currency), toSavings(tally)));
  }
  return [...sums.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

/** Attributes each freed right to a way of billing; by day, oldest first. */
function attribute({ freed, contracts, fallback }: FreedInput): FreedDay[] {
  const counts = new Map<Day, number>();
  for (const { freedAt } of [...freed].sort((a, b) => a.freedAt - b.freedAt)) {
    const day = dayOf(freedAt);
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  const taken = new Map<Contract, number>();
  return [...counts].flatMap(([day, count]) => {
    const current = inForce(contracts, day);
    const committed = current.filter(({ billing }) => billing === 'AnnualCommit');
    const fits = takeMonthly(current, count, taken);
    const monthly = committed.length === 0 ? count : fits;
    const price = averagePrice(contracts, fallback, day);
    if (price.kind !== 'Price') return [];
    return [{ day, price, monthly, annual: count - monthly, committedUntil: latestEnd(committed), owned: rightsOwned(current, day) }];
  });
}

/**
 * How many of these rights the contracts billed by the month's peak still take: each as many as it has rights, the one
 * that ends first before the others, so that the order of the list decides nothing.
 */
function takeMonthly(current: readonly Contract[], count: number, taken: Map<Contract, number>): number {
  const endOf = ({ end }: Contract) => end ?? '9999-12-31';
  const peaks = current.filter(({ billing }) => billing === 'MonthlyPeak').sort((a, b) => (endOf(a) < endOf(b) ? -1 : 1));
  let left = count;
  for (const contract of peaks) {
    const before = taken.get(contract) ?? 0;
    const takes = Math.min(left, Math.max(0, contract.rights - before));
    taken.set(contract, before + takes);
    left -= takes;
  }
  return count - left;
}

/** The latest last day; undefined when one of the contracts runs on. */
function latestEnd(contracts: readonly Contract[]): Day | undefined {
  const ends = contracts.map(({ end }) => end);
  return ends.includes(undefined) ? undefined : ends.reduce((latest, end) => (latest === undefined || (end ?? '') > latest ? end : latest), undefined);
}

function countMonthly(days: readonly FreedDay[], today: Day, tallies: Map<string, PriceTally>): void {
  for (const { day, price, monthly } of days) {
    if (monthly === 0) continue;
    const tally = tallyOf(price, tallies);
    const realisedDays = Math.max(0, daysBetween(firstDayOfNextMonth(day), today) + 1);
    if (realisedDays === 0) tally.atRenewal += monthly;
    else tally.realised += monthly;
    tally.realisedDays += monthly * realisedDays;
  }
}

/** Counts span by span between changes of the contracts, since what was given up at one renewal may be bought again at the next. */
function countAnnual(days: readonly FreedDay[], contracts: readonly Contract[], today: Day, tallies: Map<string, PriceTally>): void {
  const annual = days.filter((one) => one.annual > 0);
  const changes = annual.length === 0 ? [] : changesUntil(today, contracts);
  for (const [index, first] of changes.entries()) {
    const span = daysBetween(first, changes[index + 1] ?? addDays(today, 1));
    for (const [one, count] of realisedOn(first, annual, contracts)) tallyOf(one.price, tallies).realisedDays += count * span;
  }
  const realisedToday = realisedOn(today, annual, contracts);
  for (const one of annual) {
    const tally = tallyOf(one.price, tallies);
    const realised = realisedToday.get(one);
    if (realised === undefined) {
      tally.atRenewal += one.annual;
    } else {
      tally.realised += realised;
      tally.forgone += one.annual - realised;
    }
  }
}

/** The days until today on which rights owned may have changed; a commitment ends on none but these. */
function changesUntil(today: Day, contracts: readonly Contract[]): Day[] {
  const changes = contracts.flatMap(({ start, end }) => (end === undefined ? [start] : [start, addDays(end, 1)]));
  return [...new Set(changes)].filter((change) => change <= today).sort();
}

/**
 * How many of the rights whose commitment has ended are realised on this day; those still committed are not in it. Of all
 * that were freed on a day or after it, no more than the rights owned have gone down since that day, so that one
 * right given up counts once. The latest freed count first: the earlier ones were bought again at the renewal in between.
 */
function realisedOn(day: Day, annual: readonly FreedDay[], contracts: readonly Contract[]): Map<FreedDay, number> {
  const ended = annual.filter(({ committedUntil }) => committedUntil !== undefined && committedUntil < day);
  const owned = rightsOwned(contracts, day);
  const realised = new Map<FreedDay, number>();
  let later = 0;
  for (const one of ended.toReversed()) {
    const count = Math.min(one.annual, Math.max(0, one.owned - owned - later));
    realised.set(one, count);
    later += count;
  }
  return realised;
}

/** The tally of a price; the same price of another number of rights is the same, so that it is rounded once. */
function tallyOf(price: AveragePrice, tallies: Map<string, PriceTally>): PriceTally {
  const divisor = greatestDivisor(price.annual, price.rights);
  const key = `${price.currency} ${price.annual / divisor}/${price.rights / divisor}`;
  const tally = tallies.get(key) ?? { price, realised: 0, atRenewal: 0, forgone: 0, realisedDays: 0 };
  tallies.set(key, tally);
  return tally;
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestDivisor(b, a % b);
}

/** Money of rights of one price; running totals are rounded, so that the parts add up to the freed exactly. */
function toSavings({ price, realised, atRenewal, forgone, realisedDays }: PriceTally): FreedSavings {
  const cost = (rights: number) => divideRounded(price.annual * BigInt(rights), price.rights);
  return {
    currency: price.currency,
    freed: cost(realised + atRenewal + forgone),
    realised: cost(realised),
    atRenewal: cost(realised + atRenewal) - cost(realised),
    forgone: cost(realised + atRenewal + forgone) - cost(realised + atRenewal),
    realisedToDate: divideRounded(price.annual * BigInt(realisedDays), price.rights * 365n),
  };
}

function add(a: FreedSavings | undefined, b: FreedSavings): FreedSavings {
  if (a === undefined) return b;
  return {
    currency: a.currency,
    freed: a.freed + b.freed,
    realised: a.realised + b.realised,
    atRenewal: a.atRenewal + b.atRenewal,
    forgone: a.forgone + b.forgone,
    realisedToDate: a.realisedToDate + b.realisedToDate,
  };
}
