import { retryable, terminal, type OperatorError } from '../../api/errors.ts';
import { SecretValue } from '../../api/secret-value.ts';
import type { CodeExchange, ConsentGrant, GrantRefresh, OAuthType, ProviderContext } from '../provider.ts';
import { readIdToken } from './id-token.ts';
import { sendOnce, type OnceOutcome } from './once.ts';
import { parseSettings, type Settings } from './settings.ts';
import { consentReply, postForm, readGranted, readRefusal, rejectClient, tokenRoute, type ConsentReply, type RefusedThing } from './token-endpoint.ts';
import type { Transport } from './transport.ts';

/** The code lives 30 seconds (T7): after that no answer is worth waiting for. */
const exchangeWithinMs = 20_000;
/** Below the 40 seconds that a reconcile gives a vendor call, so that an unclear outcome is told as one. */
const refreshWithinMs = 25_000;

const day = 24 * 60 * 60_000;

/** Milliseconds (facts/pagerduty.md 1.6). `access` only counts where a reply names none (T8): the shorter one where sources differ. */
const lifetimes = {
  Scoped: { access: day, refresh: 30 * day, consent: 365 * day },
  Classic: { access: 10 * day, refresh: 210 * day, consent: 3 * 365 * day },
} as const satisfies Record<OAuthType, object>;

/** See `ConsentFlow.exchange`. */
export async function exchangeCode(request: CodeExchange, context: ProviderContext, transport: Transport): Promise<ConsentGrant> {
  const form = {
    grant_type: 'authorization_code',
    client_id: request.clientId,
    client_secret: request.clientSecret,
    code: request.code,
    redirect_uri: request.redirectURL,
    code_verifier: request.codeVerifier,
  };
  const { outcome, settings, askedAt } = await askForTokens(form, context, { transport, withinMs: exchangeWithinMs });
  if (outcome.kind === 'Refused') throw explainExchange(outcome);
  const reply = readReply(outcome);
  if (reply?.refresh_token === undefined) throw exchangeUnclear(outcome);
  return makeGrant({ request, settings, askedAt, refreshToken: new SecretValue(reply.refresh_token) }, reply);
}

/** See `ConsentFlow.refresh`. */
export async function refreshGrant(request: GrantRefresh, context: ProviderContext, transport: Transport): Promise<ConsentGrant> {
  const form = {
    grant_type: 'refresh_token',
    client_id: request.clientId,
    client_secret: request.clientSecret,
    refresh_token: request.refreshToken,
  };
  const { outcome, settings, askedAt } = await askForTokens(form, context, { transport, withinMs: refreshWithinMs });
  if (outcome.kind === 'Refused') throw explainRefresh(outcome);
  const reply = readReply(outcome);
  if (reply === undefined) throw rotationUnclear(outcome);
  // None in the reply: the old one goes on (RFC 6749, 6).
  const refreshToken = reply.refresh_token === undefined ? request.refreshToken : new SecretValue(reply.refresh_token);
  return makeGrant({ request, settings, askedAt, refreshToken }, reply);
}

interface Asked {
  readonly outcome: OnceOutcome;
  readonly settings: Settings;
  /** Before the request: the token must never be taken to live longer than it does. */
  readonly askedAt: number;
}

/** Posts the form once (see `sendOnce`). */
async function askForTokens(
  form: Parameters<typeof postForm>[1],
  { settings: given, clock, random, signal, onRequest }: ProviderContext,
  { transport, withinMs }: { readonly transport: Transport; readonly withinMs: number },
): Promise<Asked> {
  const settings = parseSettings(given);
  const askedAt = clock.now();
  const outcome = await sendOnce(postForm(settings, form), { clock, random, signal, onRequest, transport, lane: undefined }, { withinMs });
  return { outcome, settings, askedAt };
}

type Refused = Extract<OnceOutcome, { kind: 'Refused' }>;
type Ended = Exclude<OnceOutcome, Refused>;

