import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignalResult } from '../api/integration-profile.ts';
import type { RoleGroup, SoftwareSubscriptionStatus } from '../api/software-subscription.ts';
import { decideActivity, foldObservations, type Observation, type Sightings } from './activity-fold.ts';
import { concludeSignal, keepEnabled, planPulls, type ConcludedSignal } from './activity-signals.ts';

/** Hours stand for time; a history plays many runs against a vendor who knows everything that really happened. */
const hour = 3_600_000;
const epoch = Date.parse('2026-01-01T00:00:00Z');
const lookBack = 200;
const signals = [
  { name: 'A', sees: ['FullUser'] },
  { name: 'B', sees: ['FullUser', 'Stakeholder'] },
  { name: 'C', sees: ['Stakeholder'] },
] as const satisfies readonly { name: string; sees: readonly RoleGroup[] }[];
const people = [
  { id: 'P1', roleGroup: 'FullUser' },
  { id: 'P2', roleGroup: 'Stakeholder' },
] as const;

const happenings = fc.array(fc.record({ id: fc.constantFrom('P1', 'P2'), signal: fc.constantFrom('A', 'B', 'C'), hour: fc.integer({ min: 0, max: 700 }), connection: fc.constantFrom('x', 'x', 'y') }), { minLength: 20, maxLength: 60, size: 'max' });
const runs = fc.array(
  fc.record({
    wait: fc.integer({ min: 1, max: 60 }),
    /** Hours before now at which a person lets the analysis start, or the default. */
    analyzeBack: fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }),
    enabled: fc.subarray([...signals], { minLength: 1 }),
    away: fc.subarray(['A', 'B', 'C']),
    /** Whom a signal leaves out of its answer. */
    unlisted: fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: fc.subarray(['A P1', 'A P2', 'B P1', 'B P2', 'C P1', 'C P2']) }),
    /** Hours by which the vendor's data lags. */
    lag: fc.constantFrom(0, 0, 0, 30, 250),
    connection: fc.constantFrom('x', 'x', 'x', 'y'),
    /** Where the run ends: before it wrote, after some people, or with its result. */
    killedAfter: fc.constantFrom(0, 1, 9, 9, 9),
    /** Somebody deletes a subscription by hand; it is made anew. */
    forgets: fc.constantFrom(undefined, undefined, undefined, 'P1', 'P2'),
  }),
  { maxLength: 14, size: 'max' },
);

interface Happening {
  id: string;
  signal: string;
  hour: number;
  connection: string;
}
type Step = typeof runs extends fc.Arbitrary<(infer S)[]> ? S : never;

interface World {
  now: number;
  statuses: Map<string, SoftwareSubscriptionStatus>;
  recorded: { connection: string | undefined; signals: SignalResult[] };
}

function play(world: World, step: Step, everything: readonly Happening[]): void {
  // Each connection leads to an account of its own.
  const happened = everything.filter((one) => one.connection === step.connection);
  world.now += step.wait * hour;
  if (step.forgets !== undefined) world.statuses.delete(step.forgets);
  const sameConnection = world.recorded.connection === step.connection;
  const { concluded, latest } = pullAll(world, step, happened);
  if (step.killedAfter === 0 || !concluded.some(({ result }) => result.available)) return;
  world.recorded = strike(world.recorded, step);
  const isWhole = step.killedAfter > people.length;
  for (const { id, roleGroup } of people.slice(0, step.killedAfter)) {
    const before = world.statuses.get(id);
    const next = decideActivity(before, { externalUserId: id, roleGroup, sightings: latest.get(id) ?? [] }, { signals: concluded, sameConnection });
    expectForward(before, next);
    world.statuses.set(id, next);
    if (isWhole) expectTrue(next, { id, roleGroup }, { step, concluded: concluded.map((one) => one.result), happened });
  }
  if (isWhole) world.recorded = { connection: step.connection, signals: concluded.map(({ result }) => result) };
}

