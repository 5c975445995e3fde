import { describe, expect, it } from 'vitest';
import { aContract, aSeat, daysAgo, positionInput, reportOn, seatsOf } from '../../../test/support/position-company.ts';
import type { PositionGroup } from '../../api/license-position.ts';
import type { PositionInput, Seat } from './facts.ts';
import { cutGroups, sumGroups, type Breakdowns } from './groups.ts';

const stale = { lastActivity: daysAgo(75) };

function groupsOf(change: Partial<PositionInput>, seats: readonly Seat[]): Breakdowns {
  const groups = reportOn(positionInput(change), seats).models[0]?.groups;
  if (groups === undefined) throw new Error('no model');
  return groups;
}

const usd = (annualCost: number) => [{ currency: 'USD', annualCost }];
/** A dollar a year. */
const dollar = { amountMinor: 100, currency: 'USD', period: 'Year' } as const;

describe('breakdowns of a model', () => {
  it('C22: share the cost by rights used; what nobody uses has its own line', () => {
    const seats = [...seatsOf(5, { name: 'o', teams: ['Ops'] }), ...seatsOf(2, { name: 'w', teams: ['Web'], ...stale }), aSeat({ name: 'n' })];
    expect(groupsOf({ contracts: [aContract({ rights: 10, price: dollar })] }, seats).teams).toEqual([
      { name: 'Ops', used: 5, unused: 0, costs: usd(500) },
      { name: 'Web', used: 2, unused: 2, costs: usd(200) },
      { name: '(none)', used: 1, unused: 0, costs: usd(100) },
      { name: '(not used)', used: 0, unused: 0, costs: usd(200) },
    ]);
  });

  it('C22, D9: cents that cannot be shared go to the largest remainders, the first of equal ones', () => {
    const seats = [aSeat({ name: 'a', teams: ['A'] }), aSeat({ name: 'b', teams: ['B'] }), aSeat({ name: 'c', teams: ['C'] })];
    // One right for a dollar, used by three: 34 + 33 + 33 cents.
    expect(groupsOf({ contracts: [aContract({ rights: 1, price: dollar })] }, seats).teams?.map(({ costs }) => costs)).toEqual([usd(34), usd(33), usd(33)]);
  });

  it('C22: a person of several teams counts in the first of the precedence, else the first by name', () => {
    const seats = [aSeat({ name: 'a', teams: ['Web', 'Ops', 'Search'] })];
    const named = (teamPrecedence: readonly string[]) => groupsOf({ profile: { name: 'p', type: 'PagerDuty', teamPrecedence } }, seats).teams?.map(({ name }) => name);
    expect(named([])).toEqual(['Ops']);
    expect(named(['Nobody', 'Web', 'Search'])).toEqual(['Web']);
  });

  it('L34: by role, and no cost where none is known', () => {
    const seats = [...seatsOf(2, { name: 'u' }), aSeat({ name: 'a', role: 'admin', ...stale })];
    expect(groupsOf({}, seats).roles).toEqual([{ name: 'user', used: 2, unused: 0 }, { name: 'admin', used: 1, unused: 1 }]);
  });

  it('C22: cost centres pay their own contracts, and share what is used by the rights they own', () => {
    const contracts = [
      aContract({ name: 'a', rights: 6, price: dollar, costCenter: 'CC-1' }),
      aContract({ name: 'b', rights: 2, price: { ...dollar, amountMinor: 300 }, costCenter: 'CC-2' }),
      aContract({ name: 'old', rights: 50, price: dollar, costCenter: 'CC-3', end: '2026-06-30' }),
    ];
    const seats = [...seatsOf(3, { name: 'u' }), aSeat({ name: 's', ...stale })];
    expect(groupsOf({ contracts }, seats).costCenters).toEqual([
      { name: 'CC-1', owned: 6, used: 3, unused: 1, costs: usd(600) },
      { name: 'CC-2', owned: 2, used: 1, unused: 0, costs: usd(600) },
    ]);
  });

  it('C22: what cost centres cannot share evenly does not depend on the order of contracts', () => {
    const one = aContract({ name: 'a', rights: 3, price: dollar, costCenter: 'CC-1' });
    const other = aContract({ name: 'b', rights: 3, price: dollar, costCenter: 'CC-2' });
    for (const contracts of [[one, other], [other, one]]) {
      expect(groupsOf({ contracts }, seatsOf(3, { name: 'u' })).costCenters).toMatchObject([{ name: 'CC-1', used: 2 }, { name: 'CC-2', used: 1 }]);
    }
  });

  it('C22: a team that is called as the unused rights are is one line with them, and pays for its people too', () => {
    const seats = [...seatsOf(2, { name: 'n', teams: ['(not used)'] }), aSeat({ name: 'w', teams: ['Web'] })];
    expect(groupsOf({ contracts: [aContract({ rights: 4, price: dollar })] }, seats).teams).toEqual([
      { name: '(not used)', used: 2, unused: 0, costs: usd(300) },
      { name: 'Web', used: 1, unused: 0, costs: usd(100) },
    ]);
  });

  it('C22: what is used beyond all rights belongs to no cost centre', () => {
    const contracts = [aContract({ rights: 2, price: dollar, costCenter: 'CC-1' }), aContract({ name: 'b', rights: 1, price: dollar })];
    expect(groupsOf({ contracts }, seatsOf(5, { name: 'u' })).costCenters).toEqual([
      { name: '(none)', owned: 1, used: 3, unused: 0, costs: usd(100) },
      { name: 'CC-1', owned: 2, used: 2, unused: 0, costs: usd(200) },
    ]);
    expect(groupsOf({}, seatsOf(5, { name: 'u' })).costCenters).toEqual([{ name: '(none)', owned: 0, used: 5, unused: 0 }]);
  });
});

describe('breakdowns that are cut or summed', () => {
  const lines: PositionGroup[] = [
    { name: 'A', used: 5, unused: 1, costs: usd(500) },
    { name: 'B', used: 3, unused: 2, costs: usd(300) },
    { name: 'C', used: 2, unused: 0, costs: [{ currency: 'EUR', annualCost: 70 }] },
    { name: 'D', used: 1, unused: 1, costs: usd(100) },
  ];

  it('C22: show the first lines, and the sums of the others', () => {
    expect(cutGroups(lines, 4)).toEqual(lines);
    expect(cutGroups(lines, 3)).toEqual([
      lines[0],
      lines[1],
      { name: '(others)', used: 3, unused: 1, costs: [{ currency: 'EUR', annualCost: 70 }, { currency: 'USD', annualCost: 100 }] },
    ]);
  });

  it('C22: a team of the name that the others have is one of them', () => {
    const named = [{ name: '(others)', used: 9, unused: 0 }, ...lines];
    expect(cutGroups(named, 2)).toMatchObject([{ name: 'A' }, { name: '(others)', used: 15 }]);
  });

  it('L34: lines of the same name are one line', () => {
    const some = (teams: PositionGroup[]): Breakdowns => ({ teams, roles: [], costCenters: [{ name: 'CC-1', owned: 3, used: 1, unused: 0 }] });
    expect(sumGroups([some(lines.slice(0, 1)), some([{ name: 'A', used: 1, unused: 1, costs: [{ currency: 'EUR', annualCost: 7 }] }])])).toEqual({
      teams: [{ name: 'A', used: 6, unused: 2, costs: [{ currency: 'EUR', annualCost: 7 }, { currency: 'USD', annualCost: 500 }] }],
      roles: [],
      costCenters: [{ name: 'CC-1', owned: 6, used: 2, unused: 0 }],
    });
  });
});
