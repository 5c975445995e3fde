import { describe, expect, it } from 'vitest';
import { dayMs, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { asked, decided, ready, stateOf, step } from '../../../test/support/candidate-steps.ts';

const minuteMs = 60_000;

/** A candidate whose one request got no answer and had no effect when it was read back: it may take effect yet. */
async function unclear(action: 'Remove' | 'Downgrade'): Promise<CandidateScene> {
  const scene = await decided({ action });
  scene.simulator.faults.add({ method: action === 'Remove' ? 'DELETE' : 'PUT', fault: { kind: 'reset', when: 'before-processing' } });
  await step(scene);
  expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'OutcomeUnclear' });
  return scene;
}

/** The lost request arrives at the vendor after all. */
function takeEffect(scene: CandidateScene, action: 'Remove' | 'Downgrade'): void {
  if (action === 'Remove') scene.simulator.state.removeUser('PFREE01');
  else scene.simulator.state.updateUser('PFREE01', { role: 'read_only_user', licenseId: 'PLSTAKE' });
}

const closings: readonly [string, (scene: CandidateScene) => void][] = [
  ['a person keeps it', (scene) => scene.decide('Keep')],
  ['it is excluded', (scene) => void (scene.verdict.judgement = { kind: 'Protected', guard: 'Exclusion', by: 'leave' })],
  ['the person was active', (scene) => void (scene.verdict.judgement = { kind: 'Active' })],
];

describe.each(['Remove', 'Downgrade'] as const)('what became of an unclear %s is found out before anything closes', (action) => {
  it.each(closings)('guard 4: it had taken effect when %s: it closes as reclaimed, and can be undone', async (_what, close) => {
    const scene = await unclear(action);
    takeEffect(scene, action);
    await scene.wait(10 * minuteMs);
    close(scene);
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed' });
    scene.restore();
    await step(scene);
    expect(scene.simulator.state.company.users.find(({ email }) => email === 'pfree01@example.com')?.role).toBe('limited_user');
  });

  it.each(closings)('D4: it takes effect only after it closed since %s: nothing says that nothing was done, and it can be undone', async (_what, close) => {
    const scene = await unclear(action);
    await scene.wait(10 * minuteMs);
    close(scene);
    await step(scene);
    expect(stateOf(scene)).toMatch(/^Closed(Skipped|Canceled)$/);
    expect(ready(scene)?.message).toContain('may still take effect');
    expect(JSON.stringify(scene.candidate().status)).not.toMatch(/nothing was done/);
    takeEffect(scene, action);
    scene.restore();
    await step(scene);
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
    expect(scene.simulator.state.company.users.find(({ email }) => email === 'pfree01@example.com')?.role).toBe('limited_user');
  });

  it('C29: whoever asks to undo it while it waits for a person closes it, and gets it undone', async () => {
    const scene = await unclear(action);
    takeEffect(scene, action);
    scene.restore();
    await scene.wait(10 * minuteMs);
    await step(scene);
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
    expect(scene.simulator.state.company.users.find(({ email }) => email === 'pfree01@example.com')?.role).toBe('limited_user');
  });
});

describe('what a person is told', () => {
  it('guard 4: nobody is told that they keep what an earlier request may still take', async () => {
    const scene = await asked();
    await scene.wait(15 * dayMs);
    scene.simulator.faults.add({ method: 'DELETE', fault: { kind: 'reset', when: 'before-processing' } });
    await step(scene);
    expect(scene.candidate().status?.reason).toBe('OutcomeUnclear');
    scene.decide('Keep');
    await step(scene);
    expect(scene.candidate().status?.reason).toBe('Kept');
    expect(scene.sent.map(({ kind }) => kind)).not.toContain('Kept');
  });
});

describe('an undo (guard 10)', () => {
  it('C24: who asked and why is in the trail', async () => {
    const scene = await decided({ action: 'Downgrade' });
    await step(scene);
    scene.restore('was on leave');
    await step(scene);
    expect(scene.trail.find(({ event }) => event === 'Restored')).toMatchObject({ actor: 'maria', data: { reason: 'was on leave' } });
  });

  it('changes nothing of somebody who was made admin by hand meanwhile, and says so', async () => {
    const scene = await decided({ action: 'Downgrade' });
    await step(scene);
    const writes = scene.writes().length;
    scene.simulator.state.updateUser('PFREE01', { role: 'admin', licenseId: 'PLFULL1' });
    scene.restore();
    await step(scene);
    expect(scene.simulator.state.user('PFREE01')?.role).toBe('admin');
    expect(scene.writes()).toHaveLength(writes);
    expect(scene.candidate().status?.history?.at(-1)?.text).toContain('Kept as it is now: role admin');
  });

  it('that was asked for before the reclaim undoes nothing: it was about something else, and a removed account would be lost for nothing', async () => {
    const scene = await decided();
    scene.restore('written in advance');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expect(scene.writes().map(({ method }) => method)).toEqual(['DELETE']);
    scene.restore('needed after all');
    await step(scene);
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
  });

  it('waits while as many of the rule were undone as a run may reclaim', async () => {
    const scene = await decided({ action: 'Downgrade', rule: { limits: { maxPerRun: 1, maxPercent: 5, maxCandidateRatio: 30, minAdmins: 2 } } });
    await step(scene);
    scene.copyCandidate('sub-2.1', (candidate) => {
      candidate.status = { ...candidate.status, undo: { ...candidate.status?.undo, restoredAt: new Date(scene.clock.now()).toISOString() } as never };
    });
    scene.restore();
    await scene.worker().pass();
    expect(scene.candidate().status?.undo?.restoredAt).toBeUndefined();
    expect(ready(scene)).toMatchObject({ reason: 'BudgetSpent' });
    await scene.wait(dayMs + minuteMs);
    await step(scene);
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
  });

  it('works where reclaiming is switched off, and not where nothing may be written', async () => {
    const scene = await decided({ action: 'Downgrade' });
    await step(scene);
    scene.changeProfile(({ spec }) => void (spec.suspend = true));
    scene.restore();
    await scene.worker().pass();
    expect(ready(scene)).toMatchObject({ reason: 'ProfileSuspended' });
    scene.changeProfile(({ spec }) => {
      spec.suspend = false;
      spec.reclaimSubscriptions = false;
    });
    await step(scene);
    expect(scene.simulator.state.user('PFREE01')?.role).toBe('limited_user');
  });
});
