import { describe, expect, it } from 'vitest';
import { aConsentInput, aGrant, aPending, day, published, redirectURL } from '../../../test/support/consent-fixtures.ts';
import { hour, now } from '../../../test/support/alias-fixtures.ts';
import { anAlias } from '../../../test/support/builders.ts';
import { SecretValue } from '../../api/secret-value.ts';
import type { AuthorizationRecord } from '../authorization/record.ts';
import { consentSpec } from '../../../test/support/consent-fixtures.ts';
import { consentDue, consentScopes, decideGrantStep, decidePending, findNeed, isExpiring, rotationTime } from './decide-consent.ts';
import type { AliasInput } from './input.ts';

/** The alias at work: consented, published. */
function atWork(record: AuthorizationRecord = {}, change: Partial<AliasInput> = {}) {
  const grant = record.grant ?? aGrant();
  return published(aConsentInput({ grant, ...record }, change), grant);
}
const asked = (value: string) => anAlias({ spec: consentSpec, annotations: { 'saaslicense.dev/requestedAt': value } });
const wished = (value: string) => anAlias({ spec: consentSpec, annotations: { 'saaslicense.dev/authorize-redirect': value } });

describe('the next step about the tokens of a consent', () => {
  it('is nothing while nobody has consented, and while all is well', () => {
    expect(decideGrantStep(aConsentInput(), now)).toEqual({ kind: 'None' });
    expect(decideGrantStep(atWork(), now)).toEqual({ kind: 'None' });
  });

  it('S63: puts the tokens where pods read them, before anything else is done with them', () => {
    expect(decideGrantStep(aConsentInput({ grant: aGrant() }), now)).toMatchObject({ kind: 'Publish' });
    const renewed = aGrant({ accessToken: new SecretValue('access-2') });
    const behind = published(aConsentInput({ grant: renewed }), aGrant());
    expect(decideGrantStep(behind, now)).toMatchObject({ kind: 'Publish', grant: renewed });
    expect(decideGrantStep(aConsentInput({ grant: aGrant({ expiresAt: now - 1 }) }), now)).toMatchObject({ kind: 'Rotate' });
  });

  it('S61: never publishes tokens whose account is not checked, or is another one', () => {
    expect(decideGrantStep(aConsentInput({ candidates: [aGrant()] }), now)).toEqual({ kind: 'CheckCandidate' });
    expect(decideGrantStep(aConsentInput({ grant: aGrant({ account: 'globex (US)' }) }), now)).toEqual({ kind: 'None' });
    expect(decideGrantStep(aConsentInput({ grant: aGrant({ app: 'Scoped another-client' }) }), now)).toEqual({ kind: 'None' });
  });

  it('S61: takes a consent whose account the vendor does not tell for that of the settings it was given for, and of no others', () => {
    const untold = aGrant({ account: undefined, givenFor: 'acme (US)' });
    expect(findNeed(atWork({ grant: untold }), now)).toBeUndefined();
    const moved = atWork({ grant: untold }, { account: { name: 'globex (US)' } });
    expect(decideGrantStep(moved, now)).toEqual({ kind: 'None' });
    expect(findNeed(moved, now)).toBe('OtherAccount');
  });

  it('T8: renews between 70 and 80 % of the token’s life, at the same moment after a restart', () => {
    const due = rotationTime(atWork(), aGrant()) ?? 0;
    expect(due).toBeGreaterThanOrEqual(now - hour + 0.7 * day);
    expect(due).toBeLessThanOrEqual(now - hour + 0.8 * day);
    expect(decideGrantStep(atWork(), due - 1)).toEqual({ kind: 'None' });
    expect(decideGrantStep(atWork(), due)).toMatchObject({ kind: 'Rotate', why: 'Expiring' });
  });

  it('renews for a person’s request and for a rejection once each, and for another client secret', () => {
    expect(decideGrantStep(atWork({}, { alias: asked('one') }), now)).toMatchObject({ kind: 'Rotate', why: 'Requested' });
    expect(decideGrantStep(atWork({ grant: aGrant({ forRequest: 'one' }) }, { alias: asked('one') }), now)).toEqual({ kind: 'None' });
    const rejection = { at: now, reason: 'TokenRejected' } as const;
    expect(decideGrantStep(atWork({}, { rejection }), now)).toMatchObject({ kind: 'Rotate', why: 'TokenRejected' });
    expect(decideGrantStep(atWork({ grant: aGrant({ forRejection: now }) }, { rejection }), now)).toEqual({ kind: 'None' });
    // What was rejected before the person consented was another token.
    expect(decideGrantStep(atWork({}, { rejection: { ...rejection, at: aGrant().authorizedAt - 1 } }), now)).toEqual({ kind: 'None' });
    expect(decideGrantStep(atWork({ grant: aGrant({ credentialHash: 'older' }) }), now)).toMatchObject({ kind: 'Rotate', why: 'CredentialChanged' });
  });

  it('waits half a minute between two renewals, whatever asks for them', () => {
    const fresh = aGrant({ issuedAt: now - 10_000 });
    expect(decideGrantStep(atWork({ grant: fresh }, { alias: asked('one') }), now)).toEqual({ kind: 'Wait', ms: 20_000 });
  });

  it('T8: leaves a rotation that somebody has begun to them for a minute, and then tries the old token once more', () => {
    const rotation = { id: 'r', grantId: 'grant-1', startedAt: now - 50_000, by: 'another', isUnclear: false };
    expect(decideGrantStep(atWork({ rotation }), now)).toEqual({ kind: 'Wait', ms: 10_000 });
    expect(decideGrantStep(atWork({ rotation }), now + 10_000)).toMatchObject({ kind: 'Rotate', why: 'RotationUnclear' });
    expect(decideGrantStep(atWork({ rotation: { ...rotation, grantId: 'an-older-one' } }), now)).toEqual({ kind: 'None' });
  });

  it('asks no more once the vendor does not take the refresh token', () => {
    const ended = aGrant({ refreshToken: undefined });
    expect(decideGrantStep(atWork({ grant: ended }), now + 20 * hour)).toEqual({ kind: 'None' });
  });

  it('S60: asks for the role again with every new token', () => {
    expect(decideGrantStep(atWork({ grant: aGrant({ isIdentified: false }) }), now)).toMatchObject({ kind: 'Identify' });
  });

  it('drops the claim of a replica that ended, and takes a redirect from the mailbox', () => {
    const claim = { id: 'c', code: 'c0de', startedAt: now - 61_000, by: 'gone' };
    expect(decideGrantStep(aConsentInput({ claims: [{ ...claim, id: 'b', startedAt: now }, claim] }), now)).toEqual({ kind: 'DropClaim' });
    expect(decideGrantStep(aConsentInput({ claims: [{ ...claim, startedAt: now - 59_000 }] }), now)).toEqual({ kind: 'None' });
    const secret = aConsentInput().consent.secret;
    const mailbox = { kind: 'Full', uid: 'u', resourceVersion: '1', redirect: { state: 's', code: undefined, error: 'access_denied' } } as const;
    expect(decideGrantStep(aConsentInput({}, { consent: { secret, mailbox } }), now)).toEqual({ kind: 'TakeRedirect' });
  });

  it('does nothing while suspended, unused, blocked, or where the Secret is somebody else’s', () => {
    const due = now + 23 * hour;
    const suspended = atWork();
    expect(decideGrantStep({ ...suspended, spec: { ...suspended.spec, suspend: true } }, due)).toEqual({ kind: 'None' });
    expect(decideGrantStep(atWork({}, { processes: [] }), due)).toEqual({ kind: 'None' });
    expect(decideGrantStep(atWork({}, { tokenSecret: { kind: 'Foreign' } }), due)).not.toMatchObject({ kind: 'Publish' });
    expect(decideGrantStep(aConsentInput({}, { consent: { secret: { kind: 'Foreign' }, mailbox: { kind: 'Absent' } } }), due)).toEqual({ kind: 'None' });
  });
});

