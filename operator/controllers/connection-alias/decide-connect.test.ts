import { describe, expect, it } from 'vitest';
import { anAlias } from '../../../test/support/builders.ts';
import { anAliasInput, connectedAlias, hour, now } from '../../../test/support/alias-fixtures.ts';
import { decideStatus } from './decide-status.ts';
import { credentialHash, decideConnect, refreshTime, requestedScopes } from './decide-connect.ts';

describe('scopes that are asked for', () => {
  it('S2: with reclaim cleared, users.write is not requested', () => {
    const input = anAliasInput({ processes: ['DownloadSubscriptions', 'PullUserActivity'] });
    const { required, optional } = requestedScopes(input);
    expect(required).toEqual(['oncalls.read', 'users.read']);
    expect([...required, ...optional]).not.toContain('users.write');
  });

  it('S2, S12: with reclaim enabled, users.write is required', () => {
    const input = anAliasInput({ processes: ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'] });
    expect(requestedScopes(input).required).toEqual(['oncalls.read', 'users.read', 'users.write']);
  });
});

describe('whether a token is requested', () => {
  it('connects an alias that has never been connected', () => {
    expect(decideConnect(anAliasInput(), now)).toMatchObject({ kind: 'Connect', why: 'TokenMissing' });
  });

  it('keeps a token that was obtained with the present credential and scopes', () => {
    expect(decideConnect(connectedAlias(), now)).toEqual({ kind: 'Keep' });
  });

  it('asks for nothing while no profile uses the alias, or while it is suspended', () => {
    expect(decideConnect(anAliasInput({ processes: [] }), now)).toEqual({ kind: 'Keep' });
    expect(decideConnect(anAliasInput({ alias: anAlias({ spec: { suspend: true } }) }), now)).toEqual({ kind: 'Keep' });
  });

  it('connects again when the Secret changed, when the scopes changed and when the token Secret was deleted', () => {
    const changed = { ...connectedAlias(), credential: { ...anAliasInput().credential, version: 'uid/2' } };
    const moreScopes = connectedAlias({ processes: ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'] }, { hashOf: anAliasInput() });
    const deleted = { ...connectedAlias(), tokenSecret: { kind: 'Absent' as const } };
    expect(decideConnect(changed as ReturnType<typeof anAliasInput>, now)).toMatchObject({ why: 'CredentialChanged' });
    expect(decideConnect(moreScopes, now)).toMatchObject({ why: 'CredentialChanged' });
    expect(decideConnect(deleted, now)).toMatchObject({ why: 'TokenMissing' });
  });

  it('T8: renews between 70 and 80 % of the life that the vendor named, at the same moment after a restart', () => {
    const input = connectedAlias();
    const due = refreshTime(input) ?? 0;
    expect(due).toBeGreaterThanOrEqual(now - hour + 0.7 * 24 * hour);
    expect(due).toBeLessThanOrEqual(now - hour + 0.8 * 24 * hour);
    expect(refreshTime(connectedAlias())).toBe(due);
    expect(decideConnect(input, due - 1)).toEqual({ kind: 'Keep' });
    expect(decideConnect(input, due)).toMatchObject({ why: 'Expiring' });
  });

  it('a request by annotation, ours or Flux’s, asks for a token once', () => {
    for (const key of ['saaslicense.dev/requestedAt', 'reconcile.fluxcd.io/requestedAt']) {
      const input = connectedAlias({ alias: anAlias({ annotations: { [key]: 'one' } }) });
      expect(decideConnect(input, now)).toMatchObject({ why: 'Requested' });
      const done = { ...input, alias: { ...input.alias, status: { ...input.alias.status, lastHandledRequestedAt: 'one' } } };
      expect(decideConnect(done, now)).toEqual({ kind: 'Keep' });
    }
  });

  it('after a failure it waits, also after a restart, unless the credential changes or a person asks', () => {
    const input = anAliasInput();
    const failed = {
      failedCredentialHash: credentialHash(input),
      consecutiveFailures: 3,
      lastFailureTime: new Date(now - 1_000).toISOString(),
    };
    const waiting = anAliasInput({ alias: anAlias({ status: failed }) });
    expect(decideConnect(waiting, now)).toEqual({ kind: 'Keep' });
    expect(decideConnect(waiting, now + 20_000)).toMatchObject({ kind: 'Connect' });
    const other = anAliasInput({ alias: anAlias({ status: { ...failed, failedCredentialHash: 'other' } }) });
    expect(decideConnect(other, now)).toMatchObject({ kind: 'Connect' });
    const asked = anAliasInput({ alias: anAlias({ status: failed, annotations: { 'saaslicense.dev/requestedAt': 'x' } }) });
    expect(decideConnect(asked, now)).toMatchObject({ kind: 'Connect' });
  });

  it('T7: asks again every ten minutes while a required scope is not granted', () => {
    const input = connectedAlias({}, { granted: ['users.read'], issuedAt: now });
    expect(decideConnect(input, now + 9 * 60_000)).toEqual({ kind: 'Keep' });
    expect(decideConnect(input, now + 10 * 60_000)).toMatchObject({ why: 'ScopesMissing' });
  });

  it('a token that the vendor rejects is replaced at once, and once', () => {
    expect(decideConnect(connectedAlias({ rejectedAt: now }), now)).toMatchObject({ why: 'TokenRejected' });
    const rejected = connectedAlias({ rejectedAt: now + hour });
    const outcome = { kind: 'Connected' as const, issuedAt: new Date(now).toISOString(), expiresAt: undefined, grantedScopes: ['oncalls.read', 'users.read'], credentialHash: credentialHash(rejected) };
    const { status } = decideStatus(rejected, decideConnect(rejected, now), outcome, now);
    const replaced = { ...rejected, alias: { ...rejected.alias, status } };
    // The pod's clock was an hour ahead: that must not make the new token look rejected too.
    expect(decideConnect(replaced, now)).toEqual({ kind: 'Keep' });
  });

  it('never overwrites a Secret of that name that is somebody else’s', () => {
    const decision = decideConnect(anAliasInput({ tokenSecret: { kind: 'Foreign' } }), now);
    expect(decision).toMatchObject({ kind: 'Blocked', failure: { kind: 'Terminal', reason: 'TokenSecretNotOwned' } });
  });
});
