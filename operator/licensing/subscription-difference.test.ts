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

const pulledAt = '2026-11-24T09:00:00.000Z';

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
  const difference = new SubscriptionDifference(new Map(compact), pulledAt);
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
    expect(differingFields(fingerprint(stored), wanted, pulledAt)).toEqual({ role: 'observer', jobTitle: null });
  });

  it('tells an absent field from an empty one', () => {
    expect(differingFields(fingerprint({ ...spec, teams: [] }), spec, pulledAt)).toEqual({ teams: null });
    expect(differingFields(fingerprint({ ...spec, jobTitle: '' }), spec, pulledAt)).toEqual({ jobTitle: null });
  });

  describe('guard 9: the same id with another address is another person', () => {
    const stored = { ...spec, userPrincipalName: 'ada@example.test', jobTitle: 'Engineer' };
    const changesTo = (wanted: Partial<SoftwareSubscriptionSpec>, before = stored) => differingFields(fingerprint(before), { ...before, ...wanted }, pulledAt);

    it('says since when, with the facts that changed', () => {
      expect(changesTo({ displayName: 'Bob', userPrincipalName: 'bob@example.test' })).toEqual({ displayName: 'Bob', userPrincipalName: 'bob@example.test', personSince: pulledAt });
    });

    it('another name, role or spelling of the address is the same person', () => {
      expect(changesTo({ displayName: 'Ada King', role: 'observer' })).toEqual({ displayName: 'Ada King', role: 'observer' });
      expect(changesTo({ userPrincipalName: 'Ada@Example.TEST' })).toEqual({ userPrincipalName: 'Ada@Example.TEST' });
    });

    it('an address that comes to be known, or is hidden, is nobody else’s', () => {
      expect(changesTo({ userPrincipalName: 'ada@example.test' }, { ...stored, userPrincipalName: '' })).toEqual({ userPrincipalName: 'ada@example.test' });
      expect(changesTo({ userPrincipalName: '' })).toEqual({ userPrincipalName: '' });
    });

    it('says it once: the next refresh finds nothing to change, and other changes leave it as it is', () => {
      const handedOver = { ...stored, userPrincipalName: 'bob@example.test', personSince: pulledAt };
      const { personSince: _since, ...told } = handedOver;
      expect(differingFields(fingerprint(handedOver), told, '2026-11-25T09:00:00.000Z')).toBeUndefined();
      expect(differingFields(fingerprint(handedOver), { ...told, role: 'observer' }, '2026-11-25T09:00:00.000Z')).toEqual({ role: 'observer' });
    });
  });

  it.each([
    { version: '1000', since: '1000', deleted: true },
    { version: '999', since: '1000', deleted: true },
    { version: '1001', since: '1000', deleted: false },
    { version: '10000', since: '9999', deleted: false },
  ])('guard 6: one written at $version is deleted by a run that began at $since: $deleted', ({ version, since, deleted }) => {
    const stored: StoredSubscription = { name: 'a', uid: 'u', resourceVersion: version, fingerprint: fingerprint(spec) };
    const plan = new SubscriptionDifference(new Map([['a', stored]]), pulledAt).finish(since);
    expect(plan.delete).toEqual(deleted ? [stored] : []);
    // The guard against a shrinking account counts everybody who is gone.
    expect(plan.gone).toBe(1);
  });

  it('guard 6: refuses the same person twice', () => {
    const difference = new SubscriptionDifference(new Map(), pulledAt);
    expect(difference.add({ name: 'a', spec })).toBe(true);
    expect(difference.add({ name: 'a', spec })).toBe(false);
  });
});
