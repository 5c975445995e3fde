import { apiVersion } from '../../operator/api/group.ts';
import { leastSpecs } from './least-specs.ts';

export type KindName = keyof typeof leastSpecs;
/** What a case makes of the least spec of a kind. */
export type Change = (spec: Record<string, unknown>) => Record<string, unknown>;

export const set =
  (fields: Record<string, unknown>): Change =>
  (spec) => ({ ...spec, ...fields });
export const without =
  (...names: string[]): Change =>
  (spec) => Object.fromEntries(Object.entries(spec).filter(([name]) => !names.includes(name)));
export const setSubject =
  (fields: Record<string, unknown>): Change =>
  (spec) => ({ ...spec, subject: { ...(spec['subject'] as object), ...fields } });

/** A manifest of the kind, as JSON. */
export function manifest(kind: KindName, name: string, change: Change = (spec) => spec, more: object = {}): string {
  return JSON.stringify({ apiVersion, kind, metadata: { name }, spec: change(structuredClone(leastSpecs[kind])), ...more });
}

const redirectURL = 'https://licenses.example.com/oauth_redirect.do';
const consentOf = (clientIdKey: string): object => ({ type: 'Scoped', redirectURL, clientSecretRef: { name: 's', clientIdKey } });
const decision = { verdict: 'Keep', by: 'Alex Kim', reason: 'on call next quarter' };
const person = { userPrincipalName: 'sam.rivera@example.com' };
const downgrade = { action: 'Downgrade', downgradeTo: { role: 'read_only_user' } };
const confirmedRule = 'c0ffee'.padEnd(40, '0');
const enforce = { mode: 'Enforce', confirmedRule, notify: { daysBeforeAutoReclaim: 14 } };

