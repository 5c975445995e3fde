import { describe, expect, it } from 'vitest';
import { anAlias } from '../../../test/support/builders.ts';
import { aConsentInput, aGrant, aPending, consentSpec, day, published } from '../../../test/support/consent-fixtures.ts';
import { now } from '../../../test/support/alias-fixtures.ts';
import { deniedAttempt, endedAttempt, refusedAttempt } from '../authorization/attempts.ts';
import type { AuthorizationRecord } from '../authorization/record.ts';
import { consentEvents } from './consent-events.ts';
import { decideStatus } from './decide-status.ts';
import type { ConsentingInput } from './decide-consent.ts';
import type { AliasInput } from './input.ts';

function planFor(record: AuthorizationRecord, change: Partial<AliasInput> = {}, at = now) {
  const bare = aConsentInput(record, change);
  const input: ConsentingInput = record.grant === undefined ? bare : published(bare, record.grant);
  const plan = decideStatus(input, { kind: 'Keep' }, { kind: 'NotTried' }, at);
  const conditions = Object.fromEntries(plan.conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
  return { ...plan, input, conditions, parts: plan.conditions };
}

describe('the status of an alias with consent', () => {
  it('S59: asks a person, with a URL that holds the state, in a message without either', () => {
    const { status, conditions, parts } = planFor({ pending: aPending() });
    expect(conditions).toMatchObject({ Authorized: 'False AuthorizationRequired', Ready: 'False AuthorizationRequired', Stalled: 'True AuthorizationRequired' });
    expect(status.authorization).toMatchObject({ state: 'AwaitingConsent', urlExpiresAt: new Date(aPending().expiresAt).toISOString() });
    expect(status.authorization?.url).toContain(encodeURIComponent(aPending().state));
    expect(JSON.stringify(parts)).not.toContain(aPending().state);
  });

  it('the same in every pass, though the URL is another one', () => {
    expect(planFor({ pending: aPending() }).parts).toEqual(planFor({ pending: aPending({ state: `x${aPending().state}` }) }, {}, now + 1000).parts);
  });

  it('S63: is ready with a consent whose token is published', () => {
    const { status, conditions } = planFor({ grant: aGrant() });
    expect(conditions).toMatchObject({ Authorized: 'True Authorized', AccountMatch: 'True AccountMatches', RoleSufficient: 'True RoleSuffices', Ready: 'True Connected' });
    expect(status).toMatchObject({
      grantedScopes: ['oncalls.read', 'users.read'],
      authorization: { state: 'Authorized', user: { id: 'PADMIN', role: 'admin' }, endsAt: new Date(aGrant().refreshEndsAt).toISOString() },
    });
    expect(status.authorization?.url).toBeUndefined();
  });

  it('S60: a role that is too low is told and stops nothing that works', () => {
    const processes = ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'] as const;
    const grant = aGrant({ role: 'observer', scopes: ['oncalls.read', 'users.read', 'users.write'] });
    const { conditions, parts } = planFor({ grant }, { processes });
    expect(conditions).toMatchObject({ RoleSufficient: 'False RoleTooLow', Ready: 'True Connected' });
    expect(parts.find(({ type }) => type === 'RoleSufficient')?.message).toContain('ReclaimSubscription');
  });

  it('S61: another account blocks Ready; one that the vendor does not tell does not', () => {
    expect(planFor({ grant: aGrant({ account: 'globex (US)' }) }).conditions).toMatchObject({ AccountMatch: 'False AccountMismatch', Ready: 'False AccountMismatch' });
    expect(planFor({ grant: aGrant({ account: undefined }) }).conditions).toMatchObject({ AccountMatch: 'Unknown AccountNotTold', Ready: 'True Connected' });
  });

  it('S61, S62: says how the last attempt ended; a consent that works goes on working', () => {
    expect(planFor({ attempt: deniedAttempt(now) }).conditions).toMatchObject({ Authorized: 'False AuthorizationDenied' });
    expect(planFor({ attempt: refusedAttempt('acme (US)', now) }).conditions).toMatchObject({ Authorized: 'False AccountMismatch', AccountMatch: 'False AccountMismatch' });
    const kept = planFor({ grant: aGrant(), attempt: deniedAttempt(now) });
    expect(kept.conditions).toMatchObject({ Authorized: 'True Authorized', Ready: 'True Connected' });
    expect(kept.status.authorization?.state).toBe('Denied');
  });

  it('a consent that was taken back is over, though its access token is still shown and used', () => {
    const grant = aGrant({ refreshToken: undefined });
    const { status, conditions } = planFor({ grant, attempt: endedAttempt('AuthorizationRevoked', now), pending: aPending() });
    expect(conditions).toMatchObject({ Authorized: 'False AuthorizationRevoked', TokenReady: 'True TokenIssued' });
    expect(status.authorization).toMatchObject({ state: 'Revoked', url: expect.any(String) as unknown });
    expect(status.token).toBeDefined();
  });

  it('a request for a new token that nobody can be asked for counts as acted on, so that nobody waits for ever', () => {
    const alias = anAlias({ spec: consentSpec, annotations: { 'saaslicense.dev/requestedAt': 'one' } });
    expect(planFor({ pending: aPending() }, { alias }).status.lastHandledRequestedAt).toBe('one');
    expect(planFor({ grant: aGrant() }, { alias }).status.lastHandledRequestedAt).toBeUndefined();
  });

  it('S2: scopes that grew are asked for, and what was granted goes on', () => {
    const processes = ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'] as const;
    const { conditions } = planFor({ grant: aGrant(), pending: aPending() }, { processes });
    expect(conditions).toMatchObject({ Authorized: 'True Authorized', ScopesSufficient: 'False ScopesMissing', TokenReady: 'True TokenIssued', Ready: 'True Connected' });
  });

  it('announces the end without a time, and stays ready', () => {
    const { conditions, parts } = planFor({ grant: aGrant({ consentEndsAt: now + 20 * day }) });
    expect(conditions).toMatchObject({ AuthorizationExpiring: 'True AuthorizationExpiring', Ready: 'True Connected' });
    expect(parts.find(({ type }) => type === 'AuthorizationExpiring')?.message).not.toMatch(/\d{2}/);
  });
});

describe('what a person hears of the consent', () => {
  const heard = (before: ReturnType<typeof planFor>, after: ReturnType<typeof planFor>): string[] => {
    const conditions = before.parts.map(({ type, status, reason, message }) => ({ type, status, reason, message, lastTransitionTime: '2026-11-24T00:00:00Z' }));
    const alias = { ...after.input.alias, status: { ...before.status, conditions } };
    return consentEvents(alias, { input: after.input, status: after.status, parts: after.parts }).map((event) => event.reason);
  };
  const waiting = planFor({ pending: aPending() });
  const working = planFor({ grant: aGrant() });

  it('is each thing once, when it changes', () => {
    expect(heard(waiting, waiting)).toEqual([]);
    expect(heard(waiting, working)).toEqual(['Authorized']);
    expect(heard(working, working)).toEqual([]);
    expect(heard(working, planFor({ grant: aGrant({ consentEndsAt: now + 20 * day }) }))).toEqual(['AuthorizationExpiring']);
    expect(heard(working, planFor({ grant: aGrant({ refreshToken: undefined }), attempt: endedAttempt('AuthorizationLost', now) }))).toEqual(['AuthorizationLost']);
  });

  it('S62: is a denial, also while an earlier consent works', () => {
    expect(heard(working, planFor({ grant: aGrant(), attempt: deniedAttempt(now) }))).toEqual(['AuthorizationDenied']);
    expect(heard(waiting, planFor({ pending: aPending(), attempt: deniedAttempt(now) }))).toEqual(['AuthorizationDenied']);
  });

  it('S59: is AuthorizationRequired when a process needs more', () => {
    const processes = ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'] as const;
    expect(heard(working, planFor({ grant: aGrant() }, { processes }))).toEqual(['AuthorizationRequired']);
  });
});
