import { describe, expect, it } from 'vitest';
import { anAlias } from '../../../test/support/builders.ts';
import { anAliasInput, aTokenSecret, connectedAlias, hour, now } from '../../../test/support/alias-fixtures.ts';
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
    expect(decideConnect(connectedAlias({ rejection: { at: now, reason: 'TokenRejected' } }), now)).toMatchObject({ why: 'TokenRejected' });
    const rejected = connectedAlias({ rejection: { at: now + hour, reason: 'TokenRejected' } });
    const outcome = { kind: 'Connected' as const, issuedAt: new Date(now).toISOString(), expiresAt: undefined, grantedScopes: ['oncalls.read', 'users.read'], credentialHash: credentialHash(rejected), isNew: true };
    const { status } = decideStatus(rejected, decideConnect(rejected, now), outcome, now);
    const tokenSecret = aTokenSecret(credentialHash(rejected), { issuedAt: now, expiresAt: undefined });
    const replaced = { ...rejected, tokenSecret, alias: { ...rejected.alias, status } };
    // The pod's clock was an hour ahead: that must not make the new token look rejected too.
    expect(decideConnect(replaced, now)).toEqual({ kind: 'Keep' });
  });

  it('T7: one new token picks up scopes that were changed upstream; a stream of tokens would not help', () => {
    const rejection = { at: now, reason: 'ScopeMissing' } as const;
    expect(decideConnect(connectedAlias({ rejection }), now)).toMatchObject({ kind: 'Connect', why: 'ScopeMissing' });
    expect(decideConnect(connectedAlias({ rejection }, { issuedAt: now - 60_000 }), now)).toEqual({ kind: 'Keep' });
  });

  it('never asks the vendor twice in half a minute, whatever is due and though status never heard of the token', () => {
    const asked = anAlias({ annotations: { 'saaslicense.dev/requestedAt': 'one' } });
    const minted = connectedAlias({ alias: asked }, { issuedAt: now - 1000 });
    expect(decideConnect(minted, now)).toEqual({ kind: 'Wait', ms: 29_000 });
    expect(decideConnect(minted, now + 29_000)).toMatchObject({ kind: 'Connect', why: 'Requested' });
    // The clock was set back by ten seconds after the token was issued.
    expect(decideConnect(minted, now - 11_000)).toEqual({ kind: 'Wait', ms: 20_000 });
  });

  it('T8: a token that lives for a second does not turn into a stream of tokens', () => {
    const input = connectedAlias({}, { issuedAt: now - 2000 });
    const expiresAt = new Date(now - 1000).toISOString();
    const token = { ...input.alias.status?.token, expiresAt } as NonNullable<NonNullable<typeof input.alias.status>['token']>;
    const short = {
      ...input,
      tokenSecret: aTokenSecret(credentialHash(input), { issuedAt: now - 2000, expiresAt: now - 1000 }),
      alias: { ...input.alias, status: { ...input.alias.status, token } },
    };
    expect(decideConnect(short, now)).toEqual({ kind: 'Wait', ms: 28_000 });
    expect(decideStatus(short, decideConnect(short, now), { kind: 'NotTried' }, now).requeueAfterMs).toBe(28_000);
  });

  it('takes up a token that is in the Secret and that status does not know, instead of asking for another', () => {
    const input = connectedAlias();
    const lost = { ...input, alias: anAlias() };
    expect(decideConnect(lost, now)).toMatchObject({ kind: 'Adopt', issuedAt: now - hour });
    const older = { ...input, tokenSecret: aTokenSecret(credentialHash(input), { issuedAt: now - 1000 }) };
    expect(decideConnect(older, now)).toMatchObject({ kind: 'Adopt', issuedAt: now - 1000 });
    const useless = { ...lost, tokenSecret: aTokenSecret(credentialHash(input), { issuedAt: now - hour, expiresAt: now - 1 }) };
    expect(decideConnect(useless, now)).toMatchObject({ kind: 'Connect', why: 'TokenMissing' });
  });

  it('S77: says what is wrong with the parents before it looks at anything else', () => {
    const parentFailure = { kind: 'Terminal', reason: 'ParentAliasLoop', message: 'The parent aliases lead back to a.' } as const;
    expect(decideConnect(anAliasInput({ parentFailure }), now)).toEqual({ kind: 'Blocked', failure: parentFailure });
  });

  it('S77: a suspended parent suspends its children', () => {
    const input = anAliasInput();
    expect(decideConnect({ ...input, spec: { ...input.spec, suspend: true } }, now)).toEqual({ kind: 'Keep' });
  });

  it('never overwrites a Secret of that name that is somebody else’s', () => {
    const decision = decideConnect(anAliasInput({ tokenSecret: { kind: 'Foreign' } }), now);
    expect(decision).toMatchObject({ kind: 'Blocked', failure: { kind: 'Terminal', reason: 'NotOwned' } });
  });
});
