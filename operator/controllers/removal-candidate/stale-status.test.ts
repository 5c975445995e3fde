import { describe, expect, it } from 'vitest';
import { dayMs, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { isAnswerable } from '../answers/record-answer.ts';
import { asked, decided, notify, stateOf, step } from '../../../test/support/candidate-steps.ts';

type Status = ReturnType<CandidateScene['candidate']>['status'];
const minuteMs = 60_000;

/** `kubectl replace --subresource=status` on the same object: an empty status, or one of before. */
function putStatus(scene: CandidateScene, status?: Status): void {
  scene.changeCandidate((candidate) => {
    if (status === undefined) delete candidate.status;
    else candidate.status = status;
  });
}

async function pass(scene: CandidateScene, days = 20): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    await step(scene);
    await scene.wait(dayMs);
  }
}

describe('the same object, its status lost (guards 1, 4)', () => {
  it('a decision that was made before is not taken for the look that a person has to have', async () => {
    const scene = await decided();
    await scene.worker().pass();
    await scene.worker().pass();
    expect(stateOf(scene)).toBe('AwaitingRevocation');
    putStatus(scene);
    await pass(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'StatusLost' });
    expect(scene.writes()).toEqual([]);
    scene.decide('ResumeReclaim');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });

  it.each(['Remove', 'Downgrade'] as const)('the decision before an unclear %s is no wish to send it again', async (action) => {
    const scene = await decided({ action });
    scene.simulator.faults.add({ method: action === 'Remove' ? 'DELETE' : 'PUT', fault: { kind: 'reset', when: 'before-processing' } });
    await step(scene);
    expect(scene.candidate().status?.reason).toBe('OutcomeUnclear');
    const writes = scene.writes().length;
    await scene.wait(10 * minuteMs);
    putStatus(scene);
    await pass(scene);
    expect(scene.writes()).toHaveLength(writes);
    expect(stateOf(scene)).toBe('AttentionRequired');
  });

  it('an older status, of before an unclear attempt, sends nothing again', async () => {
    const scene = await decided();
    await scene.worker().pass();
    await scene.worker().pass();
    const { status } = scene.candidate();
    expect(stateOf(scene)).toBe('AwaitingRevocation');
    scene.simulator.faults.add({ method: 'DELETE', fault: { kind: 'reset', when: 'before-processing' } });
    await step(scene);
    const writes = scene.writes().length;
    await scene.wait(10 * minuteMs);
    putStatus(scene, status);
    await pass(scene);
    expect(scene.writes()).toHaveLength(writes);
    expect(stateOf(scene)).toBe('AttentionRequired');
  });

  it('an older status, in which the person let it go, does not outvote the Keep that came later', async () => {
    const scene = await asked({ mode: 'Enforce', notify: { ...notify, approval: 'None' } });
    scene.verdict.frozenAt = () => ({ until: scene.clock.now() + 5 * dayMs, reason: 'quarter end' });
    scene.answer('Release');
    await step(scene);
    const { status } = scene.candidate();
    expect(stateOf(scene)).toBe('AwaitingRevocation');
    scene.answer('Keep');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedSkipped');
    putStatus(scene, status);
    scene.verdict.frozenAt = () => undefined;
    await pass(scene);
    expect(scene.writes()).toEqual([]);
    expect(stateOf(scene)).toBe('ClosedSkipped');
  });

  it('with approvers: an older status, in which the person let it go, does not outvote the Keep', async () => {
    const scene = await asked({ mode: 'Enforce' });
    scene.verdict.frozenAt = () => ({ until: scene.clock.now() + 5 * dayMs, reason: 'quarter end' });
    scene.answer('Release');
    await step(scene);
    const { status } = scene.candidate();
    expect(stateOf(scene)).toBe('AwaitingRevocation');
    scene.answer('Keep');
    await step(scene);
    expect(stateOf(scene)).toBe('AwaitingApproval');
    putStatus(scene, status);
    scene.verdict.frozenAt = () => undefined;
    await pass(scene);
    expect(scene.writes()).toEqual([]);
  });

  it.each(['None', 'Approvers'] as const)('a Keep that came while the rule was held is not forgotten (approval: %s)', async (approval) => {
    const scene = await asked({ mode: 'Enforce', notify: { ...notify, approval } });
    scene.verdict.hold = { reason: 'RuleSuspended', message: 'spec.suspend is true', needsPerson: true };
    scene.answer('Keep');
    await step(scene);
    await scene.wait(10 * minuteMs);
    putStatus(scene);
    scene.verdict.hold = undefined;
    await pass(scene, 40);
    expect(scene.candidate().status).toMatchObject({ reason: 'Kept' });
    expect(scene.writes()).toEqual([]);
  });

  it('a request to undo that was written in advance undoes nothing after the status was lost either', async () => {
    const scene = await decided();
    scene.restore('written in advance');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    putStatus(scene);
    await pass(scene, 3);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expect(scene.simulator.journal.writes().map(({ method }) => method)).toEqual(['DELETE']);
    scene.restore('needed after all');
    await step(scene);
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
  });

  it('an older status, of before the undo, undoes nothing again, though a newer candidate has reclaimed it since', async () => {
    const scene = await decided({ action: 'Downgrade' });
    await step(scene);
    const { status } = scene.candidate();
    scene.restore();
    await step(scene);
    scene.simulator.state.updateUser('PFREE01', { role: 'read_only_user', licenseId: 'PLSTAKE' });
    putStatus(scene, status);
    await pass(scene, 3);
    expect(scene.simulator.state.user('PFREE01')?.role).toBe('read_only_user');
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
  });

  it('two requests to undo: the first, put back, is not carried out again', async () => {
    const scene = await decided({ action: 'Downgrade' });
    await step(scene);
    scene.restore('first');
    await step(scene);
    scene.simulator.state.updateUser('PFREE01', { role: 'read_only_user', licenseId: 'PLSTAKE' });
    const first = scene.candidate().spec.restore;
    scene.restore('second');
    await step(scene);
    // Another candidate reclaims it again.
    scene.simulator.state.updateUser('PFREE01', { role: 'read_only_user', licenseId: 'PLSTAKE' });
    scene.changeCandidate((candidate) => void (candidate.spec = { ...candidate.spec, restore: first }));
    putStatus(scene);
    await pass(scene, 3);
    expect(scene.simulator.state.user('PFREE01')?.role).toBe('read_only_user');
  });
});

