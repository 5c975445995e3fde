import { describe, expect, it } from 'vitest';
import { anAliasInput, connectedAlias, hour, now } from '../../../test/support/alias-fixtures.ts';
import { anAlias } from '../../../test/support/builders.ts';
import type { ConditionPart } from '../conditions.ts';
import { credentialHash, decideConnect } from './decide-connect.ts';
import { decideStatus, expectRenewal } from './decide-status.ts';
import { explainRefusedScopes } from './explain-scopes.ts';
import type { AliasInput, ConnectOutcome } from './input.ts';

function statusOf(input: AliasInput, outcome: ConnectOutcome = { kind: 'NotTried' }, at = now) {
  return decideStatus(input, decideConnect(input, at), outcome, at);
}

function find(parts: readonly ConditionPart[], type: string): ConditionPart | undefined {
  return parts.find((part) => part.type === type);
}

const rejected = (input: AliasInput): ConnectOutcome => ({
  kind: 'Failed',
  failure: { kind: 'Terminal', reason: 'CredentialsRejected', message: 'PagerDuty refused the client id or secret.' },
  credentialHash: credentialHash(input),
});

describe('the status of a ConnectionAlias', () => {
  it('S24: a Secret that is not there yet is waited for, without a token request', () => {
    const input = anAliasInput({
      credential: { kind: 'Failed', failure: { kind: 'Waiting', reason: 'SecretMissing', message: 'Secret app is not here.', retryAfterMs: 15_000 } },
    });
    const plan = statusOf(input);
    expect(find(plan.conditions, 'CredentialsReady')).toMatchObject({ status: 'False', reason: 'SecretMissing' });
    expect(find(plan.conditions, 'Ready')).toMatchObject({ status: 'False', reason: 'SecretMissing' });
    expect(find(plan.conditions, 'Reconciling')).toMatchObject({ status: 'True' });
    expect(find(plan.conditions, 'Stalled')).toBeUndefined();
    expect(plan.requeueAfterMs).toBe(15_000);
  });

  it('shows account, scopes and expiry of a new token, and comes back when it is due', () => {
    const input = anAliasInput();
    const plan = statusOf(input, {
      kind: 'Connected',
      issuedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + 24 * hour).toISOString(),
      grantedScopes: ['users.read', 'oncalls.read'],
      credentialHash: credentialHash(input),
      isNew: true,
    });
    expect(plan.status).toMatchObject({ account: 'acme (US)', requiredScopes: ['oncalls.read', 'users.read'], grantedScopes: ['oncalls.read', 'users.read'] });
    expect(find(plan.conditions, 'Ready')).toMatchObject({ status: 'True', reason: 'Connected' });
    expect(find(plan.conditions, 'LeastPrivilege')).toMatchObject({ status: 'True' });
    expect(plan.requeueAfterMs).toBeGreaterThan(16 * hour);
  });

  it('cuts off granted scopes that the schema would refuse, so that status is written at all', () => {
    const input = anAliasInput();
    const many = Array.from({ length: 100 }, (_, index) => `scope${String(index).padStart(3, '0')}.read`);
    const { status } = statusOf(input, {
      kind: 'Connected',
      issuedAt: new Date(now).toISOString(),
      expiresAt: undefined,
      grantedScopes: [`a${'x'.repeat(200)}`, ...many],
      credentialHash: credentialHash(input),
      isNew: true,
    });
    expect(status.grantedScopes).toEqual(many.slice(0, 64));
  });

  it('T7: a required scope that was not granted stalls the alias and is named', () => {
    const plan = statusOf(connectedAlias({}, { granted: ['users.read'] }));
    expect(find(plan.conditions, 'ScopesSufficient')).toMatchObject({ status: 'False', reason: 'ScopesNotGranted' });
    expect(find(plan.conditions, 'ScopesSufficient')?.message).toContain('oncalls.read');
    expect(find(plan.conditions, 'Stalled')).toMatchObject({ status: 'True' });
  });

  it('S2: scopes beyond the enabled processes are shown as ExcessScopes and change nothing else', () => {
    const plan = statusOf(connectedAlias({}, { granted: ['oncalls.read', 'openid', 'users.read', 'users.write'] }));
    expect(find(plan.conditions, 'LeastPrivilege')).toMatchObject({ status: 'False', reason: 'ExcessScopes' });
    expect(find(plan.conditions, 'LeastPrivilege')?.message).toContain('users.write');
    expect(find(plan.conditions, 'Ready')).toMatchObject({ status: 'True' });
  });

  const withReclaim = { processes: ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'] as const, wishes: [{ profile: 'main', processes: ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'] as const }] };

  it('S48: a scope that only reclaims want is told, with who wants it and both ways out, and does not hold up the downloads', () => {
    const plan = statusOf(connectedAlias(withReclaim, { granted: ['oncalls.read', 'users.read'] }));
    const part = find(plan.conditions, 'ScopesSufficient');
    expect(part).toMatchObject({ status: 'False', reason: 'ScopesNotGranted' });
    expect(part?.message).toContain('users.write (ReclaimSubscription of main)');
    expect(part?.message).not.toContain('oncalls.read');
    expect(part?.message).toContain('spec.reclaimSubscriptions: false');
    expect(find(plan.conditions, 'Ready')).toMatchObject({ status: 'True', reason: 'Connected' });
    expect(find(plan.conditions, 'Stalled')).toBeUndefined();
    expect(decideConnect(connectedAlias(withReclaim, { granted: ['oncalls.read', 'users.read'] }), now + 2 * hour)).toEqual({ kind: 'Keep' });
  });

  it('C30: an alias that is for reclaims alone is not ready without their scope', () => {
    const only = { processes: ['ReclaimSubscription'] as const, wishes: [{ profile: 'main', processes: ['ReclaimSubscription'] as const }] };
    expect(find(statusOf(connectedAlias(only, { granted: [] })).conditions, 'Ready')).toMatchObject({ status: 'False', reason: 'ScopesNotGranted' });
  });

  it('T7: a refused scope names each scope, who wants it and what to do', () => {
    const input = anAliasInput(withReclaim);
    const failure = { kind: 'Terminal' as const, reason: 'ScopeNotAllowed', message: 'The OAuth app was not granted the scopes.' };
    const { conditions } = statusOf(input, { kind: 'Failed', failure: explainRefusedScopes(input, failure), credentialHash: credentialHash(input) });
    const message = find(conditions, 'Ready')?.message ?? '';
    expect(message).toContain('oncalls.read (PullUserActivity of main), users.read (DownloadSubscriptions of main), users.write (ReclaimSubscription of main)');
    expect(message).toContain('spec.reclaimSubscriptions: false');
    expect(message.length).toBeLessThanOrEqual(1024);
  });

  it('C4: an older token of the same credential goes on while scopes that were added later are refused', () => {
    const input = connectedAlias(withReclaim, { hashOf: anAliasInput() });
    const failure = { kind: 'Terminal' as const, reason: 'ScopeNotAllowed', message: 'Refused.' };
    const { conditions } = statusOf(input, { kind: 'Failed', failure, credentialHash: credentialHash(input) });
    expect(find(conditions, 'TokenReady')).toMatchObject({ status: 'True', reason: 'RenewalFailing' });
    expect(find(conditions, 'Ready')).toMatchObject({ status: 'True', reason: 'Connected' });
  });

  it('guard 6: an older token of another account or credential does not', () => {
    const other = anAlias({ spec: { pagerduty: { region: 'US', subdomain: 'other' } } });
    const moved = connectedAlias({ alias: other }, { hashOf: anAliasInput() });
    const replaced = connectedAlias({ credential: { ...anAliasInput().credential, version: 'uid/2' } as AliasInput['credential'] }, { hashOf: anAliasInput() });
    for (const input of [moved, replaced]) expect(find(statusOf(input, rejected(input)).conditions, 'TokenReady')).toMatchObject({ status: 'False', reason: 'CredentialsRejected' });
  });

  it('a refused credential stalls, is remembered with its count, and is tried again later', () => {
    const first = statusOf(anAliasInput(), rejected(anAliasInput()));
    expect(find(first.conditions, 'Stalled')).toMatchObject({ status: 'True', reason: 'CredentialsRejected' });
    expect(first.status).toMatchObject({ consecutiveFailures: 1 });
    const again = anAliasInput({ alias: anAlias({ status: first.status }) });
    const second = statusOf(again, rejected(again), now + 10_000);
    expect(second.status).toMatchObject({ consecutiveFailures: 2 });
    expect(second.requeueAfterMs).toBe(10_000);
    const between = statusOf(anAliasInput({ alias: anAlias({ status: second.status }) }), { kind: 'NotTried' }, now + 11_000);
    expect(find(between.conditions, 'TokenReady')).toMatchObject({ status: 'False', reason: 'CredentialsRejected' });
  });

  it('C4: a failing renewal does not make a token that is still valid unready', () => {
    const input = connectedAlias();
    const failing: ConnectOutcome = {
      kind: 'Failed',
      failure: { kind: 'Retryable', reason: 'VendorUnavailable', message: 'PagerDuty answered 503.' },
      credentialHash: credentialHash(input),
    };
    const later = now + 18 * hour;
    expect(find(statusOf(input, failing, later).conditions, 'TokenReady')).toMatchObject({ status: 'True', reason: 'RenewalFailing' });
    expect(find(statusOf(input, failing, now + 24 * hour).conditions, 'TokenReady')).toMatchObject({ status: 'False', reason: 'VendorUnavailable' });
  });

  it('an alias that no profile uses says so and has no token', () => {
    const plan = statusOf(anAliasInput({ processes: [] }));
    expect(find(plan.conditions, 'Ready')).toMatchObject({ status: 'True', reason: 'NotUsed' });
    expect(find(plan.conditions, 'Reconciling')).toBeUndefined();
  });

  it('S2: while no process uses the alias, its scopes are not called excess: whoever followed that would break the profile that comes back', () => {
    const part = find(statusOf(connectedAlias({ processes: [] })).conditions, 'LeastPrivilege');
    expect(part).toMatchObject({ status: 'Unknown', reason: 'NotUsed' });
    expect(part?.message).not.toContain('users.read');
    expect(find(statusOf(anAliasInput({ processes: [] })).conditions, 'LeastPrivilege')).toMatchObject({ reason: 'NotUsed' });
  });

  it('the end of a token that nobody uses is no metric, since nobody renews it', () => {
    const { status } = statusOf(connectedAlias());
    expect(expectRenewal(connectedAlias(), status).token).toBeDefined();
    expect(expectRenewal(connectedAlias({ processes: [] }), status).token).toBeUndefined();
    const suspended = connectedAlias();
    expect(expectRenewal({ ...suspended, spec: { ...suspended.spec, suspend: true } }, status).token).toBeUndefined();
  });

  it('S29: a provider that is not enabled is a matter for a person', () => {
    const plan = statusOf(anAliasInput({ provider: undefined, account: undefined }));
    expect(find(plan.conditions, 'Stalled')).toMatchObject({ status: 'True', reason: 'SpokeNotInstalled' });
  });

  it('messages hold no time, so that the status is the same in every pass', () => {
    const one = statusOf(connectedAlias());
    const two = statusOf(connectedAlias(), { kind: 'NotTried' }, now + 60_000);
    expect(two.conditions).toEqual(one.conditions);
    expect(two.status).toEqual(one.status);
  });
});
