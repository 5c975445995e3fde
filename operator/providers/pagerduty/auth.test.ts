import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { SecretValue } from '../../api/secret-value.ts';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { catchFailure, createSession } from '../../../test/support/provider-session.ts';
import { startVendorStub, type StubHandler, type StubReply, type VendorStub } from '../../../test/support/vendor-stub.ts';
import { createPagerDutyProvider } from './index.ts';

let stub: VendorStub | undefined;
afterEach(async () => {
  await stub?.[Symbol.asyncDispose]();
  stub = undefined;
});

const credential = { kind: 'AppToken', clientId: new SecretValue('planted-client-id'), clientSecret: new SecretValue('planted-client-secret') } as const;
const now = Date.parse('2026-11-24T00:00:00.000Z');

const grant = (scope: string | undefined, more: object = {}): StubReply => ({
  json: { access_token: 'planted-access-token', token_type: 'bearer', expires_in: 86_400, ...(scope === undefined ? {} : { scope }), ...more },
});

const invalidScope: StubReply = { status: 400, json: { error: 'invalid_request', error_description: 'Invalid scope' } };

async function connect(handle: StubHandler, optionalScopes: string[] = ['licenses.read']) {
  stub = await startVendorStub(handle);
  const session = createSession({ settings: { subdomain: 'acme', region: 'EU', endpoints: { identity: stub.address } }, clock: createLeapingClock(now) });
  return createPagerDutyProvider().connect({ credential, requiredScopes: ['users:read', 'oncalls.read'], optionalScopes }, session);
}

const askedScopes = () => stub?.journal.map((request) => new URLSearchParams(request.body).get('scope'));

