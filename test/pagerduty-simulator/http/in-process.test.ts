import { describe, expect, it } from 'vitest';
import { createStriker } from '../../../operator/api/strike-secrets.ts';
import { sendWithGot, type Transport, type VendorCall } from '../../../operator/providers/pagerduty/transport.ts';
import { createSimulator, simulatorTransport, startSimulator, type Fault, type Simulator } from '../index.ts';
import { makeStaff } from '../testing/write-scene.ts';

const options = { company: makeStaff(), clock: { now: () => Date.parse('2026-11-24T09:00:00Z') }, apiKeys: [{ key: 'full-key' }] };

function call(simulator: Simulator, method: VendorCall['method'], path: string, more: Partial<VendorCall> = {}): VendorCall {
  return { method, url: simulator.url + path, headers: { authorization: 'Token token=full-key' }, striker: createStriker([]), signal: new AbortController().signal, ...more };
}

/** What both ways of asking must agree on. */
async function ask(transport: Transport, request: VendorCall): Promise<object> {
  const reply = await transport(request);
  return reply.kind === 'Fault' ? { kind: 'Fault' } : { status: reply.status, body: reply.body, type: reply.headers['content-type'], left: reply.headers['ratelimit-remaining'] };
}

const faults: readonly Fault[] = [
  { kind: 'status', status: 503, body: 'html' },
  { kind: 'status', status: 429, body: 'empty', headers: { 'retry-after': '3' } },
  { kind: 'truncate', keepBytes: 5, contentLength: 'whole' },
  { kind: 'truncate', keepBytes: 5, contentLength: 'kept' },
  { kind: 'malformed-json' },
  { kind: 'html' },
  { kind: 'empty' },
  { kind: 'reset', when: 'before-processing' },
  { kind: 'reset', when: 'before-headers' },
  { kind: 'reset', when: 'after-headers' },
  { kind: 'drip', chunkBytes: 4000, everyMs: 1 },
];

describe('the simulator without a wire', () => {
  it.each(faults.map((fault) => [JSON.stringify(fault), fault] as const))('spoils a read and a deletion as the one on a socket does: %s', async (_, fault) => {
    const near = createSimulator(options);
    const far = await startSimulator(options);
    try {
      for (const [method, path] of [['GET', '/users/PFREE01'], ['DELETE', '/users/PFREE01'], ['GET', '/users?limit=2']] as const) {
        for (const simulator of [near, far]) simulator.faults.add({ method, route: path.split('?')[0] ?? '', fault });
        expect(await ask(simulatorTransport(near), call(near, method, path))).toEqual(await ask(sendWithGot, call(far, method, path)));
      }
      const seen = (simulator: Simulator) => simulator.journal.list().map(({ method, path, status, outcome, fault: kind }) => ({ method, path, status, outcome, kind }));
      expect(seen(near)).toEqual(seen(far));
      expect(near.state.company.users).toEqual(far.state.company.users);
    } finally {
      await far.stop();
    }
  });

  it('takes JSON and forms, and locks the account for a change of a user', async () => {
    const simulator = createSimulator({ ...options, apps: [{ clientId: 'id', clientSecret: 'secret', scopes: ['users.read'] }] });
    const transport = simulatorTransport(simulator);
    const form = { grant_type: 'client_credentials', client_id: 'id', client_secret: 'secret', scope: 'as_account-us.acme-example users.read' };
    expect(await transport(call(simulator, 'POST', '/oauth/token', { form, headers: {} }))).toMatchObject({ status: 200 });
    simulator.faults.add({ method: 'PUT', delayMs: 30 });
    const json = { user: { type: 'user', name: 'Renamed', email: 'pfree01@example.com' } };
    const [changed, refused] = await Promise.all([transport(call(simulator, 'PUT', '/users/PFREE01', { json })), transport(call(simulator, 'DELETE', '/users/PADMIN1'))]);
    expect(changed).toMatchObject({ status: 200 });
    expect(refused).toMatchObject({ status: 400, body: expect.stringContaining('could not be locked') as unknown });
  });

  it('ends at once when aborted, and what was asked is carried out all the same', async () => {
    const simulator = createSimulator(options);
    simulator.faults.add({ delayMs: 20 });
    const stop = new AbortController();
    const asked = simulatorTransport(simulator)(call(simulator, 'DELETE', '/users/PFREE01', { signal: stop.signal }));
    stop.abort();
    expect(await asked).toEqual({ kind: 'Fault', code: 'ABORT_ERR', isUnsent: false });
    await expect.poll(() => simulator.state.user('PFREE01')).toBeUndefined();
    expect(await simulatorTransport(simulator)(call(simulator, 'DELETE', '/users/PADMIN1', { signal: stop.signal }))).toMatchObject({ kind: 'Fault' });
    expect(simulator.journal.writes()).toHaveLength(1);
  });

  it('takes no answer that is larger than wanted, and no stranger for a simulator', async () => {
    const simulator = createSimulator(options);
    expect(await simulatorTransport(simulator)(call(simulator, 'GET', '/users', { maxBytes: 100 }))).toMatchObject({ kind: 'Fault', code: 'BODY_TOO_LARGE' });
    expect(() => simulatorTransport({ ...simulator })).toThrow(RangeError);
  });
});
