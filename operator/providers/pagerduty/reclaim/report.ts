import type { RestoreReport } from '../../reclaim.ts';

/** What an undo has brought back, and what not. */
export interface Report {
  /** What is in place now, whether it had to be made or was there. */
  restored(part: string, count: number): void;
  lost(part: string, why: string): void;
  finish(externalUserId: string): RestoreReport;
}

export function createReport(): Report {
  const restored: { part: string; count: number }[] = [];
  const notRestored: { part: string; why: string }[] = [];
  return {
    restored(part, count) {
      if (count > 0) restored.push({ part, count });
    },
    lost: (part, why) => void notRestored.push({ part, why }),
    finish: (externalUserId) => ({ externalUserId, restored, notRestored }),
  };
}
