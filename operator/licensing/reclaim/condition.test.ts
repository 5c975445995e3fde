import { describe, expect, it } from 'vitest';
import { aReclaimSeat, aWatch, daysAgo, judgeContext } from '../../../test/support/reclaim-company.ts';
import { compileCondition, maxSteps } from './condition.ts';

const seat = aReclaimSeat({
  name: 'ann',
  role: 'admin',
  teams: ['SRE', 'Web'],
  jobTitle: 'Head of Operations',
  edition: 'Business',
  assignedAt: daysAgo(100),
  lastActivity: daysAgo(70.5),
  evidence: [{ signal: 'OnCall', at: daysAgo(70.5) }, { signal: 'SignIn', at: daysAgo(200) }],
});
const context = judgeContext({ watches: new Map([['FullUser', { ...aWatch, to: daysAgo(0.25) }]]) });

function answer(text: string, of = seat): boolean | string {
  const condition = compileCondition(text);
  return 'problem' in condition ? condition.problem : condition.evaluate(of, context);
}

describe('D2: what a condition says', () => {
  it.each([
    ['true', true],
    ['false', false],
    ["subscription.role == 'admin'", true],
    ["subscription.role != 'admin'", false],
    ["subscription.role in ['admin', 'owner']", true],
    ["subscription.roleGroup == 'FullUser'", true],
    ["subscription.identifier == 'LFULL' && subscription.edition == 'Business'", true],
    ["subscription.jobTitle.startsWith('Head')", true],
    ["subscription.jobTitle.lowerAscii().contains('operations')", true],
    ["subscription.jobTitle.endsWith('Sales')", false],
    ["subscription.jobTitle.startsWith('Head of ') || subscription.jobTitle.lowerAscii().endsWith(' lead')", true],
    ['subscription.teams.size() == 2', true],
    ['size(subscription.teams) == 2', true],
    ["'SRE' in subscription.teams", true],
    ["subscription.teams.exists(team, team.startsWith('S'))", true],
    ["subscription.teams.exists_one(team, team == 'Web')", true],
    ["subscription.teams.all(team, team != 'Ops')", true],
    ["subscription.teams.filter(team, team != 'Web').size() == 1", true],
    ["!(subscription.teams.exists(team, team in ['SRE', 'Platform']))", false],
    ['subscription.pending', false],
    ["subscription.activity == 'Recorded'", true],
    ['subscription.inactiveDays == 70', true],
    ['subscription.inactiveDays > 60 && subscription.inactiveDays < 90', true],
    ['subscription.assignedDays == 100', true],
    ["subscription.signals['OnCall'] == 70", true],
    ['subscription.signals.OnCall < 100', true],
    ["'SignIn' in subscription.signals && subscription.signals['SignIn'] > 150", true],
    ["!('AuditActor' in subscription.signals)", true],
    ["subscription.role == 'admin' ? subscription.inactiveDays > 180 : subscription.inactiveDays > 60", false],
    ["string(subscription.inactiveDays) == '70' && int('3') == 3", true],
    ['subscription.inactiveDays > 60.5', true],
    ['true || subscription.inactiveDays / 0 == 1', true],
  ])('D2: %s → %s', (text, expected) => {
    expect(answer(text)).toBe(expected);
  });

  it('D2: what is not known is -1, an empty text, or Unknown', () => {
    const unknown = aReclaimSeat({ name: 'bob', activity: undefined, lastActivity: undefined, assignedAt: undefined, pending: true });
    for (const text of ['subscription.inactiveDays == -1', 'subscription.assignedDays == -1', "subscription.jobTitle == '' && subscription.edition == ''", "subscription.activity == 'Unknown'", 'subscription.teams.size() == 0', 'subscription.pending']) {
      expect([text, answer(text, unknown)]).toEqual([text, true]);
    }
    expect(answer("subscription.activity == 'Never'", aReclaimSeat({ name: 'bob', activity: 'Never' }))).toBe(true);
  });

  it.each(["subscription.signals['AuditActor'] > 30", 'subscription.inactiveDays / 0 == 1', "subscription.teams[7] == 'SRE'", 'subscription.inactiveDays + 9223372036854775807 > 0', "int('x') == 1"])(
    'D2, guard 8: %s fails when it is evaluated, which is not true',
    (text) => {
      expect(answer(text)).toBe(false);
      // Nor is it true when it is turned round.
      expect(answer(`!(${text})`)).toBe(false);
    },
  );
});

