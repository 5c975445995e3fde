import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aResult } from '../../../test/support/profile-fixtures.ts';
import { aReclamationRule } from '../../../test/support/rule-builders.ts';
import type { RefreshResult } from '../../api/integration-profile.ts';
import type { ObservedJob } from '../../controllers/dependencies.ts';
import { recordRuns } from './record-runs.ts';

const endedAt = Date.parse('2026-11-24T06:00:00Z');
const profileOf = (change: Partial<RefreshResult> = {}, conditions: { type: string; status: 'False'; reason: string; message: string; lastTransitionTime: string }[] = []) =>
  aProfile({ name: 'pagerduty', status: { conditions, refresh: { subscriptions: aResult({ completionTime: new Date(endedAt).toISOString(), ...change }) } } });
const job = (state: ObservedJob['state'], finishedAt?: number, profile = 'pagerduty'): ObservedJob => ({ metadata: { name: 'j', labels: { 'saaslicense.dev/profile': profile, 'saaslicense.dev/process': 'subscriptions' } }, state, finishedAt });
const heldRule = (reason: string, sinceMs: number, profile = 'pagerduty') => aReclamationRule({ spec: { profileRef: { name: profile } }, status: { held: { reason, message: '', since: new Date(sinceMs).toISOString() } } });
const none = { jobs: [], moved: new Set<string>(), rules: [] };
const blind = { ...none, jobs: undefined };

describe('what can be told of the subscriptions runs of a profile', () => {
  it('guard 6: by their Jobs, as the operator does', () => {
    expect(recordRuns(profileOf(), none)).toEqual({ refreshing: false, halfWritten: false });
    expect(recordRuns(profileOf(), { ...none, jobs: [job('Active')] })).toEqual({ refreshing: true, halfWritten: false });
    expect(recordRuns(profileOf(), { ...none, jobs: [job('Active', undefined, 'another')] }).refreshing).toBe(false);
    expect(recordRuns(profileOf(), { ...none, jobs: [job('Failed', endedAt + 300_000)] })).toEqual({ refreshing: false, halfWritten: true });
    expect(recordRuns(profileOf(), { ...none, jobs: [job('Failed', endedAt + 30_000)] }).halfWritten).toBe(false);
  });

  it('guard 6: by its own result, when it failed after it had begun to write', () => {
    for (const where of [none, blind]) {
      expect(recordRuns(profileOf({ result: 'Failed', deleted: 1 }), where).halfWritten).toBe(true);
      expect(recordRuns(profileOf({ result: 'Failed' }), where).halfWritten).toBe(false);
      expect(recordRuns(profileOf({ deleted: 1 }), where).halfWritten).toBe(false);
    }
  });

  it('without the right to list Jobs: by what the operator says of them, and it is not known beyond that', () => {
    expect(recordRuns(profileOf(), blind)).toEqual({ halfWritten: false });
    expect(recordRuns(profileOf(), { ...blind, rules: [heldRule('RefreshRunning', endedAt + 1)] })).toEqual({ refreshing: true, halfWritten: false });
    expect(recordRuns(profileOf(), { ...blind, rules: [heldRule('RefreshHalfWritten', endedAt + 1)] })).toEqual({ halfWritten: true });
    expect(recordRuns(profileOf(), { ...blind, rules: [heldRule('DataStale', endedAt + 1), heldRule('RefreshRunning', endedAt + 1, 'another')] })).toEqual({ halfWritten: false });
    const killed = [{ type: 'SubscriptionsRefreshed', status: 'False' as const, reason: 'JobFailed', message: '', lastTransitionTime: '2026-11-24T07:00:00Z' }];
    expect(recordRuns(profileOf({}, killed), blind)).toEqual({ halfWritten: true });
  });

  it('a run that has told its end since counts no more', () => {
    expect(recordRuns(profileOf(), { ...blind, rules: [heldRule('RefreshRunning', endedAt - 1)] })).toEqual({ halfWritten: false });
  });
});
