import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startTied, type TiedProcess } from '../child.ts';
import type { Cluster } from './cluster.ts';
import { planLaunch, type Launch } from './environment.ts';
import { findProgram, readLastWords } from './program-files.ts';
import { findUnsupported, MissingReference, UnsupportedPod, type Container, type LocalImage, type Pod } from './pod.ts';
import { buildStatus, describeExit, restartDelayMs, type ContainerState, type PodFacts, type PodStatus, type Terminated } from './status.ts';
import { planMounts, writeVolumes, type PodToken } from './volumes.ts';

export interface WorkerDependencies {
  readonly cluster: Cluster;
  readonly images: Readonly<Record<string, LocalImage>>;
  readonly nodeName: string;
  /** URL of the API server as pods see it. */
  readonly server: string;
  /** Folder of the control plane's run. */
  readonly directory: string;
  readonly log: (line: string) => void;
  /** Milliseconds before the first restart of a failing container. */
  readonly backOffMs: number;
  /** Milliseconds between two refreshes of a running pod's volumes. */
  readonly refreshMs: number;
}

/** Why a pod ends before its process does. */
type Ending = 'deleted' | 'deadline' | 'gone' | 'shutdown';

const LEAST_RETRY_MS = 500;
const MOST_RETRY_MS = 5000;

/** One pod, from its binding to its end: what a kubelet's pod worker does. */
export class PodWorker {
  /** Resolves when nothing of the pod runs any more and its end is reported. */
  readonly done: Promise<void>;
  #pod: Pod;
  readonly #container: Container;
  readonly #root: string;
  readonly #tokens = new Map<string, PodToken>();
  readonly #deps: WorkerDependencies;
  readonly #ending = new AbortController();
  #why: Ending | undefined;
  #finished = false;
  #process: TiedProcess | undefined;
  #status: PodStatus | undefined;
  #state: ContainerState = { waiting: { reason: 'ContainerCreating' } };
  #lastState: ContainerState | undefined;
  #restarts = 0;

  constructor(pod: Pod, dependencies: WorkerDependencies) {
    this.#pod = pod;
    const container = pod.spec.containers[0];
    if (container === undefined) throw new Error('a pod has at least one container');
    this.#container = container;
    this.#deps = dependencies;
    this.#root = join(dependencies.directory, 'pods', pod.metadata.uid);
    this.done = this.#run();
  }

