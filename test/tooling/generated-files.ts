import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { toCustomResourceDefinition } from '../../operator/api/crd.ts';
import { group } from '../../operator/api/group.ts';
import type { KindDefinition } from '../../operator/api/kind.ts';
import { defineKinds } from '../../operator/api/kinds.ts';
import { createProviders, providerFragments } from '../../operator/providers/registry.ts';
import { createMetrics, type MetricDescription } from '../../operator/telemetry/metrics.ts';
import { renderChartFiles } from './chart-files.ts';
import { fillBlock, renderTable } from './generated-block.ts';
import { guideBlocks } from './render-guide.ts';
import { renderKind } from './render-kind.ts';

/** A file that the generator owns, wholly or in part. `undefined` as text: it is to go. */
export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string | undefined;
}

/** What every generated file should hold now; the hand-written parts of pages are kept. */
export async function renderGeneratedFiles(root: string): Promise<GeneratedFile[]> {
  const kinds = defineKinds(providerFragments(createProviders()));
  const crds = kinds.map((kind) => ({ path: crdPath(kind), text: renderCrd(kind) }));
  const pages = kinds.map(async (kind) => renderKindPage(root, kind));
  return [
    ...crds,
    ...(await listLeftovers(root, new Set(crds.map(({ path }) => path)))),
    ...(await Promise.all(pages)),
    await renderPage(root, 'docs/metrics.md', { metrics: renderMetrics() }),
    ...(await renderChartFiles(root, crds)),
    await renderPage(root, 'docs/guide.md', guideBlocks()),
  ];
}

export function crdPath(kind: KindDefinition): string {
  return `crds/${group}_${kind.plural}.yaml`;
}

export function kindPage(kind: KindDefinition): string {
  return `docs/kinds/${kind.kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}.md`;
}

export function renderCrd(kind: KindDefinition): string {
  const header = '# Made from operator/api by `npm run generate`: change it there.\n';
  return header + stringify(toCustomResourceDefinition(kind), { lineWidth: 0, aliasDuplicateObjects: false });
}

/** CRDs of kinds that are no more. */
async function listLeftovers(root: string, known: ReadonlySet<string>): Promise<GeneratedFile[]> {
  const names = await readdir(join(root, 'crds')).catch(() => []);
  const paths = names.filter((name) => name.endsWith('.yaml')).map((name) => `crds/${name}`);
  return paths.filter((path) => !known.has(path)).map((path) => ({ path, text: undefined }));
}

/** Labels that name an object of a kind, the narrower ones last: a metric is told of on the page of the last that it has. */
const naming = { ConnectionAlias: 'connection_alias', IntegrationProfile: 'profile', SoftwareModel: 'model', SoftwareEntitlement: 'entitlement', ReclamationRule: 'rule' } as const;
/** Kinds whose conditions alone are shown. */
const conditionsOnly = ['SubscriptionExclusion'];

async function renderKindPage(root: string, kind: KindDefinition): Promise<GeneratedFile> {
  const label = Object.entries(naming).find(([name]) => name === kind.kind)?.[1];
  const fields = { fields: renderKind(kind) };
  if (label === undefined && !conditionsOnly.includes(kind.kind)) return renderPage(root, kindPage(kind), fields);
  const metrics = renderMetrics(({ name, labels }) => name === 'saaslicense_condition' || ownerOf(labels) === (label ?? ''));
  return renderPage(root, kindPage(kind), { ...fields, metrics });
}

function ownerOf(labels: readonly string[]): string | undefined {
  return Object.values(naming).findLast((label) => labels.includes(label));
}

/** Fills the blocks of a page, by name. */
async function renderPage(root: string, path: string, blocks: Readonly<Record<string, string>>): Promise<GeneratedFile> {
  const page = await readFile(join(root, path), 'utf8');
  try {
    return { path, text: Object.entries(blocks).reduce((text, [block, content]) => fillBlock(text, block, content), page) };
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : 'unreadable'}`, { cause: error });
  }
}

function renderMetrics(isShown: (metric: MetricDescription) => boolean = () => true): string {
  const rows = createMetrics()
    .describe()
    .filter(isShown)
    .map(({ name, type, labels, help }) => [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help]);
  return renderTable(['Metric', 'Type', 'Labels', 'Meaning'], rows);
}
