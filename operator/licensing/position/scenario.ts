import { terminal, type OperatorError } from '../../api/errors.ts';
import { formatDecimal } from './amounts.ts';
import type { NamespaceFacts, ProfileFacts } from './build-workbench.ts';
import { addDays, contractYearAt, dayOf, startOfDay } from './calendar.ts';
import { inForce, stateOf } from './contracts.ts';
import type { Contract, Day, ModelFacts, UnitPrice } from './facts.ts';

/** A price as a person writes it: a decimal number in the currency of the contracts, such as `41.00`. */
export interface WishedPrice {
  readonly amount: string;
  /** That of the contracts when left out. */
  readonly period?: UnitPrice['period'];
}

/** How an entitlement is renewed: its term ends on `end`, and another of a year follows. */
export interface WishedRenewal {
  readonly entitlement: string;
  readonly end: Day;
  /** Of the new term; those of the entitlement when left out. */
  readonly rights?: number;
  readonly amount?: string;
}

/** What is to be changed for a what-if (D6); nothing of it is written anywhere. */
export interface Scenario {
  /** Threshold of every model, in days. */
  readonly thresholdDays?: number;
  /** Thresholds of models, which win. */
  readonly thresholds: ReadonlyMap<string, number>;
  readonly prices: ReadonlyMap<string, WishedPrice>;
  /** Rights that the contracts in force are to hold in all, by model. */
  readonly commitments: ReadonlyMap<string, number>;
  readonly renewals: readonly WishedRenewal[];
  /** Entitlements in place of those of the same name, and further ones. */
  readonly contracts: readonly Contract[];
}

/** Most minor units of one price, as an entitlement takes it. */
const maxPriceMinor = 10_000_000_000;

/**
 * The facts as they would be: first the entitlements, then their prices and commitments, then renewals, which take these over.
 * @throws OperatorError InvalidChange (Terminal) for a change that these facts cannot take.
 */
export function applyScenario(facts: NamespaceFacts, scenario: Scenario): NamespaceFacts {
  const today = dayOf(facts.now);
  const models = facts.profiles.flatMap(({ input }) => input.models);
  for (const name of [...scenario.thresholds.keys(), ...scenario.prices.keys(), ...scenario.commitments.keys()]) requireModel(name, models);
  let contracts = replaceContracts(facts.contracts, scenario.contracts);
  const priced = new Map<string, UnitPrice>();
  for (const [model, price] of scenario.prices) {
    const changed = reprice(contracts, { model: requireModel(model, models), price, today });
    contracts = changed.contracts;
    if (changed.unitPrice !== undefined) priced.set(model, changed.unitPrice);
  }
  for (const [model, rights] of scenario.commitments) contracts = commit(contracts, { model, rights, today });
  for (const renewal of scenario.renewals) contracts = renew(contracts, renewal);
  const changeModel = (model: ModelFacts): ModelFacts => {
    const unitPrice = priced.get(model.name) ?? model.unitPrice;
    const thresholdDays = scenario.thresholds.get(model.name) ?? scenario.thresholdDays ?? model.thresholdDays;
    return { ...model, thresholdDays, ...(unitPrice === undefined ? {} : { unitPrice }) };
  };
  return { ...facts, contracts, profiles: facts.profiles.map((profile) => changeProfile(profile, contracts, changeModel)) };
}

/** Name of the term that follows a renewed entitlement. */
export function nextTermName(entitlement: string): string {
  return `${entitlement}-renewed`;
}

/**
 * Minor units of a decimal number, exactly.
 * @throws OperatorError InvalidChange (Terminal) for what is no amount of the currency.
 */
export function parseAmount(text: string, currency: string): number {
  const digits = formatDecimal({ amountMinor: 0, currency }).split('.')[1]?.length ?? 0;
  const match = /^(\d{1,11})(?:\.(\d+))?$/.exec(text);
  if (match === null) throw invalid(`${text} is no amount: write a decimal number such as ${formatDecimal({ amountMinor: 4100, currency })}, without a currency or separators.`);
  const [, whole = '', fraction = ''] = match;
  if (fraction.length > digits) throw invalid(`${text} has ${fraction.length} digits after the point, and ${currency} has ${digits === 0 ? 'none' : `at most ${digits}`}.`);
  const amountMinor = Number(whole + fraction.padEnd(digits, '0'));
  if (amountMinor > maxPriceMinor) throw invalid(`${text} ${currency} is more than a price can be: ${formatDecimal({ amountMinor: maxPriceMinor, currency })}.`);
  return amountMinor;
}

function changeProfile(profile: ProfileFacts, contracts: readonly Contract[], changeModel: (model: ModelFacts) => ModelFacts): ProfileFacts {
  const models = profile.input.models.map(changeModel);
  const names = new Set(models.map(({ name }) => name));
  return { ...profile, input: { ...profile.input, models, contracts: contracts.filter(({ model }) => names.has(model)) } };
}

