import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SoftwareSubscriptionStatus } from '../api/software-subscription.ts';
import {
  decideActivity,
  foldObservations,
  later,
  sameActivity,
  type CompletePull,
  type EnabledSignal,
  type Evidence,
  type Observation,
  type Sighting,
  type Sightings,
} from './activity-fold.ts';

const day = 86_400_000;
const start = Date.parse('2026-09-25T00:00:00Z');
const pull: CompletePull = { from: start, pullFrom: start, to: start + 60 * day, continues: true };
const onCall: EnabledSignal = { name: 'OnCall', sees: ['FullUser'], pull };
const signIn: EnabledSignal = { name: 'SignIn', sees: ['FullUser', 'Stakeholder'], pull };
const evidence: Evidence = { signals: [onCall], sameConnection: true };
const at = (time: number): string => new Date(time).toISOString();
const saw = (time: number, signal = 'OnCall'): Sighting => ({ at: time, signal, source: signal === 'OnCall' ? '/oncalls' : '/analytics' });
const fullUser = (...sightings: Sighting[]) => ({ externalUserId: 'P1', roleGroup: 'FullUser', sightings }) as const;
const stakeholder = (...sightings: Sighting[]) => ({ externalUserId: 'P1', roleGroup: 'Stakeholder', sightings }) as const;
const out = (signal: EnabledSignal): EnabledSignal => ({ ...signal, pull: undefined });

const observations = fc.array(
  fc.record({
    externalUserId: fc.constantFrom('P1', 'P2', 'P3'),
    at: fc.integer({ min: 0, max: 20 }),
    signal: fc.constantFrom('OnCall', 'SignIn'),
    source: fc.constantFrom('/a', '/b'),
  }),
);
const sightings = fc.record({ at: fc.integer({ min: 0, max: 9 }), signal: fc.constantFrom('OnCall', 'SignIn'), source: fc.constantFrom('/a', '/b') });

function fold(...pages: (readonly Observation[])[]): Record<string, readonly Sighting[]> {
  const latest: Sightings = new Map();
  for (const page of pages) foldObservations(latest, page);
  return Object.fromEntries(latest);
}

