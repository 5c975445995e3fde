import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { catchFailure, createSession } from '../../../test/support/provider-session.ts';
import { startVendorStub, type StubHandler, type StubReply, type StubRequest } from '../../../test/support/vendor-stub.ts';
import type { OperatorError } from '../../api/errors.ts';
import { SecretValue } from '../../api/secret-value.ts';
import type { ConsentGrant, OAuthType } from '../provider.ts';
import { createPagerDutyProvider } from './index.ts';
import type { Transport } from './transport.ts';

const now = Date.parse('2026-11-24T00:00:00.000Z');
const day = 86_400_000;
const redirectURL = 'https://licenses.example.com/oauth_redirect.do';
const planted = /planted/;

const client = (type: OAuthType) => ({ type, clientId: new SecretValue('planted-client-id'), clientSecret: new SecretValue('planted-client-secret'), redirectURL });
const exchangeOf = (type: OAuthType) => ({
  ...client(type),
  code: new SecretValue('planted-code'),
  codeVerifier: new SecretValue('planted-verifier'),
  scopes: ['oncalls.read', 'users:read'],
});
const refreshOf = (type: OAuthType) => ({ ...client(type), refreshToken: new SecretValue('planted-old-refresh'), scopes: ['users.read'] });

const tokens = (more: object = {}): StubReply => ({
  json: { access_token: 'planted-access', refresh_token: 'planted-new-refresh', token_type: 'bearer', scope: 'openid users.read oncalls.read', expires_in: 86_400, client_info: 'any', ...more },
});

interface Ran {
  readonly grant: ConsentGrant | undefined;
  readonly error: OperatorError | undefined;
  readonly journal: readonly StubRequest[];
  readonly sleeps: readonly number[];
}

type Step = 'exchange' | 'refresh';

async function run(step: Step, handle: StubHandler, options: { readonly type?: OAuthType; readonly signal?: AbortSignal } = {}): Promise<Ran> {
  const { type = 'Scoped', signal } = options;
  await using stub = await startVendorStub(handle);
  const clock = createLeapingClock(now);
  const session = createSession({ settings: { subdomain: 'acme', endpoints: { identity: stub.address } }, clock, ...(signal === undefined ? {} : { signal }) });
  const { consent } = createPagerDutyProvider();
  const work = step === 'exchange' ? consent.exchange(exchangeOf(type), session) : consent.refresh(refreshOf(type), session);
  const [settled] = await Promise.allSettled([work]);
  const error = settled.status === 'rejected' ? await catchFailure(Promise.reject(settled.reason as Error)) : undefined;
  const journal = [...stub.journal];
  expect(session.requests.length).toBe(journal.length);
  if (error !== undefined) expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + (error.stack ?? '')).not.toMatch(planted);
  return { grant: settled.status === 'fulfilled' ? settled.value : undefined, error, journal, sleeps: clock.sleeps };
}

const formOf = (request: StubRequest | undefined) => Object.fromEntries(new URLSearchParams(request?.body));

