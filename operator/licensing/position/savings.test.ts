import { array, assert, constantFrom, integer, option, property, record, type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, startOfDay } from './calendar.ts';
import { averagePrice, rightsOwned } from './contracts.ts';
import type { Contract, Day, FreedRight } from './facts.ts';
import { splitFreed, type FreedInput, type FreedSavings } from './savings.ts';

const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD', period: 'Month' }) as const;
const annual: Contract = {
  name: 'annual-2026',
  model: 'business',
  rights: 100,
  price: usd(4100),
  billing: 'AnnualCommit',
  start: '2026-01-01',
  end: '2026-12-31',
};
const monthly: Contract = { name: 'monthly', model: 'business', rights: 100, price: usd(4100), billing: 'MonthlyPeak', start: '2026-01-01' };
const nextYear = { start: '2027-01-01', end: '2027-12-31' };
const thirdYear = { start: '2028-01-01', end: '2028-12-31' };
/** A year of one seat at $41 a month: $492.00. */
const seat = 49_200n;

function freed(count: number, day: Day): FreedRight[] {
  return Array.from({ length: count }, (_, index) => ({ candidate: `${day}-${index}`, identifier: 'P1', freedAt: startOfDay(day) + index * 1000 }));
}

function split(day: Day, contracts: readonly Contract[], rights: readonly FreedRight[], fallback?: FreedInput['fallback']): FreedSavings[] {
  return splitFreed({ freed: rights, contracts, fallback, now: startOfDay(day) + 3_600_000 });
}

/** The four figures in seats of $492.00, for contracts at that price. */
function seats(day: Day, contracts: readonly Contract[], rights: readonly FreedRight[]): Record<'freed' | 'realised' | 'atRenewal' | 'forgone', number> {
  const [only] = split(day, contracts, rights);
  const { freed: all = 0n, realised = 0n, atRenewal = 0n, forgone = 0n } = only ?? {};
  return { freed: Number(all) / 49_200, realised: Number(realised) / 49_200, atRenewal: Number(atRenewal) / 49_200, forgone: Number(forgone) / 49_200 };
}

describe('rights freed under a commitment', () => {
  it('C21: an annual contract saves nothing before its end', () => {
    const rights = freed(20, '2026-03-10');
    for (const day of ['2026-03-10', '2026-04-01', '2026-12-31']) {
      expect(split(day, [annual], rights)).toEqual([{ currency: 'USD', freed: 20n * seat, realised: 0n, atRenewal: 20n * seat, forgone: 0n, realisedToDate: 0n }]);
    }
  });

  it('C21: what is not bought again is realised from the day after the last', () => {
    const renewed = { ...annual, ...nextYear, rights: 80 };
    expect(seats('2027-01-01', [annual, renewed], freed(20, '2026-03-10'))).toEqual({ freed: 20, realised: 20, atRenewal: 0, forgone: 0 });
    // One day of 20 seats: 20 × 49200 / 365 = 2695.89; a year of 365 days: 20 × 49200.
    expect(split('2027-01-01', [annual, renewed], freed(20, '2026-03-10'))[0]?.realisedToDate).toBe(2696n);
    expect(split('2027-12-31', [annual, renewed], freed(20, '2026-03-10'))[0]?.realisedToDate).toBe(20n * seat);
  });

  it('C21: what is bought again is forgone, in part or whole', () => {
    const rights = freed(20, '2026-03-10');
    expect(seats('2027-02-01', [annual, { ...annual, ...nextYear }], rights)).toEqual({ freed: 20, realised: 0, atRenewal: 0, forgone: 20 });
    expect(seats('2027-02-01', [annual, { ...annual, ...nextYear, rights: 95 }], rights)).toEqual({ freed: 20, realised: 5, atRenewal: 0, forgone: 15 });
    expect(seats('2027-02-01', [annual, { ...annual, ...nextYear, rights: 150 }], rights)).toEqual({ freed: 20, realised: 0, atRenewal: 0, forgone: 20 });
    expect(seats('2027-02-01', [annual], rights)).toEqual({ freed: 20, realised: 20, atRenewal: 0, forgone: 0 });
  });

  it('waits for the latest commitment in force that day', () => {
    const later = { ...annual, name: 'later', rights: 10, start: '2026-03-01', end: '2027-02-28' };
    expect(seats('2027-02-28', [annual, later], freed(20, '2026-03-10')).atRenewal).toBe(20);
    expect(seats('2027-02-28', [annual, later], freed(20, '2026-02-10'))).toMatchObject({ atRenewal: 0, realised: 20 });
  });

  it('D9: a right that went down counts once, though it was freed before two renewals', () => {
    const years = [annual, { ...annual, ...nextYear }, { ...annual, ...thirdYear, rights: 80 }];
    const rights = [...freed(20, '2026-03-10'), ...freed(20, '2027-03-10')];
    expect(seats('2028-01-01', years, rights)).toEqual({ freed: 40, realised: 20, atRenewal: 0, forgone: 20 });
    const downTwice = [annual, { ...annual, ...nextYear, rights: 80 }, { ...annual, ...thirdYear, rights: 60 }];
    expect(seats('2028-01-01', downTwice, rights)).toEqual({ freed: 40, realised: 40, atRenewal: 0, forgone: 0 });
  });

  it('D9: what was saved in a year stays saved when the rights are bought again later', () => {
    const years = [annual, { ...annual, ...nextYear, rights: 80 }, { ...annual, ...thirdYear }];
    const rights = freed(20, '2026-03-10');
    expect(seats('2028-06-01', years, rights)).toEqual({ freed: 20, realised: 0, atRenewal: 0, forgone: 20 });
    expect(split('2028-06-01', years, rights)[0]?.realisedToDate).toBe(20n * seat);
  });
});

