import { OperatorError } from '../../api/errors.ts';
import { inconsistent, maxPulls } from './paging.ts';

/** Empty pages in a row that are followed: a vendor may filter after it has cut its pages. */
const maxEmptyPages = 10;

/** A listing whose pages name the next one, so it has no 10,000 limit and no count (facts/pagerduty.md 7). */
export interface CursorListing<Row> {
  readonly route: string;
  /** Asks for the page at a cursor; undefined for the first. */
  ask(cursor: string | undefined): Promise<CursorPage<Row>>;
  /** Names a row; a row that comes twice means that pages moved while they were read. */
  identify(row: Row): string;
}

export interface CursorPage<Row> {
  readonly rows: readonly Row[];
  /** `Lost`: the vendor says that there is more and not where. */
  readonly next: { readonly kind: 'At'; readonly cursor: string } | { readonly kind: 'End' } | { readonly kind: 'Lost' };
}

type Doubt = 'RepeatedRows' | 'RepeatedCursor' | 'CursorLost' | 'CursorRefused' | 'EmptyPages';

/**
 * Pulls every page and yields its rows as they come. A pull that cannot be right is made again, up to two times, and
 * its rows are yielded again; it always ends, whatever the cursors. Throws Retryable `InconsistentPull` when no pull
 * adds up (guard 6), and what the client throws.
 */
export async function* pullCursors<Row>(listing: CursorListing<Row>): AsyncGenerator<readonly Row[]> {
  for (let pulls = 1; ; pulls += 1) {
    const doubt = yield* pullOnce(listing);
    if (doubt === undefined) return;
    if (pulls >= maxPulls) throw inconsistent(listing.route, doubt);
  }
}

async function* pullOnce<Row>(listing: CursorListing<Row>): AsyncGenerator<readonly Row[], Doubt | undefined> {
  const rowsSeen = new Set<string>();
  const cursorsSeen = new Set<string>();
  let cursor: string | undefined;
  for (let empty = 0; empty <= maxEmptyPages; ) {
    const page = await askPage(listing, cursor);
    if (page === undefined) return 'CursorRefused';
    if (hasRepeats(page.rows.map((row) => listing.identify(row)), rowsSeen)) return 'RepeatedRows';
    if (page.rows.length > 0) yield page.rows;
    if (page.next.kind === 'End') return undefined;
    if (page.next.kind === 'Lost') return 'CursorLost';
    if (hasRepeats([page.next.cursor], cursorsSeen)) return 'RepeatedCursor';
    cursor = page.next.cursor;
    empty = page.rows.length === 0 ? empty + 1 : 0;
  }
  return 'EmptyPages';
}

/** Undefined when the vendor refuses a cursor that it gave: it has expired, or the list has changed under it. */
async function askPage<Row>(listing: CursorListing<Row>, cursor: string | undefined): Promise<CursorPage<Row> | undefined> {
  try {
    return await listing.ask(cursor);
  } catch (error) {
    if (cursor !== undefined && error instanceof OperatorError && error.failure.reason === 'RequestRefused') return undefined;
    throw error;
  }
}

/** Adds the names; true when one was there before. */
function hasRepeats(names: readonly string[], seen: Set<string>): boolean {
  let repeated = false;
  for (const name of names) {
    if (seen.has(name)) repeated = true;
    seen.add(name);
  }
  return repeated;
}
