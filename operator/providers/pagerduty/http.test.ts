import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { SecretValue } from '../../api/secret-value.ts';
import { createFakeClock } from '../../../test/support/fake-clock.ts';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { catchFailure, createSession, type SessionOptions } from '../../../test/support/provider-session.ts';
import { startVendorStub, type StubHandler, type StubReply, type VendorStub } from '../../../test/support/vendor-stub.ts';
import { createClient } from './client.ts';
import { createThrottles } from './throttle.ts';
import { sendWithGot } from './transport.ts';

let stub: VendorStub | undefined;
afterEach(async () => {
  await stub?.[Symbol.asyncDispose]();
  stub = undefined;
});

const fine: StubReply = { json: { ok: true } };

async function setUp(handle: StubHandler, options: Partial<SessionOptions> = {}) {
  stub = await startVendorStub(handle);
  const clock = createLeapingClock();
  const session = createSession({ settings: { subdomain: 'acme', endpoints: { api: stub.address } }, clock, ...options });
  const client = createClient(session, { transport: sendWithGot, throttles: createThrottles() });
  return { client, session, clock, journal: stub.journal, get: () => client.get('/users', [['limit', '1']]) };
}

/** Answers the replies one after the other, then is fine. */
function inTurn(...replies: (StubReply | 'reset')[]): StubHandler {
  let next = 0;
  return () => replies[next++] ?? fine;
}

describe('one request', () => {
  it('sends what PagerDuty wants to see, and no more', async () => {
    const { get, journal, session } = await setUp(() => ({ ...fine, headers: { 'ratelimit-remaining': '77' } }));
    expect(await get()).toEqual({ ok: true });
    expect(journal[0]).toMatchObject({
      method: 'GET',
      path: '/users',
      body: '',
      headers: { accept: 'application/vnd.pagerduty+json;version=2', authorization: 'Bearer planted-access-token', 'user-agent': 'saas-license-operator' },
    });
    expect(session.requests).toEqual([{ method: 'GET', route: '/users', status: 200, durationMs: expect.any(Number), rateRemaining: 77 }]);
  });

  it('sends an API token by its own scheme', async () => {
    const { get, journal } = await setUp(() => fine, { scheme: 'ApiToken', scopes: undefined });
    await get();
    expect(journal[0]?.headers.authorization).toBe('Token token=planted-access-token');
  });

  it.each([408, 500, 502, 503, 504])('tries again after %i, with growing waits', async (status) => {
    const { get, clock, session } = await setUp(inTurn({ status }, { status }, { status }));
    await get();
    expect(session.requests.map((request) => request.status)).toEqual([status, status, status, 200]);
    const [first = 0, second = 0, third = 0] = clock.sleeps;
    expect(first).toBeGreaterThanOrEqual(500);
    expect(first).toBeLessThanOrEqual(1000);
    expect(second).toBeGreaterThanOrEqual(1000);
    expect(third).toBeGreaterThanOrEqual(2000);
  });

  it('tries again after a connection that breaks, before the answer or within it', async () => {
    const { get, session } = await setUp(inTurn('reset', { ...fine, cutAt: 4 }));
    await get();
    expect(session.requests.map((request) => request.status)).toEqual([0, 0, 200]);
  });

  it.each<[string, StubReply]>([
    ['a page of a proxy', { text: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } }],
    ['JSON that is cut off', { text: '{"users":[{"id":' }],
    ['nothing', { text: '' }],
  ])('takes %s for no answer, tries again, and says so at last', async (_, reply) => {
    const { get, session } = await setUp(() => reply);
    const error = await catchFailure(get());
    expect(error.failure).toMatchObject({ kind: 'Retryable', reason: 'MalformedAnswer' });
    expect(session.requests.length).toBe(5);
  });

  it('gives up after a bounded number of tries', async () => {
    const { get, session } = await setUp(() => ({ status: 503 }));
    expect((await catchFailure(get())).failure).toMatchObject({ kind: 'Retryable', reason: 'VendorUnavailable' });
    expect(session.requests.length).toBe(5);
  });

  it('says that nobody is there', async () => {
    const { client } = await setUp(() => fine);
    await stub?.[Symbol.asyncDispose]();
    const error = await catchFailure(client.get('/users', []));
    expect(error.failure).toMatchObject({ kind: 'Retryable', reason: 'VendorUnreachable' });
    expect(error.detail).toEqual({ route: '/users', code: 'ECONNREFUSED' });
  });

  it('does not follow a redirect with the token in hand', async () => {
    const { get, journal } = await setUp(() => ({ status: 302, headers: { location: 'http://127.0.0.1:9/elsewhere' } }));
    expect((await catchFailure(get())).failure.reason).toBe('MalformedAnswer');
    expect(journal.length).toBe(1);
  });

  it('stops reading a body without end', async () => {
    const { get } = await setUp(inTurn({ text: `"${'x'.repeat(33 * 1024 * 1024)}"` }, { status: 401 }));
    expect((await catchFailure(get())).failure.reason).toBe('TokenRejected');
  });
});

