import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { coreResources, createKubernetesClient } from '../../operator/kubernetes/http-client.ts';
import type { ProxiedRequest, Rule } from '../faults/fault-proxy.ts';
import { createFakeClock, settle } from '../support/fake-clock.ts';
import { until } from '../support/real-clock.ts';
import { attachControlPlane } from './control-plane-handle.ts';
import { follow, openScene, type Followed, type Scene } from './kubernetes-scene.ts';

let scene: Scene;
/** A namespace where nothing happens, watched from the beginning: the first bookmark takes the API server a minute. */
let quiet: { scene: Scene; followed: Followed; syncedAt: number };

beforeAll(async () => {
  scene = await openScene('reflector');
  const quietScene = await openScene('quiet');
  // The controller-manager's own ConfigMap must be there before, or its event would pass for the bookmark.
  const rootCa = { namespace: quietScene.namespace, name: 'kube-root-ca.crt' };
  await until(async () => (await quietScene.direct.get(coreResources.ConfigMap, rootCa)) !== undefined, 'the quiet namespace');
  const followed = await follow(quietScene);
  await until(() => quietScene.proxy.openWatches() === 1, 'the quiet watch');
  quiet = { scene: quietScene, followed, syncedAt: followed.reflector.lastContactAt() };
});

beforeEach(async () => {
  for (const name of ['a', 'b', 'c']) await scene.remove(name);
});

