import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle, type FakeClock } from '../../test/support/fake-clock.ts';
import { item, page, ReflectorHarness, told, type Item, type ScriptedServer } from '../../test/support/reflector-harness.ts';
import { retryable } from '../api/errors.ts';
import type { ListPage } from './client.ts';

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

describe('a quiet life', () => {
  it('lists all pages, says that it has synced, then follows the watch', async () => {
    server.lists = [{ ...page(10, item('a', 1)), continue: 'more' }, page(10, item('b', 2))];
    const { reflector, changes } = await harness.start();
    expect(reflector.hasSynced()).toBe(true);
    await reflector.whenSynced(harness.stop.signal);
    expect(server.open.options.resourceVersion).toBe('10');
    server.open.send('MODIFIED', item('a', 11));
    server.open.send('DELETED', item('b', 12));
    server.open.send('ADDED', item('c', 13));
    await settle();
    expect(told(changes)).toEqual(['ns/a -→v1', 'ns/b -→v2', 'ns/a v1→v11', 'ns/b v2→-', 'ns/c -→v13']);
    expect(reflector.list('ns').map((each) => each.metadata.name)).toEqual(['a', 'c']);
    expect(reflector.list('other')).toEqual([]);
  });

  it('asks for watches of 240 to 300 s and takes each up where the last one ended, bookmarks too', async () => {
    server.lists = [page(10)];
    await harness.start({ relistEveryMs: 86_400_000 });
    expect(server.open.options.timeoutSeconds).toBeGreaterThanOrEqual(240);
    expect(server.open.options.timeoutSeconds).toBeLessThanOrEqual(300);
    server.open.send('BOOKMARK', { metadata: { resourceVersion: '500' } });
    await clock.advance(300_000);
    expect(server.watches).toHaveLength(2);
    expect(server.open.options.resourceVersion).toBe('500');
    expect(server.listCalls).toBe(1);
    expect(harness.failures).toEqual([]);
  });

  it('tells when it last heard of the API server, for the liveness of the process', async () => {
    server.lists = [page(10)];
    const { reflector } = await harness.start();
    await clock.advance(60_000);
    expect(clock.now() - reflector.lastContactAt()).toBe(60_000);
    server.open.send('BOOKMARK', { metadata: { resourceVersion: '11' } });
    await settle();
    expect(reflector.lastContactAt()).toBe(clock.now());
  });

  it('keeps no managedFields and no kubectl copy of an object, where Secret values would be (guard 7)', async () => {
    const object = item('a', 1);
    object.metadata.managedFields = [{ manager: 'x' }];
    object.metadata.annotations = { keep: 'me', 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"p":"hunter2"}}' };
    server.lists = [page(10, object)];
    const { reflector } = await harness.start();
    expect(JSON.stringify(reflector.get('ns/a'))).not.toMatch(/managedFields|hunter2/);
    expect(reflector.get('ns/a')?.metadata.annotations).toEqual({ keep: 'me' });
  });
});

describe('indexes', () => {
  it('follow every change', async () => {
    server.lists = [page(10, item('a', 1, { data: 'x' }), item('b', 2, { data: 'x' }))];
    const { reflector } = await harness.start();
    reflector.addIndex('data', (each) => [each.data ?? '']);
    const names = (value: string): string[] => reflector.byIndex('data', value).map((each) => each.metadata.name);
    expect(names('x')).toEqual(['a', 'b']);
    server.open.send('MODIFIED', item('a', 11, { data: 'y' }));
    server.open.send('DELETED', item('b', 12));
    await settle();
    expect(names('x')).toEqual([]);
    expect(names('y')).toEqual(['a']);
  });
});

describe('the safety net', () => {
  it('lists every 10 minutes, ±10 %, and tells what the watch has missed', async () => {
    server.lists = [page(10, item('a', 1), item('b', 2)), page(20, item('a', 9), item('c', 15))];
    const { changes } = await harness.start();
    const synced = clock.now();
    while (server.listCalls < 2) await clock.advance(1_000);
    expect(clock.now() - synced).toBeGreaterThanOrEqual(540_000);
    expect(clock.now() - synced).toBeLessThanOrEqual(661_000);
    expect(server.watches.length).toBeLessThanOrEqual(4);
    expect(harness.relists).toEqual(['start', 'periodic']);
    expect(told(changes).slice(2)).toEqual(['ns/a v1→v9', 'ns/c -→v15', 'ns/b v2→-']);
  });

  it('tells an object that was deleted and made again as both', async () => {
    server.lists = [page(10, item('a', 1, { uid: 'one' })), page(20, item('a', 15, { uid: 'two' }))];
    const { changes } = await harness.start();
    server.open.fail(retryable('ListExpired', 'x'));
    await clock.advance(300);
    expect(told(changes)).toEqual(['ns/a -→v1', 'ns/a v1→-', 'ns/a -→v15']);
  });

  it('goes on watching when the safety list fails', async () => {
    server.lists = [page(10), retryable('ApiServerError', 'x'), page(20)];
    await harness.start({ relistEveryMs: 60_000 });
    await clock.advance(67_000);
    expect(server.open.options.resourceVersion).toBe('10');
    expect(harness.failures).toHaveLength(1);
    await clock.advance(31_000);
    expect(harness.relists).toEqual(['start', 'periodic']);
  });
});

describe('stop', () => {
  it('during the list: opens no watch afterwards', async () => {
    const gate = Promise.withResolvers<ListPage<Item>>();
    server.list = <T>() => gate.promise as unknown as Promise<ListPage<T>>;
    const { reflector } = await harness.start();
    const waiting = reflector.whenSynced(harness.stop.signal);
    harness.stop.abort(new Error('end'));
    await expect(waiting).rejects.toThrow('end');
    gate.resolve(page(10));
    await harness.running;
    expect(server.watches).toEqual([]);
    expect(reflector.hasSynced()).toBe(false);
  });

  it('during a back-off: ends at once', async () => {
    server.lists = [retryable('ApiServerUnreachable', 'x')];
    await harness.start();
    expect(clock.waiting()).toHaveLength(1);
    harness.stop.abort();
    await harness.running;
    expect(server.listCalls).toBe(1);
  });

  it('during a watch: closes it', async () => {
    server.lists = [page(10)];
    await harness.start();
    const watch = server.open;
    harness.stop.abort();
    await harness.running;
    expect(watch.closed).toBe(true);
    expect(harness.failures).toEqual([]);
  });
});
