import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { auditRecordResource, type AuditRecord } from '../../operator/api/audit-record.ts';
import { createAuditTrail } from '../../operator/audit/audit-trail.ts';
import { dataOf, recordName } from '../../operator/audit/chain.ts';
import type { AuditEntry, AuditTrail } from '../../operator/audit/trail.ts';
import { verifyChain, type ClaimedRecord } from '../../operator/audit/verify-chain.ts';
import { runAuditCommand } from '../../operator/cli/audit-command.ts';
import type { KubernetesClient } from '../../operator/kubernetes/client.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.ts';
import { leastSpecs } from '../support/least-specs.ts';
import { installProduct, root } from '../support/product.ts';
import { realClock } from '../support/real-clock.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

const signal = new AbortController().signal;
const writerRole = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'audit-writer' },
  rules: [
    { apiGroups: ['saaslicense.dev'], resources: ['auditrecords'], verbs: ['get', 'list', 'create'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create'] },
  ],
};

/** The audit trail on a real API server, by a writer that may neither change nor delete a record. */
describe('the audit trail', () => {
  let plane: ControlPlane;
  let namespace: string;
  let folder: string;
  let admin: WatchingClient;
  let writer: WatchingClient;
  let proxied: WatchingClient;
  let proxy: FaultProxy;

  beforeAll(async () => {
    plane = await attachControlPlane();
    await installProduct(plane);
    folder = await mkdtemp(join(tmpdir(), 'saaslicense-audit-'));
    const options = { clock: realClock, userAgent: 'audit-test' };
    admin = createKubernetesClient(await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} }), options);
    namespace = await createNamespace('audit');
    await must(['create', 'serviceaccount', 'writer', '-n', namespace]);
    await must(['apply', '-n', namespace, '-f', '-'], JSON.stringify(writerRole));
    await must(['create', 'rolebinding', 'writer', '--role=audit-writer', `--serviceaccount=${namespace}:writer`, '-n', namespace]);
    const config = await loadClusterConfig({ kubeconfig: await plane.serviceAccountKubeconfig(namespace, 'writer'), env: {} });
    writer = createKubernetesClient(config, options);
    proxy = await startFaultProxy(config);
    proxied = createKubernetesClient(proxy.config, options);
  });

  afterAll(async () => {
    await Promise.all([admin.close(), writer.close(), proxied.close()]);
    await proxy.close();
    await plane.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    await rm(folder, { recursive: true });
  });

  async function must(args: string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await plane.kubectl(args, input === undefined ? {} : { input });
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  function open(client: Pick<KubernetesClient, 'get' | 'pages' | 'create'>, identity: string): AuditTrail {
    return createAuditTrail({ client, clock: realClock, identity, createSecret: () => randomBytes(32).toString('base64url') });
  }

  const entry = (value: string): AuditEntry => ({ event: 'Decided', candidate: 'c', externalUserId: 'PABC', actor: 'anna@example.com', data: { value } });

  async function chain(): Promise<ClaimedRecord[]> {
    const { items } = await admin.list<AuditRecord>(auditRecordResource, { namespace, limit: 5000 });
    return items.map(({ metadata, spec }) => ({ name: metadata.name, spec }));
  }

  async function values(): Promise<string[]> {
    return (await chain()).flatMap(({ spec }) => dataOf(spec as AuditRecord['spec'], 'value') ?? []);
  }

  async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [join(root, 'operator/main.ts'), ...args], { cwd: folder, env: { PATH: process.env['PATH'] ?? '' } }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  }

  it('C24, D8: two leaders that begin and write at once give one unbroken chain with a record of each', async () => {
    const [one, two] = [open(writer, 'one'), open(proxied, 'two')];
    const wanted = Array.from({ length: 40 }, (_, index) => [`1/${index}`, `2/${index}`]).flat();
    await Promise.all(wanted.map(async (value) => (value.startsWith('1') ? one : two).append(namespace, entry(value), signal)));
    expect(verifyChain(await chain(), { publicKeys: [] })).toMatchObject({ intact: true, count: wanted.length + 1 });
    expect((await values()).toSorted()).toEqual(wanted.toSorted());
  });

  it('D8, guard 4: lost replies make no record twice, and lose none', async () => {
    const trail = open(proxied, 'three');
    await trail.append(namespace, entry('before'), signal);
    for (const kind of ['loseReply', 'reset', 'loseReply'] as const) {
      proxy.inject({ match: ({ method }) => method === 'POST', fault: { kind } });
      await trail.append(namespace, entry(kind), signal);
    }
    expect((await values()).slice(-4)).toEqual(['before', 'loseReply', 'reset', 'loseReply']);
    expect(verifyChain(await chain(), { publicKeys: [] })).toMatchObject({ intact: true });
  });

  it('D8: the end of the chain is found again after a restart', async () => {
    const before = (await chain()).length;
    await open(writer, 'four').append(namespace, entry('after a restart'), signal);
    expect(verifyChain(await chain(), { publicKeys: [] })).toMatchObject({ intact: true, count: before + 1 });
  });

  it('C24, D8: the API server refuses to change a record, whoever asks', async () => {
    const name = recordName(3);
    const before = await admin.get<AuditRecord>(auditRecordResource, { namespace, name });
    for (const patch of [{ actor: 'x' }, { candidate: null }, { data: [] }, { signature: 'x' }]) {
      const { code, stderr } = await plane.kubectl(['patch', 'auditrecord', name, '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec: patch })]);
      expect([patch, code]).not.toEqual([patch, 0]);
      expect(stderr).toContain('an audit record cannot be changed');
    }
    expect((await admin.get<AuditRecord>(auditRecordResource, { namespace, name }))?.spec).toEqual(before?.spec);
  });

  it('D8: the writer itself may neither change nor delete one', async () => {
    for (const verb of ['update', 'patch', 'delete', 'deletecollection']) {
      const { stdout } = await plane.kubectl(['auth', 'can-i', verb, 'auditrecords.saaslicense.dev', '-n', namespace, `--as=system:serviceaccount:${namespace}:writer`]);
      expect([verb, stdout.trim()]).toEqual([verb, 'no']);
    }
  });

  it('guard 7: no address and no private key is in any record', async () => {
    const text = JSON.stringify(await chain());
    expect(text).not.toMatch(/@|PRIVATE|anna/i);
    expect(text).toMatch(/person-[0-9a-f]{12}/);
  });

  it('C24, D8: an export is verified without a cluster, and a byte that is flipped in it is named', async () => {
    const exported = await run('audit', 'export', '-n', namespace, '--out', 'pack', '--kubeconfig', plane.kubeconfig);
    expect([exported.code, exported.stderr]).toEqual([0, '']);
    const head = /sha256:[0-9a-f]{64}/.exec(exported.stdout)?.[0] ?? '';
    expect(await run('audit', 'verify', 'pack', '--head', head)).toMatchObject({ code: 0, stderr: '' });
    const records = await readFile(join(folder, 'pack/records.json'), 'utf8');
    await writeFile(join(folder, 'forged.json'), records.replace('"value":"1/7"', '"value":"1/8"'));
    const verified = await run('audit', 'verify', 'forged.json');
    expect(verified.code).toBe(1);
    expect(verified.stdout).toMatch(/^BROKEN: audit-\d{10} \(forged\.json, record \d+\): Hash/);
  });

  it('D8: kubectl’s own output is verified too, and records of a period are exported', async () => {
    await writeFile(join(folder, 'list.json'), await must(['get', 'auditrecords', '-n', namespace, '-o', 'json']));
    expect(await run('audit', 'verify', 'list.json')).toMatchObject({ code: 0 });
    const none = await run('audit', 'export', '-n', namespace, '--out', '-', '--to', '2020-01-01T00:00:00Z', '--kubeconfig', plane.kubeconfig);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no audit record') as string });
  });

  it('C24, D8: the beginning of an old chain is pruned once it was exported, and export and rest are one whole', async () => {
    const old = await createNamespace('audit-prune');
    const rights = { ...writerRole, metadata: { name: 'operator' } };
    await must(['apply', '-n', old, '-f', '-'], JSON.stringify(rights));
    await must(['apply', '--server-side', '-f', join(root, 'config/rbac/people.yaml')]);
    await must(['create', 'serviceaccount', 'pruner', '-n', old]);
    await must(['create', 'rolebinding', 'pruner', '--clusterrole=saas-license-operator-audit-pruner', `--serviceaccount=${old}:pruner`, '-n', old]);
    const pruner = await plane.serviceAccountKubeconfig(old, 'pruner');
    const years = (count: number): number => Date.now() - count * 365 * 86_400_000;
    const write = async (now: number, candidate: string): Promise<void> => {
      const trail = createAuditTrail({ client: admin, clock: { ...realClock, now: () => now }, identity: 'then', createSecret: () => randomBytes(32).toString('base64url') });
      await trail.append(old, { ...entry(candidate), candidate }, signal);
    };
    for (const candidate of ['a', 'b', 'still-there', 'c']) await write(years(5), candidate);
    await write(years(1), 'young');
    const prune = (...args: string[]): ReturnType<typeof run> => run('audit', 'prune', 'old', '-n', old, '--kubeconfig', pruner, ...args);
    const names = async (): Promise<string[]> => (await admin.list<AuditRecord>(auditRecordResource, { namespace: old })).items.map(({ metadata }) => metadata.name);
    const candidate = { apiVersion: auditRecordResource.apiVersion, kind: 'RemovalCandidate', metadata: { name: 'still-there', namespace: old }, spec: leastSpecs.RemovalCandidate };
    await must(['create', '-f', '-'], JSON.stringify(candidate));
    expect(await run('audit', 'export', '-n', old, '--out', 'old', '--to', new Date(years(2)).toISOString(), '--kubeconfig', pruner)).toMatchObject({ code: 0 });

    const said = await prune();
    expect([said.code, said.stderr]).toEqual([0, '']);
    expect(said.stdout).toContain(`3 record(s) to prune, ${recordName(0)}`);
    expect(said.stdout).toContain(`${recordName(3)} stays: its RemovalCandidate still-there is still there`);
    expect(said.stdout).toContain('Nothing was deleted');
    expect(await names()).toHaveLength(6);

    const damaged = await readFile(join(folder, 'old/records.csv'), 'utf8');
    await writeFile(join(folder, 'old/records.csv'), `${damaged}x`);
    expect(await prune('--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('records.csv: is not the file that was exported') as string });
    await writeFile(join(folder, 'old/records.csv'), damaged);
    expect(await names()).toHaveLength(6);

    // Guard 11: by a clock that is years ahead, everything would be old.
    const say = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const ahead = { now: () => Date.now() + 5 * 365 * 86_400_000 };
    expect(await runAuditCommand(['prune', join(folder, 'old'), '-n', old, '--kubeconfig', pruner, '--yes'], {}, ahead)).toBe(1);
    expect(say).toHaveBeenCalledWith(expect.stringContaining('differ by more than a minute'));
    say.mockRestore();
    expect(await names()).toHaveLength(6);

    await must(['delete', 'remcand', 'still-there', '-n', old]);
    const done = await prune('--yes');
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toContain(`${recordName(5)} stays: it is the last one`);
    expect(await names()).toEqual([recordName(5), recordName(6)]);
    await write(Date.now(), 'afterwards');
    await writeFile(join(folder, 'rest.json'), await must(['get', 'auditrecords', '-n', old, '-o', 'json']));
    const rest = await run('audit', 'verify', 'rest.json');
    expect([rest.code, rest.stdout]).toEqual([0, expect.stringContaining(`What came before number 5 is not in these files: system:serviceaccount:${old}:pruner pruned it at 20`)]);
    expect(await run('audit', 'verify', 'old', 'rest.json')).toMatchObject({ code: 0, stdout: expect.stringContaining('Intact: 8 record(s), number 0 of') as string });
    expect((await run('audit', 'export', '-n', old, '--out', 'again', '--kubeconfig', pruner)).code).toBe(0);
    expect((await prune('--yes')).stdout).toContain('no record is to be pruned');
    // What somebody deletes without saying so is found.
    await must(['delete', 'auditrecord', recordName(5), '-n', old]);
    expect(await run('audit', 'export', '-n', old, '--out', 'cut', '--kubeconfig', pruner)).toMatchObject({ code: 3, stderr: expect.stringContaining('Gap') as string });
    expect(await prune('--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('The chain is broken') as string });
    await must(['delete', 'namespace', old, '--wait=false']);
  });

  it('D8: a record that an administrator deletes is missed', async () => {
    await must(['delete', 'auditrecord', recordName(5), '-n', namespace]);
    expect(verifyChain(await chain(), { publicKeys: [] })).toMatchObject({ intact: false, fault: 'Gap', record: recordName(6) });
    const { code, stderr } = await run('audit', 'export', '-n', namespace, '--out', 'broken', '--kubeconfig', plane.kubeconfig);
    expect([code, stderr]).toEqual([3, expect.stringContaining(`BROKEN at ${recordName(6)}`)]);
  });
});