describe('rights freed that are billed by the month’s peak', () => {
  it('C21: save from the first of the next month', () => {
    const rights = freed(3, '2026-03-10');
    expect(seats('2026-03-31', [monthly], rights)).toEqual({ freed: 3, realised: 0, atRenewal: 3, forgone: 0 });
    expect(split('2026-03-31', [monthly], rights)[0]?.realisedToDate).toBe(0n);
    expect(seats('2026-04-01', [monthly], rights)).toEqual({ freed: 3, realised: 3, atRenewal: 0, forgone: 0 });
    // 3 × 49200 × 30 / 365 = 12131.51
    expect(split('2026-04-30', [monthly], rights)[0]?.realisedToDate).toBe(12_132n);
  });

  it('stay realised whatever rights are owned, since peak use is billed', () => {
    expect(seats('2027-06-01', [monthly, { ...monthly, name: 'more', start: '2027-01-01' }], freed(3, '2026-03-10'))).toMatchObject({ realised: 3, forgone: 0 });
  });

  it('C21: beside a commitment are freed first, as many as there are', () => {
    const few = { ...monthly, rights: 5 };
    const rights = [...freed(2, '2026-03-10'), ...freed(2, '2026-03-15'), ...freed(4, '2026-03-20')];
    expect(seats('2026-04-01', [annual, few], rights)).toEqual({ freed: 8, realised: 5, atRenewal: 3, forgone: 0 });
    expect(seats('2026-04-01', [annual, few], rights.toReversed())).toEqual({ freed: 8, realised: 5, atRenewal: 3, forgone: 0 });
  });

  it('count by contract: a new one has rights to be freed anew, and the one that ends first is used up first', () => {
    const short = { ...monthly, name: 'short', rights: 3, end: '2026-03-31' };
    const long = { ...monthly, name: 'long', rights: 3 };
    const rights = [...freed(3, '2026-03-10'), ...freed(3, '2026-04-10')];
    for (const peaks of [[short, long], [long, short]]) expect(seats('2026-05-01', [annual, ...peaks], rights)).toMatchObject({ realised: 6, atRenewal: 0 });
    expect(seats('2026-05-01', [annual, long], rights)).toMatchObject({ realised: 3, atRenewal: 3 });
  });

  it('take more than there are rights where nothing else is in force', () => {
    expect(seats('2026-04-01', [{ ...monthly, rights: 5 }], freed(8, '2026-03-10'))).toMatchObject({ realised: 8 });
  });
});