/** Undefined when the tokens are not to be had from it. */
function readReply(outcome: Ended): ConsentReply | undefined {
  return outcome.kind === 'Answer' ? consentReply.safeParse(outcome.json).data : undefined;
}

interface Made extends Pick<Asked, 'settings' | 'askedAt'> {
  readonly request: CodeExchange | GrantRefresh;
  readonly refreshToken: SecretValue;
}

function makeGrant({ request, settings, askedAt, refreshToken }: Made, reply: ConsentReply): ConsentGrant {
  const life = lifetimes[request.type];
  return {
    token: { value: new SecretValue(reply.access_token), scheme: 'Bearer', scopes: readGranted(reply.scope, request.scopes) },
    expiresAt: askedAt + (reply.expires_in === undefined ? life.access : reply.expires_in * 1000),
    refreshToken,
    refreshTokenLifetimeMs: life.refresh,
    consentLifetimeMs: life.consent,
    identity: readIdToken(reply.id_token, { clientId: request.clientId.reveal(), settings, now: askedAt }),
  };
}

type Explain = (detail: OperatorError['detail']) => OperatorError;

/** Refusals of a code that say more than that it was refused. */
const codeRefusals: Readonly<Partial<Record<RefusedThing, Explain>>> = {
  Client: rejectClient,
  Grant: rejectCode,
  RedirectURI: (detail) =>
    terminal(
      'RedirectURIMismatch',
      'PagerDuty refused the redirect URL: make spec.oauth.redirectURL of the ConnectionAlias and the Redirect URL of the registered app exactly the same.',
      detail,
    ),
  Scope: (detail) =>
    terminal('ScopeNotAllowed', 'PagerDuty refused the scopes that were asked for: allow the required scopes of the ConnectionAlias for the app in PagerDuty.', detail),
};

function explainExchange({ reply, error }: Refused): OperatorError {
  const explain = codeRefusals[readRefusal(reply)] ?? (error.failure.reason === 'RequestRefused' ? rejectCode : undefined);
  return explain?.(error.detail) ?? error;
}

function rejectCode(detail: OperatorError['detail']): OperatorError {
  return terminal('CodeRejected', 'PagerDuty did not take the authorization code, which lives 30 seconds and works once: authorize again.', detail);
}

function exchangeUnclear(outcome: Ended): OperatorError {
  return terminal(
    'ExchangeUnclear',
    'PagerDuty’s answer to the authorization code was lost or could not be read, and the code works only once: authorize again.',
    describeEnd(outcome),
  );
}

/** Refusals of a refresh that only a person mends. */
const finalRefusals: Readonly<Partial<Record<RefusedThing, Explain>>> = {
  Client: rejectClient,
  Grant: (detail) =>
    terminal('AuthorizationRevoked', 'PagerDuty no longer takes the refresh token: the consent was taken back or has run out, and a person must authorize again.', detail),
};

function explainRefresh({ reply, error }: Refused): OperatorError {
  const explain = finalRefusals[readRefusal(reply)];
  if (explain !== undefined) return explain(error.detail);
  if (error.failure.reason !== 'RequestRefused') return error;
  // Nobody said that the consent is over, so nobody is sent to consent again for it.
  return retryable('RefreshRefused', 'PagerDuty refused to renew the token without saying why; the operator log has the status. If it lasts, authorize again.', {
    detail: error.detail,
  });
}

function rotationUnclear(outcome: Ended): OperatorError {
  return retryable(
    'RotationUnclear',
    'PagerDuty may have renewed the token, but its answer was lost or could not be read: it is tried once more, and if the old refresh token is dead, a person must authorize again.',
    { detail: describeEnd(outcome) },
  );
}

function describeEnd(outcome: Ended): OperatorError['detail'] {
  const found = outcome.kind === 'Unclear' ? outcome.detail : { route: tokenRoute, problem: 'field missing or invalid' };
  return { ...found, mayHaveReachedVendor: true };
}
