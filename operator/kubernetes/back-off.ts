import type { Random } from '../api/clock.ts';

export interface BackOffLimits {
  /** Milliseconds before the first retry. */
  baseMs: number;
  /** Most milliseconds between two tries. */
  capMs: number;
  /** Share of the delay that chance adds or takes, such as 0.1 for ±10 %. */
  jitter: number;
}

/** Milliseconds before try number `failures` + 1, doubling from the base to the cap, with jitter. */
export function backOffMs(failures: number, limits: BackOffLimits, random: Random): number {
  const doubled = limits.baseMs * 2 ** Math.min(Math.max(failures - 1, 0), 40);
  return Math.round(jittered(Math.min(doubled, limits.capMs), limits.jitter, random));
}

/** `ms` moved by up to `share` of itself, either way. */
export function jittered(ms: number, share: number, random: Random): number {
  return ms * (1 + share * (2 * random() - 1));
}
