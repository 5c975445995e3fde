import type { Failure } from '../api/errors.ts';
import { runController, type ReconcileOutcome } from '../kubernetes/controller.ts';
import { keyOf } from '../kubernetes/object-key.ts';
import { createWorkQueue, priorities, type WorkQueue } from '../kubernetes/work-queue.ts';
import type { Caches } from './caches.ts';
import { reconcileAlias } from './connection-alias/reconcile.ts';
import type { ControllerDependencies } from './dependencies.ts';
import { reconcileProfile } from './integration-profile/reconcile.ts';
import { objectName } from './object-key.ts';
import { drawResync, isResynced, wakeBefore } from './resync.ts';
import { showConditions } from './show-conditions.ts';
import { connectQueues, type Queues } from './wake.ts';

/** Workers a controller: reconciles wait for the network most of the time, but Node has one thread. */
const concurrency = 4;
/** A start-up or resync never delays what a person just changed (facts/operators.md A4). */
const { background } = priorities;

/**
 * Runs both controllers until `signal` aborts, then lets what is in flight end; `hardSignal` ends that
 * too. The caches must have been started; what they hold already is queued first, at low priority.
 */
export async function runControllers(
  caches: Caches,
  dependencies: ControllerDependencies,
  signals: { signal: AbortSignal; hardSignal: AbortSignal },
): Promise<void> {
  const queues = createQueues(dependencies);
  connectQueues(caches, queues);
  showConditions(caches.stores, dependencies.metrics);
  for (const alias of caches.stores.aliases.list()) queues.aliases.add(keyOf(alias.metadata), { priority: background });
  for (const profile of caches.stores.profiles.list()) queues.profiles.add(keyOf(profile.metadata), { priority: background });
  try {
    await Promise.all([
      run({ name: 'connectionalias', queue: queues.aliases, reconcile: reconcileAlias, store: caches.stores.aliases }, dependencies, signals),
      run({ name: 'integrationprofile', queue: queues.profiles, reconcile: reconcileProfile, store: caches.stores.profiles }, dependencies, signals),
    ]);
  } finally {
    // What waits for its time would keep the process alive until then.
    queues.aliases.shutdown();
    queues.profiles.shutdown();
    await dependencies.events.flush();
  }
}

function createQueues(dependencies: ControllerDependencies): Queues {
  return { aliases: createQueue('connectionalias', dependencies), profiles: createQueue('integrationprofile', dependencies) };
}

function createQueue(name: string, { clock, random, metrics }: ControllerDependencies): WorkQueue {
  const queue = createWorkQueue({ clock, random, name, metrics });
  metrics.registerQueue(name, () => queue.state());
  return queue;
}

interface Controller {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly reconcile: (key: string, dependencies: ControllerDependencies, signal: AbortSignal) => Promise<{ requeueAfterMs?: number }>;
  /** Tells whether an object is still there. */
  readonly store: { get(key: string): unknown };
}

async function run(
  { name, queue, reconcile, store }: Controller,
  dependencies: ControllerDependencies,
  signals: { signal: AbortSignal; hardSignal: AbortSignal },
): Promise<void> {
  const { clock, logger, metrics, random } = dependencies;
  metrics.registerController(name, concurrency);
  await runController({
    name,
    queue,
    concurrency,
    clock,
    signal: signals.signal,
    hardSignal: signals.hardSignal,
    reconcile: async (key, context) => {
      metrics.onReconcileStart(name);
      const child = logger.child({ controller: name, ...objectName(key), reconcileID: context.reconcileId });
      const result = await reconcile(key, { ...dependencies, logger: child }, context.signal);
      return wakeBefore(drawResync(random), result.requeueAfterMs);
    },
    onOutcome: (outcome) => {
      if (isResynced(outcome.result, store.get(outcome.key) !== undefined)) {
        queue.addAfter(outcome.key, drawResync(random), { priority: background });
      }
      reportOutcome(outcome, dependencies);
    },
  });
}

/** The one place where an outcome becomes a metric and a log line. */
function reportOutcome(outcome: ReconcileOutcome, { logger, metrics }: ControllerDependencies): void {
  const failed = outcome.result !== 'success' && outcome.result !== 'requeue_after' && outcome.result !== 'conflict';
  metrics.onReconcile({
    controller: outcome.controller,
    result: metricResult(outcome),
    seconds: outcome.durationMs / 1000,
    terminal: outcome.result === 'terminal',
    panic: outcome.result === 'panic',
  });
  if (!failed) return;
  const fields = { controller: outcome.controller, ...objectName(outcome.key), ...failureFields(outcome.failure) };
  logger.error({ ...fields, err: outcome.error }, 'reconcile failed');
}

function metricResult({ result }: ReconcileOutcome): 'success' | 'error' | 'requeue' | 'requeue_after' {
  if (result === 'success' || result === 'requeue_after') return result;
  // As controller-runtime does: a lost write race is work to be done again, not an error.
  return result === 'conflict' ? 'requeue' : 'error';
}

function failureFields(failure: Failure | undefined): Record<string, string> {
  return failure === undefined ? {} : { reason: failure.reason, kind: failure.kind };
}
