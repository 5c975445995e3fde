import { positionAlertCases } from './position-alert-cases.ts';
import { ruleAlertCases } from './rule-alert-cases.ts';

/** A situation: series as promtool writes them (start+step×count, an interval apart), looked at after a time that is a multiple of it. */
export interface Situation {
  readonly what: string;
  readonly series: Readonly<Record<string, string>>;
  readonly at: string;
  /** A minute, but for situations of many days, which take promtool long. */
  readonly interval?: string;
}

export interface AlertCase {
  readonly alert: string;
  readonly severity: 'critical' | 'warning' | 'info';
  /** Requirement row or fact that asks for it. */
  readonly source: string;
  /** When it fires, and the labels that it then has besides name and severity. */
  readonly fires: Situation & { readonly labels: readonly Readonly<Record<string, string>>[] };
  readonly quiet: readonly Situation[];
}

const target = 'job="operator",instance="a",pod="operator-a"';
const leads = `leader_election_master_status{name="saas-license-operator-leader",${target}}`;
const standsBy = 'leader_election_master_status{name="saas-license-operator-leader",job="operator",instance="b"}';
const somebodyElse = 'leader_election_master_status{name="cert-manager-controller",job="cert-manager",instance="c"}';
const profile = 'namespace="team-a",profile="pagerduty"';
const published = `saaslicense_profile_published{${profile}}`;
const labelsOf = { namespace: 'team-a', profile: 'pagerduty' };

function clockTrusted(instance: string): string {
  return `saaslicense_clock_trusted{job="operator",instance="${instance}",pod="operator-${instance}"}`;
}

function condition(type: string, status: string, kind = 'ConnectionAlias'): string {
  return `saaslicense_condition{kind="${kind}",namespace="team-a",name="pagerduty",type="${type}",status="${status}"}`;
}

function refresh(metric: string, process: string): string {
  return `saaslicense_refresh_${metric}{${profile},process="${process}"}`;
}

function seats(state: string): string {
  return `saaslicense_license_seats{${profile},license="Business",state="${state}"}`;
}

const object = { kind: 'ConnectionAlias', namespace: 'team-a', name: 'pagerduty' };

const operatorCases: readonly AlertCase[] = [
  {
    alert: 'SaasLicenseOperatorDown',
    severity: 'critical',
    source: 'facts/operators.md B3.33',
    fires: { what: 'only another operator is seen', series: { [somebodyElse]: '1x20' }, at: '11m', labels: [{ name: 'saas-license-operator-leader' }] },
    quiet: [
      { what: 'a replica is seen', series: { [leads]: '1x20' }, at: '11m' },
      { what: 'it was away for a restart', series: { [leads]: '1 _x8 1x20' }, at: '15m' },
    ],
  },
  {
    alert: 'SaasLicenseOperatorNoLeader',
    severity: 'critical',
    source: 'facts/operators.md B3.27',
    fires: { what: 'two replicas, none leads', series: { [leads]: '0x20', [standsBy]: '0x20' }, at: '11m', labels: [{ job: 'operator' }] },
    quiet: [
      { what: 'one of two leads', series: { [leads]: '1x20', [standsBy]: '0x20' }, at: '11m' },
      { what: 'the lead passes from one to the other', series: { [leads]: '1x4 0x20', [standsBy]: '0x8 1x20' }, at: '15m' },
    ],
  },
  {
    alert: 'SaasLicenseClockSkewed',
    severity: 'critical',
    source: 'guard 11',
    fires: { what: 'one of two replicas is a quarter of a year ahead', series: { [clockTrusted('a')]: '1x4 0x20', [clockTrusted('b')]: '1x24' }, at: '16m', labels: [{ job: 'operator', instance: 'a', pod: 'operator-a' }] },
    quiet: [
      { what: 'both are right', series: { [clockTrusted('a')]: '1x20', [clockTrusted('b')]: '1x20' }, at: '16m' },
      { what: 'the API server was away for some minutes', series: { [clockTrusted('a')]: '1x2 0x6 1x12' }, at: '16m' },
    ],
  },
  {
    alert: 'SaasLicenseReconcileErrors',
    severity: 'warning',
    source: 'facts/operators.md B3.33',
    fires: {
      what: 'a failure a minute',
      series: { [leads]: '1x60', [`controller_runtime_reconcile_errors_total{controller="integrationprofile",${target}}`]: '0+1x60' },
      at: '55m',
      labels: [{ controller: 'integrationprofile', job: 'operator' }],
    },
    quiet: [
      { what: 'a burst that ended', series: { [leads]: '1x60', [`controller_runtime_reconcile_errors_total{controller="integrationprofile",${target}}`]: '0+1x10 10x50' }, at: '55m' },
      { what: 'another operator fails', series: { [leads]: '1x60', [somebodyElse]: '1x60', 'controller_runtime_reconcile_errors_total{controller="certificates",job="cert-manager",instance="c"}': '0+9x60' }, at: '55m' },
    ],
  },
  {
    alert: 'SaasLicenseReconcilePanics',
    severity: 'warning',
    source: 'facts/operators.md A9.17',
    fires: {
      what: 'a defect was met',
      series: { [leads]: '1x60', [`controller_runtime_reconcile_panics_total{controller="connectionalias",${target}}`]: '0x10 1x50' },
      at: '30m',
      labels: [{ controller: 'connectionalias', job: 'operator' }],
    },
    quiet: [
      { what: 'long ago', series: { [leads]: '1x200', [`controller_runtime_reconcile_panics_total{controller="connectionalias",${target}}`]: '0x10 1x190' }, at: '150m' },
      { what: 'another operator’s', series: { [leads]: '1x60', [somebodyElse]: '1x60', 'controller_runtime_reconcile_panics_total{controller="certificates",job="cert-manager",instance="c"}': '0x10 1x50' }, at: '30m' },
    ],
  },
];

