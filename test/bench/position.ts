import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { labels } from '../../operator/api/group.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import { reclamationRuleResource } from '../../operator/api/reclamation-rule.ts';
import { softwareEntitlementResource } from '../../operator/api/software-entitlement.ts';
import { softwareModelResource, type SoftwareModel } from '../../operator/api/software-model.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { systemClock } from '../../operator/api/system-clock.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/index.ts';
import { aProfile } from '../support/builders.ts';
import { anEntitlement, aSubscription } from '../support/position-builders.ts';
import { aResult } from '../support/profile-fixtures.ts';
import { installProduct, startOperatorProcess, type OperatorProcess } from '../support/product.ts';
import { bundleAsInPod, createProfiles, readMemory, type OperatorReport } from './operator.ts';
import { round, spreadOf, type Spread } from './statistics.ts';
import { kubectl } from './tenant.ts';

const namespace = 'bench-position';
const licences = 4;
/** As the operator reads them. */
const pageSize = 250;

export interface PositionReport {
  readonly bench: 'position';
  readonly subscriptions: number;
  /** Milliseconds from the request on a model to its echo, and of a bare loop that only reads the same pages; their ratio by the medians. */
  readonly reconcileMs: Spread;
  readonly bareReadMs: Spread;
  readonly ratio: number;
  readonly rssMiB: { readonly before: number; readonly after: OperatorReport['rssMiB'] };
  readonly loopBlockedMs: { readonly max: number; readonly p99: number };
  /** Lists of subscriptions that the operator asked for after a restart: it has to need none. */
  readonly readsAfterRestart: number;
}

export interface PositionOptions {
  readonly users: number;
  readonly profiles: number;
  readonly repeats: number;
  readonly log: (line: string) => void;
}

/** What a reconciliation of many subscriptions costs the operator, beside many other objects. */
export async function benchPosition(options: PositionOptions): Promise<PositionReport> {
  const plane = await startControlPlane({ log: options.log });
  try {
    await installProduct(plane);
    await kubectl(plane, ['create', 'namespace', namespace]);
    const client = createKubernetesClient(await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} }), { clock: systemClock, userAgent: 'bench' });
    await createProfiles(client, options.profiles - 1, namespace);
    await createAccount(client, options);
    options.log(`${options.users} subscriptions, ${options.profiles} profiles and ${2 * options.profiles} rules are there`);
    const report = await measure(plane, client, options);
    await client.close();
    return report;
  } finally {
    await plane.stop();
  }
}

async function measure(plane: ControlPlane, client: WatchingClient, { users, repeats, log }: PositionOptions): Promise<PositionReport> {
  const loopFile = join(plane.directory, 'loop-delay.json');
  const program = await bundleAsInPod(plane);
  const observed = {
    command: ['--import', fileURLToPath(new URL('loop-delay.mjs', import.meta.url)), ...program.command],
    env: { ...program.env, LOOP_DELAY_FILE: loopFile },
  };
  const operator = await startOperatorProcess(plane, { logFile: join(plane.directory, 'operator.log'), program: observed });
  await untilReconciled(client);
  log('the position is there');
  const before = await rss(operator);
  const runs: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < repeats; run += 1) {
    bare.push(await timeBareRead(client));
    runs.push(await timeRequest(client, `run-${run}`));
  }
  const after = await readMemory(operator.child.pid ?? 0);
  await operator.stop();
  const [reconcileMs, bareReadMs] = [spreadOf(runs), spreadOf(bare)];
  return {
    bench: 'position',
    subscriptions: users,
    reconcileMs,
    bareReadMs,
    ratio: round(reconcileMs.median / bareReadMs.median),
    rssMiB: { before, after },
    loopBlockedMs: JSON.parse(await readFile(loopFile, 'utf8')) as PositionReport['loopBlockedMs'],
    readsAfterRestart: await countReadsAfterRestart(plane, client, program),
  };
}

async function rss(operator: OperatorProcess): Promise<number> {
  return (await readMemory(operator.child.pid ?? 0)).steady;
}

async function timeBareRead(client: WatchingClient): Promise<number> {
  const started = performance.now();
  let count = 0;
  const options = { namespace, labelSelector: `${labels.profile}=pagerduty`, limit: pageSize };
  for await (const page of client.pages<SoftwareSubscription>(softwareSubscriptionResource, options)) count += page.length;
  if (count === 0) throw new Error('there are no subscriptions to read');
  return performance.now() - started;
}

async function timeRequest(client: WatchingClient, request: string): Promise<number> {
  const key = { namespace, name: 'pagerduty-business-0' };
  const started = performance.now();
  await client.mergePatch(softwareModelResource, key, { metadata: { annotations: { 'saaslicense.dev/requestedAt': request } } });
  await untilModel(client, ({ status }) => status?.lastHandledRequestedAt === request);
  return performance.now() - started;
}

async function untilReconciled(client: WatchingClient): Promise<void> {
  await untilModel(client, ({ status }) => status?.position !== undefined);
}

