import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roleGroups, type SoftwareSubscriptionSpec } from '../api/software-subscription.ts';
import {
  differingFields,
  fingerprint,
  SubscriptionDifference,
  type SpecChanges,
  type StoredSubscription,
  type SubscriptionPlan,
} from './subscription-difference.ts';

const spec: SoftwareSubscriptionSpec = {
  profileRef: { name: 'pagerduty' },
  externalUserId: 'P1',
  displayName: 'Ada',
  userPrincipalName: 'ada@example.test',
  publisher: 'PagerDuty',
  product: 'PagerDuty',
  subscriptionIdentifier: 'FullUser',
  role: 'user',
  roleGroup: 'FullUser',
  invitationPending: false,
};

const optionalText = fc.option(fc.constantFrom('', 'a', 'b'), { nil: undefined });
const specs: fc.Arbitrary<SoftwareSubscriptionSpec> = fc
  .record({
    displayName: fc.constantFrom('Ada', 'Bob'),
    roleGroup: fc.constantFrom(...roleGroups),
    invitationPending: fc.boolean(),
    edition: optionalText,
    jobTitle: optionalText,
    teams: fc.option(fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }), { nil: undefined }),
  })
  .map((changes) => withoutUndefined({ ...spec, ...changes }));
const accounts = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), specs);

function withoutUndefined(value: object): SoftwareSubscriptionSpec {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as SoftwareSubscriptionSpec;
}

function compare(stored: Record<string, SoftwareSubscriptionSpec>, wanted: Record<string, SoftwareSubscriptionSpec>): SubscriptionPlan {
  const compact = Object.entries(stored).map(([name, value]): [string, StoredSubscription] => [
    name,
    { name, uid: `uid-${name}`, resourceVersion: '1', fingerprint: fingerprint(value) },
  ]);
  const difference = new SubscriptionDifference(new Map(compact));
  for (const [name, value] of Object.entries(wanted)) expect(difference.add({ name, spec: value })).toBe(true);
  return difference.finish('1');
}

/** What the API server does with a JSON merge patch of the spec. */
function mergePatch(stored: SoftwareSubscriptionSpec, changes: SpecChanges): SoftwareSubscriptionSpec {
  const merged: Record<string, unknown> = { ...stored, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as SoftwareSubscriptionSpec;
}

describe('difference of subscriptions', () => {
  it('applied to what is stored gives what is wanted, for any two accounts', () => {
    fc.assert(
      fc.property(accounts, accounts, (stored, wanted) => {
        const plan = compare(stored, wanted);
        const result = { ...stored };
        for (const { name } of plan.delete) delete result[name];
        for (const { name, changes } of plan.update) result[name] = mergePatch(result[name]!, changes);
        for (const { name, spec: created } of plan.create) {
          expect(result).not.toHaveProperty(name);
          result[name] = created;
        }
        expect(result).toEqual(wanted);
        expect(plan.total).toBe(Object.keys(wanted).length);
        expect(plan.stored).toBe(Object.keys(stored).length);
      }),
    );
  });

  it('is empty when nothing changed', () => {
    fc.assert(
      fc.property(accounts, (account) => {
        const plan = compare(account, account);
        expect([plan.create, plan.update, plan.delete]).toEqual([[], [], []]);
      }),
    );
  });

  it('names only the fields that differ, and null for one that is gone', () => {
    const stored = { ...spec, jobTitle: 'Engineer', edition: 'Business' };
    const wanted = { ...spec, edition: 'Business', role: 'observer' };
    expect(differingFields(fingerprint(stored), wanted)).toEqual({ role: 'observer', jobTitle: null });
  });

  it('tells an absent field from an empty one', () => {
    expect(differingFields(fingerprint({ ...spec, teams: [] }), spec)).toEqual({ teams: null });
    expect(differingFields(fingerprint({ ...spec, jobTitle: '' }), spec)).toEqual({ jobTitle: null });
  });

  it.each([
    { version: '1000', since: '1000', deleted: true },
    { version: '999', since: '1000', deleted: true },
    { version: '1001', since: '1000', deleted: false },
    { version: '10000', since: '9999', deleted: false },
  ])('guard 6: one written at $version is deleted by a run that began at $since: $deleted', ({ version, since, deleted }) => {
    const stored: StoredSubscription = { name: 'a', uid: 'u', resourceVersion: version, fingerprint: fingerprint(spec) };
    const plan = new SubscriptionDifference(new Map([['a', stored]])).finish(since);
    expect(plan.delete).toEqual(deleted ? [stored] : []);
    // The guard against a shrinking account counts everybody who is gone.
    expect(plan.gone).toBe(1);
  });

  it('guard 6: refuses the same person twice', () => {
    const difference = new SubscriptionDifference(new Map());
    expect(difference.add({ name: 'a', spec })).toBe(true);
    expect(difference.add({ name: 'a', spec })).toBe(false);
  });
});
