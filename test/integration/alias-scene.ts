import { randomBytes } from 'node:crypto';
import { connectionAliasResource, type ConnectionAlias } from '../../operator/api/connection-alias.ts';
import { terminal } from '../../operator/api/errors.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import { completeRedirect, type Completion } from '../../operator/controllers/authorization/complete.ts';
import { createCaches, type Caches } from '../../operator/controllers/caches.ts';
import { reconcileAlias } from '../../operator/controllers/connection-alias/reconcile.ts';
import { createCandidateTools } from '../../operator/controllers/candidate-tools.ts';
import type { ControllerDependencies } from '../../operator/controllers/dependencies.ts';
import { createExclusionMatches } from '../../operator/controllers/exclusion-matches.ts';
import { createOwnWrites } from '../../operator/controllers/own-writes.ts';
import type { Secret } from '../../operator/controllers/secrets.ts';
import type { KubernetesClient } from '../../operator/kubernetes/client.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { coreResources } from '../../operator/kubernetes/core-resources.ts';
import { createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { createEventRecorder } from '../../operator/kubernetes/event-recorder.ts';
import type { Provider } from '../../operator/providers/provider.ts';
import { createProviders } from '../../operator/providers/registry.ts';
import { createLogger } from '../../operator/telemetry/logger.ts';
import { createMetrics } from '../../operator/telemetry/metrics.ts';
import { SecretValue } from '../../operator/api/secret-value.ts';
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.ts';
import { generateCompany, startSimulator, type Simulator } from '../pagerduty-simulator/index.ts';
import { consentTo } from '../pagerduty-simulator/testing/consent.ts';
import { createLeapingClock, type LeapingClock } from '../support/leaping-clock.ts';
import { realClock, until } from '../support/real-clock.ts';
import { installProduct } from '../support/product.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

/** One process of the operator: what it has in memory is its own, and gone with it. */
export interface Replica {
  /** One pass over the alias. Rejects with what it fails with. */
  pass(alias?: string): Promise<void>;
  complete(location: string, alias?: string): Promise<Completion['kind']>;
  readonly dependencies: ControllerDependencies;
}

/** Where a process ends: after so many writes to the API server, or around a call to the vendor. */
export type CrashPoint =
  /** The write with this number (from 1) is not made, or made without the process learning of it. */
  | { readonly at: 'write'; readonly number: number; readonly isMade: boolean }
  /** The vendor is not asked to renew, or is and the process does not learn the answer. */
  | { readonly at: 'refresh'; readonly isMade: boolean };

export interface AliasScene {
  readonly namespace: string;
  readonly clock: LeapingClock & { advance(ms: number): void };
  readonly client: WatchingClient;
  readonly proxy: FaultProxy;
  readonly pagerduty: Simulator;
  readonly log: string[];
  start(options?: { crash?: CrashPoint; isProxied?: boolean }): Replica;
  apply(...objects: KubernetesObject[]): Promise<void>;
  alias(name?: string): Promise<ConnectionAlias>;
  secret(name: string): Promise<Record<string, string>>;
  /** Signs in as an administrator and consents to what status shows; the address that the browser is sent to. */
  consent(alias?: string): Promise<string>;
  /** The same by a person of another account. */
  consentElsewhere(alias: string): Promise<string>;
  /** How often the vendor was asked for tokens in this way. */
  tokenCalls(grantType: string): number;
  /** Whether the access token that pods would mount is taken by the vendor. */
  isTokenTaken(alias?: string): Promise<boolean>;
  close(): Promise<void>;
}

const redirectURL = 'http://127.0.0.1:9/oauth_redirect.do';
const apiVersion = 'saaslicense.dev/v1alpha1';

/** An alias with consent on the real API server, a simulated vendor, and a clock that both go by. */
export async function openAliasScene(prefix: string): Promise<AliasScene> {
  const plane = await attachControlPlane();
  await installProduct(plane);
  const namespace = await createNamespace(prefix);
  const config = await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} });
  const proxy = await startFaultProxy(config);
  const client = createKubernetesClient(config, { clock: realClock, userAgent: 'alias-scene' });
  const proxied = createKubernetesClient(proxy.config, { clock: realClock, userAgent: 'alias-scene' });
  const clock = movableClock();
  const company = generateCompany({ seed: 5, users: 20, now: clock.now(), subdomain: 'acme' });
  const apps = [{ clientId: 'client', clientSecret: 'canary-client-secret', scopes: ['users.read', 'oncalls.read', 'users.write'], redirectUrls: [redirectURL], ownerAccount: 'acme' }];
  const neighbour = generateCompany({ seed: 13, users: 5, now: clock.now(), subdomain: 'globex' });
  const pagerduty = await startSimulator({ company, apps, clock, neighbours: [neighbour] });
  const caches = createCaches({ client, clock: realClock, random: Math.random, namespace, onError: () => undefined });
  const end = new AbortController();
  const reading = caches.all.map((cache) => cache.start(end.signal));
  await Promise.all(caches.all.map((cache) => cache.whenSynced(end.signal)));
  const log: string[] = [];
  const readAlias = async (name = 'pagerduty'): Promise<ConnectionAlias> => (await client.get<ConnectionAlias>(connectionAliasResource, { namespace, name })) ?? Promise.reject(new Error(`no alias ${name}`));
  const readSecret = async (name: string): Promise<Record<string, string>> => {
    const { data = {} } = (await client.get<Secret>(coreResources.Secret, { namespace, name })) ?? { metadata: { name } };
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
  };
  return {
    namespace,
    clock,
    client,
    proxy,
    pagerduty,
    log,
    start: ({ crash, isProxied = false } = {}) => startReplica({ namespace, clock, client: isProxied ? proxied : client, caches, pagerduty, log, crash }),
    apply: async (...objects) => {
      for (const object of objects) await client.apply(typeOf(object), object, { fieldManager: 'test', force: true });
      await untilCached(client, caches);
    },
    alias: readAlias,
    secret: readSecret,
    consentElsewhere: async (name) => {
      const url = (await readAlias(name)).status?.authorization?.url ?? '';
      return consentTo(url, { account: 'globex', person: neighbour.users[0]?.id ?? '' });
    },
    consent: async (name) => {
      const url = (await readAlias(name)).status?.authorization?.url ?? '';
      const admin = company.users.find((user) => user.role === 'admin');
      return consentTo(url, { account: 'acme', person: admin?.id ?? '' });
    },
    tokenCalls: (grantType) => pagerduty.journal.list({ method: 'POST' }).filter((entry) => entry.path === '/oauth/token' && entry.grantType === grantType).length,
    isTokenTaken: async (name = 'pagerduty') => {
      const { token = '' } = await readSecret(`${name}-token`);
      return (await fetch(`${pagerduty.url}/users?limit=1`, { headers: { authorization: `Bearer ${token}` } })).status === 200;
    },
    close: async () => {
      end.abort();
      await Promise.all(reading);
      await pagerduty.stop();
      await Promise.all([client.close(), proxied.close()]);
      await proxy.close();
      await plane.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    },
  };
}

