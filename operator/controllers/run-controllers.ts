import type { Failure } from '../api/errors.ts';
import { runController, type ReconcileOutcome } from '../kubernetes/controller.ts';
import { keyOf } from '../kubernetes/object-key.ts';
import { createWorkQueue, priorities, type WorkQueue } from '../kubernetes/work-queue.ts';
import { aliasesBySecret, profileOf, type Caches } from './caches.ts';
import { reconcileAlias } from './connection-alias/reconcile.ts';
import { indexes, type ControllerDependencies } from './dependencies.ts';
import { reconcileProfile } from './integration-profile/reconcile.ts';
import { objectName } from './object-key.ts';
import { isAliasReadinessChange, isChangeOfIntent, isProcessChange, isProfileChange } from './predicates.ts';

/** Workers a controller: reconciles wait for the network most of the time, but Node has one thread. */
const concurrency = 4;
/** Every object is looked at again after this long, plus or minus 10 %, though nothing seems to have changed. */
const resyncMs = 10 * 60_000;
/** A start-up or resync never delays what a person just changed (facts/operators.md A4). */
const { background } = priorities;

interface Queues {
  readonly aliases: WorkQueue;
  readonly profiles: WorkQueue;
}

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
  for (const alias of caches.stores.aliases.list()) queues.aliases.add(keyOf(alias.metadata), { priority: background });
  for (const profile of caches.stores.profiles.list()) queues.profiles.add(keyOf(profile.metadata), { priority: background });
  try {
    await Promise.all([
      run('connectionalias', queues.aliases, reconcileAlias, { dependencies, signals }),
      run('integrationprofile', queues.profiles, reconcileProfile, { dependencies, signals }),
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

/** Which change of which object makes whom look again. */
function connectQueues({ stores, secrets }: Caches, queues: Queues): void {
  stores.aliases.subscribe((change) => {
    if (isChangeOfIntent(change)) queues.aliases.add(change.key);
    if (!isAliasReadinessChange(change)) return;
    for (const profile of stores.profiles.byIndex(indexes.profilesByAlias, change.key)) queues.profiles.add(keyOf(profile.metadata));
  });
  stores.profiles.subscribe((change) => {
    if (isProfileChange(change)) queues.profiles.add(change.key);
    if (!isProcessChange(change)) return;
    const names = [change.old, change.new].map((profile) => profile?.spec.connectionAliasRef.name);
    const { namespace } = objectName(change.key);
    for (const name of new Set(names.filter((each) => each !== undefined))) queues.aliases.add(`${namespace}/${name}`);
  });
  for (const store of [stores.cronJobs, stores.jobs]) {
    store.subscribe((change) => {
      const object = change.new ?? change.old;
      if (object === undefined) return;
      const profiles = profileOf(object).flatMap((value) => stores.profiles.byIndex(indexes.byProfile, value));
      for (const profile of profiles) queues.profiles.add(keyOf(profile.metadata));
    });
  }
  secrets.subscribe((change) => {
    for (const alias of stores.aliases.byIndex(aliasesBySecret, change.key)) queues.aliases.add(keyOf(alias.metadata));
  });
}

type Reconcile = (key: string, dependencies: ControllerDependencies, signal: AbortSignal) => Promise<{ requeueAfterMs?: number }>;

async function run(
  name: string,
  queue: WorkQueue,
  reconcile: Reconcile,
  { dependencies, signals }: { dependencies: ControllerDependencies; signals: { signal: AbortSignal; hardSignal: AbortSignal } },
): Promise<void> {
  const { clock, logger, metrics, random } = dependencies;
  const resync = (): number => resyncMs * (0.9 + 0.2 * random());
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
      return { requeueAfterMs: Math.min(result.requeueAfterMs ?? Infinity, resync()) };
    },
    onOutcome: (outcome) => {
      reportOutcome(outcome, dependencies);
      // What only a person can mend is looked at again too: it may be mended where no event comes from.
      if (outcome.result === 'terminal') queue.addAfter(outcome.key, resync(), { priority: background });
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
