import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { retryable } from '../api/errors.ts';
import { trimLineBreaks } from '../api/secret-value.ts';
import { decodeToken, tokenSecretKeys } from '../api/token-secret.ts';
import type { AccessToken } from '../providers/provider.ts';

export interface MountedToken {
  readonly token: AccessToken;
  readonly credentialId: string;
  /** Milliseconds since the epoch; undefined in a Secret of an older version. */
  readonly issuedAt: number | undefined;
}

/**
 * Reads the access token from the mounted token Secret of the ConnectionAlias: the only credential that a
 * refresh has (design section 3). Throws Retryable `TokenMissing` when it is not there, `TokenExpired`
 * when it is too old (the operator renews it and another pod mounts the new one), and Terminal
 * `InvalidTokenSecret` when the Secret is not the operator's.
 * @param now milliseconds since the epoch.
 */
export async function readMountedToken(directory: string, now: number): Promise<MountedToken> {
  const texts = new Map<string, string>();
  for (const file of tokenSecretKeys) {
    const text = await readFile(join(directory, file), 'utf8').catch(() => '');
    texts.set(file, trimLineBreaks(text));
  }
  const stored = decodeToken((key) => texts.get(key));
  if (stored === undefined) {
    throw retryable('TokenMissing', 'The token Secret of the ConnectionAlias holds no token yet; the operator writes it once connected.');
  }
  if (stored.expiresAt !== undefined && stored.expiresAt <= now) {
    throw retryable('TokenExpired', 'The access token has expired; the operator renews it. See the Ready condition of the ConnectionAlias.');
  }
  return { token: { value: stored.token, scheme: stored.scheme, scopes: stored.scopes }, credentialId: stored.credentialId, issuedAt: stored.issuedAt };
}