/** What the API server refuses, and what it says: name, kind, what is changed in the least spec, message. */
export const refusedSpecs: readonly [string, KindName, Change, RegExp][] = [
  ['S31: a type that no provider has', 'ConnectionAlias', set({ type: 'Jira' }), /Unsupported value: "Jira": supported values: "PagerDuty"/],
  ['neither credential', 'ConnectionAlias', without('appToken'), /one of appToken, oauth, apiToken must be set/],
  ['both credentials', 'ConnectionAlias', set({ apiToken: { secretRef: { name: 's' } } }), /at most one of appToken, oauth, apiToken may be set/],
  ['a type without its settings', 'ConnectionAlias', without('pagerduty'), /pagerduty must be set when type is PagerDuty/],
  ['a credential without a Secret', 'ConnectionAlias', set({ appToken: {} }), /clientSecretRef: Required value/],
  ['S56: a client id from a key that is not named as one, since status shows it', 'ConnectionAlias', (spec) => ({ ...without('appToken')(spec), oauth: consentOf('password') }), /clientIdKey/],
  ['plain http to a vendor', 'ConnectionAlias', set({ pagerduty: { subdomain: 'acme', endpoints: { api: 'http://api.example.com' } } }), /endpoints\.api/],
  ['S21: a redirect over plain http', 'ConnectionAlias', (spec) => ({ ...without('appToken')(spec), oauth: { ...consentOf('clientId'), redirectURL: 'http://licenses.example.com/oauth_redirect.do' } }), /spec\.oauth\.redirectURL.*must be an https address that ends in \/oauth_redirect\.do/],
  ['a whole address for a subdomain', 'ConnectionAlias', set({ pagerduty: { subdomain: 'acme.pagerduty.com' } }), /spec\.pagerduty\.subdomain.*must be the part of the account’s address before \.pagerduty\.com/],
  ['S32: an empty display name', 'IntegrationProfile', set({ displayName: '' }), /spec\.displayName.*at least 1 chars/],
  ['S32: no display name', 'IntegrationProfile', without('displayName'), /spec\.displayName: Required value/],
  ['a display name of 101 characters', 'IntegrationProfile', set({ displayName: 'x'.repeat(101) }), /spec\.displayName: Too long/],
  ['S38: Download Subscriptions cleared', 'IntegrationProfile', set({ downloadSubscriptions: false }), /downloadSubscriptions cannot be cleared/],
  ['a schedule of four fields', 'IntegrationProfile', set({ schedules: { activity: '5 1 * *' } }), /spec\.schedules\.activity/],
  ['a schedule of six fields', 'IntegrationProfile', set({ schedules: { subscriptions: '0 5 1 * * *' } }), /spec\.schedules\.subscriptions/],
  ['a schedule with a line break', 'IntegrationProfile', set({ schedules: { subscriptions: '5 1 * * *\n' } }), /spec\.schedules\.subscriptions/],
  ['S43: more than a year of look-back', 'IntegrationProfile', set({ maxLookBackDays: 366 }), /spec\.maxLookBackDays.*less than or equal to 365/],
  ['S42: a start that is no time', 'IntegrationProfile', set({ analyzeUserActivityFrom: 'yesterday' }), /spec\.analyzeUserActivityFrom/],
  ['S68: a policy that there is not', 'IntegrationProfile', set({ publicationPolicy: 'Always' }), /"Automatic", "Confirm"/],
  ['a rule without an action', 'ReclamationRule', without('action'), /spec\.action: Required value/],
  ['a downgrade to nothing', 'ReclamationRule', set({ action: 'Downgrade' }), /downgradeTo must be set when action is Downgrade/],
  ['a removal that is a downgrade', 'ReclamationRule', set({ downgradeTo: { role: 'observer' } }), /downgradeTo must not be set when action is Remove/],
  ['S79: Enforce without a confirmation', 'ReclamationRule', set({ ...enforce, confirmedRule: undefined }), /mode Enforce needs confirmedRule, and reclaims nothing until it equals status\.review\.id/],
  ['S79: a confirmation that is a flag', 'ReclamationRule', set({ confirmedRule: 'true' }), /spec\.confirmedRule.*must be the status\.review\.id of the rule that was read: 40 hexadecimal digits/],
  ['Enforce without notice', 'ReclamationRule', set({ ...enforce, notify: { daysBeforeAutoReclaim: 0 } }), /mode Enforce needs notify/],
  ['a reminder before the notice', 'ReclamationRule', set({ notify: { daysBeforeAutoReclaim: 5, reminders: [7] } }), /each of reminders must be less/],
  ['the same reminder twice', 'ReclamationRule', set({ notify: { reminders: [7, 7] } }), /reminders: duplicate entries/],
  ['C32: a threshold of 0 days', 'ReclamationRule', set({ lastActivityThresholdDays: 0 }), /greater than or equal to 1/],
  ['C32: a threshold of 1826 days', 'ReclamationRule', set({ lastActivityThresholdDays: 1826 }), /less than or equal to 1825/],
  ['C12: a cap of no reclaims', 'ReclamationRule', set({ limits: { maxPerRun: 0 } }), /spec\.limits\.maxPerRun/],
  ['C12: a cap of 101 percent', 'ReclamationRule', set({ limits: { maxPercent: 101 } }), /spec\.limits\.maxPercent/],
  ['C13: no admin left', 'ReclamationRule', set({ limits: { minAdmins: 0 } }), /spec\.limits\.minAdmins/],
  ['an override for nobody in particular', 'ReclamationRule', set({ thresholdOverrides: [{ match: {}, lastActivityThresholdDays: 9 }] }), /at least one of teams, roles, jobTitles/],
  ['C4: a person without an end', 'SubscriptionExclusion', without('until'), /until must be set when user\.kind is Person/],
  ['C4: a service account without an owner', 'SubscriptionExclusion', set({ user: { ...person, kind: 'ServiceAccount' } }), /owner must be set when kind is ServiceAccount/],
  ['C10: an exclusion without a reason', 'SubscriptionExclusion', set({ reason: '' }), /spec\.reason/],
  ['an exclusion of nothing', 'SubscriptionExclusion', without('user'), /exactly one of user, subscription must be set/],
  ['an exclusion of both', 'SubscriptionExclusion', set({ subscription: { type: 'PagerDuty', identifier: 'L' } }), /exactly one of user, subscription/],
  ['rights that end before they start', 'SoftwareEntitlement', set({ endDate: '2025-12-31' }), /endDate must not be before startDate/],
  ['C21: a commitment without an end', 'SoftwareEntitlement', (spec) => without('endDate', 'renewal')({ ...spec, billing: 'AnnualCommit' }), /endDate must be set when billing is AnnualCommit/],
  ['C23: a renewal of what does not end', 'SoftwareEntitlement', without('endDate'), /endDate must be set when renewal is/],
  ['D9: a price that is not whole', 'SoftwareEntitlement', set({ unitCost: { amountMinor: 41.5, currency: 'USD' } }), /unitCost\.amountMinor/],
  ['D9: a negative price', 'SoftwareEntitlement', set({ unitCost: { amountMinor: -1, currency: 'USD' } }), /unitCost\.amountMinor/],
  ['D9: a price in "$"', 'SoftwareEntitlement', set({ unitCost: { amountMinor: 1, currency: '$' } }), /unitCost\.currency/],
  ['D9: more money than adds up exactly', 'SoftwareEntitlement', set({ purchasedRights: 10_000_000, unitCost: { amountMinor: 10_000_000_000, currency: 'USD' } }), /must not exceed 9000000000000000 minor units/],
  ['a model of no identifier', 'SoftwareModel', set({ subscriptionIdentifiers: [] }), /subscriptionIdentifiers/],
  ['a model that names an identifier twice', 'SoftwareModel', set({ subscriptionIdentifiers: ['L', 'L'] }), /subscriptionIdentifiers/],
  ['a reconciliation that never comes', 'IntegrationProfile', set({ reconciliation: { periodHours: 745 } }), /reconciliation\.periodHours/],
  ['no rights', 'SoftwareEntitlement', set({ purchasedRights: 0 }), /purchasedRights/],
  ['a date that there is not', 'SoftwareEntitlement', set({ endDate: '2026-02-30' }), /spec\.endDate/],
  ['C10: a decision without a reason', 'RemovalCandidate', set({ decision: { ...decision, reason: '' } }), /spec\.decision\.reason/],
  ['a decision of nobody', 'RemovalCandidate', set({ decision: { verdict: 'Keep', reason: 'r' } }), /spec\.decision\.by: Required value/],
  ['a verdict that there is not', 'RemovalCandidate', set({ decision: { ...decision, verdict: 'Delete' } }), /spec\.decision\.verdict: Unsupported value/],
  ['guard 9: a mailbox that is made of the vendor’s id', 'IntegrationProfile', set({ userResolution: [{ source: 'ExternalUserId', target: 'Email', transform: 'ReplaceDomain', domain: 'example.com' }] }), /an Email cannot be made of ExternalUserId/],
  ['a decision to reclaim that says not what it is about', 'RemovalCandidate', set({ decision: { ...decision, verdict: 'Reclaim' } }), /confirms must be set when verdict is Reclaim or ResumeReclaim/],
  ['a decision on what is no id', 'RemovalCandidate', set({ decision: { ...decision, confirms: 'latest' } }), /spec\.decision\.confirms/],
  ['C24: a wish to undo without a reason', 'RemovalCandidate', set({ restore: { by: 'Alex Kim', reason: '' } }), /spec\.restore\.reason/],
  ['a candidate for a removal with a role', 'RemovalCandidate', setSubject({ downgradeTo: downgrade.downgradeTo }), /downgradeTo must be set when action is Downgrade, and only then/],
];

