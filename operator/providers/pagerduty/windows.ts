import type { TimeWindow } from '../provider.ts';
import type { Client } from './client.ts';
import { Overflow, pullPages, type Listing } from './paging.ts';

export const second = 1000;
export const day = 24 * 60 * 60_000;
/** Rows aimed at when an overflowing window is split: shifts across a border count in both parts. */
const rowsPerPart = 8000;

/** A listing that is asked for by time, and how its windows are cut. */
export interface WindowedListing<Row> {
  /** Longest window of one question, milliseconds. */
  readonly maxWindow: number;
  /** Shortest part that a window is split into when it holds too many rows, milliseconds, a second or more. */
  readonly minWindow: number;
  /** The question for one part. */
  list(part: TimeWindow): Listing<Row>;
  /** What to throw when the shortest part holds too many rows. */
  tooMany(): Error;
}

/** Rows of the window by pages, in parts where there are more than offset paging reaches (T5). Asks nothing for an empty window. */
export async function* pullWindows<Row>(window: TimeWindow, listing: WindowedListing<Row>, client: Client): AsyncGenerator<Row[]> {
  for (const part of cutWindow(window, listing)) yield* pullWindow(part, listing, client);
}

/** Parts of at most `maxWindow` on whole seconds, outwards: PagerDuty's times have no finer grain. None for an empty window. */
export function cutWindow(window: TimeWindow, { maxWindow, minWindow }: { readonly maxWindow: number; readonly minWindow: number }): TimeWindow[] {
  if (window.to <= window.from) return [];
  const from = Math.floor(window.from / second) * second;
  const to = Math.ceil(window.to / second) * second;
  return splitWindow({ from, to }, Math.ceil((to - from) / maxWindow), minWindow);
}

async function* pullWindow<Row>(window: TimeWindow, listing: WindowedListing<Row>, client: Client): AsyncGenerator<Row[]> {
  let parts: TimeWindow[];
  try {
    yield* pullPages(listing.list(window), client);
    return;
  } catch (error) {
    if (!(error instanceof Overflow)) throw error;
    if (window.to - window.from <= listing.minWindow) throw listing.tooMany();
    parts = splitWindow(window, Math.max(2, Math.ceil((error.total ?? 0) / rowsPerPart)), listing.minWindow);
  }
  for (const part of parts) yield* pullWindow(part, listing, client);
}

/** Equal parts on whole seconds, without a gap; at most as many as leave each part `minWindow`. */
export function splitWindow({ from, to }: TimeWindow, wanted: number, minWindow: number): TimeWindow[] {
  const count = Math.max(1, Math.min(wanted, Math.ceil((to - from) / minWindow)));
  const border = (at: number): number => (at === count ? to : from + Math.floor(((to - from) * at) / count / second) * second);
  return Array.from({ length: count }, (_, at) => ({ from: border(at), to: border(at + 1) }));
}

export function formatInstant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
