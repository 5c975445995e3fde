import { sha256 } from '../../api/sha256.ts';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { terminal, type OperatorError } from '../../api/errors.ts';
import { hideAddresses } from '../../licensing/text.ts';
import { countsOf } from './record-snapshot.ts';
import { readableVersions, snapshotFileSchema, snapshotVersion, type Snapshot } from './snapshot-schema.ts';
import { codeOf } from './write-file.ts';

/** Problems of a file that are told; more say nothing new. */
const maxProblems = 5;

/** One canonical document: keys in the order of their code units, one value a line, so that two of them can be compared line by line. */
export function writeSnapshot(snapshot: Snapshot): string {
  return `${canonicalJson({ ...snapshot, digest: digestOf(snapshot) })}\n`;
}

/**
 * Digest of recorded data, for an auditor to keep beside them (C24): whoever edits the file and not what was kept is found out. It
 * proves nothing of who wrote it. The order of lists does not count, which another tool may have turned around.
 */
export function digestOf(snapshot: Snapshot): string {
  return `sha256:${sha256(canonicalJson(withListsInOrder(snapshot)))}`;
}

/** Lists whose order says something. */
const ranked: readonly string[] = ['teamPrecedence', 'thresholdOverrides'];

/** Every list in the order of its texts, but for those whose order says something. */
function withListsInOrder(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    const members = value.map((each) => withListsInOrder(each));
    return ranked.includes(name) ? members : members.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withListsInOrder(each, key)]));
}

/** JSON with its keys in order and undefined ones left out: the same value gives the same bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sortKeys(value), undefined, 1);
}

/**
 * Recorded data from a file, checked.
 * @throws OperatorError (Terminal) that says the file, the place in it, what is wrong and what to do.
 */
export async function readSnapshot(file: string): Promise<Snapshot> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw terminal('SnapshotUnreadable', `${file} cannot be read (${codeOf(error)}): name a file that saaslicense snapshot wrote.`);
  }
  return parseSnapshot(file, bytes);
}

/** Like `readSnapshot`, of the bytes of the file. */
export function parseSnapshot(file: string, bytes: Uint8Array): Snapshot {
  const value = parseJson(file, bytes);
  const version = typeof value === 'object' && value !== null && 'apiVersion' in value ? value.apiVersion : undefined;
  if (!readableVersions.some((readable) => readable === version)) {
    throw refuse(file, [`apiVersion: must be ${snapshotVersion}`], typeof version === 'string' ? 'It may be of another version of saaslicense' : 'It is no snapshot');
  }
  const parsed = snapshotFileSchema.safeParse(value);
  if (!parsed.success) throw refuse(file, parsed.error.issues.map(describeIssue));
  const { digest, ...snapshot } = parsed.data;
  const contradictions = findContradictions(snapshot);
  if (contradictions.length > 0) throw refuse(file, contradictions, 'It was cut off or edited');
  const ordered = inOrder(snapshot);
  if (digestOf(ordered) !== digest) throw refuse(file, ['digest: is not that of the data'], 'It was edited');
  return ordered;
}

/** In the order in which it is recorded, so that one whose lists another tool has turned around gives the same bytes. */
function inOrder(snapshot: Snapshot): Snapshot {
  const { profiles, models, contracts, exclusions, candidates, rules } = snapshot;
  return {
    ...snapshot,
    ...(rules === undefined ? {} : { rules: sorted(rules) }),
    profiles: sorted(profiles).map((profile) => ({ ...profile, seats: sorted(profile.seats) })),
    models: sorted(models),
    contracts: sorted(contracts),
    exclusions: sorted(exclusions),
    candidates: sorted(candidates),
  };
}

function sorted<T extends { readonly name: string }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function parseJson(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own words quote the file, which may tell of people.
    throw refuse(file, ['the file as a whole: is not complete JSON in UTF-8'], 'It may be cut off, or no snapshot');
  }
}

