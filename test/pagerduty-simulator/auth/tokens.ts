import { randomUUID } from 'node:crypto';
import type { Account } from '../account/account.ts';
import type { App } from './apps.ts';

/** Who asks (facts 1.1). The secret itself stays in here. */
export interface Credential {
  /** Name for journals and control, such as `app-1`, or `app-1/PADMIN1` for a person who consented; never the secret. */
  readonly id: string;
  readonly kind: 'app' | 'user-token' | 'account-key' | 'user-key';
  /** Undefined where the credential has no scopes (API keys). */
  readonly scopes: readonly string[] | undefined;
  readonly readOnly: boolean;
  /** The person whose role it acts with; undefined = the account or the app itself. */
  readonly userId: string | undefined;
  /** The app it was given to; undefined for API keys. */
  readonly appId?: string;
  /** The account it opens. */
  readonly account: Account;
  /** What its requests are counted under (facts 6.1). */
  readonly budget: string;
}

/** A person's yes, from which tokens are renewed until its window is over (facts 1.6). */
export interface Consent {
  readonly id: string;
  readonly app: App;
  readonly account: Account;
  readonly userId: string;
  /** What was granted. */
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Token {
  readonly use: 'access' | 'refresh';
  readonly credential: Credential;
  readonly consent: Consent | undefined;
  readonly expiresAt: number;
  revoked: boolean;
  /** When a refresh token was first exchanged for the next one. */
  rotatedAt: number | undefined;
}

/** Tokens of one credential, app or person, the one token, or all that came of one consent. */
export type RevokeTarget =
  | { readonly token: string }
  | { readonly credentialId: string }
  | { readonly appId: string }
  | { readonly userId: string }
  | { readonly consentId: string };

export interface TokenStore {
  /** The secret of a new token (facts 1.3). */
  issue(token: Omit<Token, 'revoked' | 'rotatedAt'>): string;
  find(secret: string): Token | undefined;
  /** Returns how many. */
  revoke(target: RevokeTarget, use?: Token['use']): number;
  clear(): void;
}

export function createTokenStore(): TokenStore {
  const tokens = new Map<string, Token>();
  return {
    issue(token) {
      const secret = `pd${token.credential.account.company.region}+_${token.use === 'access' ? '0' : '1'}XBPWQQ_${randomUUID()}`;
      tokens.set(secret, { ...token, revoked: false, rotatedAt: undefined });
      return secret;
    },
    find: (secret) => tokens.get(secret),
    revoke(target, use) {
      const hit = [...tokens].filter(([secret, token]) => isMeant(target, secret, token) && (use === undefined || token.use === use));
      for (const [, token] of hit) token.revoked = true;
      return hit.length;
    },
    clear: () => tokens.clear(),
  };
}

function isMeant(target: RevokeTarget, secret: string, { credential, consent }: Token): boolean {
  if ('token' in target) return secret === target.token;
  if ('credentialId' in target) return credential.id === target.credentialId;
  if ('appId' in target) return credential.appId === target.appId;
  if ('userId' in target) return credential.userId === target.userId;
  return consent?.id === target.consentId;
}
