import { expect, it } from 'vitest';
import { namespace, openCandidateScene } from '../../../test/support/candidate-scene.ts';
import { recordAnswer } from './record-answer.ts';

const notify = { daysBeforeAutoReclaim: 14, approval: 'Approvers', channels: [{ name: 'mail', type: 'Email', secretRef: { name: 'slack' }, audiences: ['User', 'Approvers'] }] };

// Found by the proof (test/proof): the leader's clock is ahead of the replica's that the person answers on.
it.each([0, 1, 30_000])('L5: a wish to keep stands though the decision was written down by a clock that is %i ms ahead', async (aheadMs) => {
  const scene = openCandidateScene({ rule: { notify: notify as never } });
  const worker = scene.worker();
  await worker.settle();
  scene.decide('Reclaim');
  await worker.settle();
  scene.decide('Reclaim', 'noor');
  await worker.settle();
  const { state, decidedAt = '' } = scene.candidate().status ?? {};
  expect(state).toBe('AwaitingUser');
  const { name, uid = '' } = scene.candidate().metadata;
  const claim = { namespace, name, uid, round: 1, verdict: 'Keep', expiresAt: Number.MAX_SAFE_INTEGER } as const;
  const tools = { client: scene.cluster.client('page'), now: () => Date.parse(decidedAt) - aheadMs, signal: new AbortController().signal };
  expect(await recordAnswer(claim, undefined, tools)).toBe(true);
  for (let day = 0; day < 20; day += 1) {
    await worker.settle();
    await scene.wait(86_400_000);
  }
  expect(scene.writes()).toEqual([]);
  expect(scene.candidate().status?.state).toBe('AwaitingApproval');
});
