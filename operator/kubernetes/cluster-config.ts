import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Clock } from '../api/clock.ts';
import { terminal } from '../api/errors.ts';
import { createServiceAccountSource, type CredentialSource } from './credentials.ts';

/** Where the API server is and how to log in to it. */
export interface ClusterConfig {
  /** Address without a trailing slash, such as `https://10.0.0.1:443`. */
  readonly server: string;
  /** Namespace of the pod or of the kubeconfig's context; `default` when neither says. */
  readonly namespace: string;
  readonly credentials: CredentialSource;
}

export interface ClusterConfigOptions {
  /** Path of a kubeconfig file; it wins over everything else. */
  kubeconfig?: string;
  /** Context of the kubeconfig; its current one unless given. */
  context?: string;
  /** Where the token, ca.crt and namespace files of the pod are. */
  serviceAccountDirectory?: string;
  /** Environment of the process: KUBERNETES_SERVICE_HOST and _PORT, KUBECONFIG, HOME. */
  env: Record<string, string | undefined>;
  /** The system's time unless a test hands one in. */
  clock?: Pick<Clock, 'now'>;
}

const defaultServiceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds the API server: an explicit kubeconfig or context, else the pod's own service account, else the files of
 * KUBECONFIG, else `~/.kube/config`. client-node is loaded for a kubeconfig only: it costs 60 MB and 400 ms
 * (facts/tech.md 1), which a pod need not pay. Fails with Terminal when there is no usable configuration.
 */
export async function loadClusterConfig(options: ClusterConfigOptions): Promise<ClusterConfig> {
  const clock = options.clock ?? Date;
  const explicit = options.kubeconfig !== undefined || options.context !== undefined;
  if (!explicit && isInCluster(options.env)) return loadInCluster(options, clock);

  const files = kubeconfigFiles(options);
  if (files.length === 0) {
    throw terminal(
      'NoCluster',
      'No API server is configured: run in a pod with a service account, set KUBECONFIG, or name a kubeconfig file.',
    );
  }
  const { loadKubeconfig } = await import('./kubeconfig.ts');
  return loadKubeconfig({ files, context: options.context, env: options.env, clock });
}

function isInCluster(env: ClusterConfigOptions['env']): boolean {
  return Boolean(env['KUBERNETES_SERVICE_HOST']) && Boolean(env['KUBERNETES_SERVICE_PORT']);
}

async function loadInCluster(options: ClusterConfigOptions, clock: Pick<Clock, 'now'>): Promise<ClusterConfig> {
  const directory = options.serviceAccountDirectory ?? defaultServiceAccountDirectory;
  const host = options.env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = options.env['KUBERNETES_SERVICE_PORT'] ?? '';
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    namespace: await readNamespace(directory),
    credentials: createServiceAccountSource(directory, clock),
  };
}

async function readNamespace(directory: string): Promise<string> {
  const text = await readFile(join(directory, 'namespace'), 'utf8').catch(() => '');
  return text.trim() || 'default';
}

function kubeconfigFiles(options: ClusterConfigOptions): string[] {
  if (options.kubeconfig !== undefined) return [options.kubeconfig];
  const listed = options.env['KUBECONFIG'];
  if (listed) return listed.split(delimiter).filter((file) => file !== '' && existsSync(file));
  const home = join(options.env['HOME'] ?? homedir(), '.kube', 'config');
  return existsSync(home) ? [home] : [];
}
