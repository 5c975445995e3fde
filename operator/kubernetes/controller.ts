import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../api/clock.ts';
import { OperatorError, retryable, toFailure, type Failure } from '../api/errors.ts';
import { childAbort } from './abort.ts';
import { startDeadline } from './deadline.ts';
import type { WorkQueue } from './work-queue.ts';

/** Labels of controller_runtime_reconcile_total, and two that others count apart (facts/operators.md B3.30). */
export type ReconcileResult = 'success' | 'error' | 'requeue_after' | 'conflict' | 'terminal' | 'panic';

export interface ReconcileOutcome {
  controller: string;
  key: string;
  reconcileId: string;
  result: ReconcileResult;
  durationMs: number;
  failure?: Failure;
  /** What was thrown, for logs. */
  error?: unknown;
}

export interface ReconcileContext {
  /** Aborts when the time is up or at the hard end. */
  signal: AbortSignal;
  /** Different for every run, for logs. */
  reconcileId: string;
}

export interface ControllerOptions {
  name: string;
  queue: WorkQueue;
  /** Most keys in work at once. */
  concurrency: number;
  /** Brings the world to what the object of the key says; reads everything anew (facts/operators.md A9.1). */
  reconcile(key: string, context: ReconcileContext): Promise<{ requeueAfterMs?: number } | void>;
  onOutcome?: (outcome: ReconcileOutcome) => void;
  clock: Clock;
  /** Milliseconds that one run may take; 60 s unless given. */
  timeoutMs?: number;
  /** Graceful end: no more keys are taken; what is in work may finish. */
  signal: AbortSignal;
  /** Hard end: what is in work is aborted. */
  hardSignal?: AbortSignal;
}

const defaultTimeoutMs = 60_000;

/**
 * Works a queue off until the signal aborts and what is in work has ended. What becomes of a key is decided by the
 * kind of its failure (design section 2): Terminal waits for a person's edit, Waiting looks again, Retryable and
 * Conflict back off, and anything else that is thrown is a defect of ours: caught, told, tried again. A run that
 * does not end on its aborted signal keeps its key: two runs of one key would be worse.
 */
export async function runController(options: ControllerOptions): Promise<void> {
  const workers = Array.from({ length: Math.max(1, options.concurrency) }, () => runWorker(options));
  await Promise.all(workers);
}

async function runWorker(options: ControllerOptions): Promise<void> {
  for (;;) {
    let key: string;
    try {
      key = await options.queue.get(options.signal);
    } catch {
      return;
    }
    await workOn(options, key);
    // A look that finds nothing to do waits for nothing: hundreds in a row would hold up all else that the process has to do.
    await nextTurn();
  }
}

async function workOn(options: ControllerOptions, key: string): Promise<void> {
  const started = options.clock.now();
  const reconcileId = randomUUID();
  try {
    const ending = await runOnce(options, key, reconcileId);
    // Half a run at the hard end says nothing about the object; the next process begins anew.
    if (ending.failure !== undefined && options.hardSignal?.aborted === true) return;
    const result = settleKey(options.queue, key, ending);
    tell(options, {
      controller: options.name,
      key,
      reconcileId,
      result,
      durationMs: options.clock.now() - started,
      ...(ending.failure === undefined ? {} : { failure: ending.failure, error: ending.error }),
    });
  } finally {
    options.queue.done(key);
  }
}

/** How a run ended: well, with a wish to look again, or with what was thrown. */
interface Ending {
  requeueAfterMs?: number;
  failure?: Failure;
  error?: unknown;
}

async function runOnce(options: ControllerOptions, key: string, reconcileId: string): Promise<Ending> {
  const hard = childAbort(options.hardSignal);
  const deadline = startDeadline(options.clock, options.timeoutMs ?? defaultTimeoutMs, hard.signal);
  try {
    return (await options.reconcile(key, { signal: deadline.signal, reconcileId })) ?? {};
  } catch (error) {
    if (deadline.cause() !== 'deadline') return { failure: toFailure(error), error };
    const late = retryable('TimedOut', 'The work took longer than it may; it is tried again.');
    return { failure: late.failure, error: error instanceof OperatorError ? error : late };
  } finally {
    deadline.end();
    hard.release();
  }
}

function settleKey(queue: WorkQueue, key: string, ending: Ending): ReconcileResult {
  const { failure, error } = ending;
  if (failure === undefined) return settleSuccess(queue, key, ending.requeueAfterMs);
  if (!(error instanceof OperatorError)) {
    queue.addRateLimited(key);
    return 'panic';
  }
  if (failure.kind === 'Terminal') {
    queue.forget(key);
    return 'terminal';
  }
  if (failure.kind === 'Waiting') return settleSuccess(queue, key, failure.retryAfterMs);
  const retryAfterMs = failure.kind === 'Retryable' ? (failure.retryAfterMs ?? 0) : 0;
  queue.addRateLimited(key, { atLeastMs: retryAfterMs });
  return failure.kind === 'Conflict' ? 'conflict' : 'error';
}

function settleSuccess(queue: WorkQueue, key: string, requeueAfterMs: number | undefined): ReconcileResult {
  queue.forget(key);
  if (requeueAfterMs === undefined) return 'success';
  queue.addAfter(key, requeueAfterMs);
  return 'requeue_after';
}

/** A metric or log hook that throws must not take the worker with it. */
function tell(options: ControllerOptions, outcome: ReconcileOutcome): void {
  try {
    options.onOutcome?.(outcome);
  } catch {
    // There is nobody left to tell.
  }
}
