import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { aContract, aSeat, modelFacts, positionNow } from '../../../test/support/position-company.ts';
import { formatDecimal } from './amounts.ts';
import { buildWorkbench, type NamespaceFacts } from './build-workbench.ts';
import { compareRenewals } from './compare-renewals.ts';
import { costBetween, inForce, rightsOwned } from './contracts.ts';
import type { Contract, ModelFacts } from './facts.ts';
import { applyScenario, parseAmount, type Scenario } from './scenario.ts';

const nothing: Scenario = { thresholds: new Map(), prices: new Map(), commitments: new Map(), renewals: [], contracts: [] };

function facts(contracts: Contract[], models: ModelFacts[] = [modelFacts()]): NamespaceFacts {
  const input = {
    now: positionNow,
    profile: { name: 'pagerduty', type: 'PagerDuty', teamPrecedence: [] },
    watches: new Map(),
    models,
    listed: [],
    listedAll: true,
    contracts: contracts.filter(({ model }) => models.some(({ name }) => name === model)),
    exclusions: [],
    freed: [],
  };
  return { namespace: 'team-a', now: positionNow, profiles: [{ input, seats: [aSeat({ name: 'one' })], displayName: '', publishers: new Map() }], contracts, candidates: [] };
}

const rightsOf = (one: NamespaceFacts) => Object.fromEntries(one.contracts.map(({ name, rights }) => [name, rights]));
const inputContracts = (one: NamespaceFacts) => one.profiles[0]!.input.contracts;

