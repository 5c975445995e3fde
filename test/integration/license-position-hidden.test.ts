import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import { allScopes, conditionOf, hasHandled, isSettled, manifests, openStory, type Story } from './story.ts';

/** An app that may not read licences, as an Observer's token may not, and is given the right later. */
describe('T6: the licence position where licences are hidden', () => {
  let story: Story;

  beforeAll(async () => {
    story = await openStory('position-hidden', { scopes: ['users.read', 'oncalls.read', 'teams.read'] });
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile({ reclaimSubscriptions: false }));
    await story.untilProfile(isSettled, 'published and refreshed');
  });

  afterAll(async () => {
    await story.close();
  });

  const untilModel = (name: string, holds: (model: SoftwareModel) => boolean, what: string) => story.until<SoftwareModel>('swmodel', name, holds, what);

  it('S73, T6: there is one model for each role group', async () => {
    await story.untilProfile((object) => object.status?.position?.assigned === 60, 'all counted');
    const models = await story.list<SoftwareModel>('swmodel');
    expect(models.map(({ metadata, spec }) => `${metadata.name} ${spec.subscriptionIdentifiers.join()} ${spec.roleGroup}`).toSorted()).toEqual([
      'pagerduty-fulluser FullUser FullUser',
      'pagerduty-stakeholder Stakeholder Stakeholder',
    ]);
    expect(models.every(({ status }) => status?.position?.seatsAssigned === undefined)).toBe(true);
  });

  it('S80: an entitlement counts for a role group too', async () => {
    await story.apply({
      apiVersion: 'saaslicense.dev/v1alpha1',
      kind: 'SoftwareEntitlement',
      metadata: { name: 'full', namespace: story.namespace },
      spec: { modelRef: { name: 'pagerduty-fulluser' }, purchasedRights: 80, unitCost: { amountMinor: 4100, currency: 'USD' }, billing: 'MonthlyPeak', startDate: '2026-01-01' },
    });
    const model = await untilModel('pagerduty-fulluser', ({ status }) => status?.position?.owned === 80, '80 owned');
    expect(conditionOf(model, 'Compliant')).toBe('True OverLicensed');
  });

  it('C28, T6: once licences are shown each has a model of its own, nobody is lost or counted twice, and the role groups say that they stand for nothing any more', async () => {
    story.simulator.apps.update(story.simulator.apps.list()[0]?.id ?? '', { scopes: allScopes });
    await story.kubectl(['annotate', 'connalias', 'pagerduty', 'saaslicense.dev/requestedAt=more']);
    await story.untilAlias((object) => object.status?.lastHandledRequestedAt === 'more' && (object.status.grantedScopes?.includes('licenses.read') ?? false), 'more scopes');
    await story.kubectl(['annotate', 'intprof', 'pagerduty', 'saaslicense.dev/requestedAt=shown']);
    await story.untilProfile((object) => hasHandled(object, 'shown'), 'refreshed');
    const stale = await untilModel('pagerduty-fulluser', (object) => conditionOf(object, 'LicenceFound') === 'False LicenceNotFound', 'LicenceNotFound');
    expect(stale.status?.position).toMatchObject({ owned: 80, used: 0 });
    const profile = await story.untilProfile((object) => object.status?.position?.models === 2 + story.simulator.state.company.licenses.length, 'models of licences');
    expect(profile.status?.position).toMatchObject({ assigned: 60, unrecognized: 0 });
    // The rights are those of a product that nobody uses now: that must be seen, not guessed away.
    expect(profile.status?.position?.compliance).toBe('NonCompliant');
    expect(conditionOf(profile, 'Compliant')).toBe('False NonCompliant');
  });
});
