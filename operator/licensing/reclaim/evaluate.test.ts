import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aReclaimSeat, anyContext, anyReclaimSeats, createHasher, daysAgo, evaluationContext } from '../../../test/support/reclaim-company.ts';
import { OperatorError } from '../../api/errors.ts';
import { reclamationRuleStatus } from '../../api/reclamation-rule-status.ts';
import { createEvaluation, type EvaluationContext, type EvaluationReport } from './evaluate.ts';
import type { Judgement, ReclaimSeat } from './facts.ts';

function evaluate(seats: Iterable<ReclaimSeat>, context: EvaluationContext): { report: EvaluationReport; verdicts: Map<string, Judgement> } {
  const evaluation = createEvaluation({ ...context, hasher: createHasher() });
  const verdicts = new Map<string, Judgement>();
  for (const seat of seats) verdicts.set(seat.name, evaluation.add(seat));
  return { report: evaluation.finish(), verdicts };
}

function seatsOf(count: number, change: Omit<Parameters<typeof aReclaimSeat>[0], 'name'>, prefix: string): ReclaimSeat[] {
  return Array.from({ length: count }, (_, index) => aReclaimSeat({ ...change, name: `${prefix}-${String(index).padStart(3, '0')}` }));
}

/** A hundred subscriptions, so many of them inactive. */
function company(inactive: number): ReclaimSeat[] {
  return [...seatsOf(100 - inactive, { lastActivity: daysAgo(1) }, 'active'), ...seatsOf(inactive, {}, 'inactive')];
}

const allOpen = { spec: { limits: { maxCandidateRatio: 100 } } };

