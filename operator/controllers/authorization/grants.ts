import type { ConsentGrant } from '../../providers/provider.ts';
import type { Grant } from './record.ts';

interface Obtained {
  readonly id: string;
  readonly obtained: ConsentGrant;
  /** When it was asked for, so that no life is taken to be longer than it is. */
  readonly askedAt: number;
  readonly credentialHash: string;
}

/** The tokens of a fresh consent, as they are kept. */
export function newGrant({ id, obtained, askedAt, credentialHash }: Obtained, { app, givenFor }: Pick<Grant, 'app' | 'givenFor'>): Grant {
  const { identity } = obtained;
  return {
    ...tokensOf({ id, obtained, askedAt, credentialHash }),
    app,
    authorizedAt: askedAt,
    consentEndsAt: askedAt + obtained.consentLifetimeMs,
    account: identity?.account,
    givenFor,
    userId: identity?.userId,
    role: identity?.role,
  };
}

/** The same consent with new tokens. */
export function renewGrant(before: Grant, renewal: Obtained): Grant {
  return { ...before, ...tokensOf(renewal) };
}

type Tokens = Omit<Grant, 'app' | 'authorizedAt' | 'consentEndsAt' | 'account' | 'givenFor' | 'userId' | 'role'>;

function tokensOf({ id, obtained, askedAt, credentialHash }: Obtained): Tokens {
  return {
    id,
    accessToken: obtained.token.value,
    refreshToken: obtained.refreshToken,
    scopes: [...(obtained.token.scopes ?? [])],
    issuedAt: askedAt,
    expiresAt: obtained.expiresAt,
    refreshEndsAt: askedAt + obtained.refreshTokenLifetimeMs,
    refreshLifetimeMs: obtained.refreshTokenLifetimeMs,
    isIdentified: obtained.identity?.role !== undefined,
    credentialHash,
  };
}

/** When a person must consent again, unless something renews the refresh token before (T8). */
export function consentEnd(grant: Grant): number {
  return grant.refreshToken === undefined ? grant.issuedAt : Math.min(grant.consentEndsAt, grant.refreshEndsAt);
}
