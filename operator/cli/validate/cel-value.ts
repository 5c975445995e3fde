import type { StructuralSchema } from '../../api/structural-schema.ts';
import { isObject, schemaOf } from './apply-defaults.ts';
import { timeOf } from './formats.ts';

/**
 * A value as the rules of the API server see it: integers are integers, dates and times are times, and of an object only the
 * fields of its schema are there. The value must go with its schema.
 */
export function toCelValue(value: unknown, schema: StructuralSchema): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((each: unknown) => toCelValue(each, items));
  }
  if (isObject(value)) return toCelObject(value, schema);
  if (typeof value === 'number') return schema.type === 'number' ? value : BigInt(value);
  if (typeof value === 'string' && (schema.format === 'date' || schema.format === 'date-time')) return new Date(timeOf(schema.format, value));
  return value;
}

function toCelObject(value: Record<string, unknown>, schema: StructuralSchema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]): [string, unknown][] => {
      const inner = schemaOf(schema, name);
      return inner === undefined ? [] : [[name, toCelValue(each, inner)]];
    }),
  );
}
