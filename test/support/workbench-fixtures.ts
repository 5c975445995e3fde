import type { ComplianceState, LicensePosition, MoneyFigures, PositionCounts, RemediationOption } from '../../operator/api/license-position.ts';
import type {
  TrendPoint,
  Workbench,
  WorkbenchCandidate,
  WorkbenchContract,
  WorkbenchModel,
  WorkbenchProfile,
} from '../../operator/licensing/position/workbench.ts';

/** What a test says of a model; all else follows from it, as it would in a reconciliation. */
export interface ModelWords {
  readonly name: string;
  readonly publisher?: string;
  readonly product?: string;
  readonly edition?: string;
  readonly identifiers?: readonly string[];
  readonly owned?: number;
  readonly active?: number;
  readonly stale?: number;
  readonly neverUsed?: number;
  readonly pending?: number;
  readonly recent?: number;
  readonly unknown?: number;
  readonly excluded?: number;
  readonly duplicates?: number;
  /** Price of a right and year, in minor units; 0 = no price is known. */
  readonly yearlyPrice?: number;
  readonly currency?: string;
  readonly freed?: { readonly realised: number; readonly atRenewal: number; readonly forgone: number; readonly toDate: number };
  readonly options?: readonly RemediationOption[];
}

const when = '2026-11-24T06:00:00Z';

/** A model whose figures add up. */
export function aWorkbenchModel(words: ModelWords): WorkbenchModel {
  const { name, publisher = 'PagerDuty', product = 'PagerDuty', edition, identifiers = ['PTVCM02'] } = words;
  const counts = countsOf(words);
  const money = moneyOf(words, counts);
  return {
    model: name,
    publisher,
    product,
    ...(edition === undefined ? {} : { edition }),
    identifiers,
    groups: { teams: [], costCenters: [], roles: [] },
    monthlyPeaks: [],
    position: positionOf(words, counts, money),
    ...(money === undefined ? { priceProblem: 'NoPrice' as const } : {}),
  };
}

function positionOf({ owned, options }: ModelWords, counts: PositionCounts, money: MoneyFigures | undefined): WorkbenchModel['position'] {
  return {
    ...counts,
    time: when,
    activityAsOf: '2026-11-24T05:00:00Z',
    thresholdDays: 60,
    unusedPercent: counts.used === 0 ? 0 : Math.floor((counts.unused * 100) / counts.used),
    compliance: complianceOf(counts, owned !== undefined),
    ages: agesOf(counts),
    ...(money === undefined ? {} : { money: [money] }),
    ...(options === undefined ? {} : { remediationOptions: [...options] }),
  };
}

function countsOf(words: ModelWords): PositionCounts {
  const { owned = 0, active = 0, stale = 0, neverUsed = 0, pending = 0, recent = 0, unknown = 0, excluded = 0, duplicates = 0 } = words;
  const used = active + stale + neverUsed + pending + recent + unknown;
  return {
    owned,
    assigned: used + excluded + duplicates,
    excluded,
    duplicates,
    used,
    active,
    stale,
    neverUsed,
    pending,
    recent,
    unknown,
    unused: stale + neverUsed + pending,
    available: Math.max(0, owned - used),
    needed: Math.max(0, used - owned),
  };
}

function moneyOf({ yearlyPrice = 49_200, currency = 'USD', freed }: ModelWords, counts: PositionCounts): MoneyFigures | undefined {
  if (yearlyPrice === 0) return undefined;
  return {
    currency,
    annualCost: counts.owned * yearlyPrice,
    averageUnitCost: yearlyPrice,
    trueUpCost: counts.needed * yearlyPrice,
    overLicensedCost: counts.available * yearlyPrice,
    potentialSavings: counts.unused * yearlyPrice,
    ...(freed === undefined
      ? {}
      : {
          freedSavings: freed.realised + freed.atRenewal + freed.forgone,
          realisedSavings: freed.realised,
          atRenewalSavings: freed.atRenewal,
          forgoneSavings: freed.forgone,
          realisedToDate: freed.toDate,
        }),
  };
}

/** Half of those with activity within the threshold in the last 30 days; stale ones beyond 60; nobody else was ever seen. */
function agesOf({ active, stale, neverUsed, pending, recent, unknown }: PositionCounts): LicensePosition['ages'] {
  const upTo30 = Math.ceil(active / 2);
  const upTo90 = Math.floor(stale / 3);
  return { upTo30, upTo60: active - upTo30, upTo90, over90: stale - upTo90, none: neverUsed + pending + recent + unknown };
}

const complianceOf = ({ needed }: PositionCounts, hasEntitlement: boolean): ComplianceState => (!hasEntitlement ? 'NoEntitlement' : needed > 0 ? 'NonCompliant' : 'Compliant');

export interface ProfileWords {
  readonly name: string;
  readonly displayName?: string;
  readonly models: readonly WorkbenchModel[];
  readonly refreshedAt?: string | undefined;
  readonly unrecognized?: WorkbenchProfile['report']['unrecognized'];
}

