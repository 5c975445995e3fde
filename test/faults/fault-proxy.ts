import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import type { Credential } from '../../operator/kubernetes/credentials.ts';
import { LineFaulter, type LineFault } from './line-faults.ts';

export type Fault =
  | { kind: 'status'; code: number; retryAfter?: string; body?: unknown }
  /** The connection is reset before any answer. */
  | { kind: 'reset' }
  /** The request is taken and never answered. */
  | { kind: 'hang' }
  | { kind: 'delay'; ms: number }
  /** The request reaches the API server, and its answer gets lost. */
  | { kind: 'loseReply' }
  /** The answer ends cleanly after so many bytes. */
  | { kind: 'cut'; afterBytes: number }
  | { kind: 'line'; fault: LineFault };

export interface ProxiedRequest {
  method: string;
  /** Path with query. */
  path: string;
  isWatch: boolean;
  authorization: string | undefined;
}

export interface Rule {
  /** Which requests; all unless given. */
  match?: (request: ProxiedRequest) => boolean;
  /** How many requests; 1 unless given. */
  times?: number;
  fault: Fault;
}

export interface FaultProxy {
  readonly url: string;
  /** How to reach the API server through it. The proxy logs in unless the client sends a credential of its own. */
  readonly config: ClusterConfig;
  /** Every request so far, oldest first. */
  readonly requests: ProxiedRequest[];
  /** Adds a fault; rules are used up in the order in which they came. */
  inject(rule: Rule): void;
  /** Rules that have not been used up. */
  pending(): number;
  openWatches(): number;
  /** Connections that clients have made so far. */
  connections(): number;
  /** Milliseconds by which the Date headers are ahead of the API server's; to whoever asks, the API server's clock is. */
  dateAheadMs: number;
  /** Resets every connection that clients have open. */
  breakConnections(): void;
  close(): Promise<void>;
}

interface State {
  upstream: ClusterConfig;
  /** False where the client must show its own credential. */
  logsIn: boolean;
  rules: { rule: Rule; left: number }[];
  requests: ProxiedRequest[];
  sockets: Set<Socket>;
  connections: number;
  dateAheadMs: number;
  watches: Set<ServerResponse>;
}

