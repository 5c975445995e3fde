import { describe, expect, it } from 'vitest';
import { aContract, aSeat, daysAgo, fullWatches, modelFacts, positionInput, reportOn, seatsOf } from '../../../test/support/position-company.ts';
import type { Contract, ModelPosition, PositionInput, Seat } from './facts.ts';
import { mergePeaks } from './position.ts';

const never = { activity: 'Never' } as const;
/** 50 active, 20 stale, 10 never used, 5 invitations, 3 new, 2 unknown: 90 people. */
const company: Seat[] = [
  ...seatsOf(50, { name: 'active' }),
  ...seatsOf(20, { name: 'stale', lastActivity: daysAgo(75) }),
  ...seatsOf(10, { name: 'never', ...never }),
  ...seatsOf(5, { name: 'invited', pending: true }),
  ...seatsOf(3, { name: 'new', ...never, assignedAt: daysAgo(5) }),
  ...seatsOf(2, { name: 'unknown', activity: 'Unknown' }),
].map(({ lastActivity, ...seat }) => (seat.activity === 'Recorded' && lastActivity !== undefined ? { ...seat, lastActivity } : seat));

function positionOf(change: Partial<PositionInput>, seats: readonly Seat[]): ModelPosition {
  const [only] = reportOn(positionInput(change), seats).models;
  if (only === undefined) throw new Error('no model');
  return only;
}

