import { describe, expect, it } from 'vitest';
import { aCandidate } from '../../../test/support/rule-builders.ts';
import { candidateStates, verdicts, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { describeMany, findRefusal, readyOf } from './decision.ts';
import { findRestoreRefusal } from './restore-flow.ts';

const now = Date.parse('2026-11-24T12:00:00Z');

describe('a decision', () => {
  it('L6, L14: is made on what is open, whatever it is; to resume only on what is AttentionRequired', () => {
    for (const state of candidateStates) {
      for (const verdict of verdicts) {
        const isTaken = !state.startsWith('Closed') && (verdict !== 'ResumeReclaim' || state === 'AttentionRequired');
        expect([state, verdict, findRefusal(aCandidate({ status: { state, decisionId: 'a'.repeat(40) } }), verdict) === undefined]).toEqual([state, verdict, isTaken]);
      }
    }
  });
});

describe('what a decision confirms', () => {
  it.each(verdicts)('guard 1: %s cannot be made before the operator has said what it is about, unless it keeps', (verdict) => {
    const problem = findRefusal(aCandidate({ status: { state: 'AttentionRequired' } }), verdict);
    if (verdict === 'Reclaim' || verdict === 'ResumeReclaim') expect(problem).toMatch(/status.decisionId/);
    else expect(problem).toBeUndefined();
  });
});

describe('--all-ready', () => {
  const of = (name: string, change: Partial<RemovalCandidate> & { action?: 'Downgrade' | 'Remove'; rule?: string } = {}): RemovalCandidate =>
    aCandidate({ name, subject: { ruleRef: { name: change.rule ?? 'business' }, action: change.action ?? 'Remove' }, status: change.status ?? { state: 'Ready' }, ...(change.spec === undefined ? {} : { spec: change.spec }) });

  it('L13: takes the Ready ones of the rule that nobody has decided on, and no other', () => {
    const decided = of('decided', { spec: { ...of('x').spec, decision: { verdict: 'Keep', by: 'a', reason: 'r' } } });
    const candidates = [of('b'), of('a'), of('other', { rule: 'other' }), of('waits', { status: { state: 'AwaitingUser' } }), of('attention', { status: { state: 'AttentionRequired' } }), of('new', { status: {} }), decided];
    expect(readyOf(candidates, 'business').map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  it('C31, L13: says what it would come to', () => {
    const many = [of('a'), of('b', { action: 'Downgrade' }), of('c', { status: { state: 'Ready', blockerCount: 2 } })];
    expect(describeMany(many, 'business', 'Reclaim')).toBe('3 candidate(s) of rule business are Ready and not decided on: 2 to remove for good, 1 to downgrade; something is known to stand in the way of 1. The decision would be Reclaim.');
  });
});

describe('a restore', () => {
  const attempt = { id: 'a', number: 1, phase: 'Done', holder: 'x', startedAt: '2026-11-01T00:00:00Z' } as const;
  const undo = { secret: 's', savedAt: '2026-11-01T00:00:00Z', expiresAt: '2027-02-01T00:00:00Z' };
  it.each<[string, RemovalCandidate['status'], RegExp | undefined]>([
    ['of what was reclaimed', { state: 'ClosedComplete', attempt, undo }, undefined],
    ['guard 4: of what was kept after an attempt that may take effect yet', { state: 'ClosedSkipped', attempt: { ...attempt, phase: 'Unclear' }, undo }, undefined],
    ['of what the vendor refused', { state: 'ClosedSkipped', attempt: { ...attempt, phase: 'Refused' }, undo }, /has reclaimed nothing/],
    ['of what is open', { state: 'Ready', undo }, /has reclaimed nothing; the candidate is Ready/],
    ['of what was done by hand', { state: 'ClosedComplete' }, /has reclaimed nothing/],
    ['of what was kept', { state: 'ClosedSkipped' }, /has reclaimed nothing/],
    ['after what was saved has expired', { state: 'ClosedComplete', attempt, undo: { ...undo, expiresAt: '2026-11-24T12:00:00Z' } }, /has been deleted/],
    ['after what was saved was deleted', { state: 'ClosedComplete', attempt, undo: { ...undo, secret: '' } }, /has been deleted/],
  ])('C29, D4: %s', (_what, status, refusal) => {
    const found = findRestoreRefusal(aCandidate({ status: status! }), now);
    if (refusal === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(refusal);
  });

  it('C29, D4: of one that was asked for in time and waits is no longer refused for its time', () => {
    const waiting = aCandidate({ status: { state: 'ClosedComplete', attempt, undo: { ...undo, expiresAt: '2026-11-24T12:00:00Z' } } });
    waiting.spec.restore = { by: 'maria', reason: 'needed' };
    expect(findRestoreRefusal(waiting, now)).toBeUndefined();
  });
});
