import type { IncomingMessage } from 'node:http';
import { answerPath } from '../../notices/links.ts';

/** What of a request counts. */
export interface RawAnswerRequest {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
}

/** What somebody asks for; anybody can send anything here. */
export type AnswerRequest =
  | { readonly kind: 'Question'; readonly token: string }
  | { readonly kind: 'Answer'; readonly token: string; readonly reason: string }
  | { readonly kind: 'Refused'; readonly page: 'Unusable' | 'MethodNotAllowed' };

const longestUrl = 6144;
/** A reason of 1,024 characters of 12 bytes each, as a form sends them, and a token. */
const mostBytes = 16 * 1024;
const bodyWithinMs = 5_000;
/** An Ingress may serve it below a path of its own. */
const path = new RegExp(`^(/[A-Za-z0-9._~-]+){0,16}${answerPath}$`);

/** Whether a URL is the answer page's. */
export function isAnswerUrl(url: string | undefined): boolean {
  return url !== undefined && url.length <= longestUrl && path.test(url.split('?', 1)[0] ?? '');
}

/** Reads a request for the answer page; of a body no more than an answer has. */
export async function readAnswerRequest(request: IncomingMessage): Promise<AnswerRequest> {
  if (request.method === 'POST') return readAnswer(request);
  // Nothing is wanted of a body; what comes of one is thrown away.
  request.resume();
  if (request.method !== 'GET') return { kind: 'Refused', page: 'MethodNotAllowed' };
  return readQuestion(request.url ?? '');
}

function readQuestion(url: string): AnswerRequest {
  const tokens = new URLSearchParams(url.slice(url.indexOf('?') + 1)).getAll('token');
  const [token] = tokens;
  return token === undefined || tokens.length > 1 ? unusable : { kind: 'Question', token };
}

async function readAnswer(request: IncomingMessage): Promise<AnswerRequest> {
  const isForm = /^application\/x-www-form-urlencoded(;|$)/i.test(request.headers['content-type'] ?? '');
  const size = Number(request.headers['content-length'] ?? Number.NaN);
  const body = isForm && size <= mostBytes ? await readBody(request) : undefined;
  request.resume();
  if (body === undefined) return unusable;
  const form = new URLSearchParams(body);
  const [tokens, reasons] = [form.getAll('token'), form.getAll('reason')];
  const [token] = tokens;
  if (token === undefined || tokens.length > 1 || reasons.length > 1) return unusable;
  return { kind: 'Answer', token, reason: reasons[0] ?? '' };
}

const unusable: AnswerRequest = { kind: 'Refused', page: 'Unusable' };

/** Undefined when it does not come in time, or not as long as it said. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const late = setTimeout(() => request.destroy(), bodyWithinMs);
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of request as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > mostBytes) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch {
    return undefined;
  } finally {
    clearTimeout(late);
  }
}
