import type { UnrecognizedIdentifier } from '../../api/license-position.ts';
import { maxIdentifiers } from '../../api/software-model.ts';
import { roleGroups, type RoleGroup } from '../../api/software-subscription.ts';
import type { ListedLicence, ModelFacts, ModelIntents } from './facts.ts';
import { nameModels } from './model-names.ts';

/** An identifier that subscriptions have. */
export interface FoundIdentifier {
  readonly identifier: string;
  readonly edition?: string;
  readonly roleGroup: RoleGroup;
  /** Subscriptions with it that no exclusion keeps out. */
  readonly subscriptions: number;
}

export interface ModelsInput {
  readonly profileName: string;
  readonly found: readonly FoundIdentifier[];
  readonly models: readonly Pick<ModelFacts, 'name' | 'edition' | 'identifiers' | 'roleGroup'>[];
  readonly listed: readonly ListedLicence[];
  /** False when the vendor has more licences than are listed. */
  readonly listedAll: boolean;
  /** Names that other models of the namespace have. */
  readonly takenNames?: readonly string[];
}

type Model = ModelsInput['models'][number];
type Reason = 'UnknownRole' | 'AmbiguousPlanChange' | 'TooManyIdentifiers';

/** What is decided on the identifiers so far; those that are in none of the lists are still open. */
interface Decisions {
  readonly adopt: { readonly model: string; readonly identifier: string }[];
  readonly unrecognized: UnrecognizedIdentifier[];
  readonly open: Set<FoundIdentifier>;
  readonly orphans: Set<Model>;
}

/**
 * What is to become of identifiers that no model claims (S73, L25), of seats and of licences that nobody has. A change of plan
 * gives licences other ids (facts/pagerduty.md 3.3), and so do licences that are hidden for a while, as then role groups stand
 * for them (T6). A model all of whose identifiers are gone is then continued by the new one of the same name and role
 * group, or else of the role group, if there is exactly one of each. Where several could be meant a person decides, by
 * adding the identifier to a model: money would follow a wrong guess. Where no model of the role group is left without
 * an identifier, the new one is a product of its own.
 *
 * A model that only stands for a role group is no product that could go on as several: once licences are shown they get
 * models of their own beside it.
 *
 * Licences that are not all listed prove of no model that its identifiers are gone (guard 6). The order of what is
 * handed in does not matter, and once the intents are carried out there are none.
 */
export function decideModels(input: ModelsInput): { intents: ModelIntents; unrecognized: UnrecognizedIdentifier[] } {
  const { profileName, models, takenNames = [] } = input;
  const decisions: Decisions = { adopt: [], unrecognized: [], open: new Set(findUnclaimed(input)), orphans: new Set(findOrphans(input)) };
  for (const one of decisions.open) if (one.roleGroup === 'Unknown') refuse(one, 'UnknownRole', decisions);
  continueModels(decisions, ({ edition, roleGroup }) => (edition === undefined ? undefined : JSON.stringify([roleGroup, edition])));
  continueModels(decisions, ({ roleGroup }) => roleGroup);
  const orphaned = new Set([...decisions.orphans].filter(isOfLicence).map(({ roleGroup }) => roleGroup));
  for (const one of decisions.open) if (orphaned.has(one.roleGroup)) refuse(one, 'AmbiguousPlanChange', decisions);
  const names = [...takenNames, ...models.map(({ name }) => name)];
  return {
    intents: { create: nameModels(profileName, [...decisions.open], names), adopt: decisions.adopt.toSorted(byIdentifier) },
    unrecognized: decisions.unrecognized.toSorted((a, b) => b.subscriptions - a.subscriptions || byIdentifier(a, b)),
  };
}

/** False of a model that was made while licences were hidden. */
function isOfLicence({ identifiers }: Model): boolean {
  return !identifiers.every((identifier) => roleGroups.some((group) => group === identifier));
}

/** Lets each orphan take in the one new identifier of the same key, where there is one of each. */
function continueModels(decisions: Decisions, keyOf: (one: Pick<Model, 'edition' | 'roleGroup'>) => string | undefined): void {
  const orphans = Map.groupBy(decisions.orphans, keyOf);
  for (const [key, found] of Map.groupBy(decisions.open, keyOf)) {
    const candidates = key === undefined ? [] : (orphans.get(key) ?? []);
    const [one, model] = [found[0], candidates[0]];
    if (one === undefined || model === undefined || found.length > 1 || candidates.length > 1) continue;
    decisions.orphans.delete(model);
    if (model.identifiers.length >= maxIdentifiers) {
      refuse(one, 'TooManyIdentifiers', decisions);
    } else {
      decisions.open.delete(one);
      decisions.adopt.push({ model: model.name, identifier: one.identifier });
    }
  }
}

function refuse(one: FoundIdentifier, reason: Reason, { open, unrecognized }: Decisions): void {
  const { identifier, edition, roleGroup, subscriptions } = one;
  open.delete(one);
  unrecognized.push({ identifier, ...(edition === undefined ? {} : { name: edition }), roleGroup, subscriptions, reason });
}

/** By identifier: what seats have and what the vendor lists, without what a model claims. The vendor knows its licences best. */
function findUnclaimed({ found, listed, models }: ModelsInput): FoundIdentifier[] {
  const claimed = new Set(models.flatMap(({ identifiers }) => identifiers));
  const all = new Map(found.map((one) => [one.identifier, one]));
  for (const { identifier, name, roleGroup } of listed) {
    const seen = all.get(identifier);
    const edition = name === '' ? seen?.edition : name;
    const known = roleGroup === 'Unknown' ? (seen?.roleGroup ?? roleGroup) : roleGroup;
    all.set(identifier, { identifier, ...(edition === undefined ? {} : { edition }), roleGroup: known, subscriptions: seen?.subscriptions ?? 0 });
  }
  return [...all.values()].filter(({ identifier }) => !claimed.has(identifier)).toSorted(byIdentifier);
}

/** Models none of whose identifiers is there any more, as far as that can be known. */
function findOrphans({ found, listed, listedAll, models }: ModelsInput): Model[] {
  const present = new Set([...found, ...listed].map(({ identifier }) => identifier));
  const areHidden = listed.length === 0 && [...present].every((identifier) => roleGroups.some((group) => group === identifier));
  if (!listedAll && !areHidden) return [];
  return models.filter(({ identifiers }) => !identifiers.some((identifier) => present.has(identifier)));
}

function byIdentifier(a: { readonly identifier: string }, b: { readonly identifier: string }): number {
  return a.identifier === b.identifier ? 0 : a.identifier < b.identifier ? -1 : 1;
}