  /** Takes the pod's newest state. */
  update(pod: Pod): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp === undefined) return;
    if (this.#finished) void this.#remove();
    else this.#end('deleted', (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000);
  }

  /** The pod object is no more: nothing is left to report to. */
  gone(): void {
    this.#end('gone', 0);
  }

  /** The runner stops. */
  shutDown(): void {
    this.#end('shutdown', 1000);
  }

  killNow(): void {
    this.#process?.killNow();
  }

  /** File of the container's last output; `previous` for the run before. */
  logFile(previous = false): string {
    const { namespace, name, uid } = this.#pod.metadata;
    const run = previous ? this.#restarts - 1 : this.#restarts;
    return join(this.#deps.directory, 'pod-logs', `${namespace}_${name}_${uid}`, this.#container.name, `${run}.log`);
  }

  #end(why: Ending, graceMs: number): void {
    if (this.#why === 'gone' || (this.#why !== undefined && why !== 'gone')) return;
    this.#why = why;
    this.#ending.abort();
    if (why === 'gone') this.#process?.killNow();
    else void this.#process?.stop(graceMs);
  }

  async #run(): Promise<void> {
    const seconds = this.#pod.spec.activeDeadlineSeconds;
    const { terminationGracePeriodSeconds } = this.#pod.spec;
    const deadline = seconds === undefined ? undefined : setTimeout(() => this.#end('deadline', terminationGracePeriodSeconds * 1000), seconds * 1000);
    try {
      await this.#report({ phase: 'Pending' });
      await this.#finish(await this.#live());
    } catch (error) {
      if (this.#why === undefined) this.#deps.log(`pod ${this.#title}: ${describeError(error)}`);
      this.#process?.killNow();
    } finally {
      clearTimeout(deadline);
      this.#finished = true;
      await rm(this.#root, { recursive: true, force: true, maxRetries: 3 }).catch(() => this.#deps.log(`pod ${this.#title}: its folder stays`));
    }
  }

  get #title(): string {
    return `${this.#pod.metadata.namespace}/${this.#pod.metadata.name}`;
  }

  /** The container's last end; undefined when it never ran. */
  async #live(): Promise<Terminated | undefined> {
    const unsupported = findUnsupported(this.#pod);
    if (unsupported !== undefined) throw await this.#refuse(unsupported);
    const image = this.#deps.images[this.#container.image];
    if (image === undefined) return this.#waitForImage();
    for (;;) {
      const launch = await this.#prepare(image);
      if (launch === undefined) return undefined;
      const terminated = await this.#runOnce(launch);
      if (this.#why !== undefined || !this.#mayRestart(terminated)) return terminated;
      await this.#backOff(terminated);
      if (this.#isEnding()) return terminated;
    }
  }

  #isEnding(): boolean {
    return this.#why !== undefined;
  }

  #mayRestart(terminated: Terminated): boolean {
    const policy = this.#pod.spec.restartPolicy;
    return policy === 'Always' || (policy === 'OnFailure' && terminated.exitCode !== 0);
  }

  async #refuse(message: string): Promise<UnsupportedPod> {
    await this.#report({ phase: 'Failed', reason: 'UnsupportedByPodRunner', message });
    return new UnsupportedPod(message);
  }

  async #waitForImage(): Promise<undefined> {
    const { image } = this.#container;
    const message = `Container image "${image}" is not present with pull policy of Never: the pod runner knows ${Object.keys(this.#deps.images).join(', ') || 'no image'}`;
    this.#state = { waiting: { reason: 'ErrImageNeverPull', message } };
    await this.#report({ phase: 'Pending' });
    await this.#warn('ErrImageNeverPull', message);
    await this.#sleep(2 ** 31 - 1);
    return undefined;
  }

  /** Volumes, then environment; tried again until all that they refer to is there. Undefined when the pod ends first. */
  async #prepare(image: LocalImage): Promise<Launch | undefined> {
    for (let wait = LEAST_RETRY_MS; !this.#isEnding(); wait = Math.min(wait * 2, MOST_RETRY_MS)) {
      // A kubelet creates no container before its volumes are there; what is missing for those is told by an event.
      if ((await this.#attempt('ContainerCreating', 'FailedMount', async () => this.#writeVolumes())) !== undefined) {
        const launch = await this.#attempt('CreateContainerConfigError', 'Failed', async () => this.#planLaunch(image));
        if (launch !== undefined) return launch;
      }
      await this.#sleep(wait);
    }
    return undefined;
  }

  async #attempt<T>(waitingReason: string, eventReason: string, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (error instanceof UnsupportedPod) throw await this.#refuse(error.message);
      if (!(error instanceof MissingReference)) throw error;
      await this.#wait(waitingReason, eventReason, error.message);
      return undefined;
    }
  }

  async #wait(reason: string, eventReason: string, message: string): Promise<void> {
    const before = this.#state;
    if ('waiting' in before && before.waiting.reason === reason && before.waiting.message === message) return;
    this.#state = { waiting: { reason, message } };
    await this.#report({ phase: 'Pending' });
    await this.#warn(eventReason, message);
  }

  async #writeVolumes(): Promise<true> {
    const { cluster, nodeName } = this.#deps;
    await mkdir(join(this.#root, 'home'), { recursive: true, mode: 0o700 });
    await writeVolumes({ pod: this.#pod, nodeName, root: this.#root, cluster, tokens: this.#tokens, now: Date.now });
    return true;
  }

  async #planLaunch(image: LocalImage): Promise<Launch> {
    const { cluster, nodeName, server } = this.#deps;
    const mounts = planMounts(this.#container, this.#pod, this.#root);
    return planLaunch({ pod: this.#pod, container: this.#container, image, mounts, home: join(this.#root, 'home'), nodeName, server }, cluster);
  }

  async #runOnce(launch: Launch): Promise<Terminated> {
    const startedAt = timestamp();
    const [program = '', ...args] = launch.command;
    const path = await findProgram(program, launch);
    if (path === undefined) {
      const message = `exec: "${program}": executable file not found in $PATH`;
      return { exitCode: 128, reason: 'StartError', message, startedAt, finishedAt: startedAt };
    }
    const logFile = this.logFile();
    await mkdir(dirname(logFile), { recursive: true, mode: 0o700 });
    const process = await startTied({ command: [path, ...args], cwd: launch.cwd, env: launch.env, logFile });
    this.#process = process;
    // The end may have come while the process was being started.
    if (this.#why !== undefined) void process.stop(this.#why === 'gone' ? 0 : 1000);
    this.#state = { running: { startedAt } };
    this.#deps.log(`pod ${this.#title}: running as process ${process.pid}`);
    const refreshing = this.#refreshVolumes(process);
    await this.#report({ phase: 'Running' });
    const exit = await process.exited;
    await refreshing;
    const terminated = describeExit(exit, { startedAt, finishedAt: timestamp() }, exit.code === 0 || this.#container.terminationMessagePolicy !== 'FallbackToLogsOnError' ? '' : await readLastWords(logFile));
    this.#deps.log(`pod ${this.#title}: ended with exit code ${terminated.exitCode}`);
    return terminated;
  }

  /** A kubelet brings volumes up to date while the pod runs: rotated tokens reach a long refresh. */
  async #refreshVolumes(process: TiedProcess): Promise<void> {
    for (;;) {
      const pause = new AbortController();
      void process.exited.then(() => pause.abort());
      await delay(this.#deps.refreshMs, undefined, { signal: pause.signal }).catch(() => undefined);
      if (process.hasExited()) return;
      await this.#writeVolumes().catch((error: unknown) => {
        this.#deps.log(`pod ${this.#title}: volumes keep their old content: ${describeError(error)}`);
      });
    }
  }

  async #backOff(terminated: Terminated): Promise<void> {
    const wait = restartDelayMs(this.#restarts, this.#deps.backOffMs);
    this.#restarts += 1;
    this.#lastState = { terminated };
    const message = `back-off ${wait / 1000}s restarting failed container=${this.#container.name} pod=${this.#pod.metadata.name}`;
    this.#state = { waiting: { reason: 'CrashLoopBackOff', message } };
    await this.#report({ phase: 'Running' });
    await this.#sleep(wait);
  }

  /** Reports the end; a deleted pod's object is then removed. */
  async #finish(terminated: Terminated | undefined): Promise<void> {
    if (this.#why === 'gone') return;
    if (terminated !== undefined) this.#state = { terminated };
    // A kubelet fails a pod that it had to end, even if its process went well out of the way.
    const succeeded = terminated?.exitCode === 0 && this.#why !== 'deadline' && this.#why !== 'shutdown';
    await this.#report({ phase: succeeded ? 'Succeeded' : 'Failed', ...this.#explainEnd() });
    if (this.#pod.metadata.deletionTimestamp !== undefined) await this.#remove();
  }

  #explainEnd(): Pick<PodFacts, 'reason' | 'message' | 'disrupted'> {
    if (this.#why === 'deadline') return { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' };
    if (this.#why === 'shutdown') return { reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.', disrupted: true };
    return {};
  }

  async #remove(): Promise<void> {
    await this.#deps.cluster.removePod(this.#pod).catch((error: unknown) => {
      this.#deps.log(`pod ${this.#title}: its object stays: ${describeError(error)}`);
    });
  }

  async #report(facts: Pick<PodFacts, 'phase' | 'reason' | 'message' | 'disrupted'>): Promise<void> {
    const lastState = this.#lastState === undefined ? {} : { lastState: this.#lastState };
    this.#status = buildStatus(this.#pod, { ...facts, container: this.#state, restartCount: this.#restarts, ...lastState }, this.#status, timestamp());
    if (!(await this.#deps.cluster.patchStatus(this.#pod, this.#status))) this.gone();
  }

  async #warn(reason: string, note: string): Promise<void> {
    await this.#deps.cluster.recordEvent(this.#pod, { type: 'Warning', reason, note: note.slice(0, 1000) }).catch((error: unknown) => {
      this.#deps.log(`pod ${this.#title}: ${describeError(error)}`);
    });
  }

  /** Returns early when the pod ends. */
  async #sleep(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#ending.signal }).catch(() => undefined);
  }
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** RFC 3339 to the second, as Kubernetes writes it. */
function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/u, 'Z');
}
