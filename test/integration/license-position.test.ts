import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PositionGroup } from '../../operator/api/license-position.ts';
import type { SoftwareEntitlement } from '../../operator/api/software-entitlement.ts';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import type { SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import type { SubscriptionExclusion } from '../../operator/api/subscription-exclusion.ts';
import { expectNoWrites } from './quiet.ts';
import { conditionOf, isSettled, largestModel, manifests, openStory, type Story } from './story.ts';

const dayMs = 86_400_000;
const apiVersion = 'saaslicense.dev/v1alpha1';

/** The asset manager's job, in the order in which it is lived; each story starts where the last one ended. */
describe('the licence position of a published profile, on a real API server', () => {
  let story: Story;
  /** The licence that most people have, and its model. */
  let main: SoftwareModel;

  beforeAll(async () => {
    story = await openStory('position');
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
    await story.untilProfile((object) => object.status?.position !== undefined, 'reconciled');
  });

  afterAll(async () => {
    await story.close();
  });

  const models = () => story.list<SoftwareModel>('swmodel');
  const untilModel = (name: string, holds: (model: SoftwareModel) => boolean, what: string) => story.until<SoftwareModel>('swmodel', name, holds, what);
  const events = async () =>
    (JSON.parse(await story.kubectl(['get', 'events.events.k8s.io', '-o', 'json'])) as { items: { reason: string; note: string; regarding: { name: string } }[] }).items;
  const withIdentifiers = (subscriptions: readonly SoftwareSubscription[], model: SoftwareModel) =>
    subscriptions.filter(({ spec }) => model.spec.subscriptionIdentifiers.includes(spec.subscriptionIdentifier));
  const day = (offset: number) => new Date(Date.now() + offset * dayMs).toISOString().slice(0, 10);
  const entitlement = (name: string, spec: object) => ({
    apiVersion,
    kind: 'SoftwareEntitlement',
    metadata: { name, namespace: story.namespace },
    spec: { modelRef: { name: main.metadata.name }, purchasedRights: 100, unitCost: { amountMinor: 4100, currency: 'USD' }, billing: 'MonthlyPeak', startDate: day(-40), ...spec },
  });
  const exclusion = (name: string, spec: object) => ({ apiVersion, kind: 'SubscriptionExclusion', metadata: { name, namespace: story.namespace }, spec: { reason: 'Test', ...spec } });
  const closedCandidate = (name: string) => ({
    apiVersion,
    kind: 'RemovalCandidate',
    metadata: { name, namespace: story.namespace },
    spec: {
      subject: {
        profileRef: { name: 'pagerduty' },
        ruleRef: { name: 'by-hand' },
        subscriptionRef: { name },
        externalUserId: name,
        displayName: 'Somebody who left',
        subscriptionIdentifier: main.spec.subscriptionIdentifiers[0],
        role: 'user',
        action: 'Remove',
      },
    },
  });

  it('S73: there is one model for each licence of the account, named and grouped, made by the operator and owned by the profile', async () => {
    const found = await models();
    const licences = story.simulator.state.company.licenses;
    expect(found.flatMap((model) => model.spec.subscriptionIdentifiers).toSorted()).toEqual(licences.map(({ id }) => id).toSorted());
    for (const model of found) {
      const licence = licences.find(({ id }) => model.spec.subscriptionIdentifiers.includes(id));
      expect(model.spec).toMatchObject({ publisher: 'PagerDuty', edition: licence?.name, roleGroup: licence?.roleGroup, profileRef: { name: 'pagerduty' } });
      expect(model.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'IntegrationProfile', name: 'pagerduty', controller: true });
      expect(conditionOf(model, 'Ready')).toBe('True Reconciled');
      expect(conditionOf(model, 'Compliant')).toBe('Unknown NoEntitlement');
    }
    expect((await events()).filter(({ reason }) => reason === 'ModelCreated')).toHaveLength(licences.length);
    main = await largestModel(story);
  });

  it('S83, L29: the figures of all models add up to the subscriptions, and the profile shows their sum', async () => {
    const subscriptions = await story.subscriptions();
    const found = await models();
    for (const model of found) {
      const position = model.status?.position;
      expect(position?.assigned).toBe(withIdentifiers(subscriptions, model).length);
      expect(position?.pending).toBe(withIdentifiers(subscriptions, model).filter(isForgottenInvitation).length);
    }
    const sum = (await story.untilProfile(() => true, 'there')).status?.position;
    expect(sum).toMatchObject({ assigned: 60, used: 60, owned: 0, excluded: 0, unrecognized: 0, compliance: 'NoEntitlement', models: found.length });
    expect(found.reduce((total, model) => total + (model.status?.position?.unused ?? 0), 0)).toBe(sum?.unused);
  });

  it('L33, C17: each right is used, unused or unknown as a person would judge it from the subscription alone', async () => {
    const from = Date.now() - 60 * dayMs;
    const people = withIdentifiers(await story.subscriptions(), main);
    const lastOf = ({ status }: SoftwareSubscription) => Date.parse(status?.lastActivity?.time ?? '');
    const accepted = people.filter(({ spec }) => !spec.invitationPending);
    const position = (await untilModel(main.metadata.name, () => true, 'there')).status?.position;
    expect(position?.active).toBe(accepted.filter((one) => lastOf(one) >= from).length);
    // Nobody was watched for longer than the threshold, so whoever has activity at all has it within.
    expect(position?.stale).toBe(accepted.filter((one) => lastOf(one) < from).length);
    const never = accepted.filter(({ status }) => status?.activity === 'Never');
    const isRecent = ({ spec }: SoftwareSubscription) => Date.parse(spec.assignedAt ?? '') > from;
    const invited = people.filter((one) => one.spec.invitationPending && !isForgottenInvitation(one));
    expect(position?.recent).toBe(never.filter(isRecent).length + invited.length);
    expect(position?.neverUsed).toBe(never.filter((one) => !isRecent(one)).length);
    expect(position?.active).toBeGreaterThan(0);
    expect(position?.neverUsed).toBeGreaterThan(0);
  });

  it('guard 6, T3: stakeholders, whom no on-call can show, are unknown and never unused', async () => {
    const stakeholders = (await models()).filter(({ spec, status }) => spec.roleGroup === 'Stakeholder' && (status?.position?.used ?? 0) > 0);
    expect(stakeholders.length).toBeGreaterThan(0);
    for (const { status } of stakeholders) {
      expect(status?.position).toMatchObject({ stale: 0, neverUsed: 0 });
      expect(conditionOf({ status: { conditions: status?.conditions } }, 'ActivityKnown')).toMatch(/^False (NoEvidence|PartialEvidence)$/);
    }
  });

  it('S80, S84, L30: an entitlement in force gives rights owned, what is available, and money to the cent', async () => {
    await story.apply(entitlement('business', {}));
    const model = await untilModel(main.metadata.name, ({ status }) => status?.position?.owned === 100, '100 owned');
    const position = model.status?.position;
    const used = position?.used ?? 0;
    expect(position).toMatchObject({ available: 100 - used, needed: 0, compliance: 'Compliant' });
    expect(position?.money).toEqual([
      expect.objectContaining({
        currency: 'USD',
        annualCost: 100 * 4100 * 12,
        averageUnitCost: 4100 * 12,
        overLicensedCost: (100 - used) * 4100 * 12,
        potentialSavings: (position?.unused ?? 0) * 4100 * 12,
        trueUpCost: 0,
      }),
    ]);
    expect(position?.display?.annualCost).toBe('USD 49,200.00');
    expect(conditionOf(model, 'Compliant')).toBe('True OverLicensed');
    const swent = await story.until<SoftwareEntitlement>('swent', 'business', ({ status }) => status?.state === 'Active', 'Active');
    expect(conditionOf(swent, 'Ready')).toBe('True Active');
    expect(swent.status?.annualCost).toEqual({ amountMinor: 4_920_000, currency: 'USD' });
  });

  it('C22: teams, roles and cost centres each add up to the model exactly', async () => {
    const position = (await untilModel(main.metadata.name, () => true, 'there')).status?.position;
    const { teams, roles, costCenters } = position?.groups ?? {};
    const whole = { used: position?.used, unused: position?.unused, annualCost: position?.money?.[0]?.annualCost };
    expect([teams, roles, costCenters].map(sumUp)).toEqual([whole, whole, whole]);
  });

  it('S80: contracts that are over, yet to come or nested count on their own days only', async () => {
    await story.apply(
      entitlement('former', { billing: 'AnnualCommit', startDate: day(-400), endDate: day(-1), purchasedRights: 7 }),
      entitlement('coming', { startDate: day(30), purchasedRights: 9 }),
      entitlement('nested', { startDate: day(-5), endDate: day(5), purchasedRights: 3 }),
    );
    await untilModel(main.metadata.name, ({ status }) => status?.position?.owned === 103, '103 owned');
    const state = async (name: string) => (await story.until<SoftwareEntitlement>('swent', name, ({ status }) => status?.state !== undefined, 'a state')).status?.state;
    expect(await Promise.all(['former', 'coming', 'nested'].map(state))).toEqual(['Expired', 'Upcoming', 'Active']);
  });

  it('C23, L35: a renewal within its notice is due, with an event and a suggested quantity', async () => {
    const swent = await story.until<SoftwareEntitlement>('swent', 'nested', (object) => conditionOf(object, 'RenewalDue') === 'True RenewalDue', 'RenewalDue');
    // The notice cannot begin before the term does.
    expect(swent.status?.renewalNoticeDate).toBe(day(-5));
    // The hundred rights that go on are more than are worth having.
    expect(swent.status?.suggestedRights).toBe(0);
    await expect.poll(async () => (await events()).filter(({ reason }) => reason === 'RenewalDue').map(({ regarding }) => regarding.name)).toEqual(['nested']);
  });

  it('S85, L31: with fewer rights than are used the model is not compliant, says what can be done, and the profile says so too', async () => {
    await story.kubectl(['delete', 'swent', 'nested', 'former', 'coming']);
    await story.apply(entitlement('business', { purchasedRights: 2 }));
    const model = await untilModel(main.metadata.name, (object) => conditionOf(object, 'Compliant') === 'False NonCompliant', 'NonCompliant');
    const position = model.status?.position;
    const needed = (position?.used ?? 0) - 2;
    expect(position).toMatchObject({ owned: 2, needed, available: 0, compliance: 'NonCompliant' });
    expect(position?.money?.[0]?.trueUpCost).toBe(needed * 4100 * 12);
    expect(position?.remediationOptions).toContainEqual({ action: 'PurchaseRights', quantity: needed, resolves: true, money: { currency: 'USD', amountMinor: needed * 4100 * 12 } });
    await story.untilProfile((object) => object.status?.position?.compliance === 'NonCompliant', 'NonCompliant');
    await expect.poll(async () => (await events()).some(({ reason, regarding }) => reason === 'NonCompliant' && regarding.name === main.metadata.name)).toBe(true);
  });

  it('L31: a licence without any entitlement makes the product non-compliant while each model with one is compliant', async () => {
    await story.apply(entitlement('business', {}));
    const profile = await story.untilProfile((object) => object.status?.position?.owned === 100, '100 owned');
    expect(profile.status?.position?.products).toEqual([expect.objectContaining({ product: 'PagerDuty', compliance: 'NonCompliant' })]);
    expect((await untilModel(main.metadata.name, () => true, 'there')).status?.position?.compliance).toBe('Compliant');
  });

  it('L26, C2: a person who is excluded by address uses no right and costs nothing, but stays visible; the exclusion says whom it matched', async () => {
    const before = (await untilModel(main.metadata.name, () => true, 'there')).status?.position;
    const person = withIdentifiers(await story.subscriptions(), main)[0];
    const until = new Date(Date.now() + 30 * dayMs).toISOString();
    await story.apply(exclusion('on-leave', { user: { userPrincipalName: person?.spec.userPrincipalName.toUpperCase() }, until }));
    const model = await untilModel(main.metadata.name, ({ status }) => status?.position?.excluded === 1, 'one excluded');
    expect(model.status?.position).toMatchObject({ assigned: before?.assigned, used: (before?.used ?? 0) - 1, available: (before?.available ?? 0) + 1 });
    const found = await story.until<SubscriptionExclusion>('subexcl', 'on-leave', ({ status }) => status?.matched === 1, 'matched 1');
    expect(found.status).toMatchObject({ state: 'Active', profiles: [{ name: 'pagerduty', matched: 1 }] });
  });

  it('C2, C4: when an exclusion ends the person counts again, and that is told', async () => {
    const person = withIdentifiers(await story.subscriptions(), main)[0];
    await story.apply(exclusion('on-leave', { user: { userPrincipalName: person?.spec.userPrincipalName }, until: new Date(Date.now() + 3000).toISOString() }));
    await story.until<SubscriptionExclusion>('subexcl', 'on-leave', ({ status }) => status?.state === 'Expired', 'Expired');
    await untilModel(main.metadata.name, ({ status }) => status?.position?.excluded === 0, 'nobody excluded');
    await expect.poll(async () => (await events()).some(({ reason, regarding }) => reason === 'Expired' && regarding.name === 'on-leave')).toBe(true);
  });

  it('L26: a licence that is excluded by identifier is out of the calculation in every profile of its type, and of no other', async () => {
    const [identifier = ''] = main.spec.subscriptionIdentifiers;
    await story.apply(exclusion('other-type', { subscription: { type: 'Other', identifier } }), exclusion('free', { subscription: { type: 'PagerDuty', identifier } }));
    const model = await untilModel(main.metadata.name, ({ status }) => status?.position?.used === 0, 'none used');
    expect(model.status?.position?.excluded).toBe(model.status?.position?.assigned);
    const other = await story.until<SubscriptionExclusion>('subexcl', 'other-type', ({ status }) => status?.matched !== undefined, 'counted');
    expect(other.status?.matched).toBe(0);
    await story.kubectl(['delete', 'subexcl', 'free', 'other-type', 'on-leave']);
    await untilModel(main.metadata.name, ({ status }) => status?.position?.excluded === 0, 'nobody excluded');
  });

  it('S82: an annotation on a model reconciles now', async () => {
    const before = (await untilModel(main.metadata.name, () => true, 'there')).status?.position?.time ?? '';
    await story.kubectl(['annotate', 'swmodel', main.metadata.name, 'saaslicense.dev/requestedAt=now']);
    const model = await untilModel(main.metadata.name, ({ status }) => status?.lastHandledRequestedAt === 'now', 'handled');
    expect(Date.parse(model.status?.position?.time ?? '')).toBeGreaterThan(Date.parse(before));
  });

  it('L2, S46: the threshold of a rule for the model decides who is stale', async () => {
    const positionWith = async (days: number) => {
      // The one that was made for the model (S74).
      await story.kubectl(['patch', 'recrule', main.metadata.name, '--type=merge', '-p', JSON.stringify({ spec: { lastActivityThresholdDays: days } })]);
      return (await untilModel(main.metadata.name, ({ status }) => status?.position?.thresholdDays === days, `threshold ${days}`)).status?.position;
    };
    const [strict, mild] = [await positionWith(1), await positionWith(59)];
    expect(strict?.stale).toBeGreaterThan(mild?.stale ?? Infinity);
    expect(mild?.active).toBeGreaterThan(strict?.active ?? Infinity);
    // A threshold that the evidence does not reach back over judges nobody (T2).
    expect(await positionWith(400)).toMatchObject({ stale: 0, neverUsed: 0 });
    await story.kubectl(['delete', 'recrule', main.metadata.name]);
    await untilModel(main.metadata.name, ({ status }) => status?.position?.thresholdDays === 60, 'threshold 60');
  });

  it('C21, L32: what reclaims have freed saves nothing of an annual commitment before its end, and of monthly billing from the next month on', async () => {
    const freed = (name: string, closedAt: string) => ({ name, closedAt });
    const lastMonth = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 0, 12)).toISOString();
    for (const { name, closedAt } of [freed('freed-now', new Date().toISOString()), freed('freed-before', lastMonth)]) {
      await story.apply(closedCandidate(name));
      const status = { state: 'ClosedComplete', openedAt: lastMonth, closedAt };
      await story.kubectl(['patch', 'remcand', name, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
    }
    const moneyOf = async (owned: number) => {
      const model = await untilModel(main.metadata.name, ({ status }) => status?.position?.owned === owned && (status.position.money?.[0]?.freedSavings ?? 0) > 0, `${owned} owned`);
      return model.status?.position?.money?.[0];
    };
    await story.apply(entitlement('business', { purchasedRights: 101 }));
    expect(await moneyOf(101)).toMatchObject({ freedSavings: 2 * 49_200, realisedSavings: 49_200, atRenewalSavings: 49_200, forgoneSavings: 0 });
    await story.apply(entitlement('business', { purchasedRights: 100, billing: 'AnnualCommit', endDate: day(100) }));
    expect(await moneyOf(100)).toMatchObject({ freedSavings: 2 * 49_200, realisedSavings: 0, realisedToDate: 0, atRenewalSavings: 2 * 49_200, forgoneSavings: 0 });
    await story.kubectl(['delete', 'remcand', 'freed-now', 'freed-before']);
  });

  it('guard 8, D9: amounts that cannot be added up are told, the former figures stay, and all is well once they are gone', async () => {
    const before = (await untilModel(main.metadata.name, () => true, 'there')).status?.position?.owned;
    const huge = { purchasedRights: 10_000_000, unitCost: { amountMinor: 70_000_000, currency: 'USD' } };
    await story.apply(entitlement('huge', huge), entitlement('huger', huge));
    const failed = await untilModel(main.metadata.name, (object) => conditionOf(object, 'Stalled') === 'True AmountTooLarge', 'AmountTooLarge');
    expect(failed.status?.position?.owned).toBe(before);
    await story.kubectl(['delete', 'swent', 'huge', 'huger']);
    await untilModel(main.metadata.name, (object) => conditionOf(object, 'Ready') === 'True Reconciled', 'Reconciled');
    // Of a reconciliation the profile is written last.
    const { time = '' } = (await untilModel(main.metadata.name, () => true, 'there')).status?.position ?? {};
    await story.untilProfile((object) => (object.status?.position?.time ?? '') >= time, 'written');
  });

  it('once it has come to rest nothing is read or written any more', async () => {
    await expectNoWrites(story);
  });

  it('L28: with the profile its models go; entitlements stay and say that their model is not there', async () => {
    await story.apply(entitlement('kept', {}));
    await untilModel(main.metadata.name, ({ status }) => status?.position?.owned === 100, '100 owned');
    await story.kubectl(['delete', 'intprof', 'pagerduty', '--wait=true']);
    await expect.poll(async () => (await models()).length, { timeout: 30_000 }).toBe(0);
    await story.until<SoftwareEntitlement>('swent', 'kept', (object) => conditionOf(object, 'ModelFound') === 'Unknown ModelNotFound', 'ModelNotFound');
  });
});

/** An invitation has 30 days to be accepted (C17). */
function isForgottenInvitation({ spec }: SoftwareSubscription): boolean {
  return spec.invitationPending && Date.parse(spec.assignedAt ?? '') <= Date.now() - 30 * dayMs;
}

function sumUp(groups: readonly PositionGroup[] | undefined): { used: number; unused: number; annualCost: number } {
  const sum = (valueOf: (group: PositionGroup) => number): number => (groups ?? []).reduce((total, group) => total + valueOf(group), 0);
  return { used: sum(({ used }) => used), unused: sum(({ unused }) => unused), annualCost: sum(({ costs }) => costs?.[0]?.annualCost ?? 0) };
}
