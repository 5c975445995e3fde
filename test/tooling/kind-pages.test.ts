import { beforeAll, describe, expect, it } from 'vitest';
import { auditEvents } from '../../operator/api/audit-record.ts';
import { annotations, labels } from '../../operator/api/group.ts';
import { auditKeyData } from '../../operator/audit/key-secret.ts';
import { packFiles } from '../../operator/cli/audit-pack.ts';
import { defineKinds } from '../../operator/api/kinds.ts';
import { tokenSecretKeys } from '../../operator/api/token-secret.ts';
import { consentNews } from '../../operator/controllers/connection-alias/consent-events.ts';
import { aliasConditionTypes } from '../../operator/controllers/connection-alias/decide-status.ts';
import { triggerAnnotation } from '../../operator/controllers/integration-profile/cron-job.ts';
import { profileConditionTypes } from '../../operator/controllers/integration-profile/decide-conditions.ts';
import { announcedConditions } from '../../operator/controllers/integration-profile/events.ts';
import { typeOfProcess } from '../../operator/controllers/integration-profile/refresh-conditions.ts';
import { announcedConditions as announcedOfModels } from '../../operator/controllers/license-position/events.ts';
import { candidateConditionTypes } from '../../operator/controllers/removal-candidate/write-own.ts';
import { ruleConditionTypes } from '../../operator/controllers/reclamation-rule/decide-status.ts';
import { modelConditionTypes } from '../../operator/controllers/license-position/decide-status.ts';
import { entitlementConditionTypes } from '../../operator/controllers/software-entitlement/decide.ts';
import { exclusionConditionTypes } from '../../operator/controllers/subscription-exclusion/decide.ts';
import { acceptShrinkAnnotation, acceptUnknownPeopleAnnotation } from '../../operator/licensing/download-guards.ts';
import { createProviders, providerFragments } from '../../operator/providers/registry.ts';
import { createMetrics } from '../../operator/telemetry/metrics.ts';
import { root } from '../support/product.ts';
import { kindPage } from './generated-files.ts';
import { namesIn, readKindPage, readTable, type KindPage } from './kind-pages.ts';
import { findConditions, findEvents, findMoves, findReasons, findStandings, readSources, type ConditionReason, type EventReason, type SourceFile } from './source-reasons.ts';

/** A kind that a controller acts on, and the sources that what its page says comes from. */
interface ControlledKind {
  readonly page: string;
  readonly types: readonly string[];
  /** Sources that make its conditions and events. */
  readonly controller: readonly string[];
  /** Sources whose failures its conditions repeat. */
  readonly failures: readonly string[];
  /** A condition whose reason is that of whatever these sources find. */
  readonly repeats?: { readonly type: string; readonly status: string; readonly of: readonly string[] };
  /** Other forms in which its sources make conditions and events. */
  readonly conditionsOf?: (files: readonly SourceFile[]) => ConditionReason[];
  readonly eventsOf?: (files: readonly SourceFile[]) => EventReason[];
  /** Conditions with a literal reason that its sources have at least, so that a search that finds none is noticed. */
  readonly least?: number;
}

