import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OperatorError, type Failure } from '../../operator/api/errors.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { coreResources, createKubernetesClient } from '../../operator/kubernetes/http-client.ts';
import { startFaultProxy } from '../faults/fault-proxy.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { realClock, until } from '../support/real-clock.ts';
import { attachControlPlane } from './control-plane-handle.ts';
import { openScene, type ConfigMap, type Scene } from './kubernetes-scene.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await openScene('client');
});

afterEach(() => {
  expect(scene.proxy.pending()).toBe(0);
});

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof OperatorError) return error.failure;
    throw error;
  }
  throw new Error('nothing failed');
}

const maps = coreResources.ConfigMap;
const key = (name: string): { namespace: string; name: string } => ({ namespace: scene.namespace, name });
const map = (name: string, data: Record<string, string>): ConfigMap => ({ metadata: key(name), data });

describe('verbs', () => {
  it('makes, reads, changes and deletes an object', async () => {
    const made = await scene.direct.create<ConfigMap>(maps, map('life', { a: '1' }), { fieldManager: 'test' });
    expect(made.metadata.managedFields?.[0]?.manager).toBe('test');
    expect((await scene.direct.get<ConfigMap>(maps, key('life')))?.data).toEqual({ a: '1' });
    const patched = await scene.direct.mergePatch<ConfigMap>(maps, key('life'), { data: { b: '2' } });
    expect(patched.data).toEqual({ a: '1', b: '2' });
    const replaced = await scene.direct.replace<ConfigMap>(maps, { ...patched, data: { c: '3' } });
    expect(replaced.data).toEqual({ c: '3' });
    expect(await failureOf(scene.direct.replace(maps, patched))).toMatchObject({ kind: 'Conflict' });
    expect(await scene.direct.delete(maps, key('life'))).toBe(true);
    expect(await scene.direct.delete(maps, key('life'))).toBe(false);
    expect(await scene.direct.get(maps, key('life'))).toBeUndefined();
  });

  it('lists page by page, and all pages are one snapshot', async () => {
    for (let n = 0; n < 7; n += 1) await scene.direct.create(maps, { ...map(`page-${n}`, {}), metadata: { ...key(`page-${n}`), labels: { set: 'pages' } } });
    const names: string[][] = [];
    for await (const items of scene.direct.pages(maps, { namespace: scene.namespace, labelSelector: 'set=pages', limit: 3 })) {
      names.push(items.map((each) => each.metadata.name));
      if (names.length === 1) await scene.direct.delete(maps, key('page-6'));
    }
    expect(names.map((each) => each.length)).toEqual([3, 3, 1]);
    expect(names.flat()).toContain('page-6');
  });

  it('asks for metadata only, so that Secret values do not come in', async () => {
    const secret = { metadata: key('hidden'), data: { password: Buffer.from('hunter2').toString('base64') } };
    await scene.direct.create(coreResources.Secret, secret);
    const page = await scene.direct.list(coreResources.Secret, { namespace: scene.namespace, metadataOnly: true });
    expect(page.items.map((each) => each.metadata.name)).toEqual(['hidden']);
    expect(JSON.stringify(page)).not.toContain(secret.data.password);
  });

  it('keeps fields that it knows nothing of, read and written back', async () => {
    const job = {
      metadata: key('raw'),
      spec: {
        schedule: '0 0 1 1 *',
        suspend: true,
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }], hostnameOverride: 'raw' } } } },
      },
    };
    await scene.direct.create(coreResources.CronJob, job);
    const read = await scene.direct.get<KubernetesObject>(coreResources.CronJob, key('raw'));
    const back = await scene.direct.replace(coreResources.CronJob, read ?? job);
    expect(back).toEqual(read);
    expect(JSON.stringify(back)).toContain('hostnameOverride');
  });

  it('deletes only the object that it was told to, not one made anew under the name', async () => {
    const first = await scene.direct.create(maps, map('reborn', {}));
    await scene.direct.delete(maps, key('reborn'));
    await scene.direct.create(maps, map('reborn', {}));
    const uid = first.metadata.uid ?? '';
    expect(await failureOf(scene.direct.delete(maps, key('reborn'), { uid }))).toMatchObject({ kind: 'Conflict' });
    expect(await scene.direct.get(maps, key('reborn'))).toBeDefined();
  });

  it('refuses a field that the API server does not know instead of losing it', async () => {
    const failure = await failureOf(scene.direct.create(maps, { ...map('strict', {}), surprise: 'hunter2' } as ConfigMap));
    expect(failure).toMatchObject({ kind: 'Terminal', reason: 'BadRequest' });
    expect(failure.message).not.toContain('hunter2');
  });
});