/** Puts a plain HTTP proxy on loopback in front of an API server: what fails there is real HTTP, not a stand-in for it. */
export async function startFaultProxy(upstream: ClusterConfig, options: { logsIn?: boolean } = {}): Promise<FaultProxy> {
  const state: State = {
    upstream,
    logsIn: options.logsIn ?? true,
    rules: [],
    requests: [],
    sockets: new Set(),
    connections: 0,
    dateAheadMs: 0,
    watches: new Set(),
  };
  const server = createServer((incoming, outgoing) => {
    handle(state, incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.on('connection', (socket) => {
    state.connections += 1;
    state.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => state.sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const anonymous: Credential = { tls: {} };
  const breakConnections = (): void => {
    for (const socket of state.sockets) socket.resetAndDestroy();
  };
  return {
    url,
    config: { server: url, namespace: upstream.namespace, credentials: { current: async () => anonymous, renew: async () => anonymous } },
    requests: state.requests,
    inject: (rule) => state.rules.push({ rule, left: rule.times ?? 1 }),
    pending: () => state.rules.length,
    openWatches: () => state.watches.size,
    connections: () => state.connections,
    get dateAheadMs() {
      return state.dateAheadMs;
    },
    set dateAheadMs(ms) {
      state.dateAheadMs = ms;
    },
    breakConnections,
    async close() {
      breakConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function handle(state: State, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const fault = takeFault(state, note(state, incoming, outgoing));
  switch (fault?.kind) {
    case 'hang':
      return;
    case 'reset':
      incoming.socket.resetAndDestroy();
      return;
    case 'status':
      answer(outgoing, fault);
      return;
    case 'delay':
      await delay(fault.ms);
      await forward(state, incoming, outgoing);
      return;
    case 'loseReply':
    case 'cut':
    case 'line':
    case undefined:
      await forward(state, incoming, outgoing, fault);
  }
}

/** Takes the request into the journal, and a watch into the count while it is open. */
function note(state: State, incoming: IncomingMessage, outgoing: ServerResponse): ProxiedRequest {
  const path = incoming.url ?? '/';
  const isWatch = new URL(path, 'http://proxy').searchParams.get('watch') === 'true';
  const request = { method: incoming.method ?? 'GET', path, isWatch, authorization: incoming.headers.authorization };
  state.requests.push(request);
  if (isWatch) {
    state.watches.add(outgoing);
    outgoing.on('close', () => state.watches.delete(outgoing));
  }
  return request;
}

function takeFault(state: State, request: ProxiedRequest): Fault | undefined {
  const found = state.rules.find(({ rule }) => rule.match?.(request) ?? true);
  if (found === undefined) return undefined;
  found.left -= 1;
  if (found.left === 0) state.rules.splice(state.rules.indexOf(found), 1);
  return found.rule.fault;
}

function answer(outgoing: ServerResponse, fault: Extract<Fault, { kind: 'status' }>): void {
  const body = fault.body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: fault.code };
  outgoing.writeHead(fault.code, {
    'content-type': 'application/json',
    ...(fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }),
  });
  outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function forward(state: State, incoming: IncomingMessage, outgoing: ServerResponse, fault?: Fault): Promise<void> {
  const target = new URL(incoming.url ?? '/', state.upstream.server);
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const upstream = send(target, { method: incoming.method ?? 'GET', agent: false, ...(await accessOf(state, incoming, target.host)) });
  upstream.on('error', () => incoming.socket.resetAndDestroy());
  outgoing.on('close', () => upstream.destroy());
  upstream.on('response', (reply) => {
    const { date } = reply.headers;
    if (date !== undefined) reply.headers.date = new Date(Date.parse(date) + state.dateAheadMs).toUTCString();
    passOn(reply, incoming.socket, outgoing, fault);
  });
  incoming.pipe(upstream);
}

/** Headers and TLS settings of the request to the API server: the proxy's credential where the client shows none. */
async function accessOf(state: State, incoming: IncomingMessage, host: string): Promise<RequestOptions> {
  const { tls, authorization } = await state.upstream.credentials.current();
  const isOwn = !state.logsIn || incoming.headers.authorization !== undefined;
  const login = isOwn || authorization === undefined ? {} : { authorization: authorization.reveal() };
  const identity = isOwn ? {} : { cert: tls.certificate, key: tls.key?.reveal() };
  return { headers: { ...incoming.headers, host, ...login }, ca: tls.ca, ...identity };
}

function passOn(reply: IncomingMessage, socket: Socket, outgoing: ServerResponse, fault: Fault | undefined): void {
  reply.on('error', () => socket.resetAndDestroy());
  if (fault?.kind === 'loseReply') {
    socket.resetAndDestroy();
    return;
  }
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = reply.headers;
  outgoing.writeHead(reply.statusCode ?? 502, headers);
  outgoing.flushHeaders();
  if (fault?.kind === 'line') passLines(reply, socket, outgoing, fault.fault);
  else if (fault?.kind === 'cut') passBytes(reply, outgoing, fault.afterBytes);
  else reply.pipe(outgoing);
}

function passBytes(reply: IncomingMessage, outgoing: ServerResponse, bytes: number): void {
  let left = bytes;
  reply.on('data', (chunk: Buffer) => {
    if (left <= 0) return;
    outgoing.write(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) outgoing.end();
  });
  reply.on('end', () => outgoing.end());
}

function passLines(reply: IncomingMessage, socket: Socket, outgoing: ServerResponse, fault: LineFault): void {
  const faulter = new LineFaulter(fault);
  reply.setEncoding('utf8');
  reply.on('data', (chunk: string) => {
    for (const { send, end } of faulter.push(chunk)) {
      if (outgoing.writableEnded || socket.destroyed) return;
      outgoing.write(send, () => {
        if (end === 'reset') socket.resetAndDestroy();
      });
      if (end === 'clean') outgoing.end();
    }
  });
  reply.on('end', () => outgoing.end());
}
