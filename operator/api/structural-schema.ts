import { z } from 'zod';
import { checkSchema } from './expressible.ts';
import type { CelRule } from './kind.ts';

/** The part of apiextensions.k8s.io/v1 JSONSchemaProps that a structural schema of ours uses. */
export interface StructuralSchema {
  description?: string;
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  format?: string;
  nullable?: boolean;
  default?: unknown;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  items?: StructuralSchema;
  properties?: Record<string, StructuralSchema>;
  additionalProperties?: StructuralSchema;
  required?: string[];
  allOf?: { pattern: string }[];
  'x-kubernetes-int-or-string'?: true;
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  'x-kubernetes-validations'?: CelRule[];
}

type Json = z.core.JSONSchema.JSONSchema;

/** Keywords that go through as they are, in the order in which they are written. */
const plainKeywords = [
  'description',
  'type',
  'format',
  'nullable',
  'default',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'exclusiveMinimum',
  'maximum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
] as const;
/** A schema with an id becomes a $ref to `definitions`: that is refused where the $ref is, by its path. */
const handledKeywords = new Set<string>([...plainKeywords, 'items', 'properties', 'additionalProperties', 'allOf', 'anyOf', '$schema', 'definitions']);

/** Formats that the API server enforces; any other is accepted and ignored, so it must not stand alone. */
const enforcedFormats = new Set(['date', 'date-time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'cidr', 'mac', 'uuid', 'uri', 'byte', 'int32', 'int64']);

const source = String.raw`(?:[SLTCD]\d{1,2}(?:[–-][SLTCD]?\d{1,2})?|guards? \d(?: and \d)?)`;
const sources = new RegExp(String.raw` \(${source}(?:, ${source})*\)`, 'g');

/**
 * The structural schema of a zod schema, as the API server accepts it (facts/tech.md 3). What cannot be
 * said in it throws, with the path: a schema that the API server checks less strictly than zod would be a
 * promise not kept.
 */
export function toStructuralSchema(schema: z.ZodType, path: string): StructuralSchema {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    // Of the input: defaulted fields are optional there, and nothing is said of other fields.
    io: 'input',
    cycles: 'throw',
    override: ({ zodSchema, path: inner }) => checkSchema(zodSchema, [path, ...inner.filter((part) => part !== 'properties')].join('.')),
  });
  return convert(json, path);
}

function convert(json: Json, path: string): StructuralSchema {
  for (const keyword of Object.keys(json)) {
    if (!handledKeywords.has(keyword)) throw inexpressible(path, `the keyword ${keyword} cannot be said in a structural schema`);
  }
  if (json.anyOf !== undefined) return convertIntOrString(json, path);
  const result: Record<string, unknown> = {};
  for (const keyword of plainKeywords) if (json[keyword] !== undefined) result[keyword] = json[keyword];
  takeOutSources(result);
  stripIntegerLimits(result);
  settleFormat(result, path);
  checkPattern(result['pattern'], path);
  const schema: StructuralSchema = { ...result, ...convertPatterns(json, path), ...convertChildren(json, path) };
  const untyped = schema['x-kubernetes-preserve-unknown-fields'] === true || schema['x-kubernetes-int-or-string'] === true;
  if (schema.type === undefined && !untyped) throw inexpressible(path, 'a type is required, or x-kubernetes-preserve-unknown-fields: true');
  return schema;
}

/** Descriptions name their source for us, such as `(S31)`; `kubectl explain` is for people who have no such list. */
function takeOutSources(result: Record<string, unknown>): void {
  const { description, 'x-kubernetes-validations': rules } = result;
  if (typeof description === 'string') result['description'] = description.replaceAll(sources, '');
  if (Array.isArray(rules)) result['x-kubernetes-validations'] = rules.map(cleanRule);
}

function cleanRule(rule: CelRule): CelRule {
  return { ...rule, message: rule.message.replaceAll(sources, '') };
}