describe('the code for tokens (facts 1.3)', () => {
  it('is one form post with secret and verifier, to the identity host', async () => {
    const { journal } = await run('exchange', () => tokens());
    expect(journal).toMatchObject([{ method: 'POST', path: '/oauth/token', headers: { 'content-type': 'application/x-www-form-urlencoded' } }]);
    expect(journal[0]?.headers.authorization).toBeUndefined();
    expect(formOf(journal[0])).toEqual({
      grant_type: 'authorization_code',
      client_id: 'planted-client-id',
      client_secret: 'planted-client-secret',
      code: 'planted-code',
      redirect_uri: redirectURL,
      code_verifier: 'planted-verifier',
    });
  });

  it('gives both tokens, the scopes, and no secret when printed', async () => {
    const { grant } = await run('exchange', () => tokens());
    expect(grant?.token.value.reveal()).toBe('planted-access');
    expect(grant?.refreshToken.reveal()).toBe('planted-new-refresh');
    expect(grant?.token).toMatchObject({ scheme: 'Bearer', scopes: ['oncalls.read', 'users.read'] });
    expect(inspect(grant, { depth: 20, showHidden: true }) + JSON.stringify(grant)).not.toMatch(planted);
  });

  it.each<[OAuthType, number, number]>([
    ['Scoped', 30, 365],
    ['Classic', 210, 1095],
  ])('T8: of %s, unused refresh tokens live %i days and the consent %i', async (type, refreshDays, consentDays) => {
    const { grant } = await run('exchange', () => tokens(), { type });
    expect([grant?.refreshTokenLifetimeMs, grant?.consentLifetimeMs]).toEqual([refreshDays * day, consentDays * day]);
  });

  it.each<[string, object, OAuthType, number]>([
    ['864000 though the text says 30 days', { expires_in: 864_000 }, 'Classic', 10 * day],
    ['a text', { expires_in: '600' }, 'Scoped', 600_000],
    ['nothing', { expires_in: undefined }, 'Scoped', day],
    ['nothing', { expires_in: undefined }, 'Classic', 10 * day],
    ['nonsense', { expires_in: -5 }, 'Scoped', day],
  ])('T8: trusts expires_in of the reply, and the shorter documented lifetime without one: %s', async (_, more, type, lifetime) => {
    expect((await run('exchange', () => tokens(more), { type })).grant?.expiresAt).toBe(now + lifetime);
  });

  it.each<[string, object, readonly string[]]>([
    ['openid alone', { scope: 'openid' }, []],
    ['what is no scope, which status would show (guard 7)', { scope: 'users.read sam@example.com <b>' }, ['users.read']],
    ['both spellings', { scope: 'users:read openid oncalls.read' }, ['oncalls.read', 'users.read']],
    ['no scope, so as asked (RFC 6749)', { scope: undefined }, ['oncalls.read', 'users.read']],
    ['null, so as asked', { scope: null }, ['oncalls.read', 'users.read']],
    ['less than asked', { scope: 'openid users.read' }, ['users.read']],
    ['Classic read', { scope: 'openid read' }, ['read']],
    ['Classic write, which is Read/Write (S13)', { scope: 'write openid' }, ['read', 'write']],
  ])('T7: grants what the reply says: %s', async (_, more, scopes) => {
    expect((await run('exchange', () => tokens(more))).grant?.token.scopes).toEqual(scopes);
  });

  it('facts 11: needs neither id_token nor client_info, and no right form of what it can do without', async () => {
    const bare: StubReply = { json: { access_token: 'planted-access', refresh_token: 'planted-new-refresh', id_token: 7, client_info: null, scope: 5 } };
    const { grant } = await run('exchange', () => bare);
    expect(grant).toMatchObject({ identity: undefined, expiresAt: now + day });
  });
});

const oauthError = (error: string, error_description: string, status = 400): StubReply => ({ status, json: { error, error_description } });

const refusals: [string, StubReply, exchange: string, refresh: string][] = [
  ['invalid_grant', oauthError('invalid_grant', 'The grant is not valid'), 'CodeRejected', 'AuthorizationRevoked'],
  ['401 invalid_grant', oauthError('invalid_grant', 'expired', 401), 'CodeRejected', 'AuthorizationRevoked'],
  ['an expired token in words', oauthError('invalid_request', 'The refresh token has expired'), 'CodeRejected', 'AuthorizationRevoked'],
  ['a revoked token as 401', oauthError('invalid_token', 'Token was revoked', 401), 'CodeRejected', 'AuthorizationRevoked'],
  ['a proxy that wants to know who asks', { status: 407, json: { message: 'Authorization token is invalid' } }, 'CodeRejected', 'RefreshRefused'],
  ['a gateway that knows no such path', { status: 404, json: { message: 'unknown grant or token' } }, 'NotFound', 'NotFound'],
  ['a gateway that lets nobody in', { status: 403, json: { message: 'Invalid authorization token' } }, 'CredentialsRejected', 'CredentialsRejected'],
  ['invalid_client', oauthError('invalid_client', 'Client authentication failed', 401), 'CredentialsRejected', 'CredentialsRejected'],
  ['400 invalid_client', oauthError('invalid_client', ''), 'CredentialsRejected', 'CredentialsRejected'],
  ['unauthorized_client', oauthError('unauthorized_client', 'not for this app'), 'CredentialsRejected', 'CredentialsRejected'],
  ['a bare 401', { status: 401, text: 'Unauthorized' }, 'CredentialsRejected', 'CredentialsRejected'],
  ['401 of the API’s kind', { status: 401, json: { error: { message: 'Authentication failed', code: 2006 } } }, 'CredentialsRejected', 'CredentialsRejected'],
  ['an empty 403', { status: 403, text: '' }, 'CredentialsRejected', 'CredentialsRejected'],
  ['another redirect URL', oauthError('invalid_grant', 'The redirect URI does not match'), 'RedirectURIMismatch', 'RefreshRefused'],
  ['redirect_uri named', oauthError('invalid_request', 'redirect_uri is wrong'), 'RedirectURIMismatch', 'RefreshRefused'],
  ['a scope refused late', oauthError('invalid_request', 'Invalid scope'), 'ScopeNotAllowed', 'RefreshRefused'],
  ['400 of no known words', oauthError('invalid_request', 'The parameter code is missing'), 'CodeRejected', 'RefreshRefused'],
  ['400 in HTML', { status: 400, text: '<html>no</html>' }, 'CodeRejected', 'RefreshRefused'],
  ['400 with an array', { status: 400, json: { error: ['invalid_grant'] } }, 'CodeRejected', 'AuthorizationRevoked'],
  ['404', { status: 404, text: '' }, 'NotFound', 'NotFound'],
  ['a locked account', { status: 400, json: { error: { message: 'Account locked', code: 2008 } } }, 'AccountUnavailable', 'AccountUnavailable'],
];

