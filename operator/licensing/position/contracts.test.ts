import { array, assert, constantFrom, integer, option, property, record, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annualCosts, averagePrice, costBetween, inForce, nextChange, noticeDateOf, rightsOwned, stateOf } from './contracts.ts';
import { addDays } from './calendar.ts';
import type { Contract } from './facts.ts';

const business: Contract = {
  name: 'business-2026',
  model: 'business',
  rights: 500,
  price: { amountMinor: 4100, currency: 'USD', period: 'Month' },
  billing: 'AnnualCommit',
  start: '2026-01-01',
  end: '2026-12-31',
};

const dayMs = 86_400_000;
/** Days of the tests are counted from here; 2024 and 2028 are leap years. */
const origin = Date.UTC(2023, 10, 1);
const nth = (n: number) => new Date(origin + n * dayMs).toISOString().slice(0, 10);

/** Contracts that overlap, lie in one another, are still to come or are over, some from 29 February. */
const anyContract: Arbitrary<Contract & { startIndex: number; endIndex: number }> = record({
  startIndex: integer({ min: 0, max: 1800 }).chain((n) => constantFrom(n, n, 120)),
  length: option(constantFrom(1, 28, 31, 90, 365, 366, 730, 1000), { nil: undefined }),
  rights: integer({ min: 1, max: 700 }),
  amountMinor: integer({ min: 0, max: 99_999 }),
  currency: constantFrom('USD', 'USD', 'EUR'),
  period: constantFrom('Month' as const, 'Year' as const),
  billing: constantFrom('AnnualCommit' as const, 'MonthlyPeak' as const),
}).map(({ startIndex, length, rights, amountMinor, currency, period, billing }) => ({
  name: 'any',
  model: 'business',
  rights,
  price: { amountMinor, currency, period },
  billing,
  start: nth(startIndex),
  startIndex,
  ...(length === undefined ? { endIndex: Infinity } : { end: nth(startIndex + length - 1), endIndex: startIndex + length - 1 }),
}));
const anyDay = integer({ min: -10, max: 3000 });

describe('contracts in force', () => {
  it('S80: are held from the first day to the last, both inclusive', () => {
    expect(['2025-12-31', '2026-01-01', '2026-12-31', '2027-01-01'].map((day) => stateOf(business, day))).toEqual(['Upcoming', 'Active', 'Active', 'Expired']);
    expect(stateOf({ start: '2026-01-01' }, '9999-12-31')).toBe('Active');
  });

  it('S80: overlapping, nested, future and ended contracts add up on a day', () => {
    const nested = { ...business, name: 'summer', rights: 20, start: '2026-06-01', end: '2026-08-31' };
    const overlapping = { ...business, name: 'more', rights: 50, start: '2026-08-31', end: '2027-08-30' };
    const future = { ...business, name: 'next', rights: 480, start: '2027-01-01', end: '2027-12-31' };
    const all = [business, nested, overlapping, future];
    expect(['2025-06-01', '2026-05-31', '2026-06-01', '2026-08-31', '2026-09-01', '2027-01-01', '2027-08-31', '2028-01-01'].map((day) => rightsOwned(all, day))).toEqual([
      0, 500, 520, 570, 550, 530, 480, 0,
    ]);
    expect(inForce(all, '2026-06-01').map(({ name }) => name)).toEqual(['business-2026', 'summer']);
  });

  it('S80, D9: adds up on any day as counting each contract into each of its days does', () => {
    assert(
      property(array(anyContract, { maxLength: 6 }), anyDay, (contracts, index) => {
        let rights = 0;
        const yearly: Record<string, bigint> = {};
        for (const { startIndex, endIndex, rights: own, price } of contracts) {
          if (index < startIndex || index > endIndex) continue;
          rights += own;
          const months = price.period === 'Year' ? 1 : 12;
          for (let month = 0; month < months; month += 1) yearly[price.currency] = (yearly[price.currency] ?? 0n) + BigInt(own * price.amountMinor);
        }
        expect(rightsOwned(contracts, nth(index))).toBe(rights);
        expect(Object.fromEntries(annualCosts(contracts, nth(index)))).toEqual(yearly);
      }),
      { seed: 911, numRuns: 300 },
    );
  });
});

