import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../api/errors.ts';
import { clip, groupRole, parseAnswer, parseInstant, readRoleGroup, userRows } from './schemas.ts';

const user = { id: 'P1', name: 'Jane', email: 'jane@example.com', role: 'user' };

function detailOf(work: () => unknown): OperatorError['detail'] {
  try {
    work();
  } catch (error) {
    if (error instanceof OperatorError) return error.detail;
    throw error;
  }
  throw new Error('accepted');
}

describe('answers at the edge', () => {
  it('ignores what it does not know, and drops what may be secret', () => {
    const rows = parseAnswer(userRows, [{ ...user, billed: true, http_cal_url: 'https://example.com/secret', license: 7 }], '/users');
    expect(rows).toEqual([user]);
  });

  it('takes null for absent', () => {
    expect(parseAnswer(userRows, [{ ...user, job_title: null, teams: null, invitation_sent: null }], '/users').length).toBe(1);
  });

  it.each([
    ['no id', { ...user, id: undefined }, 'users.0.id'],
    ['an empty e-mail', { ...user, email: '' }, 'users.0.email'],
    ['a role that is no text', { ...user, role: 5 }, 'users.0.role'],
    ['teams that are no list', { ...user, teams: 'x' }, 'users.0.teams'],
  ])('refuses a person with %s, by the field and without the value', (_, row, field) => {
    const detail = detailOf(() => parseAnswer(userRows, [row], '/users', 'users'));
    expect(detail).toMatchObject({ route: '/users', field });
    expect(JSON.stringify(detail)).not.toContain('jane');
  });
});

describe('role groups (facts 3.2)', () => {
  it.each(['owner', 'admin', 'user', 'limited_user', 'observer', 'restricted_access'])('%s is a full user', (role) => {
    expect(groupRole(role)).toBe('FullUser');
  });

  it.each(['read_only_user', 'read_only_limited_user'])('%s is a stakeholder', (role) => {
    expect(groupRole(role)).toBe('Stakeholder');
  });

  it.each(['team_responder', '', 'constructor', '__proto__', 'OWNER'])('never guesses about %j', (role) => {
    expect(groupRole(role)).toBe('Unknown');
  });

  it('believes a licence only in words it knows', () => {
    expect([readRoleGroup('FullUser'), readRoleGroup('Stakeholder'), readRoleGroup('Robot'), readRoleGroup(null)]).toEqual(['FullUser', 'Stakeholder', 'Unknown', 'Unknown']);
  });
});

describe('times', () => {
  it.each([
    ['2021-06-01T00:00:00-05:00', '2021-06-01T05:00:00.000Z'],
    ['2021-06-01T00:00:00Z', '2021-06-01T00:00:00.000Z'],
    ['2021-06-01T00:00:00.123456Z', '2021-06-01T00:00:00.123Z'],
    ['2021-06-01T00:00:00+0530', '2021-05-31T18:30:00.000Z'],
  ])('reads %s', (text, utc) => {
    expect(new Date(parseInstant(text, '/oncalls', 'start')).toISOString()).toBe(utc);
  });

  it.each(['2021-06-01T00:00:00', '2021-06-01', 'yesterday', '2021-13-45T00:00:00Z', ''])('refuses %j: without a zone it could be any time', (text) => {
    expect(detailOf(() => parseInstant(text, '/oncalls', 'start'))).toEqual({ route: '/oncalls', field: 'start', problem: 'invalid_time' });
  });
});

it('clips a name to what the API server takes', () => {
  expect(clip('x'.repeat(300)).length).toBe(253);
  expect(clip('short')).toBe('short');
});
