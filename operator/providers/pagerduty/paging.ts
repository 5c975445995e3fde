import type { z } from 'zod';
import { retryable } from '../../api/errors.ts';
import type { Client, Query } from './client.ts';
import { nameQuestion } from './failures.ts';
import { envelope, parseAnswer, type Envelope } from './schemas.ts';

/** PagerDuty's largest page, and the reach of offset paging: `offset + limit` may not exceed it (T5). */
export const pageSize = 100;
export const maxReach = 10_000;
/** Pulls of one list, when they do not add up. */
export const maxPulls = 3;

/** How a listing is pulled, and how it is known to be whole. */
export interface Listing<Row> {
  /** Route and key of the rows, such as `/users` and `users`. */
  readonly route: string;
  /** The route with its ids, where it has any. */
  readonly path?: string;
  readonly key: string;
  readonly query: Query;
  readonly rows: z.ZodType<Row[]>;
  /**
   * `Asked`: the first page is asked for `total`, and the number of rows must equal it. `Volunteered`: the
   * vendor sends a total of its own accord, whose meaning is not documented; it is looked at, and the
   * caller decides on a difference. Without a total, of either kind, the end is proven by the empty page after it.
   */
  readonly total: 'Asked' | 'Volunteered';
  /** Names a row; a row that comes twice means that rows moved between pages while paging. */
  readonly identify: (row: Row) => string;
  /** `Page`: equal rows are natural, but two equal pages are not. */
  readonly repeats: 'Row' | 'Page';
}

/** More rows than offset paging can reach: the caller splits its question. It never leaves the provider. */
export class Overflow extends Error {
  override readonly name = 'Overflow';
  /** Rows in all, where the vendor told. */
  readonly total: number | undefined;

  constructor(total: number | undefined) {
    super('more rows than offset paging can reach');
    this.total = total;
  }
}

export interface PullResult {
  /** Total that the first page told. */
  readonly total: number | undefined;
  /** False only where the rows of a listing that volunteers its total differ from it, or go on after the end. */
  readonly proven: boolean;
}

type Doubt = 'RepeatedRows' | 'PageOutOfStep' | 'CountDiffers';

interface Pulled {
  readonly doubt: Doubt | undefined;
  readonly count: number;
  readonly total: number | undefined;
}

/**
 * Pulls every page and yields its rows as they come. A pull that does not add up is made again, up to two
 * times, and its rows are yielded again: the caller takes each row for what it is, and draws no conclusion
 * from an absence before the end. Throws `Overflow` before a page out of reach is asked for, Retryable
 * `InconsistentPull` when no pull adds up (guard 6), and what the client throws.
 */
export async function* pullPages<Row>(
  listing: Listing<Row>,
  client: Client,
): AsyncGenerator<Row[], PullResult> {
  let before: Pulled | undefined;
  for (let pulls = 1; ; pulls += 1) {
    const pulled = yield* pullOnce(listing, client);
    const { doubt, count, total } = pulled;
    if (doubt === undefined) return { total, proven: true };
    const unproven = listing.total === 'Volunteered' && doubt === 'CountDiffers';
    const again = before?.count === count && before.total === total;
    if (unproven && (again || pulls >= maxPulls)) return { total, proven: false };
    if (pulls >= maxPulls) throw inconsistent(listing.route, doubt);
    before = pulled;
  }
}

export function inconsistent(route: string, doubt: string): Error {
  return retryable('InconsistentPull', `${nameQuestion(route)} kept changing while it was read, so it was not taken as complete.`, {
    detail: { route, doubt },
  });
}

async function* pullOnce<Row>(
  listing: Listing<Row>,
  client: Client,
): AsyncGenerator<Row[], Pulled> {
  const stop = new AbortController();
  const signal = AbortSignal.any([client.session.signal, stop.signal]);
  const isRepeat = watchRepeats(listing);
  const queue = createQueue((offset) => fetchPage(listing, offset, client, signal));
  let count = 0;
  let total: number | undefined;
  try {
    for (let next = queue.take(0); next !== undefined; next = queue.take(count)) {
      const { rows, about } = await next;
      if (count === 0) total = about.total ?? undefined;
      const doubt = findDoubt(about, count, rows.length) ?? (isRepeat(rows) ? 'RepeatedRows' : undefined);
      if (doubt !== undefined) return { doubt, count, total };
      count += rows.length;
      checkReach(about.more, count, total);
      if (about.more) queue.fill(count, rows.length === pageSize ? total : undefined);
      yield rows;
      if (!about.more) return { doubt: await proveEnd(listing, client, { count, total }, signal), count, total };
    }
    return { doubt: 'PageOutOfStep', count, total };
  } finally {
    stop.abort();
  }
}