describe('an evaluation', () => {
  it('counts what became of each subscription, and what kept the inactive out', () => {
    const seats = [
      ...seatsOf(3, { lastActivity: daysAgo(1) }, 'a'),
      ...seatsOf(2, { assignedAt: daysAgo(10) }, 'b'),
      ...seatsOf(2, { activity: 'Unknown' }, 'c'),
      ...seatsOf(1, { evidenceFrom: daysAgo(5) }, 'd'),
      ...seatsOf(2, {}, 'e'),
      ...seatsOf(1, { role: 'owner' }, 'f'),
      ...seatsOf(2, { role: 'manager' }, 'g'),
      ...seatsOf(4, { roleGroup: 'Stakeholder' }, 'h'),
      ...seatsOf(1, {}, 'kept'),
      ...seatsOf(1, {}, 'other'),
      ...seatsOf(1, {}, 'out'),
    ];
    const context = evaluationContext({
      spec: { protect: { roles: ['manager'] }, limits: { maxCandidateRatio: 50 } },
      exclusions: [{ name: 'leave', person: 'out-000@example.com' }],
      kept: new Map([['kept-000@example.com', daysAgo(3)]]),
      open: new Map([['other-000', 'another']]),
    });
    const { report } = evaluate(seats, context);
    expect(report).toMatchObject({
      counts: { covered: 16, active: 3, recent: 2, unknown: 3, inactive: 8, candidates: 2, protected: 3, excluded: 1, coolingDown: 1, otherRule: 1, candidateRatioPercent: 13 },
      guards: [{ guard: 'Owner', count: 1 }, { guard: 'Exclusion', count: 1 }, { guard: 'Role', count: 2 }, { guard: 'KeepCooldown', count: 1 }, { guard: 'OtherRule', count: 1 }],
      unknowns: [{ why: 'InsufficientHistory', count: 1 }, { why: 'NoEvidence', count: 2 }],
      hold: undefined,
      nextAt: daysAgo(-50),
    });
    expect(report.hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    reclamationRuleStatus.strict().parse({ evaluation: { time: '2026-11-24T09:00:00Z', ...report.counts }, guards: report.guards });
  });

  it('C12, guard 5: 31 percent of candidates hold the run, 30 do not', () => {
    expect(evaluate(company(30), evaluationContext()).report).toMatchObject({ hold: undefined, counts: { candidateRatioPercent: 30 } });
    expect(evaluate(company(31), evaluationContext()).report).toMatchObject({ hold: { reason: 'BlastRadius', needsPerson: true }, counts: { candidates: 31 } });
  });

  it('C12, guard 5: a part of a percent above the limit holds it too, and is shown', () => {
    const seats = [...seatsOf(699, { lastActivity: daysAgo(1) }, 'active'), ...seatsOf(301, {}, 'inactive')];
    expect(evaluate(seats, evaluationContext()).report).toMatchObject({ hold: { reason: 'BlastRadius' }, counts: { candidateRatioPercent: 31 } });
  });

  it('L15, C15, S79: counts the same in every mode, confirmed or not: what is done with it is decided elsewhere', () => {
    const before = evaluate(company(20), evaluationContext()).report;
    for (const spec of [{ mode: 'Observe' }, { mode: 'Propose', confirmedRule: '0'.repeat(40) }]) expect(evaluate(company(20), evaluationContext({ spec })).report).toEqual(before);
  });

  it('C12: nobody to judge is nothing to hold', () => {
    expect(evaluate([], evaluationContext()).report).toMatchObject({ hold: undefined, counts: { covered: 0, candidateRatioPercent: 0 } });
  });

  it('L16, C11: where nobody was ever seen active, nobody goes for never having been', () => {
    const never = seatsOf(3, { activity: 'Never' }, 'never');
    expect(evaluate(never, evaluationContext(allOpen)).report.hold?.reason).toBe('NoActivitySeen');
    expect(evaluate([aReclaimSeat({ name: 'a', lastActivity: daysAgo(200) }), ...never], evaluationContext(allOpen)).report.hold).toBeUndefined();
    expect(evaluate(seatsOf(3, { activity: 'Never', pending: true }, 'never'), evaluationContext(allOpen)).report.hold).toBeUndefined();
  });

  it('C13: of four inactive admins of five, the first two by name may go', () => {
    const admins = seatsOf(4, { role: 'admin' }, 'admin');
    const { verdicts, report } = evaluate([...admins, ...seatsOf(6, { lastActivity: daysAgo(1) }, 'user')], evaluationContext({ ...allOpen, admins: 4 }));
    expect([...verdicts].filter(([, { kind }]) => kind === 'Candidate').map(([name]) => name)).toEqual(['admin-000', 'admin-001']);
    expect(report.guards).toEqual([{ guard: 'LastAdmin', count: 2 }]);
  });

  it('C32: notes a threshold below 30 days, of an override too', () => {
    expect(evaluate([], evaluationContext({ spec: { lastActivityThresholdDays: 29 } })).report.notes).toHaveLength(1);
    expect(evaluate([], evaluationContext({ spec: { thresholdOverrides: [{ match: { roles: ['x'] }, lastActivityThresholdDays: 7 }] } })).report.notes[0]).toContain('7 days');
    expect(evaluate([], evaluationContext({ spec: { lastActivityThresholdDays: 30 } })).report.notes).toEqual([]);
  });

  it('D2: a condition that cannot be compiled makes nobody a candidate', () => {
    expect(evaluate(company(10), evaluationContext({ spec: { condition: 'nonsense(' } })).report.counts).toMatchObject({ candidates: 0, protected: 10 });
    expect(evaluate(company(10), evaluationContext({ spec: { condition: "subscription.role == 'user'" } })).report.counts).toMatchObject({ candidates: 10, protected: 0 });
  });

  it('guard 6: a list that repeats itself, or goes back, is not whole', () => {
    const evaluation = createEvaluation(evaluationContext());
    evaluation.add(aReclaimSeat({ name: 'b' }));
    for (const name of ['b', 'a']) {
      let thrown: unknown;
      try {
        evaluation.add(aReclaimSeat({ name }));
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(OperatorError);
      expect((thrown as OperatorError).failure).toMatchObject({ kind: 'Retryable', reason: 'SubscriptionsOutOfOrder' });
    }
  });
});

describe('D1: the hash of a plan', () => {
  const seats = company(5);
  const hashOf = (change: Parameters<typeof evaluationContext>[0] = {}, of: readonly ReclaimSeat[] = seats, profile = 'pagerduty') => evaluate(of, { ...evaluationContext(change), profile }).report.hash;
  const before = hashOf();

  it.each([
    ['who may carry it out, and when', { spec: { confirmedRule: '0'.repeat(40), mode: 'Observe', suspend: true, confirmedPlan: `sha256:${'0'.repeat(64)}`, assignmentGroup: 'Others', freezeWindows: [{ from: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z', reason: 'x' }] } }],
    ['how long things are kept', { spec: { undoRetentionDays: 1, closedRetentionDays: 1, evaluationPeriodHours: 1 } }],
    ['the time, as long as it changes no verdict', { now: daysAgo(-1) }],
    ['the order of sets', { spec: { licenseRoleGroups: ['FullUser'] } }],
  ])('D1: does not change with %s', (_story, change) => {
    expect(hashOf(change)).toBe(before);
  });

  it.each([
    ['the action', { spec: { action: 'Downgrade', downgradeTo: { role: 'read_only_user' } } }],
    ['the threshold, though nobody else is inactive by it', { spec: { lastActivityThresholdDays: 61 } }],
    ['how fast it goes', { spec: { limits: { maxPerRun: 1000 } } }],
    ['who is protected', { spec: { protect: { roles: ['nobody'] } } }],
    ['the condition', { spec: { condition: 'true' } }],
    ['who is kept out', { exclusions: [{ name: 'x', person: 'inactive-001@example.com' }] }],
  ])('D1: changes with %s', (_story, change) => {
    expect(hashOf(change)).not.toBe(before);
  });

  it('D1: changes with the people, their licences and roles, and the profile', () => {
    const [first, ...others] = seats.toReversed();
    const changed = (change: Partial<ReclaimSeat>) => hashOf({}, [...others.toReversed(), { ...first!, ...change }]);
    const hashes = [before, changed({ externalUserId: 'P-2' }), changed({ identifier: 'LOTHER' }), changed({ role: 'observer' }), hashOf({}, others.toReversed()), hashOf({}, seats, 'another')];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(changed({ displayName: 'Other', jobTitle: 'Other' })).toBe(before);
  });

  it('D1: a target of a downgrade is part of it', () => {
    const to = (role: string, subscriptionIdentifier?: string) => hashOf({ spec: { action: 'Downgrade', downgradeTo: { role, ...(subscriptionIdentifier === undefined ? {} : { subscriptionIdentifier }) } } });
    expect(new Set([to('read_only_user'), to('observer'), to('read_only_user', 'LSTAKE')]).size).toBe(3);
  });
});

const runs = { seed: 12, numRuns: 500 };
const anyEvaluation = [anyReclaimSeats, anyContext] as const;

describe('any evaluation', () => {
  it('its counts add up', () => {
    fc.assert(
      fc.property(...anyEvaluation, (seats, context) => {
        const { report, verdicts } = evaluate(seats, { ...evaluationContext(), ...context });
        const { covered, active, recent, unknown, inactive, candidates, excluded, coolingDown, otherRule, candidateRatioPercent } = report.counts;
        const of = (kind: Judgement['kind']) => [...verdicts.values()].filter((verdict) => verdict.kind === kind).length;
        expect(covered).toBe(active + recent + unknown + inactive);
        expect(inactive).toBe(candidates + report.counts.protected + excluded + coolingDown + otherRule);
        expect([covered, active, recent, unknown, candidates]).toEqual([seats.length - of('NotCovered'), of('Active'), of('Recent'), of('Unknown'), of('Candidate')]);
        expect(report.guards.reduce((sum, { count }) => sum + count, 0)).toBe(of('Protected'));
        expect(report.unknowns.reduce((sum, { count }) => sum + count, 0)).toBe(unknown);
        expect(candidateRatioPercent * covered).toBeGreaterThanOrEqual(candidates * 100);
        const isHeld = candidates * 100 > covered * context.rule.spec.limits.maxCandidateRatio;
        expect(report.hold?.reason === 'BlastRadius').toBe(isHeld);
      }),
      runs,
    );
  });

  it('D1: is the same in pages of any size', () => {
    fc.assert(
      fc.property(...anyEvaluation, fc.integer({ min: 1, max: 7 }), (seats, context, size) => {
        function* paged(): Generator<ReclaimSeat> {
          for (let start = 0; start < seats.length; start += size) yield* structuredClone(seats.slice(start, start + size));
        }
        expect(evaluate(paged(), { ...evaluationContext(), ...context })).toEqual(evaluate(seats, { ...evaluationContext(), ...context }));
      }),
      runs,
    );
  });

  it('C13, guard 2: leaves at least minAdmins admins, whenever there are as many', () => {
    fc.assert(
      fc.property(...anyEvaluation, (seats, context) => {
        const { verdicts } = evaluate(seats, { ...evaluationContext(), ...context });
        const going = seats.filter(({ name, role }) => context.adminRoles.has(role) && verdicts.get(name)?.kind === 'Candidate').length;
        expect(going).toBeLessThanOrEqual(Math.max(0, context.admins - context.rule.spec.limits.minAdmins));
      }),
      runs,
    );
  });
});
