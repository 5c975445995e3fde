import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { integrationProfileResource } from '../../operator/api/integration-profile.ts';
import type { ResourceType } from '../../operator/api/kind.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import { reclamationRuleResource } from '../../operator/api/reclamation-rule.ts';
import { removalCandidateResource } from '../../operator/api/removal-candidate.ts';
import { softwareEntitlementResource } from '../../operator/api/software-entitlement.ts';
import { softwareModelResource } from '../../operator/api/software-model.ts';
import { softwareSubscriptionResource } from '../../operator/api/software-subscription.ts';
import { subscriptionExclusionResource } from '../../operator/api/subscription-exclusion.ts';
import { toScenario } from '../../operator/cli/plan-command.ts';
import { buildPlan, type PlanDocument } from '../../operator/cli/plan-document.ts';
import { readPlanOptions } from '../../operator/cli/plan-options.ts';
import type { Workbench } from '../../operator/licensing/position/workbench.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { aNamespace, aSnapshot, namespaceNow, namespaceTime } from '../support/position-namespace.ts';
import { installProduct, root } from '../support/product.ts';
import { realClock } from '../support/real-clock.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

const people = 300;
const kinds = [
  integrationProfileResource,
  softwareModelResource,
  softwareEntitlementResource,
  subscriptionExclusionResource,
  reclamationRuleResource,
  removalCandidateResource,
  softwareSubscriptionResource,
];

