import type { ExclusionFacts, Seat } from './facts.ts';

/** Names of the exclusions that keep a seat out of the position; empty = none does. */
export type ExclusionMatcher = (seat: Pick<Seat, 'person' | 'aliases' | 'identifier'>) => string[];

/**
 * Finds the exclusions of a seat (L26): those of the person, by any of their addresses in any case, and those of the licence
 * to the letter, which count only for profiles of their type. Looks each seat up, however many exclusions there are.
 */
export function createExclusionMatcher(exclusions: readonly ExclusionFacts[], profileType: string): ExclusionMatcher {
  const ofPerson = new Map<string, string[]>();
  const ofLicence = new Map<string, string[]>();
  for (const { name, person, licence } of exclusions) {
    if (person !== undefined) append(ofPerson, person.toLowerCase(), name);
    if (licence !== undefined && licence.type === profileType) append(ofLicence, licence.identifier, name);
  }
  return ({ person, aliases, identifier }) => {
    const names = new Set(ofLicence.get(identifier));
    for (const address of [person, ...aliases]) {
      for (const name of ofPerson.get(address.toLowerCase()) ?? []) names.add(name);
    }
    return [...names];
  };
}

function append(lists: Map<string, string[]>, key: string, name: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [name]);
  else list.push(name);
}
