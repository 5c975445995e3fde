import { setImmediate as immediate } from 'node:timers/promises';
import type { Random } from '../../api/clock.ts';
import type { OperatorError } from '../../api/errors.ts';
import type { Striker } from '../../api/strike-secrets.ts';
import type { ProviderContext } from '../provider.ts';
import { aborted, describeReply, malformed, rateLimited, refuse, unavailable, unreachable, type Asked } from './failures.ts';
import { addJitter, readRateHeaders, type Lane } from './throttle.ts';
import type { Transport, TransportFault, VendorCall, VendorReply } from './transport.ts';

/** Tries of one request that may be made again; waits for the rate limit count by time, not by number. */
const maxTries = 5;
const firstBackOffMs = 1000;
const longestBackOffMs = 30_000;
/** First wait after a 429 that does not say how long; it doubles (facts/pagerduty.md 6.1). */
const firstRateWaitMs = 5000;
const longestRateWaitMs = 60_000;
/** From the first try of a request to its last, all waits included. */
const deadlineMs = 5 * 60_000;

export interface HttpRequest extends Asked {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  /** Body to send as JSON, of a question that is asked by POST. */
  readonly json?: unknown;
  /** As in a call. */
  readonly striker: Striker;
  readonly issuesTokens?: true;
}

export interface HttpContext extends Pick<ProviderContext, 'clock' | 'random' | 'signal' | 'onRequest'> {
  readonly transport: Transport;
  /** Undefined where no rate budget applies, as at the token endpoint. */
  readonly lane: Lane | undefined;
}

/** A success: the answer as JSON. */
export interface HttpAnswer {
  readonly json: unknown;
}

interface Answer {
  readonly kind: 'Answer';
  readonly answer: HttpAnswer;
}

interface Refused {
  readonly kind: 'Failure';
  readonly error: OperatorError;
  readonly reply: VendorReply;
}

/** May pass; `error` is what to throw when there is no try left. */
interface Again {
  readonly kind: 'Again';
  readonly error: OperatorError;
  readonly waitMs: number | undefined;
}

interface TooFast {
  readonly kind: 'TooFast';
  readonly waitMs: number | undefined;
}

type Outcome = Answer | Refused | Again | TooFast;

/** A refusal that the caller may want to look into, such as the token endpoint's 400. */
export interface Refusal {
  readonly error: OperatorError;
  readonly reply: VendorReply;
}

/**
 * Makes a request that is safe to make again (every GET, a question asked by POST, asking for a token), with pacing, retries on
 * 408, 429, 5xx, network faults and unreadable answers, and a deadline. Throws only OperatorErrors.
 */
export async function request(call: HttpRequest, context: HttpContext): Promise<HttpAnswer> {
  const result = await tryRequest(call, context);
  if ('error' in result) throw result.error;
  return result;
}

/** As `request`, but hands back what the vendor refused outright instead of throwing it. */
export async function tryRequest(call: HttpRequest, context: HttpContext): Promise<HttpAnswer | Refusal> {
  const deadline = context.clock.now() + deadlineMs;
  const counts: Counts = { failed: 0, tooFast: 0 };
  for (;;) {
    const outcome = await attempt(call, context, deadline);
    if (outcome.kind === 'Answer') return outcome.answer;
    if (outcome.kind === 'Failure') return { error: outcome.error, reply: outcome.reply };
    const waitMs = decideWait(outcome, counts, context.random);
    const late = context.clock.now() + waitMs > deadline;
    if (outcome.kind === 'TooFast') {
      if (late) throw rateLimited(call, waitMs);
      context.lane?.hold(waitMs);
    } else if (late || counts.failed >= maxTries) {
      throw outcome.error;
    }
    await pause(waitMs, context);
  }
}

interface Counts {
  failed: number;
  tooFast: number;
}

/** Counts the outcome and says how many milliseconds to wait before the next try. */
function decideWait(outcome: Again | TooFast, counts: Counts, random: Random): number {
  if (outcome.kind === 'TooFast') {
    counts.tooFast += 1;
    return addJitter(outcome.waitMs ?? Math.min(longestRateWaitMs, firstRateWaitMs * 2 ** (counts.tooFast - 1)), random);
  }
  counts.failed += 1;
  return outcome.waitMs ?? Math.min(longestBackOffMs, firstBackOffMs * 2 ** (counts.failed - 1)) * (0.5 + random() / 2);
}

