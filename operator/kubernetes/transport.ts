import { Agent, type Dispatcher } from 'undici';
import type { Clock } from '../api/clock.ts';
import { steadyClock } from '../api/system-clock.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type { Credential, TlsIdentity } from './credentials.ts';

/** One request that was answered, or was not (`code` 0), for the metrics of client-go's names (facts/operators.md B3.30). */
export interface RequestReport {
  method: string;
  /** Plural of the kind, such as `secrets`. */
  resource: string;
  /** HTTP status; 0 when there was no answer. */
  code: number;
  /** Milliseconds until the headers came. */
  durationMs: number;
  host: string;
  /** The API server's own time by the Date header of its answer, milliseconds since the epoch, to the second. */
  serverTime?: number;
}

export interface TransportOptions {
  /** How long requests take is read off it; one that moves on evenly unless told. */
  steady?: Pick<Clock, 'now'>;
  userAgent: string;
  onRequest?: ((report: RequestReport) => void) | undefined;
}

export interface OutgoingRequest {
  method: Dispatcher.HttpMethod;
  /** Path and query below the server's address. */
  path: string;
  resource: string;
  accept: string;
  contentType?: string;
  body?: string;
  signal: AbortSignal;
  /** True for a watch, whose body may be silent for long. */
  streaming?: boolean;
}

/** Sends requests over kept connections, logged in; fails as undici does, or as the credential does. */
export interface Transport {
  send(request: OutgoingRequest): Promise<Dispatcher.ResponseData>;
  /** Ends all connections at once; what still runs fails. */
  close(): Promise<void>;
}

/**
 * Settings of the one Agent. HTTP/1.1, since one reset would take all multiplexed watches (facts/tech.md 1.2).
 * A watch holds a connection, so there must be many more connections than kinds. Idle connections end before the
 * API server's own 90 s. The body time-out is a net below our deadlines, which every request has.
 */
const agentSettings = {
  allowH2: false,
  pipelining: 1,
  connections: 64,
  keepAliveTimeout: 30_000,
  keepAliveMaxTimeout: 60_000,
  headersTimeout: 60_000,
  bodyTimeout: 60_000,
} as const;

const connectTimeoutMs = 10_000;

export function createTransport(config: ClusterConfig, options: TransportOptions): Transport {
  const server = new URL(config.server);
  const prefix = server.pathname === '/' ? '' : server.pathname;
  const agents = createAgentKeeper();
  const { steady = steadyClock } = options;

  async function attempt(request: OutgoingRequest, credential: Credential): Promise<Dispatcher.ResponseData> {
    const started = steady.now();
    const report = (code: number, date?: string | string[]): void =>
      options.onRequest?.({
        method: request.method,
        resource: request.resource,
        code,
        durationMs: steady.now() - started,
        host: server.host,
        ...serverTimeOf(date),
      });
    try {
      const reply = await agents.use(credential.tls).request({
        origin: server.origin,
        path: prefix + request.path,
        method: request.method,
        headers: headersOf(request, credential, options.userAgent),
        body: request.body ?? null,
        signal: request.signal,
        ...(request.streaming === true ? { bodyTimeout: 0 } : {}),
      });
      report(reply.statusCode, reply.headers['date']);
      return reply;
    } catch (error) {
      report(0);
      throw error;
    }
  }

  return {
    async send(request) {
      const credential = await config.credentials.current();
      const reply = await attempt(request, credential);
      if (reply.statusCode !== 401) return reply;
      await reply.body.dump();
      return attempt(request, await config.credentials.renew(credential));
    },
    close: () => agents.close(),
  };
}

function headersOf(request: OutgoingRequest, credential: Credential, userAgent: string): Record<string, string> {
  const { authorization } = credential;
  return {
    accept: request.accept,
    'user-agent': userAgent,
    ...(request.contentType === undefined ? {} : { 'content-type': request.contentType }),
    ...(authorization === undefined ? {} : { authorization: authorization.reveal() }),
  };
}

interface AgentKeeper {
  use(tls: TlsIdentity): Agent;
  close(): Promise<void>;
}

/** One Agent; a rotated certificate or authority makes the next one, and the old ends when its requests have. */
function createAgentKeeper(): AgentKeeper {
  const open = new Set<Agent>();
  let current: { tls: TlsIdentity; agent: Agent } | undefined;

  function retire(agent: Agent): void {
    agent.close().then(
      () => open.delete(agent),
      () => open.delete(agent),
    );
  }

  return {
    use(tls) {
      if (current?.tls === tls) return current.agent;
      if (current !== undefined) retire(current.agent);
      const agent = new Agent({ ...agentSettings, connect: connectSettings(tls) });
      open.add(agent);
      current = { tls, agent };
      return agent;
    },
    async close() {
      await Promise.all(Array.from(open, (agent) => agent.destroy()));
    },
  };
}

function connectSettings(tls: TlsIdentity): NonNullable<Agent.Options['connect']> {
  return {
    timeout: connectTimeoutMs,
    keepAlive: true,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls.skipVerify === true ? { rejectUnauthorized: false } : {}),
  };
}

/** The API server's own time by the Date header of an answer, to the second. */
export function serverTimeOf(date: string | string[] | undefined): { serverTime?: number } {
  const serverTime = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(serverTime) ? {} : { serverTime };
}
