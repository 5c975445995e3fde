import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aCandidate } from '../../../test/support/rule-builders.ts';
import { settledSubscriptions } from './settled.ts';

const profile = aProfile({ status: { refresh: { subscriptions: { startTime: '2026-11-24T06:00:00Z' } } } as never });
const closed = (closedAt: string, change: object = {}) => aCandidate({ status: { state: 'ClosedComplete', closedAt, ...change } });

function isSettled(candidate: ReturnType<typeof aCandidate>, seat: object = {}): boolean {
  return settledSubscriptions(profile, [candidate])({ name: 'pagerduty-p1', externalUserId: 'P1', userPrincipalName: 'Sam.Rivera@example.com', ...seat });
}

describe('subscriptions that were reclaimed since they were last downloaded', () => {
  it('are not proposed again by what is stored of them; what a refresh has seen since is', () => {
    expect(isSettled(closed('2026-11-24T07:00:00Z'))).toBe(true);
    expect(isSettled(closed('2026-11-24T07:00:00Z'), { name: 'pagerduty-p2', externalUserId: 'P2' })).toBe(false);
    expect(isSettled(closed('2026-11-24T05:00:00Z'))).toBe(false);
  });

  it('are none where the reclaim was undone, or nothing was reclaimed', () => {
    const undo = { secret: 's', savedAt: '2026-11-24T07:00:00Z', expiresAt: '2027-02-24T07:00:00Z', restoredAt: '2026-11-24T08:00:00Z' };
    expect(isSettled(closed('2026-11-24T07:00:00Z', { undo }))).toBe(false);
    expect(isSettled(aCandidate({ status: { state: 'ClosedSkipped', closedAt: '2026-11-24T07:00:00Z' } }))).toBe(false);
  });

  it('guard 9: are those of the person who was reclaimed, not of whom the seat was handed to', () => {
    expect(isSettled(closed('2026-11-24T07:00:00Z'), { userPrincipalName: 'sam.rivera@EXAMPLE.com' })).toBe(true);
    expect(isSettled(closed('2026-11-24T07:00:00Z'), { userPrincipalName: 'kim@example.com' })).toBe(false);
  });
});
