import type { Clock } from '../api/clock.ts';
import type { Failure } from '../api/errors.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { runController, type ReconcileOutcome } from '../kubernetes/controller.ts';
import { keyOf } from '../kubernetes/object-key.ts';
import { createWorkQueue, priorities, type WorkQueue, type WorkQueueOptions } from '../kubernetes/work-queue.ts';
import type { Caches } from './caches.ts';
import { reconcileAlias } from './connection-alias/reconcile.ts';
import type { ControllerDependencies } from './dependencies.ts';
import { reconcileProfile } from './integration-profile/reconcile.ts';
import { reconcilePosition } from './license-position/reconcile.ts';
import { objectName } from './object-key.ts';
import { createCandidateJudge } from './reclamation-rule/judge-candidate.ts';
import { reconcileRule } from './reclamation-rule/reconcile.ts';
import { reconcileCandidate } from './removal-candidate/reconcile.ts';
import { looksLikeUndo } from './removal-candidate/undo-secret.ts';
import { drawResync, isResynced, wakeBefore } from './resync.ts';
import { showConditions } from './show-conditions.ts';
import { showPositions } from './show-positions.ts';
import { showRules } from './show-rules.ts';
import { reconcileEntitlement } from './software-entitlement/reconcile.ts';
import { reconcileExclusion } from './subscription-exclusion/reconcile.ts';
import { reconcileUndo } from './undo-secret/reconcile.ts';
import { connectMatches } from './wake-positions.ts';
import { watchClock } from './watch-clock.ts';
import type { Queues } from './queues.ts';
import { connectQueues } from './wake.ts';

/**
 * Four keys of one namespace at once: reconciles wait for the network most of the time, but Node has one thread. A fifth slot is always another's, and
 * what waits for a vendor for longer than a moment gives up its own, so workers are many, and most of them idle (guard 12).
 */
const usual: Workers = { workers: 64, share: { perGroup: 4, slots: 5, slotMs: 250 } };
/** Of those that may read all subscriptions of a profile: fewer at a time, so that memory stays bounded. */
const counting: Workers = { workers: 6, share: { perGroup: 2, slots: 3, slotMs: 10_000 } };
/** A hundred thousand subscriptions on a slow API server take minutes, twice where models are made. */
const countingMs = 10 * 60_000;
/** A vendor that limits the rate, and reads that lag behind a removal, take their time. */
const reclaimingMs = 5 * 60_000;
/** A start-up or resync never delays what a person just changed (facts/operators.md A4). */
const { background } = priorities;

/**
 * Runs the controllers until `signal` aborts, then lets what is in flight end; `hardSignal` ends that
 * too. The caches must have been started; what they hold already is queued first, at low priority.
 */
export async function runControllers(
  caches: Caches,
  dependencies: ControllerDependencies,
  signals: Signals,
): Promise<void> {
  const queues = createQueues(dependencies, signals);
  connectQueues(caches, queues);
  connectMatches(dependencies, queues);
  showConditions(caches.stores, dependencies.metrics);
  showPositions(caches.stores, dependencies.metrics);
  showRules(caches.stores, dependencies.metrics);
  queueAll(caches, queues);
  try {
    await Promise.all([...controllersOf(caches, queues).map((controller) => run(controller, dependencies, signals)), wakeByClock(caches, queues, { ...signals, ...dependencies })]);
  } finally {
    // What waits for its time would keep the process alive until then.
    for (const queue of Object.values<WorkQueue>({ ...queues })) queue.shutdown();
    await dependencies.events.flush();
  }
}

interface Signals {
  readonly signal: AbortSignal;
  readonly hardSignal: AbortSignal;
  /** Moves on evenly: what waits for its time neither comes at once nor waits for months when the machine's time is corrected. */
  readonly steady: Clock;
}

/** What waits for trust in the operator's clock, or shows the lack of it. */
async function wakeByClock({ stores, secrets }: Caches, queues: Queues, watched: Pick<ControllerDependencies, 'clockTrust' | 'logger'> & Signals): Promise<void> {
  const { clockTrust, logger, steady, signal } = watched;
  await watchClock({ clockTrust, clock: steady, signal }, (state) => {
    logger.warn({ state, skewMs: clockTrust.skewMs() }, 'the trust in the clock has changed');
    addAll(queues.profiles, stores.profiles.list());
    addAll(queues.candidates, stores.candidates.list());
    addAll(queues.undoSecrets, secrets.list().filter(looksLikeUndo));
  });
}

