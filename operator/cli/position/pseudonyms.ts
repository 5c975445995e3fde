import { addressPattern } from '../../licensing/text.ts';

/** Names that stand for people: the same person has the same one, and it tells nothing. */
export interface Pseudonyms {
  /** Pseudonym of an address or id of a person, without regard to case. */
  of(person: string): string;
  /** Pseudonym of somebody who has one already. */
  known(person: string): string | undefined;
  /** Text with a pseudonym in place of each address in it. */
  within(text: string): string;
}

/** Numbers people in the order in which they are first asked for, so that equal data gets equal pseudonyms. */
export function createPseudonyms(): Pseudonyms {
  const known = new Map<string, string>();

  function of(person: string): string {
    const key = person.toLowerCase();
    const pseudonym = known.get(key) ?? numbered('person', known.size + 1);
    known.set(key, pseudonym);
    return pseudonym;
  }

  return { of, known: (person) => known.get(person.toLowerCase()), within: (text) => text.replaceAll(addressPattern, of) };
}

/** `kind-000001`: as text in the order of the numbers. */
export function numbered(kind: string, number: number): string {
  return `${kind}-${String(number).padStart(6, '0')}`;
}

/** The value with the function applied to every text in it; keys stay. */
export function mapTexts<T>(value: T, change: (text: string) => string): T;
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts(each, change)]));
}
