import { describe, expect, it } from 'vitest';
import { anAlias } from '../../test/support/builders.ts';
import type { ConnectionAliasStatus } from '../api/connection-alias.ts';
import { explainSilence, readOutcome, stateOf } from './authorize-outcome.ts';

const url = 'https://identity.pagerduty.com/oauth/authorize?client_id=c&state=mine';
const newer = 'https://identity.pagerduty.com/oauth/authorize?client_id=c&state=next';
const before = { authorizedAt: '2026-11-01T00:00:00.000Z' };

function alias(authorization: ConnectionAliasStatus['authorization'], authorized: 'True' | 'False' | 'Unknown' = 'False') {
  const condition = { type: 'Authorized', status: authorized, reason: 'R', message: 'What to do.', lastTransitionTime: '2026-11-24T00:00:00Z' };
  return anAlias({ status: { authorization, conditions: [condition] } });
}

describe('how an attempt to authorize ended', () => {
  it('is open while the status shows its URL, and while the account is being asked for', () => {
    expect(readOutcome(alias({ state: 'AwaitingConsent', url }), 'mine', before)).toBeUndefined();
    expect(readOutcome(alias({ state: 'AwaitingConsent' }, 'Unknown'), 'mine', before)).toBeUndefined();
    expect(stateOf(url)).toBe('mine');
  });

  it('S63: is well when there is a consent that was not there before', () => {
    const authorizedAt = '2026-11-24T00:00:00.000Z';
    expect(readOutcome(alias({ state: 'Authorized', authorizedAt }, 'True'), 'mine', before)).toMatchObject({ kind: 'Authorized' });
  });

  it('S61, S62: is a denial, a wrong account or a failure, with what to do', () => {
    expect(readOutcome(alias({ state: 'Denied', url: newer }), 'mine', before)).toEqual({ kind: 'Denied', message: 'What to do.' });
    expect(readOutcome(alias({ state: 'Refused', url: newer }), 'mine', before)).toEqual({ kind: 'AccountMismatch', message: 'What to do.' });
    expect(readOutcome(alias({ state: 'AwaitingConsent', url: newer }), 'mine', before)).toEqual({ kind: 'Failed', message: 'What to do.' });
  });

  it('is a failure when only the earlier consent is there', () => {
    const kept = alias({ state: 'Authorized', ...before }, 'True');
    expect(readOutcome(kept, 'mine', before)).toEqual({ kind: 'Failed', message: 'An earlier consent goes on being used.' });
  });
});

describe('why there is no URL', () => {
  it('is told in the words of the operator', () => {
    expect(explainSilence(anAlias())).toContain('is it running');
    expect(explainSilence(anAlias({ ready: 'False' }))).toContain('shows no address');
  });
});
