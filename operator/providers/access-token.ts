import { terminal } from '../api/errors.ts';
import type { SecretValue } from '../api/secret-value.ts';
import type { AccessToken, TokenScheme } from './provider.ts';

/** An access token as its Secret keeps it. */
export interface StoredAccessToken {
  readonly value: SecretValue;
  readonly scheme: string;
  /** Separated by spaces; empty when the credential has none. */
  readonly scopes: string;
}

const schemes: readonly string[] = ['Bearer', 'ApiToken'] satisfies TokenScheme[];

/** The one reading of a stored token, in operator and refresh alike. Throws Terminal `InvalidTokenSecret` for a scheme that nobody knows. */
export function parseAccessToken({ value, scheme, scopes }: StoredAccessToken): AccessToken {
  if (!isScheme(scheme)) {
    throw terminal('InvalidTokenSecret', 'The token Secret of the ConnectionAlias names no known scheme; delete it and the operator makes it again.');
  }
  const names = scopes.split(/\s+/).filter((scope) => scope !== '');
  return { value, scheme, scopes: names.length === 0 ? undefined : names };
}

function isScheme(text: string): text is TokenScheme {
  return schemes.includes(text);
}
