import type { Registry } from 'prom-client';
import { toMajor } from '../api/currency.ts';
import type { ComplianceState, LicensePosition, PositionGroup, ProfilePosition } from '../api/license-position.ts';
import type { SoftwareModelStatus } from '../api/software-model.ts';
import { createEntitlementMetrics, type EntitlementMetrics } from './entitlement-metrics.ts';
import type { ObjectName } from './license-metrics.ts';
import { createOwnedGauge, type OwnedGauge, type Sample } from './owned-gauge.ts';
import { createFigureMetrics, type Labels, type MakeGauge } from './position-figures.ts';
import { scrub } from './scrub.ts';
import { showFirst } from './show-first.ts';

/** Models of one profile that are shown; the sums of the profile count all. */
const maxModels = 50;

/**
 * The licence position, read from the status of the objects (S83). Labels come from configuration; names of teams
 * and cost centres are held to the 25 lines that a status shows. Money is in whole units of its currency.
 */
export interface PositionMetrics extends EntitlementMetrics {
  setSoftwareModel(model: ObjectName, facts: { readonly profile: string; readonly status: SoftwareModelStatus }): void;
  forgetSoftwareModel(model: ObjectName): void;
  /** The sums of a profile; undefined takes them away. */
  setProfilePosition(profile: ObjectName, position: ProfilePosition | undefined): void;
}

const modelLabels = ['namespace', 'profile', 'model'] as const;
const profileLabels = ['namespace', 'profile'] as const;

export function createPositionMetrics(registry: Registry): PositionMetrics {
  const gauge = <Label extends string>(name: string, help: string, labels: readonly Label[]): OwnedGauge<Label> =>
    createOwnedGauge({ name: `saaslicense_${name}`, help, labels, registry });
  return { ...createModelMetrics(gauge), ...createEntitlementMetrics(gauge), ...createSumMetrics(gauge) };
}

function createModelMetrics(gauge: MakeGauge): Pick<PositionMetrics, 'setSoftwareModel' | 'forgetSoftwareModel'> {
  const figures = createFigureMetrics(gauge, { prefix: '', whose: 'a SoftwareModel', labels: modelLabels });
  const seats = gauge('seats_available', 'Seats of a SoftwareModel that the vendor still has to give; absent where it states no limit.', modelLabels);
  const compliant = gauge('compliant', '1 while at least as many rights of a SoftwareModel are owned as used, 0 while not; absent without an entitlement in force.', modelLabels);
  const allocated = gauge(
    'cost_allocated',
    'Share of the annual cost of a SoftwareModel by team or cost_center, in units of the currency; the shares of either add up to saaslicense_annual_cost. At most 25 of each.',
    [...modelLabels, 'currency', 'by', 'name'],
  );
  const show = (owner: string, labels: Labels, position: LicensePosition | undefined): void => {
    figures.set(owner, labels, position);
    seats.replace(owner, position?.seatsAvailable === undefined ? [] : [{ labels, value: position.seatsAvailable }]);
    compliant.replace(owner, position === undefined ? [] : sampleOfCompliance(labels, position.compliance));
    const { teams = [], costCenters = [] } = position?.groups ?? {};
    allocated.replace(owner, [...sharesOf({ ...labels, by: 'team' }, teams), ...sharesOf({ ...labels, by: 'cost_center' }, costCenters)]);
  };
  const shown = showFirst<{ readonly labels: Labels; readonly position: LicensePosition }>(maxModels, {
    show: (owner, { labels, position }) => show(owner, labels, position),
    hide: (owner) => show(owner, {}, undefined),
  });
  return {
    setSoftwareModel(model, { profile, status: { position } }) {
      if (position === undefined) return shown.forget(ownerOf(model));
      const labels = { namespace: model.namespace, profile, model: model.name };
      shown.set(ownerOf(model), `${model.namespace}/${profile}`, { labels, position });
    },
    forgetSoftwareModel: (model) => shown.forget(ownerOf(model)),
  };
}

function createSumMetrics(gauge: MakeGauge): Pick<PositionMetrics, 'setProfilePosition'> {
  const figures = createFigureMetrics(gauge, { prefix: 'profile_', whose: 'all SoftwareModels of a profile', labels: profileLabels });
  const models = gauge('models', 'SoftwareModels of a profile. The first 50 have series of their own; the sums of the profile count all.', profileLabels);
  const product = gauge(
    'product_compliant',
    '1 while each SoftwareModel of a product that is used has enough rights, 0 while not; absent while none has an entitlement in force. At most 20 of a profile.',
    [...profileLabels, 'product'],
  );
  const reconciled = gauge('reconciliation_timestamp_seconds', 'When rights owned were last compared with rights used for a profile; absent before the first time.', profileLabels);
  const identifiers = gauge('unrecognized_identifiers', 'Subscription identifiers of a profile that no SoftwareModel claims; 20 stands for 20 or more.', profileLabels);
  const subscriptions = gauge('unrecognized_subscriptions', 'Subscriptions of a profile whose identifier no SoftwareModel claims; they count nowhere.', profileLabels);
  return {
    setProfilePosition(profile, position) {
      const owner = ownerOf(profile);
      const labels = { namespace: profile.namespace, profile: profile.name };
      const value = (read: (known: ProfilePosition) => number) => (position === undefined ? [] : [{ labels, value: read(position) }]);
      figures.set(owner, labels, position);
      models.replace(owner, value((known) => known.models));
      product.replace(owner, productsOf(labels, position?.products ?? []));
      reconciled.replace(owner, value(({ time }) => Date.parse(time) / 1000));
      identifiers.replace(owner, value(({ unrecognizedIdentifiers }) => unrecognizedIdentifiers?.length ?? 0));
      subscriptions.replace(owner, value(({ unrecognized }) => unrecognized));
    },
  };
}

/** The vendor names the teams: names that are alike once they are scrubbed are one series, which has the sum of both. */
function sharesOf(labels: Labels, groups: readonly PositionGroup[]): Sample<string>[] {
  const lines = groups.flatMap(({ name, costs = [] }) => costs.map(({ currency, annualCost }) => ({ name: scrub(name), currency, annualCost })));
  const series = Map.groupBy(lines, ({ name, currency }) => JSON.stringify([name, currency]));
  return [...series.values()].flatMap((shares) => {
    const amountMinor = shares.reduce((sum, { annualCost }) => sum + annualCost, 0);
    return shares.slice(0, 1).map(({ name, currency }) => ({ labels: { ...labels, name, currency }, value: toMajor({ amountMinor, currency }) }));
  });
}

/** A person may name a product: of names that are alike once they are scrubbed, one that is not compliant counts. */
function productsOf(labels: Labels, products: NonNullable<ProfilePosition['products']>): Sample<string>[] {
  const named = Map.groupBy(products, ({ product }) => scrub(product));
  return [...named].flatMap(([product, alike]) => {
    const judged = alike.map(({ compliance }) => compliance).filter((compliance) => compliance !== 'NoEntitlement');
    const worst = judged.find((compliance) => compliance === 'NonCompliant') ?? judged[0] ?? 'NoEntitlement';
    return sampleOfCompliance({ ...labels, product }, worst);
  });
}

function sampleOfCompliance(labels: Labels, compliance: ComplianceState): Sample<string>[] {
  return compliance === 'NoEntitlement' ? [] : [{ labels, value: compliance === 'Compliant' ? 1 : 0 }];
}

function ownerOf(object: ObjectName): string {
  return `${object.namespace}/${object.name}`;
}
