import { z } from 'zod';
import { terminal, type OperatorError } from '../../api/errors.ts';
import { SecretValue } from '../../api/secret-value.ts';
import type { ConnectedToken, ConnectRequest, ProviderContext } from '../provider.ts';
import { userAgent } from './client.ts';
import { parseErrorBody } from './errors.ts';
import { malformed } from './failures.ts';
import { tryRequest, type Refusal } from './http.ts';
import { normaliseScope } from './permissions.ts';
import { accountScope, parseSettings, type Settings } from './settings.ts';
import type { Transport, VendorReply } from './transport.ts';

const route = '/oauth/token';
const asked = `POST ${route}`;

/** Ten years: far beyond any lifetime PagerDuty grants, and safe as a date. */
const maxLifetimeSeconds = 10 * 365 * 24 * 3600;

const seconds = z.union([z.number(), z.string().regex(/^\d{1,10}$/).transform(Number)]).pipe(z.number().positive().max(maxLifetimeSeconds));

const tokenAnswer = z.object({
  access_token: z.string().min(1).max(8192),
  // Trusted over any documented lifetime (T8).
  expires_in: seconds,
  scope: z.string().max(8192).nullish(),
  token_type: z.string().regex(/^bearer$/i).nullish(),
});

interface Grant {
  readonly token: ConnectedToken;
  readonly scopes: readonly string[];
}

/**
 * A token for a credential. An API token is used as it is, without a call; an app token is asked for with
 * client credentials (facts/pagerduty.md 1.5). When the app may not have the optional scopes, it is asked
 * for once more with the required ones only. Throws Terminal `CredentialsRejected`, `ScopeNotAllowed` (T7)
 * and `InvalidSettings`, and Retryable failures of the way there.
 */
export async function obtainToken(request: ConnectRequest, context: ProviderContext, transport: Transport): Promise<ConnectedToken> {
  const settings = parseSettings(context.settings);
  const { credential } = request;
  if (credential.kind === 'ApiToken') {
    return { token: { value: credential.token, scheme: 'ApiToken', scopes: undefined }, expiresAt: undefined };
  }
  const required = normaliseAll(request.requiredScopes);
  const optional = normaliseAll(request.optionalScopes).filter((scope) => !required.includes(scope));
  const questions = optional.length > 0 ? [[...required, ...optional].sort(), required] : [required];
  for (const scopes of questions) {
    const grant = await askForToken({ scopes, settings, clientId: credential.clientId, clientSecret: credential.clientSecret }, context, transport);
    if (grant !== undefined && required.every((scope) => grant.scopes.includes(scope))) return grant.token;
  }
  throw refuseScopes(required, settings);
}

interface Question {
  readonly scopes: readonly string[];
  readonly settings: Settings;
  readonly clientId: SecretValue;
  readonly clientSecret: SecretValue;
}

/** Undefined when the app may not have one of the scopes, or its account is another one. */
async function askForToken(question: Question, context: ProviderContext, transport: Transport): Promise<Grant | undefined> {
  const { scopes, settings, clientId, clientSecret } = question;
  // Before the request: the token must never be taken to live longer than it does.
  const askedAt = context.clock.now();
  const answer = await tryRequest(
    {
      method: 'POST',
      route,
      scheme: undefined,
      url: `${settings.endpoints.identity}${route}`,
      headers: { accept: 'application/json', 'user-agent': userAgent },
      form: {
        grant_type: 'client_credentials',
        client_id: clientId.reveal(),
        client_secret: clientSecret.reveal(),
        scope: [accountScope(settings), ...scopes].join(' '),
      },
    },
    { clock: context.clock, random: context.random, signal: context.signal, onRequest: context.onRequest, transport, lane: undefined },
  );
  if (!('error' in answer)) return readGrant(answer.json, askedAt, scopes);
  if (isScopeRefusal(answer.reply)) return undefined;
  throw explainRefusal(answer);
}

/** Never names a value of the answer: it holds the token. */
function readGrant(json: unknown, askedAt: number, scopes: readonly string[]): Grant {
  const parsed = tokenAnswer.safeParse(json);
  if (!parsed.success) throw malformed(asked, { route, field: String(parsed.error.issues[0]?.path[0] ?? '') });
  const { access_token: value, expires_in: lifetime, scope } = parsed.data;
  // A missing scope means: as asked for (RFC 6749, 5.1).
  const granted = typeof scope === 'string' ? normaliseAll(scope.split(/\s+/)).filter(isPermission) : scopes;
  return {
    token: { token: { value: new SecretValue(value), scheme: 'Bearer', scopes: granted }, expiresAt: askedAt + lifetime * 1000 },
    scopes: granted,
  };
}

/** `openid` and the account binding permit nothing by themselves. */
function isPermission(scope: string): boolean {
  return scope !== '' && scope !== 'openid' && !scope.startsWith('as_account-');
}

/** Seen as 400 `invalid_request` with the words `Invalid scope`; RFC 6749 has `invalid_scope` (facts/pagerduty.md 1.7). */
function isScopeRefusal(reply: VendorReply): boolean {
  return reply.status === 400 && parseErrorBody(reply.body).texts.some((text) => /\bscope|invalid_scope/i.test(text));
}

function explainRefusal({ error, reply }: Refusal): OperatorError {
  const { texts } = parseErrorBody(reply.body);
  const names = texts.some((text) => /invalid_client|unauthorized_client/.test(text));
  if (reply.status === 401 || reply.status === 403 || names) {
    return terminal(
      'CredentialsRejected',
      'PagerDuty rejected the client id and secret: correct them in the Secret of the ConnectionAlias.',
      error.detail,
    );
  }
  return error;
}

function refuseScopes(required: readonly string[], settings: Settings): OperatorError {
  return terminal(
    'ScopeNotAllowed',
    `The OAuth app was not granted the scopes ${required.join(', ')} for ${settings.subdomain} (${settings.region}): ` +
      'allow them for the app in PagerDuty, and check subdomain and region.',
  );
}

function normaliseAll(scopes: readonly string[]): string[] {
  return Array.from(new Set(scopes.map(normaliseScope))).sort();
}
