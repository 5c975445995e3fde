import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane/index.ts';

export const apiKey = 'bench-key';
const account = 'refresh';
const profileName = 'pagerduty';

/** A namespace with a profile, an alias and the service account that a refresh pod has, with no more rights than it needs. */
export interface Tenant {
  readonly namespace: string;
  readonly profileName: string;
  readonly profileUid: string;
  readonly tokenDirectory: string;
  /** What a pod finds of its own service account. */
  readonly accountDirectory: string;
}

export async function createTenant(plane: ControlPlane, options: { namespace: string; vendor: string }): Promise<Tenant> {
  const { namespace, vendor } = options;
  await kubectl(plane, ['create', 'namespace', namespace]);
  await kubectl(plane, ['apply', '--namespace', namespace, '-f', '-'], objectsOf(namespace, vendor));
  const uid = await kubectl(plane, ['get', 'integrationprofile', profileName, '--namespace', namespace, '-o', 'jsonpath={.metadata.uid}']);
  const accountDirectory = join(plane.directory, `${namespace}-account`);
  const tokenDirectory = join(plane.directory, `${namespace}-token`);
  const token = await kubectl(plane, ['create', 'token', account, '--namespace', namespace, '--duration', '8h']);
  const authority = await kubectl(plane, ['get', 'configmap', 'kube-root-ca.crt', '--namespace', 'default', '-o', 'jsonpath={.data.ca\\.crt}']);
  await writeFiles(accountDirectory, { token, 'ca.crt': authority, namespace });
  await writeFiles(tokenDirectory, { token: apiKey, scheme: 'ApiToken', scopes: '', credentialId: namespace, expiresAt: '' });
  return { namespace, profileName, profileUid: uid, tokenDirectory, accountDirectory };
}

/** Runs kubectl and answers what it printed. Throws when it failed. */
export async function kubectl(plane: ControlPlane, args: string[], input?: string): Promise<string> {
  const result = await plane.kubectl(args, input === undefined ? {} : { input });
  if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${result.stderr}`);
  return result.stdout;
}

export async function writeFiles(directory: string, files: Record<string, string>): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text, { mode: 0o600 });
}

function objectsOf(namespace: string, vendor: string): string {
  const metadata = { name: account, namespace };
  const alias = { apiVersion: 'saaslicense.dev/v1alpha1', kind: 'ConnectionAlias', metadata: { name: profileName, namespace } };
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: refreshRules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
    },
    {
      ...alias,
      spec: {
        type: 'PagerDuty',
        apiToken: { secretRef: { name: 'none' } },
        pagerduty: { subdomain: 'acme-example', endpoints: { api: vendor, identity: vendor, app: vendor } },
      },
    },
    {
      ...alias,
      kind: 'IntegrationProfile',
      spec: { type: 'PagerDuty', displayName: 'Benchmark', connectionAliasRef: { name: profileName } },
    },
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** The least that a refresh needs: the benchmark fails when it needs more. */
const refreshRules = [
  { apiGroups: ['saaslicense.dev'], resources: ['integrationprofiles', 'connectionaliases'], verbs: ['get'] },
  { apiGroups: ['saaslicense.dev'], resources: ['integrationprofiles/status'], verbs: ['patch'] },
  { apiGroups: ['saaslicense.dev'], resources: ['softwaresubscriptions'], verbs: ['get', 'list', 'create', 'patch', 'delete'] },
  { apiGroups: ['saaslicense.dev'], resources: ['softwaresubscriptions/status'], verbs: ['patch'] },
];