/** A profile that is the sum of its models, with a product for each product name. */
export function aWorkbenchProfile({ name, displayName = name, models, refreshedAt, unrecognized = [] }: ProfileWords): WorkbenchProfile {
  const products = [...new Set(models.map(({ product }) => product))].map((product) => {
    const own = models.filter((model) => model.product === product);
    const { owned, used, needed, available } = sumOf(own);
    return { product, compliance: worstOf(own), owned, used, needed, available };
  });
  const position = {
    ...sumOf(models),
    time: when,
    models: models.length,
    compliance: worstOf(models),
    unrecognized: unrecognized.reduce((sum, { subscriptions }) => sum + subscriptions, 0),
    products,
    money: moneySum(models),
  };
  return { name, displayName, type: 'PagerDuty', models, report: { position, unrecognized }, ...(refreshedAt === undefined ? {} : { refreshedAt }) };
}

const zero = countsOf({ name: '' });
type CountName = keyof PositionCounts;

function sumOf(models: readonly WorkbenchModel[]): PositionCounts {
  const names = Object.keys(zero) as CountName[];
  return Object.fromEntries(names.map((name) => [name, models.reduce((sum, model) => sum + model.position[name], 0)])) as PositionCounts;
}

function worstOf(models: readonly WorkbenchModel[]): ComplianceState {
  const states = models.map(({ position }) => position.compliance);
  return states.includes('NonCompliant') ? 'NonCompliant' : states.includes('Compliant') ? 'Compliant' : 'NoEntitlement';
}

const summed = ['annualCost', 'trueUpCost', 'overLicensedCost', 'potentialSavings', 'freedSavings', 'realisedSavings', 'atRenewalSavings', 'forgoneSavings', 'realisedToDate'] as const;

function moneySum(models: readonly WorkbenchModel[]): MoneyFigures[] {
  const all = models.flatMap(({ position }) => position.money ?? []);
  return [...new Set(all.map(({ currency }) => currency))].sort().map((currency) => {
    const own = all.filter((figures) => figures.currency === currency);
    const sums = summed.map((name) => [name, own.reduce((sum, figures) => sum + (figures[name] ?? 0), 0)]);
    return { currency, ...(Object.fromEntries(sums) as Omit<MoneyFigures, 'currency'>) };
  });
}

/** A contract in force over 2026: 100 rights at 41.00 USD a month, prepaid. */
export function aWorkbenchContract(over: Partial<WorkbenchContract> = {}): WorkbenchContract {
  const contract = {
    name: 'pagerduty-2026',
    model: 'pagerduty-professional',
    rights: 100,
    price: { amountMinor: 4100, currency: 'USD', period: 'Month' as const },
    billing: 'AnnualCommit' as const,
    start: '2026-01-01',
    end: '2026-12-31',
    state: 'Active' as const,
    renewalDue: false,
    ...over,
  };
  return { annualCostMinor: contract.rights * contract.price.amountMinor * (contract.price.period === 'Month' ? 12 : 1), ...contract };
}

export function aWorkbenchCandidate(over: Partial<WorkbenchCandidate> = {}): WorkbenchCandidate {
  return { name: 'candidate-1', profile: 'acme', identifier: 'PTVCM02', action: 'Remove', state: 'Awaiting Revocation', inactiveDays: 97, openedAt: '2026-11-02T06:00:00Z', ...over };
}

export type WorkbenchWords = Partial<Omit<Workbench, 'sum'>> & { readonly profiles: readonly WorkbenchProfile[] };

/** A workbench that is the sum of its profiles. */
export function aWorkbench({ profiles, ...over }: WorkbenchWords): Workbench {
  const models = profiles.flatMap((profile) => profile.models);
  const unrecognized = profiles.reduce((sum, { report }) => sum + report.position.unrecognized, 0);
  return {
    namespace: 'saas-licenses',
    at: when,
    profiles,
    contracts: [],
    candidates: [],
    sum: { ...sumOf(models), compliance: worstOf(models), unrecognized, unpriced: unpricedSum(models), money: moneySum(models) },
    groups: { teams: [], costCenters: [], roles: [] },
    trend: [],
    ...over,
  };
}

/** A point of the trend; by default the first of the month with everybody active. */
export function aTrendPoint(at: string, words: Omit<ModelWords, 'name'>): TrendPoint {
  const { position } = aWorkbenchModel({ name: 'all', ...words });
  const counts = Object.fromEntries((Object.keys(zero) as CountName[]).map((name) => [name, position[name]])) as PositionCounts;
  return { at, counts, money: position.money ?? [] };
}

/** Rights of models that have no average price. */
function unpricedSum(models: readonly WorkbenchModel[]): Workbench['sum']['unpriced'] {
  const without = models.map(({ position }) => position).filter(({ money = [] }) => !money.some(({ potentialSavings }) => potentialSavings !== undefined));
  return { needed: without.reduce((total, { needed }) => total + needed, 0), unused: without.reduce((total, { unused }) => total + unused, 0) };
}