/** The notice has run out, or was answered, and the candidate waits in AwaitingRevocation for the end of a freeze. */
async function waiting(how: 'silence' | 'Release'): Promise<CandidateScene> {
  const scene = await asked({ mode: 'Enforce' });
  if (how === 'Release') scene.answer('Release');
  else await scene.wait(14 * dayMs + minuteMs);
  await scene.worker().pass();
  expect(stateOf(scene)).toBe('AwaitingRevocation');
  return scene;
}

describe('asked at another address (guard 9)', () => {
  it.each(['silence', 'Release'] as const)('%s there says nothing of the person at the present address, who is asked with all the time', async (how) => {
    const scene = await waiting(how);
    scene.verdict.address = 'right.mailbox@example.com';
    await pass(scene, 13);
    expect(scene.writes()).toEqual([]);
    expect(scene.sent.filter(({ kind }) => kind === 'Notice').map(({ facts }) => facts.address)).toEqual(['pfree01@example.com', 'right.mailbox@example.com']);
    await pass(scene, 3);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });

  it('whoever is asked anew can answer, though somebody has answered the former notice', async () => {
    const scene = await waiting('Release');
    scene.verdict.address = 'right.mailbox@example.com';
    await step(scene);
    const { metadata, status } = scene.candidate();
    const claim = { namespace: 'team-a', name: metadata.name, uid: metadata.uid ?? '', verdict: 'Keep', expiresAt: scene.clock.now() + dayMs } as const;
    expect(isAnswerable(scene.candidate(), { ...claim, round: 1 }, scene.clock.now())).toBe(false);
    expect(isAnswerable(scene.candidate(), { ...claim, round: status?.round ?? 1 }, scene.clock.now())).toBe(true);
    scene.answer('Keep');
    await pass(scene);
    expect(scene.writes()).toEqual([]);
  });

  it('a Keep from there that was declined is no answer of the person either: they are asked', async () => {
    const scene = await asked({ mode: 'Enforce' });
    scene.answer('Keep');
    await step(scene);
    expect(stateOf(scene)).toBe('AwaitingApproval');
    scene.decide('Reclaim');
    scene.verdict.address = 'right.mailbox@example.com';
    await step(scene);
    scene.decide('Reclaim', 'petra');
    await pass(scene, 13);
    expect(scene.writes()).toEqual([]);
    expect(scene.sent.filter(({ kind }) => kind === 'Notice').map(({ facts }) => facts.address)).toEqual(['pfree01@example.com', 'right.mailbox@example.com']);
  });

  it('a shorter notice in the rule takes none of the time away that the person was given', async () => {
    const scene = await asked({ mode: 'Enforce' });
    scene.changeRule((spec) => void (spec.notify = { ...notify, daysBeforeAutoReclaim: 1 }));
    await pass(scene, 13);
    expect(scene.writes()).toEqual([]);
  });
});

describe('copies of one origin', () => {
  it('what a copy is closed as closes the original rather than reclaiming it; a copy is never new', async () => {
    const scene = await decided();
    scene.copyCandidate('sub-1.7', (candidate) => void delete candidate.status);
    await scene.worker().pass(undefined, 'team-a/sub-1.7');
    expect(scene.candidate('sub-1.7').status).toMatchObject({ state: 'AttentionRequired', reason: 'StatusLost' });
    await scene.worker().pass(undefined, 'team-a/sub-1.7');
    await scene.worker().pass(undefined, 'team-a/sub-1.7');
    expect(scene.writes()).toEqual([]);
  });
});
