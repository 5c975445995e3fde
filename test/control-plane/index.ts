import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { chooseControlPlane } from './choice.ts';
import { giveOrder, readControl, serveControl } from './control-file.ts';
import type { ControlPlane, StartOptions } from './contract.ts';
import { cacheDirectory, createRunDirectory, removeStaleRuns } from './directories.ts';
import { deleteKindCluster, missingForKind, startEngine, type Engine } from './engines.ts';
import { exists } from './binary.ts';
import { runKubectl, writeServiceAccountKubeconfig } from './kubectl.ts';

export { ControlPlaneError } from './contract.ts';
export type { CommandResult, ControlPlane, KubectlOptions, StartOptions } from './contract.ts';

/**
 * Starts a real Kubernetes API server: KUBECONFIG_TEST, kind when CONTROL_PLANE=kind, KUBEBUILDER_ASSETS, or the
 * embedded one, whichever is there first (design section 6). It cannot outlive this process. Throws ControlPlaneError,
 * one line that says what to do; nothing is left running then.
 */
export async function startControlPlane(options: StartOptions = {}): Promise<ControlPlane> {
  const log = options.log ?? (() => undefined);
  const abort = new AbortController();
  const signal = options.signal === undefined ? abort.signal : AbortSignal.any([options.signal, abort.signal]);
  signal.throwIfAborted();
  const choice = await chooseControlPlane(process.env, { fileExists: exists, missingForKind });
  const cache = cacheDirectory();
  await removeStaleRuns(cache, async (cluster) => {
    const problem = await deleteKindCluster(cluster);
    if (problem !== undefined) log(`kind cluster ${cluster} of a run that was killed is still there (${problem}): kind delete cluster --name ${cluster}`);
    return problem === undefined;
  });
  const directory = await createRunDirectory(cache);
  const removeNow = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const started = Date.now();
    const engine = await startEngine(choice, { cache, directory, log, signal });
    log(`control plane (${choice.kind}) is ready at ${engine.server} after ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return await handOut(engine, directory, { abort, outer: options.signal });
  } catch (error) {
    removeNow();
    throw error;
  }
}

interface Lifetime {
  /** Ends what the engine still waits for. */
  readonly abort: AbortController;
  readonly outer: AbortSignal | undefined;
}

async function handOut(engine: Engine, directory: string, lifetime: Lifetime): Promise<ControlPlane> {
  const removeNow = (): void => {
    engine.killNow();
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', removeNow);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    lifetime.abort.abort();
    lifetime.outer?.removeEventListener('abort', onAbort);
    control.close();
    await engine.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    process.removeListener('exit', removeNow);
  };
  const stopOnce = async (): Promise<void> => (stopping ??= stop());
  const onAbort = (): void => void stopOnce();
  const facts = { server: engine.server, kubeconfig: engine.kubeconfig, auditLog: engine.auditLog };
  const control = await serveControl(directory, { ...facts, kubectl: [...engine.kubectl] }, { restart: async (downMs) => engine.restart(downMs), stop: stopOnce });
  lifetime.outer?.addEventListener('abort', onAbort, { once: true });
  return { ...usePlane(facts, engine.kubectl, directory), restartApiServer: async ({ downMs = 0 } = {}) => engine.restart(downMs), stop: stopOnce };
}

/** A handle on a control plane that another process started, by the folder of its run. `stop` really stops it. Throws ControlPlaneError. */
export async function attachToControlPlane(directory: string): Promise<ControlPlane> {
  const control = await readControl(directory);
  return {
    ...usePlane(control, control.kubectl, directory),
    restartApiServer: async ({ downMs = 0 } = {}) => giveOrder(control, `restart?downMs=${downMs}`),
    stop: async () => giveOrder(control, 'stop'),
  };
}

interface Facts {
  readonly server: string;
  readonly kubeconfig: string;
  readonly auditLog: string;
}

function usePlane(facts: Facts, command: readonly [string, ...string[]], directory: string): Omit<ControlPlane, 'restartApiServer' | 'stop'> {
  const kubectl = { command, kubeconfig: facts.kubeconfig, directory };
  return {
    server: facts.server,
    kubeconfig: facts.kubeconfig,
    auditLog: facts.auditLog,
    directory,
    kubectl: async (args, options) => runKubectl(kubectl, args, options),
    serviceAccountKubeconfig: async (namespace, name) => writeServiceAccountKubeconfig(kubectl, namespace, name),
  };
}
