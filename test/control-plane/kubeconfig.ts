import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';

export interface KubeconfigContent {
  readonly server: string;
  /** PEM; absent only when the given cluster's kubeconfig had none. */
  readonly authority?: string;
  readonly namespace?: string;
  readonly user: { readonly certificate: string; readonly key: string } | { readonly token: string };
}

/** Writes a kubeconfig of one cluster, readable by this user only. */
export async function writeKubeconfig(path: string, content: KubeconfigContent): Promise<void> {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const user =
    'token' in content.user
      ? { token: content.user.token }
      : { 'client-certificate-data': base64(content.user.certificate), 'client-key-data': base64(content.user.key) };
  const authority = content.authority === undefined ? {} : { 'certificate-authority-data': base64(content.authority) };
  const namespace = content.namespace === undefined ? {} : { namespace: content.namespace };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'control-plane', cluster: { server: content.server, ...authority } }],
    users: [{ name: 'user', user }],
    contexts: [{ name: 'control-plane', context: { cluster: 'control-plane', user: 'user', ...namespace } }],
    'current-context': 'control-plane',
  };
  await writeFile(path, stringify(config), { mode: 0o600 });
}
