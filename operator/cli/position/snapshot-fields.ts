import { z } from 'zod';
import { startOfDay } from '../../licensing/position/calendar.ts';

/** Text of at most this many characters. */
export const text = (limit: number): z.ZodString => z.string().max(limit);

/** RFC 3339 time with a zone. */
export const time = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 time such as 2026-11-24T12:00:00Z' });

/** Day of the UTC calendar that exists. */
export const day = z.string().refine(isDay, 'must be a day such as 2026-11-24');

export function isDay(value: string): boolean {
  try {
    startOfDay(value);
    return true;
  } catch {
    return false;
  }
}

/** A time as it is recorded: UTC, without the fraction where there is none. */
export function toTime(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** A time of an object as it is recorded; undefined for none and for what is no time. */
export function normalTime(value: string | undefined): string | undefined {
  const ms = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(ms) ? undefined : toTime(ms);
}

/** Milliseconds as a recorded time; undefined for none. */
export function timeText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : toTime(ms);
}

/** Orders by name; `byText` by code units: the same in every locale. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return byText(a.name, b.name);
}

export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
