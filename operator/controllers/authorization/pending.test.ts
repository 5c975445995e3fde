import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aPending } from '../../../test/support/consent-fixtures.ts';
import { hour, now } from '../../../test/support/alias-fixtures.ts';
import { aliasUidOf, challengeOf, judgeState, makePending, rememberState } from './pending.ts';

const aliasUid = '22222222-2222-4222-8222-222222222222';
let number = 0;
const createSecret = (): string => createHash('sha256').update(`secret ${(number += 1)}`).digest('base64url');
const make = () => makePending({ aliasUid, redirectURL: 'https://l.example.com/oauth_redirect.do', scopes: ['users.read'], request: undefined, now, createSecret });

describe('an authorization that a person may give', () => {
  it('S59: has a state that nobody can guess and that leads to the alias, a PKCE verifier of its own, and an hour', () => {
    const [one, other] = [make(), make()];
    expect(aliasUidOf(one.state)).toBe(aliasUid);
    expect(one.state).not.toBe(other.state);
    expect(one.state).not.toContain(one.codeVerifier.reveal());
    expect(one.codeVerifier.reveal()).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(challengeOf(one)).toBe(createHash('sha256').update(one.codeVerifier.reveal()).digest('base64url'));
    expect(one.expiresAt).toBe(now + hour);
  });

  it.each(['', 'state', aliasUid, `${aliasUid}.short`, `${aliasUid}.${'a'.repeat(44)}`, `../${aliasUid}.${'a'.repeat(43)}`])('a state of no alias is %j', (state) => {
    expect(aliasUidOf(state)).toBeUndefined();
  });

  it('T7: is open until it runs out, then expired, and used once', () => {
    const pending = aPending();
    expect(judgeState({ pending }, pending.state, now)).toEqual({ kind: 'Open', pending });
    expect(judgeState({ pending }, pending.state, pending.expiresAt)).toEqual({ kind: 'Expired' });
    expect(judgeState({ used: rememberState({ pending }, 'Used') }, pending.state, now)).toEqual({ kind: 'Replayed' });
    expect(judgeState({ used: rememberState({ pending }, 'Expired') }, pending.state, now)).toEqual({ kind: 'Expired' });
    expect(judgeState({ pending }, `${pending.state.slice(0, -1)}x`, now)).toEqual({ kind: 'Unknown' });
    expect(judgeState({}, pending.state, now)).toEqual({ kind: 'Unknown' });
  });

  it('guard 7: of the past only hashes are kept, and not for ever', () => {
    let record = {};
    for (let index = 0; index < 40; index += 1) record = { used: rememberState({ ...record, pending: aPending({ state: `state-${index}` }) }, 'Used') };
    expect(JSON.stringify(record)).not.toContain('state-');
    expect((record as { used: unknown[] }).used).toHaveLength(12);
  });
});
