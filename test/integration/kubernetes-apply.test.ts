import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject, OwnerReference } from '../../operator/api/meta.ts';
import { checkInstalledKinds } from '../../operator/kubernetes/crd-check.ts';
import { createEventRecorder } from '../../operator/kubernetes/event-recorder.ts';
import { coreResources } from '../../operator/kubernetes/http-client.ts';
import { stripObject } from '../../operator/kubernetes/object-key.ts';
import { applyOwned, type ApplyOwnedOptions } from '../../operator/kubernetes/owned-apply.ts';
import { writeStatus } from '../../operator/kubernetes/status-writer.ts';
import { realClock } from '../support/real-clock.ts';
import { attachControlPlane } from './control-plane-handle.ts';
import { openScene, type ConfigMap, type Scene } from './kubernetes-scene.ts';

interface Widget extends KubernetesObject {
  status?: Record<string, unknown>;
}

const widgets = { apiVersion: 'kubernetes-test.example.dev/v1', kind: 'Widget', plural: 'widgets', namespaced: true };

/** A kind of this test's own, so that the room is tested without a word of the product. */
const widgetCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.kubernetes-test.example.dev' },
  spec: {
    group: 'kubernetes-test.example.dev',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              status: {
                type: 'object',
                properties: {
                  count: { type: 'integer' },
                  note: { type: 'string' },
                  other: { type: 'string' },
                  conditions: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['type'],
                    items: { type: 'object', required: ['type'], properties: { type: { type: 'string' }, status: { type: 'string' } } },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

let scene: Scene;

beforeAll(async () => {
  scene = await openScene('apply');
  const plane = await attachControlPlane();
  const applied = await plane.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify(widgetCrd) });
  expect(applied).toMatchObject({ code: 0 });
  const waited = await plane.kubectl(['wait', '--for=condition=Established', `crd/${widgetCrd.metadata.name}`, '--timeout=30s']);
  expect(waited).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

const key = (name: string): { namespace: string; name: string } => ({ namespace: scene.namespace, name });

/** What the clients wrote since. */
function startCounting(): () => number {
  const before = scene.requests.length;
  return () => scene.requests.slice(before).filter((each) => each.method !== 'GET').length;
}

describe('status', () => {
  const us = { fieldManager: 'us' };
  const ready = { type: 'Ready', status: 'True' };

  async function makeWidget(name: string): Promise<Widget> {
    return scene.direct.create<Widget>(widgets, { metadata: key(name) });
  }

  async function readWidget(name: string): Promise<Widget> {
    const found = await scene.direct.get<Widget>(widgets, key(name));
    if (found === undefined) throw new Error(`${name} is gone`);
    return found;
  }

  it('is written once: the second pass writes nothing, seen from a cache or live', async () => {
    const made = await makeWidget('once');
    const status = { count: 0, conditions: [ready] };
    expect(await writeStatus(scene.direct, widgets, made, status, us)).toBe(true);
    const live = await readWidget('once');
    expect(live.status).toEqual(status);
    const writes = startCounting();
    expect(await writeStatus(scene.direct, widgets, live, status, us)).toBe(false);
    expect(await writeStatus(scene.direct, widgets, stripObject(live), status, us)).toBe(false);
    expect(writes()).toBe(0);
  });

  it('loses what we no longer say and keeps what others say, and is then quiet', async () => {
    await writeStatus(scene.direct, widgets, await makeWidget('shared'), { other: 'theirs', conditions: [{ type: 'Theirs', status: 'True' }] }, { fieldManager: 'them' });
    await writeStatus(scene.direct, widgets, await readWidget('shared'), { count: 1, note: 'ours', conditions: [ready] }, us);
    for (const seen of [stripObject(await readWidget('shared')), undefined]) {
      const wrote = await writeStatus(scene.direct, widgets, seen ?? (await readWidget('shared')), { count: 1 }, us);
      expect(wrote).toBe(seen !== undefined);
    }
    expect((await readWidget('shared')).status).toEqual({ count: 1, other: 'theirs', conditions: [{ type: 'Theirs', status: 'True' }] });
    const writes = startCounting();
    expect(await writeStatus(scene.direct, widgets, stripObject(await readWidget('shared')), { count: 1 }, us)).toBe(false);
    expect(writes()).toBe(0);
  });

  it('takes back a field of ours that somebody changed', async () => {
    await writeStatus(scene.direct, widgets, await makeWidget('edited'), { note: 'ours' }, us);
    await scene.direct.mergePatch(widgets, key('edited'), { status: { note: 'theirs' } }, { subresource: 'status', fieldManager: 'them' });
    expect(await writeStatus(scene.direct, widgets, await readWidget('edited'), { note: 'ours' }, us)).toBe(true);
    expect((await readWidget('edited')).status).toEqual({ note: 'ours' });
  });

  it('is never written to an object that was made anew under the name', async () => {
    const old = await makeWidget('reborn');
    await scene.direct.delete(widgets, key('reborn'));
    await makeWidget('reborn');
    const writing = writeStatus(scene.direct, widgets, old, { note: 'old' }, us);
    await expect(writing).rejects.toMatchObject({ failure: { kind: 'Conflict' } });
    expect((await readWidget('reborn')).status).toBeUndefined();
  });

  it('of an object that is gone is a Conflict, so that it is read again', async () => {
    const old = await makeWidget('gone');
    await scene.direct.delete(widgets, key('gone'));
    await expect(writeStatus(scene.direct, widgets, old, { note: 'x' }, us)).rejects.toMatchObject({ failure: { kind: 'Conflict' } });
  });
});

describe('objects that we own', () => {
  let owner: OwnerReference;

  beforeAll(async () => {
    const made = await scene.direct.create<ConfigMap>(coreResources.ConfigMap, { metadata: key('owner') });
    owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: made.metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
  });

  const options = (existing?: KubernetesObject): ApplyOwnedOptions => ({
    owner: owner.uid,
    fieldManager: 'us',
    intentHashAnnotation: 'example.dev/intent-hash',
    existing,
  });

  const cronJob = (name: string, container: object): KubernetesObject =>
    ({
      metadata: { ...key(name), labels: { app: 'test' }, ownerReferences: [owner] },
      spec: {
        schedule: '0 0 1 1 *',
        suspend: true,
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', hostNetwork: false, containers: [{ name: 'main', image: 'main:1', ...container }] } } } },
      },
    }) as KubernetesObject;

  const read = (name: string): Promise<KubernetesObject | undefined> => scene.direct.get(coreResources.CronJob, key(name));
  const applyIt = (intent: KubernetesObject, existing?: KubernetesObject): Promise<string> =>
    applyOwned(scene.direct, coreResources.CronJob, intent, options(existing));

  it('are written once, with all defaults, quantities and empty fields of a CronJob (facts/operators.md C7)', async () => {
    const intent = cronJob('once', { env: [{ name: 'A', value: '1' }], resources: { limits: { cpu: '1000m', memory: '1024Mi' } }, args: [] });
    expect(await applyIt(intent)).toBe('applied');
    const live = await read('once');
    const writes = startCounting();
    expect(await applyIt(intent, live)).toBe('unchanged');
    expect(await applyIt(intent, live === undefined ? undefined : stripObject(live))).toBe('unchanged');
    expect(await applyIt(intent)).toBe('unchanged');
    expect(writes()).toBe(0);
  });

  it('lose a field that a later intent leaves out, though they were made by POST', async () => {
    await applyIt(cronJob('slimmer', { env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] }));
    const next = cronJob('slimmer', { env: [{ name: 'A', value: '1' }] });
    expect(await applyIt(next, await read('slimmer'))).toBe('applied');
    expect(JSON.stringify(await read('slimmer'))).not.toContain('"B"');
    expect(await applyIt(next, await read('slimmer'))).toBe('unchanged');
  });

  it('get back a field of ours that somebody changed, and keep what somebody added', async () => {
    const intent = cronJob('edited', { image: 'main:2' });
    await applyIt(intent);
    await scene.direct.mergePatch(coreResources.CronJob, key('edited'), { metadata: { labels: { theirs: 'yes' } }, spec: { schedule: '1 1 1 1 *' } });
    expect(await applyIt(intent, await read('edited'))).toBe('applied');
    expect(await read('edited')).toMatchObject({ metadata: { labels: { app: 'test', theirs: 'yes' } }, spec: { schedule: '0 0 1 1 *' } });
    expect(await applyIt(intent, await read('edited'))).toBe('unchanged');
  });

  it('of that name that are not ours are never written to', async () => {
    const theirs = { ...cronJob('theirs', {}), metadata: key('theirs') };
    const made = await scene.direct.create(coreResources.CronJob, theirs);
    const notOwned = { failure: { kind: 'Terminal', reason: 'NotOwned' } };
    await expect(applyIt(cronJob('theirs', {}), made)).rejects.toMatchObject(notOwned);
    await expect(applyIt(cronJob('theirs', {}))).rejects.toMatchObject(notOwned);
    expect(await read('theirs')).toEqual(made);
  });

  it('of that name that another makes in between are not written to either', async () => {
    const theirs = { ...cronJob('raced', {}), metadata: key('raced') };
    let made: KubernetesObject | undefined;
    const racing = {
      ...scene.direct,
      create: async <T extends KubernetesObject>(...given: Parameters<typeof scene.direct.create<T>>): Promise<T> => {
        made = await scene.direct.create(coreResources.CronJob, theirs);
        return scene.direct.create<T>(...given);
      },
    };
    const applying = applyOwned(racing, coreResources.CronJob, cronJob('raced', {}), options());
    await expect(applying).rejects.toMatchObject({ failure: { kind: 'Terminal', reason: 'NotOwned' } });
    expect(await read('raced')).toEqual(made);
  });
});

describe('events', () => {
  it('are seen by kubectl describe, once for the same words', async () => {
    const widget = await scene.direct.create<Widget>(widgets, { metadata: key('talker') });
    const failures: unknown[] = [];
    const recorder = createEventRecorder({
      client: scene.direct,
      reportingController: 'example.dev/test',
      reportingInstance: 'test-1',
      clock: realClock,
      onError: (failure) => failures.push(failure),
    });
    for (let n = 0; n < 5; n += 1) recorder.record(widget, { type: 'Warning', reason: 'TooLoud', action: 'Listen', note: 'It is too loud here.' });
    recorder.record(widget, { type: 'Normal', reason: 'Quiet', action: 'Listen', note: 'x'.repeat(3_000) });
    await recorder.flush();
    expect(failures).toEqual([]);
    const events = await scene.direct.list(coreResources.Event, { namespace: scene.namespace, fieldSelector: 'regarding.name=talker' });
    expect(events.items).toHaveLength(2);
    const plane = await attachControlPlane();
    const { stdout } = await plane.kubectl(['-n', scene.namespace, 'describe', 'widget', 'talker']);
    expect(stdout).toMatch(/Warning\s+TooLoud\s.*It is too loud here\./);
  });

  it('that cannot be written are reported and thrown to nobody', async () => {
    const failures: string[] = [];
    const recorder = createEventRecorder({
      client: scene.proxied,
      reportingController: 'example.dev/test',
      reportingInstance: 'test-1',
      clock: realClock,
      onError: (failure) => failures.push(failure.reason),
    });
    const widget = await scene.direct.create<Widget>(widgets, { metadata: key('unheard') });
    scene.proxy.inject({ fault: { kind: 'reset' } });
    const note = { type: 'Normal', reason: 'Said', action: 'Say', note: 'Hello.' } as const;
    recorder.record(widget, note);
    await recorder.flush();
    expect(failures).toEqual(['ApiServerUnreachable']);
    recorder.record(widget, note);
    await recorder.flush();
    const events = await scene.direct.list(coreResources.Event, { namespace: scene.namespace, fieldSelector: 'regarding.name=unheard' });
    expect(events.items).toHaveLength(1);
  });
});

it('the check of installed kinds reads real CRDs', async () => {
  const kind = { plural: 'widgets', group: 'kubernetes-test.example.dev', version: 'v1' };
  expect(await checkInstalledKinds(scene.direct, [{ ...kind, fields: ['status.count', 'status.conditions.type'] }])).toEqual([]);
  expect(await checkInstalledKinds(scene.direct, [{ ...kind, fields: ['status.newer'] }, { ...kind, plural: 'gadgets', fields: [] }])).toEqual([
    'CustomResourceDefinition widgets.kubernetes-test.example.dev is too old: version v1 has no field status.newer',
    'CustomResourceDefinition gadgets.kubernetes-test.example.dev is not installed',
  ]);
});