/** What the API server accepts. */
export const acceptedSpecs: readonly [string, KindName, Change][] = [
  ['an API token instead of an app token', 'ConnectionAlias', (spec) => ({ ...without('appToken')(spec), apiToken: { secretRef: { name: 's' } } })],
  ['S49: Reclaim Subscriptions cleared', 'IntegrationProfile', set({ reclaimSubscriptions: false })],
  ['S41: Download Activity cleared', 'IntegrationProfile', set({ downloadActivity: false })],
  ['a schedule with names and steps', 'IntegrationProfile', set({ schedules: { activity: '*/20 1-5,22 * JAN,FEB MON-FRI' } })],
  ['a confirmed rule that enforces with notice', 'ReclamationRule', set({ mode: 'Enforce', confirmedRule, notify: { daysBeforeAutoReclaim: 14, reminders: [7, 1], channels: [{ name: 'mail', type: 'Email', secretRef: { name: 's' } }] } })],
  ['a downgrade to a role and licence', 'ReclamationRule', set({ action: 'Downgrade', downgradeTo: { role: 'observer', subscriptionIdentifier: 'L2' } })],
  ['C4: a service account with an owner and no end', 'SubscriptionExclusion', (spec) => ({
    ...without('until')(spec),
    user: { userPrincipalName: 'bot@example.com', kind: 'ServiceAccount', owner: 'Platform' },
  })],
  ['L26: a licence without an end', 'SubscriptionExclusion', (spec) => ({ ...without('until', 'user')(spec), subscription: { type: 'PagerDuty', identifier: 'L' } })],
  ['rights of one day', 'SoftwareEntitlement', set({ endDate: '2026-01-01' })],
];