/** One exchange, in the credential's turn and budget. The turn is over before the answer is read: the next may go. */
async function attempt(call: HttpRequest, context: HttpContext, deadline: number): Promise<Outcome> {
  const leave = await context.lane?.enter(context.signal);
  try {
    if (context.lane !== undefined) await awaitBudget(context.lane, call, { context, deadline });
    const reply = await exchange(call, context, leave);
    // Lets the next request of the lane go out before this answer, which may be long, is parsed.
    await immediate();
    return judge(call, reply, context);
  } finally {
    leave?.();
  }
}

/** Resolves once the lane has budget for one request, and takes it. Throws `RateLimited` where that is not before the deadline, and `Aborted`. */
export async function awaitBudget(lane: Lane, call: Asked, limits: { context: HttpContext; deadline: number }): Promise<void> {
  const { context, deadline } = limits;
  for (let wait = lane.delay(); wait > 0; wait = lane.delay()) {
    if (context.clock.now() + wait > deadline) throw rateLimited(call, wait);
    await pause(wait, context);
  }
  lane.take();
}

async function exchange(call: HttpRequest, context: HttpContext, leave: (() => void) | undefined): Promise<VendorReply | TransportFault> {
  const { clock, signal } = context;
  if (signal.aborted) throw aborted();
  const startedAt = clock.now();
  const vendorCall: VendorCall = {
    method: call.method,
    url: call.url,
    headers: call.headers,
    striker: call.striker,
    ...(call.issuesTokens === undefined ? {} : { issuesTokens: call.issuesTokens }),
    signal,
    ...bodyOf(call),
  };
  const reply = await context.transport(vendorCall);
  const rate = reply.kind === 'Reply' ? readRateHeaders(reply.headers) : undefined;
  if (rate !== undefined) context.lane?.correct(rate, context.random);
  context.onRequest({
    method: call.method,
    route: call.route,
    status: reply.kind === 'Reply' ? reply.status : 0,
    durationMs: Math.max(0, clock.now() - startedAt),
    rateRemaining: rate?.remaining,
  });
  if (signal.aborted) throw aborted();
  leave?.();
  return reply;
}

export function bodyOf({ form, json }: Pick<HttpRequest, 'form' | 'json'>): Pick<VendorCall, 'form' | 'json'> {
  if (form !== undefined) return { form };
  return json === undefined ? {} : { json };
}

function judge(call: HttpRequest, reply: VendorReply | TransportFault, context: HttpContext): Outcome {
  if (reply.kind === 'Fault') return { kind: 'Again', error: unreachable(reply.code, call), waitMs: undefined };
  if (reply.status >= 200 && reply.status < 300) return readAnswer(call, reply);
  const waitMs = readWait(reply, context.clock.now());
  if (reply.status === 429) return { kind: 'TooFast', waitMs };
  if (reply.status === 408 || reply.status >= 500) return { kind: 'Again', error: unavailable(reply, call, waitMs), waitMs };
  return { kind: 'Failure', error: refuse(reply, call), reply };
}

function readAnswer(call: HttpRequest, reply: VendorReply): Outcome {
  try {
    const json: unknown = JSON.parse(reply.body);
    return { kind: 'Answer', answer: { json } };
  } catch {
    // A proxy's page or a body cut off: the parser's own message quotes the text, so it is not kept.
    const error = malformed(`${call.method} ${call.route}`, describeReply(reply, call));
    return { kind: 'Again', error, waitMs: undefined };
  }
}

/** Retry-After (seconds or a date) when present, else the reset of a rate limit that is used up. */
export function readWait(reply: VendorReply, now: number): number | undefined {
  const header = reply.headers['retry-after'];
  if (typeof header === 'string') {
    const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
    if (Number.isFinite(ms)) return Math.max(0, ms);
  }
  return reply.status === 429 ? readRateHeaders(reply.headers).resetMs : undefined;
}

async function pause(ms: number, { clock, signal }: HttpContext): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch {
    throw aborted();
  }
}
