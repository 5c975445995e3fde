import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlPlane } from './contract.ts';
import { ApiClient, readAccess } from './http.ts';
import { Cluster } from './pods/cluster.ts';
import { serveKubelet, type Log } from './pods/kubelet-server.ts';
import { registerNode, removeNode } from './pods/node.ts';
import type { LocalImage, Pod } from './pods/pod.ts';
import { PodWorker, type WorkerDependencies } from './pods/pod-worker.ts';
import { watchPods, type PodHandler } from './pods/pod-watch.ts';

export type { LocalImage } from './pods/pod.ts';

const STOP_MS = 5000;

export interface PodRunnerOptions {
  readonly controlPlane: Pick<ControlPlane, 'kubeconfig' | 'server' | 'directory'>;
  /** What stands for each image, by the name that pods use. */
  readonly images: Readonly<Record<string, LocalImage>>;
  readonly log?: (line: string) => void;
  /** Only pods of these namespaces; all unless told. Two runners on one control plane must not share one. */
  readonly namespaces?: readonly string[];
  /** Milliseconds before the first restart of a failing container; 10,000 unless told, as a kubelet's. */
  readonly backOffMs?: number;
  /** Milliseconds between two refreshes of a running pod's volumes; 60,000 unless told. */
  readonly refreshMs?: number;
}

export interface PodRunner {
  /** The name of its Node. */
  readonly nodeName: string;
  /** Ends all pods (they fail as on a node that shuts down) and removes the Node. */
  stop(): Promise<void>;
}

/**
 * Carries out pods of Jobs as processes of this machine: scheduler and kubelet in one (design section 6). What only a
 * container gives is not there: another user id, a root file system of its own, limits, a network of its own. A mount
 * path is made real by rewriting it in arguments and environment to the pod's own folder. Throws ControlPlaneError on a
 * cluster that has kubelets.
 */
export async function startPodRunner(options: PodRunnerOptions): Promise<PodRunner> {
  const log = options.log ?? (() => undefined);
  const nodeName = `pod-runner-${randomBytes(4).toString('hex')}`;
  const client = new ApiClient(await readAccess(options.controlPlane.kubeconfig));
  const requests = new AbortController();
  const watching = new AbortController();
  const cluster = new Cluster(client, requests.signal);
  const { server, directory } = options.controlPlane;
  const runner = new Pods(options, { cluster, images: options.images, nodeName, server, directory, log, backOffMs: options.backOffMs ?? 10_000, refreshMs: options.refreshMs ?? 60_000 });
  const kubelet = await serveKubelet(directory, runner);
  try {
    await registerNode(cluster, nodeName, kubelet.port);
  } catch (error) {
    kubelet.close();
    await client.close();
    throw error;
  }
  const killAll = (): void => {
    runner.killNow();
  };
  process.once('exit', killAll);
  const watch = watchPods(client, runner, watching.signal);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    watching.abort();
    await watch;
    // The API server may be gone already: then there is nobody to tell.
    const told = runner.shutDown().then(async () => removeNode(cluster, nodeName));
    await Promise.race([told.catch(() => undefined), delay(STOP_MS, undefined, { ref: false })]);
    requests.abort();
    runner.killNow();
    kubelet.close();
    await client.close();
    process.removeListener('exit', killAll);
  };
  return { nodeName, stop: async () => (stopping ??= stop()) };
}

/** The pods of this runner's Node. */
class Pods implements PodHandler {
  readonly #workers = new Map<string, { readonly worker: PodWorker; readonly namespace: string; readonly name: string; running: boolean }>();
  readonly #binding = new Set<string>();
  readonly #namespaces: ReadonlySet<string> | undefined;
  readonly #deps: WorkerDependencies;

  constructor(options: PodRunnerOptions, dependencies: WorkerDependencies) {
    this.#namespaces = options.namespaces === undefined ? undefined : new Set(options.namespaces);
    this.#deps = dependencies;
  }

  listed(pods: readonly Pod[]): void {
    const there = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const uid of this.#workers.keys()) {
      if (!there.has(uid)) this.deleted(uid);
    }
    for (const pod of pods) this.changed(pod);
  }

  changed(pod: Pod): void {
    if (pod.spec.nodeName === '') this.#schedule(pod);
    else if (pod.spec.nodeName === this.#deps.nodeName) this.#carryOut(pod);
  }

  deleted(uid: string): void {
    this.#workers.get(uid)?.worker.gone();
    this.#workers.delete(uid);
  }

  find(namespace: string, name: string, previous: boolean): Log | undefined {
    const found = [...this.#workers.values()].findLast((entry) => entry.namespace === namespace && entry.name === name);
    return found === undefined ? undefined : { file: found.worker.logFile(previous), isRunning: () => found.running };
  }

  async shutDown(): Promise<void> {
    const workers = [...this.#workers.values()];
    for (const { worker } of workers) worker.shutDown();
    await Promise.all(workers.map(async ({ worker }) => worker.done));
  }

  killNow(): void {
    for (const { worker } of this.#workers.values()) worker.killNow();
  }

  #schedule(pod: Pod): void {
    const { uid, namespace, ownerReferences, deletionTimestamp } = pod.metadata;
    const ours = ownerReferences.some(({ kind }) => kind === 'Job') && (this.#namespaces?.has(namespace) ?? true);
    if (!ours || deletionTimestamp !== undefined || pod.spec.schedulingGates.length > 0 || this.#binding.has(uid)) return;
    this.#binding.add(uid);
    void this.#deps.cluster
      .bind(pod, this.#deps.nodeName)
      .catch((error: unknown) => {
        this.#deps.log(`pod ${namespace}/${pod.metadata.name} was not bound: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => this.#binding.delete(uid));
  }

  #carryOut(pod: Pod): void {
    const { uid, namespace, name } = pod.metadata;
    let entry = this.#workers.get(uid);
    if (entry === undefined) {
      const worker = new PodWorker(pod, this.#deps);
      const created = { worker, namespace, name, running: true };
      void worker.done.finally(() => {
        created.running = false;
      });
      this.#workers.set(uid, created);
      entry = created;
    }
    entry.worker.update(pod);
  }
}
