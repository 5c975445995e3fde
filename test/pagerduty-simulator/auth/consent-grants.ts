import { createHash } from 'node:crypto';
import type { Reply } from '../http/replies.ts';
import { json } from '../http/replies.ts';
import type { App } from './apps.ts';
import type { Code } from './codes.ts';
import { idTokenClaims } from './id-token.ts';
import type { Identity, IdentityRequest } from './identity.ts';
import { issuerOf } from './identity.ts';
import type { Consent, Token } from './tokens.ts';
import { oauthError } from './token-replies.ts';

const DAY_SECONDS = 86_400;

/** How long a refresh token lives, and how long a consent can be renewed at all (facts 1.6). */
const LIMITS = {
  Scoped: { refreshSeconds: 30 * DAY_SECONDS, windowSeconds: 365 * DAY_SECONDS },
  Classic: { refreshSeconds: 210 * DAY_SECONDS, windowSeconds: 3 * 365 * DAY_SECONDS },
} as const;

/** grant_type=authorization_code (facts 1.3). Whatever the right app sends, its code is used up by it. */
export function grantCode(app: App, form: URLSearchParams, request: IdentityRequest, identity: Identity): Reply {
  const missing = ['code', 'redirect_uri'].find((name) => !form.get(name));
  if (missing !== undefined) return oauthError(400, 'invalid_request', `The parameter ${missing} is missing`);
  const code = identity.codes.find(form.get('code') ?? '');
  if (code === undefined || code.consent.app.id !== app.id) return invalidGrant('The code is not valid');
  const refused = refuseCode(code, form, request.now, identity);
  code.used = true;
  if (refused !== undefined) return refused;
  return json(issueTokens({ app, consent: code.consent, renewed: false }, request, identity));
}

function refuseCode(code: Code, form: URLSearchParams, now: number, { credentials, settings }: Identity): Reply | undefined {
  if (code.used) {
    if (settings.codeReplayRevokes) credentials.revoke({ consentId: code.consent.id });
    return invalidGrant('The code was used before');
  }
  if (code.expiresAt <= now) return invalidGrant('The code has expired');
  if (form.get('redirect_uri') !== code.redirectUri) return invalidGrant('The redirect URI is not that of the authorization');
  if (!isPersonThere(code.consent)) return invalidGrant('The person is gone');
  return refuseVerifier(code.challenge, form.get('code_verifier')) ?? (code.invalidScope ? oauthError(400, 'invalid_request', 'Invalid scope') : undefined);
}

function refuseVerifier(challenge: string | undefined, verifier: string | null): Reply | undefined {
  if (challenge === undefined) return verifier === null ? undefined : invalidGrant('The authorization had no code challenge');
  if (verifier === null) return oauthError(400, 'invalid_request', 'The parameter code_verifier is missing');
  const fits = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) && createHash('sha256').update(verifier).digest('base64url') === challenge;
  return fits ? undefined : invalidGrant('The code verifier does not fit the code challenge');
}

/** grant_type=refresh_token: two new tokens, and the old refresh token is dead (facts 1.4). */
export function grantRefresh(app: App, form: URLSearchParams, request: IdentityRequest, identity: Identity): Reply {
  const secret = form.get('refresh_token');
  if (!secret) return oauthError(400, 'invalid_request', 'The parameter refresh_token is missing');
  const token = identity.credentials.findRefreshToken(secret);
  const { consent } = token ?? {};
  if (token === undefined || consent === undefined || consent.app.id !== app.id) return invalidGrant('The refresh token is not valid');
  const refused = refuseRefresh(token, consent, request.now, identity);
  if (refused !== undefined) return refused;
  token.rotatedAt ??= request.now;
  if (identity.settings.refreshEndsAccess) identity.credentials.revoke({ consentId: consent.id }, 'access');
  return json(issueTokens({ app, consent, renewed: true }, request, identity));
}

function refuseRefresh(token: Token, consent: Consent, now: number, { credentials, settings }: Identity): Reply | undefined {
  if (token.revoked) return invalidGrant('The refresh token was revoked');
  if (token.rotatedAt !== undefined && now >= token.rotatedAt + settings.refreshGraceSeconds * 1000) {
    if (settings.refreshReplayRevokes) credentials.revoke({ consentId: consent.id });
    return invalidGrant('The refresh token was used before');
  }
  if (token.expiresAt <= now) return invalidGrant('The refresh token has expired');
  return isPersonThere(consent) ? undefined : invalidGrant('The person is gone');
}

function invalidGrant(description: string): Reply {
  return oauthError(400, 'invalid_grant', description);
}

function isPersonThere({ account, userId }: Consent): boolean {
  return account.user(userId) !== undefined;
}

interface Issue {
  /** As it is now; the consent has it as it was. */
  readonly app: App;
  readonly consent: Consent;
  readonly renewed: boolean;
}

/** The fields of facts 1.3; a renewal has no ID token. */
function issueTokens({ app, consent, renewed }: Issue, { now, origin }: IdentityRequest, { credentials, settings, signer }: Identity): object {
  const { kind } = app;
  const scopes = consent.scopes.filter((scope) => scope === 'openid' || app.scopes.includes(scope));
  const lifetimeSeconds = kind === 'Scoped' ? settings.tokenLifetimeSeconds : settings.classicTokenLifetimeSeconds;
  const windowEnd = consent.at + LIMITS[kind].windowSeconds * 1000;
  const { access, refresh } = credentials.grantConsented(consent, {
    scopes,
    accessExpiresAt: now + lifetimeSeconds * 1000,
    refreshExpiresAt: Math.min(now + LIMITS[kind].refreshSeconds * 1000, windowEnd),
  });
  const claims = idTokenClaims({ consent, accessToken: access, issuer: issuerOf(origin), now, lifetimeSeconds });
  return {
    access_token: access,
    refresh_token: refresh,
    token_type: 'bearer',
    scope: scopes.join(' '),
    expires_in: lifetimeSeconds,
    client_info: `simulated_${kind.toLowerCase()}_app`,
    ...(!renewed && settings.idToken ? { id_token: signer.sign(claims) } : {}),
  };
}
