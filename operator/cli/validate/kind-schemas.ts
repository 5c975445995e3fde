import { toCustomResourceDefinition } from '../../api/crd.ts';
import { defineKinds } from '../../api/kinds.ts';
import type { StructuralSchema } from '../../api/structural-schema.ts';
import { providerFragments } from '../../providers/registry.ts';
import type { Provider } from '../../providers/provider.ts';

/** The schema of each kind, made from the very definitions that the CRDs are made from. */
export function kindSchemas(providers: readonly Provider[]): ReadonlyMap<string, StructuralSchema> {
  const kinds = defineKinds(providerFragments(providers));
  return new Map(kinds.map((kind) => [kind.kind, toCustomResourceDefinition(kind).spec.versions[0].schema.openAPIV3Schema]));
}
