import { SecretValue } from '../api/secret-value.ts';
import type { KubernetesObject } from '../api/meta.ts';

/** A Secret as the API server gives it: values are base64. */
export interface Secret extends KubernetesObject {
  type?: string;
  data?: Record<string, string>;
}

/** The Secret that holds the access token of a ConnectionAlias: keys as the refresh pod mounts them. */
export interface TokenSecretData {
  token: SecretValue;
  /** How the value goes into the Authorization header. */
  scheme: string;
  /** Space-separated granted scopes; empty when the credential has none. */
  scopes: string;
  /** Sessions with the same id share one rate budget. */
  credentialId: string;
  /** RFC 3339, or empty when the token does not expire. */
  expiresAt: string;
}

/** The decoded value of a key, without a trailing line break; undefined when the key is missing or empty. */
export function readSecretKey(secret: Secret, key: string): SecretValue | undefined {
  const encoded = secret.data?.[key];
  if (encoded === undefined) return undefined;
  // `kubectl create secret --from-file` and editors leave a line break that no credential ever has.
  const value = Buffer.from(encoded, 'base64').toString('utf8').replace(/[\r\n]+$/, '');
  return value === '' ? undefined : new SecretValue(value);
}

/** The token Secret's data, or undefined when a key is missing. */
export function decodeTokenSecret(secret: Secret): TokenSecretData | undefined {
  const token = readSecretKey(secret, 'token');
  if (token === undefined) return undefined;
  const text = (key: string): string => readSecretKey(secret, key)?.reveal() ?? '';
  return { token, scheme: text('scheme'), scopes: text('scopes'), credentialId: text('credentialId'), expiresAt: text('expiresAt') };
}

export function encodeTokenSecret(data: TokenSecretData): Record<string, string> {
  const encode = (value: string): string => Buffer.from(value, 'utf8').toString('base64');
  return {
    token: encode(data.token.reveal()),
    scheme: encode(data.scheme),
    scopes: encode(data.scopes),
    credentialId: encode(data.credentialId),
    expiresAt: encode(data.expiresAt),
  };
}
