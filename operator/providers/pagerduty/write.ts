import { OperatorError, retryable } from '../../api/errors.ts';
import type { Striker } from '../../api/strike-secrets.ts';
import { aborted, unreachable, type Asked } from './failures.ts';
import { awaitBudget, bodyOf, readWait, type HttpContext } from './http.ts';
import { readRateHeaders } from './throttle.ts';
import type { TransportFault, VendorReply } from './transport.ts';

/** Longest that a write waits for its turn in the rate budget, milliseconds. */
const budgetWithinMs = 2 * 60_000;

/** A request that changes something at the vendor. */
export interface WriteRequest extends Asked {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** As in a call. */
  readonly striker: Striker;
}

/** How one exchange ended that must not be made twice. */
export type WriteOutcome =
  /** The vendor, or something before it, answered. */
  | { readonly kind: 'Reply'; readonly reply: VendorReply; /** Milliseconds to wait, where the answer says so. */ readonly waitMs: number | undefined }
  /** For certain no byte has left. */
  | { readonly kind: 'Unsent'; readonly error: OperatorError }
  /** The request may have been carried out, and nobody knows; `code` is a bounded word. */
  | { readonly kind: 'Lost'; readonly code: string };

export interface WriteContext extends HttpContext {
  /** As in a session. */
  readonly mayWrite?: (() => boolean) | undefined;
}

/**
 * Makes one exchange in the credential's lane and never a second one, whatever comes back: not after a 429, not after
 * a server error (guard 4). Throws only Retryable `Aborted`, and only while nothing was sent; an abort after that is
 * `Lost`, or the answer where it has come.
 */
export async function writeOnce(call: WriteRequest, context: WriteContext): Promise<WriteOutcome> {
  const leave = await context.lane?.enter(context.signal);
  try {
    const refused = await waitForTurn(call, context);
    if (refused !== undefined) return { kind: 'Unsent', error: refused };
    if (context.signal.aborted) throw aborted();
    // Here and not before: the wait for the budget may be long, and a process may stand still at any place.
    if (context.mayWrite?.() === false) return { kind: 'Unsent', error: retryable('NotSent', 'Time ran out before it could be sent.') };
    return await exchange(call, context);
  } finally {
    // Only now: PagerDuty locks the account from a change of a user to the end of its answer (facts/pagerduty.md 5.4).
    leave?.();
  }
}

/** The failure, where the rate budget leaves no room in time. */
async function waitForTurn(call: WriteRequest, context: HttpContext): Promise<OperatorError | undefined> {
  if (context.lane === undefined) return undefined;
  try {
    await awaitBudget(context.lane, call, { context, deadline: context.clock.now() + budgetWithinMs });
    return undefined;
  } catch (error) {
    if (error instanceof OperatorError && error.failure.reason === 'RateLimited') return error;
    throw error;
  }
}

async function exchange(call: WriteRequest, context: HttpContext): Promise<WriteOutcome> {
  const { clock, signal, lane } = context;
  const { method, url, headers, striker } = call;
  const startedAt = clock.now();
  const reply = await context.transport({ method, url, headers, striker, signal, ...bodyOf(call) });
  const rate = reply.kind === 'Reply' ? readRateHeaders(reply.headers) : undefined;
  if (rate !== undefined) lane?.correct(rate, context.random);
  context.onRequest({
    method,
    route: call.route,
    status: reply.kind === 'Reply' ? reply.status : 0,
    durationMs: Math.max(0, clock.now() - startedAt),
    rateRemaining: rate?.remaining,
  });
  return sortOut(call, reply, context);
}

function sortOut(call: WriteRequest, reply: VendorReply | TransportFault, { clock, lane }: HttpContext): WriteOutcome {
  if (reply.kind === 'Fault') return reply.isUnsent ? { kind: 'Unsent', error: unreachable(reply.code, call) } : { kind: 'Lost', code: reply.code };
  const waitMs = readWait(reply, clock.now());
  // The others of the lane are told, so that nobody runs into the limit again.
  if (reply.status === 429 && waitMs !== undefined) lane?.hold(waitMs);
  return { kind: 'Reply', reply, waitMs };
}
