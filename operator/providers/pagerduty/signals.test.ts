import { describe, expect, it } from 'vitest';
import { auditPageOf, signInPageOf } from '../../../test/support/cursor-pages.ts';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { pageOf } from '../../../test/support/offset-pages.ts';
import { catchFailure, collect, createSession, type SessionOptions } from '../../../test/support/provider-session.ts';
import { startVendorStub, type StubHandler, type StubReply, type StubRequest, type VendorStub } from '../../../test/support/vendor-stub.ts';
import { createPagerDutyProvider } from './index.ts';
import { signals, signalScopes, type SignalName } from './permissions.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T00:00:00Z');
const at = '2026-11-20T09:00:00Z';
const optional: readonly SignalName[] = ['SignIn', 'AuditActor', 'IncidentResponse'];
const all: readonly SignalName[] = ['OnCall', ...optional];
const routes: Readonly<Record<SignalName, string>> = { OnCall: '/oncalls', SignIn: '/analytics/raw/users', AuditActor: '/audit/records', IncidentResponse: '/log_entries' };
const scopes = ['users.read', ...all.map((name) => signalScopes[name])];

/** An account of one person for each signal, A to D in the order of the signals. */
function answer({ path, query, body }: StubRequest): StubReply {
  const agent = { id: 'D', type: 'user_reference' };
  switch (path) {
    case '/users':
      return { json: pageOf('users', ['A', 'B', 'C', 'D'].map((id) => ({ id })), query) };
    case '/oncalls':
      return { json: pageOf('oncalls', [{ user: { id: 'A' }, start: at, end: at }], query) };
    case '/analytics/raw/users':
      return { json: signInPageOf(['A', 'B', 'C', 'D'].map((id) => ({ id, last_sign_in_at: id === 'B' ? '2026-11-20T09:00:00' : null })), JSON.parse(body) as Record<string, unknown>) };
    case '/audit/records': {
      const isInside = Date.parse(query.get('since') ?? '') < Date.parse(at) && Date.parse(at) < Date.parse(query.get('until') ?? '');
      return { json: auditPageOf(isInside ? [{ id: 'R', execution_time: at, actors: [{ id: 'C', type: 'user_reference' }], method: { type: 'browser' } }] : [], query) };
    }
    case '/log_entries':
      return { json: pageOf('log_entries', [{ id: 'L', type: 'resolve_log_entry', created_at: at, agent }], query) };
    default:
      return { status: 500 };
  }
}

const spoil = (route: string, reply: ReturnType<StubHandler>): StubHandler => (request) => (request.path === route ? reply : answer(request));

async function observe(stub: VendorStub, names: readonly string[], session: Partial<SessionOptions> = {}) {
  const context = createSession({ settings: { subdomain: 'acme', endpoints: { api: stub.address } }, clock: createLeapingClock(now), scopes, ...session });
  const window = { from: now - 60 * day, to: now };
  const pages = await collect(createPagerDutyProvider().activity(names.map((signal) => ({ signal, window })), context));
  return {
    seen: pages.flatMap((page) => (page.kind === 'Observations' ? page.observations.map((one) => `${one.signal} ${one.externalUserId}`) : [])),
    ends: pages.flatMap((page) => (page.kind === 'SignalEnd' ? [[page.signal, page.outcome.kind === 'Complete' ? 'Complete' : page.outcome.reason]] : [])),
    messages: pages.flatMap((page) => (page.kind === 'SignalEnd' && page.outcome.kind === 'Unavailable' ? [page.outcome.message] : [])),
  };
}

const refusals: readonly [name: string, reason: string, reply: StubReply][] = [
  ['402: the plan lacks it', 'SignalPlanMissing', { status: 402, json: { error: { code: 2014, message: 'Missing Account Ability' } } }],
  ['403: the scope is missing', 'SignalScopeMissing', { status: 403, json: { error: { message: 'Token missing required scopes', required_scopes: 'x.read' } } }],
  ['403: the role does not permit it, or the API token only reads', 'SignalForbidden', { status: 403, json: { error: { code: 2010, message: 'Access Denied' } } }],
  ['403 without a word', 'SignalForbidden', { status: 403, text: '' }],
  ['404: it is not offered', 'SignalNotOffered', { status: 404, json: { error: { code: 2100, message: 'Not Found' } } }],
];

