import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { createMetrics } from '../../operator/telemetry/metrics.ts';
import { alertCases, type AlertCase, type Situation } from '../chart/alert-cases.ts';
import { ensureTool, runTool } from '../chart/tools.ts';
import { root } from '../support/product.ts';

interface Rule {
  alert: string;
  expr: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** A cold build of promtool takes minutes. */
const coldMs = 20 * 60_000;

describe('alerts', () => {
  let promtool: string;
  let directory: string;
  let groups: { name: string; rules: Rule[] }[];
  let rules: Rule[];

  beforeAll(async () => {
    promtool = await ensureTool('promtool', { log: (line) => void process.stderr.write(`promtool: ${line}\n`), signal: new AbortController().signal });
    directory = await mkdtemp(join(tmpdir(), 'alerts-'));
    const object = parse(await readFile(join(root, 'config/prometheus/prometheus-rule.yaml'), 'utf8')) as { spec: { groups: typeof groups } };
    ({ groups } = object.spec);
    rules = groups.flatMap((group) => group.rules);
    await writeFile(join(directory, 'rules.yaml'), stringify({ groups }));
    // What an alert says is looked at below; promtool compares it word for word.
    const silent = groups.map((group) => ({ ...group, rules: group.rules.map((rule) => ({ ...rule, annotations: {} })) }));
    await writeFile(join(directory, 'silent.yaml'), stringify({ groups: silent }));
  }, coldMs);

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function judge(situation: Situation, alert: string, expected: object[]): Promise<string> {
    const file = join(directory, `${alert}-${situation.at}.test.yaml`);
    const series = Object.entries(situation.series).map(([name, values]) => ({ series: name, values }));
    const { interval = '1m' } = situation;
    const test = { interval, input_series: series, alert_rule_test: [{ eval_time: situation.at, alertname: alert, exp_alerts: expected }] };
    await writeFile(file, stringify({ rule_files: ['silent.yaml'], evaluation_interval: interval, tests: [test] }));
    const { code, stdout, stderr } = await runTool(promtool, ['test', 'rules', file]);
    return code === 0 ? '' : stdout + stderr;
  }

  const expectedOf = ({ fires, severity }: AlertCase): object[] => fires.labels.map((labels) => ({ exp_labels: { severity, ...labels } }));

  it('are rules that Prometheus takes', async () => {
    const { code, stdout, stderr } = await runTool(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', join(directory, 'rules.yaml')]);
    expect(stderr + (code === 0 ? '' : stdout)).toBe('');
  });

  it.each(alertCases)('$alert fires: $fires.what ($source)', async (alertCase) => {
    expect(await judge(alertCase.fires, alertCase.alert, expectedOf(alertCase))).toBe('');
  });

  it.each(alertCases.flatMap(({ alert, quiet }) => quiet.map((situation) => ({ alert, situation }))))('$alert is quiet: $situation.what', async ({ alert, situation }) => {
    expect(await judge(situation, alert, [])).toBe('');
  });

  it('a test of an alert that never fires would be seen', async () => {
    const [first] = alertCases;
    expect(first === undefined ? '' : await judge(first.quiet[0] ?? first.fires, first.alert, expectedOf(first))).toContain('FAILED');
  });

  it('each alert has its cases, and speaks only of labels that it has', () => {
    const rungs = (all: readonly { alert: string; severity: string }[]) => [...new Set(all.map(({ alert, severity }) => `${alert} ${severity}`))].sort();
    expect(rungs(alertCases)).toEqual(rungs(rules.map(({ alert, labels }) => ({ alert, severity: labels['severity'] ?? '' }))));
    for (const rule of rules) {
      const known = new Set(alertCases.filter(({ alert }) => alert === rule.alert).flatMap(({ fires }) => fires.labels.flatMap((labels) => Object.keys(labels))));
      const spoken = [...JSON.stringify(rule.annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label ?? '');
      expect(spoken.filter((label) => !known.has(label)), rule.alert).toEqual([]);
      expect(rule.annotations, rule.alert).toMatchObject({ summary: expect.any(String), description: expect.any(String) });
    }
  });

  it('each alert has its runbook, and there is none without an alert', async () => {
    const pages = (await readdir(join(root, 'docs/runbooks'))).filter((name) => name !== 'README.md');
    expect(pages.sort()).toEqual([...new Set(rules.map(({ alert }) => `${alert}.md`))].sort());
    for (const { alert, annotations } of rules) {
      expect(annotations['runbook_url']).toBe(`docs/runbooks/${alert}.md`);
      const page = await readFile(join(root, 'docs/runbooks', `${alert}.md`), 'utf8');
      for (const heading of ['## Meaning', '## Impact', '## Diagnosis', '## Mitigation']) expect(page, alert).toContain(`${heading}\n`);
    }
  });

  it('ask only for metrics that the operator has, with the labels that they have', () => {
    const metrics = new Map(createMetrics().describe().map(({ name, labels }) => [name, labels]));
    const asked = rules.flatMap(({ expr }) => expr.match(/\b(?:saaslicense|controller_runtime|leader_election|workqueue|rest_client)_\w+/g) ?? []);
    expect([...new Set(asked)].filter((name) => !metrics.has(name)).sort()).toEqual([]);
    // Prometheus adds these.
    const target = ['job', 'instance', 'pod'];
    const series = alertCases.flatMap(({ fires, quiet }) => [fires, ...quiet].flatMap((situation) => Object.keys(situation.series)));
    for (const text of new Set(series)) {
      const labels = [...text.matchAll(/[{,](\w+)=/g)].map(([, label]) => label ?? '').filter((label) => !target.includes(label));
      expect(labels.sort(), text).toEqual([...(metrics.get(text.split('{', 1)[0] ?? '') ?? [])].sort());
    }
  });
});
