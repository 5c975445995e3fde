import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runTool } from '../chart/tools.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { root } from '../support/product.ts';
import { EndToEndError, must } from './commands.ts';
import { names } from './manifests.ts';

/** The kind cluster, with what the test does to it. */
export interface Cluster {
  /** Container that is the node. */
  readonly node: string;
  kubectl(...args: string[]): Promise<string>;
  apply(objects: readonly object[]): Promise<void>;
  helm(...args: string[]): Promise<string>;
  load(image: string): Promise<void>;
  /** Polls an object until it pleases; fails with what it last looked like. */
  until<T>(what: string, args: readonly string[], holds: (object: T) => boolean): Promise<T>;
}

export const release = 'saas-license-operator';
export const chart = join(root, 'charts/saas-license-operator');
const patienceMs = 180_000;

export async function openCluster(plane: ControlPlane, helm: string, signal: AbortSignal): Promise<Cluster> {
  const kubectl = async (args: string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await plane.kubectl(args, input === undefined ? {} : { input });
    if (code !== 0) throw new EndToEndError(`kubectl ${args.slice(0, 6).join(' ')}: ${stderr.trim()}`);
    return stdout;
  };
  const name = (await kubectl(['config', 'current-context'])).trim().replace(/^kind-/u, '');
  return {
    node: `${name}-control-plane`,
    kubectl: async (...args) => kubectl(args),
    async apply(objects) {
      await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    },
    async helm(...args) {
      const { code, stdout, stderr } = await runTool(helm, [...args, '--namespace', names.operatorNamespace], { env: { KUBECONFIG: plane.kubeconfig } });
      if (code !== 0) throw new EndToEndError(`helm ${args[0] ?? ''}: ${stderr.trim()}`);
      return stdout;
    },
    async load(image) {
      await must(['kind', 'load', 'docker-image', image, '--name', name], { signal });
    },
    async until<T>(what: string, args: readonly string[], holds: (object: T) => boolean): Promise<T> {
      let last: { status?: unknown } & T;
      for (const deadline = Date.now() + patienceMs; ; await delay(500, undefined, { signal })) {
        last = JSON.parse(await kubectl(['get', ...args, '-o', 'json'])) as { status?: unknown } & T;
        if (holds(last)) return last;
        if (Date.now() > deadline) throw new EndToEndError(`never came true in ${patienceMs / 1000} s: ${what}. Last: ${JSON.stringify(last.status)}`);
      }
    },
  };
}
