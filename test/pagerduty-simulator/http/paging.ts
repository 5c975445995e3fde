import type { Call } from './call.ts';
import type { Reply } from './replies.ts';
import { argumentError, json, refuse } from './replies.ts';
import { readFlag, readInteger } from './query.ts';

/** Rows that can be cut into pages. */
export interface Listing<T> {
  slice(from: number, to: number): readonly T[];
  count(): number;
}

export function listingOf<T>(items: readonly T[]): Listing<T> {
  return { slice: (from, to) => items.slice(from, to), count: () => items.length };
}

/** Offset paging: default 25, at most 100, never past 10,000 (facts 3.1, 6.3). */
export interface PageRules {
  readonly defaultLimit: number;
  readonly maxLimit: number;
  readonly total: 'when-asked' | 'always' | 'null' | 'absent';
  /** Largest offset + limit; undefined = none. */
  readonly reach: number | undefined;
}

export const CLASSIC_PAGES: PageRules = { defaultLimit: 25, maxLimit: 100, total: 'when-asked', reach: 10_000 };

/** Answers the page that was asked for, rows under `key`. */
export function answerPage<T>(call: Call, key: string, rows: { listing: Listing<T>; render: (row: T) => unknown; rules?: PageRules }): Reply {
  const { listing, render, rules = CLASSIC_PAGES } = rows;
  const limit = Math.min(rules.maxLimit, readInteger(call.query, 'limit', { least: 1, otherwise: rules.defaultLimit }));
  const offset = readInteger(call.query, 'offset', { least: 0, otherwise: 0 });
  if (rules.reach !== undefined && offset + limit > rules.reach) {
    refuse(argumentError(2002, `Offset+limit exceeds maximum allowed value of ${rules.reach}. Please try to refine your search.`));
  }
  const shift = shiftOf(call, offset, limit);
  const from = Math.max(0, offset + shift);
  const found = listing.slice(from, from + limit + 1);
  const more = found.length > limit !== (call.fault?.kind === 'wrong-more');
  const page = { [key]: found.slice(0, limit).map(render), limit, offset, more };
  const total = totalOf(call, rules, listing);
  return json(total === undefined ? page : { ...page, total });
}

function shiftOf(call: Call, offset: number, limit: number): number {
  if (offset === 0) return 0;
  if (call.fault?.kind === 'shift') return call.fault.by;
  return call.fault?.kind === 'duplicate-page' ? -limit : 0;
}

function totalOf<T>(call: Call, rules: PageRules, listing: Listing<T>): number | null | undefined {
  if (rules.total === 'absent') return undefined;
  const shown = rules.total === 'always' || (rules.total === 'when-asked' && readFlag(call.query, 'total'));
  if (!shown) return null;
  return listing.count() - (call.fault?.kind === 'shift' ? call.fault.by : 0);
}

/** Remembers the last computed listings, so that the next page goes on where the last ended. Bounded: two, of at most 10,001 rows, or of all people for analytics. */
export interface ListingMemory {
  recall<T>(key: string, version: number, generate: () => Iterable<T>): Listing<T>;
}

export function createListingMemory(kept = 2): ListingMemory {
  const listings = new Map<string, Listing<unknown>>();
  return {
    recall<T>(key: string, version: number, generate: () => Iterable<T>): Listing<T> {
      const name = `${version} ${key}`;
      const listing = listings.get(name) ?? lazyListing(generate);
      listings.delete(name);
      listings.set(name, listing);
      for (const oldest of listings.keys()) {
        if (listings.size > kept) listings.delete(oldest);
      }
      return listing as Listing<T>;
    },
  };
}

/** Computes rows only as far as they are asked for. */
function lazyListing<T>(generate: () => Iterable<T>): Listing<T> {
  const rows: T[] = [];
  let rest: Iterator<T> | undefined;
  let count: number | undefined;
  return {
    slice(from, to) {
      rest ??= generate()[Symbol.iterator]();
      while (rows.length < to) {
        const next = rest.next();
        if (next.done === true) break;
        rows.push(next.value);
      }
      return rows.slice(from, to);
    },
    count() {
      count ??= Iterator.from(generate()).reduce((sum) => sum + 1, 0);
      return count;
    },
  };
}