/** zod adds the limits of exact integers to every z.int(); the API server needs none of that. */
function stripIntegerLimits(result: Record<string, unknown>): void {
  if (result['minimum'] === Number.MIN_SAFE_INTEGER) delete result['minimum'];
  if (result['maximum'] === Number.MAX_SAFE_INTEGER) delete result['maximum'];
}

/** zod gives long patterns beside a format; where the API server enforces the format they say nothing more. */
function settleFormat(result: Record<string, unknown>, path: string): void {
  const { format } = result;
  if (typeof format !== 'string') return;
  if (enforcedFormats.has(format)) delete result['pattern'];
  else if (result['pattern'] === undefined) throw inexpressible(path, `the API server ignores the format ${format}: give a pattern`);
  else delete result['format'];
}

function checkPattern(pattern: unknown, path: string): void {
  // RE2, which the API server uses, has no look-around and no back-references.
  if (typeof pattern === 'string' && /\(\?<?[=!]|\\[1-9]|\\k</.test(pattern)) {
    throw inexpressible(path, 'the pattern uses look-around or a back-reference, which RE2 does not have');
  }
}

/** Two regular expressions on one string; the members of a structural allOf must not name a type. */
function convertPatterns(json: Json, path: string): Pick<StructuralSchema, 'allOf'> {
  if (json.allOf === undefined) return {};
  const patterns = json.allOf.map((member) => {
    const { type: _type, pattern, ...rest } = member;
    if (pattern === undefined || Object.keys(rest).length > 0) throw inexpressible(path, 'allOf may only hold patterns');
    checkPattern(pattern, path);
    return { pattern };
  });
  return { allOf: patterns };
}

/** The one union that a structural schema knows; limits inside it are refused by the API server. */
function convertIntOrString({ anyOf = [], ...rest }: Json, path: string): StructuralSchema {
  const types = new Set(anyOf.filter(isBare).map((member) => member.type));
  if (anyOf.length !== 2 || !types.has('integer') || !types.has('string')) {
    throw inexpressible(path, 'a union cannot be said in a structural schema, but for a plain integer or string: hoist its fields and write CEL rules');
  }
  return convert({ ...rest, 'x-kubernetes-int-or-string': true }, path);
}

function isBare(member: Json): boolean {
  const rest: Record<string, unknown> = { ...member };
  stripIntegerLimits(rest);
  return Object.keys(rest).length === 1;
}

function convertChildren(json: Json, path: string): Partial<StructuralSchema> {
  const { items, properties } = json;
  if (Array.isArray(items)) throw inexpressible(path, 'items cannot be a list of schemas');
  return {
    ...(items === undefined ? {} : { items: convertChild(items, `${path}[]`) }),
    ...(properties === undefined ? {} : { properties: convertProperties(properties, path) }),
    ...convertAdditional(json, path),
  };
}

function convertChild(json: Json | boolean, path: string): StructuralSchema {
  if (typeof json === 'boolean') throw inexpressible(path, 'a schema of true or false cannot be said in a structural schema');
  return convert(json, path);
}

function convertProperties(properties: Record<string, Json | boolean>, path: string): Record<string, StructuralSchema> {
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, convertChild(property, `${path}.${name}`)]));
}

/** `false` is dropped: the API server prunes unknown fields by itself. `{}` means that they are kept. */
function convertAdditional(json: Json, path: string): Partial<StructuralSchema> {
  const additional = json.additionalProperties;
  if (additional === undefined || additional === false) return {};
  if (additional === true || Object.keys(additional).length === 0) return { 'x-kubernetes-preserve-unknown-fields': true };
  if (json.properties !== undefined) throw inexpressible(path, 'additionalProperties cannot stand beside properties');
  return { additionalProperties: convert(additional, `${path}.*`) };
}

function inexpressible(path: string, why: string): Error {
  return new Error(`${path}: ${why}`);
}
