import { describe, expect, it } from 'vitest';
import { createAccount } from '../account/account.ts';
import { listOncalls } from '../account/oncalls.ts';
import type { CompanyState, Person, Story } from '../index.ts';
import { DEFAULT_NOW, generateCompany } from '../index.ts';
import { DAY_MS } from './company.ts';
import { isStakeholder } from './making.ts';
import { createTimeZones } from './time-zones.ts';

/** Days since each person's last shift began or, at most, ended; 0 = on call now; absent = none in the last 700 days. */
function lastOnCall(company: CompanyState): Map<string, number> {
  const query = { userIds: undefined, policyIds: undefined, scheduleIds: undefined, direct: true, earliest: false };
  const days = new Map<string, number>();
  for (const row of listOncalls(createAccount(company), { ...query, window: { start: DEFAULT_NOW - 700 * DAY_MS, end: DEFAULT_NOW } }, createTimeZones())) {
    const ago = (DEFAULT_NOW - Math.min(row.end ?? DEFAULT_NOW, DEFAULT_NOW)) / DAY_MS;
    days.set(row.user.id, Math.min(ago, days.get(row.user.id) ?? Number.POSITIVE_INFINITY));
  }
  return days;
}

const company = generateCompany({ seed: 7, users: 300 });
const of = (story: Story): Person[] => company.users.filter((user) => user.story === story);

