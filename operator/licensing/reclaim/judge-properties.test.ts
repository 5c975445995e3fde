import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyContext, anyReclaimSeats, dayMs, daysAgo } from '../../../test/support/reclaim-company.ts';
import { createExclusionMatcher } from '../position/exclusions.ts';
import { classifyUse } from '../position/use.ts';
import type { Judgement, ReclaimSeat } from './facts.ts';
import { createJudge, judgeSeat, type JudgeInput } from './judge.ts';
import { thresholdFor } from './threshold.ts';

const runs = { seed: 46, numRuns: 1000 };
const any = [anyReclaimSeats, anyContext] as const;

function candidates(seats: readonly ReclaimSeat[], context: JudgeInput): { seat: ReclaimSeat; judgement: Judgement & { kind: 'Candidate' } }[] {
  const judge = createJudge(context);
  return seats.flatMap((seat) => {
    const judgement = judge(seat);
    return judgement.kind === 'Candidate' ? [{ seat, judgement }] : [];
  });
}

function withSpec(context: JudgeInput, change: Partial<JudgeInput['rule']['spec']>): JudgeInput {
  return { ...context, rule: { ...context.rule, spec: { ...context.rule.spec, ...change } } };
}

describe('whatever the company and the rule', () => {
  it('there are candidates of every kind to speak of', () => {
    const kinds = new Set<string>();
    fc.assert(fc.property(...any, (seats, context) => {
      for (const seat of seats) {
        const judgement = judgeSeat(seat, context);
        kinds.add(judgement.kind === 'Candidate' ? judgement.justification : judgement.kind === 'Protected' ? judgement.guard : judgement.kind === 'Unknown' ? judgement.why : judgement.kind);
      }
    }), runs);
    expect([...kinds].toSorted()).toEqual(['Active', 'Condition', 'Exclusion', 'InsufficientHistory', 'JobTitle', 'KeepCooldown', 'LastAdmin', 'Leaver', 'LowUsage', 'NeverAccepted', 'NoEvidence', 'NoSignalSees', 'NotCovered', 'OtherRule', 'Owner', 'Recent', 'Role', 'Team']);
  });

  it('guard 2, C14, L26: nobody who is owner, excluded, protected or of another rule is a candidate', () => {
    fc.assert(fc.property(...any, (seats, context) => {
      const excludedBy = createExclusionMatcher(context.exclusions, context.profileType);
      const { protect, condition } = context.rule.spec;
      for (const { seat } of candidates(seats, context)) {
        expect(seat.role).not.toBe('owner');
        expect(excludedBy(seat)).toEqual([]);
        expect(protect.roles ?? []).not.toContain(seat.role);
        expect(protect.jobTitles ?? []).not.toContain(seat.jobTitle);
        expect(seat.teams.filter((team) => protect.teams?.includes(team))).toEqual([]);
        expect([undefined, 'unused']).toContain(context.open.get(seat.name));
        expect(context.kept.has(seat.person)).toBe(false);
        // Handed in uncompiled, it makes nobody a candidate.
        expect(condition).toBeUndefined();
      }
    }), runs);
  });

  it('C1, C17, guard 6: nobody is a candidate who is new, invited a short time ago, or not known to be inactive', () => {
    fc.assert(fc.property(...any, (seats, context) => {
      for (const { seat, judgement } of candidates(seats, context)) {
        if (judgement.justification === 'Leaver') continue;
        expect(judgement.justification === 'NeverAccepted').toBe(seat.pending);
        expectToBeOld(seat, context);
        if (!seat.pending) expectToBeInactive(seat, context);
      }
    }), runs);
  });

  it('L33: whom a rule without signals of its own finds, the position calls unused as well', () => {
    fc.assert(fc.property(...any, (seats, context) => {
      const { activitySignals: _signals, ...spec } = context.rule.spec;
      const all = { ...context, rule: { ...context.rule, spec } };
      for (const { seat, judgement } of candidates(seats, all)) {
        if (judgement.justification === 'Leaver') continue;
        const thresholdDays = thresholdFor(seat, spec);
        const use = classifyUse(seat, { watch: context.watches.get(seat.roleGroup), thresholdDays, now: context.now });
        // An invitation has 30 days in the position, and as many here by default.
        expect(['Stale', 'NeverUsed', 'PendingInvitation']).toContain(use);
      }
    }), runs);
  });

  it('D6: a higher threshold never makes anybody a candidate', () => {
    fc.assert(fc.property(...any, fc.integer({ min: 1, max: 100 }), (seats, context, more) => {
      const { lastActivityThresholdDays: days, thresholdOverrides = [] } = context.rule.spec;
      const overrides = thresholdOverrides.map((one) => ({ ...one, lastActivityThresholdDays: one.lastActivityThresholdDays + more }));
      const higher = withSpec(context, { lastActivityThresholdDays: days + more, thresholdOverrides: overrides });
      const before = new Set(candidates(seats, context).map(({ seat }) => seat.name));
      for (const { seat } of candidates(seats, higher)) expect(before).toContain(seat.name);
    }), runs);
  });

  it('L10, L18: activity within the threshold never makes a candidate, and later activity never makes one of somebody who was none', () => {
    fc.assert(fc.property(...any, fc.integer({ min: 0, max: 200 * dayMs }), (seats, context, ago) => {
      for (const seat of seats) {
        const before = judgeSeat(seat, context);
        const to = context.watches.get(seat.roleGroup)?.to ?? context.now;
        const recent = judgeSeat(seen(seat, to - Math.min(ago, thresholdFor(seat, context.rule.spec) * dayMs)), context);
        if (recent.kind === 'Candidate') expect(recent.justification).toBe('Leaver');
        if (seat.activity !== 'Recorded' || before.kind === 'Candidate') continue;
        const signals = context.rule.spec.activitySignals;
        const counted = seat.evidence.filter(({ signal }) => signals?.includes(signal) ?? true).map(({ at }) => at);
        if (counted.length > 0) expect(judgeSeat(seen(seat, Math.max(...counted) + ago), context).kind).not.toBe('Candidate');
      }
    }), runs);
  });

  it('C1, C9: a longer grace or cool-down never makes a candidate', () => {
    fc.assert(fc.property(...any, fc.integer({ min: 0, max: 300 }), (seats, context, more) => {
      const { newSeatGraceDays, pendingInvitationGraceDays, keepCooldownDays } = context.rule.spec;
      const longer = withSpec(context, { newSeatGraceDays: newSeatGraceDays + more, pendingInvitationGraceDays: pendingInvitationGraceDays + more, keepCooldownDays: keepCooldownDays + more });
      const before = new Set(candidates(seats, context).map(({ seat }) => seat.name));
      for (const { seat } of candidates(seats, longer)) expect(before).toContain(seat.name);
    }), runs);
  });
});

