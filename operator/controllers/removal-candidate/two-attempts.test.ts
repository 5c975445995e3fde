import { describe, expect, it } from 'vitest';
import { namespace, openCandidateScene, type CandidateScene, type SceneOptions, type Worker } from '../../../test/support/candidate-scene.ts';
import { makePerson } from '../../../test/pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../../../test/pagerduty-simulator/testing/write-scene.ts';
import { softwareSubscriptionResource } from '../../api/software-subscription.ts';
import type { ActOutcome } from '../../providers/reclaim.ts';
import type { Provider } from '../../providers/provider.ts';

const { signal } = new AbortController();
const account = 'PagerDuty acme-example (US)';

/** Attempt one is unclear and read back as not done, a person resumes, attempt two comes to this. */
async function resumed(second: ActOutcome, options: SceneOptions = {}): Promise<{ scene: CandidateScene; worker: Worker }> {
  const scene = openCandidateScene(options);
  const worker = scene.worker();
  await worker.settle();
  scene.decide('Reclaim');
  const outcomes: ActOutcome[] = [{ kind: 'Unclear', reason: 'AnswerLost' }, second];
  const provider = worker.dependencies.providers.get('PagerDuty') as Provider;
  (worker.dependencies.providers as Map<string, Provider>).set('PagerDuty', { ...provider, reclaim: { ...provider.reclaim, act: () => Promise.resolve(outcomes.shift() ?? second) } });
  await worker.settle();
  expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'OutcomeUnclear' });
  await scene.wait(1000);
  scene.decide('ResumeReclaim');
  for (let step = 0; outcomes.length > 0; step += 1) {
    if (step > 400) throw new Error('the second attempt does not come');
    const { requeueAfterMs = 1 } = await worker.pass();
    if (outcomes.length > 0) await scene.wait(Math.max(1, requeueAfterMs));
  }
  return { scene, worker };
}

describe('a first attempt of which nobody knows the end, and a second that is refused', () => {
  it('guard 2: the admin whom the first may have taken away still counts as going', async () => {
    const users = [...makeStaff().users.filter(({ id, role }) => id !== 'PFREE01' && role !== 'admin'), ...['PFREE01', 'PADMIN2'].map((id) => makePerson(id, { role: 'admin' }))];
    const { scene } = await resumed({ kind: 'Refused', reason: 'RateLimited', words: [], passing: true, retryAfterMs: 3_600_000 }, { company: makeStaff({ users }), rule: { limits: { maxPerRun: 10, maxPercent: 5, maxCandidateRatio: 30, minAdmins: 1 } } });
    expect(scene.candidate().status?.attempt).toMatchObject({ phase: 'Refused', number: 2, afterUnclear: true });
    const { turns } = scene.worker({ name: 'two' }).dependencies;
    expect((await turns.read(account, signal)).countAdmins({ self: 'other', siblings: [] })).toBe(1);
  });

  it('L9, D4: when the first takes effect late, it counts as reclaimed, and can be undone', async () => {
    const { scene, worker } = await resumed({ kind: 'Refused', reason: 'AccessDenied', words: ['no'], passing: false });
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', attempt: { phase: 'Refused' } });
    scene.simulator.state.removeUser('PFREE01');
    scene.cluster.remove(softwareSubscriptionResource, { namespace, name: 'sub-1' });
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed' });
    scene.restore();
    await worker.settle();
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
  });
});