const login = ['auth', 'consent', 'token-endpoint', 'settings', 'failures'].map((name) => `providers/pagerduty/${name}.ts`);
const pulls = ['activity', 'audit-records', 'failures', 'licenses', 'log-entries', 'oncalls', 'paging', 'settings', 'sign-ins', 'signal-refusals', 'teams', 'users'];
/** Of licensing, what a refresh runs; the rest is the licence position. */
const downloads = ['activity-fold', 'activity-signals', 'activity-window', 'download-guards', 'subscription-difference', 'subscription-facts', 'subscription-summary', 'user-resolution'];
/** Of the rule's controller, what makes conditions and events of the rule; the rest makes them of the profile and of candidates. */
const ruleSources = ['confirmation', 'decide-reclaiming', 'decide-status', 'evidence', 'reconcile'].map((name) => `controllers/reclamation-rule/${name}.ts`);
const holdSources = ['controllers/reclamation-rule/evidence.ts', 'licensing/reclaim/evaluate.ts', 'licensing/reclaim/holds.ts'];
const driftSource = 'controllers/reclamation-rule/drift.ts';
const kinds: readonly ControlledKind[] = [
  {
    page: 'connection-alias',
    types: aliasConditionTypes,
    controller: ['controllers/connection-alias', ...['attempts', 'rotate', 'store'].map((name) => `controllers/authorization/${name}.ts`)],
    failures: ['api/effective-alias.ts', 'controllers/vendor-call.ts', ...login],
  },
  {
    page: 'integration-profile',
    types: profileConditionTypes,
    controller: ['controllers/integration-profile', 'controllers/undo-secret', 'controllers/license-position/apply.ts', 'controllers/reclamation-rule/make-rules.ts', driftSource],
    failures: ['api/effective-alias.ts', 'api/errors.ts', 'api/token-secret.ts', 'controllers/vendor-call.ts', 'refresh', ...downloads.map((name) => `licensing/${name}.ts`), ...pulls.map((name) => `providers/pagerduty/${name}.ts`)],
  },
  {
    page: 'software-model',
    types: modelConditionTypes,
    controller: ['adopt-identifier', 'claims', 'decide-status', 'events', 'reconcile'].map((name) => `controllers/license-position/${name}.ts`),
    failures: ['licensing/position/amounts.ts'],
    least: 12,
  },
  {
    page: 'removal-candidate',
    types: candidateConditionTypes,
    controller: ['controllers/undo-secret', 'controllers/removal-candidate', driftSource],
    failures: ['providers/pagerduty/reclaim/act.ts', 'providers/pagerduty/reclaim/refusals.ts'],
    conditionsOf: findStandings,
    eventsOf: findMoves,
    least: 40,
  },
  { page: 'software-entitlement', types: entitlementConditionTypes, controller: ['controllers/software-entitlement'], failures: [], least: 5 },
  {
    page: 'reclamation-rule',
    types: ruleConditionTypes,
    controller: ruleSources,
    failures: holdSources,
    repeats: { type: 'Evaluated', status: 'False', of: holdSources },
    least: 16,
  },
  { page: 'subscription-exclusion', types: exclusionConditionTypes, controller: ['controllers/subscription-exclusion'], failures: [], least: 1 },
];
/** Others whose reasons a page may name: the alias's, which a profile repeats, and the API client's, of which it names the likely ones. */
const others = ['controllers', 'kubernetes'];
/** Conditions whose reason becomes an event of the kind. */
const announced: Readonly<Record<string, readonly string[]>> = { 'integration-profile': announcedConditions, 'software-model': announcedOfModels, 'reclamation-rule': ['Evaluated'] };
/** Told in other ways than by a condition: an API token's failures have no token to be rejected, and a Conflict is only tried again. */
const untold: Readonly<Record<string, readonly string[]>> = {
  'connection-alias': ['TokenRejected', 'ScopeMissing', 'AccessDenied'],
  'integration-profile': ['Conflict'],
  'reclamation-rule': ['SubscriptionsOutOfOrder'],
};

describe.each(kinds)('the page of $page', ({ page: name, types, controller, failures, conditionsOf = none, eventsOf = none, least = 15 }) => {
  let page: KindPage;
  let own: SourceFile[];
  let all: SourceFile[];

  beforeAll(async () => {
    page = await readKindPage(root, name);
    own = await readSources(root, controller);
    all = [...own, ...(await readSources(root, failures))];
  });

  it('has a row for each type of condition, and for none that there is not', () => {
    expect(page.table('Conditions').flatMap(typesOf).toSorted()).toEqual([...types].toSorted());
  });

  it('names, in the right cell, each reason that the controller gives a condition by name', () => {
    const made = [...findConditions(own), ...conditionsOf(own)].flatMap((part) => (part.type === '' ? Object.values(typeOfProcess).map((type) => ({ ...part, type })) : [part]));
    const cell = (type: string, status: string): string => page.table('Conditions').find((row) => typesOf(row).includes(type))?.[status] ?? '';
    expect(made.length).toBeGreaterThan(least);
    const words = (text: string): string[] => text.match(/\b[A-Z][A-Za-z]+\b/g) ?? [];
    expect(made.filter(({ type, status, reason }) => !words(cell(type, status)).includes(reason))).toEqual([]);
  });

  it('names each reason that its conditions can have, and none that they cannot', async () => {
    const reasons = findReasons(all);
    const text = page.text.split('<!-- /generated:fields -->')[1] ?? '';
    const named = new Set(text.match(/\b[A-Z][A-Za-z]+\b/g));
    const away = untold[name] ?? [];
    expect([...reasons].filter((reason) => !named.has(reason) && !away.includes(reason)).toSorted()).toEqual([]);
    const code = [...all, ...(await readSources(root, others))].map((source) => source.text).join('\n');
    const known = new Set([...types, ...defineKinds(providerFragments(createProviders())).map(({ kind }) => kind)]);
    const cells = ['Conditions', 'Events'].flatMap((heading) => page.table(heading).flatMap((row) => Object.values(row)));
    expect(namesIn(cells.join(' ')).filter((word) => !known.has(word) && !code.includes(`'${word}'`)).toSorted()).toEqual([]);
  });

  it('has a row for each event, with its type, and for none that there is not', () => {
    const rows = page.table('Events').filter((row) => !row['Reason']?.startsWith('the reason of '));
    const consent = name === 'connection-alias' ? consentNews.flatMap(({ type, of, as }) => eventOfNews(type, of, as)) : [];
    const made = [...[...findEvents(own), ...eventsOf(own)].map(({ type, reason }) => `${type} ${reason}`), ...consent];
    expect(rows.map((row) => `${row['Type'] ?? ''} ${row['Reason'] ?? ''}`).toSorted()).toEqual(Array.from(new Set(made)).toSorted());
  });

  it('names each condition whose reason becomes an event', () => {
    const rows = page.table('Events').filter((row) => row['Reason']?.startsWith('the reason of '));
    const named = rows.flatMap((row) => namesIn(row['Reason'] ?? '').concat((row['Reason'] ?? '').match(/\b(?:Authorized|Compliant|Evaluated)\b/g) ?? []));
    const wanted = name === 'connection-alias' ? ['TokenReady', ...consentNews.filter(({ type, of, as }) => eventOfNews(type, of, as).length === 0).map(({ type }) => type)] : (announced[name] ?? []);
    expect(named.toSorted()).toEqual([...wanted].toSorted());
  });
});

