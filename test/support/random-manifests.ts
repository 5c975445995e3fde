import { apiVersion } from '../../operator/api/group.ts';
import type { StructuralSchema } from '../../operator/api/structural-schema.ts';
import { leastSpecs } from './least-specs.ts';
import type { KindName } from './manifest-cases.ts';

/** Values that schemas say something about, each wrong in most places. */
const values: readonly unknown[] = [
  null, '', 'x', 'Nobody', 'a'.repeat(70), 'ü'.repeat(253), 0, 1, -1, 1.5, 61, 1e12, 2 ** 53, true, false, [], [null], ['a', 'a'], ['OnCall'], [{}], {}, { name: 'a' }, { name: 'A' },
  '2026-11-24', '2026-11-24T12:00:00Z', '2026-13-01', '0 0 * * *', 'Etc/UTC', 'Remove', 'Downgrade', 'Propose', 'Enforce', 'PagerDuty', 'USD', { teams: ['a'] }, [{ name: 'a' }, { name: 'a' }], { amountMinor: 1, currency: 'EUR' },
];

/** The least manifest of a kind with one to three fields of its schema, at any depth, given some value; the same for the same random numbers. */
export function randomManifest(kind: KindName, schema: StructuralSchema, random: () => number): string {
  const spec = structuredClone(leastSpecs[kind]) as Record<string, unknown>;
  const changes = 1 + Math.floor(random() * 3);
  for (let change = 0; change < changes; change += 1) setSomewhere(spec, schema.properties?.['spec'] ?? {}, random);
  return JSON.stringify({ apiVersion, kind, metadata: { name: 'random' }, spec });
}

function setSomewhere(object: Record<string, unknown>, schema: StructuralSchema, random: () => number): void {
  const names = Object.keys(schema.properties ?? {});
  const name = pick([...names, ...names, 'unknownField'], random);
  const inner = schema.properties?.[name];
  const child = descend(object, name, inner ?? {}, random);
  if (child !== undefined && inner !== undefined && random() < 0.7) setSomewhere(child, inner.items ?? inner, random);
  else object[name] = valueFor(inner, random);
}

/** The object at the field, made where it can be; the first of a list. */
function descend(object: Record<string, unknown>, name: string, schema: StructuralSchema, random: () => number): Record<string, unknown> | undefined {
  const isList = schema.items?.type === 'object' && random() > 0.3;
  if (!isList && schema.properties === undefined) return undefined;
  const known = isList ? firstOf(object[name]) : object[name];
  const inner = isObject(known) ? known : {};
  object[name] = isList ? [inner] : inner;
  return inner;
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? (value as unknown[])[0] : undefined;
}

function valueFor(schema: StructuralSchema | undefined, random: () => number): unknown {
  const fitting = [schema?.enum?.[0], schema?.default, schema?.minimum, schema?.maximum, schema?.maximum === undefined ? undefined : schema.maximum + 1].filter((value) => value !== undefined);
  return structuredClone(fitting.length > 0 && random() < 0.6 ? pick(fitting, random) : pick(values, random));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)]!;
}
