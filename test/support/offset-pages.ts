import type { Client } from '../../operator/providers/pagerduty/client.ts';
import type { Session } from '../../operator/providers/provider.ts';

/** Answers one GET of a route, or one question asked by POST of a body. */
export type PageHandler = (query: URLSearchParams, body: Readonly<Record<string, unknown>>) => unknown;

interface Asked {
  readonly route: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface PagedClient extends Client {
  /** Route, query and body (empty for a GET) of every request, in order. */
  readonly journal: readonly Asked[];
}

/**
 * A provider's client that answers from functions, for lists that change in the middle of paging. It refuses
 * what PagerDuty refuses: a page over 100 and a reach over 10,000 (facts/pagerduty.md 6.3).
 */
export function createPagedClient(session: Session, routes: Readonly<Record<string, PageHandler>>): PagedClient {
  const journal: Asked[] = [];

  async function answer(asked: Asked): Promise<unknown> {
    journal.push(asked);
    const handle = routes[asked.route];
    if (handle === undefined) throw new Error(`unexpected request: ${asked.route}`);
    await Promise.resolve();
    // As it would come over the wire.
    return JSON.parse(JSON.stringify(handle(asked.query, asked.body))) as unknown;
  }

  return {
    session,
    journal,
    async get(place, pairs, signal) {
      signal?.throwIfAborted();
      const route = typeof place === 'string' ? place : place.route;
      const query = new URLSearchParams(pairs.map(([name, value]) => [name, value]));
      const limit = Number(query.get('limit') ?? 25);
      const isOutOfReach = limit > 100 || limit + Number(query.get('offset') ?? 0) > 10_000;
      if (isOutOfReach) throw new Error(`out of reach: ${query.toString()}`);
      return answer({ route, query, body: {} });
    },
    async ask(route, body) {
      return answer({ route, query: new URLSearchParams(), body });
    },
    tryGet: () => Promise.reject(new Error('lists are read by get')),
    write: () => Promise.reject(new Error('lists write nothing')),
  };
}

/** The page of `rows` that the query asks for, as PagerDuty wraps it. */
export function pageOf(key: string, rows: readonly unknown[], query: URLSearchParams, volunteersTotal = false): Record<string, unknown> {
  const limit = Number(query.get('limit') ?? 25);
  const offset = Number(query.get('offset') ?? 0);
  const page = rows.slice(offset, offset + limit);
  const total = volunteersTotal || query.get('total') === 'true' ? rows.length : null;
  return { [key]: page, limit, offset, more: offset + page.length < rows.length, total };
}
