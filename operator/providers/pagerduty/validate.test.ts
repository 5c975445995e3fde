import { describe, expect, it } from 'vitest';
import { catchFailure, createSession } from '../../../test/support/provider-session.ts';
import { startVendorStub, type StubHandler, type StubRequest } from '../../../test/support/vendor-stub.ts';
import type { ProcessName } from '../../api/integration-profile.ts';
import { createPagerDutyProvider } from './index.ts';

const fine: StubHandler = ({ path }) => ({ json: { [path.slice(1)]: [], more: false, limit: 1, offset: 0, total: null } });

async function validate(processes: ProcessName[], handle: StubHandler = fine, scheme: 'Bearer' | 'ApiToken' = 'Bearer') {
  await using stub = await startVendorStub(handle);
  const session = createSession({ settings: { subdomain: 'acme', endpoints: { api: stub.address } }, scheme, scopes: undefined });
  const asked = (request: StubRequest): string => `${request.method} ${request.path}?${request.query.toString()}`;
  return { checks: await createPagerDutyProvider().validate(processes, session), asked: stub.journal.map(asked) };
}

describe('Validate Connection', () => {
  it('S65, S66: asks for one person and one on-call, and leaves reclaim alone', async () => {
    const { checks, asked } = await validate(['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription']);
    expect(asked).toEqual(['GET /users?limit=1', 'GET /oncalls?limit=1']);
    expect(checks).toEqual([
      { name: 'users', result: 'Passed' },
      { name: 'oncalls', result: 'Passed' },
      { name: 'reclaim', result: 'NotVerified', message: 'Reclaim APIs are never called to validate.' },
    ]);
  });

  it('asks only for what is enabled', async () => {
    const { checks, asked } = await validate(['DownloadSubscriptions']);
    expect(asked).toEqual(['GET /users?limit=1']);
    expect(checks.map((check) => `${check.name} ${check.result}`)).toEqual(['users Passed', 'oncalls NotEnabled', 'reclaim NotEnabled']);
  });

  it('S64: says what a person must mend, and still checks the rest', async () => {
    const { checks, asked } = await validate(['DownloadSubscriptions', 'PullUserActivity'], (request) =>
      request.path === '/users' ? { status: 403, json: { error: { message: 'Token missing required scopes', required_scopes: 'users.read' } } } : fine(request),
    );
    expect(checks[0]).toEqual({ name: 'users', result: 'Failed', reason: 'ScopeMissing', message: 'The token lacks the scope users.read for GET /users: grant it to the app in PagerDuty.' });
    expect(checks[1]).toEqual({ name: 'oncalls', result: 'Passed' });
    expect(asked.length).toBe(2);
  });

  it('facts 1.7: tells a missing scope, which a new token may have, from a missing permission, which none has', async () => {
    const reasons = async (json: object) => (await validate(['PullUserActivity'], () => ({ status: 403, json }))).checks.map((check) => check.reason);
    expect(await reasons({ error: { message: 'Token missing required scopes', required_scopes: 'oncalls.read', token_scopes: 'users.read' } })).toContain('ScopeMissing');
    expect(await reasons({ error: { message: 'Access Denied', code: 2010 } })).toContain('AccessDenied');
  });

  it('shows a bad API token as a failed check, which no new token would mend', async () => {
    const { checks } = await validate(['DownloadSubscriptions'], () => ({ status: 401, text: 'nobody' }), 'ApiToken');
    expect(checks[0]).toMatchObject({ result: 'Failed', message: expect.stringContaining('replace it in its Secret') as string });
  });

  it.each([
    ['a rejected access token', 401, 'TokenRejected'],
    ['a server that is down', 503, 'VendorUnavailable'],
  ])('throws %s: it may pass, so it fails no validation', async (_, status, reason) => {
    expect((await catchFailure(validate(['DownloadSubscriptions'], () => ({ status })))).failure).toMatchObject({ kind: 'Retryable', reason });
  });

  it('does not take any JSON for an answer', async () => {
    expect((await catchFailure(validate(['DownloadSubscriptions'], () => ({ json: { hello: 'world' } })))).failure.reason).toBe('MalformedAnswer');
  });
});
