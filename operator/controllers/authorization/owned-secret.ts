import { connectionAliasResource, type ConnectionAlias } from '../../api/connection-alias.ts';
import { apiVersion, labels, product } from '../../api/group.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { Secret } from '../secrets.ts';

/** Field manager of the controllers. */
export const fieldManager = product;

interface WriteTools {
  readonly client: Pick<KubernetesClient, 'create' | 'mergePatch'>;
  readonly signal: AbortSignal;
}

interface SecretWrite {
  readonly name: string;
  readonly annotations?: Record<string, string>;
  /** Base64 by key; null removes a key. */
  readonly data: Readonly<Record<string, string | null>>;
}

/** What a write must find, or it changes nothing. */
export interface SecretVersion {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Makes a Secret of the alias. One that is there already, whoever's it is, is a Conflict: it is read and judged first. */
export async function createOwnedSecret(alias: ConnectionAlias, { name, annotations, data }: SecretWrite, { client, signal }: WriteTools): Promise<Secret> {
  const set = Object.entries(data).filter((entry): entry is [string, string] => entry[1] !== null);
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: alias.metadata.namespace ?? '',
      labels: { [labels.managedBy]: product, [labels.partOf]: product, [labels.watch]: 'true' },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [
        {
          apiVersion,
          kind: connectionAliasResource.kind,
          name: alias.metadata.name,
          uid: alias.metadata.uid ?? '',
          controller: true,
          blockOwnerDeletion: false,
        },
      ],
    },
    type: 'Opaque',
    data: Object.fromEntries(set),
  };
  return client.create<Secret>(coreResources.Secret, secret, { fieldManager, signal });
}

/**
 * Changes keys of a Secret of the alias that was read as this version. Another one of the name, or a write in
 * between, is a Conflict and nothing is written. The labels come back, should somebody have taken them away.
 */
export async function changeOwnedSecret(
  alias: ConnectionAlias,
  version: SecretVersion,
  { name, annotations, data }: SecretWrite,
  { client, signal }: WriteTools,
): Promise<Secret> {
  const key = { namespace: alias.metadata.namespace ?? '', name };
  // Taken by name: what else the caller's value holds, such as a token, belongs into no metadata.
  const { uid, resourceVersion } = version;
  const metadata = { uid, resourceVersion, labels: { [labels.watch]: 'true' }, ...(annotations === undefined ? {} : { annotations }) };
  return client.mergePatch<Secret>(coreResources.Secret, key, { metadata, data }, { fieldManager, signal });
}
