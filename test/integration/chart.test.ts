import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { findMonitoringCrds } from '../chart/prometheus-operator.ts';
import { ensureTool, runTool } from '../chart/tools.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { root } from '../support/product.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: Record<string, unknown> & { template?: { metadata: { labels: Record<string, string> }; spec: object } };
  rules?: object[];
  roleRef?: { kind: string; name: string };
  subjects?: { name: string; namespace: string }[];
}

/** A cold build of helm takes minutes. */
const coldMs = 20 * 60_000;
const chart = join(root, 'charts/saas-license-operator');
const product = 'saas-license-operator';

/** How people install it. */
const installations: Record<string, object> = {
  'the default values': {},
  'two replicas, spread and protected': { replicas: 2, priorityClassName: 'system-cluster-critical', podAnnotations: { a: 'b' }, podLabels: { team: 'sam' } },
  'an Ingress for the redirect': {
    redirect: { ingress: { enabled: true, className: 'nginx', host: 'licenses.example.com', annotations: { 'cert-manager.io/cluster-issuer': 'ca' }, tlsSecret: 'licenses-tls' } },
  },
  'notices with links': {
    redirect: { ingress: { enabled: true, host: 'licenses.example.com' } },
    notice: { publicUrl: 'https://licenses.example.com', allowedHosts: ['smtp.example.com', '*.chat.example.com:8443'] },
  },
  'the Prometheus Operator': {
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
    prometheusRule: { enabled: true, labels: { release: 'prometheus' }, without: ['SaasLicensePoolLow'], runbookBaseUrl: 'https://git.example.com/ops/tree/main/' },
  },
  'one namespace only': { watchNamespace: 'default', maxReclaimsPerAccountPerDay: 7 },
  'a company’s proxy': {
    extraCACertificates: { configMap: 'company-ca' },
    env: [{ name: 'HTTPS_PROXY', value: 'http://proxy.example.com:3128' }],
    imagePullSecrets: [{ name: 'registry' }],
    image: { repository: 'registry.example.com/saas-license-operator', digest: `sha256:${'a'.repeat(64)}` },
    networkPolicy: { enabled: true, egressPorts: [443, 6443, 3128], metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }] },
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ key: 'infra', operator: 'Exists' }],
  },
  'nothing but the operator': { crds: { enabled: false }, rbac: { people: false, aggregate: false }, podDisruptionBudget: { enabled: false }, policies: { decisions: false, confirmations: false, refreshPods: false } },
};

