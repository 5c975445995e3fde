import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../operator/telemetry/metrics.ts';
import { root } from '../support/product.ts';
import { groupingIn, readDashboard, selectorsIn, type Dashboard, type Panel } from './dashboard.ts';

const metrics = new Map(createMetrics().describe().map(({ name, labels }) => [name, labels]));

describe('the dashboard of the licence position (S83)', () => {
  let dashboard: Dashboard;
  let queries: { panel: string; expr: string }[];

  beforeAll(async () => {
    dashboard = await readDashboard(root, 'licence-position');
    queries = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ panel: title, expr })));
  });

  it('is the one there is, and the page of the metrics tells of it', async () => {
    expect((await readdir(join(root, 'config/grafana'))).filter((name) => name.endsWith('.json'))).toEqual(['licence-position.json']);
    expect(await readFile(join(root, 'docs/metrics.md'), 'utf8')).toContain('../config/grafana/licence-position.json');
  });

  it('comes as a ConfigMap that Grafana’s sidecar finds, and the page on installing tells how', async () => {
    const kustomization: unknown = parse(await readFile(join(root, 'config/grafana/kustomization.yaml'), 'utf8'));
    expect(kustomization).toMatchObject({
      generatorOptions: { labels: { grafana_dashboard: '1' } },
      configMapGenerator: [{ files: ['licence-position.json'] }],
    });
    expect(await readFile(join(root, 'docs/install.md'), 'utf8')).toContain('-k config/grafana');
  });

  it('asks only for metrics that the operator has, by labels that they have', () => {
    expect(queries.length).toBeGreaterThan(20);
    const variables = dashboard.templating.list.filter(({ query }) => query.startsWith('label_values')).map(({ name, query }) => ({ panel: name, expr: query }));
    expect(variables).toHaveLength(2);
    for (const { panel, expr } of [...queries, ...variables]) {
      const selectors = selectorsIn(expr);
      expect(selectors.length, panel).toBeGreaterThan(0);
      for (const { name, labels } of selectors) {
        expect(metrics.has(name), `${panel}: ${name}`).toBe(true);
        expect(labels.filter((label) => metrics.get(name)?.includes(label) !== true), `${panel}: ${expr}`).toEqual([]);
      }
      const known = new Set(selectors.flatMap(({ name }) => metrics.get(name) ?? []));
      expect(groupingIn(expr).filter((label) => !known.has(label)), `${panel}: ${expr}`).toEqual([]);
    }
  });

  it('chooses by the namespace and, where the metric has one, the profile of the reader', () => {
    for (const { panel, expr } of queries) {
      for (const { name, labels } of selectorsIn(expr)) {
        const wanted = ['namespace', 'profile'].filter((label) => metrics.get(name)?.includes(label));
        expect(labels, `${panel}: ${expr}`).toEqual(expect.arrayContaining(wanted));
      }
    }
  });

  it('counts no object twice while the lead goes from one replica to another', () => {
    for (const { panel, expr } of queries) {
      const selectors = expr.match(/saaslicense_\w+/g) ?? [];
      const taken = expr.match(/max by \([^)]*\) \(saaslicense_\w+/g) ?? [];
      expect(taken.length, `${panel}: ${expr}`).toBe(selectors.length);
    }
  });

  it('D9: adds up no money of different currencies', () => {
    const ofMoney = queries.filter(({ expr }) => selectorsIn(expr).some(({ name }) => metrics.get(name)?.includes('currency')));
    expect(ofMoney.length).toBeGreaterThan(7);
    for (const { panel, expr } of ofMoney) {
      const groups = [...expr.matchAll(/\b(?:max|sum)(?: by \(([^)]*)\))?/g)].map(([, names = '']) => names.split(',').map((name) => name.trim()));
      for (const group of groups) expect(group, `${panel}: ${expr}`).toContain('currency');
    }
  });

  it('each panel says what it shows, in a unit, and its legend and columns name what its queries give', () => {
    for (const panel of dashboard.panels) {
      expect(panel.description?.length ?? 0, panel.title).toBeGreaterThan(20);
      expect(panel.fieldConfig.defaults.unit, panel.title).toMatch(/^(none|locale|percentunit|s)$/);
      expect(panel.datasource.uid, panel.title).toBe(`\${datasource}`);
      for (const { expr, legendFormat = '' } of panel.targets) {
        const spoken = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label ?? '');
        expect(spoken.filter((label) => !groupingIn(expr).includes(label)), panel.title).toEqual([]);
      }
      const columns = Object.keys(panel.transformations?.find(({ id }) => id === 'organize')?.options.renameByName ?? {});
      expect(columns, panel.title).toEqual(panel.type === 'table' ? columnsOf(panel) : []);
    }
  });

  it('no panel hides another, and none is out of the page', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`));
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos, title } of panels) expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
  });
});

/** What the merged tables of the queries have: labels, then a value a query. */
function columnsOf({ targets }: Panel): string[] {
  return [...groupingIn(targets.at(-1)?.expr ?? ''), ...targets.map(({ refId }) => `Value #${refId}`)];
}
