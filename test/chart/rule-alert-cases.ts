import type { AlertCase } from './alert-cases.ts';

const rule = 'namespace="team-a",profile="pagerduty",rule="business"';
const ofRule = { namespace: 'team-a', profile: 'pagerduty', rule: 'business' };
const attention = `saaslicense_removal_candidates{${rule},state="AttentionRequired"}`;
const held = `saaslicense_rule_held{${rule}}`;
const started = `saaslicense_reclaims_started{${rule}}`;
const allowed = `saaslicense_reclaims_allowed{${rule}}`;

export const ruleAlertCases: readonly AlertCase[] = [
  {
    alert: 'SaasLicenseReclaimAttention',
    severity: 'warning',
    source: 'L6, L7',
    fires: { what: 'a reclaim was refused an hour ago', series: { [attention]: '1x90' }, at: '61m', labels: [ofRule] },
    quiet: [
      { what: 'none needs anybody', series: { [attention]: '0x90' }, at: '61m' },
      { what: 'it was settled in between', series: { [attention]: '1x30 0x60' }, at: '61m' },
    ],
  },
  {
    alert: 'SaasLicenseEvaluationHeld',
    severity: 'warning',
    source: 'C11, C12',
    fires: { what: 'held for more than a day', series: { [held]: '1x200' }, at: '27h', interval: '10m', labels: [ofRule] },
    quiet: [
      { what: 'held while a refresh ran', series: { [held]: '1x6 0x200' }, at: '27h', interval: '10m' },
      { what: 'not held', series: { [held]: '0x200' }, at: '27h', interval: '10m' },
    ],
  },
  {
    alert: 'SaasLicenseReclaimsBeyondLimit',
    severity: 'critical',
    source: 'guard 5',
    fires: { what: 'one more than is allowed', series: { [started]: '11x10', [allowed]: '10x10' }, at: '5m', labels: [ofRule] },
    quiet: [{ what: 'as many as are allowed', series: { [started]: '10x10', [allowed]: '10x10' }, at: '5m' }],
  },
];