describe('server-side apply', () => {
  it('takes no field from another manager, and says so', async () => {
    await scene.direct.apply(maps, map('shared', { theirs: '1' }), { fieldManager: 'them' });
    const failure = await failureOf(scene.direct.apply(maps, map('shared', { theirs: '2', ours: '2' }), { fieldManager: 'us' }));
    expect(failure).toMatchObject({ kind: 'Conflict', reason: 'FieldManagerConflict' });
    expect((await scene.direct.get<ConfigMap>(maps, key('shared')))?.data).toEqual({ theirs: '1' });
    const forced = await scene.direct.apply<ConfigMap>(maps, map('shared', { theirs: '2', ours: '2' }), { fieldManager: 'us', force: true });
    expect(forced.data).toEqual({ theirs: '2', ours: '2' });
  });

  it('with a version is conditional', async () => {
    const made = await scene.direct.create(maps, map('conditional', { a: '1' }));
    const { resourceVersion = '' } = made.metadata;
    await scene.direct.mergePatch(maps, key('conditional'), { data: { b: '2' } });
    const stale = { metadata: { ...key('conditional'), resourceVersion }, data: { c: '3' } };
    expect(await failureOf(scene.direct.apply(maps, stale, { fieldManager: 'us' }))).toMatchObject({ kind: 'Conflict' });
  });
});

describe('refusals', () => {
  it('403 names what to grant, 422 hides the value, a kind that is not served is no absence', async () => {
    const plane = await attachControlPlane();
    await scene.direct.create(coreResources.ServiceAccount, { metadata: key('nobody') });
    const kubeconfig = await plane.serviceAccountKubeconfig(scene.namespace, 'nobody');
    const nobody = createKubernetesClient(await loadClusterConfig({ kubeconfig, env: {} }), { clock: realClock, userAgent: 'test' });
    const forbidden = await failureOf(nobody.list(coreResources.Secret, { namespace: scene.namespace }));
    expect(forbidden).toEqual({
      kind: 'Terminal',
      reason: 'Forbidden',
      message: `The list of secrets ${scene.namespace} is forbidden; grant it to the service account of the operator.`,
    });
    await nobody.close();

    const bad = { metadata: { ...key('bad'), labels: { mail: 'jane@example.com' } } };
    const invalid = await failureOf(scene.direct.create(maps, bad));
    expect(invalid).toMatchObject({ kind: 'Terminal', reason: 'Invalid' });
    expect(invalid.message).not.toContain('jane');

    const unknown = { apiVersion: 'example.dev/v1', kind: 'Widget', plural: 'widgets', namespaced: true };
    expect(await failureOf(scene.direct.get(unknown, key('a')))).toMatchObject({ kind: 'Retryable', reason: 'KindNotServed' });
    expect(await failureOf(scene.direct.delete(unknown, key('a')))).toMatchObject({ kind: 'Retryable', reason: 'KindNotServed' });
    expect(await failureOf(scene.direct.mergePatch(maps, key('gone'), { data: {} }))).toMatchObject({ kind: 'Conflict' });
  });
});

describe('faults', () => {
  const get = (): Promise<Failure> => failureOf(scene.proxied.get(maps, key('any')));

  it.each([
    ['429 with Retry-After', { code: 429, retryAfter: '7' }, { reason: 'TooManyRequests', retryAfterMs: 7_000 }],
    ['500', { code: 500 }, { reason: 'ApiServerError' }],
    ['503 with the page of a load balancer', { code: 503, body: '<html>secret</html>', retryAfter: '2' }, { reason: 'ApiServerError', retryAfterMs: 2_000 }],
    ['410', { code: 410 }, { reason: 'ListExpired' }],
    ['404 without a Status, which is no absence', { code: 404, body: 'not here' }, { reason: 'KindNotServed' }],
    ['200 that is no JSON', { code: 200, body: '{"metadata":' }, { reason: 'MalformedReply' }],
  ])('%s', async (_name, fault, expected) => {
    scene.proxy.inject({ fault: { kind: 'status', ...fault } });
    const failure = await get();
    expect(failure).toMatchObject({ kind: 'Retryable', ...expected });
    expect(failure.message).not.toContain('secret');
  });

  it('a reset, and an answer that is cut off', async () => {
    scene.proxy.inject({ fault: { kind: 'reset' } });
    expect(await get()).toMatchObject({ kind: 'Retryable', reason: 'ApiServerUnreachable' });
    scene.proxy.inject({ fault: { kind: 'cut', afterBytes: 60 } });
    const cut = scene.proxied.get(coreResources.Namespace, { name: scene.namespace });
    expect(await failureOf(cut)).toMatchObject({ kind: 'Retryable', reason: 'MalformedReply' });
  });

  it('an answer that never comes ends after 30 s, by the clock that was handed in', async () => {
    const clock = createFakeClock();
    const client = createKubernetesClient(scene.proxy.config, { clock, userAgent: 'test' });
    scene.proxy.inject({ fault: { kind: 'hang' } });
    const failing = failureOf(client.get(maps, key('any')));
    await clock.whenSleeping();
    expect(clock.waiting()).toEqual([30_000]);
    while (scene.proxy.pending() > 0) await clock.advance(0);
    await clock.advance(30_000);
    expect(await failing).toMatchObject({ kind: 'Retryable', reason: 'TimedOut' });
    await client.close();
  });

  it('a caller that stops gets its answer at once', async () => {
    const stop = new AbortController();
    scene.proxy.inject({ fault: { kind: 'hang' } });
    const failing = failureOf(scene.proxied.get(maps, key('any'), { signal: stop.signal }));
    await until(() => scene.proxy.pending() === 0, 'the request is under way');
    stop.abort();
    expect(await failing).toMatchObject({ reason: 'Aborted' });
  });

  it('a 410 in the middle of a list fails loudly', async () => {
    const match = ({ path }: { path: string }): boolean => path.includes('continue=');
    scene.proxy.inject({ match, fault: { kind: 'status', code: 410 } });
    const read = async (): Promise<number> => {
      let count = 0;
      for await (const items of scene.proxied.pages(maps, { namespace: scene.namespace, limit: 2 })) count += items.length;
      return count;
    };
    expect(await failureOf(read())).toMatchObject({ kind: 'Retryable', reason: 'ListExpired' });
  });

  it('keeps to one connection, request after request', async () => {
    await scene.proxied.get(maps, key('any'));
    const before = scene.proxy.connections();
    for (let n = 0; n < 50; n += 1) await scene.proxied.get(maps, key('any'));
    expect(scene.proxy.connections()).toBe(before);
  });
});

