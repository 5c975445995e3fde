import type { Call } from './call.ts';
import { argumentError, invalidInput, refuse } from './replies.ts';

/** Repeated `name[]=a&name[]=b`; undefined when the query has none. */
export function readList(query: URLSearchParams, name: string): string[] | undefined {
  const values = query.getAll(`${name}[]`);
  return values.length === 0 ? undefined : values;
}

/** Booleans are lower-case `true`; anything else is false (facts 7). */
export function readFlag(query: URLSearchParams, name: string): boolean {
  return query.get(name) === 'true';
}

/** A whole number ≥ `least`, else 400. */
export function readInteger(query: URLSearchParams, name: string, bounds: { least: number; otherwise: number }): number {
  const text = query.get(name);
  if (text === null || text === '') return bounds.otherwise;
  const value = /^-?\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) || value < bounds.least) refuse(invalidInput(`${name} must be a whole number of at least ${bounds.least}.`));
  return value;
}

const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/;

/** A time of the query; without a zone it is read in the account's (facts 4.5). Not a time: 400 code 2004. */
export function readTime(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null || text === '') return undefined;
  const match = ISO_TIME.exec(text);
  const at = match === null ? Number.NaN : Date.parse(match[4] === undefined ? `${withTime(text)}Z` : text);
  if (Number.isNaN(at)) refuse(argumentError(2004, `${name} is not a valid date.`));
  return match?.[4] === undefined ? call.zones.instantOf(call.account.company.timeZone, at) : at;
}

function withTime(text: string): string {
  return text.includes('T') ? text : `${text}T00:00`;
}

/** The zone to answer in. */
export function readTimeZone(call: Call): string {
  const zone = call.query.get('time_zone');
  if (zone === null || zone === '') return 'Etc/UTC';
  if (!call.zones.isKnown(zone)) refuse(invalidInput('time_zone is not a valid time zone.'));
  return zone;
}

/** `since` and `until` with their defaults; backwards: 400 code 2005. */
export function readWindow(call: Call, defaults: { since: number; until: number }): { start: number; end: number } {
  const start = readTime(call, 'since') ?? defaults.since;
  const end = readTime(call, 'until') ?? Math.max(defaults.until, start);
  if (end < start) refuse(argumentError(2005, 'until must not be before since.'));
  return { start, end };
}