async function untilModel(client: WatchingClient, holds: (model: SoftwareModel) => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    const model = await client.get<SoftwareModel>(softwareModelResource, { namespace, name: 'pagerduty-business-0' });
    if (model !== undefined && holds(model)) return;
    await delay(20);
  }
  throw new Error('the position did not come within two minutes');
}

/** An unchanged position is read from status: a restart costs the API server nothing. */
async function countReadsAfterRestart(plane: ControlPlane, client: WatchingClient, program: Awaited<ReturnType<typeof bundleAsInPod>>): Promise<number> {
  const from = (await readFile(plane.auditLog, 'utf8')).length;
  const operator = await startOperatorProcess(plane, { logFile: join(plane.directory, 'operator-again.log'), program });
  await untilIdle(operator);
  await operator.stop();
  await untilReconciled(client);
  const lines = (await readFile(plane.auditLog, 'utf8')).slice(from).split('\n');
  return lines.filter((line) => line.includes('"resource":"softwaresubscriptions"') && line.includes('"verb":"list"') && line.includes(namespace)).length;
}

/** Every key was looked at. */
async function untilIdle({ telemetryUrl }: OperatorProcess): Promise<void> {
  for (let quiet = 0; quiet < 5; ) {
    const text = await (await fetch(`${telemetryUrl}/metrics`)).text();
    const depths = [...text.matchAll(/^workqueue_depth\{[^}]*\} (\d+)/gm)].map(([, depth]) => Number(depth));
    quiet = depths.length > 0 && depths.every((depth) => depth === 0) ? quiet + 1 : 0;
    await delay(200);
  }
}

/** A profile after a refresh, with its people, models, entitlements and two rules for each profile of the bench. */
async function createAccount(client: WatchingClient, { users, profiles }: PositionOptions): Promise<void> {
  const { apiVersion, kind, spec } = aProfile({ spec: { publish: false } });
  const profile = await client.create<IntegrationProfile>(integrationProfileResource, { ...named(apiVersion, kind, 'pagerduty'), spec });
  await createSubscriptions(client, profile, users);
  await concurrently(2 * profiles, async (index) => {
    const rule = { ...named(apiVersion, 'ReclamationRule', `rule-${index}`), spec: { profileRef: { name: `profile-${index}` }, action: 'Remove' } };
    await client.create(reclamationRuleResource, rule);
  });
  for (let index = 0; index < licences; index += 1) {
    const modelSpec = { profileRef: { name: 'pagerduty' }, publisher: 'PagerDuty', product: 'PagerDuty', subscriptionIdentifiers: [`PLIC00${index}`], roleGroup: 'FullUser' };
    const name = `pagerduty-business-${index}`;
    await client.create(softwareModelResource, { ...named(apiVersion, 'SoftwareModel', name), spec: modelSpec } as KubernetesObject);
    const entitlement = { ...named(apiVersion, 'SoftwareEntitlement', `business-${index}`), spec: anEntitlement({ spec: { modelRef: { name } } }).spec };
    await client.create(softwareEntitlementResource, entitlement);
  }
  const refresh = { subscriptions: aResult(), activity: aResult({ signals: [{ name: 'OnCall', available: true, ...recentWindow() }] }) };
  await client.mergePatch(integrationProfileResource, { namespace, name: 'pagerduty' }, { status: { refresh } }, { subresource: 'status' });
}

function recentWindow(): { from: string; to: string } {
  return { from: new Date(Date.now() - 70 * 86_400_000).toISOString(), to: new Date().toISOString() };
}

async function createSubscriptions(client: WatchingClient, profile: IntegrationProfile, users: number): Promise<void> {
  const owner = { apiVersion: 'saaslicense.dev/v1alpha1', kind: 'IntegrationProfile', name: 'pagerduty', uid: profile.metadata.uid ?? '' };
  await concurrently(users, async (index) => {
    const one = aSubscription({
      spec: {
        externalUserId: `P${index}`,
        displayName: `Person ${index}`,
        userPrincipalName: `person.${index}@example.com`,
        subscriptionIdentifier: `PLIC00${index % licences}`,
        edition: 'Business',
        teams: [`Team ${index % 40}`, `Team ${index % 7}`],
      },
    });
    const name = `pagerduty-p${index}`;
    const metadata = { name, namespace, labels: { [labels.profile]: 'pagerduty' }, ownerReferences: [owner] };
    await client.create<SoftwareSubscription>(softwareSubscriptionResource, { ...one, metadata });
    const status = { ...one.status, evidenceFrom: recentWindow().from };
    await client.mergePatch(softwareSubscriptionResource, { namespace, name }, { status }, { subresource: 'status' });
  });
}

function named(apiVersion = '', kind = '', name = ''): { apiVersion: string; kind: string; metadata: { name: string; namespace: string } } {
  return { apiVersion, kind, metadata: { name, namespace } };
}

async function concurrently(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}
