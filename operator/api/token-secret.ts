import { terminal } from './errors.ts';
import { SecretValue } from './secret-value.ts';

/** How a token goes into the Authorization header (facts/pagerduty.md 1.1). */
export const tokenSchemes = ['Bearer', 'ApiToken'] as const;
type Scheme = (typeof tokenSchemes)[number];

/**
 * What `<alias>-token` holds: the access token that controllers read from the Secret and refresh pods from its mount.
 * Both go through this module, so that neither can take for a token what the other refuses.
 */
export interface StoredToken {
  readonly token: SecretValue;
  readonly scheme: Scheme;
  /** Granted scopes; undefined when the credential has none. */
  readonly scopes: readonly string[] | undefined;
  /** Sessions with the same id share one rate budget. */
  readonly credentialId: string;
  /** Milliseconds since the epoch; undefined when the token does not expire. */
  readonly expiresAt: number | undefined;
  /** When the vendor issued it, milliseconds since the epoch; undefined in a Secret of an older version. */
  readonly issuedAt: number | undefined;
}

/** Name of the Secret that the operator keeps the access token of an alias in (design section 3). */
export function tokenSecretName(aliasName: string): string {
  return `${aliasName}-token`;
}

/**
 * The token, or undefined while there is none. `read` gives the text of a key or file, without a trailing line break.
 * Throws Terminal `InvalidTokenSecret` when what is there is not what the operator writes.
 */
export function decodeToken(read: (key: string) => string | undefined): StoredToken | undefined {
  const token = read('token') ?? '';
  if (token === '') return undefined;
  const scheme = tokenSchemes.find((known) => known === read('scheme'));
  if (scheme === undefined) throw invalid('names no known scheme');
  const scopes = (read('scopes') ?? '').split(/\s+/).filter((scope) => scope !== '');
  return {
    token: new SecretValue(token),
    scheme,
    scopes: scopes.length === 0 ? undefined : scopes,
    credentialId: read('credentialId') || 'unknown',
    expiresAt: readTime(read('expiresAt')),
    issuedAt: readTime(read('issuedAt')),
  };
}

/** Texts by key, as `decodeToken` reads them. */
export function encodeToken(stored: StoredToken): Record<string, string> {
  return {
    token: stored.token.reveal(),
    scheme: stored.scheme,
    scopes: stored.scopes?.join(' ') ?? '',
    credentialId: stored.credentialId,
    expiresAt: writeTime(stored.expiresAt),
    issuedAt: writeTime(stored.issuedAt),
  };
}

/** Keys of the Secret, which are the files of the mount. */
export const tokenSecretKeys = ['token', 'scheme', 'scopes', 'credentialId', 'expiresAt', 'issuedAt'] as const satisfies readonly (keyof StoredToken)[];

function readTime(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid('names a time that is none');
  return time;
}

function writeTime(time: number | undefined): string {
  return time === undefined ? '' : new Date(time).toISOString();
}

function invalid(what: string): Error {
  return terminal('InvalidTokenSecret', `The token Secret of the ConnectionAlias ${what}; delete it and the operator makes it again.`);
}
