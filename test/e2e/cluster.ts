import { execFile } from 'node:child_process';
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
  until<T>(what: string, args: readonly string[], holds: (object: T) => boolean, patienceMs?: number): Promise<T>;
  /** A ServiceAccount of the tenant as somebody who works with kubectl and saaslicense from outside. */
  colleague(account: string): Promise<Colleague>;
}

/** Somebody with rights of their own in the tenant's namespace. */
export interface Colleague {
  /** Who they are to the API server. */
  readonly username: string;
  /** Folder for their files, gone with the cluster. */
  readonly directory: string;
  kubectl(...args: string[]): Promise<string>;
  /** Changes fields of a spec. */
  patch(resource: string, name: string, spec: object): Promise<void>;
  saaslicense(...args: string[]): Promise<string>;
}

export const release = 'saas-license-operator';
export const chart = join(root, 'charts/saas-license-operator');
const usualPatienceMs = 180_000;

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
    // oxlint-disable-next-line max-params -- what, of what, until when it holds, and how long at most
    async until<T>(what: string, args: readonly string[], holds: (object: T) => boolean, patienceMs = usualPatienceMs): Promise<T> {
      let last: { status?: unknown } & T;
      for (const deadline = Date.now() + patienceMs; ; await delay(500, undefined, { signal })) {
        last = JSON.parse(await kubectl(['get', ...args, '-o', 'json'])) as { status?: unknown } & T;
        if (holds(last)) return last;
        if (Date.now() > deadline) throw new EndToEndError(`never came true in ${patienceMs / 1000} s: ${what}. Last: ${JSON.stringify(last.status)}`);
      }
    },
    colleague: async (account) => openColleague(plane, account),
  };
}

async function openColleague(plane: ControlPlane, account: string): Promise<Colleague> {
  const kubeconfig = await plane.serviceAccountKubeconfig(names.tenant, account);
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await plane.kubectl(['-n', names.tenant, ...args], { kubeconfig });
    if (code !== 0) throw new EndToEndError(`kubectl ${args.slice(0, 3).join(' ')}: ${stderr.trim()}`);
    return stdout;
  };
  return {
    username: `system:serviceaccount:${names.tenant}:${account}`,
    directory: plane.directory,
    kubectl,
    async patch(resource, name, spec) {
      await kubectl('patch', resource, name, '--type=merge', '-p', JSON.stringify({ spec }));
    },
    saaslicense: async (...args) => runProduct([...args, ...(args.includes('verify') ? [] : ['-n', names.tenant])], kubeconfig),
  };
}

/** The product's own command line, from the source. */
async function runProduct(args: readonly string[], kubeconfig: string): Promise<string> {
  const run = Promise.withResolvers<string>();
  execFile(process.execPath, [join(root, 'operator/main.ts'), ...args], { env: { ...process.env, KUBECONFIG: kubeconfig } }, (error, stdout, stderr) => {
    if (error === null) run.resolve(stdout);
    else run.reject(new EndToEndError(`saaslicense ${args.slice(0, 2).join(' ')}: ${stderr.trim() || error.message}`));
  });
  return run.promise;
}
