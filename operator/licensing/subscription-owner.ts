import { labels } from '../api/group.ts';
import type { IntegrationProfile } from '../api/integration-profile.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { profileLabelValue } from './subscription-name.ts';

/** Where the subscriptions of a profile are listed; those of an earlier profile of the same name may be among them. */
export function selectSubscriptions({ metadata }: IntegrationProfile): { namespace: string; labelSelector: string } {
  return { namespace: metadata.namespace ?? '', labelSelector: `${labels.profile}=${profileLabelValue(metadata.name)}` };
}

/** Whether it belongs to this very profile, not to an earlier one of the same name. */
export function isOwned(object: KubernetesObject, profile: IntegrationProfile): boolean {
  return (object.metadata.ownerReferences ?? []).some((owner) => owner.uid === profile.metadata.uid);
}
