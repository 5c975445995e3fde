import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommand } from '../control-plane/command.ts';
import { readControl } from '../control-plane/control-file.ts';
import { attachToControlPlane, startControlPlane, type ControlPlane } from '../control-plane/index.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';
import { mustKubectl, processIsThere, readJson } from './kubectl-helpers.ts';
import { Jobs, soon } from './pod-runner-fixture.ts';

let plane: ControlPlane;
let scratch: string;

beforeAll(async () => {
  plane = await attachControlPlane();
  scratch = await mkdtemp(join(tmpdir(), 'control-plane-test-'));
});

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

function program(name: string): string {
  return fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
}

/** Ids of the process and of all that it started. */
async function processTree(pid: number): Promise<number[]> {
  const { stdout } = await runCommand(['ps', '-eo', 'pid=,ppid=']);
  const parents = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/u).map(Number));
  const tree = [pid];
  // The list grows while it is walked: children of children come at its end.
  for (const parent of tree) tree.push(...parents.filter(([, ppid]) => ppid === parent).flatMap(([child]) => child ?? []));
  return tree;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the program has no output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the program ended without a word');
}

interface AuditEvent {
  readonly level: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
  readonly user: { username: string };
}

describe('a control plane', () => {
  it('knows who did what, without bodies, in its audit log', async () => {
    const namespace = await createNamespace('audit');
    await mustKubectl(plane, ['create', 'secret', 'generic', 'canary', '-n', namespace, '--from-literal=key=canary-5c1f']);
    await mustKubectl(plane, ['get', '--raw', '/readyz']);
    const text = await readFile(plane.auditLog, 'utf8');
    const events = text.trim().split('\n').map((line) => JSON.parse(line) as AuditEvent);
    expect(events.find(({ requestURI, verb }) => verb === 'create' && requestURI.includes(`/namespaces/${namespace}/secrets`))).toMatchObject({ level: 'Metadata', user: { username: 'admin' } });
    expect(text).not.toContain('canary-5c1f');
    expect(events.filter(({ requestURI }) => /^\/(?:readyz|livez|healthz)/u.test(requestURI))).toEqual([]);
  });

  it('lets a ServiceAccount do what its role says and nothing else', async () => {
    const namespace = await createNamespace('account');
    await mustKubectl(plane, ['create', 'serviceaccount', 'reader', '-n', namespace]);
    await mustKubectl(plane, ['create', 'role', 'reader', '-n', namespace, '--verb=list', '--resource=configmaps']);
    await mustKubectl(plane, ['create', 'rolebinding', 'reader', '-n', namespace, '--role=reader', `--serviceaccount=${namespace}:reader`]);
    const kubeconfig = await plane.serviceAccountKubeconfig(namespace, 'reader');
    await expect(plane.kubectl(['get', 'configmaps'], { kubeconfig })).resolves.toMatchObject({ code: 0 });
    const refused = await plane.kubectl(['get', 'secrets'], { kubeconfig });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`system:serviceaccount:${namespace}:reader`);
    await expect(plane.serviceAccountKubeconfig(namespace, 'nobody')).rejects.toThrow(`No token for ServiceAccount ${namespace}/nobody`);
  });

  it('comes back at the same address with its data after a restart of the API server', async () => {
    const namespace = await createNamespace('restart');
    await plane.restartApiServer({ downMs: 200 });
    await expect(readJson(plane, ['get', 'namespace', namespace])).resolves.toMatchObject({ metadata: { name: namespace } });
  });

  it('stands beside another one, and leaves nothing when it is stopped', async () => {
    const before = await processTree(process.pid);
    const other = await startControlPlane();
    const started = (await processTree(process.pid)).filter((pid) => !before.includes(pid) && processIsThere(pid));
    expect(started.length).toBeGreaterThanOrEqual(3);
    const namespace = await createNamespace('beside');
    await expect(other.kubectl(['get', 'namespace', namespace])).resolves.toMatchObject({ code: 1 });
    await expect(other.kubectl(['create', 'namespace', namespace])).resolves.toMatchObject({ code: 0 });
    await other.stop();
    await soon(async () => expect(started.filter(processIsThere)).toEqual([]));
    await expect(readdir(other.directory)).rejects.toThrow('ENOENT');
  });

  it('goes with its parent, pods too, when that is killed without warning', async () => {
    const parent = spawn(process.execPath, [program('hold-control-plane')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const orphaned = await attachToControlPlane(await firstLine(parent));
    const jobs = new Jobs(orphaned, 'default');
    await jobs.apply('sleeper', { image: 'local/sleep:1' });
    const pod = await jobs.pidOf('sleeper');
    const tree = await processTree(parent.pid ?? 0);
    expect(tree).toContain(pod);
    const exited = once(parent, 'exit');
    parent.kill('SIGKILL');
    await exited;
    await soon(async () => expect(tree.filter(processIsThere)).toEqual([]));
    // What files it left go when the next one starts.
    await (await startControlPlane()).stop();
    await expect(readdir(orphaned.directory)).rejects.toThrow('ENOENT');
  });

  it('does not start, and leaves nothing, when it is aborted on the way', async () => {
    const before = await processTree(process.pid);
    const abort = new AbortController();
    const starting = startControlPlane({ signal: abort.signal });
    await soon(async () => expect((await processTree(process.pid)).length).toBeGreaterThan(before.length + 1));
    const started = (await processTree(process.pid)).filter((pid) => !before.includes(pid));
    abort.abort();
    await expect(starting).rejects.toThrow('abort');
    await soon(async () => expect(started.filter(processIsThere)).toEqual([]));
  });
});

describe('other control planes than the embedded one', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('uses the cluster of KUBECONFIG_TEST, and says what it cannot do with it', async () => {
    vi.stubEnv('KUBECONFIG_TEST', plane.kubeconfig);
    const given = await startControlPlane();
    const namespace = await createNamespace('given');
    await expect(given.kubectl(['get', 'namespace', namespace])).resolves.toMatchObject({ code: 0 });
    expect(given.auditLog).toBe('');
    await expect(given.restartApiServer()).rejects.toThrow('KUBECONFIG_TEST is not ours to restart');
    await given.stop();
    await expect(plane.kubectl(['get', 'namespace', namespace])).resolves.toMatchObject({ code: 0 });
  });

  it('starts the programs of KUBEBUILDER_ASSETS, and says that it has no kube-controller-manager', async () => {
    const { kubectl } = await readControl(plane.directory);
    for (const name of ['etcd', 'kube-apiserver', 'kubectl']) await writeFile(join(scratch, name), `#!/bin/sh\nexec '${kubectl[0]}' ${name} "$@"\n`, { mode: 0o755 });
    vi.stubEnv('KUBECONFIG_TEST', '');
    vi.stubEnv('CONTROL_PLANE', '');
    vi.stubEnv('KUBEBUILDER_ASSETS', scratch);
    const lines: string[] = [];
    const assets = await startControlPlane({ log: (line) => lines.push(line) });
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'alone', namespace: 'default' }, spec: { containers: [{ name: 'main', image: 'local/x:1' }] } };
    await expect(mustKubectl(assets, ['apply', '-f', '-'], pod)).resolves.toContain('created');
    expect(lines.join('\n')).toContain('holds no kube-controller-manager');
    await assets.stop();
  });
});

