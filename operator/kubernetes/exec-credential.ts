import { spawn } from 'node:child_process';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { retryable } from '../api/errors.ts';
import { SecretValue } from '../api/secret-value.ts';
import { errorCode } from './credentials.ts';

/** `users[].user.exec` of a kubeconfig: a program that prints a credential. */
export const execPlugin = z.object({
  apiVersion: z.string().default('client.authentication.k8s.io/v1'),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  provideClusterInfo: z.boolean().nullish(),
});
export type ExecPlugin = z.infer<typeof execPlugin>;

const execCredential = z.object({
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.string().optional(),
  }),
});

export interface PluginCredential {
  readonly token?: SecretValue;
  readonly certificate?: string;
  readonly key?: SecretValue;
  /** Milliseconds since the epoch; absent when the plugin does not say. */
  readonly expiresAt?: number;
}

export interface RunPluginOptions {
  /** Kubeconfig file that names the plugin: a relative command is relative to it. */
  kubeconfig: string;
  env: Record<string, string | undefined>;
  /** What KUBERNETES_EXEC_INFO tells the plugin about the cluster when it asks for that. */
  cluster: Record<string, unknown>;
  /** Milliseconds after which the plugin is ended. */
  timeoutMs?: number;
}

/** Runs the plugin once. Fails with Retryable; what the plugin printed is never kept: it may be a secret. */
export async function runExecPlugin(plugin: ExecPlugin, options: RunPluginOptions): Promise<PluginCredential> {
  const output = await runCommand(plugin, options);
  const parsed = execCredential.safeParse(parseJson(output));
  if (!parsed.success) throw pluginFailed(plugin, 'no-exec-credential');
  const { status } = parsed.data;
  const expiresAt = Date.parse(status.expirationTimestamp ?? '');
  return {
    ...(status.token === undefined ? {} : { token: new SecretValue(status.token) }),
    ...(status.clientCertificateData === undefined ? {} : { certificate: status.clientCertificateData }),
    ...(status.clientKeyData === undefined ? {} : { key: new SecretValue(status.clientKeyData) }),
    ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
  };
}

function runCommand(plugin: ExecPlugin, options: RunPluginOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(commandPath(plugin.command, options.kubeconfig), plugin.args ?? [], {
    env: pluginEnvironment(plugin, options),
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: options.timeoutMs ?? 60_000,
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('error', (error) => reject(pluginFailed(plugin, errorCode(error))));
  child.on('close', (code, signal) => {
    if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
    else reject(pluginFailed(plugin, `exit ${code ?? signal ?? 'unknown'}`));
  });
  return promise;
}

function commandPath(command: string, kubeconfig: string): string {
  const isPath = command.includes('/');
  return isPath && !isAbsolute(command) ? join(dirname(kubeconfig), command) : command;
}

function pluginEnvironment(plugin: ExecPlugin, options: RunPluginOptions): NodeJS.ProcessEnv {
  const cluster = plugin.provideClusterInfo === true ? { cluster: options.cluster } : {};
  const info = { apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec: { interactive: false, ...cluster } };
  const own = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]));
  return { ...options.env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pluginFailed(plugin: ExecPlugin, code: string): Error {
  return retryable(
    'CredentialUnavailable',
    'The credential plugin of the kubeconfig gave no credential; run its command by hand to see why.',
    { detail: { command: plugin.command, code } },
  );
}
