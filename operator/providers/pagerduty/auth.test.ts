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
