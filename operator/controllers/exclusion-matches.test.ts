import { describe, expect, it } from 'vitest';
import { createExclusionMatches } from './exclusion-matches.ts';

const profile = (name: string) => ({ namespace: 'team-a', name });
const exclusion = { namespace: 'team-a', name: 'on-leave' };

describe('what reconciliations tell exclusions', () => {
  it('L26: is kept by profile, and an exclusion that was not counted yet is not taken for one of nobody', () => {
    const matches = createExclusionMatches();
    matches.set(profile('one'), new Map([['on-leave', 1]]));
    matches.set(profile('two'), new Map([['on-leave', 0]]));
    matches.set(profile('three'), new Map());
    matches.set({ namespace: 'team-b', name: 'four' }, new Map([['on-leave', 9]]));
    expect([...matches.of(exclusion)]).toEqual([['one', 1], ['two', 0]]);
  });

  it('wakes those that a profile has, and those that it had', () => {
    const matches = createExclusionMatches();
    const heard: string[] = [];
    matches.subscribe((key) => heard.push(key));
    matches.set(profile('one'), new Map([['on-leave', 1]]));
    matches.set(profile('one'), new Map([['robot', 1]]));
    matches.forget(profile('one'));
    expect(heard).toEqual(['team-a/on-leave', 'team-a/on-leave', 'team-a/robot', 'team-a/robot']);
    expect([...matches.of(exclusion)]).toEqual([]);
  });
});
