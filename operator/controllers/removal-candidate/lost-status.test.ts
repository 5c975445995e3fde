import { describe, expect, it } from 'vitest';
import { dayMs, namespace, openCandidateScene, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { asked, decided, notify, ready, stateOf, step } from '../../../test/support/candidate-steps.ts';
import { softwareSubscriptionResource } from '../../api/software-subscription.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';

type Backup = RemovalCandidate;

const backUp = (scene: CandidateScene): Backup => scene.candidate();

/** As Velero does it: another object of the same name and spec; status only where it is told to. */
async function putBack(scene: CandidateScene, { metadata, spec, status }: Backup, withStatus = false): Promise<void> {
  await scene.wait(10 * 60_000);
  const { uid: _uid, resourceVersion: _version, ...kept } = metadata;
  scene.cluster.remove(removalCandidateResource, { namespace, name: metadata.name });
  const created = new Date(scene.clock.now()).toISOString();
  scene.cluster.put<RemovalCandidate>(removalCandidateResource, { apiVersion: 'saaslicense.dev/v1alpha1', kind: 'RemovalCandidate', metadata: { ...kept, creationTimestamp: created }, spec, ...(withStatus && status !== undefined ? { status } : {}) });
}

/** `kubectl replace --subresource=status`: the same object with an empty status, or an older one. */
function loseStatus(scene: CandidateScene, status?: RemovalCandidate['status']): void {
  scene.changeCandidate((candidate) => {
    if (status === undefined) delete candidate.status;
    else candidate.status = status;
  });
}

async function passAll(scene: CandidateScene): Promise<void> {
  for (let day = 0; day < 40; day += 1) {
    await step(scene);
    await scene.wait(dayMs);
  }
}

const expectUntouched = (scene: CandidateScene, writes: number): void => expect(scene.writes()).toHaveLength(writes);

describe('a candidate that is put back from a backup (design section 2: lost memory is never permission)', () => {
  describe.each([false, true])('with status: %s', (withStatus) => {
    it('decided, and not done yet: nothing is done before a person has looked', async () => {
      const scene = await decided();
      await putBack(scene, backUp(scene), withStatus);
      await passAll(scene);
      expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'StatusLost' });
      expect(ready(scene)).toMatchObject({ status: 'False', reason: 'StatusLost' });
      expectUntouched(scene, 0);
      scene.decide('ResumeReclaim');
      await step(scene);
      expect(stateOf(scene)).toBe('ClosedComplete');
    });

    it('downgraded and undone: it is not downgraded again', async () => {
      const scene = await decided({ action: 'Downgrade' });
      const backup = backUp(scene);
      await step(scene);
      scene.restore();
      await step(scene);
      const writes = scene.writes().length;
      expect(scene.simulator.state.user('PFREE01')?.role).toBe('limited_user');
      await putBack(scene, backup, withStatus);
      await passAll(scene);
      expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed' });
      expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
      expectUntouched(scene, writes);
    });

    it('closed as excluded: it stays closed', async () => {
      const scene = await decided();
      scene.verdict.judgement = { kind: 'Protected', guard: 'Exclusion', by: 'leave' };
      await step(scene);
      expect(scene.candidate().status?.reason).toBe('Excluded');
      const backup = backUp(scene);
      scene.verdict.judgement = { kind: 'Candidate', justification: 'LowUsage', evidence: { thresholdDays: 60, windowFrom: '2026-08-01T00:00:00Z', windowTo: new Date(scene.clock.now()).toISOString() } };
      await putBack(scene, backup, withStatus);
      await passAll(scene);
      expect(scene.candidate().status).toMatchObject({ state: 'ClosedSkipped', reason: 'Excluded' });
      expectUntouched(scene, 0);
    });

    it('an answered Keep is not forgotten, and its owner is not asked again', async () => {
      const scene = await asked({ mode: 'Enforce' });
      const backup = backUp(scene);
      scene.answer('Keep');
      await step(scene);
      const sent = scene.sent.length;
      await putBack(scene, backup, withStatus);
      await passAll(scene);
      expect(scene.candidate().status).toMatchObject({ state: 'ClosedSkipped', reason: 'Kept' });
      expect(scene.sent.slice(sent).filter(({ kind }) => kind === 'Notice')).toEqual([]);
      expectUntouched(scene, 0);
    });
  });

  it('an attempt of unknown outcome is found again and read back before anything else', async () => {
    const scene = await decided();
    const backup = backUp(scene);
    scene.simulator.faults.add({ method: 'DELETE', fault: { kind: 'reset', when: 'before-headers' } });
    await scene.worker().pass();
    await scene.worker().pass();
    await scene.worker().pass();
    expect(scene.simulator.state.user('PFREE01')).toBeUndefined();
    await putBack(scene, backup);
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed', attempt: { phase: 'Done' } });
    expect(scene.candidate().status?.undo?.digest).toBeDefined();
    expectUntouched(scene, 1);
    scene.restore();
    await step(scene);
    expect(scene.simulator.state.company.users.some(({ email }) => email === 'pfree01@example.com')).toBe(true);
  });

  it('moved to another cluster, without its trail: a person has to look', async () => {
    const scene = await decided({ rule: { mode: 'Enforce', notify } });
    const backup = backUp(scene);
    scene.trail.length = 0;
    const sent = scene.sent.length;
    await putBack(scene, backup);
    await passAll(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'StatusLost' });
    expect(scene.sent).toHaveLength(sent);
    expectUntouched(scene, 0);
  });
});

describe('a status that is lost on the same object (kubectl replace)', () => {
  it('emptied after the reclaim was undone: it is not done again', async () => {
    const scene = await decided({ action: 'Downgrade' });
    await step(scene);
    scene.restore();
    await step(scene);
    const writes = scene.writes().length;
    loseStatus(scene);
    await passAll(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expectUntouched(scene, writes);
  });

  it('an older one put back, in which a decision still counted: the trail knows better, and nothing is sent', async () => {
    const scene = await decided({ action: 'Downgrade' });
    await scene.worker().pass();
    await scene.worker().pass();
    const { status } = scene.candidate();
    expect(stateOf(scene)).toBe('AwaitingRevocation');
    await step(scene);
    scene.restore();
    await step(scene);
    const writes = scene.writes().length;
    loseStatus(scene, status);
    await passAll(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expectUntouched(scene, writes);
  });

  // Found by the proof (seed 5002).
  it('an older one put back before the subscription goes: it closes with its attempt and the way back', async () => {
    const scene = await decided();
    const { status } = scene.candidate();
    await scene.worker().pass();
    await scene.worker().pass();
    await scene.worker().pass();
    expect(scene.simulator.state.user('PFREE01')).toBeUndefined();
    loseStatus(scene, status);
    scene.cluster.remove(softwareSubscriptionResource, { namespace, name: 'sub-1' });
    await passAll(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed' });
    expect(scene.candidate().status?.undo?.digest).toBeDefined();
    expectUntouched(scene, 1);
  });

  it('one that the operator has just created is no copy: it goes on by itself', async () => {
    const scene = openCandidateScene();
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'Ready', uid: scene.candidate().metadata.uid });
  });

  it('one that was created by hand, without an origin, waits for a person', async () => {
    const scene = openCandidateScene();
    scene.changeCandidate(({ spec }) => void delete spec.origin);
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'StatusLost' });
  });
});