const countedKinds = ['profiles', 'models', 'contracts', 'exclusions', 'candidates', 'seats', 'rules'] as const;

/** What does not fit together, as `place: what is wrong`. */
function findContradictions(snapshot: Snapshot): string[] {
  const counted = countsOf(snapshot);
  const kinds = countedKinds.flatMap((kind) => {
    const [told, found] = [snapshot.counts[kind], counted[kind]];
    return told === found ? [] : [`counts.${kind}: says ${told ?? 'nothing'}, the file has ${found ?? 'none'}`];
  });
  const profiles = new Set(snapshot.profiles.map(({ name }) => name));
  const lists = { ...listsOf(snapshot), 'profiles[].seats': snapshot.profiles.flatMap((profile) => profile.seats) };
  return [
    ...kinds,
    ...Object.entries(lists).flatMap(([place, list]) => duplicatesOf(place, list)),
    ...identifierDuplicates(snapshot),
    ...(['models', 'candidates'] as const).flatMap((place) =>
      snapshot[place].flatMap((one, index) => (profiles.has(one.profile) ? [] : [`${place}[${index}].profile: there is no such profile in the file`])),
    ),
    ...snapshot.contracts.flatMap(({ start, end }, index) => (end !== undefined && end < start ? [`contracts[${index}].end: is before its start`] : [])),
    ...snapshot.exclusions.flatMap(({ person, licence }, index) =>
      (person === undefined) === (licence === undefined) ? [`exclusions[${index}]: must have exactly one of person, licence`] : [],
    ),
    ...findSubjectProblems(snapshot),
    ...(snapshot.people === 'Pseudonyms' && snapshot.candidates.some(({ person }) => person !== undefined) ? ['candidates: tell names of people, while people says Pseudonyms'] : []),
  ];
}

/** Whoever judges a rule by a file in which somebody is missing would find fewer than there are. */
function findSubjectProblems({ profiles, rules }: Snapshot): string[] {
  if (rules === undefined) return [];
  return profiles.flatMap(({ name, seats }) => {
    const subjects = seats.flatMap(({ subject }) => (subject === undefined ? [] : [{ name: subject.subscription }]));
    return [...(subjects.length === seats.length ? [] : [`profiles: seats of ${name} have no subject, while there are rules`]), ...duplicatesOf(`profiles[].seats[].subject of ${name}`, subjects)];
  });
}

function listsOf({ profiles, models, contracts, exclusions, candidates, rules = [] }: Snapshot): Record<string, readonly { readonly name: string }[]> {
  return { profiles, models, contracts, exclusions, candidates, rules };
}

function duplicatesOf(place: string, list: readonly { readonly name: string }[]): string[] {
  const seen = new Set<string>();
  return list.flatMap(({ name }) => {
    if (seen.has(name)) return [`${place}: has ${name} twice`];
    seen.add(name);
    return [];
  });
}

/** The identifiers of a model are a set; the API server sees to it. */
function identifierDuplicates({ models }: Snapshot): string[] {
  return models.flatMap(({ identifiers }, index) => (new Set(identifiers).size === identifiers.length ? [] : [`models[${index}].identifiers: has one twice`]));
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return `${placeOf(path)}: ${message}`;
}

/** A path as people write it: `profiles[0].seats[17].person`. */
export function placeOf(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.replace(/^\./, '') || 'the file as a whole';
}

function refuse(file: string, problems: readonly string[], guess = 'It was not written by this version of saaslicense, or edited'): OperatorError {
  const told = problems.slice(0, maxProblems).map((problem) => `\n  ${hideAddresses(problem).slice(0, 300)}`);
  const more = problems.length > maxProblems ? `\n  and ${problems.length - maxProblems} more` : '';
  return terminal('SnapshotInvalid', `${file} is not used:${told.join('')}${more}\n${guess}: write it again with saaslicense snapshot.`);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sortKeys(each)]));
}
