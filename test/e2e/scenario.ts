import { setTimeout as delay } from 'node:timers/promises';
import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import { pointAtModel, pointAtSimulator, readPositionSamples, readSamples } from '../support/product.ts';
import { chart, release, type Cluster } from './cluster.ts';
import { expectThat, type Say } from './expectations.ts';
import { productImage, simulatorImage } from './images.ts';
import { chartValues, credential, names, namespaces, users, vendor, vendorHost } from './manifests.ts';
import { watchMemory, type Memory } from './memory.ts';
import { reclaim } from './reclaim.ts';

/** MiB that the pods may take: the limits of their containers, from the chart and the CronJobs. */
const limits = { operator: 256, 'refresh subscriptions': 384, 'refresh activity': 384 } as const;
/** The budget of design section 7 for the operator at rest. */
const operatorBudget = 128;
/** After which it is at rest. */
const restMs = 30_000;

/** Install, connect, publish, refresh, compare rights owned with rights used, reclaim, restore, uninstall. Throws EndToEndError at the first thing that is not so. */
export async function playScenario(cluster: Cluster, say: Say): Promise<void> {
  await cluster.load(`${productImage.repository}:${productImage.tag}`);
  await cluster.load(simulatorImage);
  say('images are in the cluster');
  await cluster.apply(namespaces());
  await cluster.apply(vendor(Date.now()));
  const memory = watchMemory(cluster.node);
  let seen: Memory;
  try {
    await install(cluster, say);
    await publish(cluster, say);
    await compareRights(cluster, say);
    await checkPods(cluster, say);
    await reclaim(cluster, say);
    await delay(restMs);
  } finally {
    seen = await memory.stop();
  }
  checkMemory(seen, say);
  await checkTelemetry(cluster, say);
  await show(cluster);
  await uninstall(cluster, say);
}

async function install(cluster: Cluster, say: Say): Promise<void> {
  await cluster.kubectl('-n', names.vendorNamespace, 'rollout', 'status', 'deployment/simulator', '--timeout=60s');
  const started = Date.now();
  const values = Object.entries(chartValues(productImage)).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]);
  await cluster.helm('install', release, chart, ...values, '--wait', '--timeout', '120s');
  say(`ok  helm install, both replicas ready after ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

async function publish(cluster: Cluster, say: Say): Promise<void> {
  const url = `https://${vendorHost}`;
  await cluster.apply([credential(), ...pointAtSimulator(await readSamples(), url)]);
  const args = ['intprof', names.profile, '-n', names.tenant];
  const profile = await cluster.until<IntegrationProfile>('published and refreshed', args, (object) => {
    const refresh = object.status?.refresh;
    return object.status?.state === 'Published' && refresh?.subscriptions?.result === 'Succeeded' && refresh.activity?.result === 'Succeeded';
  });
  const ready = await cluster.until<IntegrationProfile>('Ready', args, isReady);
  expectThat(profile.status?.state === 'Published' && isReady(ready), 'the profile is Published and Ready', say);
  const found = (await cluster.kubectl('get', 'swsub', '-n', names.tenant, '-o', 'name')).trim().split('\n').length;
  expectThat(found === users && ready.status?.subscriptions?.total === users, `${users} people, ${found} subscriptions, and the profile counts them`, say);
}

/** What was bought, beside what is used. */
async function compareRights(cluster: Cluster, say: Say): Promise<void> {
  const args = ['intprof', names.profile, '-n', names.tenant];
  await cluster.until<IntegrationProfile>('everybody counted', args, ({ status }) => status?.position?.assigned === users);
  const { items } = JSON.parse(await cluster.kubectl('get', 'swmodel', '-n', names.tenant, '-o', 'json')) as { items: SoftwareModel[] };
  const models = items.toSorted((a, b) => usedOf(b) - usedOf(a));
  expectThat(models.length === 4 && models.reduce((sum, model) => sum + usedOf(model), 0) === users, `${models.length} models, whose rights used are those of ${users} people`, say);
  await cluster.apply(pointAtModel(await readPositionSamples(), models[0]?.metadata.name ?? ''));
  const compared = await cluster.until<IntegrationProfile>('rights compared', args, ({ status }) => (status?.position?.owned ?? 0) > 0);
  expectThat(summaryOf(compared) === '220 rights owned at USD 108,240.00: NonCompliant', summaryOf(compared), say);
}

function usedOf({ status }: SoftwareModel): number {
  return status?.position?.used ?? 0;
}

function summaryOf({ status }: IntegrationProfile): string {
  const position = status?.position;
  return position === undefined ? 'no position' : `${position.owned} rights owned at ${position.display?.annualCost ?? 'no price'}: ${position.compliance}`;
}

function isReady(profile: IntegrationProfile): boolean {
  return profile.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

interface PodList {
  readonly items: {
    readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: Record<string, string> };
    readonly spec: { readonly containers: { readonly securityContext: { readonly readOnlyRootFilesystem?: boolean } }[] };
    readonly status: { readonly phase: string; readonly containerStatuses?: { readonly restartCount: number }[] };
  }[];
}

