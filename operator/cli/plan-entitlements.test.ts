import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { OperatorError } from '../api/errors.ts';
import { anEntitlement } from '../../test/support/position-builders.ts';
import { parseEntitlements, readEntitlements } from './plan-entitlements.ts';

/** A manifest as a person writes it. */
function manifest(name: string, spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): string {
  const { apiVersion, kind, spec: full } = anEntitlement();
  return stringify({ apiVersion, kind, metadata: { name, ...metadata }, spec: { ...full, ...spec } });
}

const parse = (text: string) => parseEntitlements('e.yaml', text, 'team-a');

function problem(text: string): string {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError);
    return (error as OperatorError).message;
  }
  return '';
}

describe('--entitlements', () => {
  it('reads several documents and a List as kubectl prints it, with the defaults of the kind', () => {
    const { period: _period, ...spec } = anEntitlement().spec;
    const item = { apiVersion: 'saaslicense.dev/v1alpha1', kind: 'SoftwareEntitlement', metadata: { name: 'a', namespace: 'team-a', uid: 'x' }, spec, status: { state: 'Active' } };
    const text = `${manifest('c')}---\n---\n${manifest('b')}---\n${stringify({ apiVersion: 'v1', kind: 'List', items: [item] })}`;
    expect(parse(text).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(parse(text)[0]).toEqual({ name: 'a', model: 'pagerduty-business', rights: 100, price: { amountMinor: 4100, currency: 'USD', period: 'Month' }, billing: 'MonthlyPeak', start: '2026-01-01' });
  });

  it.each([
    [manifest('a', { purchasedRights: 0 }), 'manifest 1: spec.purchasedRights: '],
    [manifest('a', { purchasedRight: 1 }), 'manifest 1: spec: Unrecognized key'],
    [manifest('a', { unitCost: { amountMinor: 4100.5, currency: 'USD' } }), 'spec.unitCost.amountMinor: '],
    [manifest('a', { billing: 'AnnualCommit' }), 'manifest 1 (a): spec.endDate must be set when billing is AnnualCommit'],
    [manifest('a', { endDate: '2025-01-01' }), 'spec.endDate must not be before startDate'],
    [manifest('a', { startDate: '2026-02-30' }), 'spec.startDate must be a day'],
    [manifest('a', { endDate: 'soon' }), 'spec.endDate must be a day'],
    [manifest('a', { renewal: {} }), 'spec.endDate must be set when renewal is'],
    [manifest('a', { purchasedRights: 10_000_000, unitCost: { amountMinor: 10_000_000_000, currency: 'USD' } }), 'must not exceed 9000000000000000 minor units'],
    [manifest('Not A Name'), 'metadata.name: '],
    [manifest('a', {}, { namespace: 'team-b' }), 'manifest 1 is for another namespace than team-a'],
    [`${manifest('a')}---\n${manifest('a')}`, 'SoftwareEntitlement a is in it twice'],
    ['apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n', 'manifest 1: apiVersion: '],
    ['', 'there is no SoftwareEntitlement in it'],
    ['a: [', 'line 1 is not YAML'],
    ['just text', 'manifest 1: the file as a whole: '],
  ])('C32: %# is refused in a sentence', (text, expected) => {
    expect(problem(text)).toContain(`e.yaml is not used: `);
    expect(problem(text)).toContain(expected);
  });

  it('C32: is refused when its aliases stand for too much', () => {
    const bomb = ['a0: &a0 [x, x]', ...Array.from({ length: 30 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(9)}*a${index}]`)].join('\n');
    expect(problem(bomb)).toContain('its aliases stand for too much');
  });

  it('says so when there is no file', async () => {
    await expect(readEntitlements('no-such-file.yaml', 'team-a')).rejects.toThrow('no-such-file.yaml cannot be read (ENOENT): name a file of SoftwareEntitlement manifests.');
  });
});
