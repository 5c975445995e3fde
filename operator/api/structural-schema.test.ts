import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toStructuralSchema, type StructuralSchema } from './structural-schema.ts';

/** The schema of one field, as the API server would get it. */
function field(schema: z.ZodType): StructuralSchema | undefined {
  return toStructuralSchema(z.object({ field: schema }), 'spec').properties?.['field'];
}

describe('what the API server would refuse or prune is settled', () => {
  it('integers carry no limits of JavaScript', () => {
    expect(field(z.int())).toEqual({ type: 'integer' });
    expect(field(z.int().min(0))).toEqual({ type: 'integer', minimum: 0 });
    expect(field(z.int().min(1).max(1825))).toEqual({ type: 'integer', minimum: 1, maximum: 1825 });
  });

  it('exclusive limits are the booleans of OpenAPI 3.0', () => {
    expect(field(z.number().gt(0).lt(1))).toEqual({ type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true });
  });

  it('a strict object says nothing of other fields: the API server prunes them', () => {
    expect(field(z.strictObject({ a: z.string() }))).toEqual({ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] });
  });

  it('a loose object keeps unknown fields', () => {
    expect(field(z.looseObject({ a: z.string() }))).toMatchObject({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  });

  it('a field with a default is not required, and keeps the default', () => {
    const schema = toStructuralSchema(z.object({ a: z.boolean().default(true), b: z.string() }), 'spec');
    expect(schema.required).toEqual(['b']);
    expect(schema.properties?.['a']).toEqual({ type: 'boolean', default: true });
  });

  it('an object of defaults is filled in from the empty object', () => {
    expect(field(z.object({ a: z.int().min(1).default(3) }).prefault({}))).toEqual({
      type: 'object',
      default: {},
      properties: { a: { type: 'integer', minimum: 1, default: 3 } },
    });
  });

  it('where the API server enforces a format, the long pattern of zod goes', () => {
    expect(field(z.iso.datetime())).toEqual({ type: 'string', format: 'date-time' });
    expect(field(z.email())).toEqual({ type: 'string', format: 'email' });
    expect(field(z.iso.duration())).toEqual({ type: 'string', format: 'duration' });
  });

  it('where it ignores a format, the pattern stays and the format goes', () => {
    const schema = field(z.cidrv4());
    expect(schema).toMatchObject({ type: 'string', pattern: expect.any(String) as unknown });
    expect(schema).not.toHaveProperty('format');
  });

  it('a literal is an enum of one', () => {
    expect(field(z.literal('a'))).toEqual({ type: 'string', enum: ['a'] });
  });

  it('an integer or a string is int-or-string, without limits and without a type', () => {
    expect(field(z.union([z.int(), z.string()]))).toEqual({ 'x-kubernetes-int-or-string': true });
  });

  it('two patterns are an allOf without types', () => {
    expect(field(z.string().regex(/^a/).regex(/b$/))).toEqual({ type: 'string', allOf: [{ pattern: '^a' }, { pattern: 'b$' }] });
  });

  it('a map of strings has additionalProperties', () => {
    expect(field(z.record(z.string(), z.string().max(9)))).toEqual({ type: 'object', additionalProperties: { type: 'string', maxLength: 9 } });
  });

  it('a schema that is used twice is written twice, without a reference', () => {
    const shared = z.object({ name: z.string() });
    const schema = toStructuralSchema(z.object({ a: shared, b: shared }), 'spec');
    expect(schema.properties?.['a']).toEqual(schema.properties?.['b']);
    expect(JSON.stringify(schema)).not.toContain('$');
  });

  it('x-kubernetes-* and nullable go through', () => {
    const list = z.array(z.object({ type: z.string() })).max(3).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] });
    expect(field(list)).toMatchObject({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'], maxItems: 3 });
    expect(field(z.string().nullable())).toEqual({ type: 'string', nullable: true });
  });

  it('descriptions and messages leave out the sources that are for us', () => {
    const rules = [{ rule: 'self != ""', message: 'must not be empty (S32)', reason: 'FieldValueRequired' }];
    const schema = field(z.string().meta({ description: 'Roles (S3–S13), seats (C20, guard 2) of a plan (two words).', 'x-kubernetes-validations': rules }));
    expect(schema).toMatchObject({
      description: 'Roles, seats of a plan (two words).',
      'x-kubernetes-validations': [{ rule: 'self != ""', message: 'must not be empty', reason: 'FieldValueRequired' }],
    });
  });
});

describe('what cannot be said throws, with the path', () => {
  const inner = (schema: z.ZodType) => () => toStructuralSchema(z.object({ list: z.array(z.object({ field: schema })) }), 'spec');
  const shared = z.object({ a: z.string() }).meta({ id: 'Shared' });
  interface Tree {
    child?: Tree | undefined;
  }
  const tree: z.ZodType<Tree> = z.object({
    get child() {
      return tree.optional();
    },
  });

  it.each<[string, z.ZodType, RegExp]>([
    ['a refine', z.string().refine((text) => text.length > 1), /custom check.*CEL rule/],
    ['a refine of an object', z.object({ a: z.string() }).refine(() => true), /custom check/],
    ['a superRefine', z.string().superRefine(() => undefined), /custom check/],
    ['a transform', z.string().transform((text) => text.length), /pipe/],
    ['a trim', z.string().trim(), /overwrite check/],
    ['a coercion', z.coerce.number(), /coercion/],
    ['a catch', z.string().catch('x'), /catch/],
    ['a date', z.date(), /Date|date/],
    ['a bigint', z.bigint(), /BigInt|bigint/],
    ['a set', z.set(z.string()), /Set|set/],
    ['a tuple', z.tuple([z.string(), z.int()]), /tuple/],
    ['a readonly', z.array(z.string()).readonly(), /readonly/],
    ['a schema with an id', shared, /\$ref/],
    ['a union of objects', z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), /union.*CEL rules/],
    ['a discriminated union', z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]), /oneOf/],
    ['int-or-string with limits', z.union([z.int().min(1), z.string()]), /union/],
    ['a union of boolean and string', z.union([z.boolean(), z.string()]), /union/],
    ['anything', z.unknown(), /type is required/],
    ['a look-ahead', z.string().regex(/^(?=a)/), /RE2/],
    ['a back-reference', z.string().regex(/(a)\1/), /RE2/],
    ['a regular expression with flags', z.string().regex(/a/i), /flags/],
    ['keys of a record', z.record(z.string().regex(/^a/), z.string()), /keys of a record/],
    ['an unknown keyword', z.string().meta({ deprecated: true }), /keyword deprecated/],
    ['an unknown format alone', z.string().meta({ format: 'base64' }), /ignores the format base64/],
    ['uniqueItems', z.array(z.string()).meta({ uniqueItems: true }), /keyword uniqueItems/],
  ])('%s', (_name, schema, message) => {
    expect(inner(schema)).toThrow(message);
  });

  it('a recursive schema', () => {
    expect(() => toStructuralSchema(z.object({ tree }), 'spec')).toThrow(/[Cc]ycle/);
  });

  it('names the path of the field', () => {
    expect(inner(z.string().refine(() => true))).toThrow(/^spec\.list.*field/);
    expect(inner(z.string().meta({ deprecated: true }))).toThrow(/^spec\.list\[\]\.field: /);
  });

  it('but unknown fields can be kept when that is said', () => {
    expect(field(z.unknown().meta({ 'x-kubernetes-preserve-unknown-fields': true }))).toEqual({ 'x-kubernetes-preserve-unknown-fields': true });
  });
});
