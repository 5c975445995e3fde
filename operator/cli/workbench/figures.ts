import type { ComplianceState, MoneyFigures, PositionCounts, PositionGroup, PositionGroups, RemediationOption, UnrecognizedIdentifier } from '../../api/license-position.ts';
import { formatMoney } from '../../licensing/position/amounts.ts';
import { plus } from '../../licensing/position/money-figures.ts';
import type { Workbench, WorkbenchCandidate, WorkbenchContract, WorkbenchModel } from '../../licensing/position/workbench.ts';

/** What is said of the rights used (L33), in the order in which every renderer shows it; together they are `used`. */
export const useClasses = [
  { key: 'active', label: 'Active' },
  { key: 'stale', label: 'Stale' },
  { key: 'neverUsed', label: 'Never used' },
  { key: 'pending', label: 'Pending' },
  { key: 'recent', label: 'New' },
  { key: 'unknown', label: 'Unknown' },
] as const satisfies readonly { readonly key: keyof PositionCounts; readonly label: string }[];

/** Days since the last activity; together they are `used`. */
export const ageClasses = [
  { key: 'upTo30', label: '0–30 days' },
  { key: 'upTo60', label: '30–60 days' },
  { key: 'upTo90', label: '60–90 days' },
  { key: 'over90', label: '90+ days' },
  { key: 'none', label: 'None seen' },
] as const;

export const complianceWords: Readonly<Record<ComplianceState, string>> = {
  Compliant: 'Compliant',
  NonCompliant: 'Not compliant',
  NoEntitlement: 'No entitlement',
};

export const actionWords: Readonly<Record<RemediationOption['action'], string>> = {
  PurchaseRights: 'Purchase rights',
  Reclaim: 'Reclaim unused subscriptions',
  RemoveAllocations: 'Remove allocations in use',
  ReduceAtRenewal: 'Reduce at renewal',
};

/** Money that an option costs in a year, or saves: only a purchase costs. */
export const isCost = ({ action }: RemediationOption): boolean => action === 'PurchaseRights';

/** State of a candidate as it is read; one that is stuck is told apart (L36). */
export const stateOf = ({ state, stuckDays }: WorkbenchCandidate): string => (stuckDays === undefined ? state : `${state}, stuck`);

export const groupWords = [
  { key: 'teams', label: 'Team' },
  { key: 'costCenters', label: 'Cost centre' },
  { key: 'roles', label: 'Role' },
] as const satisfies readonly { readonly key: keyof PositionGroups; readonly label: string }[];

/** The four kinds of savings (C21, D9) and the third part of the freed, which adds up with the others. */
export const savingWords = [
  { key: 'potentialSavings', label: 'Potential' },
  { key: 'freedSavings', label: 'Freed' },
  { key: 'realisedSavings', label: 'Realised' },
  { key: 'atRenewalSavings', label: 'At renewal' },
  { key: 'forgoneSavings', label: 'Forgone' },
] as const satisfies readonly { readonly key: keyof MoneyFigures; readonly label: string }[];

export type MoneyName = Exclude<keyof MoneyFigures, 'currency'>;

/** One figure in every currency that knows it, such as `USD 1.00` and `EUR 2.00`: never mixed, so never added. */
export function listMoney(money: readonly MoneyFigures[] | undefined, name: MoneyName): string[] {
  return (money ?? []).flatMap(({ currency, [name]: amountMinor }) => (amountMinor === undefined ? [] : [formatMoney({ amountMinor, currency })]));
}

/** Whether anything at all was or could be saved in this currency. */
export const hasSavings = (money: MoneyFigures): boolean => savingWords.some(({ key }) => (money[key] ?? 0) > 0);

/** A model with the name of its profile. */
export interface ModelLine {
  readonly profile: string;
  readonly model: WorkbenchModel;
}

export const listModels = ({ profiles }: Workbench): ModelLine[] => profiles.flatMap(({ name, models }) => models.map((model) => ({ profile: name, model })));

export interface IdentifierLine extends UnrecognizedIdentifier {
  readonly profile: string;
}

export const listUnrecognized = ({ profiles }: Workbench): IdentifierLine[] =>
  profiles.flatMap(({ name, report }) => report.unrecognized.map((line) => ({ profile: name, ...line })));

/** Contracts that end, those of the past left out: the due ones first, then by the day they end. */
export function listRenewals({ contracts }: Workbench): (WorkbenchContract & { readonly end: string })[] {
  const order = (contract: WorkbenchContract): string => `${contract.renewalDue ? '0' : '1'} ${contract.end ?? ''} ${contract.name}`;
  return contracts
    .flatMap((contract) => (contract.end === undefined || contract.state === 'Expired' ? [] : [{ ...contract, end: contract.end }]))
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** Name of a model for people: its product and edition, which some products have in their name. */
export const nameModel = ({ product, edition }: Pick<WorkbenchModel, 'product' | 'edition'>): string =>
  edition === undefined || product.endsWith(edition) ? product : `${product} ${edition}`;

/** A number and its noun, such as `1 right` and `2 rights`. */
export const say = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

export const isAre = (count: number): string => (count === 1 ? 'is' : 'are');

/** What a sum of money leaves out: rights whose price is not known. Undefined where there are none. */
export function sayUnpriced(name: MoneyName, { unpriced }: Workbench['sum']): string | undefined {
  const rights = name === 'trueUpCost' ? unpriced.needed : name === 'potentialSavings' ? unpriced.unused : 0;
  return rights === 0 ? undefined : `${formatCount(rights)} without a price`;
}

/** Lines of a breakdown as one, so that those that are shown still add up with it. */
export function sumOthers(groups: readonly PositionGroup[]): PositionGroup {
  const costs = [...Map.groupBy(groups.flatMap(({ costs: own = [] }) => own), ({ currency }) => currency)].map(([currency, own]) => ({
    currency,
    annualCost: own.reduce((sum, { annualCost }) => plus(sum, annualCost), 0),
  }));
  return {
    name: '(others)',
    ...(groups.some(({ owned }) => owned !== undefined) ? { owned: groups.reduce((sum, { owned = 0 }) => sum + owned, 0) } : {}),
    used: groups.reduce((sum, { used }) => sum + used, 0),
    unused: groups.reduce((sum, { unused }) => sum + unused, 0),
    costs: costs.toSorted((a, b) => (a.currency < b.currency ? -1 : 1)),
  };
}

/** A whole number with commas between thousands; no locale is asked. */
export const formatCount = (count: number): string => String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