describe('price of freed rights', () => {
  it('is the average of the day, and stays so', () => {
    const dearer = { ...monthly, start: '2026-04-01', price: usd(6100) };
    const both = [{ ...monthly, end: '2026-03-31' }, dearer];
    expect(split('2026-06-01', both, [...freed(1, '2026-03-10'), ...freed(1, '2026-04-10')])[0]?.freed).toBe(seat + 73_200n);
  });

  it('is the price of the model where no contract is in force, billed by the month', () => {
    expect(split('2026-04-01', [annual], freed(2, '2025-11-10'), usd(1000))).toMatchObject([{ freed: 24_000n, realised: 24_000n, atRenewal: 0n }]);
    expect(split('2026-04-01', [annual], freed(2, '2025-11-10'))).toEqual([]);
  });

  it('D9: is not known for several currencies at once, and is kept by currency otherwise', () => {
    const euros = { ...monthly, price: { ...usd(3900), currency: 'EUR' }, start: '2026-04-01' };
    expect(split('2026-06-01', [monthly, euros], freed(2, '2026-04-10'))).toEqual([]);
    const parts = split('2026-06-01', [{ ...monthly, end: '2026-03-31' }, euros], [...freed(1, '2026-03-10'), ...freed(2, '2026-04-10')]);
    expect(parts.map(({ currency, freed: all }) => [currency, all])).toEqual([['EUR', 93_600n], ['USD', seat]]);
  });

  it('D9: an average that is no whole number is rounded once for all, not for each right', () => {
    // $10.00 a year for 3 rights: 333.33… each; 2 of 3 are 666.67.
    const thirds = [{ ...annual, rights: 1, price: { amountMinor: 400, currency: 'USD', period: 'Year' } as const }, { ...annual, rights: 2, price: { amountMinor: 300, currency: 'USD', period: 'Year' } as const }];
    expect(split('2026-06-01', thirds, freed(3, '2026-03-10'))[0]?.freed).toBe(1000n);
    expect(split('2026-06-01', thirds, [...freed(1, '2026-03-10'), ...freed(1, '2026-03-11')])[0]?.freed).toBe(667n);
  });
});

describe('parts of freed rights', () => {
  it('D9: add up to the cent where a right costs $3.33⅓ a year: 3.33 realised and 3.34 at renewal are 6.67', () => {
    const yearly = (amountMinor: number) => ({ amountMinor, currency: 'USD', period: 'Year' }) as const;
    const contracts = [{ ...annual, rights: 1, price: yearly(400) }, { ...annual, rights: 1, price: yearly(300) }, { ...monthly, rights: 1, price: yearly(300) }];
    expect(split('2026-04-01', contracts, freed(2, '2026-03-10'))).toMatchObject([{ freed: 667n, realised: 333n, atRenewal: 334n, forgone: 0n }]);
  });
});

const first = '2025-01-01';
const anyContract: Arbitrary<Contract> = record({
  at: integer({ min: 0, max: 900 }),
  days: constantFrom(20, 90, 365, 366),
  rights: integer({ min: 1, max: 12 }),
  price: record({ amountMinor: integer({ min: 0, max: 9999 }), currency: constantFrom('USD', 'USD', 'USD', 'EUR'), period: constantFrom('Month' as const, 'Year' as const) }),
  billing: constantFrom('AnnualCommit' as const, 'MonthlyPeak' as const),
}).map(({ at, days, ...rest }) => ({ name: `c${at}`, model: 'business', ...rest, start: addDays(first, at), end: addDays(first, at + days - 1) }));
const anyFreed = array(integer({ min: 0, max: 1100 }), { maxLength: 25 }).map((days) =>
  days.map((at, index): FreedRight => ({ candidate: `r${index}`, identifier: 'P1', freedAt: startOfDay(addDays(first, at)) + index })),
);
const anyInput = record({
  contracts: array(anyContract, { maxLength: 5 }),
  freed: anyFreed,
  fallback: option(record({ amountMinor: integer({ min: 0, max: 9999 }), currency: constantFrom('USD'), period: constantFrom('Month' as const) }), { nil: undefined }),
  now: integer({ min: 0, max: 1500 }).map((at) => startOfDay(addDays(first, at)) + 7),
});

