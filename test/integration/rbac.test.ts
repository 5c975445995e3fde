import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { SoftwareEntitlement } from '../../operator/api/software-entitlement.ts';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import type { SubscriptionExclusion } from '../../operator/api/subscription-exclusion.ts';
import { root } from '../support/product.ts';
import { reclaimSomething } from './rbac-reclaim.ts';
import { reclaimScopes } from './reclaim-scopes.ts';
import { hasHandled, isSettled, manifests, openStory, type Story } from './story.ts';

interface AuditEvent {
  verb: string;
  user: { username: string };
  objectRef?: { apiGroup?: string; resource: string; subresource?: string; namespace?: string };
  responseStatus?: { code: number };
}

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

const operatorUser = 'system:serviceaccount:saas-license-operator:saas-license-operator';

/** Grants of one or more roles as `group/resource verb` lines. */
async function readGrants(file: string): Promise<string[]> {
  const text = await readFile(join(root, 'config/rbac', file), 'utf8');
  const rules = parseAllDocuments(text).flatMap((document) => (document.toJS() as { rules?: Rule[] }).rules ?? []);
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`))),
  );
}

function usedGrants(events: AuditEvent[]): Set<string> {
  const used = new Set<string>();
  for (const { objectRef, verb, responseStatus } of events) {
    if (objectRef === undefined) continue;
    const resource = objectRef.subresource === undefined ? objectRef.resource : `${objectRef.resource}/${objectRef.subresource}`;
    const name = `${objectRef.apiGroup ?? ''}/${resource}`;
    used.add(`${name} ${verb}`);
    // A server-side apply that makes the object is authorised as create too.
    if (verb === 'patch' && responseStatus?.code === 201) used.add(`${name} create`);
  }
  // Making a RoleBinding is authorised as bind on the role that it refers to.
  if (used.has('rbac.authorization.k8s.io/rolebindings create')) used.add('rbac.authorization.k8s.io/clusterroles bind');
  return used;
}

describe('least privilege: every verb that is granted is one that the audit log shows used (design section 4)', () => {
  let story: Story;

  beforeAll(async () => {
    story = await openStory('rbac', { scopes: reclaimScopes });
    const { secret, alias, profile } = manifests(story);
    // As after `--refresh-cluster-role` was changed: a roleRef cannot be, so the RoleBinding is made anew.
    await story.apply(formerBinding(story.namespace));
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
    // A second profile shares the ServiceAccount and RoleBinding, which are changed for it.
    await story.apply({ ...profile({ displayName: 'Second' }), metadata: { name: 'second', namespace: story.namespace } });
    await story.until<IntegrationProfile>('intprof', 'second', isSettled, 'published and refreshed');
    // Another writer's condition, a leaver, a renamed person and a rename take every path that writes.
    await addForeignCondition('intprof', await story.untilProfile(() => true, 'there'));
    await addForeignCondition('connalias', await story.untilAlias(() => true, 'there'));
    // A pass that finds its own status as it is, beside somebody else's: it has to look whose that is.
    await story.kubectl(['annotate', 'connalias,intprof', 'pagerduty', 'example.com/touched=1']);
    // One subscription has lost its label: the refresh finds that its name is taken, reads it and takes it back.
    const [lost] = await story.subscriptions();
    await story.kubectl(['label', 'swsub', lost?.metadata.name ?? '', 'saaslicense.dev/profile-']);
    await story.apply(...positionObjects(story.namespace));
    // A change of plan, which a model takes in.
    const { company } = story.simulator.state;
    const stakeholders = company.licenses.find(({ name }) => name === 'Business (Stakeholder)')?.id;
    story.simulator.state.replace({
      licenses: company.licenses.map((licence) => (licence.id === stakeholders ? { ...licence, id: 'PNEWPLN' } : licence)),
      users: company.users.map((user) => (user.licenseId === stakeholders ? { ...user, licenseId: 'PNEWPLN' } : user)),
    });
    const [leaver, renamed] = story.simulator.state.company.users.slice(-2);
    story.simulator.state.removeUser(leaver?.id ?? '');
    story.simulator.state.updateUser(renamed?.id ?? '', { name: 'Another Name' });
    // A new token on request is written into the Secret that is there.
    await story.kubectl(['annotate', 'connalias', 'pagerduty', 'saaslicense.dev/requestedAt=1']);
    await story.untilAlias((object) => object.status?.lastHandledRequestedAt === '1', 'a new token');
    await story.kubectl(['annotate', 'intprof', 'pagerduty', 'saaslicense.dev/requestedAt=1']);
    await story.untilProfile((object) => hasHandled(object, '1'), 'refreshed');
    await story.until<SoftwareEntitlement>('swent', 'bought', ({ status }) => status?.state === 'Active', 'Active');
    await story.until<SubscriptionExclusion>('subexcl', 'robot', ({ status }) => status?.matched === 0, 'counted');
    await vi.waitFor(
      async () => expect((await story.list<SoftwareModel>('swmodel')).flatMap(({ spec }) => spec.subscriptionIdentifiers)).toContain('PNEWPLN'),
      { timeout: 30_000, interval: 200 },
    );
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"displayName":"Other"}}']);
    await story.untilProfile((object) => object.status?.scheduledJobs?.filter((job) => job.title.includes('Other')).length === 2, 'renamed');
    await reclaimSomething(story);
  });

  afterAll(async () => {
    await story.close();
  });

  async function addForeignCondition(resource: string, object: { status?: { conditions?: object[] | undefined } }): Promise<void> {
    const patch = foreignCondition(object);
    await story.kubectl(['patch', resource, 'pagerduty', '--subresource=status', '--type=merge', '--field-manager=other', '-p', patch]);
  }

  async function auditOf(username: string, namespace?: string): Promise<AuditEvent[]> {
    const lines = (await readFile(story.plane.auditLog, 'utf8')).split('\n').filter((line) => line !== '');
    const events = lines.map((line) => JSON.parse(line) as AuditEvent).filter((event) => event.user.username === username);
    return namespace === undefined ? events : events.filter((event) => event.objectRef?.namespace === namespace);
  }

  it('the operator’s role has nothing in store', async () => {
    const used = usedGrants(await auditOf(operatorUser));
    expect((await readGrants('operator.yaml')).filter((grant) => !used.has(grant))).toEqual([]);
  });

  it('the refresh pods’ role has nothing in store', async () => {
    const used = usedGrants(await auditOf(`system:serviceaccount:${story.namespace}:saas-license-operator-refresh`));
    expect((await readGrants('refresh.yaml')).filter((grant) => !used.has(grant))).toEqual([]);
  });

  it('nothing that the operator or its pods asked for was forbidden', async () => {
    const events = [...(await auditOf(operatorUser, story.namespace)), ...(await auditOf(`system:serviceaccount:${story.namespace}:saas-license-operator-refresh`))];
    expect(events.length).toBeGreaterThan(50);
    expect(events.filter((event) => event.responseStatus?.code === 403)).toEqual([]);
  });

  it.each([
    ['delete', 'rolebindings.rbac.authorization.k8s.io'],
    ['patch', 'rolebindings.rbac.authorization.k8s.io'],
    ['patch', 'serviceaccounts'],
    ['get', 'serviceaccounts'],
  ])('the operator may %s %s of its own name only', async (verb, resource) => {
    const mayTouch = async (name: string): Promise<string> =>
      (await story.plane.kubectl(['auth', 'can-i', verb, `${resource}/${name}`, '-n', story.namespace, `--as=${operatorUser}`])).stdout.trim();
    expect([await mayTouch('saas-license-operator-refresh'), await mayTouch('of-somebody-else')]).toEqual(['yes', 'no']);
  });

  it('refresh pods can read no Secret', async () => {
    const account = await story.plane.serviceAccountKubeconfig(story.namespace, 'saas-license-operator-refresh');
    const answer = await story.plane.kubectl(['auth', 'can-i', 'get', 'secrets', '-n', story.namespace], { kubeconfig: account });
    expect(answer.stdout.trim()).toBe('no');
  });

  it('another writer’s condition stays, and is not fought over', async () => {
    const profile = await story.untilProfile(() => true, 'there');
    expect(profile.status?.conditions?.map((condition) => condition.type)).toContain('Audited');
  });
});

function formerBinding(namespace: string): object {
  const name = 'saas-license-operator-refresh';
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'saas-license-operator' } },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'former' },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  };
}

function foreignCondition(profile: { status?: { conditions?: object[] | undefined } }): string {
  const foreign = { type: 'Audited', status: 'True', reason: 'Audited', message: 'By the asset manager.', lastTransitionTime: '2026-11-24T00:00:00Z' };
  return JSON.stringify({ status: { conditions: [...(profile.status?.conditions ?? []), foreign] } });
}

/** What is bought, and who is kept out: both have a status that the operator writes. */
function positionObjects(namespace: string): object[] {
  const apiVersion = 'saaslicense.dev/v1alpha1';
  return [
    {
      apiVersion,
      kind: 'SoftwareEntitlement',
      metadata: { name: 'bought', namespace },
      spec: { modelRef: { name: 'none' }, purchasedRights: 1, unitCost: { amountMinor: 1, currency: 'USD' }, billing: 'MonthlyPeak', startDate: '2026-01-01' },
    },
    {
      apiVersion,
      kind: 'SubscriptionExclusion',
      metadata: { name: 'robot', namespace },
      spec: { user: { userPrincipalName: 'robot@acme.example', kind: 'ServiceAccount', owner: 'platform' }, reason: 'Test' },
    },
  ];
}
