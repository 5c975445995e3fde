import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../api/meta.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { restoreRequestOf } from '../../licensing/candidate/undo-expiry.ts';
import { decideUndo } from './decide-undo.ts';

const dayMs = 86_400_000;
const created = Date.parse('2026-11-24T00:00:00Z');
const text = (time: number): string => new Date(time).toISOString();

function secret(expiresAt: string | undefined, creationTimestamp: string | undefined = text(created)): KubernetesObject {
  const annotations = { 'saaslicense.dev/candidate-uid': 'uid-1', ...(expiresAt === undefined ? {} : { 'saaslicense.dev/expires-at': expiresAt }) };
  return { metadata: { name: 'sub-1.1-undo', namespace: 'team-a', ...(creationTimestamp === undefined ? {} : { creationTimestamp }), annotations } };
}

// Only these fields of it are looked at.
function candidate(undo?: { secret: string; expiresAt: string }, deletionTimestamp?: string, uid = 'uid-1'): RemovalCandidate {
  return { spec: {}, metadata: { name: 'sub-1.1', uid, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) }, status: undo === undefined ? {} : { undo } } as unknown as RemovalCandidate;
}

/** Days after which it is deleted, to the millisecond; undefined = never. */
function lastsDays(object: KubernetesObject, owner?: RemovalCandidate): number | undefined {
  const fate = decideUndo(object, owner, created);
  if (fate.kind === 'Delete') return 0;
  if (fate.requeueAfterMs === undefined) return undefined;
  const end = created + fate.requeueAfterMs;
  expect(decideUndo(object, owner, end - 1)).toEqual({ kind: 'Keep', requeueAfterMs: 1 });
  expect(decideUndo(object, owner, end)).toEqual({ kind: 'Delete' });
  return fate.requeueAfterMs / dayMs;
}

describe('how long what is needed for an undo is kept', () => {
  const in90 = text(created + 90 * dayMs);

  it('D4, guard 7: as long as it says, where its candidate is gone', () => {
    expect(lastsDays(secret(in90))).toBe(90);
    expect(lastsDays(secret(in90), candidate({ secret: 'sub-1.1-undo', expiresAt: in90 }, text(created)))).toBe(90);
  });

  it.each([['none', undefined], ['an empty one', ''], ['words', 'never'], ['a number in words', 'keep 30 days'], ['a bare year', '2020'], ['no day', '2026-13-45T00:00:00Z']])(
    'guard 7: for the longest retention that a rule may have, and no longer, with %s for an annotation',
    (_what, annotation) => {
      expect(lastsDays(secret(annotation))).toBe(366);
    },
  );

  it('guard 7: nobody makes it last for ever', () => {
    expect(lastsDays(secret('2999-01-01T00:00:00Z'))).toBe(366);
    expect(lastsDays(secret(in90), candidate({ secret: 'sub-1.1-undo', expiresAt: '2999-01-01T00:00:00Z' }))).toBe(367);
  });

  it('D4: it is left to a candidate that lives, until that has not deleted it for a day', () => {
    expect(lastsDays(secret(in90), candidate({ secret: 'sub-1.1-undo', expiresAt: in90 }))).toBe(91);
  });

  it('guard 7: what the candidate says counts for more than the annotation, which anybody may have changed', () => {
    expect(lastsDays(secret('2020-01-01T00:00:00Z'), candidate({ secret: 'sub-1.1-undo', expiresAt: in90 }))).toBe(91);
  });

  it.each<[string, object, number]>([
    ['waits: for the longest retention that a rule may have', {}, 367],
    ['was done: no longer than otherwise', { restoredAt: in90, restoredFor: restoreRequestOf({ spec: { restore: { by: 'maria', reason: 'needed' } } as RemovalCandidate['spec'] }) }, 91],
  ])('C29, D4: where an undo was asked for and %s', (_what, done, days) => {
    const { metadata, status } = candidate({ secret: 'sub-1.1-undo', expiresAt: in90 });
    const restore = { by: 'maria', reason: 'needed' };
    const wished = { metadata, spec: { restore }, status: { state: 'ClosedComplete', attempt: { phase: 'Done' }, undo: { ...status?.undo, ...done } } } as unknown as RemovalCandidate;
    expect(lastsDays(secret(in90), wished)).toBe(days);
  });

  it('D4: one that no attempt came of goes when it expires, though its candidate lives', () => {
    expect(lastsDays(secret(in90), candidate())).toBe(90);
    expect(lastsDays(secret(in90), candidate({ secret: '', expiresAt: in90 }))).toBe(90);
  });

  it('guard 4: one that an attempt under way has just saved is not taken from it, whatever its annotation says', () => {
    expect(lastsDays(secret('2020-01-01T00:00:00Z'), candidate())).toBe(1);
  });

  it('guard 4, D4: nor does the expiry of an earlier attempt, which saved under the same name, count against one that is younger', () => {
    expect(lastsDays(secret(in90), candidate({ secret: 'sub-1.1-undo', expiresAt: text(created - 3 * dayMs) }))).toBe(1);
  });

  it('D4, guard 7: a later candidate of the same name neither keeps it nor has it deleted early', () => {
    expect(lastsDays(secret(in90), candidate(undefined, undefined, 'uid-2'))).toBe(90);
    expect(lastsDays(secret('2020-01-01T00:00:00Z'), candidate(undefined, undefined, 'uid-2'))).toBe(0);
  });

  it('nothing is deleted of which it is not known when it was made', () => {
    const { metadata } = secret('2020-01-01T00:00:00Z');
    const { creationTimestamp: _made, ...rest } = metadata;
    expect(lastsDays({ metadata: rest })).toBeUndefined();
  });

  it('D4, guard 7: never before it expires, and never later than the longest retention and two days', () => {
    const days = fc.integer({ min: 1, max: 365 });
    const owners = fc.constantFrom('None', 'Named', 'Unnamed', 'Deleting');
    fc.assert(
      fc.property(days, owners, fc.integer({ min: 0, max: 400 * dayMs }), (retention, owner, later) => {
        const expiresAt = text(created + retention * dayMs);
        const named = { secret: 'sub-1.1-undo', expiresAt };
        const owned = { None: undefined, Named: candidate(named), Unnamed: candidate(), Deleting: candidate(named, expiresAt) }[owner];
        const { kind } = decideUndo(secret(expiresAt), owned, created + later);
        if (later < retention * dayMs) expect(kind).toBe('Keep');
        if (later >= (retention + 1) * dayMs) expect(kind).toBe('Delete');
      }),
    );
  });
});