describe('the position of a model', () => {
  it('S84, L30, L31, L33: 100 rights at $41 a month for 90 people, 35 of whom use nothing', () => {
    const { position } = positionOf({ contracts: [aContract()] }, company);
    expect(position).toMatchObject({
      owned: 100, assigned: 90, used: 90, active: 50, stale: 20, neverUsed: 10, pending: 5, recent: 3, unknown: 2,
      unused: 35, available: 10, needed: 0, excluded: 0, duplicates: 0, unusedPercent: 38, compliance: 'Compliant', thresholdDays: 60,
      ages: { upTo30: 55, upTo60: 0, upTo90: 20, over90: 0, none: 15 },
    });
    // A right costs 12 × $41.00 = $492.00 a year; 100 of them, 10 spare ones, 35 unused ones.
    expect(position.money).toEqual([
      {
        currency: 'USD', annualCost: 4_920_000, averageUnitCost: 49_200, trueUpCost: 0, overLicensedCost: 492_000, potentialSavings: 1_722_000,
        freedSavings: 0, realisedSavings: 0, atRenewalSavings: 0, forgoneSavings: 0, realisedToDate: 0,
      },
    ]);
    expect(position.display).toEqual({ annualCost: 'USD 49,200.00', potentialSavings: 'USD 17,220.00', trueUpCost: 'USD 0.00' });
  });

  it('S84, S85, L30: 80 rights for the same people are 10 too few', () => {
    const { position } = positionOf({ contracts: [aContract({ rights: 80 })] }, company);
    expect(position).toMatchObject({ owned: 80, available: 0, needed: 10, compliance: 'NonCompliant' });
    expect(position.money?.[0]).toMatchObject({ trueUpCost: 492_000, overLicensedCost: 0 });
    expect(position.remediationOptions).toEqual([
      { action: 'PurchaseRights', quantity: 10, resolves: true, money: { currency: 'USD', amountMinor: 492_000 } },
      { action: 'Reclaim', quantity: 10, resolves: true, money: { currency: 'USD', amountMinor: 492_000 } },
    ]);
  });

  it('S84: without a contract there is nothing to compare with, and the price of the model gives the savings', () => {
    const models = [modelFacts({ unitPrice: { amountMinor: 4100, currency: 'USD', period: 'Month' } })];
    const { position, priceProblem } = positionOf({ models }, company);
    expect(position).toMatchObject({ compliance: 'NoEntitlement', owned: 0, needed: 90 });
    expect(position.money?.[0]).toMatchObject({ annualCost: 0, potentialSavings: 1_722_000 });
    expect(priceProblem).toBeUndefined();
    const unpriced = positionOf({}, company);
    expect(unpriced.priceProblem).toBe('NoPrice');
    expect([unpriced.position.money, unpriced.position.display]).toEqual([undefined, undefined]);
  });

  it('S84: a contract that has ended or not begun gives no entitlement', () => {
    for (const change of [{ end: '2026-11-23' }, { start: '2026-11-25' }]) {
      expect(positionOf({ contracts: [aContract(change)] }, company).position.compliance).toBe('NoEntitlement');
    }
  });

  it('D9: a price of which a year divides into no whole cents is rounded once, half up', () => {
    // 3 rights for $10.00 a year and 1 for $1.00 a month: $42.00 for 4, which is $10.50; of 2 unused: $21.00.
    const yearly = aContract({ rights: 3, price: { amountMinor: 1000, currency: 'USD', period: 'Year' } });
    const monthly = aContract({ name: 'b', rights: 1, price: { amountMinor: 100, currency: 'USD', period: 'Month' } });
    const { position } = positionOf({ contracts: [yearly, monthly] }, seatsOf(2, { name: 'stale', lastActivity: daysAgo(75) }));
    expect(position.money?.[0]).toMatchObject({ annualCost: 4200, averageUnitCost: 1050, potentialSavings: 2100 });
    // 2 rights for $0.01 a year and 1 for $0.03: 5 cents for 3. One is 1.67 cents, two are 3.33; twice the rounded one would be 4.
    const cheap = [aContract({ rights: 2, price: { amountMinor: 1, currency: 'USD', period: 'Year' } }), aContract({ name: 'b', rights: 1, price: { amountMinor: 3, currency: 'USD', period: 'Year' } })];
    expect(positionOf({ contracts: cheap }, seatsOf(2, { name: 'stale', lastActivity: daysAgo(75) })).position.money?.[0]).toMatchObject({ averageUnitCost: 2, potentialSavings: 3 });
  });

  it('D9: currencies are never mixed: each contract’s cost is told, and no average', () => {
    const contracts = [aContract(), aContract({ name: 'euro', rights: 10, price: { amountMinor: 3800, currency: 'EUR', period: 'Month' } })];
    const { position, priceProblem } = positionOf({ contracts }, company);
    expect(priceProblem).toBe('MixedCurrencies');
    expect(position.money).toMatchObject([{ currency: 'EUR', annualCost: 456_000 }, { currency: 'USD', annualCost: 4_920_000 }]);
    expect(position.money?.every(({ potentialSavings, trueUpCost }) => potentialSavings === undefined && trueUpCost === undefined)).toBe(true);
    expect(position.display).toEqual({ annualCost: 'EUR 4,560.00 + USD 49,200.00' });
  });

  it('D9: a contract of no rights brings no currency into the sums', () => {
    const contracts = [aContract(), aContract({ name: 'euro', rights: 0, price: { amountMinor: 3800, currency: 'EUR', period: 'Month' } })];
    const { position, priceProblem } = positionOf({ contracts }, company);
    expect([priceProblem, position.money?.map(({ currency }) => currency)]).toEqual([undefined, ['USD']]);
  });

  it('D9: savings of a currency that nothing is paid in any more have a line, which the display leaves out', () => {
    const euro = aContract({ name: 'euro', rights: 10, price: { amountMinor: 3800, currency: 'EUR', period: 'Month' }, start: '2025-01-01', end: '2025-12-31' });
    const freed = [{ candidate: 'c', identifier: 'LFULL', freedAt: Date.parse('2025-06-01T00:00:00Z') }];
    const { position } = positionOf({ contracts: [aContract(), euro], freed }, company);
    expect(position.money).toMatchObject([{ currency: 'EUR', annualCost: 0, freedSavings: 45_600 }, { currency: 'USD', freedSavings: 0 }]);
    expect(position.display?.annualCost).toBe('USD 49,200.00');
  });

  it('S85: only a contract that ends can be reduced at its renewal', () => {
    const { end: _end, ...forEver } = aContract();
    const actions = (contract: Contract) => positionOf({ contracts: [contract] }, company).position.remediationOptions?.map(({ action, quantity }) => `${action} ${quantity}`);
    expect(actions(aContract())).toEqual(['Reclaim 35', 'ReduceAtRenewal 45']);
    expect(actions(forEver)).toEqual(['Reclaim 35']);
  });

  it('D9: rights freed are those of the identifiers of the model', () => {
    const freed = ['LFULL', 'LFULL', 'LSTAKE'].map((identifier, index) => ({ candidate: `c${index}`, identifier, freedAt: daysAgo(30) }));
    const { position } = positionOf({ contracts: [aContract()], freed }, company);
    // Two of $492.00, paid for until the commitment ends (C21).
    expect(position.money?.[0]).toMatchObject({ freedSavings: 98_400, atRenewalSavings: 98_400, realisedSavings: 0, forgoneSavings: 0 });
  });

  it('C20: seats of the vendor are shown as it counts them', () => {
    const counts = positionOf({ models: [modelFacts({ seats: { assigned: 95, available: 5 } })] }, company).position;
    expect([counts.seatsAssigned, counts.seatsAvailable]).toEqual([95, 5]);
    expect(positionOf({ models: [modelFacts({ seats: { assigned: 95 } })] }, company).position).not.toHaveProperty('seatsAvailable');
  });

  it('S83: use is judged as of the end of the evidence', () => {
    expect(positionOf({}, company).position.activityAsOf).toBe('2026-11-24T08:00:00.000Z');
    const blind = positionOf({ watches: new Map() }, company).position;
    expect(blind).not.toHaveProperty('activityAsOf');
    expect(blind).toMatchObject({ active: 50, stale: 0, neverUsed: 0, recent: 0, pending: 5, unknown: 35 });
  });

  it('T3: a person is judged by signals that see their own role, whatever their licence', () => {
    const watches = new Map([...fullWatches].filter(([group]) => group === 'FullUser'));
    const stakeholder = aSeat({ name: 'viewer', roleGroup: 'Stakeholder', lastActivity: daysAgo(75) });
    expect(positionOf({ watches }, [stakeholder]).position).toMatchObject({ stale: 0, unknown: 1 });
  });
});

