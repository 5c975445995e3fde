import type { Registry } from 'prom-client';
import { toMajor } from '../api/currency.ts';
import type { IntegrationProfileStatus } from '../api/integration-profile.ts';
import type { LicensePosition, MoneyFigures, PositionGroup } from '../api/license-position.ts';
import type { SoftwareEntitlementSpec, SoftwareEntitlementStatus } from '../api/software-entitlement.ts';
import type { SoftwareModelStatus } from '../api/software-model.ts';
import type { ObjectName } from './license-metrics.ts';
import { createOwnedGauge, type OwnedGauge, type Sample } from './owned-gauge.ts';
import { scrub } from './scrub.ts';

/**
 * The licence position, read from the status of the objects (S83). Labels come from configuration; names of teams
 * and cost centres are held to the 25 lines that a status shows. Money is in whole units of its currency.
 */
export interface PositionMetrics {
  setSoftwareModel(model: ObjectName, facts: { readonly profile: string; readonly status: SoftwareModelStatus }): void;
  forgetSoftwareModel(model: ObjectName): void;
  setEntitlement(entitlement: ObjectName, facts: EntitlementFacts): void;
  forgetEntitlement(entitlement: ObjectName): void;
  setProfilePosition(profile: ObjectName, position: IntegrationProfileStatus['position']): void;
}

export interface EntitlementFacts {
  readonly model: string;
  readonly spec: SoftwareEntitlementSpec;
  readonly status: SoftwareEntitlementStatus;
  readonly renewalDue: boolean;
}

const modelLabels = ['namespace', 'profile', 'model'] as const;
const entitlementLabels = ['namespace', 'model', 'entitlement'] as const;
const profileLabels = ['namespace', 'profile'] as const;
type ModelLabels = Readonly<Record<(typeof modelLabels)[number], string>>;

export function createPositionMetrics(registry: Registry): PositionMetrics {
  const gauge = <Label extends string>(name: string, help: string, labels: readonly Label[]): OwnedGauge<Label> =>
    createOwnedGauge({ name: `saaslicense_${name}`, help, labels, registry });
  return { ...createModelMetrics(gauge), ...createEntitlementMetrics(gauge), ...createSumMetrics(gauge) };
}

type MakeGauge = <Label extends string>(name: string, help: string, labels: readonly Label[]) => OwnedGauge<Label>;

function createModelMetrics(gauge: MakeGauge): Pick<PositionMetrics, 'setSoftwareModel' | 'forgetSoftwareModel'> {
  const rights = gauge('rights', 'Rights of a SoftwareModel: owned, used, available (owned and not used) or needed (used and not owned).', [...modelLabels, 'state']);
  const use = gauge('rights_used', 'Rights used of a SoftwareModel by their use: active, stale, never_used, pending, recent or unknown.', [...modelLabels, 'use']);
  const excluded = gauge('subscriptions_excluded', 'Subscriptions of a SoftwareModel that an exclusion keeps out of the calculation.', modelLabels);
  const compliant = gauge('compliant', '1 while at least as many rights are owned as used, 0 while not; absent without an entitlement in force.', modelLabels);
  const reconciled = gauge('reconciliation_timestamp_seconds', 'When rights owned were last compared with rights used.', modelLabels);
  const money = createMoneyMetrics(gauge);
  return {
    setSoftwareModel(model, { profile, status }) {
      const owner = ownerOf(model);
      const labels = { namespace: model.namespace, profile, model: model.name };
      const { position } = status;
      const only = <T>(values: (position: LicensePosition) => T[]): T[] => (position === undefined ? [] : values(position));
      rights.replace(owner, only((figures) => (['owned', 'used', 'available', 'needed'] as const).map((state) => ({ labels: { ...labels, state }, value: figures[state] }))));
      use.replace(owner, only((figures) => uses.map(({ use: name, count }) => ({ labels: { ...labels, use: name }, value: figures[count] }))));
      excluded.replace(owner, only((figures) => [{ labels, value: figures.excluded }]));
      compliant.replace(owner, only(({ compliance }) => (compliance === 'NoEntitlement' ? [] : [{ labels, value: compliance === 'Compliant' ? 1 : 0 }])));
      reconciled.replace(owner, only(({ time }) => sampleOfTime(labels, time)));
      money.set(owner, labels, position);
    },
    forgetSoftwareModel(model) {
      for (const each of [rights, use, excluded, compliant, reconciled]) each.forget(ownerOf(model));
      money.forget(ownerOf(model));
    },
  };
}

const uses = [
  { use: 'active', count: 'active' },
  { use: 'stale', count: 'stale' },
  { use: 'never_used', count: 'neverUsed' },
  { use: 'pending', count: 'pending' },
  { use: 'recent', count: 'recent' },
  { use: 'unknown', count: 'unknown' },
] as const;

const savingsKinds = [
  { kind: 'potential', figure: 'potentialSavings' },
  { kind: 'freed', figure: 'freedSavings' },
  { kind: 'realised', figure: 'realisedSavings' },
  { kind: 'at_renewal', figure: 'atRenewalSavings' },
  { kind: 'forgone', figure: 'forgoneSavings' },
] as const;

