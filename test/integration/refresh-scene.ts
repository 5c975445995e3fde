import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Clock } from '../../operator/api/clock.ts';
import { compact } from '../../operator/api/compact.ts';
import { connectionAliasResource, type ConnectionAlias, type ConnectionAliasSpec } from '../../operator/api/connection-alias.ts';
import {
  integrationProfileResource,
  type IntegrationProfile,
  type IntegrationProfileSpec,
  type RefreshProcess,
  type RefreshResult,
} from '../../operator/api/integration-profile.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import type { KubernetesClient } from '../../operator/kubernetes/client.ts';
import { createKubernetesClient, type RequestReport, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import type { Provider } from '../../operator/providers/provider.ts';
import { createProviders, providerByType } from '../../operator/providers/registry.ts';
import type { RefreshOutcome } from '../../operator/refresh/dependencies.ts';
import { retryTransient } from '../../operator/refresh/retry.ts';
import { runRefresh } from '../../operator/refresh/run-refresh.ts';
import { systemClock } from '../../operator/api/system-clock.ts';
import { createLogger } from '../../operator/telemetry/logger.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { startSimulator, type CompanyState, type Simulator } from '../pagerduty-simulator/index.ts';
import { createLeapingClock } from '../support/leaping-clock.ts';
import { createSeededRandom } from '../support/seeded-random.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

/** The moment at which every scene begins, for refresh and vendor alike. */
export const sceneStart = Date.parse('2026-11-24T09:00:00Z');
export const profileName = 'pagerduty';
const fullKey = 'planted-canary-full-key';

export interface RunChange {
  /** Token of another credential of the simulator. */
  token?: string;
  scheme?: 'Bearer' | 'ApiToken';
  /** When the operator put the token there; left out as by an older version. */
  issuedAt?: string;
  profileUid?: string;
  /** Id of the connection that the job was made for. */
  connectionId?: string;
  /** Another way to the API server than the scene's own. */
  client?: KubernetesClient;
  clock?: Clock;
  /** Milliseconds by which the API server's clock is ahead. */
  serverAheadMs?: number;
  signal?: AbortSignal;
  /** Wraps the real provider. */
  provider?: (real: Provider) => Provider;
  concurrency?: number;
}

/** A namespace with a profile and an alias on the real API server, and a simulated vendor with a company. */
export interface Scene {
  readonly namespace: string;
  readonly client: WatchingClient;
  readonly simulator: Simulator;
  /** Time of refresh and vendor; a sleep leaps over it. */
  readonly clock: { now(): number; advance(ms: number): void };
  /** Everything that the refreshes logged. */
  readonly log: string[];
  /** Requests to the API server since the last `requests.length = 0`. */
  readonly requests: RequestReport[];
  /** Its `onRequest` is called with every answer of the API server. */
  readonly watcher: { onRequest: (report: RequestReport) => void };
  run(process: RefreshProcess, change?: RunChange): Promise<RefreshOutcome>;
  profile(): Promise<IntegrationProfile>;
  result(process: RefreshProcess): Promise<RefreshResult | undefined>;
  /** The subscriptions of the namespace, by the vendor's id. */
  subscriptions(): Promise<Map<string, SoftwareSubscription>>;
  patchProfile(patch: object): Promise<unknown>;
  stop(): Promise<void>;
}

export interface SceneOptions {
  company: CompanyState;
  profile?: Partial<IntegrationProfileSpec>;
  alias?: Partial<ConnectionAliasSpec>;
  /** Another control plane than the one that all tests share. */
  plane?: ControlPlane;
}

export async function setScene(options: SceneOptions): Promise<Scene> {
  const plane = options.plane ?? (await attachControlPlane());
  const namespace = await createNamespace('refresh', plane);
  const requests: RequestReport[] = [];
  const log: string[] = [];
  const watcher: Scene['watcher'] = { onRequest: () => undefined };
  const config = await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} });
  const client = createKubernetesClient(config, {
    clock: systemClock,
    userAgent: 'refresh-test',
    onRequest: (report) => {
      requests.push(report);
      watcher.onRequest(report);
    },
  });
  await waitForStorage(client, namespace);
  let moved = 0;
  const leaping = createLeapingClock(sceneStart);
  const clock: Clock = { now: () => leaping.now() + moved, sleep: (ms, signal) => leaping.sleep(ms, signal) };
  const simulator = await startSimulator({ company: options.company, clock, apiKeys: [{ key: fullKey }] });
  const tokenDirectory = await mkdtemp(join(tmpdir(), 'refresh-token-'));
  await createAlias(client, { namespace, name: 'pagerduty' }, { url: simulator.url, spec: options.alias });
  const { metadata } = await createProfile(client, namespace, options.profile);

  async function run(process: RefreshProcess, change: RunChange = {}): Promise<RefreshOutcome> {
    const usual = { token: fullKey, scheme: 'ApiToken' as const, issuedAt: '', profileUid: metadata.uid ?? '', provider: (real: Provider) => real };
    const { token, scheme, issuedAt, profileUid, provider, serverAheadMs, connectionId, concurrency, ...way } = { ...usual, ...change };
    await writeTokenFiles(tokenDirectory, { token, scheme, issuedAt });
    const providers = createProviders({ allowCustomEndpoints: true }).map((real) => provider(real));
    const logger = createLogger({ level: 'debug', destination: { write: (line) => void log.push(line) }, now: () => clock.now() });
    const input = { namespace, profileName, profileUid, jobName: 'job-1', trigger: 'Schedule', tokenDirectory };
    return runRefresh(process, { ...input, ...compact({ connectionId }) }, {
      client,
      clock,
      signal: new AbortController().signal,
      ...way,
      ...compact({ concurrency }),
      ...(serverAheadMs === undefined ? {} : { clockTrust: { skewMs: () => -serverAheadMs } }),
      provider: (type) => providerByType(providers, type),
      random: createSeededRandom(3),
      logger,
    });
  }

  async function profile(): Promise<IntegrationProfile> {
    const found = await client.get<IntegrationProfile>(integrationProfileResource, { namespace, name: profileName });
    if (found === undefined) throw new Error('the profile is gone');
    return found;
  }

  return {
    namespace,
    client,
    simulator,
    clock: {
      now: () => clock.now(),
      advance(ms) {
        moved += ms;
      },
    },
    log,
    requests,
    watcher,
    run,
    profile,
    result: async (process) => (await profile()).status?.refresh?.[process],
    async subscriptions() {
      const found = new Map<string, SoftwareSubscription>();
      for await (const page of client.pages<SoftwareSubscription>(softwareSubscriptionResource, { namespace })) {
        for (const one of page) found.set(one.spec.externalUserId, one);
      }
      return found;
    },
    patchProfile: (patch) => client.mergePatch(integrationProfileResource, { namespace, name: profileName }, patch),
    async stop() {
      await simulator.stop();
      await client.close();
      await rm(tokenDirectory, { recursive: true, force: true });
    },
  };
}

