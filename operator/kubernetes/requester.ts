import type { Dispatcher } from 'undici';
import type { Clock } from '../api/clock.ts';
import { OperatorError, retryable } from '../api/errors.ts';
import { failureOf, namesObject, parseStatus } from './api-failure.ts';
import { errorCode } from './credentials.ts';
import { startDeadline, type Deadline } from './deadline.ts';
import { serverTimeOf, type OutgoingRequest, type Transport } from './transport.ts';

/** One call of the API server; `what` goes into messages, such as `patch of leases tenant/a`. */
export interface ApiCall extends Omit<OutgoingRequest, 'signal' | 'accept'> {
  what: string;
  accept?: string;
  signal?: AbortSignal | undefined;
  /** Milliseconds that the whole call may take; 30 s unless told. */
  timeoutMs?: number;
  /** Receives the API server's own time at the answer, where the answer has one. */
  onServerTime?: (at: number) => void;
}

/** Chunks of a body that comes as long as the server likes. */
export interface OpenStream {
  body: AsyncIterable<Buffer>;
  /** Maps whatever the body threw to the error union. */
  failure(error: unknown): OperatorError;
  close(): void;
}

/** Calls that fail only with an OperatorError. `T` is what the API server is trusted to answer. */
export interface Requester {
  /** The parsed body, or undefined when the API server says that the object is not there. */
  find<T>(call: ApiCall): Promise<T | undefined>;
  /** The parsed body; an object that is not there is a Conflict. */
  call<T>(call: ApiCall): Promise<T>;
  open(call: ApiCall): Promise<OpenStream>;
}

/** Default milliseconds for one request (issue 3 part 3). */
export const requestTimeoutMs = 30_000;

interface Context {
  transport: Transport;
  clock: Clock;
}

export function createRequester(transport: Transport, clock: Clock): Requester {
  const context = { transport, clock };

  async function within<T>(call: ApiCall, work: (deadline: Deadline) => Promise<T>): Promise<T> {
    const deadline = startDeadline(clock, call.timeoutMs ?? requestTimeoutMs, call.signal);
    try {
      return await work(deadline);
    } finally {
      deadline.end();
    }
  }

  return {
    find: <T>(call: ApiCall) =>
      within(call, async (deadline) => {
        const { reply, body } = await exchange(context, call, deadline);
        const { serverTime } = serverTimeOf(reply.headers['date']);
        if (serverTime !== undefined) call.onServerTime?.(serverTime);
        if (reply.statusCode === 404 && namesObject(parseStatus(body))) return undefined;
        return trust<T>(accept(context, call, { reply, body }));
      }),
    call: <T>(call: ApiCall) =>
      within(call, async (deadline) => trust<T>(accept(context, call, await exchange(context, call, deadline)))),
    open: (call) => openStream(context, call),
  };
}

interface Exchange {
  reply: Dispatcher.ResponseData;
  /** Parsed JSON; undefined when it is none. */
  body: unknown;
}

async function send({ transport }: Context, call: ApiCall, deadline: Deadline): Promise<Dispatcher.ResponseData> {
  try {
    return await transport.send({ ...call, accept: call.accept ?? 'application/json', signal: deadline.signal });
  } catch (error) {
    throw brokenOff(call, deadline, error);
  }
}

async function exchange(context: Context, call: ApiCall, deadline: Deadline): Promise<Exchange> {
  const reply = await send(context, call, deadline);
  const text = await reply.body.text().catch((error: unknown) => {
    throw brokenOff(call, deadline, error);
  });
  return { reply, body: parseJson(text) };
}

function accept({ clock }: Context, call: ApiCall, { reply, body }: Exchange): object {
  if (!isSuccess(reply.statusCode)) throw refusalOf(call, reply, body, clock.now());
  if (typeof body !== 'object' || body === null) throw malformedReply(call.what);
  return body;
}

/** The one place where a body of the API server gets its type: the server has checked it against its schema. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters, typescript/no-unsafe-type-assertion
const trust = <T>(body: object): T => body as T;

function refusalOf(call: ApiCall, reply: Dispatcher.ResponseData, body: unknown, now: number): OperatorError {
  const header = reply.headers['retry-after'];
  const retryAfter = Array.isArray(header) ? header[0] : header;
  return failureOf({ what: call.what, code: reply.statusCode, status: parseStatus(body), retryAfter, now });
}

async function openStream(context: Context, call: ApiCall): Promise<OpenStream> {
  const deadline = startDeadline(context.clock, call.timeoutMs ?? requestTimeoutMs, call.signal);
  try {
    const reply = await send(context, { ...call, streaming: true }, deadline);
    if (!isSuccess(reply.statusCode)) {
      const text = await reply.body.text().catch(() => '');
      throw refusalOf(call, reply, parseJson(text), context.clock.now());
    }
    // The body may break while nobody reads it; the reader learns of it with its next read.
    reply.body.on('error', () => undefined);
    return {
      body: reply.body,
      failure: (error) => brokenOff(call, deadline, error),
      close() {
        deadline.end();
        reply.body.destroy();
      },
    };
  } catch (error) {
    deadline.end();
    throw error;
  }
}

function isSuccess(code: number): boolean {
  return code >= 200 && code < 300;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function malformedReply(what: string): OperatorError {
  return retryable('MalformedReply', `The ${what} got a reply that is not whole JSON; it is asked again.`);
}

/** Names what ended a request without an answer; the caller's own stop is told apart by its reason `Aborted`. */
function brokenOff(call: ApiCall, deadline: Deadline, error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  const detail = { code: errorCode(error) };
  const cause = deadline.cause();
  if (cause === 'caller') return retryable('Aborted', `The ${call.what} was stopped before its end.`);
  if (cause === 'deadline') return retryable('TimedOut', `The ${call.what} took too long; it is tried again.`, { detail });
  return retryable('ApiServerUnreachable', `The ${call.what} got no answer from the API server; it is tried again.`, { detail });
}
