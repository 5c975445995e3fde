import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { systemClock } from '../../operator/api/system-clock.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { createReflector, type Reflector } from '../../operator/kubernetes/reflector.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/index.ts';
import { aProfile } from '../support/builders.ts';
import { installProduct, root, startOperatorProcess, type OperatorProcess } from '../support/product.ts';
import { bundle } from '../tooling/bundle.ts';
import { percentiles, type Percentiles } from './percentiles.ts';
import { kubectl, writeFiles } from './tenant.ts';

const namespace = 'bench-operator';

/** A small young generation keeps garbage from looking like need; the image is to start Node with the same flags. */
const imageFlags = ['--max-semi-space-size=2', '--max-old-space-size=96', '--heap-growing-percent=10', '--optimize-for-size'];

interface Bench {
  readonly client: WatchingClient;
  readonly profiles: Reflector<IntegrationProfile>;
  readonly operator: OperatorProcess;
}

export interface OperatorReport {
  readonly bench: 'operator';
  readonly profiles: number;
  readonly startToLeadingMs: number;
  readonly rssMiB: { readonly steady: number; readonly peak: number };
  /** Milliseconds from the patch of spec to its generation in status. */
  readonly editToObservedMs: { readonly quiet: Percentiles; readonly whileAllOthersAreQueued: Percentiles };
  /** Status writes that a look at every profile cost though nothing had changed. */
  readonly writesOfAnUnchangedPass: number;
}

/** The operator as a process of its own, acting as its own service account, with many profiles to look after. */
export async function benchOperator(options: { profiles: number; edits: number; log: (line: string) => void }): Promise<OperatorReport> {
  const { log } = options;
  const plane = await startControlPlane({ log });
  const ending = new AbortController();
  try {
    await installProduct(plane);
    await kubectl(plane, ['create', 'namespace', namespace]);
    const client = createKubernetesClient(await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} }), { clock: systemClock, userAgent: 'bench' });
    const profiles = createReflector<IntegrationProfile>({ client, type: integrationProfileResource, namespace, clock: systemClock, random: Math.random });
    const watching = profiles.start(ending.signal);
    await createProfiles(client, options.profiles);
    const operator = await startOperatorProcess(plane, { logFile: join(plane.directory, 'operator.log'), program: await bundleAsInPod(plane) });
    log(`the operator leads ${operator.startedInMs} ms after its process started, with ${options.profiles} profiles to look at`);
    const report = await measure({ client, profiles, operator }, options);
    await operator.stop();
    ending.abort();
    await watching;
    await client.close();
    return report;
  } finally {
    ending.abort();
    await plane.stop();
  }
}

/** The bundle of the image, logged in as a pod is: what runs in production. */
export async function bundleAsInPod(plane: ControlPlane): Promise<{ command: string[]; env: Record<string, string> }> {
  const directory = join(plane.directory, 'operator-account');
  const token = await kubectl(plane, ['create', 'token', 'saas-license-operator', '-n', 'saas-license-operator', '--duration', '8h']);
  const authority = await kubectl(plane, ['get', 'configmap', 'kube-root-ca.crt', '-n', 'default', '-o', 'jsonpath={.data.ca\\.crt}']);
  await writeFiles(directory, { token, 'ca.crt': authority, namespace: 'saas-license-operator' });
  const { hostname, port } = new URL(plane.server);
  const folder = join(plane.directory, 'dist');
  await bundle(root, folder);
  return {
    command: [...imageFlags, join(folder, 'saaslicense.mjs'), 'operator', `--service-account-directory=${directory}`],
    env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
  };
}

async function measure(bench: Bench, { profiles, edits, log }: { profiles: number; edits: number; log: (line: string) => void }): Promise<OperatorReport> {
  await until(bench, () => bench.profiles.list().filter(isObserved).length === profiles);
  log('every profile has been looked at');
  const quiet: number[] = [];
  for (let edit = 0; edit < edits; edit += 1) quiet.push(await timeEdit(bench, edit, profiles));
  const before = versions(bench);
  await touchAll(bench, 'unchanged');
  await until(bench, async () => (await queueDepth(bench)) === 0);
  const writesOfAnUnchangedPass = [...versions(bench)].filter(([name, version]) => before.get(name) !== version).length;
  const busy: number[] = [];
  for (let edit = 0; edit < Math.min(edits, 10); edit += 1) {
    const touching = touchAll(bench, `busy-${edit}`);
    busy.push(await timeEdit(bench, edit, profiles));
    await touching;
  }
  return {
    bench: 'operator',
    profiles,
    startToLeadingMs: bench.operator.startedInMs,
    rssMiB: await readMemory(bench.operator.child.pid ?? 0),
    editToObservedMs: { quiet: percentiles(quiet), whileAllOthersAreQueued: percentiles(busy) },
    writesOfAnUnchangedPass,
  };
}

function nameOf(index: number): string {
  return `profile-${String(index).padStart(5, '0')}`;
}

export async function createProfiles(client: WatchingClient, count: number, into = namespace): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const { apiVersion, kind, spec } = aProfile({ spec: { publish: false, displayName: `Profile ${next}` } });
      const metadata = { name: nameOf(next), namespace: into };
      next += 1;
      await client.create<IntegrationProfile>(integrationProfileResource, { apiVersion: apiVersion ?? '', kind: kind ?? '', metadata, spec });
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

function isObserved(profile: IntegrationProfile): boolean {
  return profile.status?.observedGeneration === profile.metadata.generation;
}

async function timeEdit(bench: Bench, edit: number, profiles: number): Promise<number> {
  const name = nameOf((edit * 37) % profiles);
  const started = performance.now();
  const patch = { spec: { displayName: `Edited ${edit} ${started}` } };
  const patched = await bench.client.mergePatch<IntegrationProfile>(integrationProfileResource, { namespace, name }, patch);
  const generation = patched.metadata.generation ?? 0;
  await until(bench, () => (bench.profiles.get(`${namespace}/${name}`)?.status?.observedGeneration ?? 0) >= generation);
  return performance.now() - started;
}

/** Makes the operator look at every profile. */
async function touchAll(bench: Bench, value: string): Promise<void> {
  const names = bench.profiles.list().map((profile) => profile.metadata.name);
  const patch = { metadata: { annotations: { 'example.com/touched': value } } };
  const work = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await bench.client.mergePatch(integrationProfileResource, { namespace, name }, patch);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

/** Status of each profile, so that a write of it shows. */
function versions({ profiles }: Bench): Map<string, string> {
  return new Map(profiles.list().map((profile) => [profile.metadata.name, JSON.stringify(profile.status)]));
}

async function queueDepth({ operator }: Bench): Promise<number> {
  const text = await (await fetch(`${operator.telemetryUrl}/metrics`)).text();
  return Number(/workqueue_depth\{[^}]*integrationprofile[^}]*\} (\d+)/.exec(text)?.[1] ?? 0);
}

/** Looks again whenever the watch tells of a change, and every 20 ms. */
async function until({ profiles }: Bench, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  let wake = (): void => undefined;
  const unsubscribe = profiles.subscribe(() => wake());
  try {
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error('the operator did not get there within two minutes');
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, 20);
      });
    }
  } finally {
    unsubscribe();
  }
}

export async function readMemory(pid: number): Promise<OperatorReport['rssMiB']> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const mib = (name: string): number => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? 0) / 1024);
  return { steady: mib('VmRSS'), peak: mib('VmHWM') };
}
