import type { AlertCase } from './alert-cases.ts';

/** Cases of the alerts on the licence position. Times in series are seconds since promtool’s start. */
const profile = 'namespace="team-a",profile="pagerduty"';
const model = `${profile},model="business"`;
const contract = 'namespace="team-a",model="business",entitlement="business-2026"';
const ofProfile = { namespace: 'team-a', profile: 'pagerduty' };
const ofModel = { ...ofProfile, model: 'business' };
const ofContract = { namespace: 'team-a', model: 'business', entitlement: 'business-2026' };

function rights(state: string, of = model): string {
  return `saaslicense_rights{${of},state="${state}"}`;
}

const compliant = `saaslicense_compliant{${model}}`;
const product = `saaslicense_product_compliant{${profile},product="PagerDuty"}`;
const seats = `saaslicense_seats_available{${model}}`;
const ends = `saaslicense_entitlement_end_timestamp_seconds{${contract}}`;
const due = `saaslicense_entitlement_renewal_due{${contract}}`;
const reconciled = `saaslicense_reconciliation_timestamp_seconds{${profile}}`;
const refreshed = `saaslicense_refresh_last_success_timestamp_seconds{${profile},process="subscriptions"}`;
const unrecognized = `saaslicense_unrecognized_identifiers{${profile}}`;

/** The series as one replica shows it, then another: the leader changed. */
function changesLeader(series: string, value: number): Record<string, string> {
  return {
    [series.replace('}', ',instance="a"}')]: `${value}x30 _x60`,
    [series.replace('}', ',instance="b"}')]: `_x30 ${value}x60`,
  };
}

const complianceCases: readonly AlertCase[] = [
  {
    alert: 'SaasLicenseNonCompliant',
    severity: 'warning',
    source: 'S84',
    fires: { what: 'ten rights are used and not owned', series: { [rights('needed')]: '10x90', [compliant]: '0x90' }, at: '61m', labels: [ofModel] },
    quiet: [
      { what: 'all are owned', series: { [rights('needed')]: '0x90', [compliant]: '1x90' }, at: '61m' },
      { what: 'more are owned than used (L31)', series: { [rights('needed')]: '0x90', [rights('available')]: '50x90', [compliant]: '1x90' }, at: '61m' },
      { what: 'without any entitlement there is nothing to compare with', series: { [rights('needed')]: '10x90' }, at: '61m' },
      { what: 'for half an hour', series: { [rights('needed')]: '0x30 10x60', [compliant]: '1x30 0x60' }, at: '61m' },
    ],
  },
  {
    alert: 'SaasLicenseNonCompliant',
    severity: 'warning',
    source: 'C23, the renewal that was missed',
    fires: {
      what: 'the only entitlement ended yesterday',
      series: { [compliant]: '1x2 _x50', [rights('needed')]: '0x2 90x50' },
      at: '24h',
      interval: '30m',
      labels: [ofModel],
    },
    quiet: [{ what: 'it ended eight days ago and nothing was bought since', series: { [compliant]: '1x2 _x400', [rights('needed')]: '0x2 90x400' }, at: `${8 * 24 + 1}h`, interval: '30m' }],
  },
  {
    alert: 'SaasLicenseNonCompliant',
    severity: 'warning',
    source: 'facts/operators.md B3.27',
    fires: {
      what: 'the leader changes meanwhile',
      series: { ...changesLeader(rights('needed'), 10), ...changesLeader(compliant, 0) },
      at: '61m',
      labels: [ofModel],
    },
    quiet: [],
  },
  {
    alert: 'SaasLicenseProductNonCompliant',
    severity: 'warning',
    source: 'L31',
    fires: {
      what: 'each entitlement is compliant, and another model of the product has none',
      series: { [product]: '0x90', [compliant]: '1x90', [rights('needed')]: '0x90', [rights('needed', `${profile},model="stakeholder"`)]: '5x90' },
      at: '61m',
      labels: [{ ...ofProfile, product: 'PagerDuty' }],
    },
    quiet: [
      { what: 'for half an hour', series: { [product]: '1x30 0x60', [compliant]: '1x90' }, at: '61m' },
      { what: 'the product is covered', series: { [product]: '1x90', [compliant]: '1x90', [rights('needed')]: '0x90' }, at: '61m' },
      { what: 'a model lacks rights, which SaasLicenseNonCompliant says', series: { [product]: '0x90', [compliant]: '0x90', [rights('needed')]: '10x90' }, at: '61m' },
    ],
  },
];

