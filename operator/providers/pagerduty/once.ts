import type { OperatorError } from '../../api/errors.ts';
import { aborted, describeReply, rateLimited, refuse, unreachable } from './failures.ts';
import { readWait, type HttpContext, type HttpRequest } from './http.ts';
import { addJitter, readRateHeaders } from './throttle.ts';
import type { TransportFault, VendorReply } from './transport.ts';

/** Tries while nothing was sent. */
const maxTries = 4;
const firstBackOffMs = 500;
const rateWaitMs = 5000;

/** How a request ended that must not be made twice. */
export type OnceOutcome =
  | { readonly kind: 'Answer'; readonly json: unknown }
  /** The vendor said no, and has done nothing. */
  | { readonly kind: 'Refused'; readonly reply: VendorReply; readonly error: OperatorError }
  /** The request may have been carried out, and nobody knows. `detail` is fit for logs. */
  | { readonly kind: 'Unclear'; readonly detail: OperatorError['detail'] };

/** All tries together; less than what a caller's own deadline would be, so that the outcome is told and not cut off. */
export interface OnceLimits {
  readonly withinMs: number;
}

/**
 * Makes a request that may change something at the vendor: again only where nothing was sent, or where a 429 says
 * that nothing was done. An abort before it is sent throws Retryable `Aborted`; after that, what came is returned.
 * Throws Retryable `VendorUnreachable` when nothing could be sent, and `RateLimited`.
 */
export async function sendOnce(call: HttpRequest, context: HttpContext, limits: OnceLimits): Promise<OnceOutcome> {
  const deadline = context.clock.now() + limits.withinMs;
  for (let tries = 1; ; tries += 1) {
    if (context.signal.aborted) throw aborted();
    const reply = await exchange(call, context, deadline - context.clock.now());
    const outcome = judge(call, reply);
    if (outcome.kind !== 'Again') return outcome;
    const waitMs = reply.kind === 'Reply' ? waitForRate(reply, context) : firstBackOffMs * 2 ** (tries - 1) * (0.5 + context.random());
    const isLate = context.clock.now() + waitMs >= deadline;
    if (isLate || tries >= maxTries) throw reply.kind === 'Reply' ? rateLimited(call, waitMs) : outcome.error;
    await context.clock.sleep(waitMs, context.signal).catch(() => undefined);
  }
}

interface Again {
  readonly kind: 'Again';
  readonly error: OperatorError;
}

async function exchange(call: HttpRequest, context: HttpContext, withinMs: number): Promise<VendorReply | TransportFault> {
  const { clock, signal } = context;
  const startedAt = clock.now();
  const { method, url, headers, striker, issuesTokens, form = {} } = call;
  const reply = await context.transport({ method, url, headers, striker, ...(issuesTokens === undefined ? {} : { issuesTokens }), form, signal, withinMs });
  context.onRequest({
    method,
    route: call.route,
    status: reply.kind === 'Reply' ? reply.status : 0,
    durationMs: Math.max(0, clock.now() - startedAt),
    rateRemaining: reply.kind === 'Reply' ? readRateHeaders(reply.headers).remaining : undefined,
  });
  return reply;
}

function judge(call: HttpRequest, reply: VendorReply | TransportFault): OnceOutcome | Again {
  if (reply.kind === 'Fault') {
    if (reply.isUnsent) return { kind: 'Again', error: unreachable(reply.code, call) };
    return { kind: 'Unclear', detail: { route: call.route, code: reply.code } };
  }
  const { status } = reply;
  if (status === 429) return { kind: 'Again', error: rateLimited(call, rateWaitMs) };
  if (status >= 200 && status < 300) return readAnswer(call, reply);
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'Refused', reply, error: refuse(reply, call) };
  // A gateway's 502 or 504 says nothing of what happened behind it, and a redirect is not followed.
  return { kind: 'Unclear', detail: describeReply(reply, call) };
}

function readAnswer(call: HttpRequest, reply: VendorReply): OnceOutcome {
  try {
    const json: unknown = JSON.parse(reply.body);
    return { kind: 'Answer', json };
  } catch {
    // The parser's own message quotes the text, so it is not kept.
    return { kind: 'Unclear', detail: describeReply(reply, call) };
  }
}

function waitForRate(reply: VendorReply, { clock, random }: HttpContext): number {
  return addJitter(readWait(reply, clock.now()) ?? rateWaitMs, random);
}