describe('in a pod', () => {
  it('reads its service account, survives a token file that is gone for a moment, and takes up a new token on a 401', async () => {
    const plane = await attachControlPlane();
    const directory = await mkdtemp(join(tmpdir(), 'service-account-'));
    const upstream = await startFaultProxy(scene.config, { logsIn: false });
    const clock = createFakeClock();
    try {
      const pod = await openPod(plane.server, directory, clock);
      const reach = createKubernetesClient({ ...pod, server: upstream.url }, { clock, userAgent: 'test' });
      const read = (): Promise<unknown> => reach.get(coreResources.Namespace, { name: scene.namespace });

      await rename(join(directory, 'token'), join(directory, 'gone'));
      expect(await failureOf(read())).toMatchObject({ kind: 'Retryable', reason: 'CredentialUnavailable' });
      await rename(join(directory, 'gone'), join(directory, 'token'));
      expect(await read()).toMatchObject({ metadata: { name: scene.namespace } });

      await writeFile(join(directory, 'token'), await tokenOf(scene.namespace, 'default'));
      upstream.inject({ fault: { kind: 'status', code: 401 } });
      expect(await failureOf(read())).toMatchObject({ kind: 'Terminal', reason: 'Forbidden' });
      const [before, after] = upstream.requests.slice(-2);
      expect(before?.authorization).not.toBe(after?.authorization);

      upstream.inject({ times: 2, fault: { kind: 'status', code: 401 } });
      expect(await failureOf(read())).toMatchObject({ kind: 'Retryable', reason: 'Unauthorized' });
      await reach.close();
    } finally {
      await upstream.close();
      await rm(directory, { recursive: true });
    }
  });
});

async function tokenOf(namespace: string, account: string): Promise<string> {
  const plane = await attachControlPlane();
  const { stdout } = await plane.kubectl(['create', 'token', account, '-n', namespace]);
  return stdout;
}

/** A service account directory as the kubelet makes it, for an account that may read namespaces. */
async function openPod(server: string, directory: string, clock: { now(): number }): ReturnType<typeof loadClusterConfig> {
  const plane = await attachControlPlane();
  const { credentials } = scene.config;
  await scene.direct.create(coreResources.ServiceAccount, { metadata: key('reader') });
  const bind = ['create', 'clusterrolebinding', `${scene.namespace}-reader`, '--clusterrole=view', `--serviceaccount=${scene.namespace}:reader`];
  expect((await plane.kubectl(bind)).code).toBe(0);
  await writeFile(join(directory, 'token'), await tokenOf(scene.namespace, 'reader'));
  await writeFile(join(directory, 'ca.crt'), (await credentials.current()).tls.ca ?? '');
  await writeFile(join(directory, 'namespace'), scene.namespace);
  const { hostname, port } = new URL(server);
  const config = await loadClusterConfig({
    serviceAccountDirectory: directory,
    env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    clock,
  });
  expect(config).toMatchObject({ server, namespace: scene.namespace });
  return config;
}