function pullAll({ now, recorded }: World, step: Step, happened: readonly Happening[]): { concluded: ConcludedSignal[]; latest: Sightings } {
  const wished = now - (step.analyzeBack ?? lookBack) * hour;
  const known = recorded.connection === step.connection ? recorded.signals : [];
  const latest: Sightings = new Map();
  const concluded = planPulls(step.enabled, wished, { recorded: known, now }).map((pull) => {
    if (step.away.includes(pull.name)) return concludeSignal(pull, { kind: 'Unavailable', reason: 'r', message: 'm' });
    const until = now - step.lag * hour;
    const listed = people.map(({ id }) => id).filter((id) => !step.unlisted.includes(`${pull.name} ${id}`));
    const observed = seen(happened, pull.name, { from: pull.window.pullFrom, to: Math.min(pull.window.pullTo, until) });
    foldObservations(latest, observed.filter((one) => (listed as readonly string[]).includes(one.externalUserId)));
    return concludeSignal(pull, { kind: 'Complete', until, ...(listed.length === people.length ? {} : { listed: new Set(listed) }) });
  });
  return { concluded, latest };
}

/** As the refresh does before its first write: what another connection or a signal no longer enabled proved is forgotten. */
function strike(recorded: World['recorded'], step: Step): World['recorded'] {
  if (recorded.connection !== step.connection) return { connection: undefined, signals: [] };
  return { ...recorded, signals: keepEnabled(recorded.signals, step.enabled) };
}

function seen(happened: readonly Happening[], signal: string, window: { from: number; to: number }): Observation[] {
  return happened
    .map((one) => ({ externalUserId: one.id, at: epoch + one.hour * hour, signal: one.signal, source: '/s' }))
    .filter((one) => one.signal === signal && one.at >= window.from && one.at < window.to);
}

function expectForward(before: SoftwareSubscriptionStatus | undefined, after: SoftwareSubscriptionStatus): void {
  const timesOf = ({ evidence = [] }: SoftwareSubscriptionStatus) => new Map(evidence.map(({ signal, time }) => [signal, Date.parse(time)]));
  const times = timesOf(after);
  for (const [signal, time] of timesOf(before ?? {})) expect(times.get(signal)).toBeGreaterThanOrEqual(time);
  const latest = Math.max(...times.values());
  expect(Date.parse(after.lastActivity?.time ?? '')).toEqual(times.size === 0 ? Number.NaN : latest);
}

interface Told {
  readonly step: Pick<Step, 'enabled' | 'unlisted'>;
  readonly concluded: readonly SignalResult[];
  readonly happened: readonly Happening[];
}

/** Within what is claimed to be watched, nothing that really happened is missing. */
function expectTrue(status: SoftwareSubscriptionStatus, person: { id: string; roleGroup: RoleGroup }, run: Told): void {
  const seeing = run.step.enabled
    .filter(({ sees }) => (sees as readonly RoleGroup[]).includes(person.roleGroup))
    .map(({ name }) => run.concluded.find((one) => one.name === name)!);
  // A window without length says that the signal has looked at nothing yet.
  const looked = seeing.filter((one) => one.available && one.from !== one.to);
  if (status.activity === 'Never') {
    expect(looked.length > 0 && looked.length === seeing.length).toBe(true);
    expect(looked.filter(({ name }) => run.step.unlisted.includes(`${name} ${person.id}`))).toEqual([]);
    expect(status.evidenceFrom).toBeDefined();
  }
  if (status.evidenceFrom === undefined) return;
  const from = Date.parse(status.evidenceFrom);
  for (const { name, to } of looked) {
    const really = seen(run.happened, name, { from, to: Date.parse(to ?? '') }).filter((one) => one.externalUserId === person.id);
    const known = status.evidence?.find((one) => one.signal === name)?.time;
    for (const one of really) expect(known === undefined ? Number.NaN : Date.parse(known)).toBeGreaterThanOrEqual(one.at);
  }
}

describe('a history of runs', () => {
  it('L18, guard 6: only moves forward, and never claims to have watched what no pull covered', () => {
    fc.assert(
      fc.property(happenings, runs, (happened, steps) => {
        const world: World = { now: epoch + 300 * hour, statuses: new Map(), recorded: { connection: undefined, signals: [] } };
        for (const step of steps) play(world, step, happened);
      }),
      { numRuns: 4000 },
    );
  });
});
