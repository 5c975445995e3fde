import type { KubernetesObject } from '../api/meta.ts';
import { isRecord } from './json-compare.ts';

type Entry = NonNullable<KubernetesObject['metadata']['managedFields']>[number];

/** Our entry of managedFields for applies to a subresource, or to the object itself. */
export function appliedEntry(object: KubernetesObject, manager: string, subresource?: string): Entry | undefined {
  return object.metadata.managedFields?.find(
    (entry) => entry.manager === manager && entry.operation === 'Apply' && (entry.subresource ?? '') === (subresource ?? ''),
  );
}

/**
 * True when `fields` (a fieldsV1 tree) has a field that `value` has not: what we own and would no longer send, and what
 * a server-side apply therefore removes. Items of lists that are told apart by keys are looked up by them.
 */
export function ownsMoreThan(fields: unknown, value: unknown): boolean {
  if (!isRecord(fields)) return false;
  return Object.entries(fields).some(([token, below]) => token !== '.' && ownsMoreAt(token, below, value));
}

function ownsMoreAt(token: string, below: unknown, value: unknown): boolean {
  const child = childOf(token, value);
  return child === undefined || ownsMoreThan(below, child);
}

/** `f:name` is a field, `k:{…}` an item by its keys, `v:…` a value of a set. */
function childOf(token: string, value: unknown): unknown {
  const kind = token.slice(0, 2);
  const rest = token.slice(2);
  if (kind === 'f:') return isRecord(value) ? value[rest] : undefined;
  if (!Array.isArray(value)) return undefined;
  const wanted: unknown = JSON.parse(rest);
  if (kind === 'v:') return value.find((item) => item === wanted);
  const keys = isRecord(wanted) ? Object.entries(wanted) : [];
  return value.find((item) => isRecord(item) && keys.every(([name, each]) => item[name] === each));
}
