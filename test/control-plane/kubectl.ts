import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { ControlPlaneError, type CommandResult, type KubectlOptions } from './contract.ts';
import { readAccess } from './http.ts';
import { writeKubeconfig } from './kubeconfig.ts';

export interface Kubectl {
  readonly command: readonly [string, ...string[]];
  readonly kubeconfig: string;
  /** Folder for kubectl's discovery cache and for kubeconfigs. */
  readonly directory: string;
}

/** Runs kubectl; its failures are in `code`. */
export async function runKubectl(kubectl: Kubectl, args: string[], options: KubectlOptions = {}): Promise<CommandResult> {
  const env = {
    ...process.env,
    HOME: process.env['HOME'] ?? homedir(),
    KUBECONFIG: options.kubeconfig ?? kubectl.kubeconfig,
    KUBECACHEDIR: join(kubectl.directory, 'kubectl-cache'),
    // A person's own kubectl preferences must not change what tests see.
    KUBERC: 'off',
  };
  return runCommand([...kubectl.command, ...args], { env, ...(options.input === undefined ? {} : { input: options.input }) });
}

/** Writes a kubeconfig that logs in as the ServiceAccount, and answers its path. */
export async function writeServiceAccountKubeconfig(kubectl: Kubectl, namespace: string, name: string): Promise<string> {
  const result = await runKubectl(kubectl, ['create', 'token', name, '--namespace', namespace, '--duration', '8h']);
  if (result.code !== 0) throw new ControlPlaneError(`No token for ServiceAccount ${namespace}/${name}: ${result.stderr.trim()}`);
  const { server, authority } = await readAccess(kubectl.kubeconfig);
  const path = join(kubectl.directory, `${namespace}.${name}.${randomBytes(4).toString('hex')}.kubeconfig`);
  await writeKubeconfig(path, { server, namespace, user: { token: result.stdout.trim() }, ...(authority === undefined ? {} : { authority }) });
  return path;
}
