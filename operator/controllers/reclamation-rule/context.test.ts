import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aSubscription } from '../../../test/support/position-builders.ts';
import { aCandidate, aReclamationRule } from '../../../test/support/rule-builders.ts';
import type { RemovalCandidateStatus } from '../../api/removal-candidate.ts';
import { judgeSeat } from '../../licensing/reclaim/judge.ts';
import { toReclaimSeat } from '../../licensing/reclaim/seat.ts';
import { buildContext } from './context.ts';
import type { Evidence } from './input.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const evidence = { hold: undefined, watches: new Map() } as unknown as Evidence;

function sceneOf(candidates: ReturnType<typeof aCandidate>[], keepCooldownDays = 90) {
  return { rule: aReclamationRule({ spec: { keepCooldownDays } }), profile: aProfile(), provider: undefined, models: [], exclusions: [], candidates, siblings: [], isRefreshing: false, isHalfWritten: false, leavers: new Set<string>() };
}

function keptOf(status: RemovalCandidateStatus, keepCooldownDays = 90): string[] {
  return [...buildContext(sceneOf([aCandidate({ status })], keepCooldownDays), evidence, { now, admins: 3 }).kept.keys()];
}

it.each<[string, RemovalCandidateStatus, boolean]>([
  ['C9: kept ten days ago', { state: 'ClosedSkipped', reason: 'Kept', closedAt: '2026-11-14T12:00:00Z' }, true],
  ['C9: kept ninety days ago', { state: 'ClosedSkipped', reason: 'Kept', closedAt: '2026-08-26T12:00:00Z' }, false],
  ['C29: restored ten days ago, however long ago it was reclaimed', { state: 'ClosedComplete', reason: 'Reclaimed', closedAt: '2026-08-01T12:00:00Z', undo: { secret: '', restoredAt: '2026-11-14T12:00:00Z' } as never }, true],
  ['C29: restored ninety days ago', { state: 'ClosedComplete', reason: 'Reclaimed', closedAt: '2026-08-01T12:00:00Z', undo: { secret: '', restoredAt: '2026-08-26T12:00:00Z' } as never }, false],
  ['reclaimed, and not given back', { state: 'ClosedComplete', reason: 'Reclaimed', closedAt: '2026-11-14T12:00:00Z' }, false],
  ['closed because activity returned', { state: 'ClosedCanceled', reason: 'ActivityReturned', closedAt: '2026-11-14T12:00:00Z' }, false],
])('%s', (_what, status, isKept) => {
  expect(keptOf(status)).toEqual(isKept ? ['sam.rivera@example.com'] : []);
});

describe('guard 9: the cool-down is of a person', () => {
  const kept = { state: 'ClosedSkipped', reason: 'Kept', closedAt: '2026-11-14T12:00:00Z' } as const;
  const cooldownOf = (status: RemovalCandidateStatus, spec: object, subject: object = {}): string => {
    const context = buildContext(sceneOf([aCandidate({ status, subject })]), { ...evidence, watches: new Map([['FullUser', { from: 0, to: now, signals: ['OnCall'] }]]) }, { now, admins: 3 });
    const judgement = judgeSeat(seatOf(spec), context);
    return judgement.kind === 'Protected' ? judgement.guard : judgement.kind;
  };
  const seatOf = (spec: object) => {
    const watched = { activity: 'Recorded', lastActivity: { time: '2026-01-20T08:00:00Z', signal: 'OnCall' }, evidenceFrom: '2025-09-25T00:00:00Z' } as const;
    return toReclaimSeat(aSubscription({ spec: { assignedAt: '2025-01-01T00:00:00Z', ...spec }, status: watched }));
  };

  it('the person is kept, however the address is written, under another id too, as whoever was removed and given back is (T10)', () => {
    const undo = { secret: '', restoredAt: '2026-11-14T12:00:00Z', restoredAs: 'PNEW001' } as never;
    expect(cooldownOf(kept, {})).toBe('KeepCooldown');
    expect(cooldownOf(kept, { externalUserId: 'PNEW001', userPrincipalName: 'sam.rivera@EXAMPLE.com' })).toBe('KeepCooldown');
    expect(cooldownOf({ state: 'ClosedComplete', reason: 'Reclaimed', closedAt: '2026-08-01T12:00:00Z', undo }, { externalUserId: 'PNEW001' })).toBe('KeepCooldown');
    expect(cooldownOf(kept, { resolvedEmail: 'sam@corp.example' })).toBe('KeepCooldown');
  });

  it('whoever has the id by now is not kept by what the former person answered', () => {
    expect(cooldownOf(kept, { userPrincipalName: 'kim@example.com' })).toBe('Candidate');
  });

  it('where there is no address, the id tells', () => {
    expect(cooldownOf(kept, { userPrincipalName: '' }, { userPrincipalName: undefined })).toBe('KeepCooldown');
    expect(cooldownOf(kept, {}, { userPrincipalName: undefined })).toBe('KeepCooldown');
    expect(cooldownOf(kept, { externalUserId: 'P2' }, { userPrincipalName: undefined })).toBe('Candidate');
  });
});

it.each([[['own', 'other']], [['other', 'own']]])('C9, guard 1: an open candidate of another rule protects, though one of the own rule is open beside it (%j)', (rules) => {
  const rule = aReclamationRule({ name: 'own' });
  const candidates = rules.map((by, index) => {
    const one = aCandidate({ name: `s.${index}`, status: { state: 'AwaitingApproval' } });
    return { ...one, spec: { ...one.spec, subject: { ...one.spec.subject, ruleRef: { name: by } } } };
  });
  const scene = { rule, profile: aProfile(), provider: undefined, models: [], exclusions: [], candidates, siblings: [], isRefreshing: false, isHalfWritten: false, leavers: new Set<string>() };
  expect([...buildContext(scene, evidence, { now, admins: 3 }).open]).toEqual([['pagerduty-p1', 'other']]);
});

it('C9: a cool-down of no days keeps nobody', () => {
  expect(keptOf({ state: 'ClosedSkipped', reason: 'Kept', closedAt: '2026-11-24T11:59:59Z' }, 0)).toEqual([]);
});
