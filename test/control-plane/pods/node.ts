import { cpus, hostname, totalmem } from 'node:os';
import { z } from 'zod';
import { ControlPlaneError } from '../contract.ts';
import { identifyProcess, isAlive, processIdentitySchema } from '../process-identity.ts';
import type { Cluster } from './cluster.ts';

const RUNNER_LABEL = 'saaslicense.dev/pod-runner';
const OWNER_ANNOTATION = 'saaslicense.dev/pod-runner-process';

const nodesSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({
        name: z.string(),
        labels: z.record(z.string(), z.string()).default({}),
        annotations: z.record(z.string(), z.string()).default({}),
      }),
    }),
  ),
});

/**
 * Registers this process as a ready Node, and removes the Nodes of runners that are gone: the pod garbage collector then
 * fails their pods. Throws ControlPlaneError on a cluster that has kubelets of its own.
 */
export async function registerNode(cluster: Cluster, name: string, kubeletPort: number): Promise<void> {
  await removeDeadRunners(cluster);
  const owner = await identifyProcess();
  const metadata = {
    name,
    labels: { [RUNNER_LABEL]: 'true', 'kubernetes.io/os': process.platform, 'kubernetes.io/hostname': name },
    annotations: { [OWNER_ANNOTATION]: JSON.stringify(owner) },
  };
  await cluster.send('/api/v1/nodes', { method: 'POST', body: { apiVersion: 'v1', kind: 'Node', metadata } });
  // Admission taints each new Node until a node controller, which is not there, sees it ready.
  await cluster.send(`/api/v1/nodes/${name}`, { method: 'PATCH', contentType: 'application/merge-patch+json', body: { spec: { taints: null } } });
  await cluster.send(`/api/v1/nodes/${name}/status`, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { status: describeNode(kubeletPort, new Date().toISOString()) },
  });
}

export async function removeNode(cluster: Cluster, name: string): Promise<void> {
  await cluster.send(`/api/v1/nodes/${name}`, { method: 'DELETE' }, [404]);
}

function describeNode(kubeletPort: number, now: string): unknown {
  const resources = { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: '110' };
  const condition = (type: string, status: 'True' | 'False', reason: string): unknown => ({ type, status, reason, message: 'the pod runner runs', lastHeartbeatTime: now, lastTransitionTime: now });
  return {
    addresses: [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: hostname() },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: [condition('Ready', 'True', 'KubeletReady'), condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'), condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'), condition('PIDPressure', 'False', 'KubeletHasSufficientPID')],
    ...(kubeletPort === 0 ? {} : { daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } } }),
    nodeInfo: {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      operatingSystem: process.platform,
      osImage: 'local processes',
      kubeletVersion: 'pod-runner',
      containerRuntimeVersion: 'local://0',
      kernelVersion: '',
      kubeProxyVersion: '',
      bootID: '',
      machineID: '',
      systemUUID: '',
    },
  };
}

async function removeDeadRunners(cluster: Cluster): Promise<void> {
  const { items } = nodesSchema.parse((await cluster.send('/api/v1/nodes', {})).body);
  for (const { metadata } of items) {
    if (metadata.labels[RUNNER_LABEL] === undefined) {
      throw new ControlPlaneError(`This cluster has a kubelet of its own (Node ${metadata.name}), which runs pods: start no pod runner here.`);
    }
    const owner = processIdentitySchema.safeParse(JSON.parse(metadata.annotations[OWNER_ANNOTATION] ?? '{}'));
    if (owner.success && !(await isAlive(owner.data))) await removeNode(cluster, metadata.name);
  }
}
