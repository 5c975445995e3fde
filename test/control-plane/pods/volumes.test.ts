import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterReader } from './cluster.ts';
import { planLaunch } from './environment.ts';
import { podSchema, type Pod } from './pod.ts';
import { planMounts, writeVolumes, type VolumeContext } from './volumes.ts';

/** The objects of a cluster, as data by kind and name; tokens are numbered. */
class Objects implements ClusterReader {
  readonly data = new Map<string, Record<string, string>>();
  readonly tokens: { expirationSeconds: number; audience: string | undefined }[] = [];
  now = 0;

  async readData(kind: 'secret' | 'configmap', namespace: string, name: string): Promise<Map<string, Buffer> | undefined> {
    const found = this.data.get(`${kind} ${namespace}/${name}`);
    return found === undefined ? undefined : new Map(Object.entries(found).map(([key, value]) => [key, Buffer.from(value)]));
  }

  async requestToken(_pod: Pod, expirationSeconds: number, audience: string | undefined): Promise<{ token: string; expiresAt: number }> {
    this.tokens.push({ expirationSeconds, audience });
    return { token: `token-${this.tokens.length}`, expiresAt: this.now + expirationSeconds * 1000 };
  }
}

let root: string;
let cluster: Objects;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'volumes-test-'));
  cluster = new Objects();
  cluster.data.set('secret team/alias-token', { 'access-token': 't0ken', other: 'x' });
  cluster.data.set('configmap team/settings', { color: 'blue' });
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

function podWith(volumes: unknown[], container: Record<string, unknown> = {}): Pod {
  const metadata = { name: 'refresh-x', namespace: 'team', uid: 'u-1', labels: { app: 'refresh' } };
  return podSchema.parse({ metadata, spec: { containers: [{ name: 'main', image: 'i', ...container }], volumes } });
}

function contextOf(pod: Pod): VolumeContext {
  return { pod, nodeName: 'node-1', root, cluster, tokens: new Map(), now: () => cluster.now };
}

async function read(...path: string[]): Promise<string> {
  return readFile(join(root, 'volumes', ...path), 'utf8');
}

