import { describe, expect, it } from 'vitest';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import { generateCompany, startSimulator, type CompanyState } from '../../../test/pagerduty-simulator/index.ts';
import { SecretValue } from '../../api/secret-value.ts';
import { createPagerDutyProvider } from './index.ts';

const now = Date.parse('2026-11-24T09:00:00Z');
const scopes = ['users.read', 'oncalls.read', 'licenses.read', 'teams.read'];

async function open(company: CompanyState) {
  const clock = createLeapingClock(now);
  const simulator = await startSimulator({ company, clock, apps: [{ clientId: 'client', clientSecret: 'secret', scopes }] });
  const provider = createPagerDutyProvider();
  const context = createSession({ settings: { subdomain: company.subdomain, endpoints: { api: simulator.url, identity: simulator.url } }, clock });
  const credential = { kind: 'AppToken', clientId: new SecretValue('client'), clientSecret: new SecretValue('secret') } as const;
  const { token } = await provider.connect({ credential, requiredScopes: scopes, optionalScopes: [] }, context);
  const asked = (route: string): number => simulator.journal.list({ route }).length;
  return { simulator, provider, session: { ...context, token }, clock, asked, [Symbol.asyncDispose]: () => simulator.stop() };
}

describe('20,000 people, against the simulator (design section 7)', () => {
  it('are all downloaded by about one request a hundred, without meeting the rate limit', { timeout: 30_000 }, async () => {
    await using account = await open(generateCompany({ seed: 20, users: 20_000, now, everyoneInATeam: true }));
    const pages = await collect(account.provider.download(account.session));
    const ids = pages.flatMap((page) => (page.kind === 'Subscriptions' ? page.subscriptions.map((person) => person.externalUserId) : []));
    expect(ids.toSorted()).toEqual(account.simulator.state.company.users.map((user) => user.id).toSorted());
    expect(pages.find((page) => page.kind === 'LicenseData')).toMatchObject({ available: false, reason: 'TooManyAllocations' });
    expect(account.asked('/license_allocations')).toBe(0);
    // People of several teams come more than once; the floor is 200.
    expect(account.asked('/users')).toBeLessThan(300);
    expect(account.simulator.journal.list({ status: 429 })).toEqual([]);
    expect(account.simulator.journal.writes()).toEqual([]);
  });

  it('guard 6: are refused, not cut off, when somebody is in no team', { timeout: 30_000 }, async () => {
    await using account = await open(generateCompany({ seed: 21, users: 10_400, now }));
    const { failure } = await catchFailure(collect(account.provider.download(account.session)));
    expect(failure).toMatchObject({ kind: 'Terminal', reason: 'TooManyUsers' });
    expect(failure.message).toMatch(/ [1-9]\d* people belong to no team/);
  });
});

describe('a company of 2,000, against the simulator', () => {
  it('has its licences joined, by the least number of requests', async () => {
    await using account = await open(generateCompany({ seed: 22, users: 2000, now }));
    const pages = await collect(account.provider.download(account.session));
    const people = pages.flatMap((page) => (page.kind === 'Subscriptions' ? page.subscriptions : []));
    const expected = new Map(account.simulator.state.company.users.map((user) => [user.id, user]));
    expect(people.length).toBe(2000);
    for (const person of people) {
      const user = expected.get(person.externalUserId);
      expect(person.license?.identifier).toBe(user?.licenseId);
      expect(person.assignedAt).toBe(new Date(user?.allocatedAt ?? 0).toISOString());
      expect(person.teams.length).toBe(new Set(user?.teams.map((team) => account.simulator.state.team(team.teamId)?.name)).size);
    }
    expect([account.asked('/licenses'), account.asked('/license_allocations'), account.asked('/users'), account.asked('/teams')]).toEqual([1, 20, 20, 0]);
  });

  it('keeps within the lower rate limit of on-calls by the headers alone, and loses nothing', async () => {
    await using account = await open(generateCompany({ seed: 23, users: 2000, now }));
    const observe = async () => {
      const window = { from: now - 60 * 86_400_000, to: now };
      const pages = await collect(account.provider.activity([{ signal: 'OnCall', window }], account.session));
      return new Set(pages.flatMap((page) => (page.kind === 'Observations' ? page.observations.map((one) => one.externalUserId) : [])));
    };
    const whole = await observe();
    const requests = account.asked('/oncalls');
    account.simulator.settings.oncallsPerMinute = 7;
    const before = account.clock.now();
    expect(await observe()).toEqual(whole);
    expect(requests).toBeGreaterThan(7);
    expect(account.clock.now() - before).toBeGreaterThan(60_000);
    expect(account.simulator.journal.list({ status: 429 })).toEqual([]);
  });
});