const runningOutCases: readonly AlertCase[] = [
  {
    alert: 'SaasLicenseRightsRunningOut',
    severity: 'warning',
    source: 'C20',
    fires: {
      what: 'four of a hundred rights are left, and the vendor would give more seats',
      series: { [rights('owned')]: '100x90', [rights('available')]: '4x90', [compliant]: '1x90', [seats]: '30x90' },
      at: '61m',
      labels: [ofModel],
    },
    quiet: [
      { what: 'five of a hundred', series: { [rights('owned')]: '100x90', [rights('available')]: '5x90', [compliant]: '1x90' }, at: '61m' },
      { what: 'one of ten', series: { [rights('owned')]: '10x90', [rights('available')]: '1x90', [compliant]: '1x90' }, at: '61m' },
      { what: 'too few, which SaasLicenseNonCompliant says', series: { [rights('owned')]: '100x90', [rights('available')]: '0x90', [rights('needed')]: '3x90', [compliant]: '0x90' }, at: '61m' },
      { what: 'the vendor has no more seats either, which SaasLicensePoolLow says', series: { [rights('owned')]: '100x90', [rights('available')]: '4x90', [compliant]: '1x90', [seats]: '4x90' }, at: '61m' },
      { what: 'nothing is owned', series: { [rights('owned')]: '0x90', [rights('available')]: '0x90' }, at: '61m' },
      { what: 'for half an hour', series: { [rights('owned')]: '100x90', [rights('available')]: '20x30 2x60', [compliant]: '1x90' }, at: '61m' },
    ],
  },
  {
    alert: 'SaasLicenseRightsRunningOut',
    severity: 'warning',
    source: 'C20, the small account, whose vendor states no limit',
    fires: {
      what: 'none of ten is left',
      series: { ...changesLeader(rights('owned'), 10), ...changesLeader(rights('available'), 0), ...changesLeader(compliant, 1) },
      at: '61m',
      labels: [ofModel],
    },
    quiet: [],
  },
];

const renewalCases: readonly AlertCase[] = [
  {
    alert: 'SaasLicenseRenewalDue',
    severity: 'warning',
    source: 'C23, L35',
    fires: { what: 'sixty days are left', series: { ...changesLeader(ends, 60 * 86_400), ...changesLeader(due, 1) }, at: '61m', labels: [ofContract] },
    quiet: [
      { what: 'due for half an hour', series: { [ends]: `${60 * 86_400}x90`, [due]: '0x30 1x60' }, at: '61m' },
      { what: 'not due yet', series: { [ends]: `${120 * 86_400}x90`, [due]: '0x90' }, at: '61m' },
      { what: 'renewed: ten days are left, and nothing is due', series: { [ends]: `${10 * 86_400}x90`, [due]: '0x90' }, at: '61m' },
      { what: 'it runs on', series: { [`saaslicense_entitlement_rights{${contract}}`]: '100x90' }, at: '61m' },
      { what: 'it has ended, and its series with it', series: { [ends]: '1800x30 _x60', [due]: '1x30 _x60' }, at: '61m' },
    ],
  },
  {
    alert: 'SaasLicenseRenewalDue',
    severity: 'critical',
    source: 'C23',
    // An hour and a minute later 14 days are left to the minute.
    fires: { what: 'fourteen days are left for an hour', series: { [ends]: `${14 * 86_400}x90`, [due]: '1x90' }, at: '61m', labels: [ofContract] },
    quiet: [{ what: 'fifteen days are left, and a renewal is there', series: { [ends]: `${15 * 86_400}x90`, [due]: '0x90' }, at: '61m' }],
  },
];

const positionCases: readonly AlertCase[] = [
  {
    alert: 'SaasLicensePositionStale',
    severity: 'warning',
    source: 'S81',
    fires: {
      what: 'not reconciled for eight days, and not refreshed either',
      series: { [reconciled]: '0x400', [refreshed]: '0x400' },
      at: `${8 * 24 + 2}h`,
      interval: '30m',
      labels: [ofProfile],
    },
    quiet: [
      { what: 'eight days old', series: { [reconciled]: '0x400', [refreshed]: '0x400' }, at: `${8 * 24}h`, interval: '30m' },
      { what: 'there is no profile, or it was never refreshed', series: { [`saaslicense_profile_published{${profile}}`]: '1x90' }, at: '61m' },
    ],
  },
  {
    alert: 'SaasLicensePositionStale',
    severity: 'warning',
    source: 'S81, after a refresh',
    fires: {
      what: 'an hour after the last download the position is still that of the one before',
      series: { ...changesLeader(reconciled, 0), [refreshed]: '0x10 600x80' },
      at: '73m',
      labels: [ofProfile],
    },
    quiet: [
      { what: 'a minute after it', series: { [reconciled]: '0x90', [refreshed]: '0x60 3600x30' }, at: '63m' },
      { what: 'reconciled half an hour after it', series: { [reconciled]: '0x40 2400x50', [refreshed]: '0x10 600x80' }, at: '73m' },
      { what: 'the clock of the download was four minutes ahead', series: { [reconciled]: '360x90', [refreshed]: '600x90' }, at: '73m' },
      { what: 'reconciled in the same second', series: { [reconciled]: '600x90', [refreshed]: '600x90' }, at: '73m' },
    ],
  },
  {
    alert: 'SaasLicensePositionStale',
    severity: 'warning',
    source: 'S81, from the start',
    fires: { what: 'downloaded an hour ago and never reconciled', series: { [refreshed]: '0x90' }, at: '61m', labels: [ofProfile] },
    quiet: [],
  },
  {
    alert: 'SaasLicenseUnrecognizedIdentifiers',
    severity: 'warning',
    source: 'L25',
    fires: { what: 'two identifiers belong to no model', series: changesLeader(unrecognized, 2), at: '61m', labels: [ofProfile] },
    quiet: [
      { what: 'all belong to one', series: { [unrecognized]: '0x90' }, at: '61m' },
      { what: 'for half an hour', series: { [unrecognized]: '0x30 2x60' }, at: '61m' },
    ],
  },
];

export const positionAlertCases: readonly AlertCase[] = [...complianceCases, ...runningOutCases, ...renewalCases, ...positionCases];