/** snapshot, plan and workbench as somebody runs them who may only look, in one namespace. */
describe('the licence position from a laptop', () => {
  let plane: ControlPlane;
  let namespace: string;
  let folder: string;
  let client: WatchingClient;
  let kubeconfig: string;

  beforeAll(async () => {
    plane = await attachControlPlane();
    await installProduct(plane);
    await must(['apply', '--server-side', '-f', join(root, 'config/rbac/people.yaml')]);
    namespace = await createNamespace('workbench');
    folder = await mkdtemp(join(tmpdir(), 'saaslicense-position-'));
    client = createKubernetesClient(await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} }), { clock: realClock, userAgent: 'workbench-test' });
    await createObjects();
    await must(['create', 'serviceaccount', 'anna', '-n', namespace]);
    await must(['create', 'rolebinding', 'anna', '--clusterrole=saas-license-operator-user', `--serviceaccount=${namespace}:anna`, '-n', namespace]);
    kubeconfig = await plane.serviceAccountKubeconfig(namespace, 'anna');
  });

  afterAll(async () => {
    await client.close();
    await plane.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    await rm(folder, { recursive: true });
  });

  async function must(args: string[]): Promise<void> {
    const { code, stderr } = await plane.kubectl(args);
    if (code !== 0) throw new Error(stderr);
  }

  /** As the operator and its refreshes would have: specs, then statuses through the status subresource. */
  async function createObjects(): Promise<void> {
    const { profiles, subscriptions, models, entitlements, exclusions, rules, candidates } = aNamespace(people);
    const uids = new Map<string, string>();
    for (const profile of profiles) uids.set(profile.metadata.name, await create(integrationProfileResource, profile));
    for (const model of models) await create(softwareModelResource, model);
    for (const entitlement of entitlements) await create(softwareEntitlementResource, entitlement);
    for (const exclusion of exclusions) await create(subscriptionExclusionResource, exclusion);
    for (const rule of rules) await create(reclamationRuleResource, { ...rule, spec: { ...rule.spec, action: 'Remove' } });
    for (const candidate of candidates) await create(removalCandidateResource, candidate);
    for (let from = 0; from < subscriptions.length; from += 20) {
      await Promise.all(subscriptions.slice(from, from + 20).map(async (one) => create(softwareSubscriptionResource, one, { name: one.spec.profileRef.name, uid: uids.get(one.spec.profileRef.name) ?? '' })));
    }
  }

  /** Answers the UID. */
  async function create(type: ResourceType, object: KubernetesObject & { spec: object; status?: unknown }, owner?: { name: string; uid: string }): Promise<string> {
    const { status, metadata, ...rest } = object;
    const { apiVersion, kind } = integrationProfileResource;
    const owned = owner === undefined ? {} : { labels: { 'saaslicense.dev/profile': owner.name }, ownerReferences: [{ apiVersion, kind, ...owner, controller: true }] };
    const created = await client.create<KubernetesObject>(type, { ...rest, metadata: { name: metadata.name, namespace, ...owned } });
    if (status !== undefined) await client.mergePatch(type, { name: metadata.name, namespace }, { status }, { subresource: 'status' });
    return created.metadata.uid ?? '';
  }

  async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const options = { cwd: folder, env: { PATH: process.env['PATH'] ?? '' }, maxBuffer: 64 * 1024 * 1024 };
      execFile(process.execPath, [join(root, 'operator/main.ts'), ...args], options, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  }

  const cluster = (): string[] => ['-n', namespace, '--kubeconfig', kubeconfig];

  /** Output of a command that has to succeed without a word of complaint. */
  async function output(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  }

  /** Versions of every object of ours in the namespace. */
  async function versions(): Promise<string[]> {
    const lists = await Promise.all(kinds.map(async (type) => (await client.list(type, { namespace })).items));
    return lists.flat().map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`).toSorted();
  }

  it('D6: the person who runs them may not write, list Secrets or look elsewhere', async () => {
    const canI = async (...args: string[]) => (await plane.kubectl(['auth', 'can-i', ...args], { kubeconfig })).stdout.trim();
    expect(await canI('list', 'softwaresubscriptions.saaslicense.dev', '-n', namespace)).toBe('yes');
    expect(await canI('patch', 'softwaremodels.saaslicense.dev', '-n', namespace)).toBe('no');
    expect(await canI('list', 'secrets', '-n', namespace)).toBe('no');
    expect(await canI('list', 'softwaresubscriptions.saaslicense.dev', '-n', 'default')).toBe('no');
  });

  it('D6: plan on the cluster gives the figures of the objects, and the same bytes as on its snapshot; nothing is written', async () => {
    const before = await versions();
    expect(before).toHaveLength(people + 16);
    expect(await output('snapshot', ...cluster(), '-o', 'now.json')).toContain(`namespace ${namespace} at `);
    const changes = ['--at', namespaceTime, '--threshold', '30', '--commit', 'emea-business=120', '--renewal', 'pd-business-2026=2027-03-31,price=38.50', '-o', 'json'];
    const online = await output('plan', ...cluster(), ...changes);
    expect(await output('plan', '--from', 'now.json', ...changes)).toBe(online);
    const direct = buildPlan(aSnapshot(aNamespace(people)), toScenario(readPlanOptions(changes)), namespaceNow);
    const document = JSON.parse(online) as PlanDocument;
    const named = (comparisons: PlanDocument['comparisons']) => comparisons.map((one) => (one.scope === 'Namespace' ? { ...one, name: '' } : one));
    expect(named(document.comparisons)).toEqual(named(direct.comparisons));
    expect(document.renewals).toEqual(direct.renewals);
    expect(document.notes).toEqual(direct.notes);
    expect(await versions()).toEqual(before);
  });

  it('S83, S84: workbench on the cluster gives the same bytes as on its snapshot, as a table and as JSON', async () => {
    for (const format of ['table', 'json', 'csv', 'focus', 'html']) {
      const online = await output('workbench', ...cluster(), '--at', namespaceTime, '-o', format);
      expect((await output('workbench', '--from', 'now.json', '--at', namespaceTime, '-o', format)) === online, format).toBe(true);
    }
    const workbench = JSON.parse(await output('workbench', ...cluster(), '--at', namespaceTime, '-o', 'json')) as Workbench;
    expect(workbench.sum).toMatchObject({ owned: 53, compliance: 'NonCompliant', money: [{ currency: 'EUR' }, { currency: 'USD', annualCost: 1_968_000 }] });
    expect((await run('workbench', ...cluster(), '--fail-on', 'NonCompliant')).code).toBe(3);
  });

  it('guard 7: neither the snapshot nor any output has an address or a name that was not asked for', async () => {
    const texts = [await readFile(join(folder, 'now.json'), 'utf8'), await output('snapshot', ...cluster()), await output('workbench', ...cluster(), '-o', 'html'), await output('plan', ...cluster())];
    for (const text of texts) {
      expect(text).not.toMatch(/[^\s@"']+@[^\s@"']+\.[a-z]+/);
      expect(text).not.toContain('Robin Example');
    }
    expect(await output('workbench', ...cluster(), '-o', 'json', '--with-people')).toContain('Robin Example 1');
  });

  it('--entitlements: the manifests that kubectl prints, changed, are a plan', async () => {
    const printed = (await plane.kubectl(['get', 'swent', '-o', 'yaml', '-n', namespace])).stdout;
    await writeFile(join(folder, 'swent.yaml'), printed.replace('purchasedRights: 40', 'purchasedRights: 400'));
    const { comparisons } = JSON.parse(await output('plan', ...cluster(), '--at', namespaceTime, '--entitlements', 'swent.yaml', '-o', 'json')) as PlanDocument;
    expect(comparisons.find(({ name }) => name === 'pd-business')?.counts.owned).toEqual({ now: 40, planned: 400, difference: 360 });
    expect(comparisons.find(({ name }) => name === 'emea-business')?.counts.owned.difference).toBe(0);
  });

  it('says what is missing: rights elsewhere, or a profile', async () => {
    const elsewhere = await createNamespace('workbench-empty');
    const forbidden = await run('workbench', '-n', elsewhere, '--kubeconfig', kubeconfig);
    expect(forbidden.code).toBe(1);
    expect(forbidden.stderr).toContain('is forbidden. It needs the right to list the kinds of saaslicense.dev in the namespace');
    await must(['create', 'rolebinding', 'anna', '--clusterrole=saas-license-operator-user', `--serviceaccount=${namespace}:anna`, '-n', elsewhere]);
    const empty = await run('workbench', '-n', elsewhere, '--kubeconfig', kubeconfig, '--fail-on', 'NonCompliant');
    expect([empty.code, empty.stderr]).toEqual([1, `saaslicense workbench: There is no IntegrationProfile in namespace ${elsewhere}: name another one with --namespace.\n`]);
    await plane.kubectl(['delete', 'namespace', elsewhere, '--wait=false']);
  });
});
