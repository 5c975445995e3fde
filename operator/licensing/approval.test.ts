import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { approvalId, changesBetween, describeChanges } from './approval.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const facts = [
  { field: 'action', value: 'Downgrade' },
  { field: 'address', value: 'ada@example.com' },
];

describe('what a person approves is bound to an id of what they saw', () => {
  it('equal facts have one id, whatever their order', () => {
    expect(approvalId(facts, digest)).toMatch(/^[0-9a-f]{40}$/);
    expect(approvalId(facts.toReversed(), digest)).toBe(approvalId(facts, digest));
  });

  it('another value, another field and one fact less have another id', () => {
    const others = [[{ field: 'action', value: 'Remove' }, ...facts.slice(1)], facts.slice(1), [...facts, { field: 'role', value: '' }], [{ field: 'actionaddress', value: 'Downgradeada@example.com' }]];
    const ids = [facts, ...others].map((each) => approvalId(each, digest));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('says what changed, old and new', () => {
    const now = [{ field: 'action', value: 'Remove' }, ...facts.slice(1), { field: 'target', value: 'x'.repeat(300) }];
    const changes = changesBetween(facts, now);
    expect(changes.map(({ field }) => field)).toEqual(['action', 'target']);
    expect(describeChanges(changes)).toBe(`action was Downgrade and is Remove; target was not set and is ${'x'.repeat(200)}…`);
    expect(changesBetween(facts, facts.toReversed())).toEqual([]);
  });
});