describe('average price', () => {
  const fallback = { amountMinor: 2100, currency: 'USD', period: 'Month' } as const;

  it('L30: is weighted by the rights of each contract, exactly', () => {
    const dearer = { ...business, rights: 1, price: { amountMinor: 50_001, currency: 'USD', period: 'Year' } } as const;
    expect(averagePrice([{ ...business, rights: 2 }, dearer], fallback, '2026-05-01')).toEqual({ kind: 'Price', currency: 'USD', annual: 148_401n, rights: 3n });
  });

  it('takes the price of the model only while no contract is in force', () => {
    expect(averagePrice([business], fallback, '2027-01-01')).toEqual({ kind: 'Price', currency: 'USD', annual: 25_200n, rights: 1n });
    expect(averagePrice([business], fallback, '2026-12-31')).toMatchObject({ annual: 24_600_000n, rights: 500n });
    expect(averagePrice([business], undefined, '2027-01-01')).toEqual({ kind: 'NoPrice' });
    expect(averagePrice([{ ...business, rights: 0 }], undefined, '2026-05-01')).toEqual({ kind: 'NoPrice' });
  });

  it('D9: mixes no currencies', () => {
    const euros = { ...business, price: { amountMinor: 3900, currency: 'EUR', period: 'Month' } } as const;
    expect(averagePrice([business, euros], fallback, '2026-05-01')).toEqual({ kind: 'MixedCurrencies' });
    expect(averagePrice([business, { ...euros, start: '2027-01-01', end: '2027-12-31' }], fallback, '2026-05-01')).toMatchObject({ currency: 'USD' });
  });

  it('lies between the lowest and the highest price of the day', () => {
    assert(
      property(array(anyContract, { minLength: 1, maxLength: 6 }), anyDay, (contracts, index) => {
        const average = averagePrice(contracts, undefined, nth(index));
        const current = contracts.filter(({ startIndex, endIndex }) => startIndex <= index && index <= endIndex);
        const kind = current.length === 0 ? 'NoPrice' : new Set(current.map(({ price }) => price.currency)).size > 1 ? 'MixedCurrencies' : 'Price';
        expect(average.kind).toBe(kind);
        if (average.kind !== 'Price') return;
        const prices = current.map(({ price }) => BigInt(price.amountMinor) * (price.period === 'Month' ? 12n : 1n));
        expect(prices.some((each) => each * average.rights <= average.annual)).toBe(true);
        expect(prices.some((each) => each * average.rights >= average.annual)).toBe(true);
      }),
      { seed: 912, numRuns: 300 },
    );
  });
});

describe('cost of a span of days', () => {
  const monthly = { ...business, rights: 3, price: { amountMinor: 1001, currency: 'USD', period: 'Month' } } as const;
  const yearly = { ...business, rights: 7, price: { amountMinor: 36_501, currency: 'USD', period: 'Year' }, start: '2026-03-15', end: '2028-03-14' } as const;

  it('D9: a whole calendar month costs rights × price, whatever its length', () => {
    expect(costBetween(monthly, '2026-01-01', '2026-01-31')).toBe(3003n);
    expect(costBetween(monthly, '2026-02-01', '2026-02-28')).toBe(3003n);
    expect(costBetween(monthly, '2026-01-01', '2026-12-31')).toBe(36_036n);
  });

  it('D9: a part of a month costs its days: 10 of 30 days of April', () => {
    expect(costBetween(monthly, '2026-04-01', '2026-04-10')).toBe(1001n);
    expect(costBetween({ ...monthly, start: '2026-04-21' }, '2026-01-01', '2026-04-30')).toBe(1001n);
  });

  it('D9: a year of the contract costs rights × price, with or without a leap day', () => {
    expect(costBetween(yearly, '2026-03-15', '2027-03-14')).toBe(255_507n);
    expect(costBetween(yearly, '2027-03-15', '2028-03-14')).toBe(255_507n);
    expect(costBetween(yearly, '2020-01-01', '2030-01-01')).toBe(511_014n);
    expect(costBetween({ ...yearly, start: '2024-02-29' }, '2024-02-29', '2025-02-28')).toBe(255_507n);
    // 255507 / 365 = 700.02… for the first day.
    expect(costBetween(yearly, '2026-03-15', '2026-03-15')).toBe(700n);
  });

  it('costs nothing outside of the contract, and goes on to the last day that can be written', () => {
    expect(costBetween(monthly, '2025-01-01', '2025-12-31')).toBe(0n);
    expect(costBetween(monthly, '2027-01-01', '2027-12-31')).toBe(0n);
    expect(costBetween(monthly, '2026-05-02', '2026-05-01')).toBe(0n);
    expect(costBetween({ ...monthly, start: '9999-12-01', end: '9999-12-31' }, '9999-12-01', '9999-12-31')).toBe(3003n);
  });

  it('D9: adds up exactly over any split, and never goes down', () => {
    assert(
      property(anyContract, array(anyDay, { minLength: 2, maxLength: 8 }), (contract, days) => {
        const cuts = days.toSorted((a, b) => a - b);
        const whole = costBetween(contract, nth(cuts[0] ?? 0), nth((cuts.at(-1) ?? 0) - 1));
        let added = 0n;
        for (const [index, cut] of cuts.slice(1).entries()) {
          const part = costBetween(contract, nth(cuts[index] ?? 0), nth(cut - 1));
          expect(part >= 0n).toBe(true);
          added += part;
        }
        expect(added).toBe(whole);
      }),
      { seed: 913, numRuns: 300 },
    );
  });

  it('D9: is less than one minor unit away from the exact price of each day, added day by day', () => {
    assert(
      property(anyContract, anyDay, integer({ min: 0, max: 900 }), (contract, from, length) => {
        const exact = addDayByDay(contract, from, from + length);
        const away = costBetween(contract, nth(from), nth(from + length)) * parts - exact;
        expect(away < parts && -away < parts).toBe(true);
      }),
      { seed: 914, numRuns: 200 },
    );
  });
});

