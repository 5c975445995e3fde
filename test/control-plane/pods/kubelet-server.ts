import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createPrivateKey } from 'node:crypto';
import { createCertificate, loadAuthority } from '../x509.ts';

const FOLLOW_MS = 200;

/** The output of a container. */
export interface Log {
  readonly file: string;
  isRunning(): boolean;
}

export interface LogSource {
  /** Undefined when no such container ran here. */
  find(namespace: string, pod: string, previous: boolean): Log | undefined;
}

/** The one thing of a kubelet's server that people use here: `kubectl logs`. */
export interface KubeletServer {
  /** 0 when the control plane's keys are not ours, so that its API server would not believe us. */
  readonly port: number;
  close(): void;
}

/** Answers the API server, and only it: the client certificate must be of the run's own authority. */
export async function serveKubelet(directory: string, logs: LogSource): Promise<KubeletServer> {
  const pki = await readAuthority(directory);
  if (pki === undefined) return { port: 0, close: () => undefined };
  const identity = createCertificate(pki, { commonName: 'pod-runner', usage: 'server', hosts: ['127.0.0.1', 'localhost'] }, Date.now());
  const options = { cert: identity.certificate, key: identity.key, ca: pki.certificate, requestCert: true, rejectUnauthorized: true };
  const closing = new AbortController();
  const server = createServer(options, (request, reply) => {
    void answer(request, reply, { logs, signal: closing.signal }).catch(() => reply.destroy());
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    port: portOf(server),
    close() {
      closing.abort();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readAuthority(directory: string): Promise<ReturnType<typeof loadAuthority> | undefined> {
  try {
    const certificate = await readFile(join(directory, 'pki', 'ca.crt'), 'utf8');
    return loadAuthority(certificate, createPrivateKey(await readFile(join(directory, 'pki', 'ca.key'), 'utf8')));
  } catch {
    return undefined;
  }
}

interface AnswerContext {
  readonly logs: LogSource;
  readonly signal: AbortSignal;
}

async function answer(request: IncomingMessage, reply: ServerResponse, context: AnswerContext): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://kubelet');
  const [kind, namespace = '', pod = ''] = url.pathname.split('/').slice(1).map(decodeURIComponent);
  if (request.method !== 'GET' || kind !== 'containerLogs') {
    reply.writeHead(404).end('the pod runner answers container logs only\n');
    return;
  }
  const log = context.logs.find(namespace, pod, url.searchParams.get('previous') === 'true');
  if (log === undefined) {
    reply.writeHead(404).end(`no output of pod ${namespace}/${pod} here\n`);
    return;
  }
  reply.writeHead(200, { 'content-type': 'text/plain' });
  const tail = url.searchParams.get('tailLines');
  const text = await readFile(log.file).catch(() => Buffer.alloc(0));
  reply.write(tail === null ? text : lastLines(text, Number(tail)));
  if (url.searchParams.get('follow') === 'true') await follow(log, text.length, reply, context.signal);
  reply.end();
}

async function follow(log: Log, from: number, reply: ServerResponse, signal: AbortSignal): Promise<void> {
  let position = from;
  while (!signal.aborted && !reply.destroyed) {
    // Asked before the size: what is written just before the end must still be sent.
    const running = log.isRunning();
    const size = await sizeOf(log.file);
    if (size > position) {
      for await (const chunk of createReadStream(log.file, { start: position, end: size - 1 })) reply.write(chunk);
      position = size;
    } else if (!running) return;
    await delay(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The last `count` lines of the text. */
export function lastLines(text: Buffer, count: number): Buffer {
  let position = text.length;
  // The newline that ends the last line belongs to it.
  if (text.at(-1) === 0x0a) position -= 1;
  for (let lines = 0; lines < count && position >= 0; lines += 1) {
    if (position === 0) return text;
    position = text.lastIndexOf(0x0a, position - 1);
  }
  return count <= 0 ? text.subarray(text.length) : text.subarray(position + 1);
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the kubelet server has no port');
  return address.port;
}
