import { ControlPlaneError } from './contract.ts';

/** Where the API server comes from. */
export type Choice =
  | { readonly kind: 'given'; readonly kubeconfig: string }
  | { readonly kind: 'kind'; readonly image: string }
  | { readonly kind: 'assets'; readonly directory: string }
  | { readonly kind: 'embedded' };

/** What the machine has; asked only when the answer matters. */
export interface Probes {
  fileExists(path: string): Promise<boolean>;
  /** Undefined when all that kind needs is there, else what is missing, as part of a sentence. */
  missingForKind(image: string): Promise<string | undefined>;
}

export const DEFAULT_NODE_IMAGE = 'local/kind-node:v1.37.2';

/**
 * The first of design section 6 that is there. What was asked for by name and cannot be had is an error, never
 * silently replaced: a run on something weaker than was asked for proves less than it says.
 */
export async function chooseControlPlane(env: NodeJS.ProcessEnv, probes: Probes): Promise<Choice> {
  const given = env['KUBECONFIG_TEST'] ?? '';
  const wanted = env['CONTROL_PLANE'] ?? '';
  if (given !== '') return chooseGiven(given, probes);
  if (!['', 'kind', 'embedded'].includes(wanted)) {
    throw new ControlPlaneError(`CONTROL_PLANE is "${wanted}": it may be kind or embedded, or unset.`);
  }
  if (wanted === 'kind') return chooseKind(env, probes);
  const assets = env['KUBEBUILDER_ASSETS'] ?? '';
  return assets === '' || wanted === 'embedded' ? { kind: 'embedded' } : chooseAssets(assets, probes);
}

async function chooseGiven(kubeconfig: string, probes: Probes): Promise<Choice> {
  if (await probes.fileExists(kubeconfig)) return { kind: 'given', kubeconfig };
  throw new ControlPlaneError(`KUBECONFIG_TEST names ${kubeconfig}, which cannot be read: correct or unset it.`);
}

async function chooseAssets(directory: string, probes: Probes): Promise<Choice> {
  for (const program of ['etcd', 'kube-apiserver', 'kubectl']) {
    if (await probes.fileExists(`${directory}/${program}`)) continue;
    throw new ControlPlaneError(`KUBEBUILDER_ASSETS names ${directory}, which holds no ${program}: correct or unset it.`);
  }
  return { kind: 'assets', directory };
}

async function chooseKind(env: NodeJS.ProcessEnv, probes: Probes): Promise<Choice> {
  const image = env['KIND_NODE_IMAGE'] ?? DEFAULT_NODE_IMAGE;
  const missing = await probes.missingForKind(image);
  if (missing === undefined) return { kind: 'kind', image };
  throw new ControlPlaneError(`CONTROL_PLANE=kind was asked for, but ${missing}. Put that right, or unset CONTROL_PLANE for the embedded control plane.`);
}
