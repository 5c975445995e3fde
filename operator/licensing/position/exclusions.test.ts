import { describe, expect, it } from 'vitest';
import { createExclusionMatcher } from './exclusions.ts';

const seat = { person: 'sam@example.com', aliases: ['s.rivera@vendor.example'], identifier: 'LFULL' };

describe('exclusions of a subscription', () => {
  it('L26: one of a person counts in profiles of any type, by any of their addresses, in any case', () => {
    const byAddress = [{ name: 'leave', person: 'Sam@Example.com' }, { name: 'vendor', person: 's.rivera@vendor.example' }, { name: 'other', person: 'kim@example.com' }];
    for (const type of ['PagerDuty', 'Other']) expect(createExclusionMatcher(byAddress, type)(seat)).toEqual(['leave', 'vendor']);
    expect(createExclusionMatcher([{ name: 'leave', person: 'sam@example.com' }], 'PagerDuty')({ ...seat, person: 'SAM@example.com' })).toEqual(['leave']);
  });

  it('L26: one of a licence counts only in profiles of its type, to the letter', () => {
    const exclusions = [{ name: 'trial', licence: { type: 'PagerDuty', identifier: 'LFULL' } }];
    expect(createExclusionMatcher(exclusions, 'PagerDuty')(seat)).toEqual(['trial']);
    expect(createExclusionMatcher(exclusions, 'Other')(seat)).toEqual([]);
    expect(createExclusionMatcher(exclusions, 'PagerDuty')({ ...seat, identifier: 'lfull' })).toEqual([]);
  });

  it('L26: names each exclusion once, however often it matches, and several of the same person', () => {
    const exclusions = [{ name: 'a', person: 'sam@example.com' }, { name: 'b', person: 'sam@example.com' }];
    expect(createExclusionMatcher(exclusions, 'PagerDuty')({ ...seat, aliases: ['sam@example.com'] })).toEqual(['a', 'b']);
  });
});
