import type { WorkQueue } from '../kubernetes/work-queue.ts';

/** The work queue of each controller. */
export interface Queues {
  readonly aliases: WorkQueue;
  readonly profiles: WorkQueue;
  /** Keys of profiles whose licence position is to be looked at. */
  readonly positions: WorkQueue;
  readonly entitlements: WorkQueue;
  readonly exclusions: WorkQueue;
  readonly rules: WorkQueue;
  readonly candidates: WorkQueue;
  /** Keys of Secrets with what is needed to undo a reclaim. */
  readonly undoSecrets: WorkQueue;
}
