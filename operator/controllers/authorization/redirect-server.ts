import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ConnectionAlias } from '../../api/connection-alias.ts';
import { terminal } from '../../api/errors.ts';
import { isAnswerUrl } from '../answers/answer-request.ts';
import { createAnswering, type AnswerDependencies, type Answering as AnswerPages } from '../answers/answering.ts';
import { indexes } from '../dependencies.ts';
import { completeRedirect } from './complete.ts';
import { endSlowest } from './connections.ts';
import { renderPage, type Page, type PageKind } from './pages.ts';
import type { AuthorizationDependencies } from './parties.ts';
import { createEntrance, type Entrance } from './rate-limit.ts';
import type { Redirect } from './record.ts';
import { findAlias, readRequest, type KnownAliases } from './redirect-request.ts';

export interface RedirectServerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly dependencies: AuthorizationDependencies & AnswerDependencies;
  /** False until the caches are synced. */
  readonly isReady: () => boolean;
  /** Cuts off what is still in flight. */
  readonly hardSignal: AbortSignal;
}

export interface RedirectServer {
  /** Base URL, with the port that was taken. */
  readonly url: string;
  /** Stops listening, and waits for redirects that are being completed: a code works only once. */
  close(): Promise<void>;
}

/** Bounds of what strangers can make this process do: it is reachable from where browsers are. */
/** Of connections in all, and of those that have not said yet what they want. */
const mostConnections = 1024;
const mostWaiting = 256;
/**
 * Of redirects for one alias, from one place and from all together. Those with the state that its status shows do not share with those that
 * only look like it, or have none: who knows no state takes no turn of whoever comes back, and who knows it takes none but from their own place.
 */
const budgets = {
  known: { own: { burst: 5, everyMs: 1000, inFlight: 2 }, shared: { burst: 30, everyMs: 100, inFlight: 16 } },
  unknown: { own: { burst: 5, everyMs: 2000, inFlight: 2 }, shared: { burst: 30, everyMs: 200, inFlight: 8 } },
};

/**
 * Answers `/oauth_redirect.do` (S21, S62, S63) and `/reclaim/answer` (L5), and nothing else. Every replica runs one, whether
 * it leads or not: a code lives 30 seconds, too short to be passed on. Throws Terminal `PortUnavailable`.
 */
export async function startRedirectServer(options: RedirectServerOptions): Promise<RedirectServer> {
  const answering = new Answering(options);
  // Node looks for connections that say nothing every 30 s by itself: as long could a stranger hold all of them.
  const limits = { requestTimeout: 10_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000, keepAliveTimeout: 5_000, maxHeaderSize: 16_384 };
  const server = createServer(limits, (request, response) => answering.answer(request, response));
  server.maxConnections = mostConnections;
  server.maxRequestsPerSocket = 1;
  endSlowest(server, mostWaiting);
  await listen(server, options);
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { url: `http://${host}:${port}`, close: () => close(server, answering) };
}

async function listen(server: Server, { host, port }: RedirectServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the port is in use' : 'the address cannot be listened on';
      reject(terminal('PortUnavailable', `OAuth redirects and answers to notices cannot be answered on ${host}:${port}: ${why}; choose another with --redirect-address.`, { code: error.code ?? 'unknown' }));
    });
    server.listen(port, host, resolve);
  });
}

async function close(server: Server, answering: Answering): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  await answering.idle();
  server.closeAllConnections();
  return closed;
}

class Answering {
  readonly #options: RedirectServerOptions;
  readonly #known: KnownAliases;
  readonly #entrances: { readonly known: Entrance; readonly unknown: Entrance };
  /** Redirects alone: who fills up the other page keeps nobody from coming back. */
  readonly #inFlight = new Set<Promise<void>>();
  readonly #answerPages: AnswerPages;
  readonly #answersInFlight = new Set<Promise<void>>();