async function checkPods(cluster: Cluster, say: Say): Promise<void> {
  for (const process of ['subscriptions', 'activity']) {
    const args = ['pods', '-n', names.tenant, '-l', `saaslicense.dev/process=${process}`];
    const pods = await cluster.until<PodList>(`${process} pods succeeded`, args, ({ items }) => items.length > 0 && items.every((pod) => pod.status.phase === 'Succeeded'));
    expectThat(pods.items.every(isReadOnly), `the pod of the ${process} CronJob succeeded: non-root, read-only, in a restricted namespace`, say);
  }
  const pods = JSON.parse(await cluster.kubectl('get', 'pods', '-n', names.operatorNamespace, '-o', 'json')) as PodList;
  const restarts = pods.items.flatMap((pod) => pod.status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
  expectThat(pods.items.length === 2 && pods.items.every(isReadOnly) && restarts === 0, 'two replicas of the operator, restricted, never restarted', say);
  // The image has no shell to ask with.
  const look = `const fs = require('node:fs');
const isWritten = (path) => { try { fs.writeFileSync(path, ''); return true; } catch { return false; } };
const found = ['/bin/sh', '/usr/bin/env', '/usr/local/bin/npm'].filter((path) => fs.existsSync(path));
console.log(JSON.stringify({ uid: process.getuid(), written: ['/app/x', '/tmp/x'].filter(isWritten), found, command: fs.readFileSync('/proc/1/cmdline', 'utf8').replaceAll('\\0', ' ') }));`;
  const answer = await cluster.kubectl('exec', '-n', names.operatorNamespace, `deployment/${release}`, '--', 'node', '-e', look);
  const inside = JSON.parse(answer) as { uid: number; written: string[]; found: string[]; command: string };
  const isBare = inside.uid === 65_532 && inside.written.length === 0 && inside.found.length === 0 && inside.command.includes('--permission');
  expectThat(isBare, `inside: uid ${inside.uid}, nothing can be written, no shell and no npm, ${inside.command.trim().split(' /app')[0] ?? ''}`, say);
}

function isReadOnly(pod: PodList['items'][number]): boolean {
  return pod.spec.containers.every(({ securityContext }) => securityContext.readOnlyRootFilesystem === true);
}

function checkMemory({ peaks, last }: Memory, say: Say): void {
  for (const [what, limit] of Object.entries(limits)) {
    const peak = peaks.get(what) ?? Number.NaN;
    expectThat(peak < limit, `${what}: ${peak} MiB at most, of ${limit}`, say);
  }
  const steady = last.get('operator') ?? Number.NaN;
  expectThat(steady < operatorBudget, `the operator takes ${steady} MiB at rest, of its budget of ${operatorBudget}`, say);
}

/** Metrics, and the redirect's port, through the Service. */
async function checkTelemetry(cluster: Cluster, say: Say): Promise<void> {
  const pods = (await cluster.kubectl('get', 'pods', '-n', names.operatorNamespace, '-o', 'name')).trim().split('\n');
  const texts = await Promise.all(
    pods.map(async (pod) => cluster.kubectl('get', '--raw', `/api/v1/namespaces/${names.operatorNamespace}/pods/${pod.replace(/^pod\//u, '')}:8080/proxy/metrics`)),
  );
  const leaders = texts.filter((text) => text.includes('leader_election_master_status{name="saas-license-operator-leader"} 1'));
  expectThat(leaders.length === 1, 'one of the two leads', say);
  const published = `saaslicense_profile_published{namespace="${names.tenant}",profile="${names.profile}"} 1`;
  expectThat(leaders[0]?.includes(published) ?? false, published, say);
  for (const pod of pods) await checkRedirect(cluster, pod, say);
}

/** Every replica answers the OAuth redirect; one that nobody asked for gets a page that says so. */
async function checkRedirect(cluster: Cluster, pod: string, say: Say): Promise<void> {
  const script = "fetch('http://127.0.0.1:8082/oauth_redirect.do?state=x&code=y').then(async (answer) => console.log(answer.status, await answer.text()))";
  const answer = await cluster.kubectl('exec', '-n', names.operatorNamespace, pod, '--', 'node', '-e', script);
  expectThat(answer.startsWith('400 ') && answer.includes('This link is not known'), `${pod} answers /oauth_redirect.do`, say);
}

async function uninstall(cluster: Cluster, say: Say): Promise<void> {
  await cluster.helm('uninstall', release, '--wait', '--timeout', '60s');
  const left = (await cluster.kubectl('get', 'swsub', '-n', names.tenant, '-o', 'name')).trim().split('\n').length;
  expectThat(left === users, `helm uninstall leaves the CRDs and all ${left} subscriptions`, say);
}

async function show(cluster: Cluster): Promise<void> {
  const commands = [
    ['get', 'connalias,intprof', '-n', names.tenant],
    ['get', 'swmodel,swent,subexcl', '-n', names.tenant],
    ['get', 'recrule,auditrec', '-n', names.tenant],
    ['get', 'cronjobs,jobs,pods', '-n', names.tenant],
    ['get', 'deployments,pods,services,leases,pdb', '-n', names.operatorNamespace],
  ];
  for (const args of commands) process.stdout.write(`\n$ kubectl ${args.join(' ')}\n${await cluster.kubectl(...args)}`);
  process.stdout.write('\n');
}
