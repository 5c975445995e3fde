import { describe, expect, it } from 'vitest';
import { dayMs, namespace, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { asked, decided, opened, ready, stateOf, step } from '../../../test/support/candidate-steps.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { removalCandidateResource } from '../../api/removal-candidate.ts';

const saved = (scene: CandidateScene): unknown => scene.cluster.get(coreResources.Secret, { namespace, name: 'sub-1.1-undo' });

describe.each([
  ['91 days ahead', 91 * dayMs],
  ['61 seconds behind', -61_000],
  ['of unknown skew', undefined],
])('an operator whose clock is %s of the API server (guard 11)', (_what, aheadMs) => {
  const skew = (scene: CandidateScene): void => void (scene.cluster.aheadMs = aheadMs);

  it('keeps what undoes a reclaim, and the candidate', async () => {
    const scene = await decided();
    await step(scene);
    skew(scene);
    await scene.wait(1000 * dayMs);
    await scene.worker().pass();
    expect(saved(scene)).toBeDefined();
    expect(scene.cluster.get(removalCandidateResource, { namespace, name: 'sub-1.1' })).toBeDefined();
  });

  it('reclaims nobody, and goes on once the clocks agree', async () => {
    const scene = await decided();
    skew(scene);
    for (let pass = 0; pass < 5; pass += 1) await scene.worker().pass();
    expect(scene.writes()).toEqual([]);
    expect(ready(scene)).toMatchObject({ status: 'False', reason: 'ClockSkewed' });
    scene.cluster.aheadMs = 0;
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });

  it('lets no deadline run out, asks nobody, and undoes nothing', async () => {
    const scene = await asked({ mode: 'Enforce' });
    skew(scene);
    const sent = scene.sent.length;
    await scene.wait(100 * dayMs);
    for (let pass = 0; pass < 5; pass += 1) await scene.worker().pass();
    expect(stateOf(scene)).toBe('AwaitingUser');
    expect(scene.sent).toHaveLength(sent);
    expect(scene.writes()).toEqual([]);
  });

  it('still closes what a person keeps', async () => {
    const scene = await opened();
    skew(scene);
    scene.decide('Keep');
    await scene.worker().pass();
    expect(stateOf(scene)).toBe('ClosedSkipped');
  });

  it('sends nothing when the clock steps between the claim and the request', async () => {
    const scene = await decided();
    const worker = scene.worker({
      after: ({ what }) => {
        if (what.startsWith('apply removalcandidates/status') && scene.candidate().status?.attempt?.phase === 'Claimed') skew(scene);
      },
    });
    for (let pass = 0; pass < 6; pass += 1) await worker.pass();
    expect(scene.writes()).toEqual([]);
  });
});
