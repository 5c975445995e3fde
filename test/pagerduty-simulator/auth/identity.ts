import type { Account } from '../account/account.ts';
import type { Reply } from '../http/replies.ts';
import type { Settings } from '../http/settings.ts';
import type { Apps } from './apps.ts';
import type { Codes } from './codes.ts';
import { createCodes } from './codes.ts';
import type { Credentials } from './credentials.ts';
import type { Signer } from './id-token.ts';
import { createSigner } from './id-token.ts';

/** What the identity host knows: the same one for every account and both regions (facts 1.2). */
export interface Identity {
  readonly apps: Apps;
  readonly codes: Codes;
  readonly signer: Signer;
  readonly credentials: Credentials;
  /** Accounts that a person can sign in to, the simulator's own first. */
  readonly accounts: readonly [Account, ...Account[]];
  readonly settings: Readonly<Settings>;
}

export interface IdentityRequest {
  readonly url: URL;
  readonly contentType: string | undefined;
  readonly body: string;
  /** Where the caller reached it, such as `http://127.0.0.1:1234`. */
  readonly origin: string;
  /** Milliseconds since the epoch, by the simulator's clock. */
  readonly now: number;
}

/** An answer, and what of it the journal may keep. */
export interface IdentityAnswer {
  readonly reply: Reply;
  readonly credentialId: string | undefined;
  readonly grantType?: string;
}

export function createIdentity(parts: Omit<Identity, 'codes' | 'signer'>): Identity {
  return { ...parts, codes: createCodes(), signer: createSigner() };
}

/** `iss` of ID tokens: where discovery is. */
export function issuerOf(origin: string): string {
  return `${origin}/global/oauth/anonymous`;
}

/** Space-separated names, each once. */
export function readScopes(text: string | null): string[] {
  return [...new Set((text ?? '').split(' ').filter((scope) => scope !== ''))];
}
