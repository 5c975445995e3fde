import { SecretValue, trimLineBreaks } from '../api/secret-value.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { decodeToken, encodeToken, type StoredToken } from '../api/token-secret.ts';

/** A Secret as the API server gives it: values are base64. */
export interface Secret extends KubernetesObject {
  type?: string;
  data?: Record<string, string>;
}

/** The decoded value of a key, without a trailing line break; undefined when the key is missing or empty. */
export function readSecretKey(secret: Secret, key: string): SecretValue | undefined {
  const encoded = secret.data?.[key];
  if (encoded === undefined) return undefined;
  const value = trimLineBreaks(Buffer.from(encoded, 'base64').toString('utf8'));
  return value === '' ? undefined : new SecretValue(value);
}

/** The access token in a token Secret, or undefined while there is none. Throws Terminal `InvalidTokenSecret`. */
export function decodeTokenSecret(secret: Secret): StoredToken | undefined {
  return decodeToken((key) => readSecretKey(secret, key)?.reveal());
}

/** `data` of a token Secret. */
export function encodeTokenSecret(stored: StoredToken): Record<string, string> {
  return encodeData(encodeToken(stored));
}

/** Texts as `data` of a Secret. */
export function encodeData(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')]));
}

/** Whether the object of this uid is the controller of the Secret; any other Secret is somebody else's and left alone. */
export function isControlledBy(secret: KubernetesObject, uid: string | undefined): boolean {
  return uid !== undefined && secret.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid) === true;
}
