import { describe, expect, it } from 'vitest';
import { aSeat, daysAgo, positionNow } from '../../../test/support/position-company.ts';
import type { Seat, Watch } from './facts.ts';
import { ageBucket, classifyUse } from './use.ts';

const watch: Watch = { from: daysAgo(100), to: positionNow };
const never = { activity: 'Never', lastActivity: undefined } as const;

type Change = { readonly [Name in keyof Seat]?: Seat[Name] | undefined };

/** A seat without the facts that are given as undefined. */
function seat(change: Change): Seat {
  return Object.fromEntries(Object.entries({ ...aSeat({ name: 'seat' }), ...change }).filter(([, value]) => value !== undefined)) as unknown as Seat;
}

function classOf(change: Change, context: { watch?: Watch | undefined; thresholdDays?: number } = {}): string {
  return classifyUse(seat(change), { watch, thresholdDays: 60, now: positionNow, ...context });
}

describe('use of a right', () => {
  it.each([
    { row: 'C17', story: 'an invitation nobody accepted, whatever else is known', change: { pending: true }, expected: 'PendingInvitation' },
    { row: 'C17', story: 'an invitation of 29 days, which may still be accepted', change: { pending: true, assignedAt: daysAgo(29) }, expected: 'New' },
    { row: 'C17', story: 'an invitation of 30 days', change: { pending: true, assignedAt: daysAgo(30) }, expected: 'PendingInvitation' },
    { row: 'C17', story: 'an invitation of a hidden date, first seen yesterday', change: { pending: true, firstSeen: daysAgo(1) }, expected: 'New' },
    { row: 'C1, T6', story: 'never active, of a hidden date, first seen an hour ago by a refresh whose evidence reaches back further', change: { ...never, firstSeen: daysAgo(0.04) }, expected: 'New' },
    { row: 'C1, T6', story: 'never active, of a hidden date, seen for the whole threshold', change: { ...never, firstSeen: daysAgo(60) }, expected: 'NeverUsed' },
    { row: 'L33', story: 'active 10 days ago', change: { lastActivity: daysAgo(10) }, expected: 'Active' },
    { row: 'L33', story: 'active exactly 60 days ago', change: { lastActivity: daysAgo(60) }, expected: 'Active' },
    { row: 'L33', story: 'active a millisecond before that', change: { lastActivity: daysAgo(60) - 1 }, expected: 'Stale' },
    { row: 'L33', story: 'active 90 days ago', change: { lastActivity: daysAgo(90) }, expected: 'Stale' },
    { row: 'L33', story: 'watched for a year and never active', change: { ...never, assignedAt: daysAgo(365) }, expected: 'NeverUsed' },
    { row: 'T6', story: 'never active, with a date of assignment that is hidden', change: { ...never }, expected: 'NeverUsed' },
    { row: 'C1', story: 'never active, assigned 59 days ago', change: { ...never, assignedAt: daysAgo(59) }, expected: 'New' },
    { row: 'C1', story: 'never active, assigned exactly 60 days ago', change: { ...never, assignedAt: daysAgo(60) }, expected: 'NeverUsed' },
    { row: 'C1', story: 'new, though watched since yesterday only', change: { ...never, assignedAt: daysAgo(3), evidenceFrom: daysAgo(1) }, expected: 'New' },
    { row: 'T3', story: 'activity that nobody looked for', change: { activity: undefined, lastActivity: undefined }, expected: 'Unknown' },
    { row: 'T3', story: 'activity that no signal can see', change: { activity: 'Unknown', lastActivity: undefined }, expected: 'Unknown' },
    { row: 'T3', story: 'never active, as far as evidence of 59 days goes', change: { ...never, evidenceFrom: daysAgo(59) }, expected: 'Unknown' },
    { row: 'T3', story: 'never active, by evidence of exactly 60 days', change: { ...never, evidenceFrom: daysAgo(60) }, expected: 'NeverUsed' },
    { row: 'T3', story: 'active long ago, and not watched since when', change: { lastActivity: daysAgo(90), evidenceFrom: undefined }, expected: 'Unknown' },
    { row: 'T3', story: 'activity without its time', change: { lastActivity: undefined }, expected: 'Unknown' },
  ] as const)('$row: $story → $expected', ({ change, expected }) => {
    expect(classOf(change)).toBe(expected);
  });

  it('T3: where nobody watches, only activity that was seen is judged', () => {
    expect(classOf({ lastActivity: daysAgo(59) }, { watch: undefined })).toBe('Active');
    expect(classOf({ lastActivity: daysAgo(90) }, { watch: undefined })).toBe('Unknown');
    expect(classOf({ ...never, assignedAt: daysAgo(1) }, { watch: undefined })).toBe('Unknown');
  });

  it('T3: a watch that is shorter than the threshold judges nobody, though the evidence on the person is longer', () => {
    expect(classOf({ lastActivity: daysAgo(90) }, { watch: { from: daysAgo(59), to: positionNow } })).toBe('Unknown');
    expect(classOf({ ...never }, { watch: { from: daysAgo(59), to: positionNow } })).toBe('Unknown');
  });

  it('L33: days on which nobody looked do not make anybody stale: the threshold ends with the evidence', () => {
    expect(classOf({ lastActivity: daysAgo(65) }, { watch: { from: daysAgo(100), to: daysAgo(6) } })).toBe('Active');
    expect(classOf({ lastActivity: daysAgo(67) }, { watch: { from: daysAgo(100), to: daysAgo(6) } })).toBe('Stale');
  });
});

describe('days since the last activity', () => {
  it.each([
    [daysAgo(-1), 'upTo30'],
    [daysAgo(30), 'upTo30'],
    [daysAgo(30) - 1, 'upTo60'],
    [daysAgo(60), 'upTo60'],
    [daysAgo(60) - 1, 'upTo90'],
    [daysAgo(90), 'upTo90'],
    [daysAgo(90) - 1, 'over90'],
    [undefined, 'none'],
  ])('S83: %s is %s', (time, bucket) => {
    expect(ageBucket(time, positionNow)).toBe(bucket);
  });
});