describe('a generated company', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(generateCompany({ seed: 7, users: 300 })).toEqual(company);
    expect(generateCompany({ seed: 8, users: 300 })).not.toEqual(company);
  });

  it('has every kind of person, with one owner', () => {
    const stories: Story[] = ['on-call', 'direct-target', 'recently-rotated-off', 'rotated-off', 'on-leave', 'never-on-call', 'scheduled-without-policy', 'pending-invitation', 'service-account', 'stakeholder'];
    for (const story of stories) expect(of(story).length, story).toBeGreaterThan(0);
    const roles = new Map(company.users.map(({ role }) => [role, company.users.filter((user) => user.role === role).length]));
    expect(roles.get('owner')).toBe(1);
    expect([...roles.keys()].sort()).toEqual(['admin', 'limited_user', 'observer', 'owner', 'read_only_limited_user', 'read_only_user', 'restricted_access', 'user']);
  });

  it('T2: the people who rotated off lately were on call in the last 60 days, those long ago were not', () => {
    const last = lastOnCall(company);
    for (const { id } of of('recently-rotated-off')) expect(last.get(id)).toBeLessThan(60);
    for (const { id } of [...of('rotated-off'), ...of('on-leave')]) expect(last.get(id)).toBeGreaterThan(60);
    for (const { id } of of('direct-target')) expect(last.get(id)).toBe(0);
  });

  it('T3, T4: stakeholders, pending, service accounts and people without a policy never were', () => {
    const last = lastOnCall(company);
    for (const story of ['stakeholder', 'pending-invitation', 'service-account', 'never-on-call', 'scheduled-without-policy'] as const) {
      for (const { id } of of(story)) expect(last.has(id), `${story} ${id}`).toBe(false);
    }
    expect(company.users.filter(({ role, story }) => isStakeholder(role) && story !== 'stakeholder' && story !== 'pending-invitation')).toEqual([]);
  });

  it('has schedules of both kinds, teams below departments, and policies whose every target exists', () => {
    expect(company.schedules.length).toBeGreaterThan(3);
    expect(company.shiftSchedules.length).toBeGreaterThan(1);
    expect(company.teams.some(({ parentId }) => parentId === null)).toBe(true);
    const known = new Set([...company.users, ...company.schedules, ...company.shiftSchedules].map(({ id }) => id));
    expect(company.policies.flatMap(({ rules }) => rules.flatMap(({ targets }) => targets)).filter(({ id }) => !known.has(id))).toEqual([]);
  });

  it('facts 3.3: gives each person a licence that allows the role, within the seats bought; two share a name, one has no limit', () => {
    for (const user of company.users) expect(company.licenses.find(({ id }) => id === user.licenseId)?.validRoles).toContain(user.role);
    for (const { id, seats } of company.licenses) {
      if (seats !== null) expect(company.users.filter(({ licenseId }) => licenseId === id).length).toBeLessThanOrEqual(seats);
    }
    expect(new Set(company.licenses.map(({ name }) => name)).size).toBeLessThan(company.licenses.length);
    expect(company.licenses.filter(({ seats }) => seats === null)).toHaveLength(1);
  });

  it('names nobody real: addresses are at example.com, ids and addresses come once', () => {
    for (const { email } of company.users) expect(email).toMatch(/^[a-z0-9.-]+@(contractors\.)?example\.com$/);
    const big = generateCompany({ seed: 1, users: 20_000, everyoneInATeam: true });
    const ids = [...big.users, ...big.teams, ...big.schedules, ...big.shiftSchedules, ...big.policies, ...big.licenses].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(big.users.map(({ email }) => email)).size).toBe(20_000);
    expect(big.users.filter(({ teams }) => teams.length === 0)).toEqual([]);
    for (const { id } of big.users.slice(0, 100)) expect(id).toMatch(/^P[0-9A-Z]{6}$/);
  });

  it('T18: people sign in as their story says, never before they exist; service accounts and pending invitations never do', () => {
    for (const { createdAt, allocatedAt, webSignIns, mobileSignIns } of company.users) {
      expect(createdAt).toBeLessThanOrEqual(allocatedAt);
      for (const at of [...webSignIns, ...mobileSignIns]) expect(at > createdAt && at <= DEFAULT_NOW).toBe(true);
      expect(webSignIns.toSorted((a, b) => b - a)).toEqual(webSignIns);
    }
    for (const story of ['pending-invitation', 'service-account'] as const) expect(of(story).flatMap(({ webSignIns }) => webSignIns)).toEqual([]);
    const recently = of('stakeholder').filter(({ webSignIns: [last = 0] }) => last > DEFAULT_NOW - 60 * DAY_MS).length;
    expect([recently > 0, recently < of('stakeholder').length, of('stakeholder').some(({ webSignIns }) => webSignIns.length === 0)]).toEqual([true, true, true]);
  });

  it('C16: incidents are answered by who was on call then; some stay open, with somebody who never is, or hold a policy that has changed', () => {
    const big = generateCompany({ seed: 3, users: 2000 });
    const { incidents } = big;
    const agents = new Set(incidents.flatMap(({ actions }) => actions.flatMap(({ type, agent }) => (type === 'acknowledge' && agent.kind === 'user' ? [agent.id] : []))));
    const stories = new Set(big.users.filter(({ id }) => agents.has(id)).map(({ story }) => story));
    expect([stories.has('rotated-off'), stories.has('never-on-call'), stories.has('stakeholder')]).toEqual([true, false, false]);
    const open = incidents.filter(({ status }) => status !== 'resolved');
    const neverOnCall = new Set(big.users.filter(({ story }) => story === 'never-on-call').map(({ id }) => id));
    expect(open.some(({ assigneeIds }) => assigneeIds.some((id) => neverOnCall.has(id)))).toBe(true);
    expect(open.some(({ createdAt }) => createdAt < DEFAULT_NOW - 31 * DAY_MS)).toBe(true);
    expect(open.some(({ snapshot }) => JSON.stringify(big.policies.find(({ id }) => id === snapshot.id)) !== JSON.stringify(snapshot))).toBe(true);
    expect(incidents.flatMap(({ actions }) => actions).every(({ at }) => at <= DEFAULT_NOW)).toBe(true);
    expect(incidents.map(({ number }) => number)).toEqual(incidents.map((_, index) => index + 1));
  });

  it('T20: changes come from people, keys, apps and the identity provider, and reach back further than PagerDuty remembers', () => {
    const actors = new Set(company.auditRecords.flatMap(({ actors: all, method }) => all?.map(({ type }) => `${type} ${method}`) ?? ['nobody']));
    for (const kind of ['user_reference browser', 'api_key_reference api_token', 'app_reference oauth', 'user_reference identity_provider', 'nobody']) expect([...actors]).toContain(kind);
    expect(company.auditRecords.some(({ at }) => at < DEFAULT_NOW - 366 * DAY_MS)).toBe(true);
    expect(new Set(company.auditRecords.map(({ id }) => id)).size).toBe(company.auditRecords.length);
  });

  it.each([1, 2, 3, 10])('works for %i people', (users) => {
    expect(generateCompany({ seed: 1, users }).users).toHaveLength(users);
  });

  it('grows to 100,000 people', () => {
    const huge = generateCompany({ seed: 2, users: 100_000, everyoneInATeam: true });
    expect(huge.users).toHaveLength(100_000);
    const account = createAccount(huge);
    expect(Math.max(...huge.teams.map(({ id }) => account.membersOfTeams([id]).length))).toBeLessThan(1000);
  });
});
