import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/support/fake-clock.ts';
import { retryable } from '../api/errors.ts';
import { loadClusterConfig } from './cluster-config.ts';
import { createCachedSource, createServiceAccountSource, type Reading } from './credentials.ts';
import { runExecPlugin } from './exec-credential.ts';

let directory: string;
let clock: FakeClock;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'credentials-'));
  clock = createFakeClock();
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);
const path = (name: string): string => join(directory, name);

describe('service account of a pod', () => {
  beforeEach(async () => {
    await write('token', 'first\n');
    await write('ca.crt', 'authority');
  });

  it('reads the token again once a minute, and keeps connections while the authority is the same', async () => {
    const source = createServiceAccountSource(directory, clock);
    const first = await source.current();
    expect(first.authorization?.reveal()).toBe('Bearer first');
    await write('token', 'second');
    await clock.advance(59_999);
    expect(await source.current()).toBe(first);
    await clock.advance(1);
    const second = await source.current();
    expect(second.authorization?.reveal()).toBe('Bearer second');
    expect(second.tls).toBe(first.tls);
    await write('ca.crt', 'another authority');
    await clock.advance(60_000);
    expect((await source.current()).tls).not.toBe(first.tls);
  });

  it('reads it at once when it was refused, once for all who were refused', async () => {
    const source = createServiceAccountSource(directory, clock);
    const refused = await source.current();
    await write('token', 'second');
    const renewed = await Promise.all([source.renew(refused), source.renew(refused)]);
    expect(renewed.map((each) => each.authorization?.reveal())).toEqual(['Bearer second', 'Bearer second']);
    expect(await source.renew(refused)).toBe(renewed[0]);
  });

  it('lives on with the last token while the file is gone, and takes the new one up soon', async () => {
    const source = createServiceAccountSource(directory, clock);
    const first = await source.current();
    await rm(path('token'));
    await clock.advance(60_000);
    expect(await source.current()).toBe(first);
    await write('token', 'second');
    await clock.advance(5_000);
    expect((await source.current()).authorization?.reveal()).toBe('Bearer second');
  });

  it('asks for patience, no more, while there has never been a token', async () => {
    await rm(path('token'));
    const source = createServiceAccountSource(directory, clock);
    await expect(source.current()).rejects.toMatchObject({ failure: { kind: 'Retryable', reason: 'CredentialUnavailable' } });
    await write('token', '');
    await expect(source.current()).rejects.toMatchObject({ failure: { kind: 'Retryable' } });
    await write('token', 'late');
    expect((await source.current()).authorization?.reveal()).toBe('Bearer late');
  });

  it('never shows the token by accident (guard 7)', async () => {
    const credential = await createServiceAccountSource(directory, clock).current();
    expect(JSON.stringify(credential)).not.toContain('first');
    expect(credential.authorization?.toString()).not.toContain('first');
  });
});

