import { apiVersion } from '../../operator/api/group.ts';
import { leastSpecs } from './least-specs.ts';
import { acceptedSpecs, manifest, refusedSpecs, set, setSubject, without, type Change, type KindName } from './manifest-cases.ts';

/** A text of one manifest, as somebody could hand it to kubectl. */
export interface CorpusCase {
  readonly name: string;
  readonly text: string;
  /** Whether the API server takes it. */
  readonly isGood: boolean;
}

const hash = `sha256:${'0'.repeat(64)}`;
const auditSpec = { sequence: 0, time: '2026-11-24T12:00:00Z', event: 'Decided', actor: 'operator', previous: hash, hash, keyId: 'k', signature: 's' };
const channel = { name: 'mail', type: 'Email', secretRef: { name: 's' } };
const enforce = { mode: 'Enforce', confirmedRule: 'c0ffee'.padEnd(40, '0'), notify: { daysBeforeAutoReclaim: 14, channels: [channel] } };
const window = { from: '2026-12-20T00:00:00Z', until: '2027-01-06T00:00:00Z', reason: 'r' };
const weekly = { schedule: '0 18 * * FRI', hours: 62, reason: 'r' };
const money = { amountMinor: 1, currency: 'USD' };
const candidate = (more: object): object => ({ verdict: 'Keep', by: 'Alex Kim', reason: 'r', ...more });
const oauth = (redirectURL: string): Change => (spec) => ({ ...without('appToken')(spec), oauth: { type: 'Scoped', redirectURL, clientSecretRef: { name: 's' } } });
const windows = (...freezeWindows: object[]): Change => set({ freezeWindows });

/** Changes of the least specs that the tables of the API server's tests do not have. */
const goodSpecs: readonly [string, KindName, Change][] = [
  ['a rule that enforces', 'ReclamationRule', set(enforce)],
  ['a freeze window of its own', 'ReclamationRule', windows(window)],
  ['a freeze window that comes again', 'ReclamationRule', windows({ ...weekly, timeZone: 'Europe/Berlin' })],
  ['a threshold of one day', 'ReclamationRule', set({ lastActivityThresholdDays: 1 })],
  ['an override for a team', 'ReclamationRule', set({ thresholdOverrides: [{ match: { teams: ['Payments'] }, lastActivityThresholdDays: 90 }] })],
  ['both role groups for a removal', 'ReclamationRule', set({ licenseRoleGroups: ['FullUser', 'Stakeholder'] })],
  ['restricted software that waits for a person', 'ReclamationRule', set({ justification: 'RestrictedSoftware' })],
  ['a plan to keep to', 'ReclamationRule', set({ confirmedPlan: hash })],
  ['a null for what is left out', 'ReclamationRule', set({ condition: null, limits: null })],
  ['a null for what has a default', 'ReclamationRule', set({ mode: null })],
  ['texts in the alphabet of somebody else, of just so many characters', 'IntegrationProfile', set({ displayName: '名'.repeat(100) })],
  ['emoji, each of which is one character', 'IntegrationProfile', set({ displayName: '🙂'.repeat(100) })],
  ['a time with another zone', 'IntegrationProfile', set({ analyzeUserActivityFrom: '2026-11-24T12:00:00.25+05:30' })],
  ['a time in small letters', 'IntegrationProfile', set({ analyzeUserActivityFrom: '2026-11-24T12:00:00z' })],
  ['a user resolution by domain', 'IntegrationProfile', set({ userResolution: [{ source: 'UserPrincipalName', target: 'Email', transform: 'ReplaceDomain', domain: 'example.com' }] })],
  ['ownership by state', 'IntegrationProfile', set({ ownership: { terraformStates: [{ name: 's' }] } })],
  ['a redirect to loopback', 'ConnectionAlias', oauth('http://localhost:8082/oauth_redirect.do')],
  ['a child without anything', 'ConnectionAlias', () => ({ type: 'PagerDuty', parentAliasRef: { name: 'parent' } })],
  ['a decision', 'RemovalCandidate', set({ decision: candidate({ at: '2026-11-24T12:00:00Z' }) })],
  ['a decision to reclaim', 'RemovalCandidate', set({ decision: candidate({ verdict: 'Reclaim', confirms: 'a'.repeat(40) }) })],
  ['a wish to undo', 'RemovalCandidate', set({ restore: { by: 'Alex Kim', reason: 'was on leave' } })],
  ['a downgrade with its role', 'RemovalCandidate', setSubject({ action: 'Downgrade', downgradeTo: { role: 'read_only_user' } })],
  ['as much money as there may be', 'SoftwareEntitlement', set({ purchasedRights: 75_000, unitCost: { ...money, amountMinor: 10_000_000_000 }, period: 'Month' })],
  // The API server's own fault: of a string with a format it does not check that it is no list.
  ['a list for a time', 'IntegrationProfile', set({ analyzeUserActivityFrom: ['x'] })],
  ['a leap day', 'SoftwareEntitlement', set({ startDate: '2024-02-29' })],
];

