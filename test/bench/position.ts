import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { annotations, labels } from '../../operator/api/group.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { softwareModelResource, type SoftwareModel } from '../../operator/api/software-model.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { systemClock } from '../../operator/api/system-clock.ts';
import { pageSize } from '../../operator/controllers/license-position/gather.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/index.ts';
import { installProduct, startOperatorProcess, type OperatorProcess } from '../support/product.ts';
import { countAuditedRequests, endOfAuditLog, type AuditedRequests } from './audit-log.ts';
import { startBystander, watchLoop, type LoopDelay, type Program } from './loop-delay.ts';
import { bundleAsInPod, createProfiles, readMemory } from './operator.ts';
import { createAccount, modelNames, namespace, profileName } from './position-account.ts';
import { expectCandidates, measureRules, type RulesReport } from './position-rules.ts';
import { round, spreadOf, type Spread } from './statistics.ts';
import { kubectl } from './tenant.ts';

const account = 'saas-license-operator:saas-license-operator';
/** How long nothing happens before memory and idle writes are read. */
const restMs = 10_000;
const editsPerRun = 10;

export interface PositionReport {
  readonly bench: 'position';
  readonly subscriptions: number;
  readonly profiles: number;
  readonly pageSize: number;
  readonly rules: RulesReport;
  /** Milliseconds from the request on a model to its echo, and of a bare loop that only reads the same pages; their ratio by the medians. */
  readonly reconcileMs: Spread;
  readonly bareReadMs: Spread;
  readonly ratio: number;
  /** Milliseconds from the edit of another profile's spec to its generation in status, while subscriptions are being counted. */
  readonly editToObservedMs: Spread;
  /** `steady` is before the reconciliations that were asked for, `after` at rest again; `peak` of them, `startPeak` until they began. */
  readonly rssMiB: { readonly steady: number; readonly startPeak: number; readonly peak: number; readonly after: number };
  /** `bystander` is a process that does nothing: what the machine itself took. */
  readonly loopBlockedMs: LoopDelay & { readonly bystander: LoopDelay };
  /** Writes of one reconciliation that found the figures as they were, by resource. */
  readonly writesPerReconciliation: Readonly<Record<string, number>>;
  readonly writesAtRest: number;
  readonly vendorCalls: number;
  /** Reads of subscriptions that the operator asked for after a restart: it has to need none. */
  readonly readsAfterRestart: number;
}

export interface PositionOptions {
  readonly users: number;
  readonly profiles: number;
  readonly repeats: number;
  readonly log: (line: string) => void;
}

interface Bench extends PositionOptions {
  readonly plane: ControlPlane;
  readonly client: WatchingClient;
}

/** What a reconciliation of many subscriptions costs the operator, beside many other objects. */
export async function benchPosition(options: PositionOptions): Promise<PositionReport> {
  const plane = await startControlPlane({ log: options.log });
  try {
    await installProduct(plane);
    await kubectl(plane, ['create', 'namespace', namespace]);
    const client = createKubernetesClient(await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} }), { clock: systemClock, userAgent: 'bench' });
    await createProfiles(client, options.profiles - 1, namespace);
    await createAccount(client, options.users);
    options.log(`${options.users} subscriptions, ${options.profiles} profiles and ${2 * options.profiles} rules are there`);
    const report = await measure({ ...options, plane, client });
    await client.close();
    return report;
  } finally {
    await plane.stop();
  }
}

async function measure(bench: Bench): Promise<PositionReport> {
  const { plane, client, users, profiles } = bench;
  const program = await bundleAsInPod(plane);
  const watched = watchLoop(program, plane.directory);
  const bystander = startBystander(plane.directory);
  const operator = await startOperatorProcess(plane, { logFile: join(plane.directory, 'operator.log'), program: watched.program });
  const figures = await measureRunning(bench, operator);
  await operator.stop();
  const bystanderDelay = await bystander.stop();
  const { max, p99, start } = await watched.read();
  await expectAllCounted(client, users);
  return {
    bench: 'position',
    subscriptions: users,
    profiles,
    pageSize,
    ...figures,
    loopBlockedMs: { start, max, p99, bystander: bystanderDelay },
    readsAfterRestart: await countReadsAfterRestart(bench, program),
  };
}

type RunningFigures = Omit<PositionReport, 'bench' | 'subscriptions' | 'profiles' | 'pageSize' | 'loopBlockedMs' | 'readsAfterRestart'>;

