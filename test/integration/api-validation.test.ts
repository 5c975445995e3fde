import { beforeAll, describe, expect, it } from 'vitest';
import { apiVersion } from '../../operator/api/group.ts';
import type { CommandResult, ControlPlane } from '../control-plane/contract.ts';
import { leastSpecs } from '../support/least-specs.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

type KindName = keyof typeof leastSpecs;
type Change = (spec: Record<string, unknown>) => Record<string, unknown>;

let plane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  plane = await attachControlPlane();
  namespace = await createNamespace('api');
});

function manifest(kind: KindName, name: string, change: Change = (spec) => spec, more: object = {}): string {
  return JSON.stringify({ apiVersion, kind, metadata: { name }, spec: change(structuredClone(leastSpecs[kind])), ...more });
}

/** Writes the object; with `dryRun` the API server does everything but keep it. */
async function apply(text: string, ...options: string[]): Promise<CommandResult> {
  return plane.kubectl(['-n', namespace, 'apply', '--server-side', '-f', '-', ...options], { input: text });
}

async function check(kind: KindName, change?: Change): Promise<CommandResult> {
  return apply(manifest(kind, 'checked', change), '--dry-run=server');
}

const set =
  (fields: Record<string, unknown>): Change =>
  (spec) => ({ ...spec, ...fields });
const without =
  (...names: string[]): Change =>
  (spec) => Object.fromEntries(Object.entries(spec).filter(([name]) => !names.includes(name)));
const setSubject =
  (fields: Record<string, unknown>): Change =>
  (spec) => ({ ...spec, subject: { ...(spec['subject'] as object), ...fields } });

