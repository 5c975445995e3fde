import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileLabelValue, subscriptionName } from './subscription-name.ts';

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const profileNames = fc.stringMatching(/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/);
const ids = fc.oneof(fc.stringMatching(/^P[A-Z0-9]{6}$/), fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }));

describe('name of a subscription', () => {
  it('can be read', () => {
    expect(subscriptionName('pagerduty', 'PXPGF42')).toMatch(/^pagerduty-pxpgf42-[0-9a-z]{11}$/);
  });

  it('is a DNS label for any profile and any id', () => {
    fc.assert(fc.property(profileNames, ids, (profile, id) => dnsLabel.test(subscriptionName(profile, id))));
  });

  it('keeps ids apart that differ only by case or in characters that a name may not have', () => {
    const names = ['Pa', 'PA', 'pa', 'p-a', 'p a', 'p/a', '-pa-', 'pá', '🎉', '💥', '---', ' '].map((id) => subscriptionName('x', id));
    expect(new Set(names).size).toBe(names.length);
  });

  it('keeps profiles apart whose names run into an id', () => {
    expect(subscriptionName('a-b', 'c')).not.toBe(subscriptionName('a', 'b-c'));
    expect(subscriptionName('a.b', 'c')).not.toBe(subscriptionName('a-b', 'c'));
  });

  it('is the same for the same person and another for any other', () => {
    fc.assert(
      fc.property(profileNames, ids, profileNames, ids, (profile, id, otherProfile, otherId) => {
        expect(subscriptionName(profile, id)).toBe(subscriptionName(profile, id));
        const same = profile === otherProfile && id === otherId;
        if (!same) expect(subscriptionName(profile, id)).not.toBe(subscriptionName(otherProfile, otherId));
      }),
    );
  });
});

describe('label value of a profile', () => {
  it('is its name while that fits', () => {
    expect(profileLabelValue('pagerduty')).toBe('pagerduty');
    expect(profileLabelValue('x'.repeat(63))).toBe('x'.repeat(63));
  });

  it('is a valid label value for any name, and keeps long names apart', () => {
    fc.assert(fc.property(profileNames, (name) => labelValue.test(profileLabelValue(name))));
    expect(profileLabelValue(`${'x'.repeat(80)}a`)).not.toBe(profileLabelValue(`${'x'.repeat(80)}b`));
  });
});
