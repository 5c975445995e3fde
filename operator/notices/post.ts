import got, { TimeoutError } from 'got';
import { retryable, terminal } from '../api/errors.ts';
import type { SecretValue } from '../api/secret-value.ts';
import type { HostGate } from './allowed-hosts.ts';
import { hostOf } from './allowed-hosts.ts';
import { isCertificateFault } from './certificate-faults.ts';
import { readWebhookUrl } from './webhook-url.ts';

export interface Posting {
  /** Name of the channel. */
  readonly channel: string;
  readonly url: SecretValue;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
  readonly gate: HostGate;
  readonly signal: AbortSignal;
}

/** Posts JSON once and resolves when the other side has taken it. Fails as `createNoticeSender` says. */
export type Post = (posting: Posting) => Promise<void>;

/** Milliseconds. */
const timeouts = { lookup: 10_000, connect: 10_000, secureConnect: 10_000, request: 30_000 };
/** Of an answer nothing is needed but its status; so much is read, so that the connection ends well. */
const mostBytesRead = 64 * 1024;
/** Longer than this nobody is waited for because they said so. */
const longestRetryAfterMs = 3_600_000;
const usualPorts = [443] as const;

const client = got.extend({
  // One message is one request: whoever claimed it tries again.
  retry: { limit: 0 },
  throwHttpErrors: false,
  // A redirect would lead past the allowed hosts.
  followRedirect: false,
  timeout: timeouts,
});

export function createPoster(certificateAuthority: string | undefined): Post {
  const https = certificateAuthority === undefined ? {} : { https: { certificateAuthority } };
  return async ({ channel, url: secret, headers, body, gate, signal }) => {
    const url = checkUrl(channel, secret, gate);
    const all = { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'saas-license-operator', ...headers };
    const outcome = await exchange({ url, headers: all, body, signal }, https);
    judge(channel, outcome);
  };
}

function checkUrl(channel: string, secret: SecretValue, gate: HostGate): URL {
  const url = readWebhookUrl(secret.reveal());
  if (url === undefined) throw terminal('NoticeSecretInvalid', `Channel ${channel}: key url of its Secret is no address of a webhook.`);
  const isPlain = url.protocol === 'http:';
  const port = url.port === '' ? (isPlain ? 80 : 443) : Number(url.port);
  const { isTrusted } = gate.check({ channel, host: hostOf(url), port, usualPorts });
  if (isPlain && !isTrusted) throw terminal('NoticeTlsRequired', `Channel ${channel}: key url of its Secret must begin with https://, since what is sent is of a person.`);
  return url;
}

type Outcome = { readonly kind: 'Reply'; readonly status: number; readonly retryAfter: string | undefined } | { readonly kind: 'Fault'; readonly code: string };

/** Never throws: an error of got holds the URL and the headers. */
async function exchange(
  call: { readonly url: URL; readonly headers: Record<string, string>; readonly body: string; readonly signal: AbortSignal },
  https: { readonly https?: { readonly certificateAuthority: string } },
): Promise<Outcome> {
  try {
    const stream = client.stream.post(call.url, { headers: call.headers, body: call.body, signal: call.signal, ...https });
    // An abort can come when nobody reads any more; as an error that nobody hears it would end the process.
    stream.on('error', () => undefined);
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > mostBytesRead) break;
    }
    const { response } = stream;
    if (response === undefined) return { kind: 'Fault', code: 'NO_RESPONSE' };
    return { kind: 'Reply', status: response.statusCode, retryAfter: response.headers['retry-after'] };
  } catch (error) {
    if (error instanceof TimeoutError) return { kind: 'Fault', code: 'ETIMEDOUT' };
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
    // A word of Node's or got's: anything else in this place could be text from outside.
    return { kind: 'Fault', code: /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'UNKNOWN' };
  }
}

function judge(channel: string, outcome: Outcome): void {
  if (outcome.kind === 'Fault') {
    if (isCertificateFault(outcome.code)) throw untrusted(channel, outcome.code);
    throw unavailable(channel, { detail: { code: outcome.code } });
  }
  const { status, retryAfter } = outcome;
  if (status >= 200 && status < 300) return;
  if (status === 408 || status === 429 || status >= 500) throw unavailable(channel, { retryAfterMs: readRetryAfter(retryAfter), detail: { status } });
  const hint = status >= 300 && status < 400 ? 'it answers with a redirect, which is not followed' : 'it takes no message of this kind';
  throw terminal('NoticeRefused', `Channel ${channel}: the receiver refused the message: ${hint}. Check the address in its Secret.`, { status });
}

function readRetryAfter(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,9}$/.test(text.trim())) return undefined;
  return Math.min(Number(text) * 1000, longestRetryAfterMs);
}

/** The other side is away, or did not answer in time: it may have taken the message. */
export function unavailable(channel: string, options: Parameters<typeof retryable>[2] = {}): Error {
  return retryable('NoticeServerUnavailable', `Channel ${channel}: the server did not take the message in time, or is not reached; it is tried again.`, options);
}

export function untrusted(channel: string, code: string): Error {
  return terminal(
    'NoticeCertificateInvalid',
    `Channel ${channel}: the certificate of the server is not trusted, has run out or is for another host; renew it, or give the operator its authority (extraCACertificates of the chart).`,
    { code },
  );
}
