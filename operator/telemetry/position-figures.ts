import { toMajor } from '../api/currency.ts';
import type { MoneyFigures, PositionCounts } from '../api/license-position.ts';
import type { OwnedGauge, Sample } from './owned-gauge.ts';

export type MakeGauge = <Label extends string>(name: string, help: string, labels: readonly Label[]) => OwnedGauge<Label>;
export type Labels = Readonly<Record<string, string>>;

/** The part of a position that models and their sums have alike. */
export type Figures = PositionCounts & { readonly money?: readonly MoneyFigures[] | undefined };

export interface FigureMetrics {
  /** Replaces all series of the owner; none without figures. */
  set(owner: string, labels: Labels, figures: Figures | undefined): void;
}

export interface FigureOptions {
  /** Before each name: empty for models, else such as `profile_`. */
  readonly prefix: string;
  /** Whose figures they are, in the help text. */
  readonly whose: string;
  readonly labels: readonly string[];
}

const states = ['owned', 'used', 'available', 'needed'] as const;

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

/** Rights, use and money (S83, S84, L30). Money is in units of its currency, one series a currency: sums never mix them. */
export function createFigureMetrics(gauge: MakeGauge, options: FigureOptions): FigureMetrics {
  const rights = createRightsMetrics(gauge, options);
  const money = createMoneyMetrics(gauge, options);
  return {
    set(owner, labels, figures) {
      rights.set(owner, labels, figures);
      money.set(owner, labels, figures);
    },
  };
}

function createRightsMetrics(gauge: MakeGauge, { prefix, whose, labels: names }: FigureOptions): FigureMetrics {
  const rights = gauge(`${prefix}rights`, `Rights of ${whose}: owned, used, available (owned and not used) or needed (used and not owned).`, [...names, 'state']);
  const used = gauge(`${prefix}rights_used`, `Rights used of ${whose} by their use: active, stale, never_used, pending, recent or unknown.`, [...names, 'use']);
  const excluded = gauge(`${prefix}subscriptions_excluded`, `Subscriptions of ${whose} that an exclusion keeps out of the calculation.`, names);
  return {
    set(owner, labels, figures) {
      rights.replace(owner, figures === undefined ? [] : states.map((state) => ({ labels: { ...labels, state }, value: figures[state] })));
      used.replace(owner, figures === undefined ? [] : uses.map(({ use, count }) => ({ labels: { ...labels, use }, value: figures[count] })));
      excluded.replace(owner, figures === undefined ? [] : [{ labels, value: figures.excluded }]);
    },
  };
}

function createMoneyMetrics(gauge: MakeGauge, { prefix, whose, labels }: FigureOptions): FigureMetrics {
  const names = [...labels, 'currency'];
  const cost = gauge(`${prefix}annual_cost`, `Rights owned of ${whose} at their prices, for a year, in units of the currency.`, names);
  const trueUp = gauge(`${prefix}true_up_cost`, `Rights needed of ${whose} at the average price, for a year, in units of the currency.`, names);
  const over = gauge(`${prefix}over_licensed_cost`, `Rights available of ${whose} at the average price, for a year, in units of the currency.`, names);
  const savings = gauge(
    `${prefix}savings`,
    `Savings of ${whose} for a year by kind, in units of the currency: potential; freed, which is realised, at_renewal and forgone together.`,
    [...names, 'kind'],
  );
  const toDate = gauge(
    `${prefix}savings_realised_to_date`,
    `What the realised savings of ${whose} have saved until the last reconciliation, in units of the currency; falls when candidates of long ago are deleted.`,
    names,
  );
  return {
    set(owner, own, figures) {
      const money = figures?.money ?? [];
      cost.replace(owner, samplesOf(own, money, 'annualCost'));
      trueUp.replace(owner, samplesOf(own, money, 'trueUpCost'));
      over.replace(owner, samplesOf(own, money, 'overLicensedCost'));
      savings.replace(owner, savingsKinds.flatMap(({ kind, figure }) => samplesOf({ ...own, kind }, money, figure)));
      toDate.replace(owner, samplesOf(own, money, 'realisedToDate'));
    },
  };
}

/** One sample a currency; a figure that is not known has none. */
function samplesOf(labels: Labels, money: readonly MoneyFigures[], figure: Exclude<keyof MoneyFigures, 'currency'>): Sample<string>[] {
  return money.flatMap(({ currency, [figure]: amountMinor }) =>
    amountMinor === undefined ? [] : [{ labels: { ...labels, currency }, value: toMajor({ amountMinor, currency }) }],
  );
}
