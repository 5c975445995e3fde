import type { ReconcileResult } from '../kubernetes/controller.ts';

/** Every object is looked at again after this long, plus or minus 10 %, though nothing seems to have changed. */
const resyncMs = 10 * 60_000;

/** Milliseconds until the next look at an object, whatever happens. */
export function drawResync(random: () => number): number {
  return resyncMs * (0.9 + 0.2 * random());
}

/**
 * What is due by itself before the next resync is a wish to be woken; anything later is none, so that a pass that
 * found nothing to do counts as a success and not as work to come.
 */
export function wakeBefore(resync: number, wishMs: number | undefined): { requeueAfterMs?: number } {
  return wishMs === undefined || wishMs >= resync ? {} : { requeueAfterMs: wishMs };
}

/**
 * True when the resync of a key is to be set: after a success, and after what only a person can mend, which may be mended where
 * no event comes from. A key whose object is gone is let go; the others are queued again already.
 */
export function isResynced(result: ReconcileResult, exists: boolean): boolean {
  return exists && (result === 'success' || result === 'terminal');
}
