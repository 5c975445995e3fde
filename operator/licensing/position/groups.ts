import type { PositionCounts, PositionGroup } from '../../api/license-position.ts';
import { distribute, toMinor } from './amounts.ts';
import { annualCosts, inForce } from './contracts.ts';
import type { Contract, Day, ModelPosition } from './facts.ts';
import { plus } from './money-figures.ts';
import { isUnused, noGroup, type CountedPerson } from './persons.ts';

const notUsed = '(not used)';
const others = '(others)';

export type Breakdowns = ModelPosition['groups'];

export interface GroupInput {
  readonly persons: Iterable<CountedPerson>;
  readonly counts: Pick<PositionCounts, 'owned' | 'used' | 'unused' | 'available'>;
  /** Contracts of the model. */
  readonly contracts: readonly Contract[];
  readonly day: Day;
}

/** The model by team, role and cost centre, each of which adds up to the model exactly, to the cent (C22, L34). */
export function breakDown({ persons, counts, contracts, day }: GroupInput): Breakdowns {
  const teams = new Map<string, PositionGroup>();
  const roles = new Map<string, PositionGroup>();
  for (const person of persons) {
    countInto(teams, person.team, person);
    countInto(roles, person.role, person);
  }
  // A contract of no rights gives no cost centre anything to own, and nobody a cost.
  const held = inForce(contracts, day).filter(({ rights }) => rights > 0);
  const costs = annualCosts(held, day);
  return {
    teams: shareCosts([...teams.values()], counts.available, costs),
    roles: shareCosts([...roles.values()], counts.available, costs),
    costCenters: byCostCenter(counts, held, day),
  };
}

/** At most so many lines: the first ones, and `(others)` with the sums of the rest. */
export function cutGroups(groups: readonly PositionGroup[], limit: number): PositionGroup[] {
  if (groups.length <= limit) return [...groups];
  const kept = groups.filter(({ name }) => name !== others).slice(0, limit - 1);
  const rest = groups.filter((group) => !kept.includes(group)).map((group) => ({ ...group, name: others }));
  return [...kept, ...mergeGroups(rest)];
}

/** Breakdowns of several models as one: lines of the same name are one line. */
export function sumGroups(all: readonly Breakdowns[]): Breakdowns {
  return {
    teams: mergeGroups(all.flatMap(({ teams }) => teams)),
    roles: mergeGroups(all.flatMap(({ roles }) => roles)),
    costCenters: mergeGroups(all.flatMap(({ costCenters }) => costCenters)),
  };
}

function countInto(groups: Map<string, PositionGroup>, name: string, person: CountedPerson): void {
  const group = groups.get(name) ?? { name, used: 0, unused: 0 };
  group.used += 1;
  if (isUnused(person)) group.unused += 1;
  groups.set(name, group);
}

/**
 * Shares the cost of the model: each right that is used is one share of its team or role, each that nobody uses one of
 * `(not used)`. Where more are used than owned, all who use one share what is paid.
 */
function shareCosts(groups: readonly PositionGroup[], available: number, costs: ReadonlyMap<string, bigint>): PositionGroup[] {
  const lines = sorted(available === 0 ? groups : mergeGroups([...groups, { name: notUsed, used: 0, unused: 0 }]));
  const shares = lines.map(({ name, used }) => BigInt(name === notUsed ? used + available : used));
  if (costs.size === 0) return lines;
  const parts = byCurrency(costs).map(([currency, cost]) => ({ currency, amounts: distribute(cost, shares) }));
  return lines.map((line, index) => ({
    ...line,
    costs: parts.map(({ currency, amounts }) => ({ currency, annualCost: toMinor(amounts[index] ?? 0n) })),
  }));
}

/**
 * By the cost centre of the contracts, which pays for its own contracts to the cent. What is used of the model is shared by the
 * rights that each owns, as nobody knows whose right a person uses; what is used beyond all rights is nobody's.
 */
function byCostCenter({ used, unused }: GroupInput['counts'], contracts: readonly Contract[], day: Day): PositionGroup[] {
  const centers = Map.groupBy(contracts, ({ costCenter }) => (costCenter === undefined || costCenter === '' ? noGroup : costCenter));
  const lines = [...centers].map(([name, own]) => ({ name, owned: own.reduce((sum, { rights }) => sum + rights, 0), used: 0, unused: 0, costs: costsOf(own, day) }));
  // By name, as what cannot be shared evenly goes to the first.
  lines.sort(byName);
  const owned = lines.map((line) => BigInt(line.owned));
  const ownedInAll = lines.reduce((sum, line) => sum + line.owned, 0);
  const covered = Math.min(used, ownedInAll);
  const usedOf = covered === 0 ? [] : distribute(BigInt(covered), owned);
  const withUse: PositionGroup[] = lines.map((line, index) => ({ ...line, used: Number(usedOf[index] ?? 0n) }));
  const all = covered === used ? withUse : mergeGroups([...withUse, { name: noGroup, owned: 0, used: used - covered, unused: 0 }]).toSorted(byName);
  const unusedOf = used === 0 ? [] : distribute(BigInt(unused), all.map((line) => BigInt(line.used)));
  return sorted(all.map((line, index) => ({ ...line, unused: Number(unusedOf[index] ?? 0n) })));
}

function costsOf(contracts: readonly Contract[], day: Day): NonNullable<PositionGroup['costs']> {
  return byCurrency(annualCosts(contracts, day)).map(([currency, cost]) => ({ currency, annualCost: toMinor(cost) }));
}

function mergeGroups(groups: readonly PositionGroup[]): PositionGroup[] {
  const merged = new Map<string, PositionGroup>();
  for (const group of groups) {
    const before = merged.get(group.name);
    merged.set(group.name, before === undefined ? group : addGroups(before, group));
  }
  return sorted([...merged.values()]);
}

function addGroups(a: PositionGroup, b: PositionGroup): PositionGroup {
  const owned = a.owned === undefined && b.owned === undefined ? {} : { owned: (a.owned ?? 0) + (b.owned ?? 0) };
  const costs = a.costs === undefined && b.costs === undefined ? {} : { costs: addCosts([...(a.costs ?? []), ...(b.costs ?? [])]) };
  return { name: a.name, ...owned, used: a.used + b.used, unused: a.unused + b.unused, ...costs };
}

function addCosts(costs: NonNullable<PositionGroup['costs']>): NonNullable<PositionGroup['costs']> {
  const sums = new Map<string, number>();
  for (const { currency, annualCost } of costs) sums.set(currency, plus(sums.get(currency) ?? 0, annualCost));
  return byCurrency(sums).map(([currency, annualCost]) => ({ currency, annualCost }));
}

function byCurrency<T>(costs: ReadonlyMap<string, T>): [string, T][] {
  return [...costs].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Who uses most first. */
function sorted(groups: readonly PositionGroup[]): PositionGroup[] {
  return groups.toSorted((a, b) => b.used - a.used || byName(a, b));
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
}
