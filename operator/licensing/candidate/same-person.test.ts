import { describe, expect, it } from 'vitest';
import { isOtherAddress, isSamePerson } from './same-person.ts';

const subject = { externalUserId: 'PABC123', userPrincipalName: 'Ada@example.com' };

describe('guard 9: a person is an id and an address', () => {
  it('the same id and address is the same person, however the address is written', () => {
    expect(isSamePerson(subject, { externalUserId: 'PABC123', userPrincipalName: ' ada@EXAMPLE.com' })).toBe(true);
  });

  it('the same id with another address is somebody else: the seat was handed over', () => {
    expect(isSamePerson(subject, { externalUserId: 'PABC123', userPrincipalName: 'bob@example.com' })).toBe(false);
  });

  it('another id is another seat, whatever the address', () => {
    expect(isSamePerson(subject, { externalUserId: 'PXYZ789', userPrincipalName: 'ada@example.com' })).toBe(false);
    expect(isSamePerson(subject, { externalUserId: 'pabc123', userPrincipalName: 'ada@example.com' })).toBe(false);
  });

  it('where an address is not known, the id decides', () => {
    expect(isSamePerson({ externalUserId: 'PABC123' }, { externalUserId: 'PABC123', userPrincipalName: 'ada@example.com' })).toBe(true);
    expect(isSamePerson(subject, { externalUserId: 'PABC123', userPrincipalName: '' })).toBe(true);
    expect(isOtherAddress('  ', 'ada@example.com')).toBe(false);
  });
});
