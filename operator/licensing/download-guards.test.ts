import { describe, expect, it } from 'vitest';
import { refuseActivity, refuseDownload } from './download-guards.ts';

describe('guards of a complete download', () => {
  it.each([
    { story: 'a first import', sizes: { total: 300, stored: 0, deletions: 0 }, reason: undefined },
    { story: 'an empty account that was empty before', sizes: { total: 0, stored: 0, deletions: 0 }, reason: undefined },
    { story: 'nobody where there were people', sizes: { total: 0, stored: 1, deletions: 1 }, reason: 'EmptyDownload' },
    { story: 'ten of eleven gone', sizes: { total: 1, stored: 11, deletions: 10 }, reason: undefined },
    { story: 'eleven of twelve gone', sizes: { total: 1, stored: 12, deletions: 11 }, reason: 'SuspiciousShrink' },
    { story: 'exactly half gone', sizes: { total: 50, stored: 100, deletions: 50 }, reason: undefined },
    { story: 'just over half gone', sizes: { total: 49, stored: 100, deletions: 51 }, reason: 'SuspiciousShrink' },
    { story: 'a small account replaced wholesale', sizes: { total: 7, stored: 10, deletions: 10 }, reason: 'SuspiciousShrink' },
    { story: 'as many people, but others', sizes: { total: 100, stored: 100, deletions: 100 }, reason: 'SuspiciousShrink' },
  ])('guard 6: $story → $reason', ({ sizes, reason }) => {
    expect(refuseDownload(sizes, undefined)?.reason).toBe(reason);
  });

  it('lets a shrink pass when a person confirmed the vendor’s own number, and no other', () => {
    const sizes = { total: 49, stored: 100, deletions: 51 };
    expect(refuseDownload(sizes, '49')).toBeUndefined();
    expect(refuseDownload(sizes, '48')?.reason).toBe('SuspiciousShrink');
    expect(refuseDownload(sizes, 'true')?.reason).toBe('SuspiciousShrink');
    expect(refuseDownload(sizes, undefined)?.message).toContain('saaslicense.dev/accept-shrink: "49"');
  });

  it('never lets an empty list pass', () => {
    expect(refuseDownload({ total: 0, stored: 100, deletions: 100 }, '0')?.reason).toBe('EmptyDownload');
  });
});

describe('guards of complete activity', () => {
  it.each([
    { story: 'nobody was active', sizes: { observed: 0, known: 0 }, reason: undefined },
    { story: 'everybody is known', sizes: { observed: 9, known: 9 }, reason: undefined },
    { story: 'half of them are known', sizes: { observed: 10, known: 5 }, reason: undefined },
    { story: 'fewer than half are known', sizes: { observed: 11, known: 5 }, reason: 'PeopleNotKnown' },
    { story: 'the only one is a stranger', sizes: { observed: 1, known: 0 }, reason: 'PeopleNotKnown' },
  ])('guard 6: $story → $reason', ({ sizes, reason }) => {
    expect(refuseActivity(sizes, undefined)?.reason).toBe(reason);
  });

  it('lets people pass who left when somebody confirmed how many they are, and no other number', () => {
    const sizes = { observed: 11, known: 5 };
    expect(refuseActivity(sizes, '6')).toBeUndefined();
    expect(refuseActivity(sizes, '5')?.message).toContain('saaslicense.dev/accept-unknown-people: "6"');
  });
});
