import { describe, expect, it } from 'vitest';
import { aReclaimSeat, aWatch, daysAgo, dayMs, judgeContext, reclaimNow } from '../../../test/support/reclaim-company.ts';
import { compileCondition } from './condition.ts';
import type { Judgement } from './facts.ts';
import { countAdmins } from './guards.ts';
import { createJudge, judgeSeat } from './judge.ts';

const never = { activity: 'Never' } as const;

type Change = Omit<Parameters<typeof aReclaimSeat>[0], 'name'>;
type Context = Parameters<typeof judgeContext>[0];

function judge(change: Change = {}, context: Context = {}): Judgement {
  return judgeSeat(aReclaimSeat({ name: 'ann', ...change }), judgeContext(context));
}

/** The verdict in a word, with what matters of it. */
function verdict(change: Change = {}, context: Context = {}): string {
  const judgement = judge(change, context);
  if (judgement.kind === 'Candidate') return `Candidate ${judgement.justification}`;
  if (judgement.kind === 'Unknown') return `Unknown ${judgement.why}`;
  return judgement.kind === 'Protected' ? `Protected ${judgement.guard}` : judgement.kind;
}

describe('the verdict on a subscription', () => {
  it.each([
    ['S46: active 60 days ago, to the millisecond', { lastActivity: daysAgo(60) }, {}, 'Active'],
    ['S46: active a millisecond before that', { lastActivity: daysAgo(60) - 1 }, {}, 'Candidate LowUsage'],
    ['S46: active 60 days ago, by a threshold of 59', { lastActivity: daysAgo(60) }, { spec: { lastActivityThresholdDays: 59 } }, 'Candidate LowUsage'],
    ['S46: active 90 days ago, by a threshold of 91', {}, { spec: { lastActivityThresholdDays: 91 } }, 'Active'],
    ['L2: the default threshold is 60 days', { lastActivity: daysAgo(61) }, {}, 'Candidate LowUsage'],
    ['L3, C16: inactive by one signal and active by another', { evidence: [{ signal: 'OnCall', at: daysAgo(200) }, { signal: 'SignIn', at: daysAgo(3) }], lastActivity: daysAgo(3) }, {}, 'Active'],
    ['C16: active by a signal that the rule leaves out', { evidence: [{ signal: 'OnCall', at: daysAgo(200) }, { signal: 'SignIn', at: daysAgo(3) }], lastActivity: daysAgo(3) }, { spec: { activitySignals: ['OnCall'] } }, 'Candidate LowUsage'],
    ['C16: never seen but by a signal that the rule leaves out', { evidence: [{ signal: 'SignIn', at: daysAgo(3) }], lastActivity: daysAgo(3) }, { spec: { activitySignals: ['OnCall'] } }, 'Candidate LowUsage'],
    ['C16: active by nobody knows which signal', { evidence: [], lastActivity: daysAgo(3) }, { spec: { activitySignals: ['OnCall'] } }, 'Active'],
    ['L16: never active, by evidence over the threshold', never, {}, 'Candidate LowUsage'],
    ['L16: never active, where the rule leaves them out', never, { spec: { includeNeverActive: false } }, 'Unknown NoEvidence'],
    ['L16: never active, as far as evidence of 59 days goes', { ...never, evidenceFrom: daysAgo(59) }, {}, 'Unknown InsufficientHistory'],
    ['L16: activity that nobody looked for', { activity: 'Unknown' }, {}, 'Unknown NoEvidence'],
    ['L16: activity that was not downloaded yet', { activity: undefined, lastActivity: undefined }, {}, 'Unknown NoEvidence'],
    ['T2: a window that is a millisecond shorter than the threshold', {}, { watches: new Map([['FullUser', { ...aWatch, from: daysAgo(60) + 1 }]]) }, 'Unknown InsufficientHistory'],
    ['T2: a window that is exactly as long', {}, { watches: new Map([['FullUser', { ...aWatch, from: daysAgo(60) }]]) }, 'Candidate LowUsage'],
    ['T2, C3: a window that is shorter than the threshold of the override', { role: 'seasonal', lastActivity: daysAgo(300) }, { spec: { thresholdOverrides: [{ match: { roles: ['seasonal'] }, lastActivityThresholdDays: 200 }] }, watches: new Map([['FullUser', { ...aWatch, from: daysAgo(100) }]]) }, 'Unknown InsufficientHistory'],
    ['T2: evidence on the person that nobody knows the start of', { evidenceFrom: undefined }, {}, 'Unknown NoEvidence'],
    ['T3: nobody watches the group', {}, { watches: new Map() }, 'Unknown NoSignalSees'],
    ['T3: a stakeholder, by the default role groups', { roleGroup: 'Stakeholder' }, {}, 'NotCovered'],
    ['T3: a stakeholder whom no signal sees', { roleGroup: 'Stakeholder' }, { spec: { licenseRoleGroups: ['FullUser', 'Stakeholder'] } }, 'Unknown NoSignalSees'],
    ['T3: a role of no known group', { roleGroup: 'Unknown' }, { spec: { licenseRoleGroups: ['FullUser', 'Stakeholder'] } }, 'NotCovered'],
    ['C1: assigned 59 days ago, and inactive', { assignedAt: daysAgo(59) }, {}, 'Recent'],
    ['C1: assigned 60 days ago', { assignedAt: daysAgo(60) }, {}, 'Candidate LowUsage'],
    ['C1: never active, assigned 59 days ago', { ...never, assignedAt: daysAgo(59) }, {}, 'Recent'],
    ['C1: never active, assigned 60 days ago', { ...never, assignedAt: daysAgo(60) }, {}, 'Candidate LowUsage'],
    ['C1, L17: of a hidden date, first seen 59 days ago', { assignedAt: undefined, firstSeen: daysAgo(59) }, {}, 'Recent'],
    ['C1, L17: of a hidden date, first seen 60 days ago', { assignedAt: undefined, firstSeen: daysAgo(60) }, {}, 'Candidate LowUsage'],
    ['C1, L17: of no date at all', { assignedAt: undefined, firstSeen: undefined }, {}, 'Recent'],
    ['C1, L17: of no date at all, and no grace', { assignedAt: undefined, firstSeen: undefined }, { spec: { newSeatGraceDays: 0 } }, 'Recent'],
    ['C1: assigned in a time to come', { assignedAt: daysAgo(-5) }, {}, 'Recent'],
    ['C1: new, and active', { assignedAt: daysAgo(5), lastActivity: daysAgo(1) }, {}, 'Active'],
    ['C1: never active in the 20 days since the assignment, with a grace of 10: nobody is unused for 60 days after 20', { ...never, assignedAt: daysAgo(20) }, { spec: { newSeatGraceDays: 10 } }, 'Recent'],
    ['C3: a part-timer within their own threshold', { role: 'part-time' }, { spec: { thresholdOverrides: [{ match: { roles: ['part-time'] }, lastActivityThresholdDays: 120 }] } }, 'Active'],
    ['C3: of two overrides the first that matches', { role: 'part-time', teams: ['Ops'] }, { spec: { thresholdOverrides: [{ match: { teams: ['Ops'] }, lastActivityThresholdDays: 80 }, { match: { roles: ['part-time'] }, lastActivityThresholdDays: 120 }] } }, 'Candidate LowUsage'],
    ['C3: an override that is shorter', { lastActivity: daysAgo(40) }, { spec: { thresholdOverrides: [{ match: { roles: ['user'] }, lastActivityThresholdDays: 30 }] } }, 'Candidate LowUsage'],
    ['C17: an invitation of 29 days', { ...never, pending: true, assignedAt: daysAgo(29) }, {}, 'Recent'],
    ['C17: an invitation of 30 days, though a new seat has 60', { ...never, pending: true, assignedAt: daysAgo(30) }, {}, 'Candidate NeverAccepted'],
    ['C17: an invitation of no known date', { ...never, pending: true, assignedAt: undefined, firstSeen: undefined }, {}, 'Recent'],
    ['C17: an invitation whose activity nobody looked for', { activity: 'Unknown', pending: true }, {}, 'Candidate NeverAccepted'],
    ['C17, guard 3: an invitation of somebody who was on call last week all the same', { pending: true, lastActivity: daysAgo(7) }, {}, 'Active'],
  ] as const)('%s', (_story, change, context, expected) => {
    expect(verdict(change as Change, context as Context)).toBe(expected);
  });

  it('C31: a rule of one model is for its identifiers only', () => {
    const context = judgeContext();
    const limited = { ...context, rule: { ...context.rule, identifiers: new Set(['LOTHER']) } };
    expect(judgeSeat(aReclaimSeat({ name: 'ann' }), limited)).toEqual({ kind: 'NotCovered' });
    expect(judgeSeat(aReclaimSeat({ name: 'ann', identifier: 'LOTHER' }), limited).kind).toBe('Candidate');
  });

  it('C1: says until when a new seat is protected', () => {
    expect(judge({ assignedAt: daysAgo(59) })).toEqual({ kind: 'Recent', until: reclaimNow + dayMs });
    const { until } = judge({ assignedAt: undefined, firstSeen: undefined }) as Judgement & { kind: 'Recent' };
    expect(until).toBeGreaterThan(reclaimNow);
  });

  it('guard 6: is judged as of the end of the evidence: days on which nobody looked make nobody inactive', () => {
    const ended = { watches: new Map([['FullUser' as const, { ...aWatch, to: daysAgo(5) }]]) };
    expect(verdict({ lastActivity: daysAgo(64) }, ended)).toBe('Active');
    expect(verdict({ lastActivity: daysAgo(66) }, ended)).toBe('Candidate LowUsage');
  });

  it('L11: restricted software gives its justification, and whoever uses it is still no candidate', () => {
    const spec = { justification: 'RestrictedSoftware' };
    expect(verdict({}, { spec })).toBe('Candidate RestrictedSoftware');
    expect(verdict({ lastActivity: daysAgo(1) }, { spec })).toBe('Active');
  });

  it('T12: who has the target of the downgrade already is not covered', () => {
    const spec = { action: 'Downgrade', downgradeTo: { role: 'read_only_user', subscriptionIdentifier: 'LSTAKE' } };
    expect(verdict({ role: 'read_only_user', identifier: 'LSTAKE' }, { spec })).toBe('NotCovered');
    expect(verdict({ role: 'read_only_user' }, { spec })).toBe('Candidate LowUsage');
  });

  it('guard 8: a threshold that is none, as in a file that no API server has checked, makes nobody a candidate', () => {
    const context = judgeContext();
    for (const days of [Number.NaN, 0, -1, 1.5, 2000, Infinity]) {
      const broken = { ...context, rule: { ...context.rule, spec: { ...context.rule.spec, lastActivityThresholdDays: days } } };
      expect(judgeSeat(aReclaimSeat({ name: 'ann' }), broken)).toEqual({ kind: 'Unknown', why: 'InsufficientHistory' });
    }
  });
});

