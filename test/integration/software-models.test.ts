import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import { expectNoWrites } from './quiet.ts';
import { conditionOf, hasHandled, isSettled, largestModel, manifests, openStory, type Story } from './story.ts';

const apiVersion = 'saaslicense.dev/v1alpha1';

/** What becomes of the models when licences change at the vendor, or a person has a word to say. */
describe('the models of a published profile, on a real API server', () => {
  let story: Story;
  /** The licence that most people have, and its model. */
  let main: SoftwareModel;

  beforeAll(async () => {
    story = await openStory('models');
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
    main = await largestModel(story);
  });

  afterAll(async () => {
    await story.close();
  });

  const models = () => story.list<SoftwareModel>('swmodel');
  const untilModel = (name: string, holds: (model: SoftwareModel) => boolean, what: string) => story.until<SoftwareModel>('swmodel', name, holds, what);
  const refresh = async (request: string) => {
    await story.kubectl(['annotate', 'intprof', 'pagerduty', '--overwrite', `saaslicense.dev/requestedAt=${request}`]);
    await story.untilProfile((object) => hasHandled(object, request), `refreshed for ${request}`);
  };

  it('what a person writes into a model stays through refreshes: names, and a price as long as no entitlement gives one', async () => {
    expect(conditionOf(main, 'PriceKnown')).toBe('False NoPrice');
    const patch = { spec: { edition: 'Business plan', publisher: 'PagerDuty, Inc.', unitPrice: { amountMinor: 49_000, currency: 'EUR', period: 'Year' } } };
    await story.kubectl(['patch', 'swmodel', main.metadata.name, '--type=merge', '-p', JSON.stringify(patch)]);
    await refresh('after-edit');
    const model = await untilModel(main.metadata.name, (object) => conditionOf(object, 'PriceKnown') === 'True PriceKnown', 'a price');
    expect(model.spec).toMatchObject(patch.spec);
    expect(model.status?.position?.money?.[0]).toMatchObject({ currency: 'EUR', annualCost: 0, potentialSavings: (model.status?.position?.unused ?? 0) * 49_000 });
  });

  it('a change of plan gives licences other ids: the model that it continues takes them in and keeps its name and entitlement', async () => {
    const { company } = story.simulator.state;
    const [stakeholder] = (await models()).filter(({ spec }) => spec.edition === 'Business (Stakeholder)');
    const old = stakeholder?.spec.subscriptionIdentifiers[0] ?? '';
    story.simulator.state.replace({
      licenses: company.licenses.map((licence) => (licence.id === old ? { ...licence, id: 'PNEWPLN', name: 'Operations (Stakeholder)' } : licence)),
      users: company.users.map((user) => (user.licenseId === old ? { ...user, licenseId: 'PNEWPLN' } : user)),
    });
    await refresh('new-plan');
    const model = await untilModel(stakeholder?.metadata.name ?? '', ({ spec }) => spec.subscriptionIdentifiers.includes('PNEWPLN'), 'adopted');
    expect(model.spec.subscriptionIdentifiers.toSorted()).toEqual([old, 'PNEWPLN'].toSorted());
    const settled = await untilModel(model.metadata.name, ({ status }) => (status?.position?.used ?? 0) > 0, 'counted');
    expect(settled.status?.position?.used).toBe(stakeholder?.status?.position?.used);
    expect(await models()).toHaveLength(company.licenses.length);
  });

  it('L25: identifiers that could be the continuation of several models are shown as unrecognised until a person decides', async () => {
    const { company } = story.simulator.state;
    const full = company.licenses.filter(({ roleGroup }) => roleGroup === 'FullUser');
    const renamed = new Map(full.map(({ id }, index) => [id, `PUNSURE${index}`]));
    story.simulator.state.replace({
      licenses: company.licenses.map((licence) => ({ ...licence, id: renamed.get(licence.id) ?? licence.id })),
      users: company.users.map((user) => ({ ...user, licenseId: renamed.get(user.licenseId) ?? user.licenseId })),
    });
    await refresh('unsure');
    const profile = await story.untilProfile((object) => (object.status?.position?.unrecognized ?? 0) > 0, 'unrecognised');
    expect(profile.status?.position?.unrecognizedIdentifiers?.map(({ identifier, reason }) => `${identifier} ${reason}`).toSorted()).toEqual(
      [...renamed.values()].map((identifier) => `${identifier} AmbiguousPlanChange`).toSorted(),
    );
    expect(profile.status?.position).toMatchObject({ assigned: 60 - (profile.status?.position?.unrecognized ?? 0) });
    const used = await Promise.all([...renamed].map(async ([before, after]) => {
      const owner = (await models()).find(({ spec }) => spec.subscriptionIdentifiers.includes(before));
      const patch = { spec: { subscriptionIdentifiers: [...(owner?.spec.subscriptionIdentifiers ?? []), after] } };
      await story.kubectl(['patch', 'swmodel', owner?.metadata.name ?? '', '--type=merge', '-p', JSON.stringify(patch)]);
    }));
    expect(used).toHaveLength(2);
    await story.untilProfile((object) => object.status?.position?.unrecognized === 0 && object.status.position.assigned === 60, 'recognised again');
  });

  it('two models that claim one identifier: the first by name counts, the other says so and is stalled', async () => {
    const [identifier = ''] = main.spec.subscriptionIdentifiers.slice(-1);
    const name = 'zz-mine';
    await story.apply({
      apiVersion,
      kind: 'SoftwareModel',
      metadata: { name, namespace: story.namespace },
      spec: { profileRef: { name: 'pagerduty' }, publisher: 'PagerDuty', product: 'PagerDuty', subscriptionIdentifiers: [identifier], roleGroup: 'FullUser' },
    });
    const model = await untilModel(name, (object) => conditionOf(object, 'Stalled') === 'True IdentifierClaimed', 'IdentifierClaimed');
    expect(model.status?.position?.assigned).toBe(0);
    await story.kubectl(['delete', 'swmodel', name]);
  });

  it('once it has come to rest nothing is read or written any more', async () => {
    await story.untilProfile((object) => object.status?.position?.models === story.simulator.state.company.licenses.length, 'as many models as licences');
    await expectNoWrites(story);
  });
});
