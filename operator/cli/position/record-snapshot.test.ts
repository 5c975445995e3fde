import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { createPositionTally } from '../../licensing/position/tally.ts';
import { readPositionInput, toSeat } from '../../licensing/position/read-objects.ts';
import { aNamespace, aSnapshot, namespaceNow, signalsOf, toNamespaceObjects, type NamespaceFixture } from '../../../test/support/position-namespace.ts';
import { onlyProfile, recordSnapshot, withoutNames } from './record-snapshot.ts';
import { factsOf } from './snapshot-facts.ts';
import { parseSnapshot, writeSnapshot } from './snapshot-file.ts';

const address = /[^\s@]+@[^\s@]+/;
const dayMs = 86_400_000;

/** What the operator itself would find of a profile. */
function positionOf(fixture: NamespaceFixture, profileName: string, now: number) {
  const profile = fixture.profiles.find(({ metadata }) => metadata.name === profileName)!;
  const input = readPositionInput({ ...fixture, profile, signals: signalsOf(profile.spec.type) }, now);
  const tally = createPositionTally(input);
  for (const subscription of fixture.subscriptions.filter(({ spec }) => spec.profileRef.name === profileName)) tally.add(toSeat(subscription));
  return tally.finish();
}

/** The same from recorded data that went through a file. */
function recordedPositionOf(fixture: NamespaceFixture, profileName: string, now: number) {
  const text = writeSnapshot(aSnapshot(fixture));
  const facts = factsOf(parseSnapshot('snapshot.json', Buffer.from(text)), now);
  const { input, seats } = facts.profiles.find((each) => each.input.profile.name === profileName)!;
  const tally = createPositionTally(input);
  for (const seat of seats) tally.add(seat);
  return tally.finish();
}

/** Without what a pseudonym may stand in: the names of exclusions, and addresses in free text. */
function comparable({ matched, ...report }: ReturnType<typeof positionOf>): unknown {
  const text = JSON.stringify(report).replaceAll(/sre@example\.com|cc-100 ola\.nordmann@example\.com|(cc-100 )?person-\d{6}/g, '(somebody)');
  return { report: JSON.parse(text) as unknown, matched: [...matched.values()].toSorted((a, b) => a - b) };
}

/** Turns every list around, as another API server might give it. */
function turnedAround(fixture: NamespaceFixture): NamespaceFixture {
  return Object.fromEntries(Object.entries(fixture).map(([key, list]) => [key, (list as unknown[]).toReversed()])) as unknown as NamespaceFixture;
}

describe('recorded data: the position made from it is the one made from the objects', () => {
  it.each([
    ['when it was recorded', 0],
    ['weeks later, when the evidence is too old and an exclusion has ended', 40],
    ['after the entitlement has ended', 60],
  ])('%s', (_when, days) => {
    const fixture = aNamespace(120);
    for (const profile of ['pagerduty', 'pagerduty-emea']) {
      const direct = positionOf(fixture, profile, namespaceNow + days * dayMs);
      expect(direct.position.used).toBeGreaterThan(20);
      expect(comparable(recordedPositionOf(fixture, profile, namespaceNow + days * dayMs))).toEqual(comparable(direct));
    }
  });

  it('what a reclaim freed after the time that is asked for was not freed then', () => {
    const freed = (days: number) => factsOf(aSnapshot(), namespaceNow - days * dayMs).profiles[0]?.input.freed.map(({ candidate }) => candidate);
    expect(freed(19)).toEqual(['candidate-3']);
    expect(freed(21)).toEqual([]);
  });

  it('is the same bytes whatever the order of the objects', () => {
    const text = writeSnapshot(aSnapshot());
    expect(writeSnapshot(aSnapshot(turnedAround(aNamespace())))).toBe(text);
    expect(writeSnapshot(parseSnapshot('f', Buffer.from(text)))).toBe(text);
  });

  it('leaves out a subscription or profile that is another one only by name: only what was gathered counts', () => {
    const fixture = aNamespace(9);
    expect(aSnapshot(fixture).counts).toEqual({ profiles: 2, models: 3, contracts: 4, exclusions: 3, candidates: 3, seats: 9, rules: 1 });
  });
});

describe('guard 7: recorded data tells of nobody', () => {
  it('holds no e-mail address and no name, though they are in subscriptions, exclusions, teams, cost centres and display names', () => {
    const text = writeSnapshot(aSnapshot());
    expect(JSON.stringify(aNamespace())).toMatch(address);
    expect(text).not.toMatch(address);
    expect(text).not.toContain('Robin');
    expect(text).not.toContain('person-4-is-on-leave');
  });

  it('--with-people keeps the names of those whom candidates are about, and no address', () => {
    const snapshot = aSnapshot(aNamespace(), { withPeople: true });
    expect(snapshot.candidates.map(({ person }) => person)).toEqual(['Robin Example 1', 'Robin Example 3', 'Robin Example 6']);
    expect(writeSnapshot(snapshot)).not.toMatch(address);
    expect(JSON.stringify(snapshot.profiles)).not.toContain('Robin');
    expect(withoutNames(snapshot)).toEqual(aSnapshot());
  });

  it('L26, L29: the same person has the same pseudonym in both accounts and in an exclusion, whatever the case', () => {
    const fixture = aNamespace(12);
    // Person 4 has a seat in the second account, too.
    fixture.subscriptions[5]!.spec = { ...fixture.subscriptions[5]!.spec, userPrincipalName: 'PERSON.4@EXAMPLE.COM', resolvedEmail: 'person.4@example.com' };
    const { profiles, exclusions } = aSnapshot(fixture);
    const pseudonym = exclusions.find(({ until }) => until === '2027-01-01T00:00:00Z')?.person;
    expect(pseudonym).toMatch(/^person-\d{6}$/);
    const holders = profiles.map(({ seats }) => seats.filter(({ person }) => person === pseudonym).length);
    expect(holders).toEqual([1, 1]);
  });

  it('keeps people apart: as many pseudonyms as people', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), (count) => {
        const fixture = aNamespace(count);
        const people = new Set(toNamespaceObjects(fixture).profiles.flatMap(({ seats }) => seats.map(({ person }) => person)));
        const pseudonyms = new Set(aSnapshot(fixture).profiles.flatMap(({ seats }) => seats.map(({ person }) => person)));
        expect(pseudonyms.size).toBe(people.size);
      }),
      { numRuns: 30, seed: 5 },
    );
  });
});

describe('one profile of it', () => {
  it('keeps what belongs to the profile, and people their pseudonyms', () => {
    const whole = aSnapshot();
    const one = onlyProfile(whole, 'pagerduty-emea');
    expect(one.profiles).toEqual([whole.profiles[1]]);
    expect(one.models.map(({ name }) => name)).toEqual(['emea-business']);
    // An entitlement whose model is nowhere yet may be for this profile.
    expect(one.contracts.map(({ name }) => name)).toEqual(['emea-business', 'of-nothing']);
    expect(one.candidates).toEqual([]);
    expect(one.exclusions).toEqual(whole.exclusions);
    expect(parseSnapshot('f', Buffer.from(writeSnapshot(one)))).toEqual(one);
  });

  it('records a namespace without any profile as one without any', () => {
    const empty = { profiles: [], models: [], entitlements: [], exclusions: [], rules: [], candidates: [], leavers: new Map(), jobs: [], moved: new Set<string>() };
    expect(recordSnapshot(empty, { at: namespaceNow, namespace: 'team-a', withPeople: false, signalsOf }).counts.profiles).toBe(0);
  });
});
