import { join } from 'node:path';
import { runCommand } from './command.ts';
import { exists, ensureBinary } from './binary.ts';
import type { Choice } from './choice.ts';
import { ControlPlaneError } from './contract.ts';
import { noteKindCluster } from './directories.ts';
import { compileControlPlane, readSource } from './go-build.ts';
import { readAccess } from './http.ts';
import { LocalPlane } from './local-plane.ts';
import { embeddedPrograms, type Programs } from './programs.ts';

/** A running API server, wherever it comes from. */
export interface Engine {
  readonly server: string;
  readonly kubeconfig: string;
  readonly auditLog: string;
  readonly kubectl: readonly [string, ...string[]];
  restart(downMs: number): Promise<void>;
  stop(): Promise<void>;
  /** Kills its processes at once, without waiting; for exit handlers. */
  killNow(): void;
}

export interface EngineContext {
  readonly cache: string;
  readonly directory: string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Starts what was chosen. Throws ControlPlaneError; nothing runs then. */
export async function startEngine(choice: Choice, context: EngineContext): Promise<Engine> {
  if (choice.kind === 'given') return startGiven(choice.kubeconfig, context);
  if (choice.kind === 'kind') return startKind(choice.image, context);
  if (choice.kind === 'assets') return startLocal(await assetPrograms(choice.directory, context), context);
  return startLocal(embeddedPrograms(await provideBinary(context)), context);
}

/** Path of the embedded binary, compiled if need be. Throws ControlPlaneError. */
export async function provideBinary(context: Pick<EngineContext, 'cache' | 'log' | 'signal'>): Promise<string> {
  const source = await readSource();
  return ensureBinary({
    ...context,
    key: source.key,
    compile: async (target) => compileControlPlane(source, target, context),
  });
}

/** What kind needs and this machine lacks, as part of a sentence. */
export async function missingForKind(image: string): Promise<string | undefined> {
  const works = async (command: [string, ...string[]]): Promise<boolean> =>
    runCommand(command).then(
      ({ code }) => code === 0,
      () => false,
    );
  if (!(await works(['docker', 'info']))) return 'no Docker engine answers ("docker info")';
  if (!(await works(['kind', 'version']))) return 'the program "kind" is not in PATH';
  if (!(await works(['docker', 'image', 'inspect', image]))) return `Docker has no image ${image} (KIND_NODE_IMAGE may name another)`;
  return undefined;
}

async function startLocal(programs: Programs, context: EngineContext): Promise<Engine> {
  const plane = new LocalPlane({ programs, ...context });
  const killNow = (): void => {
    plane.killNow();
  };
  process.once('exit', killNow);
  const stop = async (): Promise<void> => {
    await plane.stop();
    process.removeListener('exit', killNow);
  };
  try {
    await plane.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    server: plane.server,
    kubeconfig: plane.kubeconfig,
    auditLog: plane.auditLog,
    kubectl: programs.kubectl,
    restart: async (downMs) => plane.restartApiServer(downMs),
    stop,
    killNow,
  };
}

async function assetPrograms(directory: string, context: EngineContext): Promise<Programs> {
  const program = (name: string): [string] => [join(directory, name)];
  const base = { etcd: program('etcd'), apiServer: program('kube-apiserver'), kubectl: program('kubectl') };
  if (await exists(join(directory, 'kube-controller-manager'))) return { ...base, controllerManager: program('kube-controller-manager') };
  context.log(
    `${directory} holds no kube-controller-manager: no CronJob makes Jobs, nothing is garbage-collected and no ServiceAccount is needed by Pods. CONTROL_PLANE=embedded has it all.`,
  );
  return base;
}

async function startGiven(kubeconfig: string, context: EngineContext): Promise<Engine> {
  const { server } = await readAccess(kubeconfig);
  return {
    server,
    kubeconfig,
    auditLog: '',
    kubectl: await findKubectl(context),
    restart: async () => {
      throw new ControlPlaneError('The API server of KUBECONFIG_TEST is not ours to restart: run this with the embedded control plane (unset KUBECONFIG_TEST).');
    },
    stop: async () => undefined,
    killNow: () => undefined,
  };
}

async function startKind(image: string, context: EngineContext): Promise<Engine> {
  const { directory, log, signal } = context;
  const kubeconfig = join(directory, 'kubeconfig');
  const cluster = `saaslicense-${process.pid}`;
  const kubectl = await findKubectl(context);
  await noteKindCluster(directory, cluster);
  log(`kind: making cluster ${cluster} from ${image} (about 20 s)`);
  const made = await runCommand(['kind', 'create', 'cluster', '--name', cluster, '--image', image, '--kubeconfig', kubeconfig, '--wait', '3m'], { signal });
  if (made.code !== 0) {
    await deleteKindCluster(cluster);
    throw new ControlPlaneError(`kind could not make a cluster: ${made.stderr.trim().split('\n').at(-1) ?? ''}`);
  }
  const { server } = await readAccess(kubeconfig);
  return {
    server,
    kubeconfig,
    auditLog: '',
    kubectl,
    restart: async () => {
      throw new ControlPlaneError('The API server of a kind cluster is not restarted by this: run this with the embedded control plane (unset CONTROL_PLANE).');
    },
    stop: async () => void (await deleteKindCluster(cluster)),
    killNow: () => undefined,
  };
}

/** Answers why it could not, also where there is no kind: what a run before left must not stop this one. */
export async function deleteKindCluster(cluster: string): Promise<string | undefined> {
  const { code, stderr } = await runCommand(['kind', 'delete', 'cluster', '--name', cluster]).catch((error: unknown) => ({ code: 1, stderr: String(error) }));
  return code === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? '');
}

/** The kubectl in PATH, else the one of the embedded binary. */
async function findKubectl(context: EngineContext): Promise<readonly [string, ...string[]]> {
  const inPath = await runCommand(['kubectl', 'version', '--client']).catch(() => undefined);
  return inPath?.code === 0 ? ['kubectl'] : embeddedPrograms(await provideBinary(context)).kubectl;
}
