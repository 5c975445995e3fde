import { describe, expect, it } from 'vitest';
import { judgeSeat, judgeTeamRole, type Seat } from './judge-undo.ts';
import { isRaise, isTeamRaise } from './roles.ts';

const ranks = ['read_only_limited_user', 'read_only_user', 'restricted_access', 'observer', 'limited_user', 'user', 'admin', 'owner'];

describe('guard 10: the order of roles', () => {
  it('gives only what is more, never the owner’s role, and takes nothing from whoever has a role that nobody knows', () => {
    for (const [low, from] of ranks.entries()) for (const [high, to] of ranks.entries()) expect([from, to, isRaise(from, to)]).toEqual([from, to, high > low && to !== 'owner']);
    for (const to of ranks) expect(isRaise('custom_auditor', to)).toBe(false);
    expect([isRaise('read_only_user', 'custom_auditor'), isRaise('observer', 'custom_auditor'), isRaise('custom_auditor', 'custom_other')]).toEqual([true, false, false]);
  });

  it('of teams: no role is the least, and one that nobody knows is neither given nor taken', () => {
    const teamRanks = [undefined, 'observer', 'responder', 'manager'];
    for (const [low, from] of teamRanks.entries()) for (const [high, to] of teamRanks.entries()) if (to !== undefined) expect([from, to, isTeamRaise(from, to)]).toEqual([from, to, high > low]);
    expect([isTeamRaise('custom', 'manager'), isTeamRaise(undefined, 'custom'), isTeamRaise('observer', 'custom')]).toEqual([false, false, false]);
  });
});

describe('guard 10: what an undo may do to role and licence', () => {
  const former: Seat = { role: 'user', licenseId: 'FULL' };
  const left: Seat = { role: 'read_only_user', licenseId: 'STAKE' };

  it.each<[string, Seat, 'Raise' | 'Back' | 'Keep']>([
    ['as the downgrade left it', left, 'Raise'],
    ['the role as it was left, the licence hidden', { role: 'read_only_user' }, 'Raise'],
    ['the role as it was left, the former licence', { role: 'read_only_user', licenseId: 'FULL' }, 'Raise'],
    ['the role as it was left, a licence of somebody’s choice', { role: 'read_only_user', licenseId: 'OTHER' }, 'Keep'],
    ['the former role', former, 'Back'],
    ['more than the former role', { role: 'admin', licenseId: 'FULL' }, 'Keep'],
    ['less than the former role', { role: 'observer', licenseId: 'FULL' }, 'Keep'],
    ['less than what was left', { role: 'read_only_limited_user', licenseId: 'STAKE' }, 'Keep'],
    ['a role that nobody knows', { role: 'custom_auditor', licenseId: 'STAKE' }, 'Keep'],
  ])('%s', (_what, present, judgement) => {
    expect(judgeSeat({ former, left, present })).toBe(judgement);
  });

  it('any licence counts as left where PagerDuty was to choose it', () => {
    expect(judgeSeat({ former, left: { role: 'read_only_user' }, present: { role: 'read_only_user', licenseId: 'ANY' } })).toBe('Raise');
  });

  it('what a reclaim has raised, its undo does not lower', () => {
    expect(judgeSeat({ former: { role: 'read_only_limited_user' }, left, present: left })).toBe('Keep');
  });
});

describe('guard 10: what an undo may do to a role in a team', () => {
  it.each<[string, Parameters<typeof judgeTeamRole>[0], 'There' | 'Give' | 'Keep']>([
    ['the least, as it was left', { former: 'manager', present: { role: 'observer' }, role: 'user' }, 'Give'],
    ['none, as it was left', { former: 'observer', present: {}, role: 'user' }, 'Give'],
    ['the former one', { former: 'observer', present: { role: 'observer' }, role: 'user' }, 'There'],
    ['another one', { former: 'observer', present: { role: 'manager' }, role: 'user' }, 'Keep'],
    ['not in the team', { former: 'manager', present: undefined, role: 'user' }, 'Keep'],
    ['a stakeholder', { former: 'manager', present: { role: 'observer' }, role: 'read_only_user' }, 'Keep'],
    ['a former one that nobody knows', { former: 'custom', present: { role: 'observer' }, role: 'user' }, 'Keep'],
  ])('%s', (_what, team, judgement) => {
    expect(judgeTeamRole(team)).toBe(judgement);
  });
});