describe('folding observations', () => {
  it('does not depend on order, pages or repeats', () => {
    fc.assert(
      fc.property(observations, observations, (left, right) => {
        const expected = fold([...left, ...right]);
        expect(fold(right, left)).toEqual(expected);
        expect(fold(right.toReversed(), left.toReversed())).toEqual(expected);
        expect(fold(left, right, right, left)).toEqual(expected);
      }),
    );
  });

  it('C16: gives the latest of each person by each signal', () => {
    fc.assert(
      fc.property(observations, (all) => {
        const result = fold(all);
        for (const id of ['P1', 'P2', 'P3']) {
          for (const signal of ['OnCall', 'SignIn']) {
            const times = all.filter((one) => one.externalUserId === id && one.signal === signal).map((one) => one.at);
            expect(result[id]?.find((one) => one.signal === signal)?.at).toBe(times.length === 0 ? undefined : Math.max(...times));
          }
        }
      }),
    );
  });

  it('merges commutatively and associatively', () => {
    fc.assert(
      fc.property(sightings, sightings, sightings, (a, b, c) => {
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
    evidence: [{ signal: 'OnCall', time: at(start + 5000), source: '/oncalls' }],
  };

  it('is the observed time with the signal that gave it, and where from', () => {
    expect(decideActivity(undefined, fullUser(saw(start + 9000)), evidence)).toEqual({
      activity: 'Recorded',
      lastActivity: { time: at(start + 9000), signal: 'OnCall' },
      evidenceFrom: at(start),
      evidence: [{ signal: 'OnCall', time: at(start + 9000), source: '/oncalls' }],
    });
  });

  it('L18: is updated if later, never to an earlier time', () => {
    const earlier = decideActivity(recorded, fullUser(saw(start + 1), saw(start + 2, 'SignIn')), evidence);
    expect(earlier.lastActivity).toEqual(recorded.lastActivity);
    expect(earlier.evidence).toEqual([...recorded.evidence!, { signal: 'SignIn', time: at(start + 2), source: '/analytics' }]);
    const laterOne = decideActivity(recorded, fullUser(saw(start + 6000, 'SignIn')), evidence);
    expect(laterOne.lastActivity).toEqual({ time: at(start + 6000), signal: 'SignIn' });
  });

  it('C16: keeps what a signal saw that is no longer enabled: a fact is not forgotten', () => {
    const both = decideActivity(recorded, fullUser(saw(start + 6000, 'SignIn')), { ...evidence, signals: [onCall, signIn] });
    const onlyOnCall = decideActivity(both, fullUser(), evidence);
    expect(onlyOnCall.evidence?.map((one) => one.signal)).toEqual(['OnCall', 'SignIn']);
    expect(onlyOnCall.lastActivity?.signal).toBe('SignIn');
  });

  it('keeps a last activity that was recorded without its evidence', () => {
    const { evidence: _evidence, ...old } = recorded;
    const after = decideActivity(old, fullUser(saw(start + 1)), evidence);
    expect(after.lastActivity).toEqual(recorded.lastActivity);
    expect(after.evidence).toEqual([{ signal: 'OnCall', time: at(start + 1), source: '/oncalls' }]);
  });

  it('stays Recorded for ever, even for a role that no signal sees', () => {
    expect(decideActivity(recorded, fullUser(), evidence).activity).toBe('Recorded');
    const { evidenceFrom: _from, ...rest } = recorded;
    expect(decideActivity(recorded, stakeholder(), evidence)).toEqual(rest);
  });

  it('is Never for one whom a signal sees and who did nothing', () => {
    expect(decideActivity(undefined, fullUser(), evidence)).toEqual({ activity: 'Never', evidenceFrom: at(start) });
  });

  it('T3: is Unknown for one whom no enabled signal sees, and Never once one does', () => {
    expect(decideActivity({ activity: 'Never', evidenceFrom: at(start) }, stakeholder(), evidence)).toEqual({ activity: 'Unknown' });
    expect(decideActivity(undefined, stakeholder(), { ...evidence, signals: [onCall, signIn] }).activity).toBe('Never');
    expect(decideActivity(undefined, { externalUserId: 'P1', roleGroup: 'Unknown', sightings: [] }, evidence).activity).toBe('Unknown');
  });

  describe('guard 9: of a person who was handed the seat of somebody else', () => {
    const since = start + 59 * day;
    const newcomer = (...seen: Sighting[]) => ({ ...fullUser(...seen), personSince: since });

    it('is none of what the former person did, stored or pulled, and the evidence begins anew', () => {
      const former = decideActivity(undefined, fullUser(saw(start + 58 * day)), evidence);
      const after = decideActivity(former, newcomer(saw(start + 58 * day), saw(since - 1, 'SignIn')), evidence);
      expect(after).toEqual({ activity: 'Never', evidenceFrom: at(since) });
    });

    it('is what this person did since then', () => {
      const former = decideActivity(undefined, fullUser(saw(start + 58 * day, 'SignIn')), evidence);
      const after = decideActivity(former, newcomer(saw(since)), evidence);
      expect(after).toMatchObject({ activity: 'Recorded', lastActivity: { time: at(since), signal: 'OnCall' }, evidenceFrom: at(since) });
      expect(after.evidence).toEqual([{ signal: 'OnCall', time: at(since), source: '/oncalls' }]);
    });

    it('goes on from there: later pulls neither move the start back nor write again', () => {
      const first = decideActivity(undefined, newcomer(), evidence);
      const next = { ...evidence, signals: [{ ...onCall, pull: { ...pull, pullFrom: since - day, to: since + 3 * day } }] };
      expect(sameActivity(first, decideActivity(first, newcomer(), next))).toBe(true);
      expect(decideActivity(first, newcomer(), { ...evidence, signals: [out(onCall)] }).evidenceFrom).toBe(at(since));
    });
  });

  it('is the same when it is decided again, whatever was stored and seen', () => {
    fc.assert(
      fc.property(fc.array(fc.array(sightings, { maxLength: 3 }), { maxLength: 8 }), (pulls) => {
        let status: SoftwareSubscriptionStatus | undefined;
        let highest = -1;
        for (const seen of pulls) {
          const next = decideActivity(status, fullUser(...seen), evidence);
          expect(sameActivity(next, decideActivity(next, fullUser(...seen), evidence))).toBe(true);
          highest = Math.max(highest, ...seen.map((one) => one.at));
          expect(next.lastActivity === undefined ? -1 : Date.parse(next.lastActivity.time)).toBe(highest);
          expect(next.activity).toBe(highest === -1 ? 'Never' : 'Recorded');
          for (const { signal, time } of status?.evidence ?? []) {
            expect(Date.parse(next.evidence!.find((one) => one.signal === signal)!.time)).toBeGreaterThanOrEqual(Date.parse(time));
          }
          status = next;
        }
      }),
    );
  });
});

describe('guard 6: a signal that was asked for and could not look', () => {
  const never: SoftwareSubscriptionStatus = { activity: 'Never', evidenceFrom: at(start) };
  const partly: Evidence = { signals: [onCall, out(signIn)], sameConnection: true };

  it('makes Never Unknown for those whom it sees, and keeps their evidence for when it is back', () => {
    const during = decideActivity(never, fullUser(), partly);
    expect(during).toEqual({ activity: 'Unknown', evidenceFrom: at(start) });
    expect(decideActivity(during, fullUser(), { ...partly, signals: [onCall, signIn] })).toEqual(never);
  });

  it('starts no evidence of somebody new', () => {
    expect(decideActivity(undefined, fullUser(), partly)).toEqual({ activity: 'Unknown' });
  });

  it('does not matter for those whom it cannot see', () => {
    expect(decideActivity(undefined, stakeholder(), { ...partly, signals: [out(onCall), signIn] })).toEqual({ activity: 'Never', evidenceFrom: at(start) });
  });

  it('does not make what was recorded unknown', () => {
    expect(decideActivity(undefined, fullUser(saw(start + 1)), partly).activity).toBe('Recorded');
  });
});

describe('guard 6: a person whom a signal did not list', () => {
  const listing = (signal: EnabledSignal, ...ids: string[]): EnabledSignal => ({ ...signal, pull: { ...pull, listed: new Set(ids) } });
  const by = (...signals: EnabledSignal[]): Evidence => ({ signals, sameConnection: true });
  const never: SoftwareSubscriptionStatus = { activity: 'Never', evidenceFrom: at(start) };

  it('is Unknown, not Never: nobody looked', () => {
    expect(decideActivity(undefined, stakeholder(), by(listing(signIn, 'P2')))).toEqual({ activity: 'Unknown' });
    expect(decideActivity(undefined, fullUser(), by(onCall, listing(signIn, 'P2')))).toEqual({ activity: 'Unknown' });
    expect(decideActivity(undefined, stakeholder(), by(listing(signIn, 'P1', 'P2')))).toEqual(never);
  });

  it('loses the evidence that there was: the gap is not pulled again, for the signal itself was there', () => {
    expect(decideActivity(never, fullUser(), by(onCall, listing(signIn)))).toEqual({ activity: 'Unknown' });
    expect(decideActivity(never, fullUser(), by(out(onCall), listing(signIn)))).toEqual({ activity: 'Unknown' });
  });

  it('stays Recorded', () => {
    expect(decideActivity(never, fullUser(saw(start + 1)), by(onCall, listing(signIn)))).toMatchObject({ activity: 'Recorded' });
  });

  it('is judged by the others where the role group is none of that signal’s, though not as watched by it', () => {
    expect(decideActivity(never, stakeholder(), by(listing(onCall), signIn))).toEqual({ activity: 'Never', evidenceFrom: at(pull.to) });
  });
});

describe('guard 6: since when a person has been watched', () => {
  const nextDay: CompletePull = { from: start, pullFrom: start + day, to: start + 2 * day, continues: true };
  const after = (status: SoftwareSubscriptionStatus | undefined, change: Partial<CompletePull>, sameConnection = true) =>
    decideActivity(status, fullUser(), { signals: [{ ...onCall, pull: { ...nextDay, ...change } }], sameConnection }).evidenceFrom;
  const never: SoftwareSubscriptionStatus = { activity: 'Never', evidenceFrom: at(start) };

  it('is the first pull in which there was a subscription', () => {
    expect(after(never, {})).toBe(at(start));
    expect(after(undefined, {})).toBe(at(start + day));
  });

  it('starts anew when the record of earlier pulls was lost, or was of another connection', () => {
    expect(after(never, { continues: false, from: start + day })).toBe(at(start + day));
    expect(after(never, { continues: false, from: start + day }, false)).toBe(at(start + day));
    const other: Evidence = { signals: [{ ...onCall, pull: { ...nextDay, from: start + day, continues: false } }, out(signIn)], sameConnection: false };
    expect(decideActivity(never, fullUser(), other)).toEqual({ activity: 'Unknown' });
  });

  it('reaches further back once an earlier start was pulled', () => {
    expect(after(never, { from: start - day, pullFrom: start - day })).toBe(at(start - day));
  });

  it('is the latest start of the signals: a newly enabled one has watched for less', () => {
    const added: EnabledSignal = { ...signIn, pull: { ...nextDay, from: start + day, continues: false } };
    expect(decideActivity(never, fullUser(), { ...evidence, signals: [onCall, added] }).evidenceFrom).toBe(at(start + day));
  });

  it('never reaches back before the signal’s own evidence', () => {
    expect(after({ ...never, evidenceFrom: at(start - day) }, {})).toBe(at(start));
  });
});
