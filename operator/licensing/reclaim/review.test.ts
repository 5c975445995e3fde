import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aReclamationRule } from '../../../test/support/rule-builders.ts';
import { defineReclamationRule, type ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import { sha256 } from '../../api/sha256.ts';
import { canonicalText } from '../hash.ts';
import { changesSinceConfirmed, decideReview, isConfirmed, reviewFacts, reviewId, type RuleForm } from './review.ts';

type Spec = ReclamationRuleSpec;
type Values = { readonly [Field in keyof Spec]-?: fc.Arbitrary<Spec[Field]> };

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const words = fc.uniqueArray(word, { minLength: 1, maxLength: 4 });
const days = fc.integer({ min: 1, max: 365 });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const selector = fc.record({ teams: words });
const hash = fc.stringMatching(/^[0-9a-f]{64}$/).map((digits) => `sha256:${digits}`);
const channel = fc.record({ name: word, type: fc.constantFrom('Email' as const, 'Webhook' as const), secretRef: fc.record({ name: word }), audiences: fc.shuffledSubarray(['User', 'Approvers'] as const, { minLength: 1 }).map((list) => [...list]) });
const notify = fc.record({ daysBeforeAutoReclaim: days, approval: fc.constantFrom('Approvers' as const, 'None' as const), reminders: maybe(fc.uniqueArray(days, { maxLength: 3 })), channels: maybe(fc.array(channel, { minLength: 1, maxLength: 2 })) });

/** A field that a rule comes to have needs values here, so that nobody forgets to say whether it is confirmed. */
const decisive = {
  profileRef: fc.record({ name: word }),
  softwareModelRef: maybe(fc.record({ name: word })),
  mode: fc.constantFrom('Observe', 'Propose', 'Enforce'),
  action: fc.constantFrom('Downgrade', 'Remove'),
  downgradeTo: maybe(fc.record({ role: word, subscriptionIdentifier: maybe(word) })),
  appliesTo: maybe(selector),
  licenseRoleGroups: fc.shuffledSubarray(['FullUser', 'Stakeholder'] as const, { minLength: 1 }).map((list) => [...list]),
  activitySignals: maybe(fc.uniqueArray(fc.constantFrom('OnCall', 'SignIn', 'Incidents'), { minLength: 1 })),
  lastActivityThresholdDays: days,
  thresholdOverrides: maybe(fc.array(fc.record({ match: selector, lastActivityThresholdDays: days }), { maxLength: 2 })),
  includeNeverActive: fc.boolean(),
  newSeatGraceDays: days,
  pendingInvitationGraceDays: days,
  keepCooldownDays: days,
  maxDataAgeHours: days,
  evaluationPeriodHours: days,
  protect: fc.record({ tags: fc.uniqueArray(word, { maxLength: 3 }), roles: maybe(words) }),
  limits: fc.record({ maxPerRun: days, maxPercent: days, maxCandidateRatio: days, minAdmins: days }),
  notify: maybe(notify),
  justification: fc.constantFrom('LowUsage', 'RestrictedSoftware'),
  condition: maybe(word),
  leaversRef: maybe(fc.record({ name: word, key: word })),
  freezeWindows: maybe(fc.array(fc.record({ reason: word, schedule: word, hours: days }), { maxLength: 2 })),
  undoRetentionDays: days,
} as const satisfies Partial<Values>;
const apart = {
  confirmedRule: maybe(fc.stringMatching(/^[0-9a-f]{40}$/)),
  confirmedPlan: maybe(hash),
  suspend: fc.boolean(),
  assignmentGroup: word,
  closedRetentionDays: days,
} as const satisfies Partial<Values>;
const allFields = { ...decisive, ...apart } as Values;
const anySpec = fc.record(allFields) as fc.Arbitrary<Spec>;

const id = (spec: Spec, name = 'business'): string => reviewId({ name, spec }, sha256);
const aSpec = (change: Partial<Spec> = {}): Spec => aReclamationRule({ spec: change }).spec;
const settings = { seed: 12, numRuns: 300 };

/** The value as it counts: in a set no order. Written for each field that has one, unlike the code, which asks the schema. */
function asItCounts(field: string, value: unknown): string {
  const sets = ['licenseRoleGroups', 'activitySignals', 'teams', 'roles', 'tags', 'reminders', 'audiences'];
  return canonicalText(JSON.parse(JSON.stringify({ [field]: value ?? null }, (key, member: unknown) => (sets.includes(key) && Array.isArray(member) ? member.map(String).sort((a, b) => (a < b ? -1 : 1)) : member))));
}

describe('the id of a rule that a person confirms', () => {
  it('every field of a rule is either part of what is confirmed or apart, and a new one has to be said', () => {
    const { shape } = defineReclamationRule().spec as unknown as { shape: object };
    expect(Object.keys(allFields).toSorted()).toEqual(Object.keys(shape).toSorted());
    const named = reviewFacts({ name: 'business', spec: aSpec({ ...fc.sample(anySpec, { seed: 1, numRuns: 1 })[0] }) }).map(({ field }) => field);
    for (const field of Object.keys(apart)) expect(named).not.toContain(`spec.${field}`);
  });

  it.each(Object.keys(decisive) as (keyof typeof decisive)[])('(f): any change of %s is another rule', (field) => {
    fc.assert(
      fc.property(anySpec, allFields[field] as fc.Arbitrary<never>, (spec, value) => {
        const isSame = asItCounts(field, spec[field]) === asItCounts(field, value);
        expect(id({ ...spec, [field]: value }) === id(spec)).toBe(isSame);
      }),
      settings,
    );
  });

  it.each(Object.keys(apart) as (keyof typeof apart)[])('a change of %s is none: it decides neither who is touched, nor what, nor how fast', (field) => {
    fc.assert(fc.property(anySpec, allFields[field] as fc.Arbitrary<never>, (spec, value) => {
      expect(id({ ...spec, [field]: value })).toBe(id(spec));
    }), settings);
  });

  it('is made from the name, too: the same words in another rule are another rule', () => {
    expect(id(aSpec(), 'other')).not.toBe(id(aSpec()));
  });

  it('means nothing by the order of a set, at any depth, and something by the order of a list', () => {
    const [a, b] = [{ match: { teams: ['x', 'y'] }, lastActivityThresholdDays: 90 }, { match: { roles: ['z'] }, lastActivityThresholdDays: 30 }];
    const before = aSpec({ thresholdOverrides: [a, b], protect: { tags: ['k', 'l'] }, licenseRoleGroups: ['FullUser', 'Stakeholder'] });
    const turned = aSpec({ thresholdOverrides: [{ ...a, match: { teams: ['y', 'x'] } }, b], protect: { tags: ['l', 'k'] }, licenseRoleGroups: ['Stakeholder', 'FullUser'] });
    expect(id(turned)).toBe(id(before));
    // The first that matches counts.
    expect(id({ ...before, thresholdOverrides: [b, a] })).not.toBe(id(before));
  });

  it('a default that is written out is the same rule', () => {
    expect(id(aSpec({ keepCooldownDays: 90, protect: { tags: ['license-keep'] } }))).toBe(id(aSpec()));
  });
});

describe('S79, guard 1: whether a rule is confirmed', () => {
  const rule = (change: Partial<Spec> = {}): RuleForm => ({ name: 'business', spec: aSpec(change) });
  const confirmed = rule({ action: 'Remove' });
  const confirmedRule = reviewId(confirmed, sha256);

  it('is, with the id of its present form and no other', () => {
    expect(isConfirmed(confirmed, sha256)).toBe(false);
    expect(isConfirmed(rule({ confirmedRule }), sha256)).toBe(true);
    expect(isConfirmed(rule({ confirmedRule: '0'.repeat(40) }), sha256)).toBe(false);
    expect(isConfirmed({ ...rule({ confirmedRule }), name: 'other' }, sha256)).toBe(false);
  });

  it('(f): status says what changed since it was confirmed, old and new, and forgets nothing of it by further edits', () => {
    const first = decideReview(rule({ confirmedRule }), undefined, sha256);
    expect(first).toMatchObject({ id: confirmedRule, confirmed: { id: confirmedRule } });
    expect(first).not.toHaveProperty('changes');
    const edited = rule({ confirmedRule, lastActivityThresholdDays: 1 });
    const second = decideReview(edited, first, sha256);
    expect(second.id).not.toBe(confirmedRule);
    expect(second.changes).toEqual([{ field: 'spec.lastActivityThresholdDays', before: '60', now: '1' }]);
    const further = rule({ confirmedRule, lastActivityThresholdDays: 1, condition: "subscription.role == 'user'" });
    const third = decideReview(further, second, sha256);
    expect(third.changes).toEqual([{ field: 'spec.condition', before: '', now: "subscription.role == 'user'" }, ...second.changes!]);
    expect(changesSinceConfirmed(further, third)).toEqual(third.changes);
    expect(decideReview(rule({ confirmedRule }), third, sha256)).toEqual(first);
  });

  it('a memory that is lost, or of another form than the one that is named, explains nothing and permits nothing', () => {
    const edited = rule({ confirmedRule, lastActivityThresholdDays: 1 });
    const blank = decideReview(edited, undefined, sha256);
    expect(blank).toEqual({ id: reviewId(edited, sha256) });
    expect(changesSinceConfirmed(edited, blank)).toBeUndefined();
    const forged = decideReview(edited, { id: blank.id, confirmed: { id: blank.id, facts: [] } }, sha256);
    expect(isConfirmed(edited, sha256)).toBe(false);
    expect(changesSinceConfirmed(edited, forged)).toBeUndefined();
  });

  it('guard 7: status holds no address and no text beyond its limit, and tells hidden and cut values apart all the same', () => {
    const long = (end: string): string => `subscription.role != '${'x'.repeat(1500)}${end}'`;
    const pairs: [string, string][] = [["subscription.person == 'ann@example.com'", "subscription.person == 'bob@example.com'"], [long('a'), long('b')]];
    for (const [before, now] of pairs) {
      const first = rule({ condition: before });
      const seen = decideReview({ ...first, spec: { ...first.spec, confirmedRule: reviewId(first, sha256) } }, undefined, sha256);
      const { changes = [], confirmed: memory } = decideReview(rule({ condition: now }), seen, sha256);
      expect(changes.map(({ field }) => field)).toEqual(['spec.condition']);
      for (const text of [changes[0]!.before, changes[0]!.now, ...memory!.facts.map(({ value }) => value)]) {
        expect(text).not.toContain('@');
        expect(text.length).toBeLessThanOrEqual(512);
      }
    }
  });

  it('the status of any rule is within the bounds of its schema', () => {
    const { status } = defineReclamationRule();
    fc.assert(
      fc.property(anySpec, anySpec, (before, now) => {
        const named = { name: 'x'.repeat(253), spec: before };
        const seen = decideReview({ ...named, spec: { ...before, confirmedRule: reviewId(named, sha256) } }, undefined, sha256);
        const review = decideReview({ name: named.name, spec: now }, seen, sha256);
        expect(status.safeParse({ review }).success).toBe(true);
      }),
      settings,
    );
  });
});
