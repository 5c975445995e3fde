import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import type { ProfilePosition } from '../../api/license-position.ts';
import { positionParts } from './position-conditions.ts';

// Only these fields of it are looked at.
const position = (change: Partial<ProfilePosition> = {}) => ({ compliance: 'Compliant', needed: 0, unrecognized: 0, ...change }) as ProfilePosition;
const counted = (name: string, change: Partial<ProfilePosition> = {}) => aProfile({ name, status: { position: position(change) } });
const conditions = (profile: ReturnType<typeof counted>, others: ReturnType<typeof counted>[] = []) =>
  Object.fromEntries(positionParts({ profile, profilesOfNamespace: [profile, ...others] }).map(({ type, status, reason }) => [type, `${status} ${reason}`]));

describe('what the licence position says of a profile', () => {
  it('is nothing before the first reconciliation', () => {
    expect(conditions(aProfile())).toEqual({});
  });

  it('S84, L31: whether every product is compliant', () => {
    expect(conditions(counted('a'))['Compliant']).toBe('True Compliant');
    expect(conditions(counted('a', { compliance: 'NoEntitlement' }))['Compliant']).toBe('Unknown NoEntitlement');
    const short = counted('a', { compliance: 'NonCompliant', needed: 9, products: [{ product: 'PagerDuty', compliance: 'NonCompliant', owned: 1, used: 10, needed: 9, available: 0 }] });
    expect(conditions(short)['Compliant']).toBe('False NonCompliant');
    expect(positionParts({ profile: short, profilesOfNamespace: [] })[0]?.message).toContain('PagerDuty: 9 rights more');
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
});
