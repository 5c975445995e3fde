import * as fc from 'fast-check';
import { roleGroups } from '../../operator/api/software-subscription.ts';
import { createPositionTally } from '../../operator/licensing/position/tally.ts';
import type { Contract, ModelFacts, PositionInput, ProfileReport, Seat, Watch } from '../../operator/licensing/position/facts.ts';

/** Every position of these builders is of this time. */
export const positionNow = Date.parse('2026-11-24T09:00:00Z');
const dayMs = 86_400_000;

/** So many days before `positionNow`. */
export const daysAgo = (days: number): number => positionNow - days * dayMs;

/** A person of the full-user licence `LFULL`, active ten days ago, watched for a year. */
export function aSeat(change: Partial<Seat> & { readonly name: string }): Seat {
  return {
    identifier: 'LFULL',
    roleGroup: 'FullUser',
    role: 'user',
    person: `${change.name}@example.com`,
    aliases: [],
    teams: [],
    pending: false,
    activity: 'Recorded',
    lastActivity: daysAgo(10),
    evidenceFrom: daysAgo(365),
    ...change,
  };
}

/** Seats of so many persons that differ only in their names. */
export function seatsOf(count: number, change: Partial<Seat> & { readonly name: string }): Seat[] {
  return Array.from({ length: count }, (_, index) => aSeat({ ...change, name: `${change.name}-${index}` }));
}

/** The model of `LFULL`, with a threshold of 60 days. */
export function modelFacts(change: Partial<ModelFacts> = {}): ModelFacts {
  return { name: 'full', product: 'PagerDuty', identifiers: ['LFULL'], roleGroup: 'FullUser', thresholdDays: 60, monthlyPeaks: [], ...change };
}

/** Rights of the model `full` at $41.00 a month, for the year 2026. */
export function aContract(change: Partial<Contract> = {}): Contract {
  return {
    name: 'full-2026',
    model: 'full',
    rights: 100,
    price: { amountMinor: 4100, currency: 'USD', period: 'Month' },
    billing: 'AnnualCommit',
    start: '2026-01-01',
    end: '2026-12-31',
    ...change,
  };
}

/** Activity of everybody is complete for the year that ended an hour ago. */
export const fullWatches: ReadonlyMap<'FullUser' | 'Stakeholder', Watch> = new Map([
  ['FullUser', { from: daysAgo(400), to: positionNow - 3_600_000 }],
  ['Stakeholder', { from: daysAgo(400), to: positionNow - 3_600_000 }],
] as const);

/** A profile of one model, whose licence is listed. */
export function positionInput(change: Partial<PositionInput> = {}): PositionInput {
  return {
    now: positionNow,
    profile: { name: 'pagerduty', type: 'PagerDuty', teamPrecedence: [] },
    watches: fullWatches,
    models: [modelFacts()],
    listed: [{ identifier: 'LFULL', name: 'Business (Full User)', roleGroup: 'FullUser' }],
    listedAll: true,
    contracts: [],
    exclusions: [],
    freed: [],
    ...change,
  };
}

/** Counts the seats and tells the position. */
export function reportOn(input: PositionInput, seats: Iterable<Seat>): ProfileReport {
  const tally = createPositionTally(input);
  for (const seat of seats) tally.add(seat);
  return tally.finish();
}

const identifiers = ['LFULL', 'LFULL-old', 'LSTAKE', 'LOTHER', 'LSTRANGE'] as const;
const persons = Array.from({ length: 12 }, (_, index) => `p${index}@example.com`);
const teams = ['Ops', 'Payments', 'Search', 'Web'];
const daysOfYear = ['2026-01-01', '2026-06-30', '2026-11-23', '2026-11-24', '2026-11-25', '2027-03-31'] as const;

/** Days before now, with odd milliseconds, and often exactly on a boundary. */
const time = fc.oneof(fc.constantFrom(0, 30, 60, 90).map(daysAgo), fc.integer({ min: 0, max: 120 * dayMs }).map((ms) => positionNow - ms));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const seatFacts = fc.record({
  identifier: fc.constantFrom(...identifiers),
  edition: maybe(fc.constantFrom('Business', 'Digital Operations')),
  roleGroup: fc.constantFrom(...roleGroups),
  role: fc.constantFrom('admin', 'user', 'observer', ''),
  person: fc.constantFrom(...persons),
  aliases: fc.subarray(persons, { maxLength: 1 }),
  teams: fc.shuffledSubarray(teams),
  pending: fc.boolean(),
  assignedAt: maybe(time),
  activity: maybe(fc.constantFrom('Recorded', 'Never', 'Unknown')),
  lastActivity: time,
  evidenceFrom: maybe(time),
});

