import { describe, expect, it } from 'vitest';
import type { SignalResult } from '../../api/integration-profile.ts';
import { aProfile } from '../../../test/support/builders.ts';
import { aModel, anEntitlement, anExclusion, aRule, aSubscription } from '../../../test/support/position-builders.ts';
import { aResult } from '../../../test/support/profile-fixtures.ts';
import { classifyUse } from './use.ts';
import { freedOf, latestOf, readPositionInput, thresholdOf, toSeat, type PositionObjects } from './read-objects.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const signals = [
  { name: 'OnCall', sees: ['FullUser'] },
  { name: 'SignIn', sees: ['FullUser', 'Stakeholder', 'Unknown'] },
] as const;

const watched = (name: string, change: Partial<SignalResult> = {}): SignalResult => ({
  name,
  available: true,
  from: '2026-09-25T00:00:00Z',
  to: '2026-11-24T03:00:00Z',
  ...change,
});

function objects(change: { spec?: object; results?: SignalResult[]; connections?: [string, string]; more?: Partial<PositionObjects> } = {}): PositionObjects {
  const [people, activity] = change.connections ?? ['acme', 'acme'];
  const profile = aProfile({
    spec: change.spec ?? {},
    status: { refresh: { subscriptions: aResult({ connection: people }), activity: aResult({ connection: activity, signals: change.results ?? [watched('OnCall')] }) } },
  });
  return { profile, signals, models: [], entitlements: [], exclusions: [], rules: [], candidates: [], ...change.more };
}

const watchesOf = (one: PositionObjects) => Object.fromEntries(readPositionInput(one, now).watches);
const both = { activitySignals: ['OnCall', 'SignIn'] };

describe('guard 6: what counts as complete evidence', () => {
  it('T3: a role group is watched only by the signals that see it', () => {
    expect(Object.keys(watchesOf(objects()))).toEqual(['FullUser']);
    expect(Object.keys(watchesOf(objects({ spec: both, results: [watched('OnCall'), watched('SignIn')] })))).toEqual(['FullUser', 'Stakeholder', 'Unknown']);
  });

  it('is as long as the shortest of the signals', () => {
    const results = [watched('OnCall', { from: '2026-10-01T00:00:00Z' }), watched('SignIn', { to: '2026-11-23T00:00:00Z' })];
    expect(watchesOf(objects({ spec: both, results }))['FullUser']).toEqual({ from: Date.parse('2026-10-01T00:00:00Z'), to: Date.parse('2026-11-23T00:00:00Z') });
  });

  it('is none when one enabled signal that sees the group was never complete', () => {
    const refused = { name: 'SignIn', available: false, reason: 'PlanLacksFeature' };
    expect(watchesOf(objects({ spec: both, results: [watched('OnCall'), refused] }))).toEqual({});
  });

  it('C11: is none when it ended more than seven days ago, so that a dead job makes nobody stale', () => {
    const at = (to: string) => watchesOf(objects({ results: [watched('OnCall', { to })] }));
    expect(at('2026-11-17T12:00:00Z')).toHaveProperty('FullUser');
    expect(at('2026-11-17T11:59:59Z')).toEqual({});
  });

  it('is none while activity is not downloaded, and none of another account than the people', () => {
    expect(watchesOf(objects({ spec: { downloadActivity: false } }))).toEqual({});
    expect(watchesOf(objects({ connections: ['acme', 'other'] }))).toEqual({});
  });
});

