import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ensureTool, runTool } from '../chart/tools.ts';
import { root } from '../support/product.ts';
import { fillVariables, readDashboard, type Dashboard } from '../tooling/dashboard.ts';

/** A cold build of promtool takes minutes. */
const coldMs = 20 * 60_000;

const profile = 'namespace="team-a",profile="pagerduty"';
const business = `${profile},model="business"`;
const stakeholder = `${profile},model="stakeholder"`;
const contract = 'namespace="team-a",model="business",entitlement="business-2026"';
const dayS = 86_400;

/** What two replicas show one after the other: both are seen for a while. */
const twice = { [`saaslicense_compliant{${business},instance="a"}`]: '0x90', [`saaslicense_compliant{${business},instance="b"}`]: '0x90' };

const series: Readonly<Record<string, string>> = {
  ...twice,
  [`saaslicense_compliant{${stakeholder}}`]: '1x90',
  ...Object.fromEntries(['owned', 'used', 'available', 'needed'].map((state) => [`saaslicense_rights{${business},state="${state}"}`, '10x90'])),
  [`saaslicense_rights_used{${business},use="active"}`]: '60x90',
  [`saaslicense_rights_used{${business},use="stale"}`]: '12x90',
  [`saaslicense_rights_used{${business},use="never_used"}`]: '8x90',
  [`saaslicense_profile_rights{${profile},state="owned"}`]: '100x90',
  [`saaslicense_profile_rights_used{${profile},use="active"}`]: '60x90',
  [`saaslicense_profile_rights_used{${profile},use="pending"}`]: '20x90',
  ...Object.fromEntries(['annual_cost', 'true_up_cost', 'over_licensed_cost'].map((name) => [`saaslicense_${name}{${business},currency="USD"}`, '49200.01x90'])),
  [`saaslicense_savings{${business},currency="USD",kind="potential"}`]: '8856x90',
  ...Object.fromEntries(['USD', 'JPY'].map((currency) => [`saaslicense_profile_annual_cost{${profile},currency="${currency}"}`, '49200.01x90'])),
  [`saaslicense_profile_savings{${profile},currency="USD",kind="potential"}`]: '8856x90',
  [`saaslicense_profile_savings_realised_to_date{${profile},currency="USD"}`]: '12.5x90',
  [`saaslicense_cost_allocated{${business},currency="USD",by="team",name="Payments"}`]: '100x90',
  [`saaslicense_cost_allocated{${stakeholder},currency="USD",by="team",name="Payments"}`]: '50x90',
  [`saaslicense_cost_allocated{${business},currency="USD",by="cost_center",name="4711"}`]: '100x90',
  [`saaslicense_entitlement_end_timestamp_seconds{${contract}}`]: `${30 * dayS + 3600}x90`,
  [`saaslicense_entitlement_end_timestamp_seconds{namespace="team-a",model="business",entitlement="business-2025"}`]: '60x90',
  ...Object.fromEntries(['renewal_due', 'rights', 'suggested_rights'].map((name) => [`saaslicense_entitlement_${name}{${contract}}`, '1x90'])),
  [`saaslicense_license_seats{${profile},license="Business",state="available"}`]: '4x90',
  [`saaslicense_refresh_last_success_timestamp_seconds{${profile},process="activity"}`]: '0x90',
  [`saaslicense_reconciliation_timestamp_seconds{${profile}}`]: '0x90',
  [`saaslicense_unrecognized_subscriptions{${profile}}`]: '3x90',
};

describe('the queries of the dashboard (S83)', () => {
  let promtool: string;
  let directory: string;
  let dashboard: Dashboard;

  beforeAll(async () => {
    promtool = await ensureTool('promtool', { log: (line) => void process.stderr.write(`promtool: ${line}\n`), signal: new AbortController().signal });
    directory = await mkdtemp(join(tmpdir(), 'dashboard-'));
    dashboard = await readDashboard(root, 'licence-position');
  }, coldMs);

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  interface Expected {
    readonly expr: string;
    readonly samples: readonly { readonly labels: string; readonly value: number }[];
  }

  /** What promtool has against these answers after an hour; empty when they are right. */
  async function judge(expected: readonly Expected[]): Promise<string> {
    const file = join(directory, 'queries.test.yaml');
    const inputs = Object.entries(series).map(([name, values]) => ({ series: name, values }));
    const queries = expected.map(({ expr, samples }) => ({ expr, eval_time: '1h', exp_samples: samples }));
    await writeFile(file, stringify({ rule_files: [], evaluation_interval: '1m', tests: [{ interval: '1m', input_series: inputs, promql_expr_test: queries }] }));
    const { code, stdout, stderr } = await runTool(promtool, ['test', 'rules', file]);
    return code === 0 ? '' : stdout + stderr;
  }

  function query(title: string, refId: string): string {
    const target = dashboard.panels.find((panel) => panel.title === title)?.targets.find((one) => one.refId === refId);
    return fillVariables(target?.expr ?? '');
  }

  it('are what Prometheus takes, and each has an answer', async () => {
    const all = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => fillVariables(expr)));
    expect(all.length).toBeGreaterThan(20);
    expect(await judge(all.map((expr) => ({ expr: `(count(${expr}) or vector(0)) > bool 0`, samples: [{ labels: '{}', value: 1 }] })))).toBe('');
    // The judge is one that sees an answer that is not there.
    expect(await judge([{ expr: '(count(saaslicense_unknown) or vector(0)) > bool 0', samples: [{ labels: '{}', value: 1 }] }])).toContain('FAILED');
  });

  it('answer what their panels say', async () => {
    const of = 'namespace="team-a", profile="pagerduty"';
    const answers: Expected[] = [
      { expr: query('Models that are not compliant', 'A'), samples: [{ labels: '{}', value: 1 }] },
      { expr: query('Unused share of the rights used', 'A'), samples: [{ labels: '{}', value: 0.25 }] },
      { expr: query('Unused share of each model', 'A'), samples: [{ labels: `{${of}, model="business"}`, value: 0.25 }] },
      { expr: query('Position of each model', 'unused'), samples: [{ labels: `{${of}, model="business"}`, value: 20 }] },
      { expr: query('Annual cost', 'A'), samples: ['USD', 'JPY'].map((currency) => ({ labels: `{currency="${currency}"}`, value: 49_200.01 })) },
      { expr: query('Cost by team', 'A'), samples: [{ labels: '{name="Payments", currency="USD"}', value: 150 }] },
      { expr: query('Renewals', 'days'), samples: [{ labels: '{namespace="team-a", model="business", entitlement="business-2026"}', value: 30 }] },
      { expr: query('Age of the data', 'B'), samples: [{ labels: `{${of}}`, value: 3600 }] },
    ];
    expect(answers.map(({ expr }) => expr)).not.toContain('');
    expect(await judge(answers)).toBe('');
  });
});
