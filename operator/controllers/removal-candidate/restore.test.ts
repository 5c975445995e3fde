import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dayMs, namespace, openCandidateScene, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { decided } from '../../../test/support/candidate-steps.ts';
import { apiFault } from '../../../test/support/memory-cluster.ts';
import { connectionAliasResource, type ConnectionAlias } from '../../api/connection-alias.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { UndoBundle } from '../../providers/reclaim.ts';
import type { Secret } from '../secrets.ts';
import { decideUndo } from '../undo-secret/decide-undo.ts';
import { digestOf } from './undo-secret.ts';

describe('undoing a reclaim', () => {
  async function reclaimed(options: Parameters<typeof openCandidateScene>[0] = {}): Promise<CandidateScene> {
    const scene = await decided(options);
    await scene.worker().settle();
    expect(scene.candidate().status?.state).toBe('ClosedComplete');
    return scene;
  }

  const undoKey = { namespace, name: 'sub-1.1-undo' };
  const savedBundle = (scene: CandidateScene): UndoBundle => JSON.parse(gunzipSync(Buffer.from(scene.cluster.get<Secret>(coreResources.Secret, undoKey)?.data?.['bundle.json.gz'] ?? '', 'base64')).toString('utf8')) as UndoBundle;
  const ask = (scene: CandidateScene, word = '1'): void => scene.restore(word);

  it.each(['Remove', 'Downgrade'] as const)('C29, D4: brings back after a %s what was saved before it, once', async (action) => {
    const scene = await reclaimed({ action });
    ask(scene);
    await scene.worker().settle();
    const { status } = scene.candidate();
    expect(status?.undo?.restoredAt).toBeDefined();
    expect(status?.history?.at(-1)).toMatchObject({ reason: 'Restored', state: 'ClosedComplete' });
    expect(status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True', reason: 'Restored' });
    const back = scene.simulator.state.company.users.find(({ email }) => email === 'pfree01@example.com');
    expect(back).toMatchObject({ role: 'limited_user', licenseId: 'PLFULL1' });
    const writes = scene.simulator.journal.writes().length;
    ask(scene, '2');
    await scene.worker().settle();
    expect(scene.simulator.journal.writes()).toHaveLength(writes);
    // Another request finds nothing left to give back, and says so.
    expect(scene.trail.filter(({ event }) => event === 'Restored').map(({ actor }) => actor)).toEqual(['maria', 'maria']);
    expect(JSON.stringify([scene.trail, scene.events, status?.history])).not.toContain('@');
  });

  it.each([
    ['Remove', true],
    ['Downgrade', false],
  ] as const)('T10, C29: after a %s says under which other id they are back (%s), by which the cool-down knows them', async (action, isOther) => {
    const scene = await reclaimed({ action });
    ask(scene);
    await scene.worker().settle();
    const back = scene.simulator.state.company.users.find(({ email }) => email === 'pfree01@example.com');
    expect(scene.candidate().status?.undo).toMatchObject({ restoredAt: expect.any(String) as string, ...(isOther ? { restoredAs: back?.id } : {}) });
    expect(back?.id === 'PFREE01').toBe(!isOther);
    expect(scene.candidate().status?.undo?.restoredAs !== undefined).toBe(isOther);
  });

  it('C29: restores only what was reclaimed', async () => {
    const scene = openCandidateScene();
    await scene.worker().settle();
    scene.decide('CloseSkipped');
    await scene.worker().settle();
    ask(scene);
    await scene.worker().settle();
    expect(scene.simulator.journal.list()).toEqual([]);
  });

  it('D4: what was saved is deleted when it has expired, and then nothing is restored', async () => {
    const scene = await reclaimed();
    expect(scene.cluster.get(coreResources.Secret, { namespace, name: 'sub-1.1-undo' })).toBeDefined();
    await scene.wait(91 * 86_400_000);
    const writes = scene.simulator.journal.writes().length;
    await scene.worker().settle();
    expect(scene.cluster.get(coreResources.Secret, { namespace, name: 'sub-1.1-undo' })).toBeUndefined();
    expect(scene.candidate().status?.undo?.secret).toBe('');
    ask(scene);
    await scene.worker().settle();
    expect(scene.simulator.journal.writes()).toHaveLength(writes);
  });

  /** Asked for, and it cannot be done. */
  async function awaitingRestore(): Promise<CandidateScene> {
    const scene = await reclaimed({ action: 'Downgrade' });
    scene.cluster.change<ConnectionAlias>(connectionAliasResource, { namespace, name: 'pagerduty' }, ({ spec }) => void (spec.suspend = true));
    ask(scene);
    await scene.worker().settle(3);
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'Suspended' });
    return scene;
  }

  const isSaved = (scene: CandidateScene): boolean => {
    const secret = scene.cluster.get<Secret>(coreResources.Secret, undoKey);
    if (secret === undefined) return false;
    const made = { ...secret, metadata: { ...secret.metadata, creationTimestamp: scene.candidate().status?.undo?.savedAt ?? '' } };
    return decideUndo(made, scene.candidate(), scene.clock.now()).kind === 'Keep';
  };

  it('C29, D4: what an undo that waits needs is kept beyond its time, also by the sweep, and then it is done', async () => {
    const scene = await awaitingRestore();
    await scene.wait(364 * dayMs);
    await scene.worker().settle(3);
    expect(isSaved(scene)).toBe(true);
    scene.cluster.change<ConnectionAlias>(connectionAliasResource, { namespace, name: 'pagerduty' }, ({ spec }) => void (spec.suspend = false));
    await scene.worker().settle();
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
    expect(scene.simulator.state.user('PFREE01')?.role).toBe('limited_user');
    expect(scene.cluster.get(coreResources.Secret, undoKey)).toBeUndefined();
  });

  it('D4, guard 7: not beyond the longest retention that a rule may have', async () => {
    const scene = await awaitingRestore();
    await scene.wait(365 * dayMs);
    await scene.worker().settle();
    expect(scene.cluster.get(coreResources.Secret, undoKey)).toBeUndefined();
    expect(scene.simulator.state.user('PFREE01')?.role).toBe('read_only_user');
  });

  it('D4: once nobody asks for it any more it goes when it expires', async () => {
    const scene = await awaitingRestore();
    await scene.wait(91 * dayMs);
    await scene.worker().settle(3);
    expect(isSaved(scene)).toBe(true);
    ask(scene, '');
    await scene.worker().settle();
    expect(scene.cluster.get(coreResources.Secret, undoKey)).toBeUndefined();
  });

  const deletions = (scene: CandidateScene) => scene.trail.filter(({ event }) => event === 'BundleDeleted');

  it('C24: what was saved is recorded as deleted, once, though the answer to its deletion is lost', async () => {
    const scene = await reclaimed();
    await scene.wait(91 * dayMs);
    const worker = scene.worker({
      after: ({ what }) => {
        if (what.startsWith('delete secrets')) throw apiFault();
      },
    });
    await worker.settle();
    expect(scene.cluster.get(coreResources.Secret, undoKey)).toBeUndefined();
    expect(deletions(scene)).toMatchObject([{ data: { cause: 'Expired' } }]);
  });

  it('C24: what somebody deleted by hand is recorded as found gone when it would have expired', async () => {
    const scene = await reclaimed();
    scene.cluster.remove(coreResources.Secret, undoKey);
    await scene.wait(91 * dayMs);
    await scene.worker().settle();
    expect(deletions(scene)).toMatchObject([{ actor: 'operator', candidate: 'sub-1.1', data: { cause: 'FoundGone', expiresAt: scene.candidate().status?.undo?.expiresAt } }]);
  });

  it('C24: what somebody took from the operator by its label is neither deleted nor recorded as deleted', async () => {
    const scene = await reclaimed();
    scene.cluster.change(coreResources.Secret, undoKey, ({ metadata }) => void (metadata.labels = {}));
    await scene.wait(91 * dayMs);
    await scene.worker().settle();
    expect(scene.cluster.get(coreResources.Secret, undoKey)).toBeDefined();
    expect(deletions(scene)).toEqual([]);
    expect(scene.candidate().status?.undo?.secret).toBe('');
  });

  it('D4, guard 7: what the watch does not show for want of its label is deleted all the same: it is read by its name', async () => {
    const scene = await reclaimed();
    scene.cluster.change(coreResources.Secret, undoKey, ({ metadata }) => void delete metadata.labels?.['saaslicense.dev/watch']);
    await scene.wait(91 * dayMs);
    await scene.worker().settle();
    expect(scene.cluster.get(coreResources.Secret, undoKey)).toBeUndefined();
    expect(deletions(scene)).toHaveLength(1);
  });

  it('guard 7: the Secret shows no person in its metadata', async () => {
    const scene = await reclaimed();
    const secret = scene.cluster.get(coreResources.Secret, { namespace, name: 'sub-1.1-undo' });
    expect(JSON.stringify(secret?.metadata)).not.toMatch(/@|Person/);
  });

  it('is kept out of another account', async () => {
    const scene = await reclaimed();
    const account = 'PagerDuty other (US)';
    scene.cluster.change(coreResources.Secret, undoKey, ({ metadata }) => void (metadata.annotations = { ...metadata.annotations, 'saaslicense.dev/account': account }));
    scene.changeCandidate(({ status }) => void Object.assign(status?.undo ?? {}, { digest: digestOf({ bundle: savedBundle(scene), account }) }));
    const writes = scene.simulator.journal.writes().length;
    ask(scene);
    await scene.worker().settle();
    expect(scene.simulator.journal.writes()).toHaveLength(writes);
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ reason: 'AccountMismatch' });
  });

  it.each<[string, (scene: CandidateScene) => void]>([
    ['another role', (scene) => {
      const bundle = structuredClone(savedBundle(scene));
      Object.assign(bundle.content['person'] as object, { role: 'admin' });
      scene.cluster.change<Secret>(coreResources.Secret, undoKey, (secret) => void (secret.data = { 'bundle.json.gz': gzipSync(JSON.stringify(bundle)).toString('base64') }));
    }],
    ['another account', (scene) => scene.cluster.change(coreResources.Secret, undoKey, ({ metadata }) => void (metadata.annotations = { ...metadata.annotations, 'saaslicense.dev/account': 'PagerDuty other (US)' }))],
    ['what no candidate vouches for', (scene) => scene.changeCandidate(({ status }) => void delete status?.undo?.digest)],
  ])('guard 2: restores nothing from a Secret that holds %s by now', async (_what, forge) => {
    const scene = await reclaimed({ action: 'Downgrade' });
    forge(scene);
    const writes = scene.simulator.journal.writes().length;
    ask(scene);
    await scene.worker().settle();
    expect(scene.simulator.journal.writes()).toHaveLength(writes);
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'UndoInvalid' });
  });

  it('guard 5: a closed candidate stays as long as its attempt counts for the budget', async () => {
    const scene = await reclaimed({ rule: { closedRetentionDays: 1, undoRetentionDays: 1, evaluationPeriodHours: 720 } });
    await scene.wait(30 * 86_400_000);
    await scene.worker().settle();
    expect(scene.candidate().status?.state).toBe('ClosedComplete');
    await scene.wait(2 * 86_400_000);
    await scene.worker().settle();
    expect(() => scene.candidate()).toThrow('gone');
  });

  it('C9: a candidate that was kept stays as long as the cool-down, so that nobody is proposed again before', async () => {
    const scene = openCandidateScene({ rule: { closedRetentionDays: 1, keepCooldownDays: 90 } });
    await scene.worker().settle();
    scene.decide('Keep');
    await scene.worker().settle();
    await scene.wait(89 * 86_400_000);
    await scene.worker().settle();
    expect(scene.candidate().status?.state).toBe('ClosedSkipped');
    await scene.wait(2 * 86_400_000);
    await scene.worker().settle();
    expect(() => scene.candidate()).toThrow('gone');
  });

  it('C29: a candidate that was restored stays as long as the cool-down from then on', async () => {
    const scene = await reclaimed({ action: 'Downgrade', rule: { closedRetentionDays: 1, undoRetentionDays: 90, keepCooldownDays: 90 } });
    await scene.wait(80 * 86_400_000);
    ask(scene);
    await scene.worker().settle();
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
    await scene.wait(89 * 86_400_000);
    await scene.worker().settle();
    expect(scene.candidate().status?.state).toBe('ClosedComplete');
    await scene.wait(2 * 86_400_000);
    await scene.worker().settle();
    expect(() => scene.candidate()).toThrow('gone');
  });

  it('L14: a closed candidate is deleted after its retention, never before what it saved', async () => {
    const scene = await reclaimed({ rule: { closedRetentionDays: 1 } });
    await scene.wait(80 * 86_400_000);
    await scene.worker().settle();
    expect(scene.candidate().status?.state).toBe('ClosedComplete');
    await scene.wait(11 * 86_400_000);
    await scene.worker().settle();
    expect(() => scene.candidate()).toThrow('gone');
  });
});