const badSpecs: readonly [string, KindName, Change][] = [
  ['a freeze window without an end', 'ReclamationRule', windows({ from: window.from, reason: 'r' })],
  ['a freeze window that ends before it starts', 'ReclamationRule', windows({ ...window, until: '2026-12-19T00:00:00Z' })],
  ['a freeze window that ends as it starts, in another zone', 'ReclamationRule', windows({ ...window, until: '2026-12-20T01:00:00+01:00' })],
  ['a freeze window of both kinds', 'ReclamationRule', windows({ ...window, ...weekly })],
  ['a freeze window without hours', 'ReclamationRule', windows({ schedule: weekly.schedule, reason: 'r' })],
  ['a zone for a window without a schedule', 'ReclamationRule', windows({ ...window, timeZone: 'Europe/Berlin' })],
  ['a freeze window of no reason', 'ReclamationRule', windows({ ...window, reason: '' })],
  ['a freeze window of six fields', 'ReclamationRule', windows({ ...weekly, schedule: '0 0 18 * * FRI' })],
  ['Enforce that tells a Slack room only', 'ReclamationRule', set({ ...enforce, notify: { daysBeforeAutoReclaim: 14, channels: [{ ...channel, type: 'Slack' }] } })],
  ['Enforce that tells approvers only', 'ReclamationRule', set({ ...enforce, notify: { daysBeforeAutoReclaim: 14, channels: [{ ...channel, audiences: ['Approvers'] }] } })],
  ['Enforce that tells nobody', 'ReclamationRule', set({ ...enforce, notify: { daysBeforeAutoReclaim: 14 } })],
  ['Enforce of restricted software', 'ReclamationRule', set({ ...enforce, justification: 'RestrictedSoftware' })],
  ['a downgrade of stakeholders', 'ReclamationRule', set({ action: 'Downgrade', downgradeTo: { role: 'r' }, licenseRoleGroups: ['Stakeholder'] })],
  ['a rule for nobody in particular', 'ReclamationRule', set({ appliesTo: {} })],
  ['a rule for an empty list of teams', 'ReclamationRule', set({ appliesTo: { teams: [] } })],
  ['the same signal twice', 'ReclamationRule', set({ activitySignals: ['OnCall', 'OnCall'] })],
  ['a signal in small letters', 'ReclamationRule', set({ activitySignals: ['onCall'] })],
  ['two channels of one name', 'ReclamationRule', set({ notify: { channels: [channel, { ...channel, type: 'Slack' }] } })],
  ['two templates for one message', 'ReclamationRule', set({ notify: { templates: [{ kind: 'Notice', text: 'a' }, { kind: 'Notice', text: 'b' }] } })],
  ['a plan that is no hash', 'ReclamationRule', set({ confirmedPlan: 'sha256:abc' })],
  ['a threshold as text', 'ReclamationRule', set({ lastActivityThresholdDays: '60' })],
  ['a threshold of half a day', 'ReclamationRule', set({ lastActivityThresholdDays: 60.5 })],
  ['a switch as text', 'ReclamationRule', set({ suspend: 'true' })],
  ['a list where one value belongs', 'ReclamationRule', set({ mode: ['Propose'] })],
  ['a value where a list belongs', 'ReclamationRule', set({ activitySignals: 'OnCall' })],
  ['a null in a list', 'ReclamationRule', set({ activitySignals: [null] })],
  ['a null for what is required', 'ReclamationRule', set({ action: null })],
  ['an unknown field deep down', 'ReclamationRule', set({ limits: { maxPerRunn: 5 } })],
  ['an unknown field of a name that every object has', 'ReclamationRule', set({ constructor: 1 })],
  ['too many overrides', 'ReclamationRule', set({ thresholdOverrides: Array.from({ length: 21 }, () => ({ match: { teams: ['a'] }, lastActivityThresholdDays: 90 })) })],
  ['101 characters of another alphabet', 'IntegrationProfile', set({ displayName: '名'.repeat(101) })],
  ['a day for a time', 'IntegrationProfile', set({ analyzeUserActivityFrom: '2026-11-24' })],
  ['a time without a zone', 'IntegrationProfile', set({ analyzeUserActivityFrom: '2026-11-24T12:00:00' })],
  ['a time with a blank', 'IntegrationProfile', set({ analyzeUserActivityFrom: '2026-11-24 12:00:00Z' })],
  ['a leap second', 'IntegrationProfile', set({ analyzeUserActivityFrom: '2026-12-31T23:59:60Z' })],
  ['midnight as 24:00', 'IntegrationProfile', set({ analyzeUserActivityFrom: '2026-12-31T24:00:00Z' })],
  ['a domain that nothing puts in', 'IntegrationProfile', set({ userResolution: [{ source: 'UserPrincipalName', target: 'Email', domain: 'example.com' }] })],
  ['a signal that the provider has not', 'IntegrationProfile', set({ activitySignals: ['Sleep'] })],
  ['two states of one Secret', 'IntegrationProfile', set({ ownership: { terraformStates: [{ name: 's' }, { name: 's', key: 'k' }] } })],
  ['a reference that is no name', 'IntegrationProfile', set({ connectionAliasRef: { name: 'Acme_1' } })],
  ['a redirect with a query', 'ConnectionAlias', oauth('https://licenses.example.com/oauth_redirect.do?x=1')],
  ['a redirect that loopback only looks like', 'ConnectionAlias', oauth('http://localhost.example.com/oauth_redirect.do')],
  ['settings without what is required', 'ConnectionAlias', set({ pagerduty: { region: 'US' } })],
  ['a subdomain in capitals', 'ConnectionAlias', set({ pagerduty: { subdomain: 'Acme' } })],
  ['29 February of a common year', 'SoftwareEntitlement', set({ startDate: '2026-02-29' })],
  ['a list for a day that a rule compares', 'SoftwareEntitlement', set({ endDate: ['2026-12-31'] })],
  ['a day with a time', 'SoftwareEntitlement', set({ startDate: '2026-01-01T00:00:00Z' })],
  ['a little more money than there may be', 'SoftwareEntitlement', set({ purchasedRights: 75_001, unitCost: { ...money, amountMinor: 10_000_000_000 }, period: 'Month' })],
  ['a currency in small letters', 'SoftwareEntitlement', set({ unitCost: { ...money, currency: 'usd' } })],
  ['a downgrade to nothing of a candidate', 'RemovalCandidate', setSubject({ action: 'Downgrade' })],
  ['a decision at no time', 'RemovalCandidate', set({ decision: candidate({ at: 'now' }) })],
];

