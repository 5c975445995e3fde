import type { StructuralSchema } from '../../api/structural-schema.ts';
import { isObject, schemaOf } from './apply-defaults.ts';
import { hasFormat } from './formats.ts';
import { checkListType } from './check-list-type.ts';
import { schemaError, type Finding, type Path } from './problem.ts';

/**
 * What the API server finds wrong with a value that has its defaults, as `kubectl` reports it. Messages say what is right;
 * the value itself is not quoted, as it may tell of people (guard 7).
 */
export function checkSchema(value: unknown, schema: StructuralSchema, path: Path): Finding[] {
  if (value === null && schema.nullable === true) return [];
  const mismatch = checkType(value, schema, path);
  if (mismatch !== undefined) return [mismatch];
  return [...checkScalar(value, schema, path), ...checkList(value, schema, path), ...checkObject(value, schema, path)];
}

/** Fields that no schema knows: `kubectl` refuses them by its strict validation. */
export function findUnknownFields(value: unknown, schema: StructuralSchema, path: Path): Finding[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((each: unknown, index) => findUnknownFields(each, items, [...path, index]));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const here = [...path, name];
    const inner = schemaOf(schema, name);
    if (inner !== undefined) return findUnknownFields(each, inner, here);
    const isKept = schema['x-kubernetes-preserve-unknown-fields'] === true || (schema.properties === undefined && schema.type !== 'object');
    return isKept ? [] : [schemaError(here, `unknown field${suggestion(name, Object.keys(schema.properties ?? {}))}`)];
  });
}

/** A known field that differs in its case only, or in little more. */
function suggestion(name: string, known: readonly string[]): string {
  const plain = (text: string): string => Array.from(text.toLowerCase()).toSorted().join('');
  const close = known.find((one) => one.toLowerCase() === name.toLowerCase()) ?? known.find((one) => Math.abs(one.length - name.length) <= 1 && differs(plain(one), plain(name)) <= 1);
  return close === undefined ? '' : `; did you mean ${close}?`;
}

/** Letters that one has and the other has not, of sorted letters. */
function differs(a: string, b: string): number {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  const rest = Array.from(shorter).reduce((left, letter) => left.replace(letter, ''), longer);
  return rest.length;
}

const isOfType: Readonly<Record<NonNullable<StructuralSchema['type']>, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
};

const typeNames = { object: 'an object', array: 'a list', string: 'a string', boolean: 'true or false', number: 'a number', integer: 'an integer' } as const;

function checkType(value: unknown, schema: StructuralSchema, path: Path): Finding | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return typeof value === 'string' || Number.isInteger(value) ? undefined : schemaError(path, 'must be an integer or a string');
  }
  const { type } = schema;
  if (type === undefined || isOfType[type](value)) return undefined;
  if (type === 'string') return notString(value, schema, path);
  return schemaError(path, `must be ${typeNames[type]}`);
}

function notString(value: unknown, { format }: StructuralSchema, path: Path): Finding {
  if (!Array.isArray(value)) return schemaError(path, `must be a string${value === null || isObject(value) ? '' : ': put it in quotes'}`);
  // The API server takes a list for any string that has a format; nobody who reads it would.
  if (format !== undefined) return { ...schemaError(path, 'must be a string, not a list; the API server does not see to it'), check: 'Product' };
  return schemaError(path, 'must be a string, not a list');
}

function checkScalar(value: unknown, schema: StructuralSchema, path: Path): Finding[] {
  const enumProblem = schema.enum === undefined || schema.enum.includes(value) ? [] : [`must be one of ${schema.enum.map(String).join(', ')}`];
  const messages = [
    ...enumProblem,
    ...(typeof value === 'string' ? checkString(value, schema) : []),
    ...(typeof value === 'number' ? checkNumber(value, schema) : []),
  ];
  return messages.map((message) => schemaError(path, message));
}

function checkString(value: string, { minLength = 0, maxLength = Infinity, pattern, allOf = [], format }: StructuralSchema): string[] {
  // As the API server counts: code points, not UTF-16 units.
  const { length } = Array.from(value);
  const patterns = [...(pattern === undefined ? [] : [pattern]), ...allOf.map((one) => one.pattern)];
  return [
    ...(length < minLength ? [`must have at least ${minLength} character(s)`] : []),
    ...(length > maxLength ? [`must have at most ${maxLength} characters`] : []),
    ...patterns.filter((one) => !new RegExp(one, 'u').test(value)).map((one) => `must match ${one}`),
    ...(format !== undefined && hasFormat(format, value) === false ? [formatMessages[format] ?? `must be of the format ${format}`] : []),
  ];
}

const formatMessages: Readonly<Record<string, string>> = {
  date: 'must be a day such as 2026-11-24',
  'date-time': 'must be an RFC 3339 time with a zone, such as 2026-11-24T12:00:00Z',
};

function checkNumber(value: number, schema: StructuralSchema): string[] {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = false, exclusiveMaximum = false, multipleOf = value } = schema;
  const bounds: readonly (readonly [boolean, string])[] = [
    [value < minimum, `must be at least ${minimum}`],
    [value > maximum, `must be at most ${maximum}`],
    [exclusiveMinimum && value === minimum, `must be more than ${minimum}`],
    [exclusiveMaximum && value === maximum, `must be less than ${maximum}`],
    [multipleOf !== 0 && value % multipleOf !== 0, `must be a multiple of ${multipleOf}`],
  ];
  return bounds.flatMap(([isBroken, message]) => (isBroken ? [message] : []));
}

function checkList(value: unknown, schema: StructuralSchema, path: Path): Finding[] {
  if (!Array.isArray(value)) return [];
  const { items, minItems = 0, maxItems = Infinity } = schema;
  return [
    ...(value.length < minItems ? [schemaError(path, `must have at least ${minItems} item(s)`)] : []),
    ...(value.length > maxItems ? [schemaError(path, `must have at most ${maxItems} items`)] : []),
    ...checkListType(value, schema, path),
    ...(items === undefined ? [] : value.flatMap((each: unknown, index) => checkSchema(each, items, [...path, index]))),
  ];
}

function checkObject(value: unknown, schema: StructuralSchema, path: Path): Finding[] {
  if (!isObject(value)) return [];
  const { required = [], minProperties = 0, maxProperties = Infinity } = schema;
  const names = Object.keys(value);
  return [
    ...required.filter((name) => !Object.hasOwn(value, name)).map((name) => schemaError([...path, name], 'is required')),
    ...(names.length < minProperties ? [schemaError(path, `must have at least ${minProperties} field(s)`)] : []),
    ...(names.length > maxProperties ? [schemaError(path, `must have at most ${maxProperties} fields`)] : []),
    ...names.flatMap((name) => {
      const inner = schemaOf(schema, name);
      return inner === undefined ? [] : checkSchema(value[name], inner, [...path, name]);
    }),
  ];
}
