import { describe, expect, it } from 'vitest';
import { LicenseTally, SubscriptionTally } from './subscription-summary.ts';

describe('summary of subscriptions', () => {
  it('C17: counts recorded, never, unknown and pending invitations', () => {
    const tally = new SubscriptionTally();
    for (const activity of ['Recorded', 'Recorded', 'Never', 'Unknown', undefined] as const) {
      tally.add({ activity, invitationPending: activity === 'Never' });
    }
    expect(tally.finish()).toEqual({ total: 5, recorded: 2, never: 1, unknown: 2, pendingInvitation: 1 });
  });
});

describe('summary of licences', () => {
  const person = { subscriptionIdentifier: 'PLIC1', edition: 'Business (Full User)', roleGroup: 'FullUser' } as const;

  it('C20: joins the vendor’s seats with subscriptions, whichever comes first', () => {
    const tally = new LicenseTally();
    tally.addSubscription(person);
    tally.addLicense({ identifier: 'PLIC1', name: 'Business (Full User)', roleGroup: 'FullUser', assigned: 2, available: 3 });
    tally.addLicense({ identifier: 'PLIC2', name: 'Stakeholder', roleGroup: 'Stakeholder', assigned: 0, available: null });
    tally.addSubscription(person);
    expect(tally.finish()).toEqual({
      licenseCount: 2,
      licenses: [
        { identifier: 'PLIC1', name: 'Business (Full User)', roleGroup: 'FullUser', subscriptions: 2, assigned: 2, available: 3, unlimited: false },
        { identifier: 'PLIC2', name: 'Stakeholder', roleGroup: 'Stakeholder', subscriptions: 0, assigned: 0, unlimited: true },
      ],
    });
  });

  it('T6: counts role groups where licences are hidden, and claims no seats', () => {
    const tally = new LicenseTally();
    tally.addSubscription({ subscriptionIdentifier: 'FullUser', roleGroup: 'FullUser' });
    expect(tally.finish().licenses).toEqual([{ identifier: 'FullUser', name: 'FullUser', roleGroup: 'FullUser', subscriptions: 1 }]);
  });

  it('shows the first 20 by number of subscriptions and says how many there are', () => {
    const tally = new LicenseTally();
    for (let licence = 0; licence < 25; licence += 1) {
      for (let seat = 0; seat <= licence; seat += 1) tally.addSubscription({ ...person, subscriptionIdentifier: `L${licence}` });
    }
    const summary = tally.finish();
    expect(summary.licenseCount).toBe(25);
    expect(summary.licenses.map((licence) => licence.subscriptions)).toEqual(Array.from({ length: 20 }, (_, index) => 25 - index));
  });
});