function createQueues(dependencies: ControllerDependencies, { steady }: Signals): Queues {
  const timed = { ...dependencies, clock: steady };
  return {
    aliases: createQueue('connectionalias', usual, timed),
    profiles: createQueue('integrationprofile', usual, timed),
    positions: createQueue('licenseposition', counting, timed),
    entitlements: createQueue('softwareentitlement', usual, timed),
    exclusions: createQueue('subscriptionexclusion', usual, timed),
    rules: createQueue('reclamationrule', counting, timed),
    candidates: createQueue('removalcandidate', usual, timed),
    undoSecrets: createQueue('undosecret', usual, timed),
  };
}

function controllersOf({ stores, secrets }: Caches, queues: Queues): Controller[] {
  return [
    { name: 'connectionalias', queue: queues.aliases, reconcile: reconcileAlias, store: stores.aliases },
    { name: 'integrationprofile', queue: queues.profiles, reconcile: reconcileProfile, store: stores.profiles },
    { name: 'licenseposition', queue: queues.positions, reconcile: reconcilePosition, store: stores.profiles, workers: counting.workers, timeoutMs: countingMs },
    { name: 'softwareentitlement', queue: queues.entitlements, reconcile: reconcileEntitlement, store: stores.entitlements },
    { name: 'subscriptionexclusion', queue: queues.exclusions, reconcile: reconcileExclusion, store: stores.exclusions },
    { name: 'reclamationrule', queue: queues.rules, reconcile: reconcileRule, store: stores.rules, workers: counting.workers, timeoutMs: countingMs },
    { name: 'removalcandidate', queue: queues.candidates, reconcile: lookAtCandidate, store: stores.candidates, timeoutMs: reclaimingMs },
    { name: 'undosecret', queue: queues.undoSecrets, reconcile: (key, dependencies, signal) => reconcileUndo(key, { ...dependencies, secrets }, signal), store: secrets },
  ];
}

function addAll(queue: WorkQueue, objects: readonly KubernetesObject[]): void {
  for (const { metadata } of objects) queue.add(keyOf(metadata), { priority: background });
}

/** What is there already is looked at first, at low priority. */
function queueAll({ stores, secrets }: Caches, queues: Queues): void {
  addAll(queues.aliases, stores.aliases.list());
  addAll(queues.profiles, stores.profiles.list());
  addAll(queues.positions, stores.profiles.list());
  addAll(queues.entitlements, stores.entitlements.list());
  addAll(queues.exclusions, stores.exclusions.list());
  addAll(queues.rules, stores.rules.list());
  addAll(queues.candidates, stores.candidates.list());
  addAll(queues.undoSecrets, secrets.list().filter(looksLikeUndo));
  // A model of a profile that is not there has nobody else who looks at it.
  for (const { metadata, spec } of stores.models.list()) queues.positions.add(`${metadata.namespace ?? ''}/${spec.profileRef.name}`, { priority: background });
}

function createQueue(name: string, { share }: Workers, { clock, random, metrics }: Pick<ControllerDependencies, 'clock' | 'random' | 'metrics'>): WorkQueue {
  const queue = createWorkQueue({ clock, random, name, metrics, share });
  metrics.registerQueue(name, () => queue.state());
  return queue;
}

/** A candidate is judged by the rule that made it. */
async function lookAtCandidate(key: string, dependencies: ControllerDependencies, signal: AbortSignal): Promise<{ requeueAfterMs?: number }> {
  return reconcileCandidate(key, { ...dependencies, judge: createCandidateJudge(dependencies) }, signal);
}

/** Most keys of a controller in work at once, and how many of them one namespace may have. */
interface Workers {
  readonly workers: number;
  readonly share: NonNullable<WorkQueueOptions['share']>;
}

interface Controller {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly reconcile: (key: string, dependencies: ControllerDependencies, signal: AbortSignal) => Promise<{ requeueAfterMs?: number }>;
  /** Tells whether an object is still there. */
  readonly store: { get(key: string): unknown };
  readonly workers?: number;
  /** Longest time that one look may take; that of every controller unless told. */
  readonly timeoutMs?: number;
}

async function run(
  { name, queue, reconcile, store, workers = usual.workers, timeoutMs }: Controller,
  dependencies: ControllerDependencies,
  signals: Signals,
): Promise<void> {
  const { logger, metrics, random } = dependencies;
  metrics.registerController(name, workers);
  await runController({
    name,
    queue,
    concurrency: workers,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    clock: signals.steady,
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
