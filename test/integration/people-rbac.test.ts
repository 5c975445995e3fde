import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ControlPlane } from '../control-plane/index.ts';
import { installProduct, root } from '../support/product.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

const kinds = [
  'auditrecords',
  'connectionaliases',
  'integrationprofiles',
  'reclamationrules',
  'removalcandidates',
  'softwareentitlements',
  'softwaremodels',
  'softwaresubscriptions',
  'subscriptionexclusions',
] as const;
type Kind = (typeof kinds)[number];

const look = ['get', 'list', 'watch'];
const write = ['create', 'update', 'patch', 'delete'];
const decide = ['update', 'patch', 'decide', 'restore'];
const nothing = Object.fromEntries(kinds.map((kind) => [kind, [] as string[]])) as Record<Kind, string[]>;
const looksAtAll = Object.fromEntries(kinds.map((kind) => [kind, look])) as Record<Kind, string[]>;
const integrates = { ...looksAtAll, connectionaliases: [...look, ...write], integrationprofiles: [...look, ...write] };
const administers = {
  ...integrates,
  reclamationrules: [...look, ...write, 'confirm'],
  softwareentitlements: [...look, ...write],
  softwaremodels: [...look, ...write],
  subscriptionexclusions: [...look, ...write],
  removalcandidates: [...look, ...decide],
};

/** What each person may do in the namespace, kind by kind (S28). */
const people: { who: string; role: string; may: Record<Kind, string[]> }[] = [
  { who: 'anna', role: 'saas-license-operator-user', may: looksAtAll },
  { who: 'ivo', role: 'saas-license-operator-integrator', may: integrates },
  { who: 'ada', role: 'saas-license-operator-admin', may: administers },
  { who: 'paul', role: 'saas-license-operator-audit-pruner', may: { ...nothing, auditrecords: ['get', 'list', 'create', 'delete'], removalcandidates: ['list'] } },
  { who: 'vera', role: 'view', may: looksAtAll },
  { who: 'emil', role: 'edit', may: integrates },
  { who: 'arne', role: 'admin', may: administers },
  { who: 'niemand', role: '', may: nothing },
];

describe('S28: who may do what, by the API server’s own word', () => {
  let plane: ControlPlane;
  let namespace: string;
  let elsewhere: string;

  beforeAll(async () => {
    plane = await attachControlPlane();
    await installProduct(plane);
    await must(['apply', '--server-side', '-f', join(root, 'config/rbac/people.yaml')]);
    namespace = await createNamespace('people');
    elsewhere = await createNamespace('people-elsewhere');
    for (const { who, role } of people.filter(({ role: each }) => each !== '')) {
      await must(['create', 'rolebinding', who, `--clusterrole=${role}`, `--user=${who}`, '-n', namespace]);
    }
    // Aggregation is a controller's work.
    const aggregated = [
      ['arne', 'create', 'reclamationrules'],
      ['emil', 'create', 'connectionaliases'],
      ['vera', 'list', 'softwaremodels'],
    ] as const;
    await vi.waitFor(
      async () => {
        for (const [who, verb, kind] of aggregated) expect(await canI(who, verb, `${kind}.saaslicense.dev`, namespace), who).toBe('yes');
      },
      { timeout: 30_000, interval: 200 },
    );
  });

  afterAll(async () => {
    await plane.kubectl(['delete', 'namespace', namespace, elsewhere, '--wait=false']);
  });

  async function must(args: string[]): Promise<void> {
    const { code, stderr } = await plane.kubectl(args);
    if (code !== 0) throw new Error(stderr);
  }

  async function canI(who: string, verb: string, resource: string, where: string): Promise<string> {
    return (await plane.kubectl(['auth', 'can-i', verb, resource, '-n', where, `--as=${who}`])).stdout.trim();
  }

  /** All that the API server lists as this person's rights on our kinds, as `kind → verbs`. */
  async function rightsOf(who: string): Promise<Record<string, string[]>> {
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
    const { stdout, stderr } = await plane.kubectl(['create', '-o', 'json', '--validate=false', '-f', '-', `--as=${who}`], { input: JSON.stringify(review) });
    if (stdout === '') throw new Error(stderr);
    const { status } = JSON.parse(stdout) as { status: { resourceRules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] } };
    const rules = status.resourceRules.filter(({ apiGroups }) => apiGroups.includes('saaslicense.dev'));
    const resources = [...new Set([...kinds, ...rules.flatMap((rule) => rule.resources)])];
    return Object.fromEntries(
      resources.map((kind) => [kind, [...new Set(rules.filter((rule) => rule.resources.includes(kind)).flatMap((rule) => rule.verbs))].sort()]),
    );
  }

  it.each(people)('$who, with the role "$role"', async ({ who, may }) => {
    // Compared whole: a right to a status, to deletecollection or to all of the group would be seen.
    expect(await rightsOf(who)).toEqual(Object.fromEntries(Object.entries(may).map(([kind, verbs]) => [kind, verbs.toSorted()])));
  });

  it.each(people)('$who has none of it in another namespace', async ({ who }) => {
    expect(await canI(who, 'get', 'integrationprofiles.saaslicense.dev', elsewhere)).toBe('no');
  });

  it.each(people.filter(({ role }) => role.startsWith('saas-license-operator')))('$who reads no Secret by that role, and starts no pod', async ({ who }) => {
    for (const [verb, resource] of [['get', 'secrets'], ['create', 'pods'], ['create', 'jobs.batch'], ['impersonate', 'users']] as const) {
      expect(await canI(who, verb, resource, namespace), `${verb} ${resource}`).toBe('no');
    }
  });

  it.each([
    ['anna', 'cannot create resource "integrationprofiles"'],
    ['ivo', ''],
    ['ada', ''],
  ])('publishing: %s creates a profile that is to be published: %s', async (who, problem) => {
    const profile = {
      apiVersion: 'saaslicense.dev/v1alpha1',
      kind: 'IntegrationProfile',
      metadata: { name: 'pagerduty', namespace },
      spec: { type: 'PagerDuty', displayName: 'PagerDuty', connectionAliasRef: { name: 'pagerduty' }, publish: true },
    };
    const { code, stderr } = await plane.kubectl(['create', '--dry-run=server', '--validate=false', '-f', '-', `--as=${who}`], { input: JSON.stringify(profile) });
    expect(stderr).toContain(problem);
    expect(code).toBe(problem === '' ? 0 : 1);
  });
});
