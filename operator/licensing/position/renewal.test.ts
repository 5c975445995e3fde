import { describe, expect, it } from 'vitest';
import type { Contract } from './facts.ts';
import { adviseRenewal, describeRenewal, termCost } from './renewal.ts';

const business: Contract = {
  name: 'business-2026',
  model: 'business',
  rights: 500,
  price: { amountMinor: 4100, currency: 'USD', period: 'Month' },
  billing: 'AnnualCommit',
  start: '2026-01-01',
  end: '2026-12-31',
};
const peak = (month: string, active: number) => ({ month, used: 500, active });

describe('renewal of a contract', () => {
  it('C23, L35: is due from 90 days before the last day until that day', () => {
    const described = ['2026-10-01', '2026-10-02', '2026-12-31', '2027-01-01'].map((day) => describeRenewal(business, [], day));
    expect(described).toEqual([
      { noticeDate: '2026-10-02', isDue: false, daysToRenewal: 91 },
      { noticeDate: '2026-10-02', isDue: true, daysToRenewal: 90 },
      { noticeDate: '2026-10-02', isDue: true, daysToRenewal: 0 },
      { noticeDate: '2026-10-02', isDue: false },
    ]);
  });

  it('C23: keeps to the notice of the contract', () => {
    const late = { ...business, renewal: { noticeDays: 0, bufferPercent: 10 } };
    expect(describeRenewal(late, [], '2026-12-30').isDue).toBe(false);
    expect(describeRenewal(late, [], '2026-12-31')).toMatchObject({ noticeDate: '2026-12-31', isDue: true });
  });

  it('C23: is not due before the contract has begun, however long the notice', () => {
    const short = { ...business, start: '2026-12-01' };
    expect(describeRenewal(short, [], '2026-11-30')).toMatchObject({ noticeDate: '2026-12-01', isDue: false });
    expect(describeRenewal(short, [], '2026-12-01').isDue).toBe(true);
  });

  it('has none without an end', () => {
    const { end: _end, ...open } = business;
    expect(describeRenewal(open, [peak('2026-05', 300)], '2026-12-31')).toEqual({ isDue: false });
    expect(termCost(open)).toBeUndefined();
  });

  it('C23: suggests the peak of active subscriptions in the term and the buffer, rounded up', () => {
    const peaks = [peak('2025-12', 450), peak('2026-03', 301), peak('2026-09', 290), peak('2026-11', 400), peak('2027-01', 480)];
    expect(describeRenewal(business, peaks, '2026-10-15').suggestedRights).toBe(332); // 301 × 1.1 = 331.1
    expect(describeRenewal(business, peaks, '2026-11-01').suggestedRights).toBe(440);
    expect(describeRenewal(business, peaks, '2027-06-01').suggestedRights).toBe(440);
    const exact = { ...business, renewal: { noticeDays: 90, bufferPercent: 0 } };
    expect(describeRenewal(exact, peaks, '2026-10-15').suggestedRights).toBe(301);
  });

  it('C23, guard 6: gives up nobody of whom it is not known that they are unused', () => {
    const peaks = [{ ...peak('2026-02', 0), kept: 400 }, { ...peak('2026-03', 390), kept: 395 }];
    expect(describeRenewal(business, peaks, '2026-10-15').suggestedRights).toBe(440);
  });

  it('C23: suggests nothing without a month of the term, and 0 when nobody was active', () => {
    expect(describeRenewal(business, [peak('2025-12', 450)], '2026-10-15')).not.toHaveProperty('suggestedRights');
    expect(describeRenewal(business, [peak('2026-02', 0)], '2026-10-15').suggestedRights).toBe(0);
  });

  it('S80: tells the cost of the term', () => {
    expect(termCost(business)).toBe(24_600_000n);
  });
});

describe('C23: what is still to be bought when a contract ends', () => {
  const next = { ...business, name: 'next', start: '2027-02-01', end: '2028-01-31' };
  const ending = { ...business, end: '2027-01-31' };
  const advise = (contracts: Contract[], suggested?: number) => adviseRenewal(ending, [ending, ...contracts], suggested);

  it('is what other contracts of the model do not hold by then, so that the entitlements of a model add up', () => {
    expect(advise([], 57)).toEqual({ coveredRights: 0, suggestedRights: 57 });
    expect(advise([{ ...next, rights: 10 }], 57)).toEqual({ coveredRights: 10, suggestedRights: 47 });
    expect(advise([{ ...next, rights: 60 }], 57)).toEqual({ coveredRights: 60, suggestedRights: 0, renewedBy: 'next' });
    expect(advise([{ ...next, model: 'another', rights: 60 }], 57)).toEqual({ coveredRights: 0, suggestedRights: 57 });
  });

  it('without a known peak, a renewal is one of at least as many rights', () => {
    expect(advise([{ ...next, rights: ending.rights - 1 }])).toEqual({ coveredRights: ending.rights - 1 });
    expect(advise([{ ...next, rights: ending.rights }])).toMatchObject({ renewedBy: 'next' });
  });
});

