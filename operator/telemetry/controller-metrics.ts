import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * Metrics under controller-runtime's own names, labels and buckets, so that the dashboards and alerts
 * people have for other operators work for this one (facts/operators.md B3.30).
 */
export interface ControllerMetrics {
  /** Makes the series of a controller, at 0. */
  registerController(controller: string, maxConcurrent: number): void;
  /** A worker took up a reconcile; each is ended by `onReconcile`. */
  onReconcileStart(controller: string): void;
  onReconcile(outcome: ReconcileOutcome): void;
  /** Makes the series of a queue, at 0; `observe` is asked at every scrape. */
  registerQueue(name: string, observe: () => QueueState): void;
  onQueueAdd(name: string): void;
  onQueueRetry(name: string): void;
  /** An item was taken up after this many seconds in the queue. */
  onQueueStart(name: string, waitedSeconds: number): void;
  /** An item was done after this many seconds of work. */
  onQueueDone(name: string, workedSeconds: number): void;
  onKubernetesRequest(request: KubernetesRequestObservation): void;
  /** Whether this process holds the Lease of that name. */
  setLeader(lease: string, leading: boolean): void;
}

export interface ReconcileOutcome {
  readonly controller: string;
  readonly result: (typeof results)[number];
  readonly seconds: number;
  /** With `error`: Terminal is counted apart, as controller-runtime does. */
  readonly terminal?: boolean;
  /** With `error`: a defect of ours was thrown, outside the error union. */
  readonly panic?: boolean;
}

export interface QueueState {
  readonly depth: number;
  /** Seconds of work so far of all items in progress. */
  readonly unfinishedSeconds: number;
  /** Seconds of work so far of the item that has been in progress longest. */
  readonly longestRunningSeconds: number;
}

export interface KubernetesRequestObservation {
  readonly method: string;
  readonly host: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly seconds: number;
}

const results = ['success', 'error', 'requeue', 'requeue_after'] as const;
const reconcileBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4,
  4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const queueBuckets = Array.from({ length: 12 }, (_, power) => Number(`1e${power - 8}`));
const requestBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

export function createControllerMetrics(registry: Registry): ControllerMetrics {
  return { ...createReconcileMetrics(registry), ...createQueueMetrics(registry), ...createClientMetrics(registry) };
}

type ReconcileMetrics = Pick<ControllerMetrics, 'registerController' | 'onReconcileStart' | 'onReconcile'>;

function createReconcileMetrics(registry: Registry): ReconcileMetrics {
  const registers = [registry];
  const labelNames = ['controller'] as const;
  const prefix = 'controller_runtime_';
  const total = new Counter({ name: `${prefix}reconcile_total`, help: 'Reconciles, by controller and result.', labelNames: ['controller', 'result'], registers });
  const errors = new Counter({ name: `${prefix}reconcile_errors_total`, help: 'Reconciles that failed.', labelNames, registers });
  const terminal = new Counter({
    name: `${prefix}terminal_reconcile_errors_total`,
    help: 'Reconciles that failed in a way that only a person can mend.',
    labelNames,
    registers,
  });
  const panics = new Counter({ name: `${prefix}reconcile_panics_total`, help: 'Reconciles that met a defect of the operator.', labelNames, registers });
  const seconds = new Histogram({
    name: `${prefix}reconcile_time_seconds`,
    help: 'Duration of reconciles.',
    labelNames,
    buckets: reconcileBuckets,
    registers,
  });
  const most = new Gauge({ name: `${prefix}max_concurrent_reconciles`, help: 'Most reconciles at one time.', labelNames, registers });
  const active = new Gauge({ name: `${prefix}active_workers`, help: 'Reconciles in progress.', labelNames, registers });
  return {
    registerController(controller, maxConcurrent) {
      for (const result of results) total.inc({ controller, result }, 0);
      for (const counter of [errors, terminal, panics]) counter.inc({ controller }, 0);
      seconds.zero({ controller });
      most.set({ controller }, maxConcurrent);
      active.set({ controller }, 0);
    },
    onReconcileStart: (controller) => active.inc({ controller }),
    onReconcile(outcome) {
      const { controller, result } = outcome;
      active.dec({ controller });
      total.inc({ controller, result });
      seconds.observe({ controller }, outcome.seconds);
      if (result === 'error') errors.inc({ controller });
      if (outcome.terminal === true) terminal.inc({ controller });
      if (outcome.panic === true) panics.inc({ controller });
    },
  };
}

type QueueMetrics = Pick<ControllerMetrics, 'registerQueue' | 'onQueueAdd' | 'onQueueRetry' | 'onQueueStart' | 'onQueueDone'>;

function createQueueMetrics(registry: Registry): QueueMetrics {
  const registers = [registry];
  const labelNames = ['name'] as const;
  const queues = new Map<string, () => QueueState>();
  const gauge = (name: string, help: string, read: (state: QueueState) => number): Gauge<'name'> =>
    new Gauge({
      name: `workqueue_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        for (const [queue, observe] of queues) this.set({ name: queue }, read(observe()));
      },
    });
  gauge('depth', 'Items that wait in the queue.', (state) => state.depth);
  gauge('unfinished_work_seconds', 'Seconds of work so far of all items in progress.', (state) => state.unfinishedSeconds);
  gauge('longest_running_processor_seconds', 'Seconds of work so far of the item longest in progress.', (state) => state.longestRunningSeconds);
  const adds = new Counter({ name: 'workqueue_adds_total', help: 'Items added to the queue.', labelNames, registers });
  const retries = new Counter({ name: 'workqueue_retries_total', help: 'Items put back after a failure.', labelNames, registers });
  const waited = new Histogram({ name: 'workqueue_queue_duration_seconds', help: 'How long items waited.', labelNames, buckets: queueBuckets, registers });
  const worked = new Histogram({ name: 'workqueue_work_duration_seconds', help: 'How long items took.', labelNames, buckets: queueBuckets, registers });
  return {
    registerQueue(name, observe) {
      queues.set(name, observe);
      for (const counter of [adds, retries]) counter.inc({ name }, 0);
      for (const histogram of [waited, worked]) histogram.zero({ name });
    },
    onQueueAdd: (name) => adds.inc({ name }),
    onQueueRetry: (name) => retries.inc({ name }),
    onQueueStart: (name, seconds) => waited.observe({ name }, seconds),
    onQueueDone: (name, seconds) => worked.observe({ name }, seconds),
  };
}

type ClientMetrics = Pick<ControllerMetrics, 'onKubernetesRequest' | 'setLeader'>;

function createClientMetrics(registry: Registry): ClientMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the Kubernetes API server; code is `<error>` when no answer came.',
    labelNames: ['code', 'method', 'host'],
    registers,
  });
  const seconds = new Histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Duration of requests to the Kubernetes API server; a watch counts until its answer starts.',
    labelNames: ['verb', 'host'],
    buckets: requestBuckets,
    registers,
  });
  const leader = new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this process holds the Lease, else 0.',
    labelNames: ['name'],
    registers,
  });
  return {
    onKubernetesRequest({ method, host, status, seconds: duration }) {
      requests.inc({ code: status === 0 ? '<error>' : String(status), method, host });
      seconds.observe({ verb: method, host }, duration);
    },
    setLeader: (name, leading) => leader.set({ name }, leading ? 1 : 0),
  };
}
