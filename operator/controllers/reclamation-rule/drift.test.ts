import { describe, expect, it } from 'vitest';
import { aSubscription } from '../../../test/support/position-builders.ts';
import { aCandidate } from '../../../test/support/rule-builders.ts';
import { toReclaimSeat } from '../../licensing/reclaim/seat.ts';
import { watchDrift } from './drift.ts';

const complete = { state: 'ClosedComplete', closedAt: '2026-11-01T00:00:00Z' } as const;
const seat = (spec: object) => toReclaimSeat(aSubscription({ spec }));

function driftOf(candidate: ReturnType<typeof aCandidate>, spec: object): string[] {
  const watch = watchDrift([candidate]);
  watch.look(seat(spec));
  return watch.found().map(({ kind }) => kind);
}

describe('drift: a reclaim that somebody else has undone', () => {
  it('D17: a person whose account was removed and who is invited anew, under another id, has come back', () => {
    expect(driftOf(aCandidate({ status: complete }), { externalUserId: 'P2', userPrincipalName: 'sam.rivera@EXAMPLE.com' })).toEqual(['ReclaimedUserReturned']);
  });

  it('D17: the old id is a copy that has not gone yet, and another person is another person', () => {
    expect(driftOf(aCandidate({ status: complete }), { externalUserId: 'P1' })).toEqual([]);
    expect(driftOf(aCandidate({ status: complete }), { externalUserId: 'P2', userPrincipalName: 'kim@example.com' })).toEqual([]);
  });

  const downgrade = { action: 'Downgrade', downgradeTo: { role: 'read_only_user', subscriptionIdentifier: 'PLIC002' } } as const;

  it('D17: a downgraded person who has the former role, or the former licence under another role, has been put back', () => {
    const candidate = aCandidate({ subject: downgrade, status: complete });
    expect(driftOf(candidate, { role: 'user' })).toEqual(['DowngradeReverted']);
    expect(driftOf(candidate, { role: 'admin' })).toEqual(['DowngradeReverted']);
    expect(driftOf(candidate, { role: 'read_only_user', subscriptionIdentifier: 'PLIC002' })).toEqual([]);
    expect(driftOf(candidate, { role: 'read_only_limited_user', subscriptionIdentifier: 'PLIC003' })).toEqual([]);
  });

  it('guard 9: a downgraded seat that was handed over is nobody’s drift, whatever role its new person has', () => {
    const candidate = aCandidate({ subject: downgrade, status: complete });
    expect(driftOf(candidate, { userPrincipalName: 'kim@example.com', role: 'user' })).toEqual([]);
    expect(driftOf(candidate, { userPrincipalName: 'SAM.rivera@example.com', role: 'user' })).toEqual(['DowngradeReverted']);
  });

  it('guard 9: of two people who had the same seat one after the other, the one who has it by now', () => {
    const kim = aCandidate({ name: 'kim', subject: { ...downgrade, userPrincipalName: 'kim@example.com' }, status: complete });
    for (const candidates of [[kim, aCandidate({ subject: downgrade, status: complete })], [aCandidate({ subject: downgrade, status: complete }), kim]]) {
      const watch = watchDrift(candidates);
      watch.look(seat({ userPrincipalName: 'kim@example.com', role: 'user' }));
      expect(watch.found().map(({ candidate }) => candidate.metadata.name)).toEqual(['kim']);
    }
  });

  it('D17: what is open, was told before, or was restored by the operator is no drift', () => {
    const back = { externalUserId: 'P2' };
    expect(driftOf(aCandidate({ status: { state: 'Ready' } }), back)).toEqual([]);
    expect(driftOf(aCandidate({ status: { ...complete, returnedAt: '2026-11-02T00:00:00Z' } }), back)).toEqual([]);
    const undo = { secret: 's', savedAt: '2026-11-01T00:00:00Z', expiresAt: '2027-02-01T00:00:00Z', restoredAt: '2026-11-02T00:00:00Z' };
    expect(driftOf(aCandidate({ status: { ...complete, undo } }), back)).toEqual([]);
  });
});

describe('guard 4: an attempt of unknown outcome that takes effect after its candidate has closed', () => {
  const attempt = { id: 'a', number: 1, phase: 'Unclear', holder: 'x', startedAt: '2026-11-01T00:00:00Z', endedAt: '2026-11-01T00:10:00Z' } as const;
  const kept = { state: 'ClosedSkipped', reason: 'Kept', attempt } as const;
  const downgrade = { action: 'Downgrade', downgradeTo: { role: 'read_only_user', subscriptionIdentifier: 'PLIC002' } } as const;

  it('a removal: nobody has the id any more', () => {
    expect(driftOf(aCandidate({ status: kept }), { externalUserId: 'P2', userPrincipalName: 'kim@example.com' })).toEqual(['LateEffect']);
    expect(driftOf(aCandidate({ status: kept }), {})).toEqual([]);
  });

  it('a downgrade: that very person has what it would leave', () => {
    const candidate = aCandidate({ subject: downgrade, status: kept });
    const left = { role: 'read_only_user', subscriptionIdentifier: 'PLIC002' };
    expect(driftOf(candidate, left)).toEqual(['LateEffect']);
    expect(driftOf(candidate, { ...left, userPrincipalName: 'kim@example.com' })).toEqual([]);
    expect(driftOf(candidate, { role: 'user' })).toEqual([]);
  });

  it('is told once, and never of what was refused, is open, was restored or is known to be done', () => {
    const gone = { externalUserId: 'P2', userPrincipalName: 'kim@example.com' };
    const undo = { secret: 's', savedAt: attempt.startedAt, expiresAt: attempt.startedAt };
    const quiet = [
      { ...kept, tookEffectAt: '2026-11-02T00:00:00Z' },
      { ...kept, attempt: { ...attempt, phase: 'Refused' as const } },
      { ...kept, state: 'AttentionRequired' as const },
      { ...kept, undo: { ...undo, restoredAt: attempt.startedAt } },
      { ...kept, state: 'ClosedComplete' as const, reason: 'Reclaimed' },
    ];
    for (const status of quiet) expect(driftOf(aCandidate({ status }), gone)).toEqual([]);
  });
});
