import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import type { ProfilePosition } from '../../api/license-position.ts';
import { positionParts } from './position-conditions.ts';

// Only these fields of it are looked at.
const position = (change: Partial<ProfilePosition> = {}) => ({ compliance: 'Compliant', needed: 0, unrecognized: 0, ...change }) as ProfilePosition;
const counted = (name: string, change: Partial<ProfilePosition> = {}) => aProfile({ name, status: { position: position(change) } });
const partsOf = (profile: ReturnType<typeof counted>, others: ReturnType<typeof counted>[] = [], accounts: Record<string, string> = {}) => positionParts({ profile, profilesOfNamespace: [profile, ...others], accounts: new Map(Object.entries(accounts)) });
const conditions = (...input: Parameters<typeof partsOf>) =>
  Object.fromEntries(partsOf(...input).map(({ type, status, reason }) => [type, `${status} ${reason}`]));

describe('what the licence position says of a profile', () => {
  it('is nothing before the first reconciliation', () => {
    expect(conditions(aProfile())).toEqual({});
  });

  it('S84, L31: whether every product is compliant', () => {
    expect(conditions(counted('a'))['Compliant']).toBe('True Compliant');
    expect(conditions(counted('a', { compliance: 'NoEntitlement' }))['Compliant']).toBe('Unknown NoEntitlement');
    const short = counted('a', { compliance: 'NonCompliant', needed: 9, products: [{ product: 'PagerDuty', compliance: 'NonCompliant', owned: 1, used: 10, needed: 9, available: 0 }] });
    expect(conditions(short)['Compliant']).toBe('False NonCompliant');
    expect(partsOf(short)[0]?.message).toContain('PagerDuty: 9 rights more');
  });

  it('L25: whether every identifier is recognised', () => {
    expect(conditions(counted('a'))['IdentifiersRecognized']).toBe('True IdentifiersRecognized');
    expect(conditions(counted('a', { unrecognized: 3 }))['IdentifiersRecognized']).toBe('False UnrecognizedIdentifiers');
  });

  it('S77: that another profile counts the people of the same connection', () => {
    const elsewhere = aProfile({ name: 'c', spec: { connectionAliasRef: { name: 'europe' } }, status: { position: position() } });
    expect(conditions(counted('a'), [elsewhere, aProfile({ name: 'draft' })])['AccountUnique']).toBe('True AccountUnique');
    expect(conditions(counted('a'), [counted('b')])['AccountUnique']).toBe('False AccountShared');
  });

  it('S77: that another profile counts the people of the same account through another connection', () => {
    const elsewhere = aProfile({ name: 'b', spec: { connectionAliasRef: { name: 'child' } }, status: { position: position() } });
    const same = { a: 'PagerDuty acme (US)', b: 'PagerDuty acme (US)' };
    expect(conditions(counted('a'), [elsewhere], same)['AccountUnique']).toBe('False AccountShared');
    expect(partsOf(counted('a'), [elsewhere], same).find(({ type }) => type === 'AccountUnique')?.message).toContain('b: counts the people of PagerDuty acme (US) too');
    expect(conditions(counted('a'), [elsewhere], { ...same, b: 'PagerDuty acme (EU)' })['AccountUnique']).toBe('True AccountUnique');
  });

  it.each([{}, { a: 'PagerDuty acme (US)' }, { b: 'PagerDuty acme (US)' }])('S77: goes by the connection where the account of one cannot be told: %j', (accounts) => {
    const elsewhere = aProfile({ name: 'b', spec: { connectionAliasRef: { name: 'child' } }, status: { position: position() } });
    expect(conditions(counted('a'), [elsewhere], accounts)['AccountUnique']).toBe('True AccountUnique');
    expect(conditions(counted('a'), [counted('b')], accounts)['AccountUnique']).toBe('False AccountShared');
  });
});
