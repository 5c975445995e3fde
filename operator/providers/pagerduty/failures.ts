import { retryable, terminal, type OperatorError } from '../../api/errors.ts';
import type { TokenScheme } from '../provider.ts';
import { parseErrorBody, type VendorError } from './errors.ts';
import type { VendorReply } from './transport.ts';

type Detail = Readonly<Record<string, string | number | boolean>>;

/** What was asked, for messages and logs. */
export interface Asked {
  readonly method: string;
  /** Route without ids or query. */
  readonly route: string;
  /** Undefined where the request carries no token, as when one is asked for. */
  readonly scheme: TokenScheme | undefined;
}

/** Codes that say that the whole account is not to be had: not found, locked, expired (facts/pagerduty.md 6.2). */
const accountCodes = new Set([2007, 2008, 2012]);

/** The union's view of an answer that is no success and that trying again at once does not mend. */
export function refuse(reply: VendorReply, asked: Asked): OperatorError {
  const error = parseErrorBody(reply.body);
  const detail = describeReply(reply, asked, error);
  const what = `${asked.method} ${asked.route}`;
  if (error.code !== undefined && accountCodes.has(error.code)) {
    return terminal('AccountUnavailable', 'PagerDuty says that the account does not exist, is locked or has expired.', detail);
  }
  switch (reply.status) {
    case 401:
      return rejectToken(asked, detail);
    case 402:
      return terminal('PlanLacksFeature', `The account’s PagerDuty plan does not include what ${what} needs.`, detail);
    case 403:
      return denyAccess(what, error, detail);
    case 404:
      return terminal('NotFound', `PagerDuty does not know ${what}: check the region and the endpoints of the ConnectionAlias.`, detail);
    default:
      return refuseOther(reply, what, detail);
  }
}

function refuseOther(reply: VendorReply, what: string, detail: Detail): OperatorError {
  if (reply.status >= 400 && reply.status < 500) {
    return terminal('RequestRefused', `PagerDuty refused ${what} as invalid; the operator log has the status and code.`, detail);
  }
  return malformed(what, detail);
}

/** A minted token can be minted again; an API token only a person can replace (facts/pagerduty.md 1.7). */
function rejectToken(asked: Asked, detail: Detail): OperatorError {
  return asked.scheme === 'ApiToken'
    ? terminal('CredentialsRejected', 'PagerDuty rejected the API token: replace it in its Secret, and check the region.', detail)
    : retryable('TokenRejected', 'PagerDuty rejected the access token; a new one is needed.', { detail });
}

function denyAccess(what: string, error: VendorError, detail: Detail): OperatorError {
  if (error.missingScopes.length > 0 || error.texts.some((text) => /required scopes/i.test(text))) {
    const names = error.missingScopes.length > 0 ? ` ${error.missingScopes.join(', ')}` : 's that it requires';
    return terminal('ScopeMissing', `The token lacks the scope${names} for ${what}: grant it to the app in PagerDuty.`, detail);
  }
  return terminal('AccessDenied', `PagerDuty does not permit ${what} with this credential: give it a role or scope that does.`, detail);
}

/** 408 and 5xx after all tries. */
export function unavailable(reply: VendorReply, asked: Asked, retryAfterMs: number | undefined): OperatorError {
  return retryable('VendorUnavailable', `PagerDuty answered ${asked.method} ${asked.route} with server errors.`, {
    retryAfterMs,
    detail: describeReply(reply, asked),
  });
}

export function unreachable(code: string, asked: Asked): OperatorError {
  return retryable(
    'VendorUnreachable',
    `No whole answer came from PagerDuty to ${asked.method} ${asked.route}: check DNS, proxy, certificates and network policies.`,
    { detail: { route: asked.route, code } },
  );
}

export function rateLimited(asked: Asked, retryAfterMs: number): OperatorError {
  return retryable('RateLimited', `PagerDuty’s rate limit left no room for ${asked.method} ${asked.route} in time.`, {
    retryAfterMs: Math.ceil(retryAfterMs),
    detail: { route: asked.route },
  });
}

/** A question by its method and route: analytics are asked by POST (facts/pagerduty.md 4.3), all else by GET. */
export function nameQuestion(route: string): string {
  return `${route.startsWith('/analytics/') ? 'POST' : 'GET'} ${route}`;
}

/** An answer that is HTML, cut off, no JSON, or lacks a field that is needed. `detail` names fields, never values. */
export function malformed(what: string, detail: Detail): OperatorError {
  return retryable('MalformedAnswer', `PagerDuty’s answer to ${what} could not be read.`, { detail });
}

/** The caller’s signal ended the work. */
export function aborted(): OperatorError {
  return retryable('Aborted', 'The work was stopped before it ended.');
}

/** Bounded facts of an answer for the log: status, code, request id, route. */
export function describeReply(reply: VendorReply, asked: Asked, error?: VendorError): Detail {
  const id = reply.headers['x-request-id'];
  return {
    route: asked.route,
    status: reply.status,
    ...(error?.code === undefined ? {} : { code: error.code }),
    ...(typeof id === 'string' && /^[A-Za-z0-9_-]{1,128}$/.test(id) ? { requestId: id } : {}),
  };
}