function object(more: object, metadata: object = { name: 'corpus' }): string {
  return JSON.stringify({ apiVersion, kind: 'ReclamationRule', metadata, spec: leastSpecs.ReclamationRule, ...more });
}

const rule = (spec: string, metadata = 'name: corpus'): string => `apiVersion: ${apiVersion}
kind: ReclamationRule
metadata:
  ${metadata}
spec:
  profileRef: {name: p}
  action: Remove
${spec}`;

/** What is of YAML, of metadata, or of the object as a whole. */
const texts: readonly [string, string, boolean][] = [
  ['YAML with comments and an anchor', rule('  # a comment\n  protect: {roles: &roles [owner]}\n  appliesTo: {roles: *roles}\n'), true],
  ['YAML whose yes is true', rule('  suspend: yes\n'), true],
  ['YAML whose on is true', rule('  suspend: on\n'), true],
  ['YAML with a number that is octal', rule('  lastActivityThresholdDays: 0144\n'), true],
  ['YAML with a number of underscores', rule('  lastActivityThresholdDays: 1_00\n'), true],
  ['YAML with a whole number that is written with a point', rule('  lastActivityThresholdDays: 60.0\n'), true],
  ['YAML with a whole number that is written with an exponent', rule('  lastActivityThresholdDays: 6e1\n'), true],
  ['YAML with a time that nobody quoted', rule('  freezeWindows: [{from: 2026-12-20T00:00:00Z, until: 2027-01-06T00:00:00Z, reason: r}]\n'), true],
  ['YAML with a merge', rule('  appliesTo: &some {teams: [Payments]}\n  thresholdOverrides: [{match: {<<: *some, roles: [user]}, lastActivityThresholdDays: 90}]\n'), true],
  ['YAML with a field twice, the last of which is good', rule('  mode: Always\n  mode: Propose\n'), true],
  ['YAML with a field twice, the last of which is bad', rule('  mode: Propose\n  mode: Always\n'), false],
  ['YAML whose reason is a number', rule('  freezeWindows: [{from: "2026-12-20T00:00:00Z", until: "2027-01-06T00:00:00Z", reason: 7}]\n'), false],
  ['YAML whose reason is a yes', rule('  freezeWindows: [{from: "2026-12-20T00:00:00Z", until: "2027-01-06T00:00:00Z", reason: yes}]\n'), false],
  ['YAML with a list that is not closed', rule('  activitySignals: [OnCall\n'), false],
  ['YAML with a tab', rule('\tmode: Propose\n'), false],
  ['YAML with an alias of nothing', rule('  mode: *nothing\n'), false],
  ['a status, which is thrown away', object({ status: { openCandidates: 'many' } }), true],
  ['an unknown field of status', object({ status: { candidates: 1 } }), false],
  ['an unknown field beside spec', object({ data: {} }), false],
  ['no spec', JSON.stringify({ apiVersion, kind: 'ReclamationRule', metadata: { name: 'corpus' } }), false],
  ['a spec of null', object({ spec: null }), false],
  ['a spec that is a list', object({ spec: [] }), false],
  ['no name', object({}, {}), false],
  ['a name that kubectl would have generated', object({}, { generateName: 'corpus-' }), false],
  ['a name in capitals', object({}, { name: 'Corpus' }), false],
  ['a name with a slash', object({}, { name: 'a/b' }), false],
  ['a name with dots', object({}, { name: 'a.b-c.d' }), true],
  ['a name of 254 characters', object({}, { name: 'a'.repeat(254) }), false],
  ['an alias whose name is too long for its Secrets', manifest('ConnectionAlias', 'a'.repeat(240)), false],
  ['an alias whose name is just short enough', manifest('ConnectionAlias', 'a'.repeat(239)), true],
  ['labels and annotations', object({}, { name: 'corpus', labels: { 'example.com/team': 'payments', empty: '' }, annotations: { 'Example.com/note': 'any ünicode\n' } }), true],
  ['a label with a blank', object({}, { name: 'corpus', labels: { team: 'a b' } }), false],
  ['a label of 64 characters', object({}, { name: 'corpus', labels: { team: 'a'.repeat(64) } }), false],
  ['a label whose key is no key', object({}, { name: 'corpus', labels: { 'a/b/c': 'x' } }), false],
  ['a label whose key has a prefix in capitals', object({}, { name: 'corpus', labels: { 'Example.com/team': 'x' } }), false],
  ['a label that is a number', object({}, { name: 'corpus', labels: { team: 7 } }), false],
  ['an annotation whose key is no key', object({}, { name: 'corpus', annotations: { 'a b': 'x' } }), false],
  ['an unknown field of metadata', object({}, { name: 'corpus', owner: 'me' }), false],
  ['an unknown version', object({ apiVersion: 'saaslicense.dev/v1' }), false],
  ['an unknown kind', object({ kind: 'ReclaimRule' }), false],
  ['no kind', object({ kind: undefined }), false],
  ['no version', object({ apiVersion: undefined }), false],
  ['a list of one', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [JSON.parse(object({}))] }), true],
  ['a list of a kind', JSON.stringify({ apiVersion, kind: 'ReclamationRuleList', metadata: {}, items: [JSON.parse(object({}))] }), true],
  ['a list of a bad one', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [JSON.parse(object({ spec: {} }))] }), false],
  ['an audit record', JSON.stringify({ apiVersion, kind: 'AuditRecord', metadata: { name: 'corpus' }, spec: auditSpec }), true],
  ['an audit record of no event', JSON.stringify({ apiVersion, kind: 'AuditRecord', metadata: { name: 'corpus' }, spec: { ...auditSpec, event: 'Nothing' } }), false],
];

/** Manifests, good and bad, of every kind: what `saaslicense validate` says of each must be what the API server says. */
export const manifestCorpus: readonly CorpusCase[] = [
  ...(Object.keys(leastSpecs) as KindName[]).map((kind) => ({ name: `the least ${kind}`, text: manifest(kind, 'corpus'), isGood: true })),
  ...[...acceptedSpecs, ...goodSpecs].map(([name, kind, change]) => ({ name: `${kind}: ${name}`, text: manifest(kind, 'corpus', change), isGood: true })),
  ...[...refusedSpecs, ...badSpecs].map(([name, kind, change]) => ({ name: `${kind}: ${name}`, text: manifest(kind, 'corpus', change), isGood: false })),
  ...texts.map(([name, text, isGood]) => ({ name, text, isGood })),
];