const objectCases: readonly AlertCase[] = [
  {
    alert: 'SaasLicenseStalled',
    severity: 'warning',
    source: 'design section 4',
    fires: { what: 'a person is needed', series: { [condition('Stalled', 'True')]: '1x30' }, at: '16m', labels: [object] },
    quiet: [
      { what: 'not stalled', series: { [condition('Stalled', 'False')]: '1x30' }, at: '16m' },
      { what: 'mended after ten minutes', series: { [condition('Stalled', 'True')]: '1x10 _x20', [condition('Stalled', 'False')]: '_x10 1x20' }, at: '20m' },
    ],
  },
  {
    alert: 'SaasLicenseStalled',
    severity: 'warning',
    source: 'facts/operators.md B3.27',
    fires: {
      what: 'the leader changes meanwhile',
      series: { [condition('Stalled', 'True').replace('}', ',instance="a"}')]: '1x10 _x20', [condition('Stalled', 'True').replace('}', ',instance="b"}')]: '_x10 1x20' },
      at: '16m',
      labels: [object],
    },
    quiet: [],
  },
  {
    alert: 'SaasLicenseNotReady',
    severity: 'warning',
    source: 'design section 4',
    fires: {
      what: 'tried again for an hour',
      series: { [condition('Ready', 'False')]: '1x90', [condition('Stalled', 'False')]: '1x90', [condition('Ready', 'True', 'IntegrationProfile')]: '1x90' },
      at: '61m',
      labels: [object],
    },
    quiet: [
      { what: 'ready', series: { [condition('Ready', 'True')]: '1x90' }, at: '61m' },
      { what: 'stalled, which has an alert of its own', series: { [condition('Ready', 'False')]: '1x90', [condition('Stalled', 'True')]: '1x90' }, at: '61m' },
      { what: 'for half an hour', series: { [condition('Ready', 'True')]: '1x30 _x60', [condition('Ready', 'Unknown')]: '_x30 1x60' }, at: '61m' },
    ],
  },
  {
    alert: 'SaasLicenseTokenExpiring',
    severity: 'warning',
    source: 'facts/operators.md C4',
    // A token of 24 h is renewed with five to seven hours left.
    fires: {
      what: 'three hours are left',
      series: { 'saaslicense_token_expiry_timestamp_seconds{namespace="team-a",connection_alias="pagerduty"}': '14400x120' },
      at: '60m',
      labels: [{ namespace: 'team-a', connection_alias: 'pagerduty' }],
    },
    quiet: [{ what: 'five hours are left', series: { 'saaslicense_token_expiry_timestamp_seconds{namespace="team-a",connection_alias="pagerduty"}': '21600x120' }, at: '60m' }],
  },
  {
    alert: 'SaasLicenseAuthorizationEnding',
    severity: 'warning',
    source: 'issue 4.1: announced weeks ahead',
    fires: {
      what: 'twenty days are left',
      series: { 'saaslicense_authorization_expiry_timestamp_seconds{namespace="team-a",connection_alias="pagerduty"}': '1728000x120' },
      at: '61m',
      labels: [{ namespace: 'team-a', connection_alias: 'pagerduty' }],
    },
    quiet: [{ what: 'thirty days are left', series: { 'saaslicense_authorization_expiry_timestamp_seconds{namespace="team-a",connection_alias="pagerduty"}': '2592000x120' }, at: '61m' }],
  },
];

