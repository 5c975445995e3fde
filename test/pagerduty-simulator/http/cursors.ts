import type { Call } from './call.ts';
import { readInteger } from './query.ts';
import { invalidInput, refuse } from './replies.ts';

/** Where a row stands: what the list is sorted by, then what tells rows apart. */
export type Position = readonly [by: string | number, id: string];

/** Rows in their order, each with a position; a cursor says after which position a page starts, so that rows that come or go do not matter. */
export interface CursorRows<T> {
  readonly rows: readonly T[];
  readonly positionOf: (row: T) => Position;
  /** Less than 0 = `a` comes before `b`. */
  readonly compare: (a: Position, b: Position) => number;
}

export interface CursorPage<T> {
  readonly rows: readonly T[];
  readonly limit: number;
  /** Null at the end; a spoiled page may say otherwise. */
  readonly next: string | null;
}

export function newestFirst(a: Position, b: Position): number {
  return comparePosition(b, a);
}

export function comparePosition(a: Position, b: Position): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] === b[1] ? 0 : a[1] < b[1] ? -1 : 1;
}

export function writeCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Not a cursor of ours: 400. */
export function readCursor(text: string, name: string): Position {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (isPosition(value)) return value;
  } catch {
    // Not JSON: refused below.
  }
  return refuse(invalidInput(`${name} is not valid.`));
}

function isPosition(value: unknown): value is Position {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [by, id] = value as unknown[];
  return (typeof by === 'string' || typeof by === 'number') && typeof id === 'string';
}

/** The page that `limit` and `cursor` of the query ask for. A larger limit than there is gets cut and echoed (facts 11). */
export function readCursorPage<T>(call: Call, list: CursorRows<T>): CursorPage<T> {
  const most = call.settings.cursorMaxLimit;
  const limit = Math.min(most, readInteger(call.query, 'limit', { least: 1, otherwise: Math.min(25, most) }));
  const text = call.query.get('cursor');
  const start = text === null || text === '' ? 0 : firstAfter(list, readCursor(text, 'cursor'));
  return cutPage(call, list, { start, limit });
}

export function cutPage<T>(call: Call, list: CursorRows<T>, { start, limit }: { start: number; limit: number }): CursorPage<T> {
  const from = Math.max(0, start + spoiledBy(call, start, limit));
  const rows = list.rows.slice(from, from + limit);
  const last = rows.at(-1) ?? list.rows.at(-1);
  const more = from + limit < list.rows.length !== (call.fault?.kind === 'wrong-more');
  return { rows, limit, next: more && last !== undefined ? writeCursor(list.positionOf(last)) : null };
}

function spoiledBy({ fault }: Call, start: number, limit: number): number {
  if (start === 0) return 0;
  if (fault?.kind === 'shift') return fault.by;
  return fault?.kind === 'duplicate-page' ? -limit : 0;
}

/** Index of the first row after the position. */
export function firstAfter<T>({ rows, positionOf, compare }: CursorRows<T>, position: Position): number {
  return bisect(rows, (row) => compare(positionOf(row), position) > 0);
}

/** Index of the first row that the test holds for; it must hold for all that follow. */
export function bisect<T>(rows: readonly T[], holds: (row: T) => boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = rows[middle];
    if (row !== undefined && holds(row)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The part of a list, newest first, that lies in the window; whether its ends do is a setting. */
export function withinWindow<T extends { readonly at: number }>(call: Call, rows: readonly T[], { start, end }: { start: number; end: number }): readonly T[] {
  const inclusive = call.settings.windowEnds === 'inclusive';
  const from = bisect(rows, ({ at }) => (inclusive ? at <= end : at < end));
  const to = bisect(rows, ({ at }) => (inclusive ? at < start : at <= start));
  return rows.slice(from, to);
}
