import { OperatorError, terminal } from '../../api/errors.ts';
import { SecretValue } from '../../api/secret-value.ts';
import type { ConnectedToken, ConnectRequest, Credential, ProviderContext } from '../provider.ts';
import { malformed } from './failures.ts';
import { tryRequest } from './http.ts';
import { accountScope, parseSettings, type Settings } from './settings.ts';
import { normaliseAll, postForm, readGranted, readRefusal, rejectClient, tokenReply, tokenRoute } from './token-endpoint.ts';
import type { Transport } from './transport.ts';

/** Token requests that finding out the optional scopes may cost, beside the two that come first: one a scope, or one missing would take others with it. */
const maxHuntRequests = 20;

/**
 * A token for a credential. An API token is used as it is, without a call; an app token is asked for with
 * client credentials (facts/pagerduty.md 1.5), with as many of the optional scopes as the app may have. Throws
 * Terminal `CredentialsRejected`, `ScopeNotAllowed` (T7) and `InvalidSettings`, and Retryable failures of the way there.
 */
export async function obtainToken(request: ConnectRequest, context: ProviderContext, transport: Transport): Promise<ConnectedToken> {
  const settings = parseSettings(context.settings);
  const { credential } = request;
  if (credential.kind === 'ApiToken') {
    return { token: { value: credential.token, scheme: 'ApiToken', scopes: undefined }, expiresAt: undefined };
  }
  const required = normaliseAll(request.requiredScopes);
  const optional = normaliseAll(request.optionalScopes).filter((scope) => !required.includes(scope));
  const ask = async (more: readonly string[]): Promise<ConnectedToken | undefined> => {
    const token = await askForToken({ scopes: [...required, ...more].sort(), settings, credential }, context, transport);
    return token !== undefined && required.every((scope) => token.token.scopes?.includes(scope)) ? token : undefined;
  };
  const whole = await ask(optional);
  if (whole !== undefined) return whole;
  const least = optional.length === 0 ? undefined : await ask([]);
  if (least === undefined) throw refuseScopes(required, settings);
  return addOptional(least, optional, ask);
}

/**
 * PagerDuty refuses all scopes for one that the app may not have, and does not say which. So they are tried one after
 * the other, each beside those that were granted, and the last token that was granted is the one to use.
 */
async function addOptional(
  least: ConnectedToken,
  optional: readonly string[],
  ask: (more: readonly string[]) => Promise<ConnectedToken | undefined>,
): Promise<ConnectedToken> {
  const size = Math.ceil(optional.length / maxHuntRequests);
  let best = least;
  let granted: readonly string[] = [];
  for (let at = 0; at < optional.length; at += size) {
    const wanted = [...granted, ...optional.slice(at, at + size)];
    // All of them together have been refused already.
    if (wanted.length === optional.length) break;
    const token = await orKeep(ask(wanted));
    if (token === 'Keep') return best;
    if (token === undefined) continue;
    best = token;
    granted = wanted;
  }
  return best;
}

/** A token that does its work is not given up because PagerDuty had no time for what is of use besides. */
async function orKeep<T>(asked: Promise<T>): Promise<T | 'Keep'> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof OperatorError && error.failure.kind === 'Retryable' && error.failure.reason !== 'Aborted') return 'Keep';
    throw error;
  }
}

interface Question {
  readonly scopes: readonly string[];
  readonly settings: Settings;
  readonly credential: Extract<Credential, { kind: 'AppToken' }>;
}

/** Undefined when the app may not have one of the scopes, or its account is another one. */
async function askForToken(question: Question, context: ProviderContext, transport: Transport): Promise<ConnectedToken | undefined> {
  const { scopes, settings, credential } = question;
  // Before the request: the token must never be taken to live longer than it does.
  const askedAt = context.clock.now();
  const form = {
    grant_type: 'client_credentials',
    client_id: credential.clientId,
    client_secret: credential.clientSecret,
    scope: [accountScope(settings), ...scopes].join(' '),
  };
  const { clock, random, signal, onRequest } = context;
  const answer = await tryRequest(postForm(settings, form), { clock, random, signal, onRequest, transport, lane: undefined });
  if (!('error' in answer)) return readToken(answer.json, askedAt, scopes);
  const thing = readRefusal(answer.reply);
  if (thing === 'Scope') return undefined;
  throw thing === 'Client' ? rejectClient(answer.error.detail) : answer.error;
}

/** Never names a value of the answer: it holds the token. */
function readToken(json: unknown, askedAt: number, scopes: readonly string[]): ConnectedToken {
  const parsed = tokenReply.safeParse(json);
  if (!parsed.success) throw malformed(`POST ${tokenRoute}`, { route: tokenRoute, field: String(parsed.error.issues[0]?.path[0] ?? '') });
  const { access_token: value, expires_in: lifetime, scope } = parsed.data;
  return {
    token: { value: new SecretValue(value), scheme: 'Bearer', scopes: readGranted(scope, scopes) },
    expiresAt: askedAt + lifetime * 1000,
  };
}

function refuseScopes(required: readonly string[], settings: Settings): OperatorError {
  return terminal(
    'ScopeNotAllowed',
    `The OAuth app was not granted the scopes ${required.join(', ')} for ${settings.subdomain} (${settings.region}): ` +
      'allow them for the app in PagerDuty, and check subdomain and region.',
  );
}