function replaceContracts(contracts: readonly Contract[], others: readonly Contract[]): Contract[] {
  const replaced = new Set(others.map(({ name }) => name));
  return sorted([...contracts.filter(({ name }) => !replaced.has(name)), ...others]);
}

/** The entitlement ends on the wished day, and a term of a year follows on the day after. */
function renew(contracts: readonly Contract[], { entitlement, end, rights, amount }: WishedRenewal): Contract[] {
  const contract = contracts.find(({ name }) => name === entitlement);
  if (contract === undefined) throw invalid(`There is no entitlement ${entitlement} to renew${choiceOf(contracts)}.`);
  if (end < contract.start) throw invalid(`Entitlement ${entitlement} cannot end on ${end}: it starts on ${contract.start}.`);
  const start = addDays(end, 1);
  const amountMinor = amount === undefined ? contract.price.amountMinor : parseAmount(amount, contract.price.currency);
  const next = {
    ...contract,
    name: nextTermName(entitlement),
    start,
    end: lastDayOfYear(start),
    rights: rights ?? contract.rights,
    price: { ...contract.price, amountMinor },
  };
  if (contracts.some(({ name }) => name === next.name)) throw invalid(`There is an entitlement ${next.name} already: renew that one.`);
  return sorted([...contracts.filter((one) => one !== contract), { ...contract, end }, ...(next.rights === 0 ? [] : [next])]);
}

/** Last day of the year that begins on this day: the day before its anniversary. */
function lastDayOfYear(start: Day): Day {
  return addDays(start, contractYearAt(start, startOfDay(start)).days - 1);
}

/** The largest contract grows by what is missing; of what is too much, the largest loses first, and one without rights goes. */
function commit(contracts: readonly Contract[], { model, rights, today }: { readonly model: string; readonly rights: number; readonly today: Day }): Contract[] {
  const held = inForce(contracts, today).filter((contract) => contract.model === model);
  const bySize = held.toSorted((a, b) => b.rights - a.rights || (a.name < b.name ? -1 : 1));
  const [largest] = bySize;
  if (largest === undefined) throw invalid(`SoftwareModel ${model} has no entitlement in force on ${today} whose rights could change: add one with --entitlements.`);
  let excess = held.reduce((total, contract) => total + contract.rights, 0) - rights;
  const changed = new Map<string, number>();
  if (excess < 0) changed.set(largest.name, largest.rights - excess);
  for (const contract of bySize) {
    if (excess <= 0) break;
    const cut = Math.min(excess, contract.rights);
    changed.set(contract.name, contract.rights - cut);
    excess -= cut;
  }
  return contracts.flatMap((contract) => {
    const wished = changed.get(contract.name) ?? contract.rights;
    return wished === 0 ? [] : [{ ...contract, rights: wished }];
  });
}

interface Reprice {
  readonly model: ModelFacts;
  readonly price: WishedPrice;
  readonly today: Day;
}

/** Every contract of the model that has not ended gets the price; without one, the model itself, if it has a price to change. */
function reprice(contracts: readonly Contract[], { model, price, today }: Reprice): { contracts: Contract[]; unitPrice?: UnitPrice } {
  const touched = contracts.filter((contract) => contract.model === model.name && stateOf(contract, today) !== 'Expired');
  const prices = touched.length > 0 ? touched.map((contract) => contract.price) : model.unitPrice === undefined ? [] : [model.unitPrice];
  const currency = onlyOne(prices.map((each) => each.currency), () => `SoftwareModel ${model.name} has entitlements in several currencies`);
  if (currency === undefined) throw invalid(`SoftwareModel ${model.name} has neither an entitlement nor a unitPrice, so the currency is not known: add an entitlement with --entitlements.`);
  const period = price.period ?? onlyOne(prices.map((each) => each.period), () => `SoftwareModel ${model.name} has prices per month and per year: say /Month or /Year`) ?? 'Month';
  const changed: UnitPrice = { amountMinor: parseAmount(price.amount, currency), currency, period };
  return {
    contracts: contracts.map((contract) => (touched.includes(contract) ? { ...contract, price: changed } : contract)),
    ...(touched.length > 0 ? {} : { unitPrice: changed }),
  };
}

/** The one value that all have; undefined when there is none. */
function onlyOne<T>(values: readonly T[], problem: () => string): T | undefined {
  const distinct = new Set(values);
  if (distinct.size > 1) throw invalid(`${problem()}.`);
  return values[0];
}

function requireModel(name: string, models: readonly ModelFacts[]): ModelFacts {
  const model = models.find((one) => one.name === name);
  if (model === undefined) throw invalid(`There is no SoftwareModel ${name}${choiceOf(models)}.`);
  return model;
}

function choiceOf(objects: readonly { readonly name: string }[]): string {
  const names = objects.map(({ name }) => name).toSorted();
  if (names.length === 0) return '; there is none at all';
  return `; there are ${names.slice(0, 10).join(', ')}${names.length > 10 ? ' and others' : ''}`;
}

function sorted(contracts: readonly Contract[]): Contract[] {
  return contracts.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function invalid(message: string): OperatorError {
  return terminal('InvalidChange', message);
}
