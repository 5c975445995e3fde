import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SoftwareSubscriptionStatus } from '../api/software-subscription.ts';
import { decideActivity, foldObservations, later, sameActivity, type Activity, type Evidence, type Observation } from './activity-fold.ts';

const onCall = { name: 'OnCall', sees: ['FullUser'] as const };
const signIn = { name: 'SignIn', sees: ['FullUser', 'Stakeholder'] as const };
const start = Date.parse('2026-09-25T00:00:00Z');
const evidence: Evidence = { signals: [onCall], pullFrom: start, continues: true };
const at = (time: number): string => new Date(time).toISOString();

const observations = fc.array(
  fc.record({
    externalUserId: fc.constantFrom('P1', 'P2', 'P3'),
    at: fc.integer({ min: 0, max: 20 }),
    signal: fc.constantFrom('OnCall', 'SignIn'),
  }),
);
const activities = fc.option(fc.record({ at: fc.integer({ min: 0, max: 9 }), signal: fc.constantFrom('OnCall', 'SignIn') }), { nil: undefined });

function fold(...pages: (readonly Observation[])[]): Record<string, Activity> {
  const latest = new Map<string, Activity>();
  for (const page of pages) foldObservations(latest, page);
  return Object.fromEntries(latest);
}

describe('folding observations', () => {
  it('does not depend on order, pages or repeats', () => {
    fc.assert(
      fc.property(observations, observations, (left, right) => {
        const expected = fold([...left, ...right]);
        expect(fold(right, left)).toEqual(expected);
        expect(fold(left, right, right, left)).toEqual(expected);
      }),
    );
  });

  it('gives the latest of each person', () => {
    fc.assert(
      fc.property(observations, (all) => {
        const result = fold(all);
        for (const id of ['P1', 'P2', 'P3']) {
          const times = all.filter((one) => one.externalUserId === id).map((one) => one.at);
          expect(result[id]?.at).toBe(times.length === 0 ? undefined : Math.max(...times));
        }
      }),
    );
  });

  it('merges commutatively and associatively', () => {
    fc.assert(
      fc.property(activities, activities, activities, (a, b, c) => {
        expect(later(a, b)).toEqual(later(b, a));
        expect(later(later(a, b), c)).toEqual(later(a, later(b, c)));
      }),
    );
  });
});

describe('activity of a person after a complete pull', () => {
  const recorded: SoftwareSubscriptionStatus = {
    activity: 'Recorded',
    lastActivity: { time: at(start + 5000), signal: 'OnCall' },
    evidenceFrom: at(start),
  };

  it('is the observed time with the signal that gave it', () => {
    const observed = { at: start + 9000, signal: 'OnCall' };
    expect(decideActivity(undefined, { roleGroup: 'FullUser', observed }, evidence)).toEqual({
      activity: 'Recorded',
      lastActivity: { time: at(start + 9000), signal: 'OnCall' },
      evidenceFrom: at(start),
    });
  });

  it('L18: is updated if later, never to an earlier time', () => {
    const earlier = decideActivity(recorded, { roleGroup: 'FullUser', observed: { at: start + 1, signal: 'SignIn' } }, evidence);
    expect(earlier.lastActivity).toEqual(recorded.lastActivity);
    const laterOne = decideActivity(recorded, { roleGroup: 'FullUser', observed: { at: start + 6000, signal: 'SignIn' } }, evidence);
    expect(laterOne.lastActivity).toEqual({ time: at(start + 6000), signal: 'SignIn' });
  });

  it('stays Recorded for ever, even for a role that no signal sees', () => {
    expect(decideActivity(recorded, { roleGroup: 'FullUser', observed: undefined }, evidence).activity).toBe('Recorded');
    const stakeholder = decideActivity(recorded, { roleGroup: 'Stakeholder', observed: undefined }, evidence);
    expect(stakeholder).toEqual({ activity: 'Recorded', lastActivity: recorded.lastActivity });
  });

  it('is Never for one whom a signal sees and who did nothing', () => {
    expect(decideActivity(undefined, { roleGroup: 'FullUser', observed: undefined }, evidence)).toEqual({
      activity: 'Never',
      evidenceFrom: at(start),
    });
  });

  it('T3: is Unknown for one whom no enabled signal sees, and Never once one does', () => {
    const stakeholder = { roleGroup: 'Stakeholder', observed: undefined } as const;
    expect(decideActivity({ activity: 'Never', evidenceFrom: at(start) }, stakeholder, evidence)).toEqual({ activity: 'Unknown' });
    expect(decideActivity(undefined, stakeholder, { ...evidence, signals: [onCall, signIn] }).activity).toBe('Never');
    expect(decideActivity(undefined, { roleGroup: 'Unknown', observed: undefined }, evidence).activity).toBe('Unknown');
  });

  it('guard 6: has evidence only since the first pull in which there was a subscription', () => {
    const nextDay = { ...evidence, pullFrom: start + 86_400_000 };
    const known = decideActivity({ activity: 'Never', evidenceFrom: at(start) }, { roleGroup: 'FullUser', observed: undefined }, nextDay);
    const newcomer = decideActivity(undefined, { roleGroup: 'FullUser', observed: undefined }, nextDay);
    expect(known.evidenceFrom).toBe(at(start));
    expect(newcomer.evidenceFrom).toBe(at(nextDay.pullFrom));
  });

  it('guard 6: starts the evidence anew when the record of earlier pulls was lost', () => {
    const anew = { ...evidence, pullFrom: start + 86_400_000, continues: false };
    const status = decideActivity({ activity: 'Never', evidenceFrom: at(start) }, { roleGroup: 'FullUser', observed: undefined }, anew);
    expect(status.evidenceFrom).toBe(at(anew.pullFrom));
  });

  it('reaches further back once an earlier start was pulled', () => {
    const earlier = { ...evidence, pullFrom: start - 86_400_000 };
    const status = decideActivity({ activity: 'Never', evidenceFrom: at(start) }, { roleGroup: 'FullUser', observed: undefined }, earlier);
    expect(status.evidenceFrom).toBe(at(earlier.pullFrom));
  });

  it('is monotone and idempotent over any sequence of pulls', () => {
    fc.assert(
      fc.property(fc.array(activities, { maxLength: 8 }), (pulls) => {
        let status: SoftwareSubscriptionStatus | undefined;
        let highest = -1;
        for (const observed of pulls) {
          const person = { roleGroup: 'FullUser', observed } as const;
          const next = decideActivity(status, person, evidence);
          expect(sameActivity(next, decideActivity(next, person, evidence))).toBe(true);
          const time = next.lastActivity === undefined ? -1 : Date.parse(next.lastActivity.time);
          expect(time).toBe(Math.max(highest, observed?.at ?? -1));
          expect(next.activity).toBe(time === -1 ? 'Never' : 'Recorded');
          highest = time;
          status = next;
        }
      }),
    );
  });
});
