import { KubeConfig, type Cluster, type User } from '@kubernetes/client-node';
import type { RequestOptions as HttpsOptions } from 'node:https';
import type { Clock } from '../api/clock.ts';
import { retryable, terminal } from '../api/errors.ts';
import { SecretValue } from '../api/secret-value.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { createCachedSource, errorCode, type CredentialSource, type Reading, type TlsIdentity } from './credentials.ts';
import { execPlugin, runExecPlugin, type PluginCredential, type RunPluginOptions } from './exec-credential.ts';

export interface KubeconfigOptions {
  /** Files in order of precedence; they are merged. */
  files: string[];
  context: string | undefined;
  env: Record<string, string | undefined>;
  clock: Pick<Clock, 'now'>;
}

/** Milliseconds after which files and the providers that do not tell an expiry are asked again. */
const rereadMs = 60_000;

/** A credential with an expiry is replaced this many milliseconds early, so that no request goes out with a dead one. */
const expiryMarginMs = 60_000;

/** Reads kubeconfig files with client-node. Fails with Terminal when they cannot be used. */
export function loadKubeconfig(options: KubeconfigOptions): ClusterConfig {
  const config = readFiles(options.files);
  if (options.context !== undefined) config.setCurrentContext(options.context);
  const context = config.getContextObject(config.getCurrentContext());
  const cluster = config.getCurrentCluster();
  if (context === null || cluster === null || !URL.canParse(cluster.server)) {
    throw unusable('it has no such context, or the context names no cluster with a server');
  }
  if (cluster.proxyUrl !== undefined) throw unusable('proxy-url is not supported');
  const user = config.getCurrentUser();
  if (user?.impersonateUser) throw unusable('impersonation (as) is not supported');
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: context.namespace ?? 'default',
    credentials: createSource(config, { cluster, user }, options),
  };
}

function readFiles(files: string[]): KubeConfig {
  const [first, ...others] = files.map(readFile);
  if (first === undefined) throw unusable('there is no file');
  // kubectl lets the first file that sets the current context decide, and so does `preserveContext`.
  for (const other of others) first.mergeConfig(other, Boolean(first.getCurrentContext()));
  return first;
}

function readFile(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw unusable('it cannot be read as a kubeconfig', errorCode(error));
  }
  return config;
}

function unusable(why: string, code = ''): Error {
  return terminal('KubeconfigUnusable', `The kubeconfig cannot be used: ${why}; correct it or name another one.`, { code });
}

interface Subject {
  cluster: Cluster;
  user: User | null;
}

function createSource(config: KubeConfig, subject: Subject, options: KubeconfigOptions): CredentialSource {
  const plugin = execPlugin.safeParse(subject.user?.exec).data;
  const run: RunPluginOptions = {
    kubeconfig: options.files[0] ?? '',
    env: options.env,
    cluster: {
      server: subject.cluster.server,
      ...(subject.cluster.caData ? { 'certificate-authority-data': subject.cluster.caData } : {}),
      ...(subject.cluster.tlsServerName ? { 'tls-server-name': subject.cluster.tlsServerName } : {}),
      ...(subject.cluster.skipTLSVerify ? { 'insecure-skip-tls-verify': true } : {}),
    },
  };
  return createCachedSource({
    clock: options.clock,
    keepLastOnFailure: true,
    async read(last) {
      const reading =
        plugin === undefined
          ? await readStatic(config, subject, options.clock)
          : await readPlugin(await runExecPlugin(plugin, run), subject.cluster, options.clock);
      return { ...reading, credential: { ...reading.credential, tls: reuse(last?.tls, reading.credential.tls) } };
    },
  });
}

/** Certificates and tokens that the file holds or points to, and what client-node's other providers give. */
async function readStatic(config: KubeConfig, subject: Subject, clock: Pick<Clock, 'now'>): Promise<Reading> {
  const settings = await askConfig(subject.user === null ? withoutUser(subject.cluster) : config);
  const authorization = basicAuthorization(subject.user) ?? headerAuthorization(settings);
  return {
    credential: { tls: tlsOf(settings), ...(authorization ? { authorization } : {}) },
    freshUntil: clock.now() + rereadMs,
  };
}

/** The cluster's side alone: asking for everything would run the plugin a second time. */
function withoutUser(cluster: Cluster): KubeConfig {
  const bare = new KubeConfig();
  bare.loadFromClusterAndUser(cluster, { name: 'nobody' });
  return bare;
}

async function askConfig(config: KubeConfig): Promise<HttpsOptions> {
  const settings: HttpsOptions = {};
  try {
    await config.applyToHTTPSOptions(settings);
  } catch (error) {
    throw retryable('CredentialUnavailable', 'The credential of the kubeconfig cannot be read; check its files.', {
      detail: { code: errorCode(error) },
    });
  }
  return settings;
}

async function readPlugin(given: PluginCredential, cluster: Cluster, clock: Pick<Clock, 'now'>): Promise<Reading> {
  const tls = tlsOf(await askConfig(withoutUser(cluster)));
  return {
    credential: {
      tls: {
        ...tls,
        ...(given.certificate === undefined ? {} : { certificate: given.certificate }),
        ...(given.key === undefined ? {} : { key: given.key }),
      },
      ...(given.token === undefined ? {} : { authorization: new SecretValue(`Bearer ${given.token.reveal()}`) }),
    },
    freshUntil: freshUntil(given.expiresAt, clock.now()),
  };
}

/** Early enough before the expiry; a credential without one is kept until it is refused, as kubectl does. */
function freshUntil(expiresAt: number | undefined, now: number): number {
  if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
  const left = expiresAt - now;
  return now + Math.max(left - expiryMarginMs, left / 2);
}

function tlsOf(settings: HttpsOptions): TlsIdentity {
  const key = textOf(settings.key);
  const ca = textOf(settings.ca);
  const certificate = textOf(settings.cert);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key: new SecretValue(key) }),
    ...(settings.rejectUnauthorized === false ? { skipVerify: true } : {}),
    ...(settings.servername === undefined ? {} : { serverName: settings.servername }),
  };
}

function textOf(value: unknown): string | undefined {
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'string' ? value : undefined;
}

function basicAuthorization(user: User | null): SecretValue | undefined {
  if (!user?.username) return undefined;
  return new SecretValue(`Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`);
}

function headerAuthorization(settings: HttpsOptions): SecretValue | undefined {
  const value = new Map<string, unknown>(Object.entries(settings.headers ?? {})).get('Authorization');
  return typeof value === 'string' ? new SecretValue(value.trim()) : undefined;
}

/** The last identity when nothing in it changed, so that its connections stay. */
function reuse(last: TlsIdentity | undefined, next: TlsIdentity): TlsIdentity {
  const same =
    last !== undefined &&
    last.ca === next.ca &&
    last.certificate === next.certificate &&
    last.key?.reveal() === next.key?.reveal();
  return same ? last : next;
}
