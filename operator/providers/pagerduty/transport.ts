import got, { TimeoutError } from 'got';
import type { Striker } from '../../api/strike-secrets.ts';

/** One HTTP exchange to make. */
export interface VendorCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Body of a form post. */
  readonly form?: Readonly<Record<string, string>>;
  /** Body of a post of JSON. */
  readonly json?: unknown;
  readonly signal: AbortSignal;
  /** For the secrets that the request carries: its answer may repeat them. */
  readonly striker: Striker;
  /** The answer to a success holds new tokens. */
  readonly issuesTokens?: true;
  /** Milliseconds for the whole exchange, where the usual limit is too long. */
  readonly withinMs?: number;
  /** Largest body that is taken, where the usual limit is too large. */
  readonly maxBytes?: number;
}

export interface VendorReply {
  readonly kind: 'Reply';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** No answer came, or not a whole one. */
export interface TransportFault {
  readonly kind: 'Fault';
  /** Such as `ECONNREFUSED`; a bounded word, safe to log. */
  readonly code: string;
  /** True when for certain no byte of the request has left: it may be sent again, whatever it does. */
  readonly isUnsent: boolean;
}

/** Makes one exchange; never throws. The only place that knows the HTTP library. */
export type Transport = (call: VendorCall) => Promise<VendorReply | TransportFault>;

/** Far above the largest page: 100 people with all references come to about 300 KiB. */
export const maxBodyBytes = 32 * 1024 * 1024;

/** Of an answer to the operator itself: a token, one person, a page of one row. Its heap is bounded, and serves all accounts. */
const maxSmallBodyBytes = 1024 * 1024;

/** The same transport for questions whose answers are small; a larger one is a fault. */
export function limitAnswers(transport: Transport): Transport {
  return async (call) => transport({ ...call, maxBytes: maxSmallBodyBytes });
}

/** Milliseconds for a part of one exchange; got itself has none by default (facts/tech.md 4). */
const timeouts = { lookup: 10_000, connect: 10_000, secureConnect: 15_000, response: 45_000, request: 90_000 };

const client = got.extend({
  // Retries are our own: got would retry outside our rate budget and give up on a long Retry-After (facts/tech.md 4).
  retry: { limit: 0 },
  throwHttpErrors: false,
  // A redirect could carry the Authorization header to another host.
  followRedirect: false,
  strictContentLength: true,
  timeout: timeouts,
});

/**
 * Got's errors hold the Authorization header (facts/tech.md 4), so none leaves this function: only the
 * error's code does.
 */
export const sendWithGot: Transport = async (call) => {
  try {
    const stream = client.stream(call.url, {
      method: call.method,
      headers: call.headers,
      signal: call.signal,
      ...(call.form === undefined ? {} : { form: call.form }),
      ...(call.json === undefined ? {} : { json: call.json }),
      ...(call.withinMs === undefined ? {} : { timeout: { ...timeouts, request: call.withinMs } }),
    });
    // An abort can come when nobody reads any more; as an error that nobody hears it would end the process.
    stream.on('error', () => undefined);
    // Of a method that may have a body got waits for one, and sends nothing until it is told that there is none.
    if (mayHaveBody(call) && !hasBody(call)) stream.end();
    // As a stream, so that a body without end is noticed while it comes.
    const body = await readBody(stream, call.maxBytes ?? maxBodyBytes);
    if (body === undefined) return { kind: 'Fault', code: 'BODY_TOO_LARGE', isUnsent: false };
    const { response } = stream;
    if (response === undefined) return { kind: 'Fault', code: 'NO_RESPONSE', isUnsent: false };
    return { kind: 'Reply', status: response.statusCode, headers: response.headers, body };
  } catch (error) {
    return describeFault(error);
  }
};

function mayHaveBody({ method }: VendorCall): boolean {
  return method !== 'GET';
}

function hasBody({ form, json }: VendorCall): boolean {
  return form !== undefined || json !== undefined;
}

/** Undefined when it is too large; leaving the loop ends the connection. */
async function readBody(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

/** Failures to find the other side, to reach it, or to trust it: a request is written only after all three. */
const unsentCodes = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Phases of got's time-outs before a request is written. */
const unsentPhases = new Set(['lookup', 'connect', 'secureConnect']);

function describeFault(error: unknown): TransportFault {
  const code = readWord(error, 'code');
  const phase = error instanceof TimeoutError ? error.event : '';
  return {
    kind: 'Fault',
    code: /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'UNKNOWN',
    isUnsent: unsentCodes.has(code) || unsentPhases.has(phase),
  };
}

function readWord(value: unknown, name: string): string {
  const word: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof word === 'string' ? word : '';
}
