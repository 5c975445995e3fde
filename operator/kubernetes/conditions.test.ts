import { expect, it } from 'vitest';
import { setConditions, type WantedCondition } from './conditions.ts';
import { truncateBytes, truncateText } from './truncate.ts';

const now = '2026-11-24T12:00:00.000Z';
const before = '2026-11-01T00:00:00.000Z';
const ready = (status: WantedCondition['status'], message = 'm'): WantedCondition => ({
  type: 'Ready',
  status,
  reason: 'R',
  message,
  observedGeneration: 2,
});

it('moves the transition time only with the status (facts/operators.md B1.7)', () => {
  const existing = [{ ...ready('True'), lastTransitionTime: before }];
  expect(setConditions(existing, [ready('True', 'other words')], { now })).toEqual([
    { ...ready('True', 'other words'), lastTransitionTime: before },
  ]);
  expect(setConditions(existing, [ready('False')], { now })[0]?.lastTransitionTime).toBe(now);
});

it('is the same again for the same wish, in the order of types', () => {
  const wanted = [{ ...ready('True'), type: 'Zeta' }, ready('Unknown')];
  const once = setConditions(undefined, wanted, { now: before });
  expect(once.map((each) => each.type)).toEqual(['Ready', 'Zeta']);
  expect(setConditions(once, wanted.toReversed(), { now })).toEqual(once);
});

it('drops what we own and no longer say, and keeps what others say', () => {
  const existing = ['Stalled', 'Theirs'].map((type) => ({ ...ready('True'), type, lastTransitionTime: before }));
  const next = setConditions(existing, [ready('True')], { now, ownedTypes: ['Ready', 'Stalled'] });
  expect(next.map((each) => each.type)).toEqual(['Ready', 'Theirs']);
});

it('cuts long messages without cutting a character', () => {
  expect(truncateText('abcdef', 6)).toBe('abcdef');
  expect(truncateText('abcdef', 4)).toBe('abc…');
  expect(truncateText('ab😀def', 4)).toBe('ab…');
  expect(truncateBytes('äöü', 6)).toBe('äöü');
  expect(truncateBytes('äöüß', 7)).toBe('äö…');
  expect(truncateBytes('a😀b', 5)).toBe('a…');
  expect(setConditions([], [ready('False', 'x'.repeat(9_000))], { now })[0]?.message).toHaveLength(2048);
});
