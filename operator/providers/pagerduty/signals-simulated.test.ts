import { assert, asyncProperty, boolean, constantFrom, integer, record } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownActivity } from '../../../test/support/company-activity.ts';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { collect, createSession } from '../../../test/support/provider-session.ts';
import { DEFAULT_SETTINGS, generateCompany, startSimulator, type Settings, type Simulator } from '../../../test/pagerduty-simulator/index.ts';
import type { ActivityPage } from '../provider.ts';
import { createPagerDutyProvider } from './index.ts';
import type { SignalName } from './permissions.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T09:00:00Z');
const names: readonly SignalName[] = ['OnCall', 'SignIn', 'AuditActor', 'IncidentResponse'];
const routes: Readonly<Record<SignalName, string>> = { OnCall: '/oncalls', SignIn: '/analytics/raw/users', AuditActor: '/audit/records', IncidentResponse: '/log_entries' };

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    company: generateCompany({ seed: 1, users: 10, now }),
    clock: createLeapingClock(now),
    apps: [],
    apiKeys: [{ key: 'full-key' }, { key: 'read-key', access: 'read-only' }],
  });
});
afterAll(() => simulator.stop());

/** Loads a company into the running simulator, as it was drawn. */
function load(seed: number, users: number, settings: Partial<Settings>) {
  const company = generateCompany({ seed, users, now });
  simulator.state.replace(company);
  Object.assign(simulator.settings, DEFAULT_SETTINGS, { perMinute: 1_000_000, oncallsPerMinute: 1_000_000 }, settings);
  simulator.journal.clear();
  return company;
}

async function observe(from: number, wanted: readonly SignalName[] = names, key = 'full-key'): Promise<ActivityPage[]> {
  const session = createSession({ settings: { subdomain: 'acme', endpoints: { api: simulator.url } }, clock: createLeapingClock(now), token: key, scheme: 'ApiToken', scopes: undefined });
  return collect(createPagerDutyProvider().activity(wanted.map((signal) => ({ signal, window: { from, to: now } })), session));
}

function latestOf(pages: readonly ActivityPage[], signal: SignalName): Map<string, number> {
  const latest = new Map<string, number>();
  const all = pages.flatMap((page) => (page.kind === 'Observations' ? page.observations : [])).filter((one) => one.signal === signal);
  for (const { externalUserId: id, at } of all) latest.set(id, Math.max(at, latest.get(id) ?? at));
  return latest;
}

const outcomes = (pages: readonly ActivityPage[]) => pages.flatMap((page) => (page.kind === 'SignalEnd' ? [[page.signal, page.outcome.kind === 'Complete' ? page.outcome.until : page.outcome.reason]] : []));
const listedBy = (pages: readonly ActivityPage[], signal: SignalName) => pages.flatMap((page) => (page.kind === 'SignalEnd' && page.signal === signal && page.outcome.kind === 'Complete' ? [page.outcome.listed] : []))[0];
const sorted = (latest: ReadonlyMap<string, number>) => Array.from(latest).toSorted(([left], [right]) => (left < right ? -1 : 1));