describe('too many requests', () => {
  it('waits for the reset that the headers name, and a little more', async () => {
    const { get, clock } = await setUp(inTurn({ status: 429, headers: { 'ratelimit-limit': '960', 'ratelimit-remaining': '0', 'ratelimit-reset': '20' } }));
    const before = clock.now();
    await get();
    expect(clock.now() - before).toBeGreaterThanOrEqual(20_000);
    expect(clock.now() - before).toBeLessThan(32_000);
  });

  it('waits from 5 s on, doubling, when there are no headers and no body', async () => {
    const { get, clock, session } = await setUp(inTurn({ status: 429, text: '' }, { status: 429, text: '' }, { status: 429, text: '' }));
    await get();
    const [first = 0, second = 0, third = 0] = clock.sleeps.filter((ms) => ms >= 1000);
    expect(first).toBeGreaterThanOrEqual(5000);
    expect(second).toBeGreaterThanOrEqual(10_000);
    expect(third).toBeGreaterThanOrEqual(20_000);
    expect(session.requests.length).toBe(4);
  });

  it('honours Retry-After in seconds and as a date', async () => {
    const { get, clock } = await setUp(inTurn({ status: 429, headers: { 'retry-after': '40' } }, { status: 503, headers: { 'retry-after': 'Tue, 24 Nov 2026 00:02:00 GMT' } }));
    const start = Date.parse('2026-11-24T00:00:00Z');
    await get();
    expect(clock.now() - start).toBeGreaterThanOrEqual(120_000);
    expect(clock.now() - start).toBeLessThan(130_000);
  });

  it('does not wait in vain: a wait beyond the deadline fails at once and says how long', async () => {
    const { get, clock, session } = await setUp(() => ({ status: 429, headers: { 'retry-after': '900' } }));
    const { failure } = await catchFailure(get());
    expect(failure).toMatchObject({ kind: 'Retryable', reason: 'RateLimited' });
    expect(failure.kind === 'Retryable' && failure.retryAfterMs).toBeGreaterThanOrEqual(900_000);
    expect(clock.sleeps).toEqual([]);
    expect(session.requests.length).toBe(1);
  });

  it('ends within the total deadline when it never gets through', async () => {
    const { get, clock } = await setUp(() => ({ status: 429, text: '' }));
    const before = clock.now();
    expect((await catchFailure(get())).failure.reason).toBe('RateLimited');
    expect(clock.now() - before).toBeLessThanOrEqual(300_000);
  });

  it('holds the other users of the credential back too', async () => {
    stub = await startVendorStub(inTurn({ status: 429, headers: { 'ratelimit-reset': '30' } }));
    const clock = createFakeClock();
    const throttles = createThrottles();
    const connect = () =>
      createClient(createSession({ settings: { subdomain: 'acme', endpoints: { api: stub?.address } }, clock }), { transport: sendWithGot, throttles });
    const first = connect().get('/users', []);
    await clock.whenSleeping();
    const second = connect().get('/oncalls', []);
    await clock.whenSleeping(2);
    expect(stub.journal.length).toBe(1);
    const pump = setInterval(() => void clock.advance(1000), 1);
    await Promise.all([first, second]);
    clearInterval(pump);
    expect(stub.journal.length).toBe(3);
  });
});

