import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aCandidate } from '../../../test/support/rule-builders.ts';
import { settledSubscriptions } from './settled.ts';

const profile = aProfile({ status: { refresh: { subscriptions: { startTime: '2026-11-24T06:00:00Z' } } } as never });
const closed = (closedAt: string, change: object = {}) => aCandidate({ status: { state: 'ClosedComplete', closedAt, ...change } });

describe('subscriptions that were reclaimed since they were last downloaded', () => {
  it('are not proposed again by what is stored of them; what a refresh has seen since is', () => {
    expect([...settledSubscriptions(profile, [closed('2026-11-24T07:00:00Z')])]).toEqual(['pagerduty-p1']);
    expect(settledSubscriptions(profile, [closed('2026-11-24T05:00:00Z')]).size).toBe(0);
  });

  it('are none where the reclaim was undone, or nothing was reclaimed', () => {
    const undo = { secret: 's', savedAt: '2026-11-24T07:00:00Z', expiresAt: '2027-02-24T07:00:00Z', restoredAt: '2026-11-24T08:00:00Z' };
    expect(settledSubscriptions(profile, [closed('2026-11-24T07:00:00Z', { undo })]).size).toBe(0);
    expect(settledSubscriptions(profile, [aCandidate({ status: { state: 'ClosedSkipped', closedAt: '2026-11-24T07:00:00Z' } })]).size).toBe(0);
  });
});
