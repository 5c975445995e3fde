import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelValue } from './label-value.ts';

const pattern = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

describe('label value for the name of an object', () => {
  it('is the name while that fits', () => {
    expect(labelValue('pagerduty')).toBe('pagerduty');
    expect(labelValue('x'.repeat(63))).toBe('x'.repeat(63));
  });

  it('is a valid label value for any name, and keeps long names apart', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/), (name) => pattern.test(labelValue(name))));
    expect(labelValue(`${'x'.repeat(80)}a`)).not.toBe(labelValue(`${'x'.repeat(80)}b`));
  });
});
