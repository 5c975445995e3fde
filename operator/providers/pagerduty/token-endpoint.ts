import { z } from 'zod';
import { terminal, type OperatorError } from '../../api/errors.ts';
import { SecretValue } from '../../api/secret-value.ts';
import { createStriker } from '../../api/strike-secrets.ts';
import { userAgent } from './client.ts';
import { parseErrorBody } from './errors.ts';
import type { HttpRequest } from './http.ts';
import { normaliseScope } from './permissions.ts';
import type { Settings } from './settings.ts';
import type { VendorReply } from './transport.ts';

export const tokenRoute = '/oauth/token';

/** Ten years: far beyond any lifetime PagerDuty grants, and safe as a date. */
const maxLifetimeSeconds = 10 * 365 * 24 * 3600;

const secret = z.string().min(1).max(8192);
const lifetime = z.union([z.number(), z.string().regex(/^\d{1,10}$/).transform(Number)]).pipe(z.number().positive().max(maxLifetimeSeconds));

/** What every kind of grant answers with (facts/pagerduty.md 1.3–1.5). */
export const tokenReply = z.object({
  access_token: secret,
  // Trusted over any documented lifetime (T8).
  expires_in: lifetime,
  scope: z.string().max(8192).nullish(),
  token_type: z.string().regex(/^bearer$/i).nullish(),
});

/** The reply to a code or a refresh token. It cannot be asked for again, so whatever can be done without is. */
export const consentReply = tokenReply.extend({
  expires_in: lifetime.optional().catch(undefined),
  scope: tokenReply.shape.scope.catch(undefined),
  refresh_token: secret.optional().catch(undefined),
  id_token: z.string().max(65_536).optional().catch(undefined),
});
export type ConsentReply = z.infer<typeof consentReply>;

/** A form post to the token endpoint; secrets are revealed here and nowhere earlier. */
export function postForm(settings: Settings, form: Readonly<Record<string, string | SecretValue>>): HttpRequest & { readonly method: 'POST' } {
  const fields = Object.entries(form).map(([name, value]) => [name, typeof value === 'string' ? value : value.reveal()]);
  // The id of a client is no secret: it stands in addresses that people open.
  const secrets = Object.entries(form).flatMap(([name, value]) => (value instanceof SecretValue && name !== 'client_id' ? [value] : []));
  return {
    method: 'POST',
    route: tokenRoute,
    scheme: undefined,
    url: `${settings.endpoints.identity}${tokenRoute}`,
    headers: { accept: 'application/json', 'user-agent': userAgent },
    form: Object.fromEntries(fields),
    striker: createStriker(secrets),
    issuesTokens: true,
  };
}

/**
 * Scopes that a reply grants, sorted, in PagerDuty's spelling. None named means as asked (RFC 6749, 5.1); `openid`
 * alone means that nothing was granted (T7). Classic OAuth's `write` is Read/Write (S13), so it holds `read`.
 */
export function readGranted(scope: string | null | undefined, asked: readonly string[]): string[] {
  const granted = typeof scope === 'string' ? normaliseAll(scope.split(/\s+/)) : normaliseAll(asked);
  const implied = granted.includes('write') ? ['read'] : [];
  return Array.from(new Set([...granted.filter(isPermission), ...implied])).sort();
}

const scopeShape = /^[A-Za-z0-9_.:-]{1,128}$/;

/** `openid` and the account binding permit nothing by themselves; what has no scope's shape is none, and would be shown in status. */
function isPermission(scope: string): boolean {
  return scopeShape.test(scope) && scope !== 'openid' && !scope.startsWith('as_account-');
}

export function normaliseAll(scopes: readonly string[]): string[] {
  return Array.from(new Set(scopes.map(normaliseScope))).sort();
}

/** What a refusal of the token endpoint is about. */
export type RefusedThing = 'Client' | 'Grant' | 'RedirectURI' | 'Scope' | 'Unknown';

/** The first that fits decides. Bodies are not documented (facts/pagerduty.md 1.7): RFC 6749's words, and those seen. */
const signs: readonly (readonly [thing: RefusedThing, fits: (status: number, text: string) => boolean])[] = [
  ['Client', (_, text) => /invalid_client|unauthorized_client/.test(text)],
  ['RedirectURI', (_, text) => /redirect[ _]?ur[il]/i.test(text)],
  ['Grant', (_, text) => /invalid_grant/.test(text)],
  ['Scope', (status, text) => status === 400 && /\bscope|invalid_scope/i.test(text)],
  // Of RFC 6749's statuses only: a proxy or gateway on the way speaks of tokens too, and a refresh token is given up for this.
  ['Grant', (status, text) => isOAuthError(status) && /\b(token|code|grant|authorization)\b.*\b(expired|invalid|not valid|revoked|used|unknown)\b/i.test(text)],
  ['Grant', (status, text) => isOAuthError(status) && /\b(expired|invalid|revoked|unknown)\b.*\b(token|code|grant)\b/i.test(text)],
  ['Client', (status) => status === 401 || status === 403],
];

function isOAuthError(status: number): boolean {
  return status === 400 || status === 401;
}

export function readRefusal(reply: VendorReply): RefusedThing {
  const text = parseErrorBody(reply.body).texts.join(' | ');
  return signs.find(([, fits]) => fits(reply.status, text))?.[0] ?? 'Unknown';
}

/** S56, S57. */
export function rejectClient(detail: OperatorError['detail']): OperatorError {
  return terminal('CredentialsRejected', 'PagerDuty rejected the client id and secret: correct them in the Secret of the ConnectionAlias.', detail);
}