describe('people of several subscriptions', () => {
  it('L29: use one right, as the best of them, which also says where they belong', () => {
    const seats = [
      aSeat({ name: 'b-stale', person: 'sam@example.com', lastActivity: daysAgo(75), role: 'admin', teams: ['Ops'] }),
      aSeat({ name: 'a-active', person: 'sam@example.com', lastActivity: daysAgo(40), role: 'user', teams: ['Web'] }),
      aSeat({ name: 'c-invited', person: 'sam@example.com', pending: true, lastActivity: daysAgo(50) }),
    ];
    const { position, groups } = positionOf({}, seats);
    expect(position).toMatchObject({ assigned: 3, used: 1, duplicates: 2, active: 1, stale: 0, pending: 0, ages: { upTo30: 0, upTo60: 1 } });
    expect(groups.teams).toEqual([{ name: 'Web', used: 1, unused: 0 }]);
    expect(groups.roles).toEqual([{ name: 'user', used: 1, unused: 0 }]);
  });

  it('L29: nobody is called unused while the evidence on another of their seats is incomplete', () => {
    const seats = [aSeat({ name: 'a', person: 'sam@example.com', lastActivity: daysAgo(75) }), aSeat({ name: 'b', person: 'sam@example.com', activity: 'Unknown' })];
    expect(positionOf({}, seats).position).toMatchObject({ used: 1, unknown: 1, unused: 0 });
  });

  it('L29: use one right of each product', () => {
    const models = [modelFacts(), modelFacts({ name: 'stake', identifiers: ['LSTAKE'], roleGroup: 'Stakeholder' })];
    const seats = [aSeat({ name: 'a', person: 'sam@example.com' }), aSeat({ name: 'b', person: 'sam@example.com', identifier: 'LSTAKE' })];
    expect(reportOn(positionInput({ models }), seats).position).toMatchObject({ used: 2, duplicates: 0, models: 2 });
  });

  it('L26: are kept out by person or licence, count as that alone, and each exclusion says how many it keeps out', () => {
    const exclusions = [
      { name: 'leave', person: 'a-0@example.com' },
      { name: 'trial', licence: { type: 'PagerDuty', identifier: 'LSTAKE' } },
      { name: 'elsewhere', licence: { type: 'Other', identifier: 'LFULL' } },
    ];
    const models = [modelFacts({ identifiers: ['LFULL', 'LSTAKE'] })];
    const seats = [...seatsOf(3, { name: 'a' }), ...seatsOf(2, { name: 'b', identifier: 'LSTAKE' })];
    const report = reportOn(positionInput({ models, exclusions }), seats);
    expect(report.position).toMatchObject({ assigned: 5, excluded: 3, used: 2, duplicates: 0 });
    expect(Object.fromEntries(report.matched)).toEqual({ leave: 1, trial: 2, elsewhere: 0 });
  });
});

