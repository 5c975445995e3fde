import { randomBytes } from 'node:crypto';
import type { Consent } from './tokens.ts';

/** The code lives 30 seconds (facts 1.3). */
export const CODE_LIFE_MS = 30_000;

export interface Code {
  readonly consent: Consent;
  /** What the authorization asked for: what must be repeated at the token endpoint. */
  readonly redirectUri: string;
  /** base64url of the SHA-256 of the verifier; undefined where PKCE was left out. */
  readonly challenge: string | undefined;
  /** The scopes were more than the app may have, and the code is worth a refusal. */
  readonly invalidScope: boolean;
  readonly expiresAt: number;
  used: boolean;
}

export interface Codes {
  issue(code: Omit<Code, 'used'>): string;
  find(secret: string): Code | undefined;
  clear(): void;
}

export function createCodes(): Codes {
  const codes = new Map<string, Code>();
  return {
    issue(code) {
      const secret = randomBytes(24).toString('base64url');
      codes.set(secret, { ...code, used: false });
      return secret;
    },
    find: (secret) => codes.get(secret),
    clear: () => codes.clear(),
  };
}
