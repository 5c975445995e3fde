import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aReclaimSeat, dayMs, reclaimNow, ruleFacts } from '../../../test/support/reclaim-company.ts';
import { alignColumns } from '../../cli/workbench/align-columns.ts';
import { backtest, type BacktestInput, type BacktestState, type VariantResult } from './backtest.ts';
import { renderBacktest } from './backtest-text.ts';

const start = reclaimNow - 360 * dayMs;
const day = (number: number) => start + number * dayMs;

/** A person whose days of activity are known. */
interface Planted {
  readonly name: string;
  readonly activeDays: readonly number[];
  readonly from?: number;
  readonly until?: number;
  readonly role?: string;
}

/** What would have been recorded on that day: the latest activity until then, evidence since a year before the start. */
function record(people: readonly Planted[], at: number): BacktestState {
  const present = people.filter(({ from = -1000, until = Infinity }) => from <= at && at < until);
  const seats = present.map(({ name, activeDays, from = -1000, role = 'user' }) => {
    const past = activeDays.filter((number) => number <= at);
    const known = past.length === 0 ? { activity: 'Never' as const } : { lastActivity: day(Math.max(...past)) };
    return aReclaimSeat({ name, role, assignedAt: day(from), evidenceFrom: day(Math.max(from, -365)), ...known });
  });
  return { at: day(at), seats, watches: new Map([['FullUser', { from: day(-365), to: day(at), signals: ['OnCall'] }]]) };
}

const context: BacktestInput['context'] = { profileType: 'PagerDuty', ownerRole: 'owner', adminRoles: new Set(['owner', 'admin']) };
const variant = (days: number) => ({ name: `${days} days`, rule: ruleFacts({ lastActivityThresholdDays: days }) });

function every(step: number, until: number): number[] {
  return Array.from({ length: Math.floor(until / step) + 1 }, (_, index) => index * step);
}

/** Weekly states of a year: what becomes of each at a threshold of 30, 60 and 90 days is planted. */
const people: Planted[] = [
  // Never seen again after day 0: unused for good.
  ...Array.from({ length: 6 }, (_, index) => ({ name: `unused-${index}`, activeDays: [0] })),
  // On call every 40 days: flagged at 30 only, each time back within 30 days.
  ...Array.from({ length: 3 }, (_, index) => ({ name: `monthly-${index}`, activeDays: every(40, 360) })),
  // Once a quarter, every 75 days: flagged at 30 and 60; back 45 days after the flag at 30 (too late for 30 days), and 15 days after that at 60.
  ...Array.from({ length: 2 }, (_, index) => ({ name: `quarter-${index}`, activeDays: every(75, 360) })),
  // Once after 200 days: flagged at every threshold, back long after.
  { name: 'sabbatical', activeDays: [0, 200] },
  // Gone a while after being flagged.
  { name: 'leaver', activeDays: [0], until: 100 },
  // Active every week.
  ...Array.from({ length: 10 }, (_, index) => ({ name: `weekly-${index}`, activeDays: every(7, 360) })),
];
const unused = new Set(Array.from({ length: 6 }, (_, index) => `unused-${index}`));
const states = every(7, 357).map((at) => record(people, at));