describe('identifiers that no model claims', () => {
  const strange = seatsOf(3, { name: 's', identifier: 'LNEW', roleGroup: 'Unknown', edition: 'Mystery' });

  it('L25: are counted apart, and shown with what is known of them', () => {
    const report = reportOn(positionInput(), [...company, ...strange]);
    expect(report.position).toMatchObject({ used: 90, assigned: 90, unrecognized: 3 });
    expect(report.unrecognized).toEqual([{ identifier: 'LNEW', name: 'Mystery', roleGroup: 'Unknown', subscriptions: 3, reason: 'UnknownRole' }]);
    expect(report.position.unrecognizedIdentifiers).toEqual(report.unrecognized);
  });

  it('L25: are dealt with when an exclusion keeps all of their subscriptions out', () => {
    const exclusions = [{ name: 'mystery', licence: { type: 'PagerDuty', identifier: 'LNEW' } }];
    const report = reportOn(positionInput({ exclusions }), strange);
    expect(report.unrecognized).toEqual([]);
    expect(report.position.unrecognized).toBe(0);
    expect(report.matched.get('mystery')).toBe(3);
  });

  it('L25: the first 20 by number of subscriptions are in the status, all of them in the report', () => {
    const seats = Array.from({ length: 25 }, (_, index) => seatsOf(index + 1, { name: `s${index}`, identifier: `L${index}`, roleGroup: 'Unknown' })).flat();
    const report = reportOn(positionInput(), seats);
    expect(report.unrecognized.length).toBe(25);
    expect(report.position.unrecognizedIdentifiers?.map(({ subscriptions }) => subscriptions)).toEqual(Array.from({ length: 20 }, (_, index) => 25 - index));
    expect(report.position.unrecognized).toBe((25 * 26) / 2);
  });

  it('S73: get a model, which is made from what most of their subscriptions say', () => {
    const seats = [
      ...seatsOf(2, { name: 'a', identifier: 'LDIGITAL', edition: 'Digital Operations' }),
      aSeat({ name: 'b', identifier: 'LDIGITAL', edition: 'Stray', roleGroup: 'Stakeholder' }),
      ...seatsOf(5, { name: 'c', identifier: 'LDIGITAL', roleGroup: 'Unknown' }),
    ];
    expect(reportOn(positionInput(), seats).intents.create).toEqual([
      { name: 'pagerduty-digital-operations', identifier: 'LDIGITAL', edition: 'Digital Operations', roleGroup: 'FullUser' },
    ]);
  });

  it('S73: an identifier that two models claim belongs to the first by name', () => {
    const models = [modelFacts({ name: 'b' }), modelFacts({ name: 'a' })];
    expect(reportOn(positionInput({ models }), company).models.map(({ model, position }) => [model, position.used])).toEqual([['a', 90], ['b', 0]]);
  });
});

describe('peaks of the months', () => {
  const present = { month: '2026-11', used: 90, active: 50, kept: 60 };

  it('S84: the most of a month counts, of each figure by itself', () => {
    expect(mergePeaks([{ month: '2026-11', used: 95, active: 40 }], present)).toEqual([{ month: '2026-11', used: 95, active: 50, kept: 60 }]);
    expect(mergePeaks([], present)).toEqual([present]);
  });

  it('S84: of more than 24 months the oldest go', () => {
    const stored = Array.from({ length: 24 }, (_, index) => ({ month: `${2024 + Math.floor((index + 10) / 12)}-${String(((index + 10) % 12) + 1).padStart(2, '0')}`, used: index, active: 0 }));
    expect(stored[0]?.month).toBe('2024-11');
    const peaks = mergePeaks(stored.toReversed(), present);
    expect([peaks.length, peaks[0]?.month, peaks.at(-1)]).toEqual([24, '2024-12', present]);
  });
});