describe('D2: what is refused, and why', () => {
  it.each([
    ['', 'Unexpected token: EOF, at character 1.'],
    ["subscription.role == 'admin", 'Unterminated string, at character 22.'],
    ['subscription.role ==', 'Unexpected token: EOF, at character 21.'],
    ['subscription.rolle == 1', 'No such key: rolle, at character 14.'],
    ['now > 1', 'Unknown variable: now, at character 1.'],
    ["subscription.role > 5", "no such overload: string > int, at character 1."],
    ['subscription.inactiveDays', 'the expression returns int and must return bool: true for a subscription that may become a candidate.'],
    ["subscription.role + 'x'", 'the expression returns string and must return bool: true for a subscription that may become a candidate.'],
    ["timestamp('2026-01-01T00:00:00Z') < timestamp('2027-01-01T00:00:00Z')", /^timestamp\(\) is not allowed, at character 1; what is: size, /],
    ['dyn(subscription).x == 1', /^dyn\(\) is not allowed/],
    ["subscription.teams.map(t, t + t).size() == 2", /^map\(\) is not allowed/],
    ["subscription.role.split('').size() == 1", /^split\(\) is not allowed/],
    ["cel.bind(x, subscription.role, x == 'a')", /^bind\(\) is not allowed/],
    ["(subscription.teams + subscription.teams).exists(t, t == 'a')", 'exists() goes over something other than subscription.teams, at character 2.'],
    ["subscription.teams.filter(t, t != 'a').all(t, t == 'b')", /goes over something other/],
    ["subscription.teams.exists(a, subscription.teams.exists(b, a == b))", /^exists\(\) stands inside of another iteration/],
    ["subscription.role.matches('^admin$')", 'matches() is not allowed, at character 1: use startsWith(), endsWith() or contains(), with lowerAscii() if case does not matter, and || for alternatives.'],
    ["subscription.teams.exists(t, t.matches('^.*a.*bc$'))", /^matches\(\) is not allowed, at character 30: use startsWith\(\)/],
    ['{1: 2}.size() == 1', /maxMapEntries/],
  ])('D2, guard 8: %s', (text, problem) => {
    expect(answer(text)).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
  });

  it('D2: too long, too deep and too much', () => {
    expect(answer(`subscription.role == '${'a'.repeat(2048)}'`)).toBe('the expression is longer than 2048 characters.');
    expect(answer(`${'('.repeat(200)}true${')'.repeat(200)}`)).toMatch(/maxDepth/);
    expect(answer(Array.from({ length: 200 }, () => 'true').join(' && '))).toMatch(/maxAstNodes/);
    expect(answer(`subscription.role in [${Array.from({ length: 51 }, (_, index) => `'${index}'`).join(', ')}]`)).toMatch(/maxListElements/);
  });

  it('guard 7: an address in an expression is not told again', () => {
    expect(answer("ann@example.com == 'x'")).not.toContain('example.com');
  });

  it.each([
    `subscription.teams.exists(t, ${anyOf(30, (index) => `t.contains('${'a'.repeat(20)}${index}')`)})`,
    `subscription.teams.exists(t, ${anyOf(4, () => 'int(t) == 1')})`,
    `subscription.teams.exists(t, (${Array.from({ length: 60 }, () => 't').join(' + ')}).contains('ab'))`,
    `subscription.teams.exists(t, t in subscription.teams) && subscription.teams.all(t, t in subscription.teams) && subscription.teams.exists_one(t, t in subscription.teams) && ${anyOf(6, () => "subscription.teams.exists(t, t in subscription.teams)")}`,
    `(subscription.jobTitle + subscription.jobTitle + subscription.jobTitle + subscription.jobTitle).upperAscii().contains((subscription.jobTitle + subscription.jobTitle + subscription.jobTitle).upperAscii())`,
  ])('D2, guard 12: %s is sound and too expensive', (text) => {
    const compiled = compileCondition(text);
    expect(compiled).toEqual({ isTooExpensive: true, problem: expect.stringMatching(/^the expression could take \d+ steps for one person; at most 30000 are allowed\. Shorten what is inside exists\(\)/) });
  });

  it('D2: what people write stays far below what is allowed', () => {
    for (const text of [
      "subscription.role != 'admin' && !subscription.teams.exists(team, team.startsWith('SRE'))",
      `subscription.teams.all(t, !(t in [${Array.from({ length: 50 }, (_, index) => `'team of platform ${index}'`).join(', ')}]))`,
      anyOf(20, (index) => `subscription.jobTitle.lowerAscii().contains('operations ${index}')`),
      "subscription.signals['OnCall'] > 90 && subscription.signals['SignIn'] > 90 && subscription.inactiveDays / 30 > 3",
    ]) {
      const compiled = compileCondition(text);
      expect([text, 'problem' in compiled ? compiled : compiled.steps < maxSteps / 2]).toEqual([text, true]);
    }
  });
});

function anyOf(count: number, part: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => part(index)).join(' || ');
}