describe('the API server takes the least spec of each kind', () => {
  it.each(Object.keys(leastSpecs) as KindName[])('%s', async (kind) => {
    expect(await check(kind)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('the API server refuses, with a message that says why', () => {
  const redirectURL = 'https://licenses.example.com/oauth_redirect.do';
  const consentOf = (clientIdKey: string): object => ({ type: 'Scoped', redirectURL, clientSecretRef: { name: 's', clientIdKey } });
  const decision = { verdict: 'Keep', by: 'Alex Kim', reason: 'on call next quarter' };
  const person = { userPrincipalName: 'sam.rivera@example.com' };
  const downgrade = { action: 'Downgrade', downgradeTo: { role: 'read_only_user' } };
  const enforce = { mode: 'Enforce', reviewed: true, notify: { daysBeforeAutoReclaim: 14 } };

  it.each<[string, KindName, Change, RegExp]>([
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
    ['S79: Enforce without a review', 'ReclamationRule', set({ ...enforce, reviewed: false }), /mode Enforce needs reviewed: true/],
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
    ['a candidate for a removal with a role', 'RemovalCandidate', setSubject({ downgradeTo: downgrade.downgradeTo }), /downgradeTo must be set when action is Downgrade, and only then/],
  ])('%s', async (_name, kind, change, message) => {
    const result = await check(kind, change);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(message);
  });

  it('0.4: a namespace in a reference is an unknown field', async () => {
    const result = await check('IntegrationProfile', set({ connectionAliasRef: { name: 'acme', namespace: 'other' } }));
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/connectionAliasRef\.namespace|field not declared in schema/);
  });

  it('a misspelt field', async () => {
    const created = await plane.kubectl(['-n', namespace, 'create', '--dry-run=server', '-f', '-'], {
      input: manifest('IntegrationProfile', 'misspelt', set({ downloadActivty: false })),
    });
    expect(created.code).not.toBe(0);
    expect(created.stderr).toMatch(/unknown field "spec\.downloadActivty"/);
  });
});

describe('the API server accepts', () => {
  it.each<[string, KindName, Change]>([
    ['an API token instead of an app token', 'ConnectionAlias', (spec) => ({ ...without('appToken')(spec), apiToken: { secretRef: { name: 's' } } })],
    ['S49: Reclaim Subscriptions cleared', 'IntegrationProfile', set({ reclaimSubscriptions: false })],
    ['S41: Download Activity cleared', 'IntegrationProfile', set({ downloadActivity: false })],
    ['a schedule with names and steps', 'IntegrationProfile', set({ schedules: { activity: '*/20 1-5,22 * JAN,FEB MON-FRI' } })],
    ['a reviewed rule that enforces with notice', 'ReclamationRule', set({ mode: 'Enforce', reviewed: true, notify: { daysBeforeAutoReclaim: 14, reminders: [7, 1] } })],
    ['a downgrade to a role and licence', 'ReclamationRule', set({ action: 'Downgrade', downgradeTo: { role: 'observer', subscriptionIdentifier: 'L2' } })],
    ['C4: a service account with an owner and no end', 'SubscriptionExclusion', (spec) => ({
      ...without('until')(spec),
      user: { userPrincipalName: 'bot@example.com', kind: 'ServiceAccount', owner: 'Platform' },
    })],
    ['L26: a licence without an end', 'SubscriptionExclusion', (spec) => ({ ...without('until', 'user')(spec), subscription: { type: 'PagerDuty', identifier: 'L' } })],
    ['rights of one day', 'SoftwareEntitlement', set({ endDate: '2026-01-01' })],
  ])('%s', async (_name, kind, change) => {
    expect(await check(kind, change)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('objects on the API server', () => {
  async function read(resource: string, name: string): Promise<{ spec: Record<string, unknown>; status?: unknown }> {
    const { code, stdout, stderr } = await plane.kubectl(['-n', namespace, 'get', resource, name, '-o', 'json']);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as { spec: Record<string, unknown>; status?: unknown };
  }

  it('S38, S40, S48: get their defaults', async () => {
    expect(await apply(manifest('IntegrationProfile', 'defaults'))).toMatchObject({ code: 0 });
    expect((await read('intprof', 'defaults')).spec).toMatchObject({
      downloadSubscriptions: true,
      downloadActivity: true,
      reclaimSubscriptions: true,
      publish: false,
      publicationPolicy: 'Automatic',
      maxLookBackDays: 60,
      schedules: { timeZone: 'Etc/UTC' },
    });
  });

  it('C12: get the defaults of groups that were left out', async () => {
    expect(await apply(manifest('ReclamationRule', 'groups'))).toMatchObject({ code: 0 });
    expect((await read('recrule', 'groups')).spec).toMatchObject({
      limits: { maxPerRun: 10, maxPercent: 5, maxCandidateRatio: 30, minAdmins: 2 },
      protect: { tags: ['license-keep'] },
      notify: { daysBeforeAutoReclaim: 14 },
      mode: 'Propose',
      reviewed: false,
    });
  });

  it('S33: keep no status that a user applies', async () => {
    const text = manifest('IntegrationProfile', 'status', undefined, { status: { state: 'Published' } });
    expect(await apply(text)).toMatchObject({ code: 0 });
    expect(await read('intprof', 'status')).not.toHaveProperty('status');
  });

  it.each<[string, KindName, Change, RegExp]>([
    ['S38: clearing Download Subscriptions', 'IntegrationProfile', set({ downloadSubscriptions: false }), /downloadSubscriptions cannot be cleared/],
    ['a candidate made for somebody else', 'RemovalCandidate', setSubject({ externalUserId: 'P2' }), /subject cannot be changed/],
    ['a candidate made for another action', 'RemovalCandidate', setSubject({ action: 'Downgrade', downgradeTo: { role: 'observer' } }), /subject cannot be changed/],
    ['a model of another profile', 'SoftwareModel', set({ profileRef: { name: 'q' } }), /profileRef cannot be changed/],
  ])('do not take %s', async (name, kind, after, message) => {
    const object = `changed-${name.replaceAll(/[^a-z]+/gi, '-').toLowerCase()}`;
    expect(await apply(manifest(kind, object))).toMatchObject({ code: 0 });
    const result = await apply(manifest(kind, object, after));
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(message);
  });

  it('take a decision on a candidate', async () => {
    expect(await apply(manifest('RemovalCandidate', 'decided'))).toMatchObject({ code: 0 });
    const decided = set({ decision: { verdict: 'Keep', by: 'Alex Kim', reason: 'on call next quarter' } });
    expect(await apply(manifest('RemovalCandidate', 'decided', decided))).toMatchObject({ code: 0 });
  });

  it('are listed together by the category, and each kind by its short name', async () => {
    for (const kind of Object.keys(leastSpecs) as KindName[]) {
      expect(await apply(manifest(kind, 'listed'))).toMatchObject({ code: 0 });
    }
    const all = await plane.kubectl(['get', 'saaslicense', '-A', '-o', 'name']);
    for (const kind of Object.keys(leastSpecs)) expect(all.stdout).toContain(kind.toLowerCase().slice(0, -1));
    for (const name of ['connalias', 'intprof', 'recrule', 'subexcl', 'swmodel', 'swent', 'swsub', 'remcand']) {
      expect(await plane.kubectl(['-n', namespace, 'get', name, 'listed'])).toMatchObject({ code: 0 });
    }
  });

  it('B1.10: show their columns', async () => {
    expect(await apply(manifest('ReclamationRule', 'columns', set({ lastActivityThresholdDays: 90 })))).toMatchObject({ code: 0 });
    const { stdout } = await plane.kubectl(['-n', namespace, 'get', 'recrule', 'columns']);
    const [header = '', row = ''] = stdout.split('\n');
    expect(header.split(/\s{2,}/).map((cell) => cell.trim())).toEqual(['NAME', 'PROFILE', 'MODE', 'ACTION', 'DAYS', 'REVIEWED', 'READY', 'CANDIDATES', 'AGE']);
    expect(row).toMatch(/columns\s+p\s+Propose\s+Remove\s+90\s+false/);
  });

  it('B1.15: are explained by kubectl, without the sources that are for us', async () => {
    const { code, stdout } = await plane.kubectl(['explain', 'reclamationrule.spec.lastActivityThresholdDays']);
    expect(code).toBe(0);
    expect(stdout).toContain('Days without activity after which a subscription is inactive.');
  });
});
