import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../api/clock.ts';
import { compact } from '../api/compact.ts';
import { terminal } from '../api/errors.ts';
import { product } from '../api/group.ts';
import { steadyClock } from '../api/system-clock.ts';
import { createClockMeter, type ClockTrust } from '../kubernetes/clock-trust.ts';
import { loadClusterConfig, type ClusterConfig } from '../kubernetes/cluster-config.ts';
import { coreResources } from '../kubernetes/core-resources.ts';
import { checkInstalledKinds } from '../kubernetes/crd-check.ts';
import { createEventRecorder } from '../kubernetes/event-recorder.ts';
import { createKubernetesClient, type WatchingClient } from '../kubernetes/http-client.ts';
import { runLeaderElection } from '../kubernetes/lease-election.ts';
import type { Provider } from '../providers/provider.ts';
import { createProviders } from '../providers/registry.ts';
import { startTelemetryServer } from '../telemetry/health.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { startRedirectServer, type RedirectServer } from './authorization/redirect-server.ts';
import { createCaches, type Caches } from './caches.ts';
import { createCandidateTools } from './candidate-tools.ts';
import type { ControllerDependencies } from './dependencies.ts';
import { createExclusionMatches } from './exclusion-matches.ts';
import { liveness, readiness } from './health-checks.ts';
import { createOwnWrites } from './own-writes.ts';
import { requiredKinds } from './required-kinds.ts';
import { runControllers } from './run-controllers.ts';

export const leaseName = `${product}-leader`;

/** What the operator is started with. */
export interface OperatorStart {
  readonly namespace: string | undefined;
  readonly watchNamespace: string | undefined;
  readonly enabledProviders: readonly string[];
  /** Let aliases name endpoints of their own; refresh pods are told the same. */
  readonly allowCustomEndpoints: boolean;
  readonly refreshImage: string;
  readonly refreshServiceAccount: string;
  readonly refreshClusterRole: string;
  readonly refreshCaConfigMap: string | undefined;
  readonly leaderElect: boolean;
  readonly telemetryHost: string;
  readonly telemetryPort: number;
  /** Where people come back to after consent; not where metrics are. */
  readonly redirectHost: string;
  readonly redirectPort: number;
  /** Address at which people reach the answer page of notices; undefined = notices have no links. */
  readonly publicUrl: string | undefined;
  /** Hosts that notices may be sent to; none = nobody is told. */
  readonly allowedNoticeHosts: readonly string[];
  /** Most reclaims that begin in one account within 24 hours (guard 5). */
  readonly maxReclaimsPerAccountPerDay: number;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly serviceAccountDirectory: string | undefined;
  readonly env: Record<string, string | undefined>;
  /** Who this process is in the Lease and in events. */
  readonly identity: string;
}

/** What it is handed. */
export interface OperatorHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Asks for a graceful end. */
  readonly signal: AbortSignal;
  /** Cuts off what is still in flight. */
  readonly hardSignal: AbortSignal;
}

/**
 * Runs the operator until `host.signal` aborts. Followers keep their caches warm and write nothing.
 * Throws Terminal when the cluster cannot be worked with (no configuration, missing or old CRDs, a
 * provider that is not known, a port that is taken) and when leadership is lost.
 */
export async function startOperator(start: OperatorStart, host: OperatorHost): Promise<void> {
  const providers = chooseProviders(start);
  const metrics = createMetrics();
  const { env, kubeconfig, context, serviceAccountDirectory } = start;
  const config = await loadClusterConfig({ env, ...compact({ kubeconfig, context, serviceAccountDirectory }) });
  const connection = connect(config, { start, host, metrics });
  try {
    await runWithClient({ start, host, providers, metrics, config, ...connection });
  } finally {
    await connection.client.close();
  }
}

/** The client, and what its replies say of our clock. */
function connect(config: ClusterConfig, { start, host, metrics }: Pick<Running, 'start' | 'host' | 'metrics'>): Pick<Running, 'client' | 'clockTrust'> {
  const lease = { namespace: start.namespace ?? config.namespace, name: leaseName };
  // Whoever elects a leader reads the Lease every few seconds anyway; whoever does not, asks for it.
  const clockTrust = createClockMeter({ clock: host.clock, steady: steadyClock, request: () => client.get(coreResources.Lease, lease) });
  const client = createKubernetesClient(config, {
    clock: host.clock,
    steady: steadyClock,
    userAgent: product,
    onRequest: (report) => {
      clockTrust.observe(report);
      metrics.onKubernetesRequest({ method: report.method, host: report.host, status: report.code, seconds: report.durationMs / 1000 });
    },
  });
  metrics.setClockTrust(clockTrust);
  return { client, clockTrust };
}

interface Running {
  readonly start: OperatorStart;
  readonly host: OperatorHost;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly metrics: Metrics;
  readonly config: ClusterConfig;
  readonly client: WatchingClient;
  readonly clockTrust: ClockTrust;
}

