import { randomUUID } from 'node:crypto';
import type { Account } from '../account/account.ts';
import type { ApiError, Reply } from '../http/replies.ts';
import { accessDenied, apiError, json, notAuthenticated } from '../http/replies.ts';

/** Who asks (facts 1.1). The secret itself stays in here. */
export interface Credential {
  /** Name for journals and control, such as `app-1`; never the secret. */
  readonly id: string;
  readonly kind: 'app' | 'user-token' | 'account-key' | 'user-key';
  /** Undefined where the credential has no scopes (API keys). */
  readonly scopes: readonly string[] | undefined;
  readonly readOnly: boolean;
  /** The person whose role it acts with; undefined = the account or the app itself. */
  readonly userId: string | undefined;
  /** What its requests are counted under (facts 6.1). */
  readonly budget: string;
}

export interface AppOptions {
  readonly id?: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Scopes that the app was registered with. */
  readonly scopes: readonly string[];
}

export interface ApiKeyOptions {
  readonly id?: string;
  readonly key: string;
  readonly access?: 'full' | 'read-only';
  /** A user key: acts as this person, and dies with them. */
  readonly userId?: string;
}

export interface App extends AppOptions {
  readonly id: string;
}

export interface Credentials {
  /** The app, if the secret is right. */
  findApp(clientId: string, clientSecret: string): App | undefined;
  grantApp(app: App, scopes: readonly string[], expiresAt: number): string;
  /** A person's OAuth token: scoped names, or Classic `read` and `write` (facts 1.1). */
  grantUser(grant: { userId: string; scopes: readonly string[]; expiresAt: number; id?: string }): string;
  /** Who the Authorization header speaks for, or the 401 to answer. */
  resolve(header: string | undefined, now: number): Credential | Reply;
  /** Revokes one token, or all tokens of the credential with this id. Returns how many. */
  revoke(target: { token: string } | { credentialId: string }): number;
  /** Forgets all tokens. */
  reset(): void;
}

interface Token {
  readonly credential: Credential;
  readonly expiresAt: number;
  revoked: boolean;
}

export interface CredentialOptions {
  readonly account: Account;
  readonly apps: readonly AppOptions[];
  readonly apiKeys: readonly ApiKeyOptions[];
}

export function createCredentials({ account, apps, apiKeys }: CredentialOptions): Credentials {
  const known = apps.map((app, index): App => ({ ...app, id: app.id ?? `app-${index + 1}` }));
  const keys = new Map(apiKeys.map((key, index) => [key.key, keyCredential(key, key.id ?? `key-${index + 1}`)]));
  const tokens = new Map<string, Token>();

  function grant(credential: Credential, expiresAt: number): string {
    const token = `pd${account.company.region}+_0XBPWQQ_${randomUUID()}`;
    tokens.set(token, { credential, expiresAt, revoked: false });
    return token;
  }

  function resolveToken(value: string, now: number): Credential | Reply {
    const token = tokens.get(value);
    if (token?.revoked === true) return revokedReply();
    return token === undefined || token.expiresAt <= now ? apiError(notAuthenticated) : token.credential;
  }

  function resolve(header: string | undefined, now: number): Credential | Reply {
    const [, scheme, value = ''] = /^(Bearer |Token token=)(\S+)$/.exec(header ?? '') ?? [];
    if (scheme === undefined) return apiError(notAuthenticated);
    const found = scheme === 'Bearer ' ? resolveToken(value, now) : (keys.get(value) ?? apiError(notAuthenticated));
    if ('status' in found || found.userId === undefined) return found;
    return account.user(found.userId) === undefined ? apiError(notAuthenticated) : found;
  }

  return {
    findApp: (clientId, clientSecret) => known.find((app) => app.clientId === clientId && app.clientSecret === clientSecret),
    grantApp: (app, scopes, expiresAt) =>
      grant({ id: app.id, kind: 'app', scopes, readOnly: false, userId: undefined, budget: app.id }, expiresAt),
    grantUser({ userId, scopes, expiresAt, id = `user-token-${userId}` }) {
      return grant({ id, kind: 'user-token', scopes, readOnly: false, userId, budget: `token of ${userId}` }, expiresAt);
    },
    resolve,
    revoke(target) {
      const entries = [...tokens].filter(([value, { credential }]) =>
        'token' in target ? value === target.token : credential.id === target.credentialId,
      );
      for (const [, token] of entries) token.revoked = true;
      return entries.length;
    },
    reset: () => tokens.clear(),
  };
}

function keyCredential(key: ApiKeyOptions, id: string): Credential {
  const common = { id, scopes: undefined, readOnly: key.access === 'read-only', userId: key.userId };
  return key.userId === undefined
    ? { ...common, kind: 'account-key', budget: id }
    : { ...common, kind: 'user-key', budget: `keys of ${key.userId}` };
}

/** A revoked token's 401 is not JSON (facts 1.7, tf#1055). */
function revokedReply(): Reply {
  return { status: 401, body: { kind: 'text', text: 'Unauthorized\n', contentType: 'text/plain; charset=utf-8' } };
}

/** The 403 for a route, or undefined when the credential may use it (facts 1.7, 2). */
export function authorize(credential: Credential, method: string, scope: string | null): Reply | undefined {
  if (credential.readOnly && method !== 'GET') return apiError(accessDenied());
  if (credential.scopes === undefined || scope === null || allows(credential.scopes, method, scope)) return undefined;
  const message = 'Token missing required scopes';
  return json({ error: { message, required_scopes: scope, token_scopes: credential.scopes.join(' ') } }, 403);
}

function allows(scopes: readonly string[], method: string, scope: string): boolean {
  if (scopes.includes(scope) || scopes.includes('write')) return true;
  return method === 'GET' && scopes.includes('read');
}

/** The 403 of a person whose role is too low; keys and tokens of no person pass. */
export function demandAdmin(credential: Credential, account: Account, what: string): ApiError | undefined {
  if (credential.userId === undefined) return undefined;
  const role = account.user(credential.userId)?.role;
  return role === 'owner' || role === 'admin' ? undefined : accessDenied(what);
}