describe('volumes of a pod', () => {
  it('hold a Secret key by key, with the mode that its volume says', async () => {
    await writeVolumes(contextOf(podWith([{ name: 'token', secret: { secretName: 'alias-token', defaultMode: 0o440 } }])));
    await expect(read('token', 'access-token')).resolves.toBe('t0ken');
    await expect(readdir(join(root, 'volumes', 'token'))).resolves.toEqual(['access-token', 'other']);
    expect((await stat(join(root, 'volumes', 'token', 'access-token'))).mode & 0o777).toBe(0o440);
  });

  it('hold only the items that are named, where they are wished', async () => {
    await writeVolumes(contextOf(podWith([{ name: 'token', secret: { secretName: 'alias-token', items: [{ key: 'other', path: 'deep/file' }] } }])));
    await expect(readdir(join(root, 'volumes', 'token'), { recursive: true })).resolves.toEqual(['deep', join('deep', 'file')]);
  });

  it('follow a change: a new value comes and a key that is gone goes', async () => {
    const context = contextOf(podWith([{ name: 'token', secret: { secretName: 'alias-token' } }]));
    await writeVolumes(context);
    cluster.data.set('secret team/alias-token', { 'access-token': 'rotated' });
    await writeVolumes(context);
    await expect(read('token', 'access-token')).resolves.toBe('rotated');
    await expect(readdir(join(root, 'volumes', 'token'))).resolves.toEqual(['access-token']);
  });

  it('do not touch what did not change', async () => {
    const context = contextOf(podWith([{ name: 'token', secret: { secretName: 'alias-token' } }]));
    await writeVolumes(context);
    const file = join(root, 'volumes', 'token', 'access-token');
    await chmod(file, 0o600);
    await writeVolumes(context);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it.each([
    { title: 'a Secret', volume: { name: 'v', secret: { secretName: 'none' } }, message: 'secret "none" not found' },
    { title: 'a ConfigMap', volume: { name: 'v', configMap: { name: 'none' } }, message: 'configmap "none" not found' },
    { title: 'a key', volume: { name: 'v', secret: { secretName: 'alias-token', items: [{ key: 'none', path: 'p' }] } }, message: 'references non-existent secret key: none' },
  ])('wait for $title that is not there', async ({ volume, message }) => {
    await expect(writeVolumes(contextOf(podWith([volume])))).rejects.toMatchObject({ name: 'MissingReference', message });
  });

  it('are empty where something optional is not there', async () => {
    await writeVolumes(contextOf(podWith([{ name: 'v', configMap: { name: 'none', optional: true } }, { name: 'scratch', emptyDir: {} }])));
    await expect(readdir(join(root, 'volumes', 'v'))).resolves.toEqual([]);
    await expect(readdir(join(root, 'volumes', 'scratch'))).resolves.toEqual([]);
  });

  it('keep what the pod wrote into an emptyDir', async () => {
    const context = contextOf(podWith([{ name: 'scratch', emptyDir: {} }]));
    await writeVolumes(context);
    await writeFile(join(root, 'volumes', 'scratch', 'work'), 'kept');
    await writeVolumes(context);
    await expect(read('scratch', 'work')).resolves.toBe('kept');
  });

  it('project a token, objects and fields into one folder, and renew the token in the last fifth of its time', async () => {
    const sources = [
      { serviceAccountToken: { path: 'token', expirationSeconds: 1000, audience: 'vault' } },
      { configMap: { name: 'settings', items: [{ key: 'color', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      { secret: { name: 'alias-token', items: [{ key: 'other', path: 'secret' }] } },
    ];
    const context = contextOf(podWith([{ name: 'all', projected: { sources } }]));
    await writeVolumes(context);
    cluster.now = 799_000;
    await writeVolumes(context);
    await expect(Promise.all(['token', 'ca.crt', 'namespace', 'secret'].map(async (file) => read('all', file)))).resolves.toEqual(['token-1', 'blue', 'team', 'x']);
    cluster.now = 800_000;
    await writeVolumes(context);
    await expect(read('all', 'token')).resolves.toBe('token-2');
    expect(cluster.tokens).toEqual([{ expirationSeconds: 1000, audience: 'vault' }, { expirationSeconds: 1000, audience: 'vault' }]);
  });
});

describe('the process of a container', () => {
  async function plan(pod: Pod): ReturnType<typeof planLaunch> {
    const [container] = pod.spec.containers;
    if (container === undefined) throw new Error('no container');
    const image = { command: ['/usr/bin/node', 'main.ts'], env: { PATH: '/image/bin', LEVEL: 'info' }, cwd: '/project' };
    return planLaunch({ pod, container, image, mounts: planMounts(container, pod, root), home: join(root, 'home'), nodeName: 'node-1', server: 'https://127.0.0.1:6443' }, cluster);
  }

  const volumes = [{ name: 'token', secret: { secretName: 'alias-token' } }];

  it("is the image's entrypoint with the container's arguments, and mount paths are local", async () => {
    const launch = await plan(podWith(volumes, { args: ['refresh', '--token-directory=/t'], volumeMounts: [{ name: 'token', mountPath: '/t' }] }));
    expect(launch).toMatchObject({ command: ['/usr/bin/node', 'main.ts', 'refresh', `--token-directory=${root}/volumes/token`], cwd: '/project' });
  });

  it("is the container's command when there is one, without the image's", async () => {
    expect((await plan(podWith([], { command: ['sh', '-c'], args: ['true'] }))).command).toEqual(['sh', '-c', 'true']);
  });

  it('finds one file of a volume at a subPath', async () => {
    const launch = await plan(podWith(volumes, { command: ['cat', '/etc/one'], volumeMounts: [{ name: 'token', mountPath: '/etc/one', subPath: 'access-token' }] }));
    expect(launch.command).toEqual(['cat', `${root}/volumes/token/access-token`]);
  });

  it('has its own environment, the image below it and the API server on loopback', async () => {
    const env = [
      { name: 'LEVEL', value: 'debug' },
      { name: 'FIRST', value: 'a' },
      { name: 'SECOND', value: '$(FIRST)-$(KUBERNETES_SERVICE_PORT)' },
      { name: 'FILE', value: '/t/access-token' },
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'alias-token', key: 'access-token' } } },
      { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
      { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'none', key: 'k', optional: true } } },
    ];
    const launch = await plan(podWith(volumes, { env, envFrom: [{ prefix: 'S_', secretRef: { name: 'alias-token' } }], volumeMounts: [{ name: 'token', mountPath: '/t' }] }));
    expect(launch.env).toEqual({
      PATH: '/image/bin',
      HOME: join(root, 'home'),
      TMPDIR: join(root, 'home'),
      HOSTNAME: 'refresh-x',
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: '6443',
      KUBERNETES_SERVICE_PORT_HTTPS: '6443',
      LEVEL: 'debug',
      FIRST: 'a',
      SECOND: 'a-6443',
      FILE: `${root}/volumes/token/access-token`,
      KEY: 't0ken',
      COLOR: 'blue',
      APP: 'refresh',
      'S_access-token': 't0ken',
      S_other: 'x',
    });
  });

  it.each([
    { title: 'a Secret', container: { env: [{ name: 'K', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }] }, message: 'secret "none" not found' },
    { title: 'a key', container: { env: [{ name: 'K', valueFrom: { secretKeyRef: { name: 'alias-token', key: 'k' } } }] }, message: "couldn't find key k in secret team/alias-token" },
    { title: 'a ConfigMap', container: { envFrom: [{ configMapRef: { name: 'none' } }] }, message: 'configmap "none" not found' },
  ])('waits for $title of its environment that is not there', async ({ container, message }) => {
    await expect(plan(podWith([], container))).rejects.toMatchObject({ name: 'MissingReference', message });
  });

  it('refuses a source of values that the runner does not know', async () => {
    const env = [{ name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }];
    await expect(plan(podWith([], { env }))).rejects.toMatchObject({ name: 'UnsupportedPod' });
  });
});
