import { labels } from '../api/group.ts';
import type { KubernetesObject } from '../api/meta.ts';

/** Index value of a refresh object: namespace and the label that names its profile. */
export function profileOf(object: KubernetesObject): string[] {
  const label = object.metadata.labels?.[labels.profile];
  return label === undefined ? [] : [`${object.metadata.namespace ?? ''}/${label}`];
}