/** The real provider; `act` happens after its pull and before the first write. */
export function meanwhile(act: () => Promise<unknown>): (real: Provider) => Provider {
  return (real) => ({
    ...real,
    async *download(session) {
      yield* real.download(session);
      await act();
    },
    async *activity(pulls, session) {
      yield* real.activity(pulls, session);
      await act();
    },
  });
}

/** A clock that stands still at the start of the scene; its sleeps are real, so that waits for the API server are too. */
export const standingClock: Clock = { now: () => sceneStart, sleep: (ms, signal) => systemClock.sleep(ms, signal) };

/** The API server answers 429 for a moment when a kind is used for the first time after its CRD was installed. */
async function waitForStorage(client: WatchingClient, namespace: string): Promise<void> {
  const { signal } = new AbortController();
  const around = { clock: systemClock, random: createSeededRandom(1), signal };
  await retryTransient(() => client.list(softwareSubscriptionResource, { namespace, limit: 1 }), around);
}

/** A run that must end well. */
export async function expectSuccess(scene: Scene, process: RefreshProcess): Promise<void> {
  const { exitCode, failure } = await scene.run(process);
  expect(failure).toBeUndefined();
  expect(exitCode).toBe(0);
}

/** Writes of SoftwareSubscriptions among the requests, by HTTP method. */
export function subscriptionWrites(scene: Scene): string[] {
  return scene.requests.filter((one) => one.resource === softwareSubscriptionResource.plural && one.method !== 'GET').map((one) => one.method);
}

/** Versions by name: equal before and after means that nothing was written. */
export function versionsOf(subscriptions: ReadonlyMap<string, SoftwareSubscription>): Record<string, string | undefined> {
  return Object.fromEntries([...subscriptions.values()].map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
}

export async function createProfile(client: WatchingClient, namespace: string, spec: Partial<IntegrationProfileSpec> = {}): Promise<IntegrationProfile> {
  return client.create<IntegrationProfile>(integrationProfileResource, {
    metadata: { name: profileName, namespace },
    spec: { type: 'PagerDuty', displayName: 'PagerDuty Integration', connectionAliasRef: { name: 'pagerduty' }, ...spec } as IntegrationProfileSpec,
  });
}

export async function createAlias(
  client: WatchingClient,
  key: { namespace: string; name: string },
  options: { url: string; spec?: Partial<ConnectionAliasSpec> | undefined },
): Promise<ConnectionAlias> {
  const endpoints = { api: options.url, identity: options.url, app: options.url };
  return client.create<ConnectionAlias>(connectionAliasResource, {
    metadata: key,
    spec: {
      type: 'PagerDuty',
      apiToken: { secretRef: { name: 'key', key: 'token' } },
      pagerduty: { subdomain: 'acme-example', endpoints },
      ...options.spec,
    } as ConnectionAliasSpec,
  });
}

async function writeTokenFiles(directory: string, token: { token: string; scheme: string; issuedAt: string }): Promise<void> {
  const files = { ...token, scopes: '', credentialId: 'credential-1', expiresAt: '' };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
}
