import { compact } from '../../../api/compact.ts';
import type { KeptPart, RestoreReport } from '../../reclaim.ts';

/** What an undo has brought back, what not, and what it kept as somebody has made it since. */
export interface Report {
  /** What is in place now, whether it had to be made or was there. */
  restored(part: string, count: number): void;
  lost(part: string, why: string): void;
  kept(part: string, values: KeptValues): void;
  finish(externalUserId: string): RestoreReport;
}

/** Before the reclaim, as it left it, and now. */
export type KeptValues = { readonly [Name in 'was' | 'left' | 'is']?: string | undefined };

export function createReport(): Report {
  const restored: { part: string; count: number }[] = [];
  const notRestored: { part: string; why: string }[] = [];
  const kept: KeptPart[] = [];
  return {
    restored(part, count) {
      if (count > 0) restored.push({ part, count });
    },
    lost: (part, why) => void notRestored.push({ part, why }),
    kept: (part, values) => void kept.push({ part, ...compact(values) }),
    finish: (externalUserId) => ({ externalUserId, restored, notRestored, kept }),
  };
}