/** The person, seen by OnCall at that time as well. */
function seen(seat: ReclaimSeat, at: number): ReclaimSeat {
  const evidence = [...seat.evidence.filter(({ signal }) => signal !== 'OnCall'), { signal: 'OnCall', at: Math.max(at, seat.evidence.find(({ signal }) => signal === 'OnCall')?.at ?? -Infinity) }];
  return { ...seat, activity: 'Recorded', evidence, lastActivity: Math.max(...evidence.map((one) => one.at)) };
}

function expectToBeOld({ pending, assignedAt, firstSeen }: ReclaimSeat, { rule }: JudgeInput): void {
  const { newSeatGraceDays, pendingInvitationGraceDays } = rule.spec;
  expect(assignedAt ?? firstSeen ?? Infinity).toBeLessThanOrEqual(daysAgo(pending ? pendingInvitationGraceDays : newSeatGraceDays));
}

/** By evidence on the group and on the person that reaches back over the whole threshold. */
function expectToBeInactive(seat: ReclaimSeat, { watches, rule }: JudgeInput): void {
  const watch = watches.get(seat.roleGroup);
  const start = (watch?.to ?? Infinity) - thresholdFor(seat, rule.spec) * dayMs;
  expect(watch?.from).toBeLessThanOrEqual(start);
  expect(seat.evidenceFrom).toBeLessThanOrEqual(start);
  const counted = seat.evidence.filter(({ signal }) => rule.spec.activitySignals?.includes(signal) ?? true);
  for (const { at } of counted) expect(at).toBeLessThan(start);
  expect(['Recorded', 'Never']).toContain(seat.activity);
}
