import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle, type FakeClock } from '../../test/support/fake-clock.ts';
import { item, page, ReflectorHarness, told, type ScriptedServer } from '../../test/support/reflector-harness.ts';
import { retryable, terminal } from '../api/errors.ts';

let harness: ReflectorHarness;
let clock: FakeClock;
let server: ScriptedServer;

beforeEach(() => {
  harness = new ReflectorHarness();
  ({ clock, server } = harness);
});

afterEach(async () => {
  expect(await harness.finish()).toEqual({ sleeps: 0, openWatches: 0 });
});

describe('faults', () => {
  it('410: lists anew at once after a short back-off and tells what was missed', async () => {
    server.lists = [page(10, item('a', 1), item('b', 2)), page(20, item('b', 2), item('c', 15))];
    const { changes } = await harness.start();
    server.open.fail(retryable('ListExpired', 'x'));
    await clock.advance(300);
    expect(harness.relists).toEqual(['start', 'expired']);
    expect(told(changes).slice(2)).toEqual(['ns/c -→v15', 'ns/a v1→-']);
    expect(server.open.options.resourceVersion).toBe('20');
  });

  it('410 in an ERROR frame is the same', async () => {
    server.lists = [page(10), page(20)];
    await harness.start();
    server.open.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    await clock.advance(300);
    expect(harness.relists).toEqual(['start', 'expired']);
  });

  it.each([
    ['reset', retryable('ApiServerUnreachable', 'x')],
    ['500', retryable('ApiServerError', 'x')],
    ['malformed line', retryable('MalformedReply', 'x')],
    ['403', terminal('Forbidden', 'x')],
    ['a defect of ours', new TypeError('x')],
  ])('%s: takes the watch up from the last good version', async (_name, fault) => {
    server.lists = [page(10)];
    const { changes } = await harness.start();
    server.open.send('ADDED', item('a', 11));
    await settle();
    server.open.fail(fault);
    await clock.advance(300);
    expect(server.listCalls).toBe(1);
    expect(server.open.options.resourceVersion).toBe('11');
    expect(told(changes)).toEqual(['ns/a -→v11']);
    expect(harness.failures).toHaveLength(1);
  });

  it('lists anew when broken lines come again and again at one version', async () => {
    server.lists = [page(10), page(10)];
    await harness.start();
    for (let n = 0; n < 3; n += 1) {
      server.open.fail(retryable('MalformedReply', 'x'));
      await clock.advance(2_000);
    }
    expect(harness.relists).toEqual(['start', 'unsure']);
  });

  it('does not list anew after an outage, however long', async () => {
    server.lists = [page(10)];
    await harness.start({ relistEveryMs: 86_400_000 });
    server.watchFailures = Array.from({ length: 50 }, () => retryable('ApiServerUnreachable', 'x'));
    server.open.fail(retryable('ApiServerUnreachable', 'x'));
    await clock.advance(1_800_000);
    expect(server.open.options.resourceVersion).toBe('10');
    expect(server.listCalls).toBe(1);
  });

  it('429: comes back no sooner than Retry-After', async () => {
    server.lists = [retryable('TooManyRequests', 'x', { retryAfterMs: 12_000 }), page(10)];
    const { reflector } = await harness.start();
    await clock.advance(11_999);
    expect(server.listCalls).toBe(1);
    await clock.advance(1);
    expect(reflector.hasSynced()).toBe(true);
  });

  it('backs off from 0.2 s to 30 s with jitter, for ever', async () => {
    server.lists = [retryable('ApiServerUnreachable', 'x')];
    await harness.start();
    const waits: number[] = [];
    for (let n = 0; n < 40; n += 1) {
      waits.push(clock.waiting()[0] ?? 0);
      await clock.advanceToNext();
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(200);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(waits[0]).toBeLessThanOrEqual(300);
    expect(Math.min(...waits.slice(10))).toBeGreaterThanOrEqual(20_000);
    expect(new Set(waits).size).toBeGreaterThan(30);
    expect(server.listCalls).toBe(41);
  });

  it('does not spin when every watch is ended at once (facts/operators.md C8)', async () => {
    server.lists = [page(10)];
    await harness.start({ relistEveryMs: 86_400_000 });
    const opened = server.watches.length;
    for (let second = 0; second < 60; second += 1) {
      if (!server.watches.at(-1)?.closed) server.open.end();
      await clock.advance(1_000);
    }
    expect(server.watches.length - opened).toBeLessThan(15);
  });

  it('a list that fails half-way changes nothing: absence is never guessed (guard 6)', async () => {
    server.lists = [page(10, item('a', 1), item('b', 2)), { ...page(20, item('b', 3)), continue: 'x' }, retryable('ListExpired', 'x'), page(21, item('a', 1), item('b', 4))];
    const { changes } = await harness.start();
    server.open.fail(retryable('ListExpired', 'x'));
    await clock.advance(1_500);
    expect(told(changes).slice(2)).toEqual(['ns/b v2→v4']);
  });

  it('a listener that throws is told of, and neither it nor another loses anything', async () => {
    server.lists = [page(10, item('a', 1))];
    const { reflector, changes } = await harness.start();
    const seen: string[] = [];
    const unsubscribe = reflector.subscribe((change) => {
      seen.push(change.key);
      throw new Error('listener');
    });
    server.open.send('ADDED', item('b', 11));
    server.open.send('ADDED', item('c', 12));
    await settle();
    expect(seen).toEqual(['ns/b', 'ns/c']);
    expect(told(changes)).toEqual(['ns/a -→v1', 'ns/b -→v11', 'ns/c -→v12']);
    expect(harness.failures.map((failure) => failure.reason)).toEqual(['InternalError', 'InternalError']);
    unsubscribe();
    server.open.send('ADDED', item('d', 13));
    await settle();
    expect(seen).toHaveLength(2);
  });

  it('a duplicate frame is told once', async () => {
    server.lists = [page(10)];
    const { changes } = await harness.start();
    server.open.send('ADDED', item('a', 11));
    server.open.send('ADDED', item('a', 11));
    await settle();
    expect(told(changes)).toEqual(['ns/a -→v11']);
  });
});

