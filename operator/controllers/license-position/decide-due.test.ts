import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aModel, anEntitlement, anExclusion, aRule } from '../../../test/support/position-builders.ts';
import { aResult, hour, now } from '../../../test/support/profile-fixtures.ts';
import type { ProfilePosition } from '../../api/license-position.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import { decideDue, inputsOf } from './decide-due.ts';
import type { PositionScene } from './input.ts';

const day = 24 * hour;
// Only these fields of them are looked at.
const position = (time: number, inputs: string) => ({ time: new Date(time).toISOString(), inputs }) as ProfilePosition;
const calculated = (status: 'True' | 'False', inputs = '') => ({
  position: { inputs } as NonNullable<ReturnType<typeof aModel>['status']>['position'],
  conditions: [{ type: 'Calculated', status, reason: 'Calculated', message: '', lastTransitionTime: '2026-11-24T00:00:00Z' }],
});
const reconciled = aModel({ status: calculated('True') });

function aScene(change: Partial<PositionScene> = {}): PositionScene {
  const profile = aProfile({ status: { refresh: { subscriptions: aResult() } } });
  return { profile, signals: [], models: [reconciled], entitlements: [], exclusions: [], rules: [], isRefreshing: false, isHalfWritten: false, ...change };
}

/** The scene after a reconciliation of it at `time`. */
function settled(scene: PositionScene, time = now): PositionScene {
  const inputs = inputsOf(scene, time);
  const models = scene.models.map((model) => ({ ...model, status: { ...model.status, ...calculated('True', inputs) } }));
  return { ...scene, models, profile: withPosition(scene.profile, position(time, inputs)) };
}

function withPosition(profile: IntegrationProfile, value: ProfilePosition): IntegrationProfile {
  return { ...profile, status: { ...profile.status, position: value } };
}

describe('when the licence position is calculated', () => {
  it('is not before the first download: nobody is counted yet', () => {
    expect(decideDue(aScene({ profile: aProfile() }), now)).toEqual({ kind: 'NeverRefreshed' });
  });

  it('S73: is after the first download, and then rests', () => {
    expect(decideDue(aScene(), now).kind).toBe('Due');
    expect(decideDue(settled(aScene()), now).kind).toBe('UpToDate');
  });

  it('S81: is weekly by default, or as often as the profile says', () => {
    const scene = settled(aScene());
    expect(decideDue(scene, now)).toEqual({ kind: 'UpToDate', wakeAfterMs: 7 * day });
    expect(decideDue(scene, now + 7 * day - 1).kind).toBe('UpToDate');
    expect(decideDue(scene, now + 7 * day).kind).toBe('Due');
    const hourly = settled(aScene({ profile: aProfile({ spec: { reconciliation: { periodHours: 1 } }, status: { refresh: { subscriptions: aResult() } } }) }));
    expect(decideDue(hourly, now + hour).kind).toBe('Due');
  });

  it.each<[string, Partial<PositionScene>]>([
    ['an entitlement', { entitlements: [anEntitlement()] }],
    ['an exclusion', { exclusions: [anExclusion()] }],
    ['a threshold', { rules: [aRule('a', { lastActivityThresholdDays: 30 })] }],
    ['S82: a request on a model', { models: [{ ...reconciled, metadata: { ...reconciled.metadata, annotations: { 'saaslicense.dev/requestedAt': '1' } } }] }],
    ['a correction of a model', { models: [{ ...reconciled, metadata: { ...reconciled.metadata, generation: 2 } }] }],
    ['guard 8: a model that could not be calculated, though all is as it was before', { models: [aModel({ status: calculated('False') })] }],
    ['a model that has no figures yet', { models: [reconciled, aModel({ name: 'new' })] }],
  ])('is when there is another: %s', (_what, change) => {
    expect(decideDue({ ...settled(aScene()), ...change }, now).kind).toBe('Due');
  });

  it('is after each refresh that succeeded', () => {
    const { profile } = settled(aScene());
    const later = { ...profile, status: { ...profile.status, refresh: { subscriptions: aResult({ lastSuccessTime: new Date(now).toISOString() }) } } };
    expect(decideDue(aScene({ profile: later }), now).kind).toBe('Due');
  });

  it('S80: is on the day on which rights begin or end, and the operator wakes for it', () => {
    const scene = settled(aScene({ entitlements: [anEntitlement({ spec: { startDate: '2026-11-26' } })] }));
    const midnight = Date.parse('2026-11-26T00:00:00Z');
    expect(decideDue(scene, now)).toEqual({ kind: 'UpToDate', wakeAfterMs: midnight - now });
    expect(decideDue(scene, midnight).kind).toBe('Due');
  });

  it('C2: is at the moment at which an exclusion ends', () => {
    const until = now + 3 * hour;
    const scene = settled(aScene({ exclusions: [anExclusion({ spec: { until: new Date(until).toISOString() } })] }));
    expect(decideDue(scene, now)).toEqual({ kind: 'UpToDate', wakeAfterMs: 3 * hour });
    expect(decideDue(scene, until).kind).toBe('Due');
  });

  it('guard 6: is when one model shows figures of other inputs than the profile, as after a pass that ended early', () => {
    const scene = settled(aScene());
    const [model] = scene.models;
    const other = { ...model!, status: calculated('True', 'of-another-time') };
    expect(decideDue({ ...scene, models: [other] }, now).kind).toBe('Due');
  });

  it('guard 6: is not while what is stored is half of a refresh', () => {
    expect(decideDue(aScene({ isHalfWritten: true }), now).kind).toBe('HalfRefreshed');
  });

  it('pauses after each calculation, the longer the more there is to read', () => {
    const scene = settled(aScene());
    const large = { ...scene, profile: withPosition(scene.profile, { ...position(now, 'before'), assigned: 20_000 }) };
    expect(decideDue(large, now + 1000)).toEqual({ kind: 'Resting', wakeAfterMs: 9000 });
    expect(decideDue(large, now + 10_000).kind).toBe('Due');
  });

  it('guard 6: waits while a refresh writes, so that half of it is not counted', () => {
    expect(decideDue(aScene({ isRefreshing: true }), now).kind).toBe('Refreshing');
    expect(decideDue({ ...settled(aScene()), isRefreshing: true }, now).kind).toBe('UpToDate');
  });

  it('a clock that was ahead does not put it off', () => {
    expect(decideDue(settled(aScene(), now + 30 * day), now).kind).toBe('Due');
  });

  it('does not depend on the order in which caches list things', () => {
    const models = [reconciled, { ...reconciled, metadata: { ...reconciled.metadata, name: 'a', uid: 'a' } }];
    const entitlements = [anEntitlement(), anEntitlement({ name: 'a' })];
    const one = aScene({ models, entitlements });
    const other = aScene({ models: models.toReversed(), entitlements: entitlements.toReversed() });
    expect(inputsOf(one, now)).toBe(inputsOf(other, now));
  });
});
