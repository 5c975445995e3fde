import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Reply } from '../http/replies.ts';
import type { Fault } from './rules.ts';

/** Writes the answer, spoiled as the fault says. Ends early when the simulator stops. */
export async function send(response: ServerResponse, reply: Reply, fault: Fault | undefined, stop: AbortSignal): Promise<void> {
  const { bytes, contentType } = encode(reply, fault);
  const headers: Record<string, string> = { ...reply.headers };
  if (contentType !== undefined) headers['content-type'] = contentType;
  if (reply.status !== 204) headers['content-length'] = String(bytes.length);
  const answer = { reply, headers, bytes };
  if (fault?.kind === 'truncate') truncate(response, answer, fault);
  else if (fault?.kind === 'reset') await reset(response, answer, fault.when, stop);
  else if (fault?.kind === 'drip') await drip(response, answer, fault, stop);
  else response.writeHead(reply.status, headers).end(bytes);
}

interface Encoded {
  readonly reply: Reply;
  readonly headers: Record<string, string>;
  readonly bytes: Buffer;
}

/** The bytes of an answer, before a connection spoils them. */
export function encode(reply: Reply, fault: Fault | undefined): { bytes: Buffer; contentType: string | undefined } {
  if (reply.body.kind === 'none') return { bytes: Buffer.alloc(0), contentType: undefined };
  if (reply.body.kind === 'text') return { bytes: Buffer.from(reply.body.text), contentType: reply.body.contentType };
  const text = JSON.stringify(reply.body.value);
  const spoiled = fault?.kind === 'malformed-json' ? `${text.slice(0, Math.floor(text.length / 2))}}{,${text}` : text;
  return { bytes: Buffer.from(spoiled), contentType: 'application/json; charset=utf-8' };
}

function truncate(response: ServerResponse, answer: Encoded, fault: Extract<Fault, { kind: 'truncate' }>): void {
  const kept = answer.bytes.subarray(0, fault.keepBytes);
  const length = fault.contentLength === 'whole' ? answer.bytes.length : kept.length;
  response.writeHead(answer.reply.status, { ...answer.headers, 'content-length': String(length) });
  if (fault.contentLength === 'kept') response.end(kept);
  else response.write(kept, () => response.socket?.end());
}

async function reset(response: ServerResponse, answer: Encoded, when: string, stop: AbortSignal): Promise<void> {
  if (when !== 'after-headers') {
    cut(response);
    return;
  }
  response.writeHead(answer.reply.status, answer.headers);
  response.write(answer.bytes.subarray(0, Math.ceil(answer.bytes.length / 2)));
  await pause(20, stop);
  cut(response);
}

/** Ends the connection at once, so that the other side sees a reset. */
export function cut(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

async function drip(response: ServerResponse, answer: Encoded, fault: Extract<Fault, { kind: 'drip' }>, stop: AbortSignal): Promise<void> {
  response.writeHead(answer.reply.status, answer.headers);
  for (let at = 0; at < answer.bytes.length && !response.destroyed; at += fault.chunkBytes) {
    response.write(answer.bytes.subarray(at, at + fault.chunkBytes));
    await pause(fault.everyMs, stop);
  }
  response.end();
}

/** Waits real time; a simulator that stops does not wait. */
export async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal: stop }).catch(() => undefined);
}