describe('several signals (C16, L3)', () => {
  it('come one after the other, the default first, each with its own end', async () => {
    await using stub = await startVendorStub(answer);
    const { seen, ends } = await observe(stub, all);
    expect(seen).toEqual(['OnCall A', 'SignIn B', 'AuditActor C', 'IncidentResponse D']);
    expect(ends).toEqual(all.map((name) => [name, 'Complete']));
    expect(signals.map(({ name }) => name)).toEqual(all);
  });

  it('asks analytics by POST of JSON, again after a bad moment, and reports it by its route', async () => {
    let asked = 0;
    await using stub = await startVendorStub((request) => (request.method === 'POST' && (asked += 1) === 1 ? { status: 503 } : answer(request)));
    await observe(stub, ['SignIn']);
    const posts = stub.journal.filter(({ method }) => method === 'POST');
    expect(posts.map(({ path }) => path)).toEqual(['/analytics/raw/users', '/analytics/raw/users']);
    expect(posts[0]?.body).toBe(posts[1]?.body);
    expect(posts[0]?.headers).toMatchObject({ 'content-type': 'application/json', accept: 'application/vnd.pagerduty+json;version=2', authorization: 'Bearer planted-access-token' });
  });
});

describe('a signal that this credential may not pull', () => {
  for (const signal of optional) {
    it.each(refusals)(`${signal}, %s: ends as %s, and the others go on`, async (_, reason, reply) => {
      await using stub = await startVendorStub(spoil(routes[signal], reply));
      const { ends, messages, seen } = await observe(stub, all);
      expect(ends).toEqual(all.map((name) => [name, name === signal ? reason : 'Complete']));
      expect(seen.length).toBe(3);
      // What is wrong, and the two ways out of it.
      expect(messages).toEqual([expect.stringMatching(new RegExp(`${signal}.*, or take ${signal} out of spec.activitySignals\\.$`))]);
      expect(stub.journal.filter(({ path }) => path === routes[signal]).length).toBe(1);
    });
  }

  it.each(optional)('%s without its scope is not asked for at all', async (signal) => {
    await using stub = await startVendorStub(answer);
    const { ends, messages } = await observe(stub, [signal], { scopes: scopes.filter((scope) => scope !== signalScopes[signal]) });
    expect(ends).toEqual([[signal, 'SignalScopeMissing']]);
    expect(messages[0]).toContain(signalScopes[signal]);
    expect(stub.journal).toEqual([]);
  });

  it('an API token and Classic OAuth, whose scopes do not tell, are asked for', async () => {
    await using stub = await startVendorStub(answer);
    expect((await observe(stub, all, { scopes: undefined, scheme: 'ApiToken' })).seen.length).toBe(4);
    expect((await observe(stub, all, { scopes: ['openid', 'read'] })).seen.length).toBe(4);
  });

  it('SignIn needs to see people, too', async () => {
    await using stub = await startVendorStub(spoil('/users', { status: 403, json: { error: { code: 2010 } } }));
    expect((await observe(stub, ['SignIn'])).ends).toEqual([['SignIn', 'SignalForbidden']]);
  });

  it.each(refusals.slice(0, 4))('OnCall, %s: ends as %s beside others, and throws when it is all that was asked for', async (_, reason, reply) => {
    await using stub = await startVendorStub(spoil('/oncalls', reply));
    expect((await observe(stub, all)).ends[0]).toEqual(['OnCall', reason]);
    expect((await catchFailure(observe(stub, ['OnCall']))).failure.kind).toBe('Terminal');
  });

  it('OnCall that is not found throws in any case: the address is wrong', async () => {
    await using stub = await startVendorStub(spoil('/oncalls', { status: 404 }));
    expect((await catchFailure(observe(stub, all))).failure.reason).toBe('NotFound');
  });
});

describe('what may pass by itself is no end of a signal (guard 6)', () => {
  const weather: readonly [name: string, reason: string, reply: ReturnType<StubHandler>][] = [
    ['server errors', 'VendorUnavailable', { status: 503, text: '<html>' }],
    ['429 without headers or body', 'RateLimited', { status: 429, text: '' }],
    ['HTML for JSON', 'MalformedAnswer', { text: '<html><body>maintenance</body></html>' }],
    ['an answer cut off', 'VendorUnreachable', { json: { filler: 'x'.repeat(200) }, cutAt: 40 }],
    ['a connection closed', 'VendorUnreachable', 'reset'],
    ['JSON of another shape', 'MalformedAnswer', { json: [] }],
    ['a token no longer taken', 'TokenRejected', { status: 401, text: 'no' }],
    ['a locked account', 'AccountUnavailable', { status: 403, json: { error: { code: 2008 } } }],
    ['a question refused as invalid', 'RequestRefused', { status: 400, json: { error: { code: 2001 } } }],
  ];
  for (const signal of optional) {
    it.each(weather)(`${signal} under %s fails with %s`, async (_, reason, reply) => {
      await using stub = await startVendorStub(spoil(routes[signal], reply));
      const { failure } = await catchFailure(observe(stub, all));
      expect(failure.reason).toBe(reason);
      expect(failure.message).not.toContain('maintenance');
    });
  }
});
