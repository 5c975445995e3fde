import type { StructuralSchema } from '../../api/structural-schema.ts';

/**
 * A copy of the value as the API server goes on with it: nulls that no field may have are taken for fields that are left out, and
 * defaults are filled in, inside of defaults too.
 */
export function applyDefaults(value: unknown, schema: StructuralSchema | undefined): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => applyDefaults(each, schema.items));
  if (!isObject(value)) return value;
  const { properties = {} } = schema;
  const given = Object.entries(value).filter(([name, each]) => !isPruned(each, schemaOf(schema, name)));
  const defaults = Object.entries(properties).filter(([name, property]) => property.default !== undefined && !given.some(([known]) => known === name));
  const all = [...given, ...defaults.map(([name, property]): [string, unknown] => [name, structuredClone(property.default)])];
  return Object.fromEntries(all.map(([name, each]) => [name, applyDefaults(each, schemaOf(schema, name))]));
}

/** Schema of a field; undefined for one that there is not, whatever it is called. */
export function schemaOf({ properties = {}, additionalProperties }: StructuralSchema, name: string): StructuralSchema | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPruned(value: unknown, schema: StructuralSchema | undefined): boolean {
  return value === null && schema !== undefined && schema.nullable !== true;
}
