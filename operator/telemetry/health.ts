import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { terminal } from '../api/errors.ts';
import type { Metrics } from './metrics.ts';

/**
 * Answers why not, or undefined when all is well. Liveness never depends on the vendor or the API server
 * being reachable, but it does notice a dead watch (facts/operators.md B3.29).
 */
export type Check = () => string | undefined;

export interface TelemetryServerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>;
  readonly checks: { readonly live: Check; readonly ready: Check };
}

export interface TelemetryServer {
  /** Base URL, with the port that was taken. */
  readonly url: string;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Serves `/metrics`, `/healthz` and `/readyz`. Throws Terminal `PortUnavailable` when it cannot listen. */
export async function startTelemetryServer(options: TelemetryServerOptions): Promise<TelemetryServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    void respond(options, request, response);
  });
  await listen(server, options);
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, close: async () => close(server) };
}

async function listen(server: Server, { host, port }: TelemetryServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'the port is in use' : 'the address cannot be listened on';
      reject(terminal('PortUnavailable', `Metrics and health cannot be served on ${host}:${port}: ${why}; choose another.`, { code: code ?? 'unknown' }));
    });
    server.listen(port, host, resolve);
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  return closed;
}

async function respond(options: TelemetryServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, type, body } = await answer(options, request).catch(() => text(500, 'internal error'));
  const head = request.method === 'HEAD';
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(head ? '' : body);
}

async function answer({ metrics, checks }: TelemetryServerOptions, request: IncomingMessage): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'only GET');
  const [path = ''] = (request.url ?? '').split('?', 1);
  switch (path) {
    case '/metrics':
      return { status: 200, type: metrics.contentType, body: await metrics.render() };
    case '/healthz':
      return health(checks.live());
    case '/readyz':
      return health(checks.ready());
    default:
      return text(404, 'not found');
  }
}

function health(problem: string | undefined): Answer {
  return problem === undefined ? text(200, 'ok') : text(503, problem);
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}
