import { z } from 'zod';
import type { GrantIdentity } from '../provider.ts';
import { isSubdomain, nameAccount, type Settings } from './settings.ts';

/** Clocks of two hosts that are not ours may differ by so many milliseconds. */
const clockSkewMs = 5 * 60_000;

/** Claims that are used (facts/pagerduty.md 1.9). */
const claims = z.object({
  aud: z.union([z.string(), z.array(z.string())]).transform((aud) => (typeof aud === 'string' ? [aud] : aud)),
  exp: z.number(),
  user_id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  subdomain: z.string().max(63).optional().catch(undefined),
  region: z.string().max(64).optional().catch(undefined),
});
type Claims = z.infer<typeof claims>;

export interface IdTokenContext {
  readonly clientId: string;
  readonly settings: Settings;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Who consented, by the ID token of a token reply. It came over TLS straight from the token endpoint, so its
 * signature need not be checked (OpenID Connect Core 3.1.3.7); that it is for us and not over is. Anything wrong
 * with it makes the identity unknown, never a failure: the tokens beside it cannot be asked for again.
 */
export function readIdToken(token: string | undefined, context: IdTokenContext): GrantIdentity | undefined {
  const parsed = claims.safeParse(decodePayload(token ?? ''));
  if (!parsed.success) return undefined;
  const { aud, exp, user_id: userId } = parsed.data;
  if (!isForUs(aud, context) || exp * 1000 < context.now - clockSkewMs) return undefined;
  return { account: readAccount(parsed.data), userId, role: undefined };
}

function decodePayload(token: string): unknown {
  const parts = token.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) return undefined;
  try {
    const json: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    return json;
  } catch {
    return undefined;
  }
}

/** The API hosts of the regions, which `aud` names beside the client id. */
const regionOfHost = { 'https://api.pagerduty.com': 'US', 'https://api.eu.pagerduty.com': 'EU' } as const;

function isForUs(aud: readonly string[], { clientId, settings }: IdTokenContext): boolean {
  const known = [clientId, settings.endpoints.api, ...Object.keys(regionOfHost)];
  return aud.some((name) => known.includes(name.replace(/\/$/, '')));
}

function readAccount({ aud, subdomain, region }: Claims): string | undefined {
  const name = subdomain?.toLowerCase();
  const place = regionOfAudience(aud) ?? readRegion(region);
  return name === undefined || !isSubdomain(name) || place === undefined ? undefined : nameAccount({ subdomain: name, region: place });
}

function regionOfAudience(aud: readonly string[]): 'US' | 'EU' | undefined {
  const places = Object.entries(regionOfHost).flatMap(([host, place]) => (aud.some((name) => name.replace(/\/$/, '') === host) ? [place] : []));
  return places.length === 1 ? places[0] : undefined;
}

/** "UnitedStates" is documented; what Europe is called is not. */
function readRegion(region: string | undefined): 'US' | 'EU' | undefined {
  if (region === undefined) return undefined;
  if (/^(us|united ?states)/i.test(region)) return 'US';
  return /^eu/i.test(region) ? 'EU' : undefined;
}