describe('D6: changes of a what-if', () => {
  it('none changes nothing', () => {
    const before = facts([aContract()]);
    expect(applyScenario(before, nothing)).toEqual(before);
  });

  it('--commit: the largest contract grows by what is missing', () => {
    const before = facts([aContract({ name: 'a', rights: 30 }), aContract({ name: 'b', rights: 70 })]);
    const after = applyScenario(before, { ...nothing, commitments: new Map([['full', 120]]) });
    expect(rightsOf(after)).toEqual({ a: 30, b: 90 });
    expect(inputContracts(after)).toEqual(after.contracts);
  });

  it('--commit: of what is too much the largest loses first, and a contract without rights is gone', () => {
    const before = facts([aContract({ name: 'a', rights: 30 }), aContract({ name: 'b', rights: 70 }), aContract({ name: 'later', rights: 500, start: '2027-01-01', end: '2027-12-31' })]);
    expect(rightsOf(applyScenario(before, { ...nothing, commitments: new Map([['full', 45]]) }))).toEqual({ a: 30, b: 15, later: 500 });
    expect(rightsOf(applyScenario(before, { ...nothing, commitments: new Map([['full', 10]]) }))).toEqual({ a: 10, later: 500 });
    expect(rightsOf(applyScenario(before, { ...nothing, commitments: new Map([['full', 0]]) }))).toEqual({ later: 500 });
  });

  it('--commit: the contracts in force hold exactly so many rights, whatever they held', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 2000 }), (sizes, wished) => {
        const before = facts(sizes.map((rights, index) => aContract({ name: `c${index}`, rights })));
        const after = applyScenario(before, { ...nothing, commitments: new Map([['full', wished]]) });
        expect(rightsOwned(after.contracts, '2026-11-24')).toBe(wished);
      }),
      { seed: 3 },
    );
  });

  it('--price: contracts that have not ended take the price, in their own currency and period', () => {
    const before = facts([aContract({ name: 'old', start: '2025-01-01', end: '2025-12-31' }), aContract({ name: 'now' }), aContract({ name: 'later', start: '2027-01-01', end: '2027-12-31' })]);
    const after = applyScenario(before, { ...nothing, prices: new Map([['full', { amount: '35.5' }]]) });
    // In the order of their names: later, now, old.
    expect(after.contracts.map(({ price }) => price.amountMinor)).toEqual([3550, 3550, 4100]);
    const yearly = applyScenario(before, { ...nothing, prices: new Map([['full', { amount: '400', period: 'Year' as const }]]) });
    expect(yearly.contracts[1]?.price).toEqual({ amountMinor: 40_000, currency: 'USD', period: 'Year' });
  });

  it('--price: without an entitlement it is the price of the model', () => {
    const model = modelFacts({ unitPrice: { amountMinor: 5000, currency: 'EUR', period: 'Month' } });
    const after = applyScenario(facts([], [model]), { ...nothing, prices: new Map([['full', { amount: '49' }]]) });
    expect(after.profiles[0]?.input.models[0]?.unitPrice).toEqual({ amountMinor: 4900, currency: 'EUR', period: 'Month' });
    expect(() => applyScenario(facts([]), { ...nothing, prices: new Map([['full', { amount: '49' }]]) })).toThrow('neither an entitlement nor a unitPrice');
  });

  it('--price: refused where currencies or periods are mixed', () => {
    const mixed = facts([aContract({ name: 'a' }), aContract({ name: 'b', price: { amountMinor: 1, currency: 'EUR', period: 'Month' } })]);
    expect(() => applyScenario(mixed, { ...nothing, prices: new Map([['full', { amount: '41' }]]) })).toThrow('entitlements in several currencies');
    const periods = facts([aContract({ name: 'a' }), aContract({ name: 'b', price: { amountMinor: 1, currency: 'USD', period: 'Year' } })]);
    expect(() => applyScenario(periods, { ...nothing, prices: new Map([['full', { amount: '41' }]]) })).toThrow('say /Month or /Year');
  });

  it('--threshold: of one model wins over that of all', () => {
    const before = facts([], [modelFacts(), modelFacts({ name: 'other', identifiers: ['X'] })]);
    const after = applyScenario(before, { ...nothing, thresholdDays: 90, thresholds: new Map([['other', 30]]) });
    expect(after.profiles[0]?.input.models.map(({ thresholdDays }) => thresholdDays)).toEqual([90, 30]);
  });

  it('--renewal: the term ends on the day, and a year follows', () => {
    const before = facts([aContract()]);
    const renewals = [{ entitlement: 'full-2026', end: '2027-03-31', rights: 80, amount: '38.00' }];
    const after = applyScenario(before, { ...nothing, renewals });
    expect(after.contracts.map(({ name, start, end, rights, price }) => [name, start, end, rights, price.amountMinor])).toEqual([
      ['full-2026', '2026-01-01', '2027-03-31', 100, 4100],
      ['full-2026-renewed', '2027-04-01', '2028-03-31', 80, 3800],
    ]);
    const [renewal] = compareRenewals(before, after, renewals);
    // 12 and 15 months of 100 rights at 41.00, and 12 of 80 at 38.00.
    expect([renewal?.now?.costMinor, renewal?.planned.costMinor, renewal?.difference, renewal?.next?.costMinor]).toEqual([4_920_000, 6_150_000, 1_230_000, 3_648_000]);
  });

  it('--renewal: an earlier end costs the days less; no rights, no next term; beyond the end the next term counts', () => {
    const before = facts([aContract()]);
    const renewals = [{ entitlement: 'full-2026', end: '2026-11-15', rights: 0 }];
    const [renewal] = compareRenewals(before, applyScenario(before, { ...nothing, renewals }), renewals);
    // Ten months, and 15 of the 30 days of November.
    expect(renewal?.planned.costMinor).toBe(4_305_000);
    expect(renewal).not.toHaveProperty('next');
    expect(buildWorkbench(applyScenario(before, { ...nothing, renewals })).sum.owned).toBe(0);
    const kept = [{ entitlement: 'full-2026', end: '2026-11-15', rights: 7 }];
    expect(buildWorkbench(applyScenario(before, { ...nothing, renewals: kept })).sum.owned).toBe(7);
  });

  it('--renewal: of a contract that runs on there is no cost of the present term, and so no difference', () => {
    const { end: _end, ...open } = aContract();
    const renewals = [{ entitlement: 'full-2026', end: '2026-12-31' }];
    const [renewal] = compareRenewals(facts([open]), applyScenario(facts([open]), { ...nothing, renewals }), renewals);
    expect(renewal).not.toHaveProperty('difference');
    expect(renewal?.now).not.toHaveProperty('costMinor');
    expect(renewal?.next).toMatchObject({ start: '2027-01-01', end: '2027-12-31', costMinor: 4_920_000 });
  });

  it('--renewal: both terms together cost what the days of both do, and no day counts twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 800 }), (days) => {
        const end = new Date(Date.parse('2026-01-01') + days * 86_400_000).toISOString().slice(0, 10);
        const after = applyScenario(facts([aContract()]), { ...nothing, renewals: [{ entitlement: 'full-2026', end }] });
        const { end: _end, ...whole } = aContract();
        const last = after.contracts[1]?.end ?? '';
        expect(inForce(after.contracts, end)).toHaveLength(1);
        const terms = after.contracts.reduce((total, contract) => total + costBetween(contract, '2026-01-01', last), 0n);
        expect(terms).toBe(costBetween(whole, '2026-01-01', last));
      }),
      { seed: 4 },
    );
  });

  it('--entitlements: of the same name replaces, of another is added', () => {
    const after = applyScenario(facts([aContract()]), { ...nothing, contracts: [aContract({ rights: 5 }), aContract({ name: 'extra', rights: 2 })] });
    expect(rightsOf(after)).toEqual({ extra: 2, 'full-2026': 5 });
  });

  it('prices and commitments are in what is renewed', () => {
    const changed = applyScenario(facts([aContract()]), {
      ...nothing,
      prices: new Map([['full', { amount: '40' }]]),
      commitments: new Map([['full', 60]]),
      renewals: [{ entitlement: 'full-2026', end: '2026-12-31' }],
    });
    expect(changed.contracts[1]).toMatchObject({ rights: 60, price: { amountMinor: 4000 } });
  });

  it('C32: names what is not there, and what there is', () => {
    const before = facts([aContract()]);
    expect(() => applyScenario(before, { ...nothing, thresholds: new Map([['ful', 1]]) })).toThrow('There is no SoftwareModel ful; there are full.');
    expect(() => applyScenario(before, { ...nothing, renewals: [{ entitlement: 'x', end: '2026-12-31' }] })).toThrow('There is no entitlement x to renew; there are full-2026.');
    expect(() => applyScenario(before, { ...nothing, renewals: [{ entitlement: 'full-2026', end: '2025-12-31' }] })).toThrow('it starts on 2026-01-01');
    expect(() => applyScenario(facts([]), { ...nothing, commitments: new Map([['full', 1]]) })).toThrow('has no entitlement in force on 2026-11-24');
  });
});