afterAll(async () => {
  await quiet.followed[Symbol.asyncDispose]();
  await quiet.scene[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

const isWatch = (request: ProxiedRequest): boolean => request.isWatch;
const isList = (request: ProxiedRequest): boolean => request.method === 'GET' && !request.isWatch;

const status = (code: number, retryAfter?: string): Rule['fault'] => ({
  kind: 'status',
  code,
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

describe('a quiet life', () => {
  it('pages through the list and then follows every change', async () => {
    for (const name of ['a', 'b', 'c']) await scene.put(name, '1');
    await using followed = await follow(scene, { pageSize: 2 });
    await followed.reflector.whenSynced(AbortSignal.timeout(10_000));
    await scene.put('a', '2');
    await scene.remove('b');
    await followed.untilValues({ a: '2', c: '1' });
    expect(followed.failures).toEqual([]);
    expect(followed.relists).toEqual(['start']);
  });

  it('sees Secrets come and go by their metadata only', async () => {
    await using followed = await follow(scene, { type: coreResources.Secret, metadataOnly: true });
    await followed.reflector.whenSynced(AbortSignal.timeout(10_000));
    const data = { password: Buffer.from('hunter2').toString('base64') };
    await scene.direct.create(coreResources.Secret, { metadata: { name: 'hidden', namespace: scene.namespace }, data } as never);
    await until(() => followed.reflector.get(`${scene.namespace}/hidden`) !== undefined, 'the Secret');
    expect(JSON.stringify(followed.reflector.list())).not.toContain(data.password);
  });
});

describe('a watch that fails', () => {
  it.each([
    ['410', status(410), ['start', 'expired']],
    ['429 with Retry-After', status(429, '1'), ['start']],
    ['500', status(500), ['start']],
    ['503 with Retry-After', status(503, '1'), ['start']],
    ['403', status(403), ['start']],
    ['401, twice', status(401), ['start']],
    ['a reset', { kind: 'reset' } satisfies Rule['fault'], ['start']],
  ])('%s: comes back and has lost nothing', async (_name, fault, relists) => {
    await scene.put('a', '1');
    await using followed = await follow(scene);
    await followed.untilValues({ a: '1' });
    await until(() => scene.proxy.openWatches() === 1, 'the watch');
    scene.proxy.inject({ match: isWatch, fault, times: fault.kind === 'status' && fault.code === 401 ? 2 : 1 });
    scene.proxy.breakConnections();
    await scene.put('b', '2');
    await scene.remove('a');
    await followed.untilValues({ b: '2' });
    expect(scene.proxy.pending()).toBe(0);
    expect(followed.relists).toEqual(relists);
    expect(followed.changes.map((change) => change.key.split('/')[1]).filter((name) => name !== 'kube-root-ca.crt')).toEqual(['a', 'b', 'a']);
  });

  it('honours Retry-After to the second', async () => {
    await using followed = await follow(scene);
    await followed.reflector.whenSynced(AbortSignal.timeout(10_000));
    await until(() => scene.proxy.openWatches() === 1, 'the watch');
    scene.proxy.inject({ match: isWatch, fault: status(429, '2') });
    const watches = (): number => scene.proxy.requests.filter(isWatch).length;
    const before = watches();
    scene.proxy.breakConnections();
    await until(() => watches() === before + 1, 'the refused watch');
    const refusedAt = Date.now();
    await until(() => watches() === before + 2, 'the next watch');
    expect(Date.now() - refusedAt).toBeGreaterThanOrEqual(1_900);
  });
});

describe('a watch whose lines are broken', () => {
  const badLines = [
    ['half a line, then the end', { act: 'truncate', atLine: 0 }],
    ['half a line, then a reset', { act: 'reset', atLine: 0 }],
    ['a line that is no JSON', { act: 'insert', atLine: 0, line: '{"type":"ADDED","object":' }],
    ['a line that is no event', { act: 'insert', atLine: 0, line: '{"hello":"world"}' }],
    ['an event twice', { act: 'duplicate', atLine: 0 }],
    ['an ERROR frame of 500', { act: 'insert', atLine: 0, line: '{"type":"ERROR","object":{"kind":"Status","code":500}}' }],
    ['an ERROR frame of 410', { act: 'insert', atLine: 0, line: '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}' }],
  ] as const;

  it.each(badLines)('%s: nothing is lost', async (_name, fault) => {
    scene.proxy.inject({ match: isWatch, fault: { kind: 'line', fault } });
    await using followed = await follow(scene);
    await until(() => scene.proxy.openWatches() === 1, 'the watch');
    await scene.put('a', '1');
    await scene.put('b', '1');
    await scene.put('a', '2');
    await followed.untilValues({ a: '2', b: '1' });
    expect(scene.proxy.pending()).toBe(0);
    expect(followed.failures).toHaveLength(fault.act === 'duplicate' ? 0 : 1);
    const told = followed.changes.map((change) => `${change.key.split('/')[1]}=${change.new?.data?.['value']}`);
    expect(new Set(told).size).toBe(told.length);
  });

  it('an event that is lost on the way is found by the safety list', async () => {
    await scene.put('a', 'old');
    scene.proxy.inject({ match: isWatch, fault: { kind: 'line', fault: { act: 'drop', atLine: 0 } } });
    await using followed = await follow(scene, { relistEveryMs: 3_000 });
    await followed.untilValues({ a: 'old' });
    await until(() => scene.proxy.openWatches() === 1, 'the watch');
    await scene.remove('a');
    await scene.put('b', 'seen');
    await followed.untilValues({ a: 'old', b: 'seen' });
    await followed.untilValues({ b: 'seen' });
    expect(followed.relists).toContain('periodic');
    expect(followed.changes.at(-1)).toMatchObject({ key: `${scene.namespace}/a`, old: { data: { value: 'old' } } });
  });
});

describe('a list that fails', () => {
  it.each([
    ['500', status(500)],
    ['410 at once', status(410)],
    ['429', status(429, '1')],
    ['half of a body', { kind: 'cut', afterBytes: 200 } satisfies Rule['fault']],
    ['a reset', { kind: 'reset' } satisfies Rule['fault']],
  ])('%s: is tried again until it has all', async (_name, fault) => {
    await scene.put('a', '1');
    await scene.put('b', '1');
    scene.proxy.inject({ match: isList, fault, times: 2 });
    await using followed = await follow(scene);
    await followed.untilValues({ a: '1', b: '1' });
    expect(followed.failures).toHaveLength(2);
    expect(followed.changes.filter((change) => change.new === undefined)).toEqual([]);
  });

  it('410 on the second page: begins anew, and nothing looks deleted meanwhile', async () => {
    for (const name of ['a', 'b', 'c']) await scene.put(name, '1');
    scene.proxy.inject({ match: ({ path }) => path.includes('continue='), fault: status(410) });
    await using followed = await follow(scene, { pageSize: 2 });
    await followed.untilValues({ a: '1', b: '1', c: '1' });
    expect(followed.failures.map((failure) => failure.reason)).toEqual(['ListExpired']);
    expect(followed.changes.filter((change) => change.new === undefined)).toEqual([]);
  });

  it('stopped during the list: no watch is opened afterwards', async () => {
    const clock = createFakeClock();
    scene.proxy.inject({ match: isList, fault: { kind: 'hang' } });
    const before = scene.proxy.requests.filter(isWatch).length;
    {
      await using followed = await follow(scene, { clock });
      await until(() => scene.proxy.pending() === 0, 'the list is under way');
      expect(followed.reflector.hasSynced()).toBe(false);
    }
    await settle();
    expect(clock.waiting()).toEqual([]);
    expect(scene.proxy.requests.filter(isWatch)).toHaveLength(before);
  });
});

it('a handler that throws is reported and misses nothing', async () => {
  await using followed = await follow(scene);
  const seen: string[] = [];
  followed.reflector.subscribe((change) => {
    seen.push(change.key);
    throw new Error('handler');
  });
  await followed.reflector.whenSynced(AbortSignal.timeout(10_000));
  await scene.put('a', '1');
  await scene.put('b', '1');
  await followed.untilValues({ a: '1', b: '1' });
  expect(seen.slice(-2)).toEqual([`${scene.namespace}/a`, `${scene.namespace}/b`]);
  expect(followed.failures.length).toBeGreaterThanOrEqual(2);
});

it('a peer that falls silent is given up a little after the end of its watch', async () => {
  const clock = createFakeClock();
  scene.proxy.inject({ match: isWatch, fault: { kind: 'hang' } });
  const client = createKubernetesClient(scene.proxy.config, { clock, userAgent: 'test' });
  await using followed = await follow(scene, { client, clock });
  await until(() => scene.proxy.pending() === 0, 'the watch is under way');
  expect(followed.reflector.hasSynced()).toBe(true);
  await clock.advance(330_000);
  await until(async () => {
    await clock.advance(1_000);
    return scene.proxy.requests.filter(isWatch).length >= 2 && followed.failures.length > 0;
  }, 'the next watch');
  expect(followed.failures.map((failure) => failure.reason)).toEqual(['TimedOut']);
  await client.close();
});

it('a quiet watch goes on by bookmarks: it is taken up from where the world is, not from where it began', async () => {
  const { proxy } = quiet.scene;
  await until(() => quiet.followed.reflector.lastContactAt() > quiet.syncedAt, 'a bookmark', 90_000);
  proxy.breakConnections();
  await until(() => proxy.requests.filter(isWatch).length === 2, 'the next watch');
  const versions = proxy.requests.filter(isWatch).map(({ path }) => Number(new URL(path, proxy.url).searchParams.get('resourceVersion')));
  expect(versions[1]).toBeGreaterThan(versions[0] ?? 0);
  expect(quiet.followed.relists).toEqual(['start']);
  expect(quiet.followed.changes.map((change) => change.key)).toEqual([`${quiet.scene.namespace}/kube-root-ca.crt`]);
});

it('outlives a restart of the API server', async () => {
  const plane = await attachControlPlane();
  await scene.put('a', '1');
  await using followed = await follow(scene);
  await followed.untilValues({ a: '1' });
  await plane.restartApiServer({ downMs: 1_500 });
  await until(
    () =>
      scene.put('b', '2').then(
        () => true,
        () => false,
      ),
    'a write after the restart',
    60_000,
  );
  await scene.remove('a');
  await followed.untilValues({ b: '2' });
  expect(followed.failures.length).toBeGreaterThan(0);
  expect(followed.changes.filter((change) => change.key.endsWith('/a')).map((change) => change.new?.data?.['value'])).toEqual(['1', undefined]);
}, 120_000);
