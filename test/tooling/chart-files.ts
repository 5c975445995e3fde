import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folder of the chart, relative to the root of the repository. */
export const chartFolder = 'charts/saas-license-operator';

interface ChartFile {
  readonly path: string;
  readonly text: string | undefined;
}

/** Files outside the chart that it takes as they are: a chart can read no file but its own. */
const copies = {
  'config/rbac/operator.yaml': 'files/rbac/operator.yaml',
  'config/rbac/refresh.yaml': 'files/rbac/refresh.yaml',
  'config/rbac/people.yaml': 'files/rbac/people.yaml',
  'config/policies/decisions.yaml': 'files/policies/decisions.yaml',
  'config/policies/confirmations.yaml': 'files/policies/confirmations.yaml',
  'config/policies/refresh-pods.yaml': 'files/policies/refresh-pods.yaml',
  'config/prometheus/prometheus-rule.yaml': 'files/prometheus-rule.yaml',
} as const;

/** What the chart and kustomize need of the CRDs, the permissions and the alerts: each is written in one place. */
export async function renderChartFiles(root: string, crds: readonly { path: string; text: string }[]): Promise<ChartFile[]> {
  const templates = crds.map(({ path, text }) => ({ path: `${chartFolder}/templates/${path}`, text: renderCrdTemplate(text) }));
  const known = new Set(templates.map(({ path }) => path));
  const names = await readdir(join(root, chartFolder, 'templates/crds')).catch(() => []);
  const leftovers = names.map((name) => `${chartFolder}/templates/crds/${name}`).filter((path) => !known.has(path));
  const copied = Object.entries(copies).map(async ([source, target]) => ({
    path: `${chartFolder}/${target}`,
    text: `# Copied from ${source} by \`npm run generate\`: change it there.\n${await readFile(join(root, source), 'utf8')}`,
  }));
  return [
    ...templates,
    ...leftovers.map((path) => ({ path, text: undefined })),
    ...(await Promise.all(copied)),
    { path: 'crds/Kustomization', text: renderKustomization(crds.map(({ path }) => path.replace(/^crds\//, ''))) },
  ];
}

/**
 * The CRD as a template. Helm deletes what it installed; a deleted CRD takes along every object of its kind, so it is
 * told to keep it (facts/operators.md B4.38).
 */
export function renderCrdTemplate(crd: string): string {
  const metadata = '\nmetadata:\n';
  if (crd.split(metadata).length !== 2) throw new Error('a CRD has one metadata at the top level');
  const kept = crd.replace(metadata, `${metadata}  annotations:\n    helm.sh/resource-policy: keep\n`);
  // What looks like a template in a description or a pattern is text.
  const text = kept.replaceAll('{{', '{{ "{{" }}');
  return `{{- if .Values.crds.enabled }}\n${text}{{- end }}\n`;
}

/** Under the one name of kustomize's that `kubectl apply -f crds` does not take for an object. */
function renderKustomization(names: readonly string[]): string {
  const lines = names.map((name) => `  - ${name}\n`).join('');
  return `# Made by \`npm run generate\`.\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${lines}`;
}
