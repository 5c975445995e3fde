import { describe, expect, it } from 'vitest';
import { catchFailure, createSession } from '../../../test/support/provider-session.ts';
import { startVendorStub, type StubReply } from '../../../test/support/vendor-stub.ts';
import { processNames } from '../../api/integration-profile.ts';
import { createPagerDutyProvider } from './index.ts';

const { consent } = createPagerDutyProvider();

async function identify(reply: StubReply) {
  await using stub = await startVendorStub(() => reply);
  const session = createSession({ settings: { subdomain: 'acme', endpoints: { api: stub.address } } });
  const identity = await consent.identify(session);
  expect(stub.journal.map((request) => [request.method, request.path, request.query.size, request.headers.authorization])).toEqual([
    ['GET', '/users/me', 0, 'Bearer planted-access-token'],
  ]);
  return identity;
}

const me = (changes: object): StubReply => ({ json: { user: { id: 'PME', role: 'observer', html_url: 'https://acme.pagerduty.com/users/PME', email: 'x@example.com', ...changes } } });

describe('whose token it is (S60, S61)', () => {
  it('S60: asks PagerDuty once, and keeps no e-mail address', async () => {
    expect(await identify(me({}))).toEqual({ account: 'acme (US)', userId: 'PME', role: 'observer' });
  });

  it.each<[string | null | undefined, string | undefined]>([
    ['https://acme.eu.pagerduty.com/users/PME', 'acme (EU)'],
    ['https://other-one.pagerduty.com/users/PME', 'other-one (US)'],
    ['https://ACME.pagerduty.com/users/PME', 'acme (US)'],
    ['https://app.pagerduty.com/users/PME', undefined],
    ['https://app.eu.pagerduty.com/users/PME', undefined],
    ['https://eu.pagerduty.com/users/PME', undefined],
    ['https://acme.pagerduty.com.elsewhere.example/users/PME', undefined],
    ['https://a.b.pagerduty.com/users/PME', undefined],
    ['/users/PME', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('S61: reads the account of %s', async (url, account) => {
    expect(await identify(me({ html_url: url }))).toMatchObject({ account, userId: 'PME' });
  });

  it('takes a person without a role for one of unknown role, and what is no role for none: status would show it', async () => {
    expect(await identify(me({ role: null }))).toMatchObject({ userId: 'PME', role: undefined });
    expect(await identify(me({ role: 'sam@example.com' }))).toMatchObject({ userId: 'PME', role: undefined });
  });

  it.each<[string, StubReply]>([
    ['an account-level token’s 400 with a string', { status: 400, json: { error: 'cannot tell the identity of an account-level token' } }],
    ['a 400 of any other shape', { status: 400, text: '' }],
    ['no scope for it', { status: 403, json: { error: { message: 'Token missing required scopes', required_scopes: 'users.read' } } }],
    ['no permission for it', { status: 403, json: { error: { message: 'Access Denied', code: 2010 } } }],
  ])('facts 1.7: is nobody that we know, and no error, with %s', async (_, reply) => {
    expect(await identify(reply)).toBeUndefined();
  });

  it.each<[string, StubReply, string]>([
    ['a rejected token', { status: 401, text: 'no' }, 'TokenRejected'],
    ['404', { status: 404, text: '' }, 'NotFound'],
    ['an e-mail address for an id', me({ id: 'sam@example.com' }), 'MalformedAnswer'],
    ['an answer without a person', { json: { user: null } }, 'MalformedAnswer'],
    ['a locked account', { status: 400, json: { error: { code: 2008 } } }, 'AccountUnavailable'],
  ])('is an error with %s', async (_, reply, reason) => {
    expect((await catchFailure(identify(reply))).failure.reason).toBe(reason);
  });
});

describe('roles that are too low (S60)', () => {
  it.each<[string, readonly string[]]>([
    ['owner', []],
    ['admin', []],
    ['user', ['ReclaimSubscription']],
    ['limited_user', ['ReclaimSubscription']],
    ['observer', ['ReclaimSubscription']],
    ['restricted_access', processNames],
    ['read_only_user', processNames],
    ['read_only_limited_user', processNames],
    ['a role to come', ['ReclaimSubscription']],
  ])('S4, S8, S11: %s cannot carry out %j', (role, processes) => {
    expect(consent.insufficientRole(role, processNames)).toEqual(processes);
  });

  it('S60: looks only at what is enabled; licences, which need a Global Admin, are done without (T6)', () => {
    expect(consent.insufficientRole('observer', ['DownloadSubscriptions', 'PullUserActivity'])).toEqual([]);
    expect(consent.insufficientRole('read_only_user', ['PullUserActivity'])).toEqual(['PullUserActivity']);
    expect(consent.insufficientRole('read_only_user', [])).toEqual([]);
  });
});
