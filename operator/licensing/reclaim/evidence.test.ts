import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aReclaimSeat, anyContext, anyReclaimSeats, aWatch, daysAgo, judgeContext } from '../../../test/support/reclaim-company.ts';
import { removalCandidateStatus, type CandidateEvidence } from '../../api/removal-candidate-status.ts';
import { addressPattern } from '../text.ts';
import type { ReclaimSeat, SignalWatch } from './facts.ts';
import { createJudge, judgeSeat, type JudgeInput } from './judge.ts';

const runs = { seed: 15, numRuns: 500 };

function evidenceOf(seat: ReclaimSeat, context: JudgeInput = judgeContext()): CandidateEvidence | undefined {
  const judgement = judgeSeat(seat, context);
  return judgement.kind === 'Candidate' ? judgement.evidence : undefined;
}

describe('D15: the evidence of a candidate', () => {
  it('D15: tells who watched, for how long, what was seen and what would change it', () => {
    expect(evidenceOf(aReclaimSeat({ name: 'ann' }))).toEqual({
      lastActivity: { time: '2026-08-26T09:00:00.000Z', signal: 'OnCall' },
      inactiveDays: 90,
      thresholdDays: 60,
      signals: ['OnCall'],
      windowFrom: '2025-11-24T09:00:00.000Z',
      windowTo: '2026-11-24T09:00:00.000Z',
      confidencePercent: 55,
      missing: ['Only OnCall watches this person: use of another kind is not seen.'],
      savedBy: ['Any activity that OnCall sees.', 'A threshold of 90 days or more.', 'A SubscriptionExclusion for this person.'],
    });
  });

  it('D15, L16: of somebody who was never active', () => {
    const watches = new Map([['FullUser' as const, { from: daysAgo(80), to: daysAgo(0), signals: ['OnCall', 'SignIn'] }]]);
    const seat = aReclaimSeat({ name: 'ann', activity: 'Never', assignedAt: undefined, firstSeen: daysAgo(100), evidenceFrom: daysAgo(70) });
    expect(evidenceOf(seat, judgeContext({ watches }))).toEqual({
      thresholdDays: 60,
      signals: ['OnCall', 'SignIn'],
      windowFrom: '2026-09-15T09:00:00.000Z',
      windowTo: '2026-11-24T09:00:00.000Z',
      confidencePercent: 62,
      missing: ['The evidence reaches back 70 days: activity before that is not known.', 'The vendor does not tell when the licence was assigned.'],
      savedBy: ['Any activity that OnCall or SignIn sees.', 'A SubscriptionExclusion for this person.'],
    });
  });

  it('C17, D15: of an invitation', () => {
    expect(evidenceOf(aReclaimSeat({ name: 'ann', activity: 'Never', pending: true }))).toMatchObject({
      thresholdDays: 30,
      savedBy: ['Accepting the invitation.', 'Any activity that OnCall sees.', 'A SubscriptionExclusion for this person.'],
    });
  });

  it('C19, D15: of somebody who left, with what is known of their activity and no measure of it', () => {
    expect(evidenceOf(aReclaimSeat({ name: 'ann', lastActivity: daysAgo(-1) }), judgeContext({ leavers: new Set(['ann@example.com']) }))).toEqual({
      lastActivity: { time: '2026-11-25T09:00:00.000Z', signal: 'OnCall' },
      inactiveDays: 0,
      thresholdDays: 0,
      signals: ['OnCall'],
      windowFrom: '2025-11-24T09:00:00.000Z',
      windowTo: '2026-11-24T09:00:00.000Z',
      savedBy: ['Being taken from the list of spec.leaversRef.', 'A SubscriptionExclusion for this person.'],
    });
  });

  it('D15: the threshold that would save somebody does', () => {
    for (const days of [60.01, 89.5, 100]) {
      const seat = aReclaimSeat({ name: 'ann', lastActivity: daysAgo(days) });
      const wanted = Number(/threshold of (\d+)/.exec(evidenceOf(seat)?.savedBy?.join(' ') ?? '')?.[1]);
      expect(judgeSeat(seat, judgeContext({ spec: { lastActivityThresholdDays: wanted } })).kind).toBe('Active');
      expect(judgeSeat(seat, judgeContext({ spec: { lastActivityThresholdDays: wanted - 1 } })).kind).toBe('Candidate');
    }
  });

  it('D15: a longer silence and a longer window make it surer, and more signals more than both', () => {
    const sure = (days: number, watch: Partial<SignalWatch> = {}) =>
      evidenceOf(aReclaimSeat({ name: 'ann', lastActivity: daysAgo(days) }), judgeContext({ watches: new Map([['FullUser', { ...aWatch, ...watch }]]) }))?.confidencePercent;
    expect([sure(61), sure(90), sure(120), sure(360)]).toEqual([50, 55, 60, 60]);
    expect([sure(61, { from: daysAgo(62) }), sure(61, { from: daysAgo(90) }), sure(61, { from: daysAgo(150) })]).toEqual([40, 45, 50]);
    expect(sure(61, { from: daysAgo(62), signals: ['OnCall', 'SignIn'] })).toBe(60);
  });

  it('D15, C16: to take any signal away never raises confidence', () => {
    fc.assert(
      fc.property(anyReclaimSeats, anyContext, fc.constantFrom('OnCall', 'SignIn', 'IncidentResponse'), fc.integer({ min: 0, max: 300 }), (seats, context, gone, longerDays) => {
        const fewer = takeAway(context, gone, longerDays);
        for (const seat of seats) {
          const before = evidenceOf(seat, context)?.confidencePercent;
          const after = evidenceOf(blind(seat, gone), fewer)?.confidencePercent;
          if (before !== undefined && after !== undefined) expect(after).toBeLessThanOrEqual(before);
        }
      }),
      runs,
    );
  });

  it('D15, guard 7: fits into the status, is the same each time, and holds no address', () => {
    fc.assert(
      fc.property(anyReclaimSeats, anyContext, (seats, context) => {
        const judge = createJudge(context);
        for (const seat of seats) {
          const judgement = judge(seat);
          expect(createJudge(context)(seat)).toEqual(judgement);
          expect(JSON.stringify(judgement).match(addressPattern)).toBeNull();
          if (judgement.kind === 'Candidate') removalCandidateStatus.strict().parse({ evidence: judgement.evidence });
        }
      }),
      runs,
    );
  });
});

/** As if the signal had never been enabled; the window of those that are left may be longer. */
function takeAway(context: JudgeInput, gone: string, longerDays: number): JudgeInput {
  const watches = new Map([...context.watches].map(([group, watch]) => {
    const signals = watch.signals.filter((name) => name !== gone);
    return [group, { ...watch, from: watch.from - (signals.length < watch.signals.length ? longerDays : 0) * 86_400_000, signals }] as const;
  }));
  return { ...context, watches };
}

function blind(seat: ReclaimSeat, gone: string): ReclaimSeat {
  const evidence = seat.evidence.filter(({ signal }) => signal !== gone);
  const { lastActivity: _last, activity: _activity, ...facts } = seat;
  if (seat.activity !== 'Recorded') return seat;
  return evidence.length === 0 ? { ...facts, evidence, activity: 'Never' } : { ...facts, evidence, activity: 'Recorded', lastActivity: Math.max(...evidence.map(({ at }) => at)) };
}
