import { readdir, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { createKubernetesClient } from '../../operator/kubernetes/http-client.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/index.ts';
import { startSimulatorProcess, type RunningSimulator } from './children.ts';
import { apiKey, kubectl, type Tenant } from './tenant.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The moment of every run; the simulator's clock stands still there too. */
export const benchNow = Date.parse('2026-11-24T09:00:00Z');

/** The API server, the vendor, and the program of the pod: what a benchmark of refreshes stands on. */
export interface Stage {
  readonly plane: ControlPlane;
  readonly simulator: RunningSimulator;
  /** Bundle of refresh-child.ts, made as the image's is. */
  readonly program: string;
  readonly directory: string;
  stop(): Promise<void>;
}

export async function setStage(users: number, log: (line: string) => void): Promise<Stage> {
  const plane = await startControlPlane({ log });
  try {
    const directory = join(plane.directory, 'bench');
    await mkdir(directory);
    await installCrds(plane);
    const simulator = await startVendor(users);
    log(`a company of ${users} people is at ${simulator.url}`);
    return {
      plane,
      simulator,
      directory,
      program: await bundleChild(join(directory, 'program')),
      async stop() {
        simulator.stop();
        await plane.stop();
      },
    };
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

async function installCrds(plane: ControlPlane): Promise<void> {
  const folder = join(root, 'crds');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).flatMap((name) => ['-f', join(folder, name)]);
  await kubectl(plane, ['apply', '--server-side', ...files]);
  await kubectl(plane, ['wait', '--for=condition=Established', '--timeout=60s', ...files]);
}

/** Without a rate limit: it would be all that is measured. */
async function startVendor(users: number): Promise<RunningSimulator> {
  const simulator = await startSimulatorProcess([
    join(root, 'test/pagerduty-simulator/main.ts'),
    `--users=${users}`,
    `--api-key=${apiKey}`,
    `--now=${new Date(benchNow).toISOString()}`,
    '--per-minute=1000000000',
    '--oncalls-per-minute=1000000000',
    '--everyone-in-a-team',
  ]);
  await simulator.order('POST', '/clock', { set: benchNow });
  return simulator;
}

async function bundleChild(outdir: string): Promise<string> {
  await build({
    entryPoints: [join(root, 'test/bench/refresh-child.ts')],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  });
  return join(outdir, 'refresh-child.mjs');
}

/** Writes the subscriptions of one tenant as they were created, but for another, one JSON object a line. */
export async function exportSubscriptions(stage: Stage, from: Tenant, to: Tenant): Promise<string> {
  const config = await loadClusterConfig({ kubeconfig: stage.plane.kubeconfig, env: {} });
  const clock = { now: () => Date.now(), sleep: async () => new Promise<void>(() => undefined) };
  const client = createKubernetesClient(config, { clock, userAgent: 'bench-export' });
  const lines: string[] = [];
  for await (const page of client.pages<SoftwareSubscription>(softwareSubscriptionResource, { namespace: from.namespace })) {
    for (const { metadata, spec } of page) {
      const owners = metadata.ownerReferences?.map((owner) => ({ ...owner, uid: to.profileUid }));
      const own = { name: metadata.name, namespace: to.namespace, labels: metadata.labels, ownerReferences: owners };
      lines.push(JSON.stringify({ ...typeOf(), metadata: own, spec }));
    }
  }
  await client.close();
  const file = join(stage.directory, `${to.namespace}.jsonl`);
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

function typeOf(): { apiVersion: string; kind: string } {
  const { apiVersion, kind } = softwareSubscriptionResource;
  return { apiVersion, kind };
}
