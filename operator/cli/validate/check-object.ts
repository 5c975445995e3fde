import type { StructuralSchema } from '../../api/structural-schema.ts';
import { applyDefaults } from './apply-defaults.ts';
import { checkMetadata } from './check-metadata.ts';
import { checkRules } from './check-rules.ts';
import { checkSchema, findUnknownFields } from './check-schema.ts';
import type { Finding } from './problem.ts';

export interface CheckedObject {
  /** As the API server would store it: with its defaults, without status. */
  readonly object: Readonly<Record<string, unknown>>;
  readonly findings: readonly Finding[];
}

/**
 * What the API server says of an object that is created: unknown fields, metadata, schema, rules. As there, rules are not
 * asked of an object that its schema refuses; and a status is thrown away, whatever it holds.
 */
export function checkObject(value: Readonly<Record<string, unknown>>, schema: StructuralSchema): CheckedObject {
  const { metadata, status: _status, ...given } = value;
  const wished = withoutStatus(schema);
  const filled = applyDefaults(given, wished);
  // The value was an object, so its copy is.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const object = { ...(filled as Record<string, unknown>), metadata };
  const structural = [...findUnknownFields({ ...value, metadata: {} }, schema, []), ...checkMetadata(metadata), ...checkSchema(filled, wished, [])];
  const isRefused = structural.some(({ check }) => check !== 'Product');
  return { object, findings: isRefused ? structural : [...structural, ...checkRules(object, withNames(wished), [])] };
}

function withoutStatus(schema: StructuralSchema): StructuralSchema {
  const { status: _status, metadata: _metadata, ...properties } = schema.properties ?? {};
  return { ...schema, properties };
}

/** Rules may read the name of an object, and nothing else of its metadata. */
function withNames(schema: StructuralSchema): StructuralSchema {
  const metadata: StructuralSchema = { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } };
  return { ...schema, properties: { ...schema.properties, metadata } };
}