async function measureRunning(bench: Bench, operator: OperatorProcess): Promise<RunningFigures> {
  const { plane, client, users, repeats, log } = bench;
  const pid = operator.child.pid ?? 0;
  await untilModel(client, ({ status }) => status?.position !== undefined);
  await untilIdle(operator);
  const candidates = await expectCandidates({ client, users, untilIdle: async () => untilIdle(operator) });
  log(`the position is there, and ${candidates} candidates`);
  const restFrom = await endOfAuditLog(plane.auditLog);
  await delay(restMs);
  const writesAtRest = sum((await countAuditedRequests(plane.auditLog, restFrom, account)).writes);
  const { steady, peak: startPeak } = await readMemory(pid);
  await forgetPeak(pid);
  const runs: number[] = [];
  const bare: number[] = [];
  const from = await endOfAuditLog(plane.auditLog);
  for (let run = 0; run < repeats; run += 1) {
    bare.push(await timeBareRead(client));
    runs.push(await timeRequest(client, `run-${run}`));
  }
  await untilIdle(operator);
  const audited = await countAuditedRequests(plane.auditLog, from, account);
  const editToObservedMs = spreadOf(await timeEditsWhileCounting(client, repeats));
  await untilIdle(operator);
  const rules = await measureRules({ client, users, repeats, auditLog: plane.auditLog, account, untilIdle: async () => untilIdle(operator) }, candidates);
  await delay(restMs);
  const { steady: after, peak } = await readMemory(pid);
  const [reconcileMs, bareReadMs] = [spreadOf(runs), spreadOf(bare)];
  return {
    rules,
    reconcileMs,
    bareReadMs,
    ratio: round(reconcileMs.median / bareReadMs.median),
    editToObservedMs,
    rssMiB: { steady, startPeak, peak, after },
    writesPerReconciliation: perRun(audited, repeats),
    writesAtRest,
    vendorCalls: await sumMetric(operator, 'saaslicense_vendor_requests_total'),
  };
}

/** The same pages with the same client, and nothing done with them. */
async function timeBareRead(client: WatchingClient): Promise<number> {
  const started = performance.now();
  let count = 0;
  const options = { namespace, labelSelector: `${labels.profile}=${profileName}`, limit: pageSize };
  for await (const page of client.pages<SoftwareSubscription>(softwareSubscriptionResource, options)) count += page.length;
  if (count === 0) throw new Error('there are no subscriptions to read');
  return performance.now() - started;
}

async function timeRequest(client: WatchingClient, request: string): Promise<number> {
  const key = { namespace, name: modelNames[0] ?? '' };
  const started = performance.now();
  await client.mergePatch(softwareModelResource, key, { metadata: { annotations: { [annotations.requestedAt]: request } } });
  await untilModel(client, ({ status }) => status?.lastHandledRequestedAt === request);
  return performance.now() - started;
}

/** People work on other profiles while one is being counted. */
async function timeEditsWhileCounting(client: WatchingClient, repeats: number): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < repeats; run += 1) {
    const counting = timeRequest(client, `busy-${run}`);
    for (let edit = 0; edit < editsPerRun; edit += 1) times.push(await timeEdit(client, `Edited ${run} ${edit}`));
    await counting;
  }
  return times;
}

async function timeEdit(client: WatchingClient, displayName: string): Promise<number> {
  const key = { namespace, name: 'profile-00000' };
  const started = performance.now();
  const { metadata } = await client.mergePatch<IntegrationProfile>(integrationProfileResource, key, { spec: { displayName } });
  await until('the edit was not observed', async () => {
    const profile = await client.get<IntegrationProfile>(integrationProfileResource, key);
    return (profile?.status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  });
  return performance.now() - started;
}

async function untilModel(client: WatchingClient, holds: (model: SoftwareModel) => boolean): Promise<void> {
  await until('the position did not come', async () => {
    const model = await client.get<SoftwareModel>(softwareModelResource, { namespace, name: modelNames[0] ?? '' });
    return model !== undefined && holds(model);
  });
}

async function until(otherwise: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${otherwise} within two minutes`);
    await delay(20);
  }
}

/** A fast count of nothing would prove nothing. */
async function expectAllCounted(client: WatchingClient, users: number): Promise<void> {
  const models = await Promise.all(modelNames.map((name) => client.get<SoftwareModel>(softwareModelResource, { namespace, name })));
  const counted = models.map((model) => model?.status?.position);
  const used = counted.reduce((all, position) => all + (position?.used ?? 0), 0);
  const judged = counted.reduce((all, position) => all + (position?.active ?? 0) + (position?.stale ?? 0), 0);
  if (used !== users || judged !== users) throw new Error(`${used} of ${users} people were counted, and use is known of ${judged}`);
}

/** An unchanged position is read from status: a restart costs the API server nothing. */
async function countReadsAfterRestart({ plane }: Bench, program: Program): Promise<number> {
  const from = await endOfAuditLog(plane.auditLog);
  const operator = await startOperatorProcess(plane, { logFile: join(plane.directory, 'operator-again.log'), program });
  await untilIdle(operator);
  await operator.stop();
  return (await countAuditedRequests(plane.auditLog, from, account)).subscriptionReads;
}

/** No queue has had anything to do for two seconds: every key was looked at. */
async function untilIdle(operator: OperatorProcess): Promise<void> {
  let before = Number.NaN;
  for (let quiet = 0; quiet < 10; ) {
    const [depth, adds, works] = await Promise.all([sumMetric(operator, 'workqueue_depth'), sumMetric(operator, 'workqueue_adds_total'), sumMetric(operator, 'workqueue_work_duration_seconds_count')]);
    quiet = depth === 0 && adds + works === before ? quiet + 1 : 0;
    before = adds + works;
    await delay(200);
  }
}

/** Sum over all labels; 0 when there is no sample. */
async function sumMetric({ telemetryUrl }: OperatorProcess, name: string): Promise<number> {
  const text = await (await fetch(`${telemetryUrl}/metrics`)).text();
  const samples = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'gm'))];
  return samples.reduce((all, [, value]) => all + Number(value), 0);
}

/** The peak counts anew from here. */
async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

function perRun({ writes }: AuditedRequests, runs: number): Record<string, number> {
  return Object.fromEntries(Object.entries(writes).map(([resource, count]) => [resource, round(count / runs)]));
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