/** A company's seats: persons with several, of claimed and unclaimed licences, in every state of activity. */
export const anySeats: fc.Arbitrary<Seat[]> = fc.array(seatFacts, { maxLength: 60 }).map((all) =>
  all.map(({ edition, assignedAt, activity, lastActivity, evidenceFrom, ...facts }, index) => ({
    ...facts,
    name: `seat-${index}`,
    ...(edition === undefined ? {} : { edition }),
    ...(assignedAt === undefined ? {} : { assignedAt }),
    ...(activity === undefined ? {} : { activity }),
    ...(activity === 'Recorded' ? { lastActivity } : {}),
    ...(evidenceFrom === undefined ? {} : { evidenceFrom }),
  })),
);

const price = fc.record({ amountMinor: fc.integer({ min: 0, max: 99_999 }), currency: fc.constantFrom('USD', 'USD', 'EUR', 'JPY'), period: fc.constantFrom('Month', 'Year') });

const contractFacts = fc.record({
  model: fc.constantFrom('full', 'stake', 'gone'),
  rights: fc.integer({ min: 0, max: 20 }),
  price,
  billing: fc.constantFrom('AnnualCommit', 'MonthlyPeak'),
  start: fc.constantFrom(...daysOfYear),
  end: maybe(fc.constantFrom('2026-11-23', '2026-11-24', '2027-12-31')),
  costCenter: maybe(fc.constantFrom('CC-1', 'CC-2', 'CC-3')),
});

const anyContracts: fc.Arbitrary<Contract[]> = fc.array(contractFacts, { maxLength: 8 }).map((all) =>
  all.map(({ end, costCenter, ...facts }, index) => ({
    ...facts,
    name: `contract-${index}`,
    ...(end === undefined ? {} : { end }),
    ...(costCenter === undefined ? {} : { costCenter }),
  })),
);

const anyWatch = fc.record({ from: time, to: fc.integer({ min: 0, max: 7 * dayMs }).map((ms) => positionNow - ms) }).filter(({ from, to }) => from < to);
const anyWatches = fc.record({ FullUser: maybe(anyWatch), Stakeholder: maybe(anyWatch) }).map(
  ({ FullUser, Stakeholder }) => new Map([...(FullUser ? [['FullUser', FullUser] as const] : []), ...(Stakeholder ? [['Stakeholder', Stakeholder] as const] : [])]),
);

const anyExclusions = fc
  .record({ persons: fc.subarray(persons, { maxLength: 3 }), licences: fc.subarray([...identifiers], { maxLength: 1 }), type: fc.constantFrom('PagerDuty', 'Other') })
  .map((chosen) => [
    ...chosen.persons.map((person, index) => ({ name: `person-${index}`, person })),
    ...chosen.licences.map((identifier) => ({ name: `licence-${identifier}`, licence: { type: chosen.type, identifier } })),
  ]);

/** What a position may be made from: two models of which both claim `LOTHER`, contracts in several currencies, watches with gaps. */
export const anyInput: fc.Arbitrary<PositionInput> = fc
  .record({
    watches: anyWatches,
    contracts: anyContracts,
    exclusions: anyExclusions,
    thresholdDays: fc.integer({ min: 1, max: 100 }),
    unitPrice: maybe(price),
    listed: fc.subarray(identifiers.map((identifier) => ({ identifier, name: 'Business', roleGroup: 'FullUser' as const }))),
    listedAll: fc.boolean(),
    teamPrecedence: fc.shuffledSubarray(teams, { maxLength: 2 }),
    freed: fc.array(fc.record({ candidate: fc.uuid(), identifier: fc.constantFrom(...identifiers), freedAt: time }), { maxLength: 6 }),
  })
  .map(({ thresholdDays, unitPrice, teamPrecedence, ...facts }) => ({
    ...positionInput(facts),
    profile: { name: 'pagerduty', type: 'PagerDuty', teamPrecedence },
    models: [
      modelFacts({ identifiers: ['LFULL', 'LFULL-old', 'LOTHER'], thresholdDays, ...(unitPrice === undefined ? {} : { unitPrice }) }),
      modelFacts({ name: 'stake', identifiers: ['LOTHER', 'LSTAKE'], roleGroup: 'Stakeholder', thresholdDays }),
    ],
  }));