const dataCases: readonly AlertCase[] = [
  {
    alert: 'SaasLicenseDataStale',
    severity: 'warning',
    source: 'S76',
    fires: {
      what: 'the last success is 26 hours and a half ago, of the activity less',
      series: {
        [published]: '1x1700',
        [refresh('last_success_timestamp_seconds', 'subscriptions')]: '0x1700',
        [refresh('last_success_timestamp_seconds', 'activity')]: '3600x1700',
      },
      at: '26h30m',
      labels: [{ ...labelsOf, process: 'subscriptions' }],
    },
    quiet: [
      { what: 'a day old', series: { [published]: '1x1700', [refresh('last_success_timestamp_seconds', 'subscriptions')]: '0x1700' }, at: '24h' },
      { what: 'a draft is not refreshed', series: { [published]: '0x1700', [refresh('last_success_timestamp_seconds', 'subscriptions')]: '0x1700' }, at: '27h' },
    ],
  },
  {
    alert: 'SaasLicenseNeverRefreshed',
    severity: 'warning',
    source: 'S76',
    fires: { what: 'published for two hours, and no success is known', series: { [published]: '1x150' }, at: '121m', labels: [labelsOf] },
    quiet: [
      { what: 'refreshed', series: { [published]: '1x150', [refresh('last_success_timestamp_seconds', 'subscriptions')]: '_x5 300x145' }, at: '121m' },
      { what: 'a draft', series: { [published]: '0x150' }, at: '121m' },
      { what: 'published an hour ago', series: { [published]: '0x60 1x90' }, at: '121m' },
    ],
  },
  {
    alert: 'SaasLicenseRefreshFailing',
    severity: 'warning',
    source: 'S76',
    fires: {
      what: 'the last run failed',
      series: { [refresh('last_run_success', 'activity')]: '0x60', [refresh('last_run_success', 'subscriptions')]: '1x60' },
      at: '31m',
      labels: [{ ...labelsOf, process: 'activity' }],
    },
    quiet: [{ what: 'a retry succeeded', series: { [refresh('last_run_success', 'activity')]: '0x20 1x40' }, at: '31m' }],
  },
  {
    alert: 'SaasLicenseVendorRateLimited',
    severity: 'info',
    source: 'facts/operators.md C3',
    fires: {
      what: 'a 429 a minute',
      series: { [`saaslicense_vendor_requests_total{provider="PagerDuty",route="/users",code="429",${target}}`]: '0+1x60' },
      at: '40m',
      labels: [{ job: 'operator', provider: 'PagerDuty', route: '/users' }],
    },
    quiet: [
      { what: 'one now and then', series: { [`saaslicense_vendor_requests_total{provider="PagerDuty",route="/users",code="429",${target}}`]: '0x20 1x20 2x20' }, at: '40m' },
      { what: 'many that were answered', series: { [`saaslicense_vendor_requests_total{provider="PagerDuty",route="/users",code="200",${target}}`]: '0+50x60' }, at: '40m' },
    ],
  },
  {
    alert: 'SaasLicensePoolLow',
    severity: 'warning',
    source: 'C20',
    fires: {
      what: 'four of a hundred seats are left',
      series: { [seats('available')]: '4x90', [seats('assigned')]: '96x90' },
      at: '61m',
      labels: [{ ...labelsOf, license: 'Business' }],
    },
    quiet: [
      { what: 'six of a hundred', series: { [seats('available')]: '6x90', [seats('assigned')]: '94x90' }, at: '61m' },
      { what: 'four of ten', series: { [seats('available')]: '4x90', [seats('assigned')]: '6x90' }, at: '61m' },
      { what: 'a licence without an end', series: { [seats('assigned')]: '96x90' }, at: '61m' },
    ],
  },
  {
    alert: 'SaasLicensePoolLow',
    severity: 'warning',
    source: 'C20, the small account',
    fires: {
      what: 'two of ten seats are left',
      series: { [seats('available')]: '2x90', [seats('assigned')]: '8x90' },
      at: '61m',
      labels: [{ ...labelsOf, license: 'Business' }],
    },
    quiet: [{ what: 'for half an hour', series: { [seats('available')]: '5x30 2x60', [seats('assigned')]: '5x30 8x60' }, at: '61m' }],
  },
];

export const alertCases: readonly AlertCase[] = [...operatorCases, ...objectCases, ...dataCases, ...positionAlertCases, ...ruleAlertCases];