describe('D3: a backtest', () => {
  const report = backtest({ states, variants: [variant(30), variant(60), variant(90)], context, unused });
  const [days30, days60, days90] = report.variants;

  it('D3: finds the precision and recall that were planted, to the person', () => {
    // At 30: 6 unused, 3 monthly (back in 30 days), 2 quarterly and the sabbatical (back later), the leaver (seen for more than 30 days).
    expect(days30).toMatchObject({ people: 13, returned30: 3, returnedEver: 6, precision30: { part: 10, of: 13 }, precisionEver: { part: 7, of: 13 }, recall: { part: 6, of: 6 } });
    // At 60: the monthly are never flagged, and the quarterly are back within 30 days.
    expect(days60).toMatchObject({ people: 10, returned30: 2, returnedEver: 3, precision30: { part: 8, of: 10 }, precisionEver: { part: 7, of: 10 }, recall: { part: 6, of: 6 } });
    // At 90: of the leaver, flagged on day 91 and last seen on day 98, nobody knows what they would have done in 30 days.
    expect(days90).toMatchObject({ people: 8, returned30: 0, returnedEver: 1, precision30: { part: 7, of: 7 }, precisionEver: { part: 7, of: 8 }, recall: { part: 6, of: 6 } });
  });

  it('D3, D6: a higher threshold flags a part of those whom a lower one does, at each time', () => {
    for (const [lower, higher] of [[days30, days60], [days60, days90]] as const) {
      for (const [index, { names }] of (higher?.flagged ?? []).entries()) expect(lower?.flagged[index]?.names).toEqual(expect.arrayContaining([...names]));
    }
    expect(days90?.flagged.at(-1)?.names).toEqual(['sabbatical', ...[...unused].toSorted()].toSorted());
  });

  it('D3: who was flagged last has not been seen for long enough to judge', () => {
    const [result] = backtest({ states: states.slice(0, 11), variants: [variant(60)], context }).variants;
    expect(result).toMatchObject({ precision30: { part: 0, of: 0 }, precisionEver: { part: 10, of: 10 } });
    expect(result).not.toHaveProperty('recall');
  });

  it('D3: recall counts those whom no threshold finds', () => {
    const hidden = new Set([...unused, 'weekly-0']);
    expect(backtest({ states, variants: [variant(60)], context, unused: hidden }).variants[0]?.recall).toEqual({ part: 6, of: 7 });
  });

  it('D3: is the same in whatever order the states come, and of nothing it is nothing', () => {
    expect(backtest({ states: states.toReversed(), variants: [variant(60)], context })).toEqual(backtest({ states, variants: [variant(60)], context }));
    expect(backtest({ states: [], variants: [variant(60)], context }).variants[0]).toMatchObject({ people: 0, precision30: { part: 0, of: 0 } });
  });

  it('D3, guard 2: protects as an evaluation does', () => {
    const admins = [0, 1, 2, 3].map((index) => ({ name: `admin-${index}`, activeDays: [0], role: 'admin' }));
    const recorded = [0, 100].map((at) => record([...admins, { name: 'boss', activeDays: [0], role: 'owner' }], at));
    // Of four admins besides the owner, two stay.
    expect(backtest({ states: recorded, variants: [variant(60)], context }).variants[0]?.flagged[1]?.names).toEqual(['admin-0', 'admin-1']);
    const exclusions = [{ name: 'leave', person: 'admin-0@example.com' }];
    expect(backtest({ states: recorded, variants: [variant(60)], context: { ...context, exclusions } }).variants[0]?.flagged[1]?.names).toEqual(['admin-1', 'admin-2']);
    const byCondition = { name: 'condition', rule: ruleFacts({ condition: "subscription.role != 'admin'" }) };
    expect(backtest({ states: recorded, variants: [byCondition], context }).variants[0]?.flagged[1]?.names).toEqual([]);
  });

  it('D3, D6: of any company, a higher threshold flags a part, and precision is of those who were flagged', () => {
    const anybody = fc.array(fc.record({ activeDays: fc.uniqueArray(fc.integer({ min: -100, max: 200 }), { maxLength: 6 }), from: fc.integer({ min: -400, max: 150 }) }), { maxLength: 12 });
    fc.assert(
      fc.property(anybody, fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 }), (all, days, more) => {
        const planted = all.map((person, index) => ({ ...person, name: `p-${index}`, activeDays: person.activeDays.filter((number) => number >= person.from) }));
        const recorded = every(14, 196).map((at) => record(planted, at));
        const [lower, higher] = backtest({ states: recorded, variants: [variant(days), variant(days + more)], context }).variants;
        expectToBePart(higher, lower);
        for (const result of [lower, higher]) if (result !== undefined) expectToFit(result, planted);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

function expectToBePart(part: VariantResult | undefined, whole: VariantResult | undefined): void {
  for (const [index, { names }] of (part?.flagged ?? []).entries()) expect(whole?.flagged[index]?.names).toEqual(expect.arrayContaining([...names]));
}

/** Counted anew from what was planted. */
function expectToFit({ people: flagged, returned30, returnedEver, precision30, precisionEver, ...result }: VariantResult, planted: readonly Planted[]): void {
  const firstDays = planted.map(({ name }) => result.flagged.find(({ names }) => names.includes(name))?.at ?? Infinity);
  const back = planted.filter(({ activeDays }, index) => activeDays.some((number) => number <= 196 && day(number) > (firstDays[index] ?? Infinity)));
  expect(flagged).toBe(firstDays.filter(Number.isFinite).length);
  expect(returnedEver).toBe(back.length);
  expect(returned30).toBeLessThanOrEqual(returnedEver);
  expect(precision30.of - precision30.part).toBe(returned30);
  expect(precisionEver.of - precisionEver.part).toBe(returnedEver);
  const { activated30: _activated, ...cohorts } = result.cohorts;
  expect(Object.values(cohorts).reduce((sum, count) => sum + count, 0)).toBe(planted.filter(({ from = 0 }) => from <= 196).length);
}

describe('C33: cohorts', () => {
  const company: Planted[] = [
    { name: 'retained', activeDays: [0, 190] },
    { name: 'reactivated', activeDays: [-100, 190] },
    { name: 'lapsed', activeDays: [0] },
    { name: 'reclaimed', activeDays: [-100], until: 100 },
    { name: 'left', activeDays: [0], until: 100 },
    { name: 'still', activeDays: [-100] },
    { name: 'newcomer', activeDays: [120], from: 100 },
    { name: 'late', activeDays: [180], from: 100 },
    { name: 'idle', activeDays: [], from: 100 },
    { name: 'young', activeDays: [], from: 185 },
    { name: 'was-new', activeDays: [], from: -10 },
  ];
  const report = backtest({ states: every(10, 200).map((at) => record(company, at)), variants: [variant(60)], context, reclaimed: new Set(['reclaimed']) });

  it('C33: are what became of everybody between the first state and the last', () => {
    expect(report.variants[0]?.cohorts).toEqual({
      retained: 1, reactivated: 1, lapsed: 1, reclaimed: 1, left: 1, stillAtRisk: 1, new: 4, unjudged: 1,
      // Of the four that are new one was active in 30 days, and one is too young to say.
      activated30: { part: 1, of: 3 },
    });
  });

  it('C33, D3: as a table', () => {
    const text = renderBacktest(report, alignColumns);
    expect(text.split('\n').slice(0, 8)).toEqual([
      'Backtest over 21 recorded states from 2025-11-29T09:00:00.000Z to 2026-06-17T09:00:00.000Z',
      '',
      'VARIANT   DAYS   FLAGGED   RETURNED 30 D   RETURNED EVER   PRECISION 30 D   PRECISION EVER   RECALL',
      // Flagged: all but young. Late was back after 20 days; left and newcomer were not seen for 30.
      '60 days     60        10               1               3     87.5 % (7/8)    70.0 % (7/10)        -',
      '',
      'VARIANT   RETAINED   REACTIVATED   LAPSED   RECLAIMED   LEFT   NEW   STILL AT RISK   UNJUDGED   NEW, ACTIVE IN 30 D',
      '60 days          1             1        1           1      1     4               1          1          33.3 % (1/3)',
      '',
    ]);
  });
});