/** Divisible by 28 to 31, 365 and 366, so that the exact price of every day is an integer of such parts of a minor unit. */
const parts = 377_580n * 365n * 366n;

/** What the days from one index to the other cost, in parts: walks from the start of the contract and looks at the calendar only. */
function addDayByDay(contract: Contract & { startIndex: number; endIndex: number }, from: number, to: number): bigint {
  const each = BigInt(contract.rights) * BigInt(contract.price.amountMinor) * parts;
  let [total, length, left] = [0n, 0, 0];
  for (let index = contract.startIndex; index <= Math.min(to, contract.endIndex); index += 1) {
    if (left === 0) left = length = contract.price.period === 'Month' ? restOfMonth(index) : yearFrom(contract.start, index);
    const whole = contract.price.period === 'Month' ? new Date(Date.UTC(Number(nth(index).slice(0, 4)), Number(nth(index).slice(5, 7)), 0)).getUTCDate() : length;
    if (index >= from) total += each / BigInt(whole);
    left -= 1;
  }
  return total;
}

function restOfMonth(index: number): number {
  let days = 1;
  while (nth(index + days).slice(0, 7) === nth(index).slice(0, 7)) days += 1;
  return days;
}

function yearFrom(start: string, index: number): number {
  const isAnniversary = (day: string) =>
    day.slice(5) === start.slice(5) || (start.endsWith('02-29') && day.endsWith('03-01') && Number(day.slice(0, 4)) % 4 !== 0);
  let days = 1;
  while (!isAnniversary(nth(index + days))) days += 1;
  return days;
}

describe('next change of the contracts', () => {
  it('C23: is a start, the day after an end, or the beginning of the notice', () => {
    const next = { ...business, start: '2027-01-01', end: '2027-12-31', renewal: { noticeDays: 30, bufferPercent: 0 } };
    const days = ['2025-06-01', '2026-01-01', '2026-10-02', '2027-01-01', '2027-12-01', '2028-01-01'];
    expect(days.map((day) => nextChange([business, next], day))).toEqual(['2026-01-01', '2026-10-02', '2027-01-01', '2027-12-01', '2028-01-01', undefined]);
    expect(nextChange([{ ...business, end: '9999-12-31' }], '9999-12-31')).toBeUndefined();
    expect(nextChange([], '2026-01-01')).toBeUndefined();
  });

  it('changes nothing before it: states and rights stay as they are', () => {
    assert(
      property(array(anyContract, { maxLength: 4 }), anyDay, integer({ min: 1, max: 400 }), (contracts, index, n) => {
        const day = nth(index);
        const next = nextChange(contracts, day) ?? '9999-12-31';
        const look = (at: string) => contracts.map((one) => [stateOf(one, at), (noticeDateOf(one) ?? '9999-12-31') <= at]);
        if (addDays(day, n) < next) expect(look(addDays(day, n))).toEqual(look(day));
        if (next !== '9999-12-31') expect(look(next)).not.toEqual(look(addDays(next, -1)));
      }),
      { seed: 915, numRuns: 300 },
    );
  });
});