describe('what a position is made from', () => {
  it('L2, S46: the threshold is that of the model’s own rule, else of the profile’s, else 60 days; of several the longest', () => {
    const model = aModel();
    const own = { softwareModelRef: { name: model.metadata.name } };
    const other = { softwareModelRef: { name: 'another' } };
    expect(thresholdOf(model, [])).toBe(60);
    expect(thresholdOf(model, [aRule('a', { lastActivityThresholdDays: 30, ...other })])).toBe(60);
    expect(thresholdOf(model, [aRule('a', { lastActivityThresholdDays: 30 })])).toBe(30);
    expect(thresholdOf(model, [aRule('a', { lastActivityThresholdDays: 30 }), aRule('b', { lastActivityThresholdDays: 45, ...own })])).toBe(45);
    expect(thresholdOf(model, [aRule('a', { lastActivityThresholdDays: 90, ...own }), aRule('b', { lastActivityThresholdDays: 45, ...own })])).toBe(90);
    expect(thresholdOf(model, [aRule('a', { lastActivityThresholdDays: 30, profileRef: { name: 'another' } })])).toBe(60);
  });

  it('L26, C2: exclusions that have ended or are being deleted count no more; addresses are compared in lower case', () => {
    const exclusions = [
      anExclusion(),
      anExclusion({ name: 'over', spec: { until: '2026-11-24T12:00:00Z' } }),
      anExclusion({ name: 'leaving', metadata: { deletionTimestamp: '2026-11-24T11:00:00Z' } }),
    ];
    expect(readPositionInput(objects({ more: { exclusions } }), now).exclusions).toEqual([{ name: 'on-leave', person: 'sam.rivera@example.com' }]);
  });

  it('leaves aside entitlements of other profiles’ models', () => {
    const entitlements = [anEntitlement(), anEntitlement({ name: 'other', spec: { modelRef: { name: 'of-another-profile' } } })];
    expect(readPositionInput(objects({ more: { models: [aModel()], entitlements } }), now).contracts.map(({ name }) => name)).toEqual(['business-2026']);
  });

  it('C20: the vendor’s seats are summed over the identifiers of a model; one without a limit has no limit', () => {
    const licence = (identifier: string, available?: number) => ({ identifier, name: 'Business', roleGroup: 'FullUser', subscriptions: 1, assigned: 10, ...(available === undefined ? { unlimited: true } : { available }) });
    const seats = (...available: (number | undefined)[]) => {
      const profile = aProfile({ status: { refresh: { subscriptions: aResult({ licenses: available.map((each, index) => licence(`L${index}`, each)) }) } } });
      const models = [aModel({ spec: { subscriptionIdentifiers: ['L0', 'L1'] } })];
      return readPositionInput({ ...objects(), profile, models }, now).models[0]?.seats;
    };
    expect(seats(3, 4)).toEqual({ assigned: 20, available: 7 });
    expect(seats(3, undefined)).toEqual({ assigned: 20 });
    expect(seats()).toBeUndefined();
  });

  it('L24, L29: a person is known by the company’s address, and may be excluded by either', () => {
    const seat = toSeat(aSubscription({ spec: { resolvedEmail: 'Sam@corp.example' } }));
    expect(seat).toMatchObject({ person: 'sam@corp.example', aliases: ['sam.rivera@example.com'] });
    expect(toSeat(aSubscription())).toMatchObject({ person: 'sam.rivera@example.com', aliases: [] });
    expect(toSeat(aSubscription({ spec: { userPrincipalName: '' } }))).toMatchObject({ person: 'P1', aliases: [] });
  });

  describe('guard 9: a seat that was handed over', () => {
    const former = { activity: 'Recorded', lastActivity: { time: '2026-08-01T00:00:00Z', signal: 'OnCall' }, evidenceFrom: '2026-06-01T00:00:00Z' } as const;
    const personSince = '2026-11-20T00:00:00Z';
    const at = Date.parse(personSince);
    const seatOf = (spec: object, status: object) => {
      const subscription = aSubscription({ spec: { personSince, ...spec }, status });
      return toSeat({ ...subscription, metadata: { ...subscription.metadata, creationTimestamp: '2026-02-01T00:00:00Z' } });
    };
    const ofNewcomer = (status: object = former) => seatOf({ assignedAt: '2026-01-01T00:00:00Z' }, status);

    it('is as old as its person, whom nobody has watched or seen before', () => {
      const seat = ofNewcomer();
      expect(seat).toMatchObject({ personSince: at, assignedAt: at, firstSeen: at, evidenceFrom: at, activity: 'Never' });
      expect(seat).not.toHaveProperty('lastActivity');
    });

    it('is new, neither stale nor never used, until the newcomer had it for the whole threshold', () => {
      const useOn = (day: string, status?: object) => classifyUse(ofNewcomer(status), { watch: { from: 0, to: Date.parse(day) }, thresholdDays: 60, now: Date.parse(day) });
      expect(useOn('2026-11-24T00:00:00Z')).toBe('New');
      expect(useOn('2027-01-18T00:00:00Z')).toBe('New');
      expect(useOn('2027-01-20T00:00:00Z', { activity: 'Never', evidenceFrom: personSince })).toBe('NeverUsed');
      expect(useOn('2026-11-24T00:00:00Z', { ...former, lastActivity: { time: '2026-11-21T00:00:00Z', signal: 'OnCall' } })).toBe('Active');
    });

    it('keeps what is not known unknown', () => {
      const seat = seatOf({}, { activity: 'Unknown' });
      expect(seat).toMatchObject({ activity: 'Unknown', firstSeen: at });
      expect(seat).not.toHaveProperty('evidenceFrom');
    });
  });

  it('L32: a right of one person and licence is freed once, however often they came back', () => {
    const right = (candidate: string, freedAt: number, person = 'P1', identifier = 'L1') => ({ candidate, identifier, person, freedAt });
    const kept = latestOf([right('a', 1), right('c', 3), right('b', 2), right('d', 1, 'P2'), right('e', 1, 'P1', 'L2')]);
    expect(kept.map(({ candidate }) => candidate).toSorted()).toEqual(['c', 'd', 'e']);
  });

  it('L32: only a candidate of this profile that is closed as complete has freed a right', () => {
    const candidate = (state: string, profile = 'pagerduty') =>
      ({
        metadata: { name: 'one' },
        spec: { subject: { profileRef: { name: profile }, subscriptionIdentifier: 'L1', externalUserId: 'P1' } },
        status: { state, closedAt: '2026-11-20T00:00:00Z' },
      }) as RemovalCandidate;
    expect(freedOf(candidate('ClosedComplete'), 'pagerduty')).toEqual([{ candidate: 'one', identifier: 'L1', person: 'P1', freedAt: Date.parse('2026-11-20T00:00:00Z') }]);
    expect(freedOf(candidate('ClosedSkipped'), 'pagerduty')).toEqual([]);
    expect(freedOf(candidate('ClosedComplete', 'another'), 'pagerduty')).toEqual([]);
  });

  it('guard 7: hides addresses in names that the vendor gives to teams, roles and licences', () => {
    const seat = toSeat(aSubscription({ spec: { teams: ['sam@example.com on call', 'Platform'], role: 'of sam@example.com', edition: 'Seat of <sam@example.com>' } }));
    expect(seat).toMatchObject({ teams: ['(address) on call', 'Platform'], role: 'of (address)', edition: 'Seat of <(address)>' });
  });

  it('S80: a contract that is being deleted holds no rights any more', () => {
    const going = anEntitlement();
    const entitlements = [{ ...going, metadata: { ...going.metadata, deletionTimestamp: '2026-11-24T11:00:00Z' } }];
    expect(readPositionInput(objects({ more: { models: [aModel()], entitlements } }), now).contracts).toEqual([]);
  });
});