describe('C19: a person who left', () => {
  const left = { leavers: new Set(['ann@example.com']) };

  it.each([
    ['active today', { lastActivity: daysAgo(0) }],
    ['assigned yesterday', { ...never, assignedAt: daysAgo(1) }],
    ['whose activity nobody knows', { activity: 'Unknown' }],
    ['who never accepted', { ...never, pending: true, assignedAt: daysAgo(1) }],
    ['named in capitals, by a second address', { person: 'a.b@corp.example', aliases: ['Ann@Example.com'] }],
  ] as const)('C19: %s is a candidate at once, with a threshold of 0', (_story, change) => {
    expect(judge(change, left)).toMatchObject({ kind: 'Candidate', justification: 'Leaver', evidence: { thresholdDays: 0 } });
  });

  it('C19: needs no evidence, and says so', () => {
    const judgement = judge({}, { ...left, watches: new Map() });
    expect(judgement).toMatchObject({ justification: 'Leaver', evidence: { windowFrom: '2026-11-24T09:00:00.000Z', windowTo: '2026-11-24T09:00:00.000Z' } });
  });

  it.each([
    ['Owner', { role: 'owner' }, {}],
    ['Exclusion', {}, { exclusions: [{ name: 'ann', person: 'ann@example.com' }] }],
    ['Team', { teams: ['SRE'] }, { spec: { protect: { teams: ['SRE'] } } }],
    ['LastAdmin', { role: 'admin' }, { admins: 2 }],
    ['OtherRule', {}, { open: new Map([['ann', 'other']]) }],
  ] as const)('C19, guard 2: %s still protects', (guard, change, context) => {
    expect(verdict(change, { ...left, ...context })).toBe(`Protected ${guard}`);
  });

  it('C19: is not covered where the rule is not for them', () => {
    expect(verdict({ roleGroup: 'Stakeholder' }, left)).toBe('NotCovered');
  });
});

