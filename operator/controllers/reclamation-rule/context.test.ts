import { expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aCandidate, aReclamationRule } from '../../../test/support/rule-builders.ts';
import type { RemovalCandidateStatus } from '../../api/removal-candidate.ts';
import { subscriptionName } from '../../licensing/subscription-name.ts';
import { buildContext } from './context.ts';
import type { Evidence } from './input.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const evidence = { hold: undefined, watches: new Map() } as unknown as Evidence;

function keptOf(status: RemovalCandidateStatus, keepCooldownDays = 90): string[] {
  const scene = { rule: aReclamationRule({ spec: { keepCooldownDays } }), profile: aProfile(), provider: undefined, models: [], exclusions: [], candidates: [aCandidate({ status })], siblings: [], isRefreshing: false, isHalfWritten: false, leavers: new Set<string>() };
  return [...buildContext(scene, evidence, { now, admins: 3 }).kept.keys()];
}

it.each<[string, RemovalCandidateStatus, boolean]>([
  ['C9: kept ten days ago', { state: 'ClosedSkipped', reason: 'Kept', closedAt: '2026-11-14T12:00:00Z' }, true],
  ['C9: kept ninety days ago', { state: 'ClosedSkipped', reason: 'Kept', closedAt: '2026-08-26T12:00:00Z' }, false],
  ['C29: restored ten days ago, however long ago it was reclaimed', { state: 'ClosedComplete', reason: 'Reclaimed', closedAt: '2026-08-01T12:00:00Z', undo: { secret: '', restoredAt: '2026-11-14T12:00:00Z' } as never }, true],
  ['C29: restored ninety days ago', { state: 'ClosedComplete', reason: 'Reclaimed', closedAt: '2026-08-01T12:00:00Z', undo: { secret: '', restoredAt: '2026-08-26T12:00:00Z' } as never }, false],
  ['reclaimed, and not given back', { state: 'ClosedComplete', reason: 'Reclaimed', closedAt: '2026-11-14T12:00:00Z' }, false],
  ['closed because activity returned', { state: 'ClosedCanceled', reason: 'ActivityReturned', closedAt: '2026-11-14T12:00:00Z' }, false],
])('%s', (_what, status, isKept) => {
  expect(keptOf(status)).toEqual(isKept ? ['pagerduty-p1'] : []);
});

it('C29: whoever was removed and given back has another id, and is kept under that one too (T10)', () => {
  const undo = { secret: '', restoredAt: '2026-11-14T12:00:00Z', restoredAs: 'PNEW001' } as never;
  expect(keptOf({ state: 'ClosedComplete', reason: 'Reclaimed', closedAt: '2026-08-01T12:00:00Z', undo })).toEqual(['pagerduty-p1', subscriptionName('pagerduty', 'PNEW001')]);
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