describe('connecting with an app token (facts 1.5)', () => {
  it('asks by client credentials for the account’s scopes, in dot form', async () => {
    const connected = await connect(() => grant('as_account-eu.acme users.read oncalls.read licenses.read openid'));
    expect(stub?.journal[0]).toMatchObject({ method: 'POST', path: '/oauth/token', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect(Object.fromEntries(new URLSearchParams(stub?.journal[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'planted-client-id',
      client_secret: 'planted-client-secret',
      scope: 'as_account-eu.acme licenses.read oncalls.read users.read',
    });
    expect(connected.token.value.reveal()).toBe('planted-access-token');
    expect(connected.token).toMatchObject({ scheme: 'Bearer', scopes: ['licenses.read', 'oncalls.read', 'users.read'] });
  });

  it('T8: trusts the reply for the expiry, from when it was asked', async () => {
    expect((await connect(() => grant('users.read oncalls.read', { expires_in: 600 }))).expiresAt).toBe(now + 600_000);
    await stub?.[Symbol.asyncDispose]();
    expect((await connect(() => grant('users.read oncalls.read', { expires_in: '864000' }))).expiresAt).toBe(now + 864_000_000);
  });

  it('T7: shows what was granted, not what was asked for', async () => {
    const connected = await connect(() => grant('users.read oncalls.read'));
    expect(connected.token.scopes).toEqual(['oncalls.read', 'users.read']);
    expect(stub?.journal.length).toBe(1);
  });

  it('takes a reply without a scope for all that was asked (RFC 6749)', async () => {
    expect((await connect(() => grant(undefined))).token.scopes).toEqual(['licenses.read', 'oncalls.read', 'users.read']);
  });

  it('T6: comes back for the required scopes when the optional ones are refused', async () => {
    const connected = await connect((request) => (request.body.includes('licenses') ? invalidScope : grant('users.read oncalls.read')));
    expect(askedScopes()).toEqual(['as_account-eu.acme licenses.read oncalls.read users.read', 'as_account-eu.acme oncalls.read users.read']);
    expect(connected.token.scopes).toEqual(['oncalls.read', 'users.read']);
  });

  it('T7: comes back as well when a refused scope is answered by a token with openid alone', async () => {
    const connected = await connect((request) => (request.body.includes('licenses') ? grant('openid') : grant('users.read oncalls.read openid')));
    expect(connected.token.scopes).toEqual(['oncalls.read', 'users.read']);
  });

  it.each<[string, StubReply]>([
    ['refuses', invalidScope],
    ['grants openid alone', grant('openid')],
    ['grants half', grant('users.read')],
  ])('says which scopes to allow when PagerDuty %s', async (_, reply) => {
    const { failure } = await catchFailure(connect(() => reply));
    expect(failure).toEqual({
      kind: 'Terminal',
      reason: 'ScopeNotAllowed',
      message:
        'The OAuth app was not granted the scopes oncalls.read, users.read for acme (EU): allow them for the app in PagerDuty, and check subdomain and region.',
    });
    expect(stub?.journal.length).toBe(2);
  });

  it('asks once only when there is nothing optional', async () => {
    await catchFailure(connect(() => invalidScope, []));
    expect(stub?.journal.length).toBe(1);
  });

  it.each<[string, StubReply]>([
    ['401 without JSON', { status: 401, text: 'Unauthorized' }],
    ['401 invalid_client', { status: 401, json: { error: 'invalid_client' } }],
    ['400 invalid_client', { status: 400, json: { error: 'invalid_client' } }],
  ])('S57: takes %s for wrong credentials, at once', async (_, reply) => {
    const { failure } = await catchFailure(connect(() => reply));
    expect(failure).toMatchObject({ kind: 'Terminal', reason: 'CredentialsRejected' });
    expect(stub?.journal.length).toBe(1);
  });

  it('tries again while PagerDuty is down or busy', async () => {
    let calls = 0;
    const connected = await connect(() => (calls++ < 2 ? { status: calls === 1 ? 503 : 429 } : grant('users.read oncalls.read')));
    expect(connected.token.scopes).toEqual(['oncalls.read', 'users.read']);
    expect(calls).toBe(3);
  });

  it.each<[string, StubReply]>([
    ['no token', { json: { expires_in: 1, token_type: 'bearer' } }],
    ['no expiry', { json: { access_token: 'planted-access-token' } }],
    ['an absurd expiry', grant('users.read', { expires_in: -5 })],
    ['another kind of token', grant('users.read', { token_type: 'mac' })],
  ])('refuses a reply with %s, and keeps its values to itself', async (_, reply) => {
    const error = await catchFailure(connect(() => reply));
    expect(error.failure).toMatchObject({ kind: 'Retryable', reason: 'MalformedAnswer' });
    expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)).not.toMatch(/planted/);
  });
});

const five = ['analytics.write', 'audit_records.read', 'incidents.read', 'licenses.read', 'teams.read'];

/** PagerDuty, for an app that may have these: all or nothing, and it does not say which was too much. */
function allowing(allowed: readonly string[], refuse: StubReply = invalidScope): StubHandler {
  return (request) => {
    const asked = (new URLSearchParams(request.body).get('scope') ?? '').split(' ').slice(1);
    return asked.every((scope) => allowed.includes(scope)) ? grant(asked.join(' ')) : refuse;
  };
}

const required = ['oncalls.read', 'users.read'];

describe('finding out which optional scopes an app may have (T6, T7)', () => {
  const subsets = Array.from({ length: 2 ** five.length }, (_, bits) => five.filter((_scope, index) => (bits >> index) % 2 === 1));

  it.each(subsets.map((subset) => [subset.join(' ') || 'none', subset] as const))('T7: gets all that there are in at most seven requests: %s', async (_, allowed) => {
    const { token } = await connect(allowing([...required, ...allowed]), five);
    expect(token.scopes).toEqual([...required, ...allowed].sort());
    expect(stub?.journal.length).toBeLessThanOrEqual(allowed.length === five.length ? 1 : 7);
    // No question is asked twice: each would leave a token at PagerDuty.
    expect(new Set(askedScopes()).size).toBe(stub?.journal.length);
  });

  it('T7: finds them as well where a scope too many is answered by openid alone', async () => {
    const { token } = await connect(allowing([...required, 'incidents.read'], grant('openid')), five);
    expect(token.scopes).toEqual(['incidents.read', ...required]);
  });

  it('takes what was granted where PagerDuty grants what it may, in one request', async () => {
    const { token } = await connect(() => grant('openid users.read oncalls.read teams.read'), five);
    expect(token.scopes).toEqual([...required, 'teams.read'].sort());
    expect(stub?.journal.length).toBe(1);
  });

  it('T7: does not look for optional ones when a required one is missing', async () => {
    expect((await catchFailure(connect(allowing(['users.read', ...five]), five))).failure.reason).toBe('ScopeNotAllowed');
    expect(stub?.journal.length).toBe(2);
  });

  it('costs at most 22 requests, however many there are: some are then tried together', async () => {
    const many = Array.from({ length: 40 }, (_, index) => `things_${index < 20 ? 'a' : 'b'}${String.fromCodePoint(97 + (index % 20))}.read`);
    const { token } = await connect(allowing([...required, ...many.slice(0, 8)]), many);
    expect(token.scopes).toEqual([...many.slice(0, 8), ...required].sort());
    expect(stub?.journal.length).toBeLessThanOrEqual(22);
  });

  it('keeps the token that it has when PagerDuty fails meanwhile', async () => {
    const handle = allowing([...required, 'analytics.write']);
    const { token } = await connect((request) => (request.body.includes('audit_records') && !request.body.includes('incidents') ? { status: 503 } : handle(request)), five);
    expect(token.scopes).toEqual(['analytics.write', ...required]);
  });

  it('does not hide wrong credentials behind it', async () => {
    let calls = 0;
    const work = connect(() => (calls++ < 2 ? (calls === 1 ? invalidScope : grant(required.join(' '))) : { status: 401, text: '' }), five);
    expect((await catchFailure(work)).failure.reason).toBe('CredentialsRejected');
  });

  it('remembers nothing: the next time it is all found out again', async () => {
    await connect(allowing(required), five);
    const first = askedScopes();
    await stub?.[Symbol.asyncDispose]();
    await connect(allowing(required), five);
    expect(askedScopes()).toEqual(first);
  });
});

describe('connecting with an API token', () => {
  it('uses it as it is, without a call', async () => {
    stub = await startVendorStub(() => ({ status: 500 }));
    const session = createSession({ settings: { subdomain: 'acme', endpoints: { api: stub.address, identity: stub.address } } });
    const token = new SecretValue('planted-api-token');
    const connected = await createPagerDutyProvider().connect({ credential: { kind: 'ApiToken', token }, requiredScopes: ['users.read'], optionalScopes: [] }, session);
    expect(connected).toEqual({ token: { value: token, scheme: 'ApiToken', scopes: undefined }, expiresAt: undefined });
    expect(stub.journal).toEqual([]);
  });

  it('still wants sound settings', async () => {
    const session = createSession({ settings: { subdomain: 'Not Good' } });
    const request = { credential: { kind: 'ApiToken', token: new SecretValue('t') }, requiredScopes: [], optionalScopes: [] } as const;
    expect((await catchFailure(createPagerDutyProvider().connect(request, session))).failure.reason).toBe('InvalidSettings');
  });
});