async function runWithClient(running: Running): Promise<void> {
  const { start, host, metrics, client } = running;
  await requireKinds(client);
  const caches = createCaches({
    client,
    // A corrected clock must not make a watch look dead.
    clock: steadyClock,
    random: host.random,
    onError: (resource, failure) => host.logger.warn({ resource, reason: failure.reason }, 'a watch failed and is tried again'),
    ...(start.watchNamespace === undefined ? {} : { namespace: start.watchNamespace }),
  });
  const server = await startTelemetryServer({
    host: start.telemetryHost,
    port: start.telemetryPort,
    metrics,
    checks: { live: () => liveness(caches, steadyClock.now()), ready: () => readiness(caches) },
  });
  host.logger.info({ url: server.url, identity: start.identity }, 'serving metrics and health');
  const dependencies = dependenciesOf(running, caches);
  const redirects = await startRedirects(running, caches, dependencies).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  // Caches end with the process, after the controllers that read them.
  const cachesEnd = new AbortController();
  const reading = caches.all.map((cache) => cache.start(cachesEnd.signal));
  try {
    await Promise.all(caches.all.map((cache) => cache.whenSynced(host.signal)));
    host.logger.info({}, 'caches are synced');
    await lead(running, caches, dependencies);
  } catch (error) {
    if (!host.signal.aborted) throw error;
  } finally {
    await redirects.close();
    cachesEnd.abort();
    await Promise.all(reading);
    await server.close();
  }
}

/** Every replica answers redirects, whether it leads or not. */
async function startRedirects({ start, host }: Running, caches: Caches, dependencies: ControllerDependencies): Promise<RedirectServer> {
  const isReady = (): boolean => readiness(caches) === undefined;
  const { redirectHost, redirectPort } = start;
  const redirects = await startRedirectServer({ host: redirectHost, port: redirectPort, dependencies, isReady, hardSignal: host.hardSignal });
  host.logger.info({ redirectUrl: redirects.url }, 'answering redirects of authorizations');
  return redirects;
}

async function lead(running: Running, caches: Caches, dependencies: ControllerDependencies): Promise<void> {
  const { start, host, metrics, config, client } = running;
  const work = (signal: AbortSignal): Promise<void> => {
    metrics.setLeader(leaseName, true);
    host.logger.info({ identity: start.identity }, 'leading');
    return runControllers(caches, dependencies, { signal, hardSignal: host.hardSignal, steady: steadyClock });
  };
  if (!start.leaderElect) return work(host.signal);
  metrics.setLeader(leaseName, false);
  return runLeaderElection({
    client,
    namespace: start.namespace ?? config.namespace,
    name: leaseName,
    identity: start.identity,
    // A corrected clock must neither end a leadership nor let a candidate take over early.
    clock: steadyClock,
    random: host.random,
    signal: host.signal,
    onStartedLeading: work,
    onError: (failure) => host.logger.warn({ reason: failure.reason }, 'the Lease could not be read or written and is tried again'),
    onNewLeader: (leader) => host.logger.info({ leader }, 'the leader is another'),
  });
}

function dependenciesOf({ start, host, providers, metrics, config, client, clockTrust }: Running, { stores }: Caches): ControllerDependencies {
  const { clock, random, logger } = host;
  const createSecret = (): string => randomBytes(32).toString('base64url');
  const tools = createCandidateTools({ client, clock, steady: steadyClock, createSecret, identity: start.identity, logger }, { ...start, namespace: start.namespace ?? config.namespace });
  return {
    ...tools,
    client,
    stores,
    ownWrites: createOwnWrites(client),
    providers,
    clock,
    clockTrust,
    random,
    logger,
    metrics,
    events: createEventRecorder({
      client,
      clock,
      reportingController: `saaslicense.dev/${product}`,
      reportingInstance: start.identity,
      onError: (failure) => logger.warn({ reason: failure.reason }, 'an event could not be recorded'),
    }),
    settings: {
      refreshImage: start.refreshImage,
      refreshServiceAccount: start.refreshServiceAccount,
      refreshClusterRole: start.refreshClusterRole,
      refreshCaConfigMap: start.refreshCaConfigMap,
      allowCustomEndpoints: start.allowCustomEndpoints,
    },
    identity: start.identity,
    createSecret,
    unsavedRenewals: new Map(),
    exclusionMatches: createExclusionMatches(),
  };
}

function chooseProviders({ enabledProviders, allowCustomEndpoints }: OperatorStart): ReadonlyMap<string, Provider> {
  // An empty type switches all of them off: profiles then say so (S29).
  const enabled = enabledProviders.filter((type) => type !== '');
  const known = createProviders({ allowCustomEndpoints });
  for (const type of enabled) {
    if (known.some((provider) => provider.type === type)) continue;
    throw terminal('UnknownProvider', `--enable-provider ${type}: this build knows ${known.map((provider) => provider.type).join(', ')}.`);
  }
  return new Map(known.filter((provider) => enabled.includes(provider.type)).map((provider) => [provider.type, provider]));
}

/** The binary and the installed CRDs must fit: a pruned field would be lost without a word (facts/operators.md B3.37). */
async function requireKinds(client: WatchingClient): Promise<void> {
  const problems = await checkInstalledKinds(client, requiredKinds());
  if (problems.length === 0) return;
  throw terminal('CrdsOutdated', `The installed CRDs do not fit this version: ${problems.slice(0, 5).join('; ')}. Apply the CRDs of this version.`);
}
