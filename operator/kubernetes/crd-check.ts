import type { KubernetesObject } from '../api/meta.ts';
import type { KubernetesClient } from './client.ts';
import { coreResources } from './core-resources.ts';

export interface RequiredKind {
  plural: string;
  group: string;
  version: string;
  /** Dotted paths that the binary reads or writes, such as `spec.publish`. Lists and maps need no mark of their own. */
  fields: string[];
}

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
}

interface CustomResourceDefinition extends KubernetesObject {
  spec: { versions: { name: string; served: boolean; schema?: { openAPIV3Schema?: Schema } }[] };
}

/**
 * What is missing of the CRDs that the binary needs, one line each for people; empty when all is there. An old CRD
 * prunes new fields in silence, which has lost users' limits (facts/operators.md B3.37, C9), so this is asked at the start.
 */
export async function checkInstalledKinds(client: Pick<KubernetesClient, 'get'>, required: readonly RequiredKind[]): Promise<string[]> {
  const problems: string[] = [];
  for (const kind of required) {
    const name = `${kind.plural}.${kind.group}`;
    const found = await client.get<CustomResourceDefinition>(coreResources.CustomResourceDefinition, { name });
    problems.push(...findProblems(name, kind, found));
  }
  return problems;
}

function findProblems(name: string, kind: RequiredKind, found: CustomResourceDefinition | undefined): string[] {
  if (found === undefined) return [`CustomResourceDefinition ${name} is not installed`];
  const version = found.spec.versions.find((each) => each.name === kind.version && each.served);
  if (version === undefined) return [`CustomResourceDefinition ${name} does not serve version ${kind.version}`];
  const schema = version.schema?.openAPIV3Schema ?? {};
  return kind.fields
    .filter((field) => !hasField(schema, field.split('.')))
    .map((field) => `CustomResourceDefinition ${name} is too old: version ${kind.version} has no field ${field}`);
}

function hasField(schema: Schema, [name, ...rest]: string[]): boolean {
  if (name === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true) return true;
  if (schema.items !== undefined) return hasField(schema.items, [name, ...rest]);
  const property = schema.properties?.[name];
  if (property !== undefined) return hasField(property, rest);
  const any = schema.additionalProperties;
  return any === true || (typeof any === 'object' && hasField(any, rest));
}