describe('refusals', () => {
  const missing = { error: { message: 'Token missing required scopes', required_scopes: 'users.read', token_scopes: 'openid' } };
  const hostile = { error: { message: 'Token missing required scopes', required_scopes: 'jane@example.com', token_scopes: '' } };

  const cases: { status: number; json: unknown; kind: string; reason: string; message: RegExp }[] = [
    { status: 400, json: { error: { code: 2002, message: 'Arguments Caused Error' } }, kind: 'Terminal', reason: 'RequestRefused', message: /GET \/users/ },
    { status: 401, json: 'no JSON at all', kind: 'Retryable', reason: 'TokenRejected', message: /new one is needed/ },
    { status: 402, json: { error: { code: 2014 } }, kind: 'Terminal', reason: 'PlanLacksFeature', message: /plan/ },
    { status: 403, json: missing, kind: 'Terminal', reason: 'ScopeMissing', message: /lacks the scope users\.read for/ },
    { status: 403, json: hostile, kind: 'Terminal', reason: 'ScopeMissing', message: /lacks the scopes that it requires for/ },
    { status: 403, json: { error: { code: 403, message: 'Insufficient permissions' } }, kind: 'Terminal', reason: 'AccessDenied', message: /role or scope/ },
    { status: 404, json: { error: { code: 2100 } }, kind: 'Terminal', reason: 'NotFound', message: /region/ },
    { status: 403, json: { error: { code: 2012 } }, kind: 'Terminal', reason: 'AccountUnavailable', message: /expired/ },
  ];

  it.each(cases)('maps $status to $kind $reason', async ({ status, json, kind, reason, message }) => {
    const { get, session } = await setUp(() => ({ status, json, headers: { 'x-request-id': 'req-1' } }));
    const error = await catchFailure(get());
    expect(error.failure).toMatchObject({ kind, reason });
    expect(error.failure.message).toMatch(message);
    expect(error.detail).toMatchObject({ route: '/users', status, requestId: 'req-1' });
    expect(session.requests.length).toBe(1);
  });

  it('tells that an API token must be replaced by a person', async () => {
    const { get } = await setUp(() => ({ status: 401 }), { scheme: 'ApiToken', scopes: undefined });
    expect((await catchFailure(get())).failure).toMatchObject({ kind: 'Terminal', reason: 'CredentialsRejected' });
  });

  it.each<[string, StubHandler]>([
    ['a refusal', () => ({ status: 403, json: { error: { message: 'jane@example.com may not', code: 2010 } }, headers: { 'x-request-id': 'jane@example.com' } })],
    ['a server error', () => ({ status: 500, text: 'jane@example.com planted-access-token' })],
    ['a broken answer', () => ({ text: 'jane@example.com planted-access-token' })],
    ['a broken connection', () => 'reset'],
  ])('guard 7: lets no secret, address or vendor text out by %s', async (_, handle) => {
    const { get } = await setUp(handle);
    const error = await catchFailure(get());
    const shown = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)} ${error.stack ?? ''} ${String(error.cause)}`;
    expect(shown).not.toMatch(/planted-access-token|jane@|authorization/i);
  });
});

describe('abort', () => {
  it('ends a request that hangs, at once', async () => {
    const stop = new AbortController();
    const { get } = await setUp(
      () => {
        stop.abort();
        return 'silence';
      },
      { signal: stop.signal },
    );
    expect((await catchFailure(get())).failure).toMatchObject({ kind: 'Retryable', reason: 'Aborted' });
  });

  it('ends a wait, at once', async () => {
    const stop = new AbortController();
    const clock = createFakeClock();
    const { get } = await setUp(() => ({ status: 503 }), { signal: stop.signal, clock });
    const work = catchFailure(get());
    await clock.whenSleeping();
    stop.abort();
    expect((await work).failure.reason).toBe('Aborted');
    expect(clock.waiting()).toEqual([]);
  });

  it('asks nothing once it is aborted', async () => {
    const { get, journal } = await setUp(() => fine, { signal: AbortSignal.abort() });
    expect((await catchFailure(get())).failure.reason).toBe('Aborted');
    expect(journal).toEqual([]);
  });
});

it('keeps a token out of sight in the session itself', () => {
  const session = createSession({ settings: {}, token: 'planted-access-token' });
  expect(session.token.value).toBeInstanceOf(SecretValue);
  expect(inspect(session, { depth: 20 })).not.toContain('planted-access-token');
});
