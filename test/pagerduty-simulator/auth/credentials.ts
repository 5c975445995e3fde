import type { Account } from '../account/account.ts';
import type { ApiError, Reply } from '../http/replies.ts';
import { accessDenied, apiError, json, notAuthenticated } from '../http/replies.ts';
import type { App } from './apps.ts';
import type { OAuthSettings } from './settings.ts';
import type { Consent, Credential, RevokeTarget, Token } from './tokens.ts';
import { createTokenStore } from './tokens.ts';

export type { Credential } from './tokens.ts';

export interface ApiKeyOptions {
  readonly id?: string;
  readonly key: string;
  readonly access?: 'full' | 'read-only';
  /** A user key: acts as this person, and dies with them. */
  readonly userId?: string;
}

export interface Credentials {
  grantApp(app: App, scopes: readonly string[], expiresAt: number): string;
  /** A person's OAuth token without the consent: scoped names, or Classic `read` and `write` (facts 1.1). */
  grantUser(grant: { userId: string; scopes: readonly string[]; expiresAt: number; id?: string }): string;
  /** The two tokens of a consent, made now or renewed, with those of its scopes that the app still may have. */
  grantConsented(consent: Consent, grant: { scopes: readonly string[]; accessExpiresAt: number; refreshExpiresAt: number }): { access: string; refresh: string };
  findRefreshToken(secret: string): Token | undefined;
  /** Who the Authorization header speaks for, or the 401 to answer. */
  resolve(header: string | undefined, now: number): Credential | Reply;
  /** Revokes tokens of both kinds unless told otherwise. Returns how many. */
  revoke(target: RevokeTarget, use?: Token['use']): number;
  /** Forgets all tokens. */
  reset(): void;
}

export interface CredentialOptions {
  /** The simulator's own first; those of the same region are served too. */
  readonly accounts: readonly [Account, ...Account[]];
  readonly apiKeys: readonly ApiKeyOptions[];
}

export function createCredentials({ accounts, apiKeys }: CredentialOptions): Credentials {
  const [account] = accounts;
  const keys = new Map(apiKeys.map((key, index) => [key.key, keyCredential(key, key.id ?? `key-${index + 1}`, account)]));
  const tokens = createTokenStore();

  function resolveToken(secret: string, now: number): Credential | Reply {
    const token = tokens.find(secret);
    if (token?.use !== 'access' || token.credential.account.company.region !== account.company.region) return apiError(notAuthenticated);
    if (token.revoked) return revokedReply();
    return token.expiresAt <= now ? apiError(notAuthenticated) : token.credential;
  }

  function resolve(header: string | undefined, now: number): Credential | Reply {
    const [, scheme, value = ''] = /^(Bearer |Token token=)(\S+)$/.exec(header ?? '') ?? [];
    if (scheme === undefined) return apiError(notAuthenticated);
    const found = scheme === 'Bearer ' ? resolveToken(value, now) : (keys.get(value) ?? apiError(notAuthenticated));
    if ('status' in found || found.userId === undefined) return found;
    return found.account.user(found.userId) === undefined ? apiError(notAuthenticated) : found;
  }

  return {
    grantApp(app, scopes, expiresAt) {
      const owner = accounts.find(({ company }) => company.subdomain === app.ownerAccount) ?? account;
      const credential = { id: app.id, kind: 'app', scopes, readOnly: false, userId: undefined, appId: app.id, account: owner, budget: app.id } as const;
      return tokens.issue({ use: 'access', credential, consent: undefined, expiresAt });
    },
    grantUser({ userId, scopes, expiresAt, id = `user-token-${userId}` }) {
      const credential = { id, kind: 'user-token', scopes, readOnly: false, userId, account, budget: `token of ${userId}` } as const;
      return tokens.issue({ use: 'access', credential, consent: undefined, expiresAt });
    },
    grantConsented(consent, { scopes, accessExpiresAt, refreshExpiresAt }) {
      const credential = consentedCredential(consent, scopes);
      return {
        access: tokens.issue({ use: 'access', credential, consent, expiresAt: accessExpiresAt }),
        refresh: tokens.issue({ use: 'refresh', credential, consent, expiresAt: refreshExpiresAt }),
      };
    },
    findRefreshToken(secret) {
      const token = tokens.find(secret);
      return token?.use === 'refresh' ? token : undefined;
    },
    resolve,
    revoke: (target, use) => tokens.revoke(target, use),
    reset: () => tokens.clear(),
  };
}

/** Counted for each app and person (facts 6.1). */
function consentedCredential({ app, account, userId }: Consent, scopes: readonly string[]): Credential {
  const id = `${app.id}/${userId}`;
  return { id, kind: 'user-token', scopes, readOnly: false, userId, appId: app.id, account, budget: id };
}

function keyCredential(key: ApiKeyOptions, id: string, account: Account): Credential {
  const common = { id, account, scopes: undefined, readOnly: key.access === 'read-only', userId: key.userId };
  return key.userId === undefined
    ? { ...common, kind: 'account-key', budget: id }
    : { ...common, kind: 'user-key', budget: `keys of ${key.userId}` };
}

/** A revoked token's 401 is not JSON (facts 1.7, tf#1055). */
function revokedReply(): Reply {
  return { status: 401, body: { kind: 'text', text: 'Unauthorized\n', contentType: 'text/plain; charset=utf-8' } };
}

/** The 403 for a route, or undefined when the credential may use it (facts 1.7, 2). */
export function authorize(credential: Credential, method: string, scope: string | null, settings: Readonly<OAuthSettings>): Reply | undefined {
  if (credential.readOnly && method !== 'GET') return apiError(accessDenied());
  if (credential.scopes === undefined || scope === null) return undefined;
  const reads = method === 'GET' || (scope === 'analytics.write' && settings.classicReadPostsAnalytics);
  if (allows(credential.scopes, reads, scope)) return undefined;
  const message = 'Token missing required scopes';
  return json({ error: { message, required_scopes: scope, token_scopes: credential.scopes.join(' ') } }, 403);
}

/** A Classic `read` is good for whatever reads, `write` for everything (facts 1.1). */
function allows(scopes: readonly string[], reads: boolean, scope: string): boolean {
  if (scopes.includes(scope) || scopes.includes('write')) return true;
  return reads && scopes.includes('read');
}

/** The 403 of a person whose role is too low; keys and tokens of no person pass. */
export function demandAdmin(credential: Credential, account: Account, what: string): ApiError | undefined {
  if (credential.userId === undefined) return undefined;
  const role = account.user(credential.userId)?.role;
  return role === 'owner' || role === 'admin' ? undefined : accessDenied(what);
}
