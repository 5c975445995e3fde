import { queryObjects } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { aContract, aSeat, daysAgo, fullWatches, modelFacts, positionInput, positionNow, reportOn } from '../../../test/support/position-company.ts';
import type { Seat } from './facts.ts';
import { countSeat, createModelCount, type CountedPerson, type ModelCount } from './persons.ts';
import { createPositionTally, type PositionTally } from './tally.ts';
import { classifyUse } from './use.ts';

const people = 50_000;
/** People who have a second seat, of a second licence of the same model. */
const withSecondSeat = 10_000;
const seats = people + withSecondSeat;
const teams = 100;
const lastPerson = people - 1;

/**
 * A company that other products count only after a property was changed (more than 50,000 subscriptions). Of every five people
 * three are active, one is stale and one never used the right; each of 100 teams has 500 of them.
 */
function* companyOf(order: 'forwards' | 'backwards' = 'forwards'): Generator<Seat> {
  for (let count = 0; count < seats; count += 1) yield seatAt(order === 'forwards' ? count : seats - 1 - count);
}

function seatAt(index: number): Seat {
  const person = index % people;
  const use = { 3: { lastActivity: daysAgo(75) }, 4: { activity: 'Never' as const } }[person % 5] ?? {};
  const seat = { ...aSeat({ name: `seat-${index}`, person: `p${person}@example.com`, teams: [`Team ${person % teams}`] }), ...use };
  const { lastActivity: _none, ...never } = seat;
  return { ...(seat.activity === 'Never' ? never : seat), identifier: index < people ? 'LFULL' : 'LFULL-old' };
}

const contract = aContract({ rights: 55_000 });
const input = positionInput({ models: [modelFacts({ identifiers: ['LFULL', 'LFULL-old'] })], contracts: [contract] });

describe('L37: a company of 60,000 subscriptions', () => {
  it('L37, L29, L30: is counted right, without any switch', () => {
    const [only] = reportOn(input, companyOf()).models;
    expect(only?.position).toMatchObject({
      owned: 55_000, assigned: 60_000, used: 50_000, duplicates: 10_000, excluded: 0, active: 30_000, stale: 10_000, neverUsed: 10_000,
      pending: 0, recent: 0, unknown: 0, unused: 20_000, available: 5_000, needed: 0, unusedPercent: 40, compliance: 'Compliant',
      ages: { upTo30: 30_000, upTo60: 0, upTo90: 10_000, over90: 0, none: 10_000 },
    });
    // A right costs 12 × $41.00 = $492.00 a year; 55,000 of them, 5,000 spare ones, 20,000 unused ones.
    expect(only?.position.money).toMatchObject([{ annualCost: 2_706_000_000, overLicensedCost: 246_000_000, potentialSavings: 984_000_000, trueUpCost: 0 }]);
  });

  it('L37, C22: is in its teams to the last person and the last cent', () => {
    const [only] = reportOn(input, companyOf()).models;
    const lines = only?.groups.teams ?? [];
    const ofTeams = lines.filter(({ name }) => name.startsWith('Team '));
    expect(ofTeams.length).toBe(teams);
    // A team is of one remainder by five: all 500 active, or all unused.
    expect(new Set(ofTeams.map(({ used, unused }) => `${used} ${unused}`))).toEqual(new Set(['500 0', '500 500']));
    expect(ofTeams.filter(({ unused }) => unused === 500).length).toBe(40);
    expect(lines.flatMap(({ costs = [] }) => costs).reduce((sum, { annualCost }) => sum + annualCost, 0)).toBe(2_706_000_000);
  });

  it('L37: is the same in whatever order the API server lists it', () => {
    expect(reportOn(input, companyOf('backwards'))).toEqual(reportOn(input, companyOf()));
  });
});

/** A seat that can be found on the heap. */
class TracedSeat {
  readonly isTraced = true;
}

function traced(seat: Seat): Seat {
  return Object.assign(new TracedSeat(), seat);
}

function fill(tally: Pick<PositionTally, 'add'>): void {
  for (const seat of companyOf()) tally.add(traced(seat));
}

/** Seats that something still refers to: the count collects garbage first. */
function seatsInMemory(): number {
  return queryObjects(TracedSeat, { format: 'count' });
}

function countPeople(length: number): ModelCount {
  const count = createModelCount();
  for (let index = 0; index < length; index += 1) {
    const seat = seatAt(index);
    const useClass = classifyUse(seat, { watch: fullWatches.get('FullUser'), thresholdDays: 60, now: positionNow });
    countSeat(count, seat, { useClass, teamPrecedence: [] });
  }
  return count;
}

describe('L37: the memory of a tally', () => {
  it('L37: holds no seat that was counted', () => {
    const held: Seat[] = [];
    fill({ add: (seat) => void held.push(seat) });
    expect(seatsInMemory()).toBe(seats);
    held.length = 0;
    const tally = createPositionTally(input);
    fill(tally);
    expect(seatsInMemory()).toBe(0);
    expect(tally.finish().position.used).toBe(people);
  });

  it('L37, L29: is one record of five plain values for each person, however many seats', () => {
    const { persons } = countPeople(seats);
    expect(persons.size).toBe(people);
    const plain = (record: CountedPerson): boolean => Object.values(record).every((value) => value === undefined || typeof value === 'string' || typeof value === 'number');
    expect([...persons.values()].every((record) => Object.keys(record).length === 5 && plain(record))).toBe(true);
    expect(persons.get(`p${lastPerson}@example.com`)).toEqual({ useClass: 'NeverUsed', seat: `seat-${lastPerson}`, team: 'Team 99', role: 'user', lastActivity: undefined });
  });
});