describe('savings of any contracts and freed rights', () => {
  it('D9: freed = realised + at renewal + forgone, and each right has its price of the day but for rounding', () => {
    assert(
      property(anyInput, (input) => {
        const savings = splitFreed(input);
        for (const { freed: all, realised, atRenewal, forgone, realisedToDate } of savings) {
          expect(realised + atRenewal + forgone).toBe(all);
          for (const figure of [realised, atRenewal, forgone, realisedToDate]) expect(figure >= 0n).toBe(true);
        }
        const exact: Record<string, number> = {};
        for (const { freedAt } of input.freed) {
          const price = averagePrice(input.contracts, input.fallback, new Date(freedAt).toISOString().slice(0, 10));
          if (price.kind === 'Price') exact[price.currency] = (exact[price.currency] ?? 0) + Number(price.annual) / Number(price.rights);
        }
        expect(savings.map(({ currency }) => currency)).toEqual(Object.keys(exact).sort());
        for (const { currency, freed: all } of savings) expect(Math.abs(Number(all) - (exact[currency] ?? 0))).toBeLessThan(0.5 * input.freed.length + 0.001);
      }),
      { seed: 921, numRuns: 500 },
    );
  });

  it('does not depend on the order in which rights and contracts are listed', () => {
    assert(
      property(anyInput, (input) => {
        expect(splitFreed({ ...input, freed: input.freed.toReversed(), contracts: input.contracts.toReversed() })).toEqual(splitFreed(input));
      }),
      { seed: 922, numRuns: 400 },
    );
  });

  it('C21: realises nothing while every commitment lasts', () => {
    assert(
      property(array(anyContract, { minLength: 1, maxLength: 4 }), anyFreed, integer({ min: 0, max: 364 }), (contracts, rights, at) => {
        const committed = contracts.map((one): Contract => ({ ...one, billing: 'AnnualCommit', start: first, end: '2025-12-31' }));
        for (const { realised, forgone, realisedToDate } of split(addDays(first, at), committed, rights.filter(({ freedAt }) => freedAt < startOfDay('2026-01-01')))) {
          expect([realised, forgone, realisedToDate]).toEqual([0n, 0n, 0n]);
        }
      }),
      { seed: 923, numRuns: 200 },
    );
  });

  it('D9: never realises more committed rights than the rights owned went down', () => {
    assert(
      property(array(anyContract, { minLength: 1, maxLength: 5 }), anyFreed, integer({ min: 0, max: 1500 }), (contracts, rights, at) => {
        const committed = contracts.map((one): Contract => ({ ...one, billing: 'AnnualCommit', price: usd(4100) }));
        const day = addDays(first, at);
        const went = rights.map(({ freedAt }) => rightsOwned(committed, new Date(freedAt).toISOString().slice(0, 10)) - rightsOwned(committed, day));
        const { realised } = seats(day, committed, rights);
        expect(realised).toBeLessThanOrEqual(Math.max(0, ...went));
      }),
      { seed: 924, numRuns: 300 },
    );
  });

  it('D9: what was realised to date is a 365th of what each day had realised, added day by day', () => {
    assert(
      property(array(anyContract, { maxLength: 4 }), anyFreed, integer({ min: 0, max: 800 }), (contracts, rights, at) => {
        const one = contracts.map((each): Contract => ({ ...each, price: usd(4100) }));
        let days = 0;
        for (let index = 0; index <= at; index += 1) days += Number(split(addDays(first, index), one, rights, usd(4100))[0]?.realised ?? 0n);
        const toDate = split(addDays(first, at), one, rights, usd(4100))[0]?.realisedToDate ?? 0n;
        expect(Math.abs(Number(toDate) - days / 365)).toBeLessThanOrEqual(0.5 + 1e-6);
      }),
      { seed: 925, numRuns: 25 },
    );
  });
});