describe('D9: amounts as people write them', () => {
  it.each([
    ['41.00', 'USD', 4100],
    ['41', 'USD', 4100],
    ['0.5', 'USD', 50],
    ['4100', 'JPY', 4100],
    ['1.234', 'BHD', 1234],
    ['100000000.00', 'USD', 10_000_000_000],
  ])('%s %s is %i minor units', (text, currency, minor) => {
    expect(parseAmount(text, currency)).toBe(minor);
  });

  it.each([
    ['41.001', 'USD', '3 digits after the point, and USD has at most 2'],
    ['41.5', 'JPY', '1 digits after the point, and JPY has none'],
    ['41,00', 'USD', 'is no amount'],
    ['1e3', 'USD', 'is no amount'],
    ['-1', 'USD', 'is no amount'],
    ['', 'USD', 'is no amount'],
    ['100000000.01', 'USD', 'more than a price can be'],
  ])('%s %s is refused', (text, currency, problem) => {
    expect(() => parseAmount(text, currency)).toThrow(problem);
  });

  it('reads back every amount that it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), fc.constantFrom('USD', 'JPY', 'BHD', 'EUR'), (amountMinor, currency) => {
        expect(parseAmount(formatDecimal({ amountMinor, currency }), currency)).toBe(amountMinor);
      }),
      { seed: 6 },
    );
  });
});
