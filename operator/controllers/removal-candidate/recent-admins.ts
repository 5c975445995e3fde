import { annotations } from '../../api/group.ts';
import { isRecord } from '../../kubernetes/json-compare.ts';
import { hashName } from '../../licensing/hash.ts';
import { timeOf, toText } from './times.ts';

/** For so many milliseconds after an attempt the vendor’s list of people may still have the person (facts/pagerduty.md 5.1). */
export const listLagMs = 10 * 60_000;

/**
 * On the Lease of an account: JSON of a hash of each candidate by which an admin is reclaimed, and when that began. Whoever is about to
 * reclaim another cannot see the candidates of other namespaces (guard 2). No name, and no address (guard 7).
 */
export const recentAdminsAnnotation = annotations.recentAdmins;

/** By hash of the candidate: milliseconds since the epoch. */
export type RecentAdmins = ReadonlyMap<string, number>;

/** Instead of a hash: what was noted could not be read, so all admins may be going. */
const anybody = '*';

/** Those that the vendor may still list. One of a time to come, by a clock that is ahead, counts as of now. */
export function readRecentAdmins(text: string | undefined, now: number): RecentAdmins {
  const recent = new Map<string, number>();
  for (const [key, at] of parseEntries(text) ?? [[anybody, now]]) if (now - at <= listLagMs) recent.set(key, Math.min(at, now));
  return recent;
}

/** Undefined where anything of it cannot be read. */
function parseEntries(text: string | undefined): [string, number][] | undefined {
  if (text === undefined) return [];
  try {
    const read: unknown = JSON.parse(text);
    if (!isRecord(read)) return undefined;
    const entries = Object.entries(read).map(([key, at]): [string, number] => [key, timeOf(typeof at === 'string' ? at : undefined)]);
    return entries.some(([, at]) => Number.isNaN(at)) ? undefined : entries;
  } catch {
    return undefined;
  }
}

export function withAdmin(recent: RecentAdmins, uid: string, now: number): RecentAdmins {
  return new Map([...recent, [hashName(uid), now]]);
}

export function withoutAdmin(recent: RecentAdmins, uid: string): RecentAdmins {
  return new Map([...recent].filter(([key]) => key !== hashName(uid)));
}

/** Annotations of the Lease with these and no others. */
export function annotate(former: Readonly<Record<string, string>> | undefined, recent: RecentAdmins): Record<string, string> {
  const { [recentAdminsAnnotation]: _recent, ...rest } = former ?? {};
  if (recent.size === 0) return rest;
  return { ...rest, [recentAdminsAnnotation]: JSON.stringify(Object.fromEntries([...recent].map(([key, at]) => [key, toText(at)]))) };
}

/** Uids of candidates: the one that is asked about, which does not count, and those known besides. */
export interface KnownAdmins {
  readonly self: string;
  readonly siblings: readonly string[];
}

/** How many admins may be going besides, each once; Infinity where nobody knows. */
export function countAdmins(recent: RecentAdmins, { self, siblings }: KnownAdmins): number {
  if (recent.has(anybody)) return Number.POSITIVE_INFINITY;
  const others = new Set([...recent.keys(), ...siblings.map(hashName)]);
  others.delete(hashName(self));
  return others.size;
}
