import type { KeyObject } from 'node:crypto';
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { CompanyState } from '../company/company.ts';
import type { Consent } from './tokens.ts';

/** Signs ID tokens with a key of its own, made when it is first needed. */
export interface Signer {
  /** A JWT, RS256 (facts 1.9). */
  sign(claims: object): string;
  /** The public key as a JWK set. */
  keySet(): object;
}

export function createSigner(): Signer {
  let pair: { publicKey: KeyObject; privateKey: KeyObject; keyId: string } | undefined;

  function keys(): NonNullable<typeof pair> {
    pair ??= { ...generateKeyPairSync('rsa', { modulusLength: 2048 }), keyId: randomUUID() };
    return pair;
  }

  return {
    sign(claims) {
      const { privateKey, keyId } = keys();
      const content = `${encode({ alg: 'RS256', typ: 'JWT', kid: keyId })}.${encode(claims)}`;
      return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`;
    },
    keySet() {
      const { publicKey, keyId } = keys();
      return { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: keyId }] };
    },
  };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** The account's own id, drawn from its subdomain. */
export function accountIdOf({ region, subdomain }: CompanyState): string {
  return `P${createHash('sha256').update(`${region}.${subdomain}`).digest('hex').slice(0, 6).toUpperCase()}`;
}

export interface IdTokenOptions {
  readonly consent: Consent;
  readonly accessToken: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lifetimeSeconds: number;
}

/** Which API host to use, which account and which person: `aud`, `subdomain`, `user_id` and the rest (facts 1.9). */
export function idTokenClaims({ consent, accessToken, issuer, now, lifetimeSeconds }: IdTokenOptions): object {
  const { company } = consent.account;
  const seconds = Math.floor(now / 1000);
  return {
    iss: issuer,
    sub: consent.userId,
    aud: [company.region === 'eu' ? 'https://api.eu.pagerduty.com' : 'https://api.pagerduty.com', consent.app.clientId],
    azp: consent.app.clientId,
    iat: seconds,
    nbf: seconds,
    exp: seconds + lifetimeSeconds,
    auth_time: Math.floor(consent.at / 1000),
    jti: randomUUID(),
    at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
    purpose: 'id_token',
    acr: '0',
    amr: ['pwd'],
    sid: randomUUID(),
    delegation_id: consent.id,
    account_id: accountIdOf(company),
    user_id: consent.userId,
    subdomain: company.subdomain,
    region: company.region === 'eu' ? 'EuropeanUnion' : 'UnitedStates',
  };
}
