import type { StructuralSchema } from '../../api/structural-schema.ts';
import { isObject, schemaOf } from './apply-defaults.ts';
import { timeOf } from './formats.ts';

/**
 * A value as the rules of the API server see it: integers are integers, dates and times are times, and of an object only the
 * fields of its schema are there. The value must go with its schema.
 */
export function toCelValue(value: unknown, schema: StructuralSchema): unknown {
  if (isTime(schema) && (typeof value === 'string' || Array.isArray(value))) return new Date(typeof value === 'string' ? timeOf(schema.format, value) : Number.NaN);
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((each: unknown) => toCelValue(each, items));
  }
  if (isObject(value)) return toCelObject(value, schema);
  if (typeof value === 'number') return schema.type === 'number' ? value : BigInt(value);
  return value;
}

function isTime(schema: StructuralSchema): schema is StructuralSchema & { format: 'date' | 'date-time' } {
  return schema.format === 'date' || schema.format === 'date-time';
}

function toCelObject(value: Record<string, unknown>, schema: StructuralSchema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]): [string, unknown][] => {
      const inner = schemaOf(schema, name);
      return inner === undefined ? [] : [[name, toCelValue(each, inner)]];
    }),
  );
}
