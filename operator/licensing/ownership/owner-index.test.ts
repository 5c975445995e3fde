import { describe, expect, it } from 'vitest';
import { provisionedBy } from './identity-provider.ts';
import { findOwners, indexOwners } from './owner-index.ts';
import { makeOwnership, type Owner } from './owner.ts';

const owner = (address: string | undefined, externalUserId: string | undefined, reference: string): Owner => ({ address, externalUserId, ownership: makeOwnership('Terraform', reference, () => ['do it there']) });

describe('owners by person', () => {
  const index = indexOwners([owner('anna@example.com', 'PANNA', 'one'), owner('anna@example.com', undefined, 'two'), owner(undefined, 'PANNA', 'three'), owner('bo@example.com', 'PBO', 'four'), owner('anna@example.com', 'PANNA', 'one')]);

  it('D7: are found by address whatever its case, and by id, each once', () => {
    expect(findOwners(index, { addresses: ['Anna@Example.com'], externalUserId: 'PANNA' }).map(({ reference }) => reference).toSorted((a, b) => a.localeCompare(b))).toEqual(['one', 'three', 'two']);
    expect(findOwners(index, { addresses: [], externalUserId: 'PBO' }).map(({ reference }) => reference)).toEqual(['four']);
    expect(findOwners(index, { addresses: ['other@example.com'], externalUserId: 'POTHER' })).toEqual([]);
  });

  it('D7: an address that was changed since is found by the id', () => {
    expect(findOwners(index, { addresses: ['anna.married@example.com'], externalUserId: 'PANNA' })).toHaveLength(2);
  });

  it('are at most as many as a candidate holds', () => {
    const many = indexOwners(Array.from({ length: 20 }, (_, number) => owner('a@example.com', undefined, String(number))));
    expect(findOwners(many, { addresses: ['a@example.com'], externalUserId: 'PA' })).toHaveLength(8);
  });

  it('guard 12: of one person who is named a hundred thousand times as many are kept as a candidate holds, and no proposal is made but for whom it is read', () => {
    let proposals = 0;
    const named = Array.from({ length: 100_000 }, (_, number) => ({ address: 'a@example.com', externalUserId: undefined, ownership: makeOwnership('Terraform', String(number), () => [String((proposals += 1))]) }));
    const kept = indexOwners(named);
    expect(kept.get('a@example.com')).toHaveLength(8);
    expect(proposals).toBe(0);
    expect(findOwners(kept, { addresses: ['a@example.com'], externalUserId: 'PA' })[0]?.proposal).toBe('1');
  });
});

describe('who is provisioned by an identity provider', () => {
  const yes = { provenance: 'IdentityProvider' as const, createdViaSso: false };
  const sso = { provenance: undefined, createdViaSso: true };
  const no = { provenance: undefined, createdViaSso: false };

  it.each([
    ['Detected', yes, true],
    ['Detected', sso, false],
    ['Detected', no, false],
    ['CreatedViaSso', yes, true],
    ['CreatedViaSso', sso, true],
    ['CreatedViaSso', no, false],
    ['Everybody', no, true],
    ['Nobody', yes, false],
  ] as const)('D7, T10: %s with %j', (setting, facts, expected) => {
    expect(provisionedBy(setting, facts) !== undefined).toBe(expected);
  });

  it('T10: a removal warns that it is for good', () => {
    expect(provisionedBy('Detected', yes, [{ action: 'Remove' }])?.proposal).toContain('gone for good');
    expect(provisionedBy('Detected', yes, [{ action: 'Downgrade', downgradeTo: { role: 'observer' } }])?.proposal).toContain('the role observer');
  });
});
