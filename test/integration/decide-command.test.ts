import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removalCandidateResource, type RemovalCandidate, type RemovalCandidateStatus } from '../../operator/api/removal-candidate.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { createKubernetesClient } from '../../operator/kubernetes/http-client.ts';
import { restoreRequestOf } from '../../operator/licensing/candidate/undo-expiry.ts';
import type { ControlPlane } from '../control-plane/contract.ts';
import { installProduct, root } from '../support/product.ts';
import { realClock } from '../support/real-clock.ts';
import { aCandidate } from '../support/rule-builders.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

/** decide and restore as somebody runs them who may decide, and nothing else, in one namespace. */
describe('deciding on candidates from a laptop', () => {
  let plane: ControlPlane;
  let namespace: string;
  let client: ReturnType<typeof createKubernetesClient>;
  let kubeconfig: string;
  let onlooker: string;

  beforeAll(async () => {
    plane = await attachControlPlane();
    await installProduct(plane);
    await must(['apply', '--server-side', '-f', join(root, 'config/rbac/people.yaml')]);
    namespace = await createNamespace('decide');
    client = createKubernetesClient(await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} }), { clock: realClock, userAgent: 'decide-test' });
    kubeconfig = await personWith('anna', 'saas-license-operator-admin');
    onlooker = await personWith('otto', 'saas-license-operator-user');
  });

  afterAll(async () => {
    await client.close();
    await plane.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  async function must(args: string[]): Promise<void> {
    const { code, stderr } = await plane.kubectl(args);
    if (code !== 0) throw new Error(stderr);
  }

  async function personWith(name: string, role: string): Promise<string> {
    await must(['create', 'serviceaccount', name, '-n', namespace]);
    await must(['create', 'rolebinding', name, `--clusterrole=${role}`, `--serviceaccount=${namespace}:${name}`, '-n', namespace]);
    return plane.serviceAccountKubeconfig(namespace, name);
  }

  async function create(name: string, status: RemovalCandidateStatus, rule = 'business'): Promise<void> {
    const { spec } = aCandidate({ subject: { ruleRef: { name: rule }, subscriptionRef: { name: `sub-${name}` } } });
    await client.create(removalCandidateResource, { apiVersion: removalCandidateResource.apiVersion, kind: 'RemovalCandidate', metadata: { name, namespace }, spec });
    await client.mergePatch(removalCandidateResource, { namespace, name }, { status: { decisionId: 'a'.repeat(40), ...status } }, { subresource: 'status' });
  }

  async function read(name: string): Promise<RemovalCandidate> {
    return (await client.get<RemovalCandidate>(removalCandidateResource, { namespace, name }))!;
  }

  async function run(args: string[], as = kubeconfig): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [join(root, 'operator/main.ts'), ...args, '-n', namespace, '--kubeconfig', as], { env: { PATH: process.env['PATH'] ?? '' } }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  }

  it('L14, C10: writes who, when and why, and nothing else of the candidate', async () => {
    await create('one', { state: 'Ready' });
    const before = await read('one');
    expect(await run(['decide', 'one', '--keep', '--reason', 'on call next quarter'])).toEqual({ code: 0, stdout: 'one: Keep\n', stderr: '' });
    const after = await read('one');
    expect(after.spec.decision).toEqual({ verdict: 'Keep', by: `system:serviceaccount:${namespace}:anna`, reason: 'on call next quarter', at: expect.stringMatching(/^20\d\d-.*Z$/) as string });
    expect({ ...after.spec, decision: undefined }).toEqual({ ...before.spec, decision: undefined });
    expect(after.status).toEqual(before.status);
  });

  it('tells what it takes the place of, of several what became of each, and refuses what is closed or not there', async () => {
    await create('open', { state: 'AttentionRequired' });
    await create('closed', { state: 'ClosedSkipped' });
    expect((await run(['decide', 'open', '--resume', '--reason', 'mended', '--by', 'Anna'])).stdout).toBe('open: ResumeReclaim\n');
    const { code, stdout, stderr } = await run(['decide', 'closed', 'open', 'absent', '--close-skipped', '--reason', 'r']);
    expect(code).toBe(1);
    expect(stdout).toBe('open: CloseSkipped, instead of ResumeReclaim\n1 decided, 2 not.\n');
    expect(stderr).toMatch(/closed: it is closed \(ClosedSkipped\).*\n.*absent: there is no such RemovalCandidate/);
    expect((await read('closed')).spec.decision).toBeUndefined();
  });

  it('L13, C31: --all-ready shows the number and decides nothing until --yes is given', async () => {
    for (const name of ['r1', 'r2']) await create(name, { state: 'Ready' }, 'many');
    await create('r3', { state: 'AwaitingUser' }, 'many');
    await create('r4', { state: 'Ready' }, 'other');
    const all = ['decide', '--all-ready', '--rule', 'many', '--reclaim', '--reason', 'unused'];
    const shown = await run(all);
    expect(shown.code).toBe(1);
    expect(shown.stdout).toBe('  r1\n  r2\n2 candidate(s) of rule many are Ready and not decided on: 2 to remove for good. The decision would be Reclaim. Nothing was decided: look at them, then give --yes.\n');
    expect((await read('r1')).spec.decision).toBeUndefined();
    expect((await run([...all, '--yes'])).stdout).toBe('r1: Reclaim\nr2: Reclaim\n2 decided, 0 not.\n');
    const verdicts = await Promise.all(['r1', 'r2', 'r3', 'r4'].map(async (name) => (await read(name)).spec.decision?.verdict));
    expect(verdicts).toEqual(['Reclaim', 'Reclaim', undefined, undefined]);
    expect(await run([...all, '--yes'])).toMatchObject({ code: 0, stdout: 'No candidate of rule many is Ready and not decided on.\n' });
  });

  it('who may only look is told which right is missing', async () => {
    await create('looked-at', { state: 'Ready' });
    const { code, stderr } = await run(['decide', 'looked-at', '--keep', '--reason', 'r'], onlooker);
    expect(code).toBe(1);
    expect(stderr).toContain('forbidden');
    expect((await read('looked-at')).spec.decision).toBeUndefined();
  });

  const attempt = { id: 'a', number: 1, phase: 'Done' as const, holder: 'x', startedAt: '2026-11-01T00:00:00Z' };
  const undo = { secret: 'undo', savedAt: '2026-11-01T00:00:00Z', expiresAt: '2099-02-01T00:00:00Z' };

  it('C24, C29, D4: restore says who asks and why, waits, and prints what was restored and what was not', async () => {
    await create('gone', { state: 'ClosedComplete', attempt, undo });
    const running = run(['restore', 'gone', '--reason', 'was on leave', '--wait', '30s']);
    while ((await read('gone')).spec.restore === undefined) await delay(50);
    const { spec } = await read('gone');
    const history = [{ at: '2026-11-24T12:00:00Z', state: 'ClosedComplete', reason: 'Restored', text: 'Restored: role 1, teams 2. Not restored: phone app (must be registered anew).' }];
    await client.mergePatch(removalCandidateResource, { namespace, name: 'gone' }, { status: { undo: { ...undo, restoredAt: '2026-11-24T12:00:00Z', restoredFor: restoreRequestOf({ spec }) }, history } }, { subresource: 'status' });
    expect(await running).toEqual({ code: 0, stderr: '', stdout: 'gone was restored at 2026-11-24T12:00:00Z.\nRestored: role 1, teams 2.\nNot restored: phone app (must be registered anew).\n' });
    expect(spec.restore).toMatchObject({ by: `system:serviceaccount:${namespace}:anna`, reason: 'was on leave' });
    expect((await run(['restore', 'gone'])).stderr).toContain('--reason is missing');
  });

  it('restore says why it is not done in time, and why nothing can be', async () => {
    const conditions = [{ type: 'Ready', status: 'False' as const, reason: 'UndoMissing', message: 'The Secret is gone.', lastTransitionTime: '2026-11-24T12:00:00Z' }];
    await create('stuck', { state: 'ClosedComplete', attempt, undo, conditions });
    const stuck = await run(['restore', 'stuck', '--reason', 'r', '--wait', '1s']);
    expect(stuck).toMatchObject({ code: 1, stderr: 'saaslicense restore: stuck is not restored yet; the operator says UndoMissing: The Secret is gone. Ask again, or look at status.history of it.\n' });
    expect(await run(['restore', 'stuck', '--reason', 'r', '--wait', '0s'])).toMatchObject({ code: 0, stdout: expect.stringContaining('asked to be restored') as string });
    await create('never', { state: 'Ready' });
    expect((await run(['restore', 'never', '--reason', 'r'])).stderr).toContain('cannot be restored: the operator has reclaimed nothing; the candidate is Ready.');
    expect((await run(['restore', 'absent', '--reason', 'r'])).stderr).toContain('There is no RemovalCandidate absent');
    expect((await run(['restore', 'stuck', '--reason', 'r'], onlooker)).stderr).toContain('It needs the right to get and patch RemovalCandidates');
  });
});
