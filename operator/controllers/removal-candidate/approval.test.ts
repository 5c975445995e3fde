import { describe, expect, it } from 'vitest';
import { asked, decided, notify, opened, ready, stateOf, step } from '../../../test/support/candidate-steps.ts';

describe('what a decision confirms (guard 1)', () => {
  it('a decision that was withdrawn, and applied again after the person answered Keep, decides nothing: the wish was not seen', async () => {
    const scene = await asked();
    const { decision } = scene.candidate().spec;
    scene.changeCandidate(({ spec }) => void delete spec.decision);
    await step(scene);
    scene.answer('Keep');
    await step(scene);
    expect(stateOf(scene)).toBe('AwaitingApproval');
    // A revert of the commit that took it out.
    scene.changeCandidate(({ spec }) => void (spec.decision = decision!));
    await step(scene);
    expect(stateOf(scene)).toBe('AwaitingApproval');
    expect(ready(scene)).toMatchObject({ reason: 'AwaitingApproval' });
    expect(scene.writes()).toEqual([]);
    // Whoever decides on what is there now is heard.
    scene.decide('Reclaim');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });

  it('a decision from before a failure is no wish to try again, not even when it is written again word for word', async () => {
    const scene = await decided();
    scene.simulator.faults.add({ method: 'DELETE', fault: { kind: 'status', status: 400 } });
    const { decision } = scene.candidate().spec;
    await step(scene);
    expect(stateOf(scene)).toBe('AttentionRequired');
    const writes = scene.writes().length;
    scene.changeCandidate(({ spec }) => void delete spec.decision);
    await step(scene);
    scene.changeCandidate(({ spec }) => void (spec.decision = decision!));
    await step(scene);
    expect(stateOf(scene)).toBe('AttentionRequired');
    expect(scene.writes()).toHaveLength(writes);
  });

  it.each(['Keep', 'CloseSkipped'] as const)('%s is heard whatever it confirms: nothing is taken away by it', async (verdict) => {
    const scene = await asked({ mode: 'Enforce' });
    scene.changeCandidate(({ spec }) => void (spec.decision = { verdict, by: 'maria', reason: 'needed', confirms: 'a'.repeat(40) }));
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedSkipped');
    expect(scene.writes()).toEqual([]);
  });

  it('the id stays the same from the decision over the notice to the request, and at rest nothing is written', async () => {
    const scene = await opened({ rule: { notify } });
    const id = scene.candidate().status?.decisionId;
    expect(id).toMatch(/^[0-9a-f]{40}$/);
    scene.decide('Reclaim');
    await step(scene);
    expect(scene.candidate().status?.decisionId).toBe(id);
    await scene.wait(15 * 86_400_000);
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expect(scene.trail.find(({ event }) => event === 'Decided')?.data).toMatchObject({ confirms: id });
  });

  it('says with what it is about, and what changed last, in status', async () => {
    const scene = await opened();
    const facts = new Map(scene.candidate().status?.decisionFacts?.map(({ field, value }) => [field, value]));
    expect([...facts.keys()].toSorted()).toEqual(['account', 'action', 'address', 'answer', 'candidate', 'failures', 'licence', 'name', 'person', 'role', 'round', 'status lost', 'target']);
    expect(facts.get('address')).toBe('pfree01@example.com');
    expect(facts.get('person')).toBe('PFREE01');
  });
});