describe('guards', () => {
  it.each([
    ['guard 2, T11: the account owner', { role: 'owner' }, {}, { guard: 'Owner', by: 'the account owner' }],
    ['L26: an excluded person, in other letters', {}, { exclusions: [{ name: 'on-leave', person: 'ann@example.com' }] }, { guard: 'Exclusion', by: 'on-leave' }],
    ['L26: an excluded licence of the type', {}, { exclusions: [{ name: 'bots', licence: { type: 'PagerDuty', identifier: 'LFULL' } }] }, { guard: 'Exclusion', by: 'bots' }],
    ['C14: a protected role', { role: 'manager' }, { spec: { protect: { roles: ['manager'] } } }, { guard: 'Role', by: 'manager' }],
    ['C14: a protected team among others', { teams: ['Web', 'SRE'] }, { spec: { protect: { teams: ['SRE'] } } }, { guard: 'Team', by: 'SRE' }],
    ['C14: a protected job title', { jobTitle: 'CTO' }, { spec: { protect: { jobTitles: ['CTO'] } } }, { guard: 'JobTitle', by: 'CTO' }],
    ['C14, guard 7: a protected team whose name is an address, which is not told', { teams: ['ops@example.com'] }, { spec: { protect: { teams: ['ops@example.com'] } } }, { guard: 'Team', by: '(address)' }],
    ['D2: a condition that is false', {}, { spec: { condition: 'false' } }, { guard: 'Condition', by: 'spec.condition, which is not compiled' }],
    ['C9: kept 89 days ago', {}, { kept: new Map([['ann@example.com', daysAgo(89)]]) }, { guard: 'KeepCooldown', by: 'spec.keepCooldownDays of 90' }],
    ['guard 4: an open candidate of another rule', {}, { open: new Map([['ann', 'other']]) }, { guard: 'OtherRule', by: 'the ReclamationRule other' }],
    ['C13: one of the last two admins', { role: 'admin' }, { admins: 2 }, { guard: 'LastAdmin', by: 'spec.limits.minAdmins of 2' }],
  ] as const)('%s: is kept out', (_story, change, context, expected) => {
    expect(judge(change, context as Context)).toEqual({ kind: 'Protected', ...expected });
  });

  it('C9: ask again after the cool-down, to the day', () => {
    expect(verdict({}, { kept: new Map([['ann@example.com', daysAgo(90)]]) })).toBe('Candidate LowUsage');
    expect(verdict({}, { kept: new Map([['ann@example.com', daysAgo(90) + 1]]) })).toBe('Protected KeepCooldown');
    expect(verdict({}, { kept: new Map([['ann@example.com', daysAgo(1)]]), spec: { keepCooldownDays: 0 } })).toBe('Candidate LowUsage');
  });

  it('guard 4: leave a candidate of the same rule what it is', () => {
    expect(verdict({}, { open: new Map([['ann', 'unused']]) })).toBe('Candidate LowUsage');
  });

  it('C13: let admins go one by one until minAdmins are left', () => {
    const judgeNext = createJudge(judgeContext({ admins: 4 }));
    const admin = aReclaimSeat({ name: 'ann', role: 'admin' });
    expect([0, 1, 2, 3].map((taken) => judgeNext(admin, taken).kind)).toEqual(['Candidate', 'Candidate', 'Protected', 'Protected']);
    expect(createJudge(judgeContext({ admins: 0 }))(admin).kind).toBe('Protected');
  });

  it('C13: count admins once each, and neither the owner nor those who never accepted', () => {
    const seats = [{ name: 'a', role: 'admin' }, { name: 'b', role: 'owner' }, { name: 'c', role: 'user' }, { name: 'd', role: 'admin', pending: true }].map((change) => aReclaimSeat(change));
    const second = aReclaimSeat({ name: 'e', role: 'admin', identifier: 'LOTHER', externalUserId: 'P-a' });
    expect(countAdmins([...seats, second], judgeContext())).toBe(1);
  });

  it('D2: a condition makes candidates only of those for whom it is true', () => {
    const text = "!subscription.teams.exists(team, team == 'SRE')";
    const condition = compileCondition(text);
    if ('problem' in condition) throw new Error(condition.problem);
    const context = { spec: { condition: text }, condition };
    expect(verdict({ teams: ['Web'] }, context)).toBe('Candidate LowUsage');
    expect(judge({ teams: ['SRE'] }, context)).toEqual({ kind: 'Protected', guard: 'Condition', by: 'spec.condition' });
    const many = Array.from({ length: 50 }, (_, index) => `Team ${index}`);
    expect(judge({ teams: many }, context)).toMatchObject({ guard: 'Condition', by: 'spec.condition, which asks for teams that are not all shown' });
  });

  it('guard 2: who has so many teams that not all are shown may be in a protected one, and is not surely in one that is asked for', () => {
    const teams = Array.from({ length: 50 }, (_, index) => `Team ${index}`);
    expect(verdict({ teams }, { spec: { protect: { teams: ['SRE'] } } })).toBe('Protected Team');
    expect(verdict({ teams }, { spec: { appliesTo: { teams: ['SRE'] } } })).toBe('NotCovered');
    expect(verdict({ teams }, { spec: { thresholdOverrides: [{ match: { teams: ['SRE'] }, lastActivityThresholdDays: 120 }] } })).toBe('Active');
    expect(verdict({ teams }, { spec: { thresholdOverrides: [{ match: { teams: ['SRE'] }, lastActivityThresholdDays: 30 }] } })).toBe('Candidate LowUsage');
    expect(verdict({ teams })).toBe('Candidate LowUsage');
  });

  it('C14: a selector wants all of its lists, and one entry of each', () => {
    const appliesTo = { roles: ['user', 'manager'], jobTitles: ['Engineer'], teams: ['Web', 'Ops'] };
    expect(verdict({ jobTitle: 'Engineer', teams: ['Ops'] }, { spec: { appliesTo } })).toBe('Candidate LowUsage');
    expect(verdict({ jobTitle: 'engineer', teams: ['Ops'] }, { spec: { appliesTo } })).toBe('NotCovered');
    expect(verdict({ teams: ['Ops'] }, { spec: { appliesTo } })).toBe('NotCovered');
    expect(verdict({ jobTitle: 'Engineer' }, { spec: { appliesTo } })).toBe('NotCovered');
  });
});