describe('the chart', () => {
  let helm: string;
  let plane: ControlPlane;
  let namespace: string;

  beforeAll(async () => {
    helm = await ensureTool('helm', { log: (line) => void process.stderr.write(`helm: ${line}\n`), signal: new AbortController().signal });
    plane = await attachControlPlane();
    namespace = await createNamespace('chart');
    await plane.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
    const files = (await findMonitoringCrds()).flatMap((file) => ['-f', file]);
    expect(await plane.kubectl(['apply', '--server-side', ...files])).toMatchObject({ code: 0 });
    expect(await plane.kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...files])).toMatchObject({ code: 0 });
  }, coldMs);

  afterAll(async () => {
    await plane.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  async function template(values: object, release = product): Promise<Manifest[]> {
    const { code, stdout, stderr } = await runTool(helm, ['template', release, chart, '--namespace', namespace, '--values', '-'], { input: stringify(values) });
    if (code !== 0) throw new Error(stderr);
    return parseAllDocuments(stdout)
      .map((document) => document.toJS() as Manifest | null)
      .filter((manifest) => manifest !== null);
  }

  async function dryRun(objects: readonly object[]): Promise<string> {
    const args = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-f', '-'];
    const { code, stderr } = await plane.kubectl(args, { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });
    return code === 0 ? '' : stderr;
  }

  const find = (manifests: readonly Manifest[], kind: string, name = product): Manifest | undefined =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);

  it.each(Object.entries(installations))('%s: helm lint --strict has nothing to say', async (_name, values) => {
    const { code, stdout, stderr } = await runTool(helm, ['lint', '--strict', chart, '--values', '-'], { input: stringify(values) });
    expect(stderr + stdout).not.toContain('[WARNING]');
    expect(code).toBe(0);
  });

  it.each(Object.entries(installations))('%s: a real API server takes every object', async (_name, values) => {
    const manifests = await template(values);
    expect(manifests.length).toBeGreaterThan(7);
    expect(await dryRun(manifests)).toBe('');
  });

  it('lets only those scrape metrics who are named, and every browser come back', async () => {
    const ingress = async (values: object): Promise<unknown> => find(await template({ networkPolicy: { enabled: true, ...values } }), 'NetworkPolicy')?.spec['ingress'];
    const redirect = { ports: [{ port: 'redirect' }] };
    const ports = [{ port: 'metrics' }];
    expect(await ingress({})).toEqual([redirect, { ports, from: [{ podSelector: {} }] }]);
    const monitoring = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } }, podSelector: {} };
    expect(await ingress({ metricsFrom: [monitoring] })).toEqual([redirect, { ports, from: [monitoring] }]);
    // An empty `from` would mean everybody.
    expect(await ingress({ metricsFrom: [] })).toEqual([redirect]);
    await expect(template({ networkPolicy: { enabled: true, metricsFrom: [{}] } })).rejects.toThrow('metricsFrom');
  });

  it('L4, L5: lets notices go to the hosts that are allowed, and people answer where they are sent', async () => {
    const manifests = await template(installations['notices with links'] ?? {});
    const pod = find(manifests, 'Deployment')?.spec.template?.spec as { containers: { args: string[] }[] } | undefined;
    const args = pod?.containers[0]?.args;
    expect(args).toEqual(expect.arrayContaining(['--public-url=https://licenses.example.com', '--allow-notice-host=smtp.example.com', '--allow-notice-host=*.chat.example.com:8443']));
    const paths = async (values: object): Promise<string[]> => {
      const [rule] = (find(await template(values), 'Ingress')?.spec['rules'] ?? []) as { http: { paths: { path: string }[] } }[];
      return rule?.http.paths.map(({ path }) => path) ?? [];
    };
    expect(await paths(installations['notices with links'] ?? {})).toEqual(['/oauth_redirect.do', '/reclaim/answer']);
    expect(await paths(installations['an Ingress for the redirect'] ?? {})).toEqual(['/oauth_redirect.do']);
  });

  it('S29: without providers every one is off, and not the default on', async () => {
    const deployment = JSON.stringify(find(await template({ providers: [] }), 'Deployment'));
    expect(deployment.match(/--enable-provider[^"]*/g)).toEqual(['--enable-provider=']);
  });

  it.each(Object.entries(installations))('%s: the pod meets the restricted Pod Security Standard, by the API server’s own admission', async (_name, values) => {
    const { metadata, spec } = find(await template(values), 'Deployment')?.spec.template ?? { metadata: {}, spec: {} };
    // The ServiceAccount is not there; admission of pods wants one that is.
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'operator', namespace }, spec: { ...spec, serviceAccountName: 'default' } };
    expect(await dryRun([pod])).toBe('');
    const loose = { ...pod, spec: { ...pod.spec, hostNetwork: true } };
    expect(await dryRun([loose])).toContain('violates PodSecurity "restricted:latest"');
  });

  it('installs the CRDs of crds/, told to stay when the release goes', async () => {
    const names = (await readdir(join(root, 'crds'))).filter((name) => name.endsWith('.yaml'));
    const texts = await Promise.all(names.map((name) => readFile(join(root, 'crds', name), 'utf8')));
    const wanted = texts.map((text) => parseAllDocuments(text)[0]?.toJS() as Manifest);
    const crds = (await template({})).filter(({ kind }) => kind === 'CustomResourceDefinition');
    for (const crd of crds) expect(crd.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    const byName = (manifests: Manifest[]): Manifest[] =>
      manifests.map((crd) => ({ ...crd, metadata: { ...crd.metadata, annotations: {} } })).sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
    expect(byName(crds)).toEqual(byName(wanted));
    const without = await template({ crds: { enabled: false } });
    expect(without.filter(({ kind }) => kind === 'CustomResourceDefinition')).toEqual([]);
  });

  const releases = [
    { release: product, fullname: product },
    { release: 'licences', fullname: `licences-${product}` },
  ];

  it.each(releases)('grants what config/rbac grants, under the name $fullname', async ({ release, fullname }) => {
    const texts = await Promise.all(['operator', 'refresh', 'people'].map((name) => readFile(join(root, 'config/rbac', `${name}.yaml`), 'utf8')));
    const wanted = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest)).filter(hasRules);
    const roles = (await template({}, release)).filter(hasRules);
    expect(roles).toHaveLength(wanted.length);
    for (const { kind, metadata, rules } of wanted) {
      const renamed = JSON.parse(JSON.stringify(rules).replaceAll(product, fullname)) as object[];
      expect(find(roles, kind, metadata.name.replace(product, fullname))?.rules, metadata.name).toEqual(renamed);
    }
  });

  it.each(releases)('binds the roles to the one ServiceAccount that the pods run as, $fullname', async ({ release, fullname }) => {
    const manifests = await template({}, release);
    const bindings = manifests.filter(({ roleRef }) => roleRef !== undefined);
    expect(bindings).toHaveLength(2);
    for (const { roleRef, subjects, metadata } of bindings) {
      expect(find(manifests, roleRef?.kind ?? '', roleRef?.name), metadata.name).toBeDefined();
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: fullname, namespace }]);
    }
    const pod = find(manifests, 'Deployment', fullname)?.spec.template?.spec;
    expect(pod).toMatchObject({ serviceAccountName: fullname });
    expect(JSON.stringify(pod)).toContain(`"--refresh-cluster-role=${fullname}-refresh"`);
    expect(find(manifests, 'ClusterRole', `${fullname}-refresh`)).toBeDefined();
  });

  it('with one namespace, has rights in that one and reads its CRDs, and nothing else', async () => {
    const manifests = await template({ watchNamespace: 'team-a' });
    const everywhere = manifests.filter(({ kind }) => kind === 'ClusterRoleBinding').map(({ roleRef }) => find(manifests, 'ClusterRole', roleRef?.name)?.rules);
    expect(everywhere).toEqual([[expect.objectContaining({ resources: ['customresourcedefinitions'], verbs: ['get'] })]]);
    expect(find(manifests, 'RoleBinding')?.metadata.namespace).toBe('team-a');
    expect(JSON.stringify(find(manifests, 'Deployment'))).toContain('--watch-namespace=team-a');
  });

  it('brings the alerts of config/prometheus, without those that are not wanted, with links to the runbooks', async () => {
    const rule = find(await template(installations['the Prometheus Operator'] ?? {}), 'PrometheusRule');
    const [group] = (rule?.spec['groups'] ?? []) as { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
    const source = parseAllDocuments(await readFile(join(root, 'config/prometheus/prometheus-rule.yaml'), 'utf8'))[0]?.toJS() as { spec: { groups: { rules: { alert: string; expr: string }[] }[] } };
    const wanted = source.spec.groups.flatMap((each) => each.rules).filter(({ alert }) => alert !== 'SaasLicensePoolLow');
    expect(group?.rules.map(({ alert, expr }) => ({ alert, expr }))).toEqual(wanted.map(({ alert, expr }) => ({ alert, expr })));
    expect(group?.rules[0]?.annotations['runbook_url']).toBe('https://git.example.com/ops/tree/main/docs/runbooks/SaasLicenseOperatorDown.md');
  });

  it.each([
    ['a misspelt value', { replica: 2 }, "additional properties 'replica' not allowed"],
    ['a number as text', { replicas: 'two' }, "'/replicas': got string, want integer"],
    ['an Ingress without a host', { redirect: { ingress: { enabled: true } } }, "'/redirect/ingress/host'"],
    ['a cap of no reclaims', { maxReclaimsPerAccountPerDay: 0 }, "'/maxReclaimsPerAccountPerDay'"],
    ['a public address without TLS', { notice: { publicUrl: 'http://licenses.example.com' } }, "'/notice/publicUrl'"],
    ['an address for a host of notices', { notice: { allowedHosts: ['https://hooks.example.com'] } }, "'/notice/allowedHosts/0'"],
    ['a provider that there is not', { providers: ['Slack'] }, "'/providers/0'"],
    ['a digest that is none', { image: { digest: 'latest' } }, "'/image/digest'"],
    ['the port of the metrics for the redirect', { redirect: { port: 8080 } }, "'/redirect/port'"],
  ])('refuses %s', async (_name, values, message) => {
    await expect(template(values)).rejects.toThrow(message);
  });

  describe('config/default', () => {
    async function kustomize(folder: string): Promise<Manifest[]> {
      const { code, stdout, stderr } = await plane.kubectl(['kustomize', join(root, folder)]);
      if (code !== 0) throw new Error(stderr);
      return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
    }

    it.each(['config/default', 'config/prometheus', 'config/grafana', 'config/samples'])('%s: a real API server takes every object', async (folder) => {
      const manifests = await kustomize(folder);
      // Namespaces are not made by a dry run: what is in one is tried in one that is there.
      const moved = manifests.filter(({ kind }) => kind !== 'Namespace').map((manifest) => inNamespace(manifest, namespace));
      expect(await dryRun(moved)).toBe('');
    });

    it('is made with another image as docs/install.md tells: Deployment, refresh pods and the policy that pins them', async () => {
      const page = await readFile(join(root, 'docs/install.md'), 'utf8');
      const [, example] = /```yaml\n(apiVersion: kustomize[\s\S]*?)```/.exec(page) ?? [];
      const folder = await mkdtemp(join(tmpdir(), 'overlay-'));
      try {
        await cp(join(root, 'config'), join(folder, 'config'), { recursive: true });
        await cp(join(root, 'crds'), join(folder, 'crds'), { recursive: true });
        await writeFile(join(folder, 'kustomization.yaml'), example ?? '');
        const { code, stdout, stderr } = await plane.kubectl(['kustomize', folder]);
        expect([code, stderr]).toEqual([0, '']);
        const image = 'registry.example.com/saas-license-operator:0.1.0';
        const manifests = parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
        expect(find(manifests, 'Deployment')?.spec.template?.spec).toMatchObject({ containers: [{ image, args: expect.arrayContaining([`--refresh-image=${image}`]) as string[] }] });
        expect(find(manifests, 'ValidatingAdmissionPolicy', `${product}-refresh-pods`)?.spec['variables']).toContainEqual({ name: 'image', expression: `'${image}'` });
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it('is what the chart makes with its default values', async () => {
      const [mine, charted] = [await kustomize('config/default'), await template({})];
      const policies = (manifests: Manifest[]): object[] => manifests.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy')).map(({ kind, metadata, spec }) => ({ kind, name: metadata.name, spec }));
      expect(policies(mine)).toHaveLength(6);
      expect(new Set(policies(mine).map((policy) => JSON.stringify(sortKeys(policy))))).toEqual(new Set(policies(charted).map((policy) => JSON.stringify(sortKeys(policy)))));
      for (const kind of ['Deployment', 'Service']) expect(find(mine, kind)?.spec, kind).toEqual(find(charted, kind)?.spec);
      const [monitors, chartedMonitors] = [await kustomize('config/prometheus'), await template({ serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } })];
      for (const kind of ['ServiceMonitor', 'PrometheusRule']) expect(find(monitors, kind)?.spec, kind).toEqual(find(chartedMonitors, kind)?.spec);
      const named = (manifests: Manifest[]): string[] => manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
      expect(named(mine)).toEqual([...named(charted), `Namespace ${product}`].sort());
    });
  });
});

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sortKeys(each)]));
}

function hasRules({ rules }: Manifest): boolean {
  return rules !== undefined;
}

function inNamespace(manifest: Manifest, namespace: string): Manifest {
  return manifest.metadata.namespace === undefined ? manifest : { ...manifest, metadata: { ...manifest.metadata, namespace } };
}
