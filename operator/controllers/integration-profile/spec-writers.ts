import { product } from '../../api/group.ts';
import type { ObjectMeta } from '../../api/meta.ts';

type Entry = NonNullable<ObjectMeta['managedFields']>[number];

/** Fields that a person sets on a profile that something else manages: the confirmation of a validation (S68). */
const personal = new Set(['f:confirmedValidation']);
const mostShown = 4;

/**
 * Who writes spec, by field manager, sorted (S30). The many names of one tool count as one: `kubectl-client-side-apply`,
 * `kubectl-edit` and `kubectl`, or those of Argo CD, are the same hand. Whoever writes only status, metadata or the
 * confirmation of a validation does not count.
 */
export function specWriters(entries: readonly Entry[]): string[] {
  const tools = new Map<string, string>();
  for (const entry of entries.filter(writesSpec)) {
    const name = nameOf(entry);
    const tool = name.split('-')[0] ?? name;
    const known = tools.get(tool);
    if (known === undefined || name < known) tools.set(tool, name);
  }
  return [...tools.values()].sort().slice(0, mostShown);
}

/** The part of managedFields that the above reads; all the cache keeps of it. */
export function keepSpecEntries(entries: readonly Entry[] | undefined): Entry[] | undefined {
  return entries?.filter(writesSpec).map(({ manager, operation, fieldsV1 }) => ({
    ...(manager === undefined ? {} : { manager }),
    ...(operation === undefined ? {} : { operation }),
    fieldsV1: { 'f:spec': Object.fromEntries(specFields({ fieldsV1 }).map((field) => [field, {}])) },
  }));
}

function writesSpec(entry: Entry): boolean {
  if (entry.subresource !== undefined && entry.subresource !== '') return false;
  if (entry.manager === product || entry.manager === 'before-first-apply') return false;
  return specFields(entry).some((field) => !personal.has(field));
}

function specFields({ fieldsV1 }: Pick<Entry, 'fieldsV1'>): string[] {
  if (typeof fieldsV1 !== 'object' || fieldsV1 === null) return [];
  const spec: unknown = Reflect.get(fieldsV1, 'f:spec');
  return typeof spec === 'object' && spec !== null ? Object.keys(spec).filter((field) => field.startsWith('f:')) : [];
}

/** A manager's name is anybody's text; one that could be a person's address is not repeated (guard 7). */
function nameOf({ manager }: Entry): string {
  return manager !== undefined && /^[A-Za-z0-9._/-]{1,64}$/.test(manager) ? manager : 'another';
}
