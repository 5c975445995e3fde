import { roleGroups, type RoleGroup } from '../../api/software-subscription.ts';
import { createExclusionMatcher } from './exclusions.ts';
import type { ModelFacts, ModelPosition, PositionInput, ProfileReport, Seat } from './facts.ts';
import { decideModels, type FoundIdentifier } from './models.ts';
import { countSeat, createModelCount, type ModelCount } from './persons.ts';
import { describeModel } from './position.ts';
import { sumModels } from './sums.ts';
import { classifyUse } from './use.ts';

/** Unrecognised identifiers that a status shows (L25). */
const shownUnrecognized = 20;

/** Counts the seats of a profile one by one, in any order, and then tells its position. */
export interface PositionTally {
  add(seat: Seat): void;
  finish(): ProfileReport;
}

interface CountedModel {
  readonly model: ModelFacts;
  readonly count: ModelCount;
}

/** Seats of one identifier: how many have which role group and edition. */
interface Sightings {
  readonly roleGroups: Map<RoleGroup, number>;
  readonly editions: Map<string, number>;
  /** Those that no exclusion keeps out. */
  subscriptions: number;
}

/** All that was counted. */
interface Counted {
  readonly models: readonly CountedModel[];
  readonly owners: ReadonlyMap<string, CountedModel>;
  readonly sightings: Map<string, Sightings>;
  readonly matched: Map<string, number>;
}

/**
 * The licence position of a profile from its seats (S83, S84). It holds one small record for each person and model, never the seats, so
 * that a hundred thousand fit into the operator. An identifier that two models claim belongs to the first by name; seats whose
 * identifier none claims are in no figure but `unrecognized` and the counts of the exclusions that match them.
 */
export function createPositionTally(input: PositionInput): PositionTally {
  const models = input.models.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((model) => ({ model, count: createModelCount() }));
  const counted: Counted = {
    models,
    owners: ownersOf(models),
    sightings: new Map(),
    matched: new Map(input.exclusions.map(({ name }) => [name, 0])),
  };
  const matchExclusions = createExclusionMatcher(input.exclusions, input.profile.type);
  return {
    add(seat) {
      addSeat(seat, matchExclusions(seat), { counted, input });
    },
    finish: () => report(counted, input),
  };
}

function addSeat(seat: Seat, exclusions: readonly string[], { counted, input }: { readonly counted: Counted; readonly input: PositionInput }): void {
  const { owners, matched, sightings } = counted;
  for (const name of exclusions) matched.set(name, (matched.get(name) ?? 0) + 1);
  const isExcluded = exclusions.length > 0;
  note(seat, isExcluded, sightings);
  const owner = owners.get(seat.identifier);
  if (owner === undefined) return;
  const { model, count } = owner;
  count.assigned += 1;
  if (isExcluded) {
    count.excluded += 1;
    return;
  }
  // Of the seat, not of the model: a signal sees a person by their own role (T3).
  const watch = input.watches.get(seat.roleGroup);
  const useClass = classifyUse(seat, { watch, thresholdDays: model.thresholdDays, now: input.now });
  countSeat(count, seat, { useClass, teamPrecedence: input.profile.teamPrecedence });
}

function note({ identifier, roleGroup, edition }: Seat, isExcluded: boolean, all: Map<string, Sightings>): void {
  const sightings = all.get(identifier) ?? { roleGroups: new Map(), editions: new Map(), subscriptions: 0 };
  if (!isExcluded) sightings.subscriptions += 1;
  sightings.roleGroups.set(roleGroup, (sightings.roleGroups.get(roleGroup) ?? 0) + 1);
  if (edition !== undefined && edition !== '') sightings.editions.set(edition, (sightings.editions.get(edition) ?? 0) + 1);
  all.set(identifier, sightings);
}

function report({ models, owners, sightings, matched }: Counted, input: PositionInput): ProfileReport {
  const positions = models.map((one) => {
    const freed = input.freed.filter(({ identifier }) => owners.get(identifier) === one);
    return { product: one.model.product, ...describeModel({ ...one, freed, input }) };
  });
  const found = [...sightings].map(([identifier, seen]) => describeFound(identifier, seen));
  const { intents, unrecognized } = decideModels({ profileName: input.profile.name, found, models: input.models, listed: input.listed, listedAll: input.listedAll, takenNames: input.takenNames ?? [] });
  // An identifier is dealt with once an exclusion keeps out all of its seats (L25).
  const open = unrecognized.filter(({ identifier, subscriptions }) => subscriptions > 0 || !sightings.has(identifier));
  const unclaimed = found.filter(({ identifier }) => !owners.has(identifier));
  const sum = sumModels(positions);
  const strays = unclaimed.reduce((all, { subscriptions }) => all + subscriptions, 0);
  const missing = new Set(open.filter(({ subscriptions }) => subscriptions > 0).map(({ roleGroup }) => roleGroup));
  return {
    models: positions.map(({ product: _product, ...position }, index) => (missing.has(models[index]?.model.roleGroup ?? '') ? withoutAdvice(position) : position)),
    position: {
      ...sum,
      // Whoever is in no model uses a right that none of the models covers (L31).
      compliance: strays > 0 && sum.compliance === 'Compliant' ? 'NonCompliant' : sum.compliance,
      time: new Date(input.now).toISOString(),
      unrecognized: strays,
      ...(open.length === 0 ? {} : { unrecognizedIdentifiers: open.slice(0, shownUnrecognized) }),
    },
    intents,
    unrecognized: open,
    matched,
  };
}

/** A model that nobody has, while people of its role group are not recognised, is not to be given up for that (guard 6). */
function withoutAdvice(model: ModelPosition): ModelPosition {
  const { remediationOptions: _options, ...position } = model.position;
  return position.assigned > 0 ? model : { ...model, position };
}

/** What most seats of the identifier say; a role group that is known before one that is not. */
function describeFound(identifier: string, { roleGroups: groups, editions, subscriptions }: Sightings): FoundIdentifier {
  const edition = mostOf(editions, [...editions.keys()].toSorted());
  const roleGroup = mostOf(groups, roleGroups.filter((group) => group !== 'Unknown')) ?? 'Unknown';
  return { identifier, ...(edition === undefined ? {} : { edition }), roleGroup, subscriptions };
}

/** The first of those with the highest count; undefined when none of them was counted. */
function mostOf<T>(counts: ReadonlyMap<T, number>, order: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const one of order) {
    if ((counts.get(one) ?? 0) > (best === undefined ? 0 : (counts.get(best) ?? 0))) best = one;
  }
  return best;
}

/** The model of each identifier: the first by name of those that claim it. */
function ownersOf(models: readonly CountedModel[]): Map<string, CountedModel> {
  const owners = new Map<string, CountedModel>();
  for (const one of models) {
    for (const identifier of one.model.identifiers) if (!owners.has(identifier)) owners.set(identifier, one);
  }
  return owners;
}
