import { describe, expect, it } from 'vitest';
import { defineSoftwareSubscription } from '../api/software-subscription.ts';
import { toSubscriptionSpec, type SubscriptionFacts } from './subscription-facts.ts';

const source = { profileName: 'pagerduty', publisher: 'PagerDuty', product: 'PagerDuty' };
const facts: SubscriptionFacts = {
  externalUserId: 'PXPGF42',
  displayName: 'Ada Lovelace',
  userPrincipalName: 'ada@example.test',
  role: 'limited_user',
  roleGroup: 'FullUser',
  jobTitle: 'Engineer',
  teams: ['Payments', 'Core'],
  invitationPending: false,
  license: { identifier: 'PLIC1', name: 'Business (Full User)' },
  assignedAt: '2021-06-01T00:00:00-05:00',
};

describe('spec of a subscription', () => {
  it('L23: holds the downloaded facts, teams sorted and times in UTC', () => {
    expect(toSubscriptionSpec(facts, source)).toEqual({
      profileRef: { name: 'pagerduty' },
      externalUserId: 'PXPGF42',
      displayName: 'Ada Lovelace',
      userPrincipalName: 'ada@example.test',
      publisher: 'PagerDuty',
      product: 'PagerDuty',
      edition: 'Business (Full User)',
      subscriptionIdentifier: 'PLIC1',
      role: 'limited_user',
      roleGroup: 'FullUser',
      jobTitle: 'Engineer',
      teams: ['Core', 'Payments'],
      invitationPending: false,
      assignedAt: '2021-06-01T05:00:00.000Z',
    });
  });

  it('T6: takes the role group as identifier where licences are hidden, and has no undefined key', () => {
    const { license: _license, assignedAt: _assignedAt, jobTitle: _jobTitle, ...hidden } = facts;
    const spec = toSubscriptionSpec({ ...hidden, teams: [] }, source);
    expect(spec.subscriptionIdentifier).toBe('FullUser');
    expect(Object.keys(spec)).not.toEqual(expect.arrayContaining(['edition']));
    expect(['edition', 'assignedAt', 'jobTitle', 'teams'].filter((key) => key in spec)).toEqual([]);
  });

  it('C17: keeps an outstanding invitation', () => {
    expect(toSubscriptionSpec({ ...facts, invitationPending: true }, source).invitationPending).toBe(true);
  });

  it('cuts everything to the bounds of the schema', () => {
    const long = '🎉'.repeat(400);
    const spec = toSubscriptionSpec(
      {
        ...facts,
        externalUserId: long,
        displayName: long,
        userPrincipalName: long,
        role: long,
        jobTitle: long,
        license: { identifier: long, name: long },
        teams: Array.from({ length: 120 }, (_, index) => `${index}${long}`),
      },
      { profileName: 'pagerduty', publisher: long, product: long },
    );
    expect(defineSoftwareSubscription().spec.parse(spec)).toEqual(spec);
    expect(spec.teams).toHaveLength(50);
  });

  it('does not let another spelling of the same time, or a repeated team, look like a change', () => {
    const other = { ...facts, assignedAt: '2021-06-01T07:00:00+02:00', teams: ['Core', 'Payments', 'Core'] };
    expect(toSubscriptionSpec(other, source)).toEqual(toSubscriptionSpec(facts, source));
  });

  it('leaves out an assignment time that is no time', () => {
    expect('assignedAt' in toSubscriptionSpec({ ...facts, assignedAt: 'yesterday' }, source)).toBe(false);
  });
});