describe('why a person has to consent', () => {
  it.each<[string, ReturnType<typeof aConsentInput>, string | undefined]>([
    ['nobody has', aConsentInput(), 'Missing'],
    ['somebody has, and the account is being asked for: the address stays good', aConsentInput({ candidates: [aGrant()] }), 'Missing'],
    ['S24: the app is another one', atWork({ grant: aGrant({ app: 'Classic client' }) }), 'OtherApp'],
    ['S61: the account is another one', atWork({ grant: aGrant({ account: 'globex (US)' }) }), 'OtherAccount'],
    ['the consent was taken back', atWork({ grant: aGrant({ refreshToken: undefined }) }), 'Ended'],
    ['S2: a process was enabled that needs more', atWork({}, { processes: ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'] }), 'ScopesMissing'],
    ['the window ends', atWork({ grant: aGrant({ consentEndsAt: now + 27 * day }) }), 'Expiring'],
    ['all is well', atWork(), undefined],
    ['the vendor does not tell the account', atWork({ grant: aGrant({ account: undefined }) }), undefined],
  ])('%s', (_story, input, need) => {
    expect(findNeed(input, now)).toBe(need);
  });

  it('T8: announces the end of the window 28 days ahead, and of an unused refresh token when it was not renewed for days', () => {
    expect(isExpiring(aGrant({ consentEndsAt: now + 28 * day + 1 }), now)).toBe(false);
    expect(isExpiring(aGrant({ consentEndsAt: now + 28 * day - 1 }), now)).toBe(true);
    const issuedAt = now - 4 * day;
    expect(isExpiring(aGrant({ issuedAt, refreshEndsAt: issuedAt + 30 * day }), now)).toBe(true);
    expect(isExpiring(aGrant({ issuedAt: now - 2 * day, refreshEndsAt: now + 28 * day }), now)).toBe(false);
    // Classic: 210 days.
    expect(isExpiring(aGrant({ refreshLifetimeMs: 210 * day, refreshEndsAt: now + 29 * day }), now)).toBe(false);
    expect(isExpiring(aGrant({ refreshLifetimeMs: 210 * day, refreshEndsAt: now + 27 * day }), now)).toBe(true);
  });
});

describe('the authorization that a person may give', () => {
  it('S59: is made when it is needed, kept while it is good, and made anew when it has run out', () => {
    expect(decidePending(aConsentInput(), now)).toEqual({ kind: 'Make', redirectURL, request: undefined });
    expect(decidePending(aConsentInput({ pending: aPending() }), now)).toEqual({ kind: 'Keep' });
    expect(decidePending(aConsentInput({ pending: aPending({ expiresAt: now }) }), now)).toMatchObject({ kind: 'Make' });
  });

  it('S22, S58: is made anew when it would ask for other scopes or lead elsewhere', () => {
    expect(decidePending(aConsentInput({ pending: aPending({ scopes: ['users.read'] }) }), now)).toMatchObject({ kind: 'Make' });
    expect(decidePending(aConsentInput({ pending: aPending({ redirectURL: 'https://old.example.com/oauth_redirect.do' }) }), now)).toMatchObject({ kind: 'Make', redirectURL });
  });

  it('is taken away when it is not needed any more, and left alone while a code is being exchanged', () => {
    expect(decidePending(atWork({ pending: aPending() }), now)).toEqual({ kind: 'Drop' });
    expect(decidePending(aConsentInput({ pending: aPending() }, { processes: [] }), now)).toEqual({ kind: 'Drop' });
    expect(decidePending(aConsentInput({ claims: [{ id: 'c', code: 'c0de', startedAt: now, by: 'b' }] }), now)).toEqual({ kind: 'Keep' });
  });

  it('leads to a laptop once for every request, needed or not, and never anywhere but to loopback', () => {
    const url = 'http://127.0.0.1:8765/oauth_redirect.do';
    const request = `${url} word`;
    expect(decidePending(atWork({}, { alias: wished(request) }), now)).toEqual({ kind: 'Make', redirectURL: url, request });
    const pending = aPending({ redirectURL: url, request });
    expect(decidePending(atWork({ pending, handledRequest: request }, { alias: wished(request) }), now)).toEqual({ kind: 'Keep' });
    expect(decidePending(atWork({ pending, handledRequest: request }, { alias: wished(request) }), now + hour)).toEqual({ kind: 'Drop' });
    for (const stray of ['https://evil.example.com/oauth_redirect.do x', 'http://127.0.0.1.evil.example.com/oauth_redirect.do x', 'nonsense']) {
      expect(decidePending(atWork({}, { alias: wished(stray) }), now)).toEqual({ kind: 'Keep' });
    }
  });

  it('S2: asks for the required scopes and those of signals that were enabled on purpose, not for what is merely of use; for reclaims alone, those of the guards too (C30)', () => {
    expect(consentScopes(aConsentInput())).toEqual(['oncalls.read', 'users.read']);
    expect(consentScopes(aConsentInput({}, { signals: ['OnCall', 'SignIn'] }))).toEqual(['analytics.write', 'oncalls.read', 'users.read']);
    expect(consentScopes(aConsentInput({}, { processes: ['ReclaimSubscription'], signals: [] }))).toEqual(['escalation_policies.read', 'incidents.read', 'oncalls.read', 'schedules.read', 'users.read', 'users.write']);
  });
});

describe('when to look again', () => {
  it('is when the link runs out, the tokens are due, or the notice is', () => {
    expect(consentDue(aConsentInput({ pending: aPending() }), now)).toBe(hour / 2);
    expect(consentDue(atWork(), now)).toBe((rotationTime(atWork(), aGrant()) ?? 0) - now);
    expect(consentDue(atWork({ grant: aGrant({ consentEndsAt: now + 28 * day + hour }) }), now)).toBe(hour);
    expect(consentDue(aConsentInput({ claims: [{ id: 'c', code: 'c0de', startedAt: now - 40_000, by: 'b' }] }), now)).toBe(20_000);
  });
});
