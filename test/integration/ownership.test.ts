import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownership as ownershipSchema } from '../../operator/api/ownership.ts';
import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { readOwners, type OwnersFound } from '../../operator/controllers/ownership/read-owners.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { coreResources, createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { crossplaneDefinitions } from '../../operator/licensing/ownership/crossplane-user.ts';
import { findOwners } from '../../operator/licensing/ownership/owner-index.ts';
import type { WishedChange } from '../../operator/licensing/ownership/owner.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { crossplaneUser, stateText, userInstance, userResource } from '../support/ownership-fixtures.ts';
import { realClock } from '../support/real-clock.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

const signal = new AbortController().signal;
const [clusterGroup, namespacedGroup] = ['user.pagerduty.crossplane.io', 'user.pagerduty.m.crossplane.io'] as const;

/** As much of the shape of Crossplane's User as is read and patched. */
function definitionOf(group: string, scope: 'Cluster' | 'Namespaced') {
  const text = { type: 'string' };
  const person = { type: 'object', properties: { email: text, name: text, role: text, license: text } };
  const policies = { type: 'array', items: { type: 'string', enum: ['Observe', 'Create', 'Update', 'Delete', 'LateInitialize', '*'] } };
  const deletion = scope === 'Cluster' ? { deletionPolicy: { type: 'string', enum: ['Orphan', 'Delete'] } } : {};
  const spec = { type: 'object', required: ['forProvider'], properties: { forProvider: person, initProvider: person, managementPolicies: policies, ...deletion } };
  const status = { type: 'object', properties: { atProvider: { type: 'object', properties: { email: text, id: text } } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `users.${group}` },
    spec: { group, scope, names: { kind: 'User', listKind: 'UserList', plural: 'users', singular: 'user' }, versions: [{ name: 'v1alpha1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } } }] },
  };
}

/** All that the operator needs to read owners. */
const readerRole = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'ownership-test' },
  rules: [
    { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
    { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], resourceNames: crossplaneDefinitions, verbs: ['get'] },
    { apiGroups: crossplaneDefinitions.map((name) => name.slice(name.indexOf('.') + 1)), resources: ['users'], verbs: ['list'] },
  ],
};

describe('who else manages accounts', () => {
  let plane: ControlPlane;
  let namespace: string;
  let other: string;
  let admin: WatchingClient;
  let reader: WatchingClient;
  let stranger: WatchingClient;

  beforeAll(async () => {
    plane = await attachControlPlane();
    [namespace, other] = [await createNamespace('ownership'), await createNamespace('ownership-other')];
    admin = createKubernetesClient(await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} }), { clock: realClock, userAgent: 'ownership-test' });
    await must(['apply', '-f', '-'], readerRole);
    reader = await clientOf('reader');
    stranger = await clientOf('stranger');
    await must(['create', 'clusterrolebinding', `ownership-${namespace}`, '--clusterrole=ownership-test', `--serviceaccount=${namespace}:reader`]);
  });

  afterAll(async () => {
    await Promise.all([admin, reader, stranger].map(async (client) => client.close()));
    await plane.kubectl(['delete', 'crd', `users.${clusterGroup}`, `users.${namespacedGroup}`, '--ignore-not-found', '--wait=true', '--timeout=60s']);
    await plane.kubectl(['delete', 'clusterrolebinding', `ownership-${namespace}`]);
    await plane.kubectl(['delete', 'clusterrole', 'ownership-test']);
    await plane.kubectl(['delete', 'namespace', namespace, other, '--wait=false']);
  });

  async function clientOf(account: string): Promise<WatchingClient> {
    await must(['create', 'serviceaccount', account, '-n', namespace]);
    const config = await loadClusterConfig({ kubeconfig: await plane.serviceAccountKubeconfig(namespace, account), env: {} });
    return createKubernetesClient(config, { clock: realClock, userAgent: 'ownership-test' });
  }

  async function must(args: string[], object?: unknown): Promise<string> {
    const { code, stdout, stderr } = await plane.kubectl(args, object === undefined ? {} : { input: JSON.stringify(object) });
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  async function keep(name: string, value: Uint8Array | string, key = 'tfstate'): Promise<void> {
    await admin.create(coreResources.Secret, { metadata: { name, namespace }, data: { [key]: Buffer.from(value).toString('base64') } } as { metadata: { name: string } });
  }

  /** Runs with the settings of a profile, as the API server would complete them. */
  async function read(settings: object, { client = reader, change }: { client?: WatchingClient; change?: WishedChange } = {}): Promise<OwnersFound> {
    const profile = { metadata: { name: 'pagerduty', namespace }, spec: { ownership: ownershipSchema.parse(settings) } } as unknown as IntegrationProfile;
    return readOwners(profile, { client, signal, ...(change === undefined ? {} : { change }) });
  }

  const ownersOf = ({ index }: OwnersFound, address: string, externalUserId = 'PNOBODY') => findOwners(index, { addresses: [address], externalUserId });

  describe('Terraform', () => {
    const states = (...names: string[]) => ({ crossplane: false, terraformStates: names.map((name) => ({ name })) });

    it('D7, C25: people of a state, gzipped as the kubernetes backend stores it, or plain', async () => {
      await keep('tfstate-default-zipped', gzipSync(stateText([userResource([userInstance('Anna@Example.com', 'PANNA', { index_key: 'anna@example.com' })])])));
      await keep('plain', stateText([userResource([userInstance('bo@example.com', 'PBO')], { module: 'module.people' })]));
      const found = await read(states('tfstate-default-zipped', 'plain'));
      expect(found.problems).toEqual([]);
      expect(ownersOf(found, 'anna@example.com')).toMatchObject([{ managedBy: 'Terraform', reference: 'pagerduty_user.people["(address)"] in Secret tfstate-default-zipped' }]);
      expect(ownersOf(found, 'changed@example.com', 'PBO')).toMatchObject([{ reference: 'module.people.pagerduty_user.people in Secret plain' }]);
      expect(ownersOf(found, 'cy@example.com')).toEqual([]);
    });

    it('D7, guard 6: what cannot be read is a problem that names the Secret, and the others are read', async () => {
      await keep('cut-off', gzipSync(stateText([userResource([userInstance('secret@example.com', 'PX')])])).subarray(0, 60));
      await keep('other-key', 'x', 'else');
      const found = await read(states('plain', 'cut-off', 'missing', 'other-key', '../../escape'));
      expect(ownersOf(found, 'bo@example.com')).toHaveLength(1);
      expect(found.problems).toEqual([
        expect.stringContaining('The key tfstate of the Secret cut-off holds gzipped bytes that are cut off or damaged'),
        expect.stringContaining('There is no Secret missing'),
        expect.stringContaining('The Secret other-key has no key tfstate'),
        expect.stringContaining('cannot be read'),
      ]);
      expect(JSON.stringify(found.problems)).not.toContain('@');
    });

    it('guard 6: a Secret that may not be read is a problem', async () => {
      expect((await read(states('plain'), { client: stranger })).problems).toEqual([expect.stringContaining('may not be read')]);
    });
  });

  describe('Crossplane', () => {
    it('D7: that is not installed manages nobody', async () => {
      expect(await read({})).toEqual({ index: new Map(), problems: [], notes: [] });
      expect(await readOwners({ metadata: { name: 'p', namespace }, spec: {} } as unknown as IntegrationProfile, { client: reader, signal })).toEqual({ index: new Map(), problems: [], notes: [] });
    });

    it('guard 6: that may not be looked for is a problem', async () => {
      const found = await read({}, { client: stranger });
      expect(found.problems).toHaveLength(crossplaneDefinitions.length);
      expect(found.problems[0]).toContain(`(users.${clusterGroup}) cannot be looked for; grant`);
      expect(await read({ crossplane: false }, { client: stranger })).toEqual({ index: new Map(), problems: [], notes: [] });
    });

    it('D7, C25, guard 12: Users of the cluster and of the own namespace are found, on every page, and those of another namespace are not', async () => {
      const definitions = [definitionOf(clusterGroup, 'Cluster'), definitionOf(namespacedGroup, 'Namespaced')];
      for (const definition of definitions) await must(['apply', '-f', '-'], definition);
      await must(['wait', '--for=condition=Established', '--timeout=60s', 'crd', ...definitions.map(({ metadata }) => metadata.name)]);
      const type = { apiVersion: `${clusterGroup}/v1alpha1`, kind: 'User', plural: 'users', namespaced: false };
      const users = Array.from({ length: 520 }, (_, number) => crossplaneUser(`person-${number}`, { email: `person-${number}@example.com`, name: 'Somebody', role: 'user' }, { externalName: `P${number}` }));
      for (let from = 0; from < users.length; from += 20) await Promise.all(users.slice(from, from + 20).map(async (user) => admin.create(type, user)));
      const own = { ...type, apiVersion: `${namespacedGroup}/v1alpha1`, namespaced: true };
      await admin.create(own, crossplaneUser('mine', { email: 'mine@example.com' }, { namespace }));
      await admin.create(own, crossplaneUser('theirs', { email: 'theirs@example.com' }, { namespace: other }));

      const found = await read({});
      expect(found.problems).toEqual([]);
      for (const number of [0, 260, 519]) expect(ownersOf(found, `person-${number}@example.com`, `P${number}`)).toMatchObject([{ managedBy: 'Crossplane', reference: `users.${clusterGroup} person-${number}` }]);
      expect(ownersOf(found, 'mine@example.com')).toMatchObject([{ reference: `users.${namespacedGroup} mine` }]);
      expect(ownersOf(found, 'theirs@example.com')).toEqual([]);
    });

    it('D7, T12: the proposals are carried out as they are written', async () => {
      const downgrade = await read({}, { change: { action: 'Downgrade', downgradeTo: { role: 'read_only_user', subscriptionIdentifier: 'PLICENSE' } } });
      const remove = await read({}, { change: { action: 'Remove' } });
      for (const [address, resource] of [['person-1@example.com', [`users.${clusterGroup}`, 'person-1']], ['mine@example.com', [`users.${namespacedGroup}`, 'mine', '-n', namespace]]] as const) {
        await carryOut(ownersOf(downgrade, address)[0]?.proposal ?? '');
        const { forProvider } = (JSON.parse(await must(['get', ...resource, '-o', 'json'])) as { spec: { forProvider: object } }).spec;
        expect(forProvider).toMatchObject({ email: address, role: 'read_only_user', license: 'PLICENSE' });
        await carryOut(ownersOf(remove, address)[0]?.proposal ?? '');
        expect((await plane.kubectl(['get', ...resource])).stderr).toContain('NotFound');
      }
    });

    it('guard 12: nameless Users of another namespace and of the cluster hold nobody; one of the cluster is said', async () => {
      const type = { apiVersion: `${clusterGroup}/v1alpha1`, kind: 'User', plural: 'users', namespaced: false };
      await admin.create({ ...type, apiVersion: `${namespacedGroup}/v1alpha1`, namespaced: true }, crossplaneUser('nameless', {}, { namespace: other }));
      expect(await read({})).toMatchObject({ problems: [], notes: [] });
      await admin.create(type, crossplaneUser('nameless', {}));
      const found = await read({});
      expect(found.problems).toEqual([]);
      expect(found.notes).toEqual([expect.stringContaining(`(users.${clusterGroup}) has neither e-mail address nor external name, so it protects nobody`)]);
      expect(found.notes[0]).not.toMatch(/nameless/);
      expect(ownersOf(found, 'person-2@example.com')).toHaveLength(1);
      await admin.delete(type, { name: 'nameless' });
    });

    it('guard 6: a User of the own namespace that does not say whose it is, and rights that are missing, are problems', async () => {
      await admin.create({ apiVersion: `${namespacedGroup}/v1alpha1`, kind: 'User', plural: 'users', namespaced: true }, crossplaneUser('nameless', {}, { namespace }));
      const found = await read({});
      expect(found.problems).toEqual([expect.stringContaining(`(users.${namespacedGroup}) has neither e-mail address nor external name`)]);
      expect(found.problems[0]).not.toMatch(/nameless/);
      await must(['create', 'clusterrole', `only-definitions-${namespace}`, '--verb=get', '--resource=customresourcedefinitions.apiextensions.k8s.io']);
      await must(['create', 'clusterrolebinding', `only-definitions-${namespace}`, `--clusterrole=only-definitions-${namespace}`, `--serviceaccount=${namespace}:stranger`]);
      const refused = await read({}, { client: stranger });
      await plane.kubectl(['delete', 'clusterrole,clusterrolebinding', `only-definitions-${namespace}`]);
      expect(refused.problems).toEqual([expect.stringContaining('cannot be listed; grant'), expect.stringContaining('cannot be listed; grant')]);
    });
  });

  /** The kubectl lines of a proposal, as a person would paste them. */
  async function carryOut(proposal: string): Promise<void> {
    const lines = proposal.split('\n').filter((line) => line.startsWith('kubectl '));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) await must([...line.matchAll(/'([^']*)'|\S+/g)].slice(1).map(([word, quoted]) => quoted ?? word));
  }
});
