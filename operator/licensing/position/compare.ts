import type { ComplianceState, MoneyFigures, PositionCounts } from '../../api/license-position.ts';
import { compact } from '../../api/compact.ts';
import { dayOf } from './calendar.ts';
import type { NamespaceFacts } from './build-workbench.ts';
import type { ModelFacts, Watch } from './facts.ts';
import { moneyNames } from './money-figures.ts';
import type { Workbench } from './workbench.ts';

/** A figure as it is and as it would be. */
export interface Difference {
  readonly now: number;
  readonly planned: number;
  /** planned − now. */
  readonly difference: number;
}

export type MoneyName = Exclude<keyof MoneyFigures, 'currency'>;

/** Money as it is and as it would be; where no price is known it is absent, and the difference is one to 0. */
export interface MoneyDifference extends Partial<Pick<Difference, 'now' | 'planned'>> {
  readonly difference: number;
}

/** Money in one currency; a figure that is known on neither side is left out. */
export interface MoneyComparison {
  readonly currency: string;
  readonly figures: { readonly [Name in MoneyName]?: MoneyDifference };
}

/** The position of a model, a profile or the namespace, twice. */
export interface Comparison {
  readonly scope: 'Model' | 'Profile' | 'Namespace';
  readonly name: string;
  /** Profile of a model. */
  readonly profile?: string;
  readonly compliance: { readonly now: ComplianceState; readonly planned: ComplianceState };
  /** Of a model only. */
  readonly thresholdDays?: Difference;
  readonly counts: { readonly [Name in keyof PositionCounts]: Difference };
  readonly money: readonly MoneyComparison[];
}

/** Models, then profiles, then the namespace: each figure as it is and as it would be (D6). */
export function compareWorkbenches(now: Workbench, planned: Workbench): Comparison[] {
  const profiles = now.profiles.map((profile) => ({ profile, other: planned.profiles.find(({ name }) => name === profile.name) ?? profile }));
  const models = profiles.flatMap(({ profile, other }) =>
    profile.models.map((model): Comparison => {
      const wished = other.models.find((one) => one.model === model.model) ?? model;
      const thresholdDays = differ(model.position.thresholdDays, wished.position.thresholdDays);
      return { scope: 'Model', name: model.model, profile: profile.name, thresholdDays, ...comparePositions(model.position, wished.position) };
    }),
  );
  return [
    ...models,
    ...profiles.map(({ profile, other }): Comparison => ({ scope: 'Profile', name: profile.name, ...comparePositions(profile.report.position, other.report.position) })),
    { scope: 'Namespace', name: now.namespace, ...comparePositions(now.sum, planned.sum) },
  ];
}

type Position = PositionCounts & { readonly compliance: ComplianceState; readonly money?: readonly MoneyFigures[] | undefined };

function comparePositions(now: Position, planned: Position): Pick<Comparison, 'compliance' | 'counts' | 'money'> {
  const count = (name: keyof PositionCounts): Difference => differ(now[name], planned[name]);
  return {
    compliance: { now: now.compliance, planned: planned.compliance },
    counts: {
      owned: count('owned'),
      assigned: count('assigned'),
      excluded: count('excluded'),
      duplicates: count('duplicates'),
      used: count('used'),
      active: count('active'),
      stale: count('stale'),
      neverUsed: count('neverUsed'),
      pending: count('pending'),
      recent: count('recent'),
      unknown: count('unknown'),
      unused: count('unused'),
      available: count('available'),
      needed: count('needed'),
    },
    money: compareMoney(now.money ?? [], planned.money ?? []),
  };
}

function compareMoney(now: readonly MoneyFigures[], planned: readonly MoneyFigures[]): MoneyComparison[] {
  const currencies = [...new Set([...now, ...planned].map(({ currency }) => currency))].toSorted();
  return currencies.map((currency) => {
    const before = now.find((one) => one.currency === currency);
    const after = planned.find((one) => one.currency === currency);
    const known = moneyNames.filter((name) => before?.[name] !== undefined || after?.[name] !== undefined);
    return { currency, figures: Object.fromEntries(known.map((name) => [name, differMoney(before?.[name], after?.[name])])) };
  });
}

function differMoney(now: number | undefined, planned: number | undefined): MoneyDifference {
  return { difference: (planned ?? 0) - (now ?? 0), ...compact({ now, planned }) };
}

function differ(now: number, planned: number): Difference {
  return { now, planned, difference: planned - now };
}

const dayMs = 86_400_000;

/**
 * Sentences on the models whose people the evidence cannot judge at their threshold, as planned: activity that nobody
 * watched for is not inactivity (guard 6).
 */
export function judgeEvidence(planned: NamespaceFacts): string[] {
  return planned.profiles.flatMap(({ input }) => input.models.flatMap((model) => describeEvidence(model, input.watches.get(model.roleGroup))));
}

function describeEvidence({ name, roleGroup, thresholdDays }: ModelFacts, watch: Watch | undefined): string[] {
  if (watch === undefined) {
    return [`${name}: there is no complete evidence of the activity of ${roleGroup} people of the last seven days, so nobody of them is judged; they count as unknown.`];
  }
  const days = Math.floor((watch.to - watch.from) / dayMs);
  if (days >= thresholdDays) return [];
  return [
    `${name}: the evidence of activity is ${days} days long (${dayOf(watch.from)} to ${dayOf(watch.to)}), shorter than the threshold of ${thresholdDays} days. It cannot tell who was inactive for so long; they count as unknown, not as unused.`,
  ];
}