function movableClock(): AliasScene['clock'] {
  let ahead = 0;
  const clock = createLeapingClock('2026-11-24T09:00:00Z');
  return { ...clock, now: () => clock.now() + ahead, advance: (ms) => void (ahead += ms) };
}

interface ReplicaParts {
  readonly namespace: string;
  readonly clock: AliasScene['clock'];
  readonly client: WatchingClient;
  readonly caches: Caches;
  readonly pagerduty: Simulator;
  readonly log: string[];
  readonly crash: CrashPoint | undefined;
}

function startReplica({ namespace, clock, client: real, caches, log, crash }: ReplicaParts): Replica {
  const fate = { isOver: false };
  const client = crash?.at === 'write' ? endAtWrite(real, crash, fate) : endWith(real, fate);
  const known = createProviders({ allowCustomEndpoints: true }).map((provider) => (crash?.at === 'refresh' ? endAtRefresh(provider, crash, fate) : provider));
  const logger = createLogger({ level: 'debug', destination: { write: (line) => void log.push(line) } });
  const identity = randomBytes(4).toString('hex');
  const createSecret = (): string => randomBytes(32).toString('base64url');
  const dependencies: ControllerDependencies = {
    ...createCandidateTools({ client, clock, steady: clock, createSecret, identity, logger }, { namespace: 'saas-license-operator', publicUrl: undefined, allowedNoticeHosts: [], maxReclaimsPerAccountPerDay: 100 }),
    client,
    stores: caches.stores,
    ownWrites: createOwnWrites(client),
    providers: new Map(known.map((provider) => [provider.type, provider])),
    clock,
    clockTrust: { isTrusted: () => true, skewMs: () => 0 },
    random: () => 0.5,
    logger,
    metrics: createMetrics(),
    events: createEventRecorder({ client, clock: realClock, reportingController: 'test', reportingInstance: 'test' }),
    settings: { refreshImage: 'test', refreshServiceAccount: 'test', refreshClusterRole: 'test', allowCustomEndpoints: true },
    identity,
    createSecret,
    unsavedRenewals: new Map(),
    exclusionMatches: createExclusionMatches(),
  };
  const signal = new AbortController().signal;
  return {
    dependencies,
    pass: async (alias = 'pagerduty') => {
      await untilCached(real, caches);
      await reconcileAlias(`${namespace}/${alias}`, dependencies, signal);
    },
    complete: async (location, alias = 'pagerduty') => {
      await untilCached(real, caches);
      const found = caches.stores.aliases.get(`${namespace}/${alias}`);
      if (found === undefined) throw new Error('the alias is not in the cache');
      const query = new URL(location).searchParams;
      const code = query.get('code');
      const redirect = { state: query.get('state') ?? undefined, code: code === null ? undefined : new SecretValue(code), error: query.get('error') ?? undefined };
      return (await completeRedirect(found, { redirect, from: 'Browser', signal }, dependencies)).kind;
    },
  };
}

