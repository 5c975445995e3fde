import type { KubernetesObject, ObjectMeta } from '../api/meta.ts';

/** `namespace/name`, or the name alone for what is in no namespace. */
export function keyOf(metadata: Pick<ObjectMeta, 'name' | 'namespace'>): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** kubectl's copy of the whole object; for a Secret it holds the values. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The object without what nobody reads from a cache: managedFields, often half of it, and kubectl's copy of the
 * object, through which Secret values would come in even with a metadata-only watch (guard 7).
 */
export function stripObject(object: KubernetesObject): KubernetesObject {
  const { managedFields: _managed, annotations, ...metadata } = object.metadata;
  if (annotations === undefined) return { ...object, metadata };
  const { [lastApplied]: _copy, ...kept } = annotations;
  return { ...object, metadata: { ...metadata, annotations: kept } };
}