  constructor(options: RedirectServerOptions) {
    this.#options = options;
    this.#answerPages = createAnswering(options);
    const { clock, stores } = options.dependencies;
    this.#known = {
      byUid: (uid) => stores.aliases.byIndex(indexes.aliasesByUid, uid)[0],
      all: () => stores.aliases.list(),
    };
    const now = (): number => clock.now();
    this.#entrances = { known: createEntrance({ ...budgets.known, now }), unknown: createEntrance({ ...budgets.unknown, now }) };
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => response.destroy());
    if (isAnswerUrl(request.url)) {
      this.#track(this.#respond(this.#answerPages(request), response), this.#answersInFlight);
      return;
    }
    // A body is not wanted; what comes of one is thrown away.
    request.resume();
    this.#track(this.#respond(this.#decide(request), response), this.#inFlight);
  }

  #track(answering: Promise<void>, set: Set<Promise<void>>): void {
    const work = answering.finally(() => set.delete(work));
    set.add(work);
  }

  /** Resolves when nothing is being answered any more. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#inFlight, ...this.#answersInFlight]);
  }

  async #respond(decided: Promise<Page>, response: ServerResponse): Promise<void> {
    const page = await decided.catch((error: unknown) => {
      this.#options.dependencies.logger.error({ err: error }, 'a redirect or an answer met a defect of the operator');
      return renderPage('NotStored');
    });
    send(page, response);
  }

  async #decide(request: IncomingMessage): Promise<Page> {
    const read = readRequest(request);
    if (read.kind === 'Refused') return renderPage(read.page);
    if (!this.#options.isReady()) return renderPage('NotReady');
    const found = findAlias(read.redirect, this.#known);
    if (found.kind === 'Refused') return renderPage(found.page);
    // Counted only now: what costs nothing takes no turn of a person who comes back.
    const { uid = '' } = found.alias.metadata;
    const leave = this.#entrances[isShown(read.redirect, found.alias) ? 'known' : 'unknown'](`${uid} ${sourceOf(request)}`, uid);
    if (leave === undefined) return renderPage('TooManyRequests');
    try {
      return await this.#complete(found.alias, read.redirect);
    } finally {
      leave();
    }
  }

  /** What the person's browser does meanwhile does not matter: the code is used up either way. */
  async #complete(alias: ConnectionAlias, redirect: Redirect): Promise<Page> {
    const { dependencies, hardSignal } = this.#options;
    const completion = await completeRedirect(alias, { redirect, from: 'Browser', signal: hardSignal }, dependencies);
    return renderPage(completion.kind, isProven(redirect, completion.kind) ? factsOf(alias, completion.account) : {});
  }
}

/** Whether the state is that of the address in status; the cache may lag, so one that is not is only counted apart. */
function isShown({ state }: Redirect, { status }: ConnectionAlias): boolean {
  return state !== undefined && URL.parse(status?.authorization?.url ?? '')?.searchParams.get('state') === state;
}

/**
 * Where a request comes from: as the proxy in front says, which adds it last, or else the other end of the connection. Whoever reaches the
 * listener without a proxy can say anything, so nothing but a budget goes by it.
 */
function sourceOf({ headers, socket }: IncomingMessage): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1)?.trim() ?? '';
  return forwarded === '' ? (socket.remoteAddress ?? '') : forwarded.slice(0, 64);
}

/** Whether the person has shown a state of ours, and may be told what it was for. */
function isProven({ state }: Redirect, kind: PageKind): boolean {
  return state !== undefined && kind !== 'Unknown' && kind !== 'AliasGone';
}

function factsOf({ metadata }: { metadata: { namespace?: string; name: string } }, account: string | undefined) {
  return { alias: `${metadata.namespace ?? ''}/${metadata.name}`, account };
}

function send({ status, html, headers }: Page, response: ServerResponse): void {
  response.writeHead(status, {
    ...(status === 405 ? { allow: 'GET' } : {}),
    ...headers,
    'content-length': Buffer.byteLength(html),
    connection: 'close',
    ...(status === 429 || status === 503 ? { 'retry-after': '5' } : {}),
  });
  response.end(html);
}