/** A process that has ended makes no more calls; the failure is one that nothing tries again. */
const ended = (): Error => terminal('Crashed', 'The process ended here.');

function endWith(client: WatchingClient, fate: { isOver: boolean }): WatchingClient {
  return guard(client, async (call) => {
    if (fate.isOver) throw ended();
    return call();
  });
}

function endAtWrite(client: WatchingClient, crash: Extract<CrashPoint, { at: 'write' }>, fate: { isOver: boolean }): WatchingClient {
  let writes = 0;
  return guard(client, async (call, isWrite) => {
    if (fate.isOver) throw ended();
    if (!isWrite) return call();
    writes += 1;
    if (writes !== crash.number) return call();
    fate.isOver = true;
    if (crash.isMade) await call();
    throw ended();
  });
}

type Around = <T>(call: () => Promise<T>, isWrite: boolean) => Promise<T>;

function guard(client: WatchingClient, around: Around): WatchingClient {
  return {
    ...client,
    get: (...parameters) => around(async () => client.get(...parameters), false),
    // Events are sent in the background, whenever: they are no step of the pass.
    create: (type, object, options) => (type.kind === 'Event' ? client.create(type, object, options) : around(async () => client.create(type, object, options), true)),
    apply: (...parameters) => around(async () => client.apply(...parameters), true),
    mergePatch: (...parameters) => around(async () => client.mergePatch(...parameters), true),
    delete: (...parameters) => around(async () => client.delete(...parameters), true),
  } satisfies KubernetesClient & WatchingClient;
}

function endAtRefresh(provider: Provider, crash: Extract<CrashPoint, { at: 'refresh' }>, fate: { isOver: boolean }): Provider {
  return {
    ...provider,
    consent: {
      ...provider.consent,
      refresh: async (...parameters) => {
        if (fate.isOver) throw ended();
        fate.isOver = true;
        if (crash.isMade) await provider.consent.refresh(...parameters);
        throw ended();
      },
    },
  };
}

/** The caches have caught up with what is stored: a pass reads what a person would see. */
async function untilCached(client: WatchingClient, { stores }: Caches): Promise<void> {
  await until(async () => {
    const [aliases, profiles] = await Promise.all([client.list<ConnectionAlias>(connectionAliasResource), client.list<IntegrationProfile>(integrationProfileResource)]);
    const isCurrent = ({ metadata }: KubernetesObject, cached: KubernetesObject | undefined): boolean => cached === undefined || cached.metadata.resourceVersion === metadata.resourceVersion;
    const ofScene = (object: KubernetesObject): boolean => stores.aliases.list(object.metadata.namespace).length > 0 || stores.profiles.list(object.metadata.namespace).length > 0;
    const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
    return (
      aliases.items.filter(ofScene).every((alias) => stores.aliases.get(keyOf(alias)) !== undefined && isCurrent(alias, stores.aliases.get(keyOf(alias)))) &&
      profiles.items.filter(ofScene).every((profile) => stores.profiles.get(keyOf(profile)) !== undefined && isCurrent(profile, stores.profiles.get(keyOf(profile))))
    );
  }, 'the caches to catch up');
}

function typeOf({ kind }: KubernetesObject) {
  if (kind === 'Secret') return coreResources.Secret;
  return kind === 'ConnectionAlias' ? connectionAliasResource : integrationProfileResource;
}

/** What a user applies for an alias with consent. */
export function aliasManifests({ namespace, pagerduty }: Pick<AliasScene, 'namespace' | 'pagerduty'>) {
  const { url } = pagerduty;
  const meta = (name: string) => ({ name, namespace });
  return {
    secret: () => ({ apiVersion: 'v1', kind: 'Secret', metadata: meta('app'), data: { clientId: encode('client'), clientSecret: encode('canary-client-secret') } }),
    alias: (spec: object = {}, name = 'pagerduty') => ({
      apiVersion,
      kind: 'ConnectionAlias',
      metadata: meta(name),
      spec: {
        type: 'PagerDuty',
        oauth: { type: 'Scoped', redirectURL, clientSecretRef: { name: 'app' } },
        pagerduty: { region: 'US', subdomain: 'acme', endpoints: { api: url, identity: url, app: url } },
        ...spec,
      },
    }),
    profile: (spec: object = {}, name = 'pagerduty') => ({
      apiVersion,
      kind: 'IntegrationProfile',
      metadata: meta(name),
      spec: { type: 'PagerDuty', displayName: 'PagerDuty', connectionAliasRef: { name: 'pagerduty' }, reclaimSubscriptions: false, ...spec },
    }),
  };
}

const encode = (text: string): string => Buffer.from(text).toString('base64');