describe('refusals of the token endpoint (facts 1.7)', () => {
  it.each(refusals)('S57, S58: %s ends an exchange for good, at once', async (_, reply, reason) => {
    const { error, journal } = await run('exchange', () => reply);
    expect(error?.failure).toMatchObject({ kind: 'Terminal', reason });
    expect(journal.length).toBe(1);
  });

  it.each(refusals)('S60: %s on a refresh says whether only a person can mend it', async (_, reply, _exchange, reason) => {
    const { error, journal } = await run('refresh', () => reply);
    expect(error?.failure).toMatchObject({ kind: reason === 'RefreshRefused' ? 'Retryable' : 'Terminal', reason });
    expect(journal.length).toBe(1);
  });
});

const unclear: [string, ReturnType<StubHandler>][] = [
  ['a reset', 'reset'],
  ['500', { status: 500, text: 'oops' }],
  ['a gateway’s 502 in HTML', { status: 502, text: '<html>' }],
  ['503', { status: 503 }],
  ['504', { status: 504, text: '' }],
  ['408', { status: 408, text: '' }],
  ['a redirect', { status: 302, headers: { location: 'https://elsewhere.example' }, text: '' }],
  ['a body that is cut off', { ...tokens(), cutAt: 40 }],
  ['HTML with 200', { text: '<html>planted-access</html>' }],
  ['200 without a token', { json: { refresh_token: 'planted-new-refresh' } }],
  ['200 with another kind of token', tokens({ token_type: 'mac' })],
  ['an empty 200', { text: '' }],
];

describe('an answer that is lost (facts 1.4)', () => {
  it.each(unclear)('T7: %s spends the code: nothing is sent again', async (_, reply) => {
    const { error, journal } = await run('exchange', () => reply);
    expect(error?.failure).toMatchObject({ kind: 'Terminal', reason: 'ExchangeUnclear' });
    expect(error?.detail).toMatchObject({ mayHaveReachedVendor: true });
    expect(journal.length).toBe(1);
  });

  it.each(unclear)('C26: %s may have rotated the tokens: nothing is sent again, and it is said', async (_, reply) => {
    const { error, journal } = await run('refresh', () => reply);
    expect(error?.failure).toMatchObject({ kind: 'Retryable', reason: 'RotationUnclear' });
    expect(error?.detail).toMatchObject({ route: '/oauth/token', mayHaveReachedVendor: true });
    expect(journal.length).toBe(1);
  });

  it('is unclear as well when the work is stopped while PagerDuty thinks', async () => {
    const stop = new AbortController();
    const silent: StubHandler = () => {
      stop.abort();
      return 'silence';
    };
    expect((await run('refresh', silent, { signal: stop.signal })).error?.failure.reason).toBe('RotationUnclear');
  });

  it('is taken when it has come although the work was stopped: the old tokens may be dead', async () => {
    const stop = new AbortController();
    const transport: Transport = () => {
      stop.abort();
      const body = JSON.stringify(tokens().json);
      return Promise.resolve({ kind: 'Reply', status: 200, headers: {}, body });
    };
    const session = createSession({ settings: { subdomain: 'acme' }, clock: createLeapingClock(now), signal: stop.signal });
    expect((await createPagerDutyProvider({ transport }).consent.refresh(refreshOf('Scoped'), session)).refreshToken.reveal()).toBe('planted-new-refresh');
  });

  it('200 without a refresh token gives nothing that lasts, and cannot be asked for again', async () => {
    expect((await run('exchange', () => tokens({ refresh_token: undefined }))).error?.failure.reason).toBe('ExchangeUnclear');
  });
});

