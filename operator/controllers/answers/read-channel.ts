import { terminal } from '../../api/errors.ts';
import type { NoticeChannel } from '../../api/notify.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { ResolvedChannel } from '../../notices/notice.ts';
import { resolveChannel } from '../../notices/resolve-channel.ts';
import { readSecretKey, type Secret } from '../secrets.ts';

/**
 * A channel of a rule with what its Secret says now, read live. Throws Terminal `NoticeSecretMissing` or `NoticeSecretInvalid`.
 */
export async function readChannel(channel: NoticeChannel, namespace: string, { client, signal }: { client: Pick<KubernetesClient, 'get'>; signal: AbortSignal }): Promise<ResolvedChannel> {
  const { name } = channel.secretRef;
  const secret = await client.get<Secret>(coreResources.Secret, { namespace, name }, { signal });
  if (secret === undefined) throw terminal('NoticeSecretMissing', `Channel ${channel.name}: there is no Secret ${name} in the namespace.`);
  return resolveChannel(channel, (key) => readSecretKey(secret, key));
}
