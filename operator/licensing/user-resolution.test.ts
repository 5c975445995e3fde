import { describe, expect, it } from 'vitest';
import { toSubscriptionSpec } from './subscription-facts.ts';
import { resolveUser } from './user-resolution.ts';

const user = { externalUserId: 'PXPGF42', userPrincipalName: 'Sam.Rivera@Acme.example' };

describe('user resolution', () => {
  it('L24: by default the user principal name is both the e-mail address and the user id', () => {
    expect(resolveUser(user, undefined)).toEqual({ resolvedEmail: 'sam.rivera@acme.example', resolvedUserId: 'sam.rivera@acme.example' });
  });

  it('L24: removes the domain where the company knows people by a short name', () => {
    const rules = [{ source: 'UserPrincipalName', target: 'UserId', transform: 'RemoveDomain' }] as const;
    expect(resolveUser(user, rules)).toEqual({ resolvedUserId: 'sam.rivera' });
  });

  it('L24: replaces the domain where the vendor knows people by another one', () => {
    const rules = [{ source: 'UserPrincipalName', target: 'Email', transform: 'ReplaceDomain', domain: 'Corp.Example' }] as const;
    expect(resolveUser(user, rules)).toEqual({ resolvedEmail: 'sam.rivera@corp.example' });
    expect(resolveUser({ ...user, userPrincipalName: 'sam' }, rules)).toEqual({ resolvedEmail: 'sam@corp.example' });
  });

  it('L24: the first rule that gives a value wins, and the vendor’s id stays as it is', () => {
    const rules = [
      { source: 'ExternalUserId', target: 'Email', transform: 'None' },
      { source: 'UserPrincipalName', target: 'Email', transform: 'None' },
      { source: 'ExternalUserId', target: 'UserId', transform: 'None' },
      { source: 'UserPrincipalName', target: 'UserId', transform: 'RemoveDomain' },
    ] as const;
    expect(resolveUser(user, rules)).toEqual({ resolvedEmail: 'sam.rivera@acme.example', resolvedUserId: 'PXPGF42' });
  });

  it('resolves nobody from nothing', () => {
    expect(resolveUser({ externalUserId: 'P1', userPrincipalName: '' }, undefined)).toEqual({});
  });
});

describe('a subscription of a profile with user resolution', () => {
  const facts = { ...user, displayName: 'Sam Rivera', role: 'user', roleGroup: 'FullUser', teams: [], invitationPending: false } as const;
  const source = { profileName: 'p', publisher: 'PagerDuty', product: 'PagerDuty' };

  it('L24: shows who the person is in the company, and nothing twice without rules', () => {
    const rules = [{ source: 'UserPrincipalName', target: 'UserId', transform: 'RemoveDomain' }] as const;
    expect(toSubscriptionSpec(facts, { ...source, userResolution: rules })).toMatchObject({ resolvedUserId: 'sam.rivera' });
    expect(Object.keys(toSubscriptionSpec(facts, source)).filter((key) => key.startsWith('resolved'))).toEqual([]);
  });
});
