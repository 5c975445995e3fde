import { describe, expect, it } from 'vitest';
import { chooseControlPlane, DEFAULT_NODE_IMAGE, type Probes } from './choice.ts';

function machine(has: { files?: string[]; missingForKind?: string } = {}): Probes {
  return {
    fileExists: async (path) => (has.files ?? []).includes(path),
    missingForKind: async () => has.missingForKind,
  };
}

const ASSETS = ['/assets/etcd', '/assets/kube-apiserver', '/assets/kubectl'];

describe('the choice of a control plane', () => {
  it.each([
    { title: 'a given kubeconfig before all else', env: { KUBECONFIG_TEST: '/k', CONTROL_PLANE: 'kind', KUBEBUILDER_ASSETS: '/assets' }, want: { kind: 'given', kubeconfig: '/k' } },
    { title: 'kind when asked for', env: { CONTROL_PLANE: 'kind', KUBEBUILDER_ASSETS: '/assets' }, want: { kind: 'kind', image: DEFAULT_NODE_IMAGE } },
    { title: 'kind with another image', env: { CONTROL_PLANE: 'kind', KIND_NODE_IMAGE: 'local/other:1' }, want: { kind: 'kind', image: 'local/other:1' } },
    { title: 'KUBEBUILDER_ASSETS when kind is not asked for', env: { KUBEBUILDER_ASSETS: '/assets' }, want: { kind: 'assets', directory: '/assets' } },
    { title: 'the embedded one when asked for', env: { CONTROL_PLANE: 'embedded', KUBEBUILDER_ASSETS: '/assets' }, want: { kind: 'embedded' } },
    { title: 'the embedded one when nothing is said', env: { KUBECONFIG_TEST: '', KUBEBUILDER_ASSETS: '' }, want: { kind: 'embedded' } },
  ])('takes $title', async ({ env, want }) => {
    await expect(chooseControlPlane(env, machine({ files: ['/k', ...ASSETS] }))).resolves.toEqual(want);
  });

  it.each([
    { title: 'a kubeconfig that is not there', env: { KUBECONFIG_TEST: '/gone' }, has: {}, want: 'KUBECONFIG_TEST names /gone' },
    { title: 'kind without Docker', env: { CONTROL_PLANE: 'kind' }, has: { missingForKind: 'no Docker engine answers' }, want: 'but no Docker engine answers' },
    { title: 'an incomplete folder of programs', env: { KUBEBUILDER_ASSETS: '/assets' }, has: { files: ['/assets/etcd'] }, want: 'holds no kube-apiserver' },
    { title: 'a word that is no control plane', env: { CONTROL_PLANE: 'minikube' }, has: {}, want: 'CONTROL_PLANE is "minikube"' },
  ])('refuses $title instead of taking another', async ({ env, has, want }) => {
    await expect(chooseControlPlane(env, machine(has))).rejects.toThrow(want);
  });
});