describe.each(kinds.flatMap(({ page, repeats }) => (repeats === undefined ? [] : [{ page, ...repeats }])))('the page of $page', ({ page: name, type, status, of }) => {
  it(`names, as reasons of ${type}, each that its sources find`, async () => {
    const found = findReasons(await readSources(root, of));
    const row = (await readKindPage(root, name)).table('Conditions').find((each) => typesOf(each).includes(type));
    const told: readonly string[] = row?.[status]?.match(/\b[A-Z][A-Za-z]+\b/g) ?? [];
    expect(found.size).toBeGreaterThan(5);
    expect([...found].filter((reason) => !told.includes(reason) && untold[name]?.includes(reason) !== true)).toEqual([]);
  });
});

function none(): [] {
  return [];
}

/** Types of conditions that a row of a page is about. */
function typesOf(row: Record<string, string>): string[] {
  return (row['Condition'] ?? '').replaceAll(/\(.*?\)/g, '').split(',').map((type) => type.trim());
}

/** The event of a piece of news that has one reason; none where it repeats the condition's. */
function eventOfNews(type: string, of: string | undefined, as: string | undefined): string[] {
  if (as !== undefined) return [`Warning ${as}`];
  if (of !== undefined) return [`Normal ${of}`];
  return type === 'AuthorizationExpiring' ? ['Warning AuthorizationExpiring'] : [];
}

describe('the pages of the kinds', () => {
  const pages = ['connection-alias', 'integration-profile', 'software-subscription', 'software-model', 'software-entitlement', 'subscription-exclusion', 'reclamation-rule', 'removal-candidate', 'audit-record'];
  const isOurs = (name: string): boolean => name.includes('/') && (name.startsWith('saaslicense.dev/') || name.startsWith('reconcile.fluxcd.io/'));

  it('tell each annotation and label, and none that there is not', async () => {
    const texts = await Promise.all(pages.map(async (name) => (await readKindPage(root, name)).text));
    const known = [...Object.values(annotations), ...Object.values(labels), triggerAnnotation, acceptShrinkAnnotation, acceptUnknownPeopleAnnotation];
    const told = texts.flatMap((text) => Array.from(text.matchAll(/`((?:saaslicense\.dev|app\.kubernetes\.io|reconcile\.fluxcd\.io)\/[A-Za-z-]+)[`:]/g), ([, name]) => name ?? ''));
    expect(known.filter((name) => !told.includes(name))).toEqual([]);
    expect(told.filter((name) => isOurs(name) && !known.some((each) => each === name))).toEqual([]);
  });

  it('tell each event of the audit trail, each key of its Secret and each file of an export', async () => {
    const { text } = await readKindPage(root, 'audit-record');
    const events = readTable(text.slice(text.indexOf('\n| Event | What happened |') + 1)).flatMap((row) => (row['Event'] ?? '').split(', '));
    expect(events.toSorted()).toEqual([...auditEvents].toSorted());
    const named = new Set(Array.from(text.matchAll(/^\| (`.+?`(?:, `.+?`)*) \|/gm), ([, names]) => names ?? '').flatMap((names) => names.split(', ')));
    for (const name of [...Object.values(auditKeyData), ...Object.values(packFiles)]) expect(named).toContain(`\`${name}\``);
  });

  it('tell each key of the token Secret', async () => {
    const { text } = await readKindPage(root, 'connection-alias');
    const row = text.split('\n').find((line) => line.startsWith('| `<alias>-token`')) ?? '';
    expect(row.split('keys ')[1]?.split(';')[0]).toBe(tokenSecretKeys.map((key) => `\`${key}\``).join(', '));
  });

  it('name no metric that there is not', async () => {
    const texts = await Promise.all(pages.map(async (name) => (await readKindPage(root, name)).text));
    const known = new Set(createMetrics().describe().map((metric) => metric.name));
    const named = texts.flatMap((text) => text.match(/\bsaaslicense_[a-z_]+\b/g) ?? []);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('say of every other kind that it is schema only', async () => {
    const names = defineKinds(providerFragments(createProviders())).map((kind) => kindPage(kind).replace('docs/kinds/', '').replace('.md', ''));
    expect(names).toHaveLength(9);
    for (const name of names.filter((each) => !pages.includes(each))) {
      expect((await readKindPage(root, name)).text, name).toContain('**Schema only in this version**');
    }
  });
});
