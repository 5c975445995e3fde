import { apiVersion, labels, product } from '../../api/group.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import type { NewModel } from '../../licensing/position/facts.ts';
import { profileLabelValue } from '../../licensing/subscription-name.ts';
import type { Provider } from '../../providers/provider.ts';

/** The SoftwareModel of a licence that no model claims (S73); it goes with its profile. */
export function buildModel({ name, identifier, edition, roleGroup }: NewModel, profile: IntegrationProfile, provider: Pick<Provider, 'publisher' | 'product'>): SoftwareModel {
  const { namespace = '', uid = '' } = profile.metadata;
  return {
    apiVersion,
    kind: 'SoftwareModel',
    metadata: {
      name,
      namespace,
      labels: { [labels.profile]: profileLabelValue(profile.metadata.name), [labels.managedBy]: product },
      ownerReferences: [{ apiVersion, kind: 'IntegrationProfile', name: profile.metadata.name, uid, controller: true, blockOwnerDeletion: false }],
    },
    spec: {
      profileRef: { name: profile.metadata.name },
      publisher: provider.publisher,
      product: provider.product,
      ...(edition === undefined ? {} : { edition }),
      subscriptionIdentifiers: [identifier],
      roleGroup,
    },
  };
}