describe('the binary', () => {
  it('is compiled once when several processes want it at the same time', async () => {
    const race = Array.from({ length: 3 }, async () => runCommand([process.execPath, program('race-build'), scratch]));
    const results = await Promise.all(race);
    expect(results.map(({ code, stdout }) => [code, stdout.trim()])).toEqual(results.map(() => [0, join(scratch, 'v0.0.0-race', 'control-plane')]));
    expect((await readFile(join(scratch, 'compilations'), 'utf8')).trim().split('\n')).toHaveLength(1);
    expect(results.filter(({ stderr }) => stderr.includes('is compiling the control plane')).length).toBeGreaterThanOrEqual(1);
    expect(await readdir(join(scratch, 'v0.0.0-race'))).toEqual(['control-plane']);
  });

  it("checks CustomResourceDefinitions with the API server's own validation", async () => {
    const main = fileURLToPath(new URL('../control-plane/main.ts', import.meta.url));
    const crd = (plural: string): string =>
      JSON.stringify({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'things.example.dev' },
        spec: {
          group: 'example.dev',
          names: { kind: 'Thing', plural },
          scope: 'Namespaced',
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        },
      });
    const [good, bad] = [join(scratch, 'good.json'), join(scratch, 'bad.json')];
    await writeFile(good, crd('things'));
    await writeFile(bad, crd('thing'));
    await expect(runCommand([process.execPath, main, 'crdlint', good])).resolves.toMatchObject({ code: 0, stdout: `ok    ${good}\n` });
    const refused = await runCommand([process.execPath, main, 'crdlint', good, bad]);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('must be spec.names.plural+"."+spec.group');
  });
});