describe('the signals over simulated companies', () => {
  it('any company, whatever is not known of PagerDuty: everybody’s latest is what the company’s data say, in few requests', async () => {
    const unknowns = record({
      windowEnds: constantFrom('inclusive', 'exclusive'),
      analyticsRowPerTeam: boolean(),
      analyticsDefaultOrderBy: constantFrom('name', 'user_id'),
      cursorMaxLimit: constantFrom(25, 100),
    });
    const seconds = integer({ min: 1, max: 365 * 86_400 });
    await assert(
      asyncProperty(integer({ min: 1, max: 10_000 }), integer({ min: 5, max: 260 }), seconds, unknowns, async (seed, users, length, settings) => {
        const company = load(seed, users, settings);
        const from = now - length * 1000;
        const pages = await observe(from);
        // Log entries and audit records are asked for from a second before.
        const early = knownActivity(company, { from: from - 1000, to: now });
        const known = { ...knownActivity(company, { from, to: now }), AuditActor: early.AuditActor, IncidentResponse: early.IncidentResponse };
        const rim = settings.windowEnds === 'inclusive' ? Number.NEGATIVE_INFINITY : from - 1000;
        for (const signal of names) expect(sorted(latestOf(pages, signal)), signal).toEqual(sorted(known[signal]).filter(([, at]) => signal === 'OnCall' || signal === 'SignIn' || at > rim));
        expect(outcomes(pages)).toEqual([['OnCall', now], ['SignIn', now - day], ['AuditActor', now], ['IncidentResponse', now]]);
        const midnight = Math.floor(now / day) * day;
        expect(listedBy(pages, 'SignIn')).toEqual(new Set(company.users.filter(({ createdAt }) => createdAt <= midnight).map(({ id }) => id)));
        expect(listedBy(pages, 'OnCall')).toBeUndefined();
        expectFewRequests(length * 1000, settings.cursorMaxLimit);
      }),
      { seed: 21, numRuns: 25 },
    );
  });

  /** The rows that came, in pages as large as they may be, and one question at most for each window. */
  function expectFewRequests(length: number, cursorLimit: number): void {
    const { company } = simulator.state;
    const asked = (signal: SignalName) => simulator.journal.list({ route: routes[signal] }).length;
    const entries = company.incidents.reduce((sum, { actions }) => sum + actions.length, 0);
    expect(asked('SignIn')).toBe(1);
    expect(asked('AuditActor')).toBeLessThanOrEqual(Math.ceil(length / (30 * day)) + Math.floor(company.auditRecords.length / cursorLimit) + 1);
    expect(asked('IncidentResponse')).toBeLessThanOrEqual(Math.ceil(length / (89 * day)) + Math.floor(entries / 100) + 1);
    expect(simulator.journal.list({ route: '/users' }).length).toBe(1);
  }

  it('T18: tells of no sign-in that analytics do not know yet, and claims no evidence of that time', async () => {
    const company = load(3, 60, {});
    const [person] = company.users.filter(({ webSignIns }) => webSignIns.length > 0);
    const users = company.users.map((user) => (user === person ? { ...user, webSignIns: [now - 3_600_000, ...user.webSignIns] } : user));
    simulator.state.replace({ users });
    const pages = await observe(now - 60 * day, ['SignIn']);
    expect(latestOf(pages, 'SignIn').get(person?.id ?? '')).toBeLessThan(now - 9 * 3_600_000);
    expect(outcomes(pages)).toEqual([['SignIn', now - day]]);
  });

  it('guard 6: does not say of somebody who is new today, or under no id of ours, that it looked', async () => {
    const company = load(3, 60, {});
    const newest = company.users.at(-1)?.id ?? '';
    simulator.state.updateUser(newest, { createdAt: now - 3_600_000, webSignIns: [] });
    const listed = listedBy(await observe(now - 60 * day, ['SignIn']), 'SignIn');
    expect(company.users.map(({ id }) => id).filter((id) => listed?.has(id) !== true)).toEqual([newest]);
  });

  it('T18, T20: an API token that only reads, and a plan without the features, end the signals and not the pull', async () => {
    load(3, 60, { planHasAudit: false });
    expect(outcomes(await observe(now - 60 * day, names, 'read-key'))).toEqual([['OnCall', now], ['SignIn', 'SignalForbidden'], ['AuditActor', 'SignalPlanMissing'], ['IncidentResponse', now]]);
    load(3, 60, { planHasAnalytics: false });
    expect(outcomes(await observe(now - 60 * day))).toEqual([['OnCall', now], ['SignIn', 'SignalPlanMissing'], ['AuditActor', now], ['IncidentResponse', now]]);
  });

  it('T3: sees stakeholders who sign in, whom no shift could show', async () => {
    const company = load(5, 200, {});
    const stakeholders = company.users.filter(({ story }) => story === 'stakeholder').map(({ id }) => id);
    const pages = await observe(now - 60 * day);
    expect(stakeholders.filter((id) => latestOf(pages, 'OnCall').has(id))).toEqual([]);
    expect(stakeholders.filter((id) => latestOf(pages, 'SignIn').has(id)).length).toBeGreaterThan(stakeholders.length / 2);
  });

  it.each([
    ['/analytics/raw/users', 'SignIn'],
    ['/audit/records', 'AuditActor'],
    ['/log_entries', 'IncidentResponse'],
  ] as const)('guard 6: %s whose end is told wrong is not taken for whole', async (route, signal) => {
    load(8, 260, {});
    const id = simulator.faults.add({ route, fault: { kind: 'wrong-more' }, count: null });
    const result = await observe(now - 300 * day, [signal]).then(outcomes, (error: unknown) => error);
    simulator.faults.remove(id);
    // More than there is: the next page is empty, or the same. SignIn has all people on one page.
    expect(result).toMatchObject({ failure: { kind: 'Retryable', reason: 'InconsistentPull' } });
  });
});