it('reads once at a time, however many ask (facts/tech.md 1.13)', async () => {
  let readings = 0;
  const gate = Promise.withResolvers<void>();
  const source = createCachedSource({
    clock,
    keepLastOnFailure: true,
    async read(): Promise<Reading> {
      readings += 1;
      await gate.promise;
      if (readings === 1) throw retryable('CredentialUnavailable', 'x');
      return { credential: { tls: {} }, freshUntil: Number.POSITIVE_INFINITY };
    },
  });
  const asked = Promise.allSettled([source.current(), source.current(), source.current()]);
  gate.resolve();
  expect((await asked).map((each) => each.status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(readings).toBe(1);
  await Promise.all([source.current(), source.current()]);
  expect(readings).toBe(2);
});

describe('kubeconfig', () => {
  const plugin = (script: string): object => ({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', script], provideClusterInfo: true } });

  async function writeConfig(name: string, user: object, cluster: object = { server: 'https://one.example:6443/prefix/' }): Promise<string> {
    const config = {
      'current-context': 'main',
      contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', namespace: 'tenant' } }, { name: 'lost', context: { cluster: 'none', user: 'u' } }],
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user }],
    };
    await write(name, JSON.stringify(config));
    return path(name);
  }

  it('is found by option, by KUBECONFIG or in the home folder, but a pod is asked first', async () => {
    const kubeconfig = await writeConfig('config', { token: 't' });
    const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect(await loadClusterConfig({ kubeconfig, env: pod })).toMatchObject({ server: 'https://one.example:6443/prefix', namespace: 'tenant' });
    expect(await loadClusterConfig({ env: { KUBECONFIG: `${path('none')}:${kubeconfig}` } })).toMatchObject({ namespace: 'tenant' });
    expect(await loadClusterConfig({ env: { ...pod, KUBECONFIG: kubeconfig } })).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'default' });
    await expect(loadClusterConfig({ env: { HOME: directory } })).rejects.toMatchObject({ failure: { kind: 'Terminal', reason: 'NoCluster' } });
  });

  it('gives tokens, passwords, certificates and authorities', async () => {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const cluster = { server: 'https://one.example', 'certificate-authority-data': base64('authority'), 'tls-server-name': 'api.example' };
    const withToken = await loadClusterConfig({ kubeconfig: await writeConfig('token', { token: 't' }, cluster), env: {} });
    const { tls, authorization } = await withToken.credentials.current();
    expect(authorization?.reveal()).toBe('Bearer t');
    expect(tls).toEqual({ ca: 'authority', serverName: 'api.example' });

    const withPassword = await loadClusterConfig({ kubeconfig: await writeConfig('password', { username: 'u', password: 'p' }), env: {} });
    expect((await withPassword.credentials.current()).authorization?.reveal()).toBe(`Basic ${base64('u:p')}`);

    await write('client.crt', 'certificate');
    const files = { 'client-certificate': 'client.crt', 'client-key-data': base64('key') };
    const withFiles = await loadClusterConfig({ kubeconfig: await writeConfig('files', files), env: {} });
    const identity = (await withFiles.credentials.current()).tls;
    expect(identity.certificate).toBe('certificate');
    expect(identity.key?.reveal()).toBe('key');
  });

  it('keeps connections while its files say the same, and makes new ones for a new certificate', async () => {
    await write('client.crt', 'one');
    const kubeconfig = await writeConfig('rotating', { 'client-certificate': 'client.crt' });
    const { credentials } = await loadClusterConfig({ kubeconfig, env: {}, clock });
    const { tls } = await credentials.current();
    await clock.advance(60_000);
    expect((await credentials.current()).tls).toBe(tls);
    await write('client.crt', 'two');
    await clock.advance(60_000);
    expect((await credentials.current()).tls.certificate).toBe('two');
  });

  it.each([
    ['a file that is not there', async () => path('none')],
    ['a file that is no YAML', async () => (await write('bad', '{'), path('bad'))],
    ['a proxy', () => writeConfig('proxy', {}, { server: 'https://a', 'proxy-url': 'http://b' })],
    ['impersonation', () => writeConfig('as', { as: 'root' })],
    ['a server that is no URL', () => writeConfig('url', {}, { server: 'nonsense' })],
  ])('with %s says that it cannot be used', async (_name, make) => {
    const loading = loadClusterConfig({ kubeconfig: await make(), env: {} });
    await expect(loading).rejects.toMatchObject({ failure: { kind: 'Terminal', reason: 'KubeconfigUnusable' } });
  });

  it('with an unknown context says so', async () => {
    const kubeconfig = await writeConfig('config', { token: 't' });
    for (const context of ['lost', 'never']) {
      await expect(loadClusterConfig({ kubeconfig, context, env: {} })).rejects.toMatchObject({ failure: { reason: 'KubeconfigUnusable' } });
    }
  });

  it('runs a plugin once for many requests, tells it about the cluster, and asks again before the expiry', async () => {
    const script = `
      const fs = require('node:fs');
      fs.appendFileSync(process.env.RUNS, 'run\\n');
      const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
      const runs = fs.readFileSync(process.env.RUNS, 'utf8').trim().split('\\n').length;
      const token = info.spec.cluster.server + ' ' + runs;
      console.log(JSON.stringify({ status: { token, expirationTimestamp: '2026-11-24T00:10:00Z' } }));`;
    const kubeconfig = await writeConfig('exec', plugin(script));
    const { credentials } = await loadClusterConfig({ kubeconfig, env: { RUNS: path('runs') }, clock });
    const tokens = async (): Promise<(string | undefined)[]> =>
      (await Promise.all([credentials.current(), credentials.current()])).map((each) => each.authorization?.reveal());
    const server = 'https://one.example:6443/prefix';
    expect(await tokens()).toEqual([`Bearer ${server} 1`, `Bearer ${server} 1`]);
    await clock.advance(539_999);
    expect(await tokens()).toEqual([`Bearer ${server} 1`, `Bearer ${server} 1`]);
    await clock.advance(1);
    expect(await tokens()).toEqual([`Bearer ${server} 2`, `Bearer ${server} 2`]);
  });

  it.each([
    ['fails', 'process.exit(3)', 'exit 3'],
    ['prints nonsense', 'console.log("token: hunter2")', 'no-exec-credential'],
    ['is not there', undefined, 'ENOENT'],
    ['never ends', 'setInterval(() => {}, 1000)', 'exit SIGKILL'],
  ])('a plugin that %s is tried again later, and what it printed is not kept', async (_name, script, code) => {
    const command = script === undefined ? path('none') : process.execPath;
    const run = runExecPlugin(
      { apiVersion: 'client.authentication.k8s.io/v1', command, args: ['-e', script ?? ''] },
      { kubeconfig: path('config'), env: {}, cluster: {}, timeoutMs: script?.startsWith('setInterval') === true ? 300 : 20_000 },
    );
    await expect(run).rejects.toMatchObject({ failure: { kind: 'Retryable', reason: 'CredentialUnavailable' }, detail: { code } });
    await expect(run).rejects.not.toThrow('hunter2');
  });
});
