import type { z } from 'zod';

/** Kinds of zod schema that have a counterpart on the API server. */
const expressibleTypes = new Set([
  'string',
  'number',
  'boolean',
  'enum',
  'literal',
  'array',
  'object',
  'record',
  'optional',
  'nullable',
  'default',
  'prefault',
  'unknown',
  'union',
]);

/** Checks that come out in the JSON schema; `custom` (refine) and `overwrite` (trim) would vanish without a word. */
const expressibleChecks = new Set([
  'less_than',
  'greater_than',
  'multiple_of',
  'number_format',
  'min_length',
  'max_length',
  'length_equals',
  'string_format',
]);

/** What is read of a zod definition; zod keeps it behind `_zod.def` on every schema. */
interface Definition {
  readonly type: string;
  readonly checks?: readonly { readonly _zod: { readonly def: { readonly check: string; readonly pattern?: RegExp } } }[];
  readonly coerce?: boolean;
  readonly keyType?: { readonly _zod: { readonly def: Definition } };
}

/**
 * Throws when zod would check or change something that the JSON schema made from it does not say: such a
 * rule would hold in our unit tests and not on the API server. Such rules belong into CEL.
 */
export function checkSchema(schema: z.core.$ZodType, path: string): void {
  const definition: Definition = schema._zod.def;
  if (!expressibleTypes.has(definition.type)) {
    throw new Error(`${path}: a ${definition.type} cannot be said in a structural schema`);
  }
  if (definition.coerce === true) throw new Error(`${path}: coercion cannot be said in a structural schema`);
  for (const { _zod } of definition.checks ?? []) checkCheck(_zod.def, path);
  const key = definition.keyType?._zod.def;
  if (key !== undefined && (key.type !== 'string' || (key.checks ?? []).length > 0)) {
    throw new Error(`${path}: keys of a record cannot be limited by a schema: write a CEL rule`);
  }
}

function checkCheck({ check, pattern }: { readonly check: string; readonly pattern?: RegExp }, path: string): void {
  if (!expressibleChecks.has(check)) {
    throw new Error(`${path}: a ${check} check cannot be said in a structural schema: write a CEL rule`);
  }
  if (pattern !== undefined && /[ims]/.test(pattern.flags)) {
    throw new Error(`${path}: the flags of a regular expression are lost on the API server`);
  }
}
