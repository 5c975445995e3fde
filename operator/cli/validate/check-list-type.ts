import type { StructuralSchema } from '../../api/structural-schema.ts';
import { canonicalText } from '../../licensing/hash.ts';
import { isObject } from './apply-defaults.ts';
import { schemaError, type Finding, type Path } from './problem.ts';

/** Items of a set, and keys of a map that is written as a list, are there once. */
export function checkListType(list: readonly unknown[], schema: StructuralSchema, path: Path): Finding[] {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return duplicatesOf(list).map((index) => schemaError([...path, index], 'is in the list already'));
  if (type !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const values = list.map((each) => (isObject(each) ? keys.map((key) => each[key]) : each));
  return duplicatesOf(values).map((index) => schemaError([...path, index], `another item has the same ${keys.join(' and ')}`));
}

function duplicatesOf(values: readonly unknown[]): number[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    const text = canonicalText(value === undefined ? null : { value });
    if (seen.has(text)) return [index];
    seen.add(text);
    return [];
  });
}
