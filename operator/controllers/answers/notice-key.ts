import { labels, product } from '../../api/group.ts';
import { terminal, toFailure } from '../../api/errors.ts';
import type { SecretValue } from '../../api/secret-value.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { encodeData, readSecretKey, type Secret } from '../secrets.ts';
import type { ControllerDependencies } from '../dependencies.ts';

/** Secret of a namespace with the key that its answer links are signed with. */
export const noticeKeySecret = 'saaslicense-notice-key';
const dataKey = 'key';
/** 256 bits as base64url. */
const keyPattern = /^[A-Za-z0-9_-]{43}$/;

interface KeyTools {
  readonly client: Pick<KubernetesClient, 'get' | 'create'>;
  readonly createSecret: ControllerDependencies['createSecret'];
  readonly signal: AbortSignal;
}

/**
 * The key that answer links of a namespace are signed with; made at the first use, and never changed: deleting the Secret makes all links
 * that are out void. Whoever may read Secrets of the namespace could sign an answer, which can do no more than a person's own.
 * Throws Terminal `NoticeKeyInvalid` when a Secret of that name holds something else.
 */
export async function noticeKey(namespace: string, { client, createSecret, signal }: KeyTools): Promise<SecretValue> {
  const known = await readNoticeKey(namespace, { client, signal });
  if (known !== undefined) return known;
  try {
    return decode(await client.create<Secret & { immutable: boolean }>(coreResources.Secret, newSecret(namespace, createSecret()), { fieldManager: product, signal }), namespace);
  } catch (error) {
    if (toFailure(error).kind !== 'Conflict') throw error;
  }
  // Another replica was faster: its key is the key.
  const made = await readNoticeKey(namespace, { client, signal });
  if (made === undefined) throw invalid(namespace);
  return made;
}

/** The key, read live, or undefined while there is none. Throws Terminal `NoticeKeyInvalid`. */
export async function readNoticeKey(namespace: string, { client, signal }: Pick<KeyTools, 'signal'> & { readonly client: Pick<KubernetesClient, 'get'> }): Promise<SecretValue | undefined> {
  const secret = await client.get<Secret>(coreResources.Secret, { namespace, name: noticeKeySecret }, { signal });
  return secret === undefined ? undefined : decode(secret, namespace);
}

/** Milliseconds for which a key that was read, or that there is none, is taken to be so; and for which a failure is. */
const keptMs = 5_000;
const failureKeptMs = 1_000;

/** Gives the key of a namespace, as it was no longer than some seconds ago. */
export type NoticeKeys = (namespace: string) => Promise<SecretValue | undefined>;

interface Reading {
  readonly key: Promise<SecretValue | undefined>;
  until: number;
}

/**
 * Reads keys for proving answers: once in some seconds for a namespace, however many ask, so that forgeries cost no request each (guard 12).
 * A key that was deleted proves nothing any more after that. Nothing is kept for longer, or where nobody asks.
 */
export function createNoticeKeys({ client, now, signal }: { readonly client: Pick<KubernetesClient, 'get'>; readonly now: () => number; readonly signal: () => AbortSignal }): NoticeKeys {
  const readings = new Map<string, Reading>();
  return async (namespace) => {
    const time = now();
    // A clock that was set back makes nothing last longer.
    for (const [name, { until }] of readings) if (until <= time || until > time + keptMs) readings.delete(name);
    const known = readings.get(namespace);
    if (known !== undefined) return known.key;
    const reading = { key: readNoticeKey(namespace, { client, signal: signal() }), until: time + keptMs };
    readings.set(namespace, reading);
    reading.key.catch(() => void (reading.until = Math.min(reading.until, now() + failureKeptMs)));
    return reading.key;
  };
}

function newSecret(namespace: string, key: string): Secret & { immutable: boolean } {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: noticeKeySecret, namespace, labels: { [labels.managedBy]: product, [labels.partOf]: product } },
    type: 'Opaque',
    immutable: true,
    data: encodeData({ [dataKey]: key }),
  };
}

/** A short key could be guessed, so that anybody could answer for others. */
function decode(secret: Secret, namespace: string): SecretValue {
  const key = readSecretKey(secret, dataKey);
  if (key === undefined || !keyPattern.test(key.reveal())) throw invalid(namespace);
  return key;
}

function invalid(namespace: string): Error {
  return terminal('NoticeKeyInvalid', `The Secret ${namespace}/${noticeKeySecret} holds no key of the operator; delete it and the operator makes it again. Links that are out stop working.`);
}
