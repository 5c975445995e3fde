import { product, labels } from '../api/group.ts';
import { OperatorError, terminal } from '../api/errors.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { SecretValue } from '../api/secret-value.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { coreResources } from '../kubernetes/core-resources.ts';
import { makeSigner, readSigner, writePrivateKey, writePublicKey, type AuditSigner } from './keys.ts';

/** Secret with the keys of a namespace's chain. The private key is nowhere else (guard 7). */
export const auditKeySecret = 'saaslicense-audit-key';

/** Keys of the Secret's data. A person adds `next` to change the key: the operator then hands over and goes on with it. */
export const auditKeyData = { privateKey: 'private-key.pem', publicKey: 'public-key.pem', next: 'next-private-key.pem', personKey: 'person-key' } as const;

/** The keys of a namespace. */
export interface AuditKeys {
  /** UID and version of the Secret that they were read from. */
  readonly uid: string;
  readonly version: string;
  readonly signer: AuditSigner;
  /** The key to hand over to. */
  readonly next: AuditSigner | undefined;
  /** What stand-ins of addresses are made with. */
  readonly personKey: SecretValue;
}

interface Secret extends KubernetesObject {
  type?: string;
  data?: Record<string, string>;
}

/** The keys of the namespace, or undefined while there are none. Throws Terminal `AuditKeyInvalid` when somebody has spoiled the Secret. */
export async function readAuditKeys(client: Pick<KubernetesClient, 'get'>, namespace: string, signal: AbortSignal): Promise<AuditKeys | undefined> {
  const secret = await client.get<Secret>(coreResources.Secret, { namespace, name: auditKeySecret }, { signal });
  return secret === undefined ? undefined : decode(secret);
}

/** Makes the Secret, or reads the one that somebody else made at the same moment. */
export async function makeAuditKeys(client: Pick<KubernetesClient, 'get' | 'create'>, namespace: string, { createSecret, signal }: { createSecret: () => string; signal: AbortSignal }): Promise<AuditKeys> {
  const signer = makeSigner(createSecret());
  const texts = { [auditKeyData.privateKey]: writePrivateKey(signer), [auditKeyData.publicKey]: writePublicKey(signer), [auditKeyData.personKey]: createSecret() };
  const object: Secret = {
    metadata: { name: auditKeySecret, namespace, labels: { [labels.managedBy]: product, [labels.partOf]: product } },
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')])),
  };
  try {
    return decode(await client.create<Secret>(coreResources.Secret, object, { signal, fieldManager: product }));
  } catch (error) {
    if (!(error instanceof OperatorError) || error.failure.kind !== 'Conflict') throw error;
    const keys = await readAuditKeys(client, namespace, signal);
    // The namespace, or the Secret, went away in between.
    if (keys === undefined) throw error;
    return keys;
  }
}

function decode(secret: Secret): AuditKeys {
  const read = (key: string): SecretValue | undefined => {
    const text = Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8');
    return text === '' ? undefined : new SecretValue(text);
  };
  const [privateKey, next, personKey] = [read(auditKeyData.privateKey), read(auditKeyData.next), read(auditKeyData.personKey)];
  const where = (key: string): string => `${key} of the Secret ${auditKeySecret}`;
  if (privateKey === undefined || personKey === undefined) {
    const lacking = privateKey === undefined ? auditKeyData.privateKey : auditKeyData.personKey;
    throw terminal('AuditKeyInvalid', `The Secret ${auditKeySecret} has no ${lacking}: put back the one that the operator made.`);
  }
  return {
    uid: secret.metadata.uid ?? '',
    version: secret.metadata.resourceVersion ?? '',
    signer: readSigner(privateKey, where(auditKeyData.privateKey)),
    next: next === undefined ? undefined : readSigner(next, where(auditKeyData.next)),
    personKey,
  };
}