/**
 * Pages asked for ahead of the reader, so that the vendor works while the reader does. Requests still go one at a time:
 * the credential's lane sees to that. No page is asked for that a pull to the end would not need.
 */
interface PageQueue<Row> {
  /** The page at the offset; undefined when the pages do not go on there. */
  take(offset: number): Promise<Page<Row>> | undefined;
  /** Asks for the page at `from`, and for one more where the total says that there is one. */
  fill(from: number, total: number | undefined): void;
}

function createQueue<Row>(fetch: (offset: number) => Promise<Page<Row>>): PageQueue<Row> {
  const waiting: { offset: number; page: Promise<Page<Row>> }[] = [];

  function ask(offset: number): void {
    const page = fetch(offset);
    // Whoever leaves early does not look at it any more.
    page.catch(() => undefined);
    waiting.push({ offset, page });
  }

  ask(0);
  return {
    take(offset) {
      const first = waiting.shift();
      return first?.offset === offset ? first.page : undefined;
    },
    fill(from, total) {
      if (waiting.length === 0) ask(from);
      const after = (waiting.at(-1)?.offset ?? 0) + pageSize;
      if (waiting.length === 1 && total !== undefined && after < Math.min(total, maxReach)) ask(after);
    },
  };
}

/**
 * Rows against the total. Where none was told, though it was asked for or is usual, the end is not proven by the page
 * that says so (guard 6): the page after it must be empty. Beyond the reach there is none, so it is an `Overflow`.
 */
async function proveEnd<Row>(
  listing: Listing<Row>,
  client: Client,
  { count, total }: Pick<Pulled, 'count' | 'total'>,
  signal: AbortSignal,
): Promise<Doubt | undefined> {
  if (total !== undefined) return total === count ? undefined : 'CountDiffers';
  if (count >= maxReach) throw new Overflow(undefined);
  const { rows, about } = await fetchPage(listing, count, client, signal);
  return rows.length === 0 && !about.more ? undefined : 'CountDiffers';
}

function checkReach(more: boolean, count: number, total: number | undefined): void {
  if ((total ?? 0) > maxReach || (more && count >= maxReach)) throw new Overflow(total);
}

interface Page<Row> {
  readonly rows: Row[];
  readonly about: Envelope;
}

async function fetchPage<Row>(
  { route, path, key, query, rows, total }: Listing<Row>,
  offset: number,
  client: Client,
  signal: AbortSignal,
): Promise<Page<Row>> {
  const limit = Math.min(pageSize, maxReach - offset);
  const asked: [string, string][] = [
    ['limit', String(limit)],
    ['offset', String(offset)],
  ];
  if (offset === 0 && total === 'Asked') asked.push(['total', 'true']);
  const json = await client.get(path === undefined ? route : { route, path }, [...query, ...asked], signal);
  const about = parseAnswer(envelope, json, route);
  const found: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, key) : undefined;
  return { rows: parseAnswer(rows, found, route, key), about };
}

/** `more` against length, and the page against what was asked; a smaller page than asked for is fine. */
function findDoubt(about: Envelope, offset: number, length: number): Doubt | undefined {
  if (about.offset !== undefined && about.offset !== offset) return 'PageOutOfStep';
  if (about.limit !== undefined && length > about.limit) return 'PageOutOfStep';
  if (about.more && length !== (about.limit ?? length)) return 'PageOutOfStep';
  return about.more && length === 0 ? 'PageOutOfStep' : undefined;
}

/** Remembers rows or pages of one pull; true when something came before. */
function watchRepeats<Row>({ identify, repeats }: Listing<Row>): (rows: Row[]) => boolean {
  const seen = new Set<string>();
  const isNew = (name: string): boolean => seen.size < seen.add(name).size;
  return (rows) => {
    if (repeats === 'Page') return rows.length > 0 && !isNew(rows.map(identify).join('\n'));
    let repeated = false;
    for (const row of rows) if (!isNew(identify(row))) repeated = true;
    return repeated;
  };
}
