import type { Caches } from './caches.ts';

/** A watch that heard nothing for this long is dead: bookmarks alone come every minute. */
const deadWatchMs = 15 * 60_000;

/**
 * Why the process should be restarted, or undefined. Does not depend on the API server being reachable
 * for a while: only a cache that has heard nothing for far longer than any back-off counts.
 */
export function liveness(caches: Pick<Caches, 'all'>, now: number): string | undefined {
  const dead = caches.all.filter((cache) => cache.hasSynced() && now - cache.lastContactAt() > deadWatchMs);
  return dead.length === 0 ? undefined : `${dead.length} watches have heard nothing for 15 minutes`;
}

/** Why no traffic should come yet, or undefined. */
export function readiness(caches: Pick<Caches, 'all'>): string | undefined {
  const waiting = caches.all.filter((cache) => !cache.hasSynced()).length;
  return waiting === 0 ? undefined : `${waiting} caches are not synced yet`;
}
