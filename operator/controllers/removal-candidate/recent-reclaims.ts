import { annotations } from '../../api/group.ts';
import { isRecord } from '../../kubernetes/json-compare.ts';
import { dayMs } from '../../licensing/reclaim/budget.ts';
import { hashName } from '../../licensing/hash.ts';
import { timeOf, toText } from './times.ts';

/** For so many milliseconds after an attempt the vendor’s list of people may still have the person (facts/pagerduty.md 5.1). */
export const listLagMs = 10 * 60_000;

/**
 * On the Lease of an account: JSON of a hash of each candidate whose reclaim was begun in the last 24 hours, when, and whether it is of an
 * admin. Whoever is about to reclaim another cannot see the candidates of other namespaces, and candidates may lose their status
 * (guards 2 and 5). No name, and no address (guard 7).
 */
export const recentReclaimsAnnotation = annotations.recentReclaims;

interface RecentReclaim {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly isAdmin: boolean;
}

/** By hash of the candidate. */
export type RecentReclaims = ReadonlyMap<string, RecentReclaim>;

/** Instead of a hash: what was noted could not be read, so it may have been everybody. */
const anybody = '*';

/** Those of the last 24 hours. One of a time to come, by a clock that is ahead, counts as of now. */
export function readRecentReclaims(text: string | undefined, now: number): RecentReclaims {
  const entries = parseEntries(text) ?? [[anybody, { at: now, isAdmin: true }] as const];
  return new Map(entries.filter(([, { at }]) => now - at <= dayMs).map(([key, { at, isAdmin }]) => [key, { at: Math.min(at, now), isAdmin }]));
}

/** Undefined where anything of it cannot be read. */
function parseEntries(text: string | undefined): (readonly [string, RecentReclaim])[] | undefined {
  if (text === undefined) return [];
  try {
    const read: unknown = JSON.parse(text);
    if (!isRecord(read)) return undefined;
    const entries = Object.entries(read).map(([key, value]) => [key, parseEntry(value)] as const);
    return entries.every((entry): entry is readonly [string, RecentReclaim] => entry[1] !== undefined) ? entries : undefined;
  } catch {
    return undefined;
  }
}

function parseEntry(value: unknown): RecentReclaim | undefined {
  if (!isRecord(value) || typeof value['at'] !== 'string') return undefined;
  const at = timeOf(value['at']);
  return Number.isNaN(at) ? undefined : { at, isAdmin: value['admin'] !== false };
}

export function withReclaim(recent: RecentReclaims, uid: string, reclaim: RecentReclaim): RecentReclaims {
  return new Map([...recent, [hashName(uid), reclaim]]);
}

/** Its reclaim was begun, and took no admin away. */
export function withoutAdmin(recent: RecentReclaims, uid: string): RecentReclaims {
  return new Map([...recent].map(([key, reclaim]) => [key, key === hashName(uid) ? { ...reclaim, isAdmin: false } : reclaim]));
}

/** Annotations of the Lease with these and no others. */
export function annotate(former: Readonly<Record<string, string>> | undefined, recent: RecentReclaims): Record<string, string> {
  const { [recentReclaimsAnnotation]: _recent, ...rest } = former ?? {};
  if (recent.size === 0) return rest;
  return { ...rest, [recentReclaimsAnnotation]: JSON.stringify(Object.fromEntries([...recent].map(([key, { at, isAdmin }]) => [key, { at: toText(at), admin: isAdmin }]))) };
}

/** Uids of candidates: the one that is asked about, which does not count, and those known besides. */
export interface KnownAdmins {
  readonly self: string;
  readonly siblings: readonly string[];
}

/** How many admins may be going besides, each once; Infinity where nobody knows. */
export function countAdmins(recent: RecentReclaims, { self, siblings }: KnownAdmins, now: number): number {
  const admins = [...recent].filter(([, { at, isAdmin }]) => isAdmin && now - at <= listLagMs).map(([key]) => key);
  if (admins.includes(anybody)) return Number.POSITIVE_INFINITY;
  const others = new Set([...admins, ...siblings.map(hashName)]);
  others.delete(hashName(self));
  return others.size;
}

/** When the reclaims of others were begun; as many as may ever begin at the time of what could not be read. */
export function startsOf(recent: RecentReclaims, self: string, most: number): number[] {
  return [...recent].filter(([key]) => key !== hashName(self)).flatMap(([key, { at }]) => (key === anybody ? Array<number>(most).fill(at) : [at]));
}