describe('a request that has certainly not been carried out', () => {
  it.each<Step>(['exchange', 'refresh'])('%s: is made again after a 429, when PagerDuty says', async (step) => {
    let calls = 0;
    const { grant, journal, sleeps } = await run(step, () => (calls++ === 0 ? { status: 429, headers: { 'ratelimit-reset': '3' }, text: '' } : tokens()));
    expect(grant?.token.value.reveal()).toBe('planted-access');
    expect(journal.length).toBe(2);
    expect(sleeps[0]).toBeGreaterThanOrEqual(3000);
  });

  it.each<Step>(['exchange', 'refresh'])('%s: waits no longer than its answer is worth', async (step) => {
    const { error, journal, sleeps } = await run(step, () => ({ status: 429, text: '' }));
    expect(error?.failure).toMatchObject({ kind: 'Retryable', reason: 'RateLimited' });
    expect(sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(25_000);
    expect(journal.length).toBeGreaterThan(1);
    expect((await run(step, () => ({ status: 429, headers: { 'retry-after': '60' }, text: '' }))).journal.length).toBe(1);
  });

  it.each<Step>(['exchange', 'refresh'])('%s: is made again while nobody can be reached, for a while', async (step) => {
    let calls = 0;
    const transport: Transport = () => {
      calls += 1;
      if (calls < 3) return Promise.resolve({ kind: 'Fault', code: 'ECONNREFUSED', isUnsent: true });
      return Promise.resolve({ kind: 'Reply', status: 200, headers: {}, body: JSON.stringify(tokens().json) });
    };
    const session = createSession({ settings: { subdomain: 'acme' }, clock: createLeapingClock(now) });
    const { consent } = createPagerDutyProvider({ transport });
    await (step === 'exchange' ? consent.exchange(exchangeOf('Scoped'), session) : consent.refresh(refreshOf('Scoped'), session));
    expect(calls).toBe(3);
    calls = -10;
    const work = step === 'exchange' ? consent.exchange(exchangeOf('Scoped'), session) : consent.refresh(refreshOf('Scoped'), session);
    expect((await catchFailure(work)).failure).toMatchObject({ kind: 'Retryable', reason: 'VendorUnreachable' });
  });

  it.each<[Step, number]>([
    ['exchange', 20_000],
    ['refresh', 25_000],
  ])('%s: gives the whole exchange %i ms, less than the code lives and a reconcile waits', async (step, withinMs) => {
    const given: (number | undefined)[] = [];
    const transport: Transport = (call) => {
      given.push(call.withinMs);
      return Promise.resolve({ kind: 'Fault', code: 'ETIMEDOUT', isUnsent: false });
    };
    const session = createSession({ settings: { subdomain: 'acme' }, clock: createLeapingClock(now) });
    const { consent } = createPagerDutyProvider({ transport });
    await catchFailure(step === 'exchange' ? consent.exchange(exchangeOf('Scoped'), session) : consent.refresh(refreshOf('Scoped'), session));
    expect(given).toEqual([withinMs]);
  });
});

describe('renewing (facts 1.4)', () => {
  it('is one form post with the old refresh token', async () => {
    const { journal } = await run('refresh', () => tokens());
    expect(formOf(journal[0])).toEqual({
      grant_type: 'refresh_token',
      client_id: 'planted-client-id',
      client_secret: 'planted-client-secret',
      refresh_token: 'planted-old-refresh',
    });
  });

  it('T8: gives a new pair, valid from when it was asked for', async () => {
    const { grant } = await run('refresh', () => tokens({ expires_in: 600 }));
    expect([grant?.token.value.reveal(), grant?.refreshToken.reveal(), grant?.expiresAt]).toEqual(['planted-access', 'planted-new-refresh', now + 600_000]);
  });

  it('keeps the refresh token that there is where none comes (RFC 6749, 6)', async () => {
    expect((await run('refresh', () => tokens({ refresh_token: undefined }))).grant?.refreshToken.reveal()).toBe('planted-old-refresh');
  });

  it('keeps the scopes that there are where none are named (RFC 6749, 6), and shows it when they shrink', async () => {
    expect((await run('refresh', () => tokens({ scope: undefined }))).grant?.token.scopes).toEqual(['users.read']);
    expect((await run('refresh', () => tokens({ scope: 'openid' }))).grant?.token.scopes).toEqual([]);
  });
});
