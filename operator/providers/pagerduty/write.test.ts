import { describe, expect, it } from 'vitest';
import { catchFailure, createSession } from '../../../test/support/provider-session.ts';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { startVendorStub } from '../../../test/support/vendor-stub.ts';
import { createStriker } from '../../api/strike-secrets.ts';
import type { HttpContext } from './http.ts';
import { createThrottles } from './throttle.ts';
import { sendWithGot, type Transport, type TransportFault, type VendorReply } from './transport.ts';
import { writeOnce, type WriteRequest } from './write.ts';

const call: WriteRequest = { method: 'DELETE', route: '/users/{id}', url: 'https://pagerduty.invalid/users/P1', headers: {}, scheme: 'Bearer', striker: createStriker([]) };

function setUp(reply: VendorReply | TransportFault, signal = new AbortController().signal) {
  const { clock, random, onRequest, requests } = createSession({ settings: {}, clock: createLeapingClock() });
  let sent = 0;
  const transport: Transport = async () => {
    sent += 1;
    return reply;
  };
  const lane = createThrottles().lane('credential', clock);
  const context: HttpContext = { clock, random, onRequest, signal, transport, lane };
  return { context, lane, requests, sent: () => sent };
}

const reply = (status: number, headers: Record<string, string> = {}): VendorReply => ({ kind: 'Reply', status, headers, body: '' });

describe('a request that is made once', () => {
  it.each([200, 204, 302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504])('guard 4: is not made again after a %d', async (status) => {
    const scene = setUp(reply(status));
    expect(await writeOnce(call, scene.context)).toMatchObject({ kind: 'Reply', reply: { status } });
    expect(scene.sent()).toBe(1);
    expect(scene.requests).toMatchObject([{ method: 'DELETE', route: '/users/{id}', status }]);
  });

  it.each([true, false])('guard 4: is not made again after a fault, unsent: %s', async (isUnsent) => {
    const scene = setUp({ kind: 'Fault', code: 'ECONNRESET', isUnsent });
    expect(await writeOnce(call, scene.context)).toMatchObject({ kind: isUnsent ? 'Unsent' : 'Lost' });
    expect(scene.sent()).toBe(1);
    expect(scene.requests).toMatchObject([{ status: 0 }]);
  });

  it('is not made at all when aborted before, with a lane or without', async () => {
    for (const hasLane of [true, false]) {
      const scene = setUp(reply(204), AbortSignal.abort());
      const context = hasLane ? scene.context : { ...scene.context, lane: undefined };
      expect((await catchFailure(writeOnce(call, context))).failure.reason).toBe('Aborted');
      expect(scene.sent()).toBe(0);
    }
  });

  it('waits for the rate budget, and is not made where that takes too long', async () => {
    const scene = setUp(reply(204));
    scene.lane.hold(30_000);
    expect(await writeOnce(call, scene.context)).toMatchObject({ kind: 'Reply' });
    scene.lane.hold(10 * 60_000);
    expect(await writeOnce(call, scene.context)).toMatchObject({ kind: 'Unsent', error: { failure: { kind: 'Retryable', reason: 'RateLimited' } } });
    expect(scene.sent()).toBe(1);
  });

  it('guard 4: is not made where its time ran out while it waited for the rate budget: that is asked last', async () => {
    const scene = setUp(reply(204));
    scene.lane.hold(30_000);
    const until = scene.context.clock.now() + 29_000;
    const mayWrite = (): boolean => scene.context.clock.now() < until;
    expect(mayWrite()).toBe(true);
    expect(await writeOnce(call, { ...scene.context, mayWrite })).toMatchObject({ kind: 'Unsent', error: { failure: { kind: 'Retryable', reason: 'NotSent' } } });
    expect([scene.sent(), scene.requests]).toEqual([0, []]);
    expect(await writeOnce(call, { ...scene.context, mayWrite: () => true })).toMatchObject({ kind: 'Reply' });
  });

  it('leaves the lane free for the next one, whatever came of it', async () => {
    const scene = setUp({ kind: 'Fault', code: 'ECONNRESET', isUnsent: false });
    await writeOnce(call, scene.context);
    await catchFailure(writeOnce(call, { ...scene.context, signal: AbortSignal.abort() }));
    expect(await writeOnce(call, scene.context)).toMatchObject({ kind: 'Lost' });
  });

  it.each(['DELETE', 'PUT', 'POST'] as const)('goes out over HTTP as %s, without a body and with one', async (method) => {
    await using stub = await startVendorStub(() => ({ json: {} }));
    const context = { ...setUp(reply(204)).context, transport: sendWithGot };
    expect(await writeOnce({ ...call, method, url: `${stub.address}/users/P1` }, context)).toMatchObject({ kind: 'Reply', reply: { status: 200 } });
    expect(await writeOnce({ ...call, method, url: `${stub.address}/users/P1`, json: { a: 1 } }, context)).toMatchObject({ kind: 'Reply' });
    expect(stub.journal.map((request) => [request.method, request.body])).toEqual([[method, ''], [method, '{"a":1}']]);
  });
});
