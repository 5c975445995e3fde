import { describe, expect, it } from 'vitest';
import { namespace, openCandidateScene, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { softwareSubscriptionResource } from '../../api/software-subscription.ts';

describe('a candidate from proposal to reclaim', () => {
  it('S50, L8, L12: waits for a decision, is reclaimed by one request, and takes its subscription along', async () => {
    const scene = openCandidateScene();
    const worker = scene.worker();
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'Ready', evidence: { thresholdDays: 60 }, savingsText: 'USD 492.00' });
    expect(readyOf(scene)).toMatchObject({ status: 'True', reason: 'AwaitingDecision' });
    expect(scene.simulator.journal.list()).toEqual([]);
    scene.decide('Reclaim');
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed', attempt: { number: 1, phase: 'Done' } });
    expect(scene.writes()).toMatchObject([{ method: 'DELETE', outcome: 'done' }]);
    expect(scene.cluster.get(softwareSubscriptionResource, { namespace, name: 'sub-1' })).toBeUndefined();
    expect(scene.cluster.get(coreResources.Secret, { namespace, name: 'sub-1.1-undo' })).toMatchObject({ type: 'saaslicense.dev/undo', immutable: true });
  });

  it('C24: records each step, and what it intends before it does it', async () => {
    const scene = openCandidateScene();
    await reclaim(scene);
    expect(scene.trail.map(({ event, actor }) => `${event} ${actor}`)).toEqual([
      'CandidateOpened operator',
      'Decided maria',
      'StateChanged maria',
      'BundleSaved operator',
      'WriteIntended operator',
      'WriteDone operator',
      'CandidateClosed operator',
    ]);
    expect(JSON.stringify(scene.trail)).not.toContain('@');
  });
});

function readyOf(scene: CandidateScene) {
  return scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready');
}

async function reclaim(scene: CandidateScene): Promise<void> {
  const worker = scene.worker();
  await worker.settle();
  scene.decide('Reclaim');
  await worker.settle();
}

