import type { Client } from '../../operator/providers/pagerduty/client.ts';
import type { Session } from '../../operator/providers/provider.ts';

/** Answers one GET of a route. */
export type PageHandler = (query: URLSearchParams) => unknown;

export interface PagedClient extends Client {
  /** Route and query of every request, in order. */
  readonly journal: readonly { route: string; query: URLSearchParams }[];
}

/**
 * A provider's client that answers from functions, for lists that change in the middle of paging. It refuses
 * what PagerDuty refuses: a page over 100 and a reach over 10,000 (facts/pagerduty.md 6.3).
 */
export function createPagedClient(session: Session, routes: Readonly<Record<string, PageHandler>>): PagedClient {
  const journal: { route: string; query: URLSearchParams }[] = [];
  return {
    session,
    journal,
    async get(route, pairs, signal) {
      signal?.throwIfAborted();
      const query = new URLSearchParams(pairs.map(([name, value]) => [name, value]));
      journal.push({ route, query });
      const limit = Number(query.get('limit') ?? 25);
      if (limit > 100 || limit + Number(query.get('offset') ?? 0) > 10_000) throw new Error(`out of reach: ${query.toString()}`);
      const handle = routes[route];
      if (handle === undefined) throw new Error(`unexpected request: ${route}`);
      await Promise.resolve();
      // As it would come over the wire.
      return JSON.parse(JSON.stringify(handle(query))) as unknown;
    },
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
