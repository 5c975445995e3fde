import { join } from 'node:path';
import { connectionAliasResource, type ConnectionAlias } from '../../operator/api/connection-alias.ts';
import { apiVersion } from '../../operator/api/group.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { systemClock } from '../../operator/api/system-clock.ts';
import type { Secret } from '../../operator/controllers/secrets.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { coreResources, createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { createReflector, type Reflector } from '../../operator/kubernetes/reflector.ts';
import { startControlPlane } from '../control-plane/index.ts';
import { installProduct, startOperatorProcess } from '../support/product.ts';
import { startVendorStub } from '../support/vendor-stub.ts';
import { bundleAsInPod } from './operator.ts';
import { percentiles, type Percentiles } from './percentiles.ts';
import { round } from './statistics.ts';

const hostile = 'bench-hostile';
const credential = 'key';

export interface FairnessReport {
  readonly bench: 'fairness';
  readonly namespaces: number;
  /** Milliseconds from the edit of an alias of another namespace to its generation in status. */
  readonly editToObservedMs: { readonly alone: Percentiles; readonly besideHostile: Percentiles };
  /** Of the 95th percentiles: the budget is 1.2. */
  readonly ratio: number;
  /** Calls that the vendor of the hostile namespace has left unanswered. */
  readonly callsThatHang: number;
}

interface Bench {
  readonly client: WatchingClient;
  readonly aliases: Reflector<ConnectionAlias>;
  readonly names: readonly string[];
}

/** Many namespaces whose aliases are edited, alone and beside one whose every alias is of a vendor that never answers. */
export async function benchFairness(options: { namespaces: number; edits: number; aliases: number; log: (line: string) => void }): Promise<FairnessReport> {
  const { namespaces, edits, log } = options;
  const plane = await startControlPlane({ log });
  const ending = new AbortController();
  try {
    await using silent = await startVendorStub(() => 'silence');
    await using refusing = await startVendorStub(() => ({ status: 401, json: {} }));
    await installProduct(plane);
    const client = createKubernetesClient(await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} }), { clock: systemClock, userAgent: 'bench' });
    const aliases = createReflector<ConnectionAlias>({ client, type: connectionAliasResource, clock: systemClock, random: Math.random });
    const watching = aliases.start(ending.signal);
    const names = Array.from({ length: namespaces }, (_, index) => `bench-team-${index}`);
    for (const name of names) await createAliases(client, { namespace: name, vendor: refusing.address, count: 1 });
    const operator = await startOperatorProcess(plane, { logFile: join(plane.directory, 'operator.log'), program: await bundleAsInPod(plane) });
    const bench = { client, aliases, names };
    await timeEdits(bench, namespaces);
    const alone = await timeEdits(bench, edits);
    log(`alone: ${JSON.stringify(percentiles(alone))}`);
    await createAliases(client, { namespace: hostile, vendor: silent.address, count: options.aliases });
    await untilHolds(() => silent.journal.length > 0);
    // What its profiles cost once, by their number, is no matter of vendors that hang.
    await untilHolds(async () => (await client.list<IntegrationProfile>(integrationProfileResource, { namespace: hostile })).items.every(({ status }) => status !== undefined));
    const beside = await timeEdits(bench, edits);
    log(`beside a namespace of ${options.aliases} aliases whose vendor never answers: ${JSON.stringify(percentiles(beside))}`);
    await operator.stop();
    ending.abort();
    await watching;
    await client.close();
    const report = { alone: percentiles(alone), besideHostile: percentiles(beside) };
    return { bench: 'fairness', namespaces, editToObservedMs: report, ratio: round(report.besideHostile.p95 / report.alone.p95), callsThatHang: silent.journal.length };
  } finally {
    ending.abort();
    await plane.stop();
  }
}

async function createAliases(client: WatchingClient, { namespace, vendor, count }: { readonly namespace: string; readonly vendor: string; readonly count: number }): Promise<void> {
  await client.create({ apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }, { metadata: { name: namespace } });
  const text = Buffer.from('bench').toString('base64');
  await client.create<Secret>(coreResources.Secret, { metadata: { name: credential, namespace }, data: { clientId: text, clientSecret: text } });
  for (let index = 0; index < count; index += 1) {
    const name = `alias-${index}`;
    // A token is obtained only for an alias that a profile uses.
    await client.create(integrationProfileResource, { apiVersion, kind: 'IntegrationProfile', metadata: { name, namespace }, spec: { type: 'PagerDuty', displayName: name, connectionAliasRef: { name } } } as IntegrationProfile);
    const clientSecretRef = { name: credential, clientIdKey: 'clientId', clientSecretKey: 'clientSecret' };
    const spec = { type: 'PagerDuty', appToken: { clientSecretRef }, pagerduty: { subdomain: 'acme-example', endpoints: { api: vendor, identity: vendor, app: vendor } } };
    await client.create(connectionAliasResource, { apiVersion, kind: 'ConnectionAlias', metadata: { name, namespace }, spec } as unknown as ConnectionAlias);
  }
}

/** Four at a time, of all namespaces in turn. */
async function timeEdits({ client, aliases, names }: Bench, edits: number): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < edits) {
      const [edit, namespace] = [next, names[next % names.length] ?? ''];
      next += 1;
      const started = performance.now();
      const patch = { spec: { pagerduty: { subdomain: `acme-${edit}-${Math.round(started)}` } } };
      const { metadata } = await client.mergePatch<ConnectionAlias>(connectionAliasResource, { namespace, name: 'alias-0' }, patch);
      await untilObserved(aliases, `${namespace}/alias-0`, metadata.generation ?? 0);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return times;
}

/** At most a minute: what takes longer counts as a minute. */
async function untilObserved(aliases: Reflector<ConnectionAlias>, key: string, generation: number): Promise<void> {
  await untilHolds(() => (aliases.get(key)?.status?.observedGeneration ?? 0) >= generation);
}

async function untilHolds(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await holds()) && performance.now() < deadline) await systemClock.sleep(5);
}