function createMoneyMetrics(gauge: MakeGauge): { set(owner: string, labels: ModelLabels, position: LicensePosition | undefined): void; forget(owner: string): void } {
  const moneyLabels = [...modelLabels, 'currency'] as const;
  const cost = gauge('annual_cost', 'Rights owned at their prices, for a year, in units of the currency.', moneyLabels);
  const trueUp = gauge('true_up_cost', 'Rights needed at the average price, for a year, in units of the currency.', moneyLabels);
  const over = gauge('over_licensed_cost', 'Rights available at the average price, for a year, in units of the currency.', moneyLabels);
  const savings = gauge('savings', 'Savings for a year by kind, in units of the currency: potential; freed, which is realised, at_renewal and forgone together.', [...moneyLabels, 'kind']);
  const toDate = gauge('savings_realised_to_date', 'What realised savings have saved until the last reconciliation, in units of the currency; falls when candidates of long ago are deleted.', moneyLabels);
  const allocated = gauge('cost_allocated', 'Share of the annual cost by team or cost centre, in units of the currency; the shares of one add up to saaslicense_annual_cost. At most 25 a model.', [
    ...moneyLabels,
    'by',
    'name',
  ]);
  return {
    set(owner, labels, position) {
      const figures = position?.money ?? [];
      const samples = (figure: keyof MoneyFigures) => figures.flatMap((each) => sampleOfMoney({ ...labels, currency: each.currency }, each[figure]));
      cost.replace(owner, samples('annualCost'));
      trueUp.replace(owner, samples('trueUpCost'));
      over.replace(owner, samples('overLicensedCost'));
      toDate.replace(owner, samples('realisedToDate'));
      savings.replace(owner, savingsKinds.flatMap(({ kind, figure }) => samples(figure).map(({ labels: own, value }) => ({ labels: { ...own, kind }, value }))));
      const { teams = [], costCenters = [] } = position?.groups ?? {};
      allocated.replace(owner, [...sharesOf(labels, 'team', teams), ...sharesOf(labels, 'cost_center', costCenters)]);
    },
    forget(owner) {
      for (const each of [cost, trueUp, over, savings, toDate, allocated]) each.forget(owner);
    },
  };
}

type ShareLabels = ModelLabels & Readonly<Record<'currency' | 'by' | 'name', string>>;

/** Names come from the vendor: two that look alike once they are scrubbed are one series. */
function sharesOf(labels: ModelLabels, by: string, groups: readonly PositionGroup[]): Sample<keyof ShareLabels>[] {
  const shares = new Map<string, { labels: ShareLabels; minor: number }>();
  for (const { name, costs = [] } of groups) {
    for (const { currency, annualCost } of costs) {
      const own = { ...labels, currency, by, name: scrub(name) };
      const key = JSON.stringify([own.name, currency]);
      shares.set(key, { labels: own, minor: (shares.get(key)?.minor ?? 0) + annualCost });
    }
  }
  return [...shares.values()].map(({ labels: own, minor }) => ({ labels: own, value: toMajor({ amountMinor: minor, currency: own.currency }) }));
}

function createEntitlementMetrics(gauge: MakeGauge): Pick<PositionMetrics, 'setEntitlement' | 'forgetEntitlement'> {
  const purchased = gauge('entitlement_rights', 'Rights of a SoftwareEntitlement while it is in force, else 0.', entitlementLabels);
  const end = gauge('entitlement_end_timestamp_seconds', 'When the term of a SoftwareEntitlement ends: the end of its last day (UTC); absent where it runs on.', entitlementLabels);
  const due = gauge('entitlement_renewal_due', '1 while the renewal of a SoftwareEntitlement is due, else 0; absent where it runs on.', entitlementLabels);
  const suggested = gauge('entitlement_suggested_rights', 'Rights worth renewing: the peak of active subscriptions in the term, and the buffer.', entitlementLabels);
  return {
    setEntitlement(entitlement, { model, spec, status, renewalDue }) {
      const owner = ownerOf(entitlement);
      const labels = { namespace: entitlement.namespace, model, entitlement: entitlement.name };
      purchased.replace(owner, status.state === undefined ? [] : [{ labels, value: status.state === 'Active' ? spec.purchasedRights : 0 }]);
      end.replace(owner, spec.endDate === undefined ? [] : sampleOfTime(labels, `${spec.endDate}T24:00:00Z`));
      due.replace(owner, spec.endDate === undefined ? [] : [{ labels, value: renewalDue ? 1 : 0 }]);
      suggested.replace(owner, status.suggestedRights === undefined ? [] : [{ labels, value: status.suggestedRights }]);
    },
    forgetEntitlement(entitlement) {
      for (const each of [purchased, end, due, suggested]) each.forget(ownerOf(entitlement));
    },
  };
}

function createSumMetrics(gauge: MakeGauge): Pick<PositionMetrics, 'setProfilePosition'> {
  const identifiers = gauge('unrecognized_identifiers', 'Subscription identifiers of a profile that no SoftwareModel claims; 20 stands for 20 or more.', profileLabels);
  const subscriptions = gauge('unrecognized_subscriptions', 'Subscriptions of a profile whose identifier no SoftwareModel claims; they count nowhere.', profileLabels);
  return {
    setProfilePosition(profile, position) {
      const labels = { namespace: profile.namespace, profile: profile.name };
      identifiers.replace(ownerOf(profile), position === undefined ? [] : [{ labels, value: position.unrecognizedIdentifiers?.length ?? 0 }]);
      subscriptions.replace(ownerOf(profile), position === undefined ? [] : [{ labels, value: position.unrecognized }]);
    },
  };
}

function ownerOf(object: ObjectName): string {
  return `${object.namespace}/${object.name}`;
}

function sampleOfTime<Labels extends Readonly<Record<string, string>>>(labels: Labels, time: string): { labels: Labels; value: number }[] {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? [] : [{ labels, value: milliseconds / 1000 }];
}

function sampleOfMoney<Labels extends Readonly<Record<'currency', string>>>(labels: Labels, minor: number | string | undefined): { labels: Labels; value: number }[] {
  return typeof minor === 'number' ? [{ labels, value: toMajor({ amountMinor: minor, currency: labels.currency }) }] : [];
}
