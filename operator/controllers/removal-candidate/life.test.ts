import { describe, expect, it } from 'vitest';
import { dayMs, iso, namespace, openCandidateScene } from '../../../test/support/candidate-scene.ts';
import { asked, everyone, notify, opened, ready, stateOf, step } from '../../../test/support/candidate-steps.ts';
import { retryable } from '../../api/errors.ts';
import { removalCandidateResource } from '../../api/removal-candidate.ts';

describe('modes and switches', () => {
  it('S50: with Reclaim cleared candidates are made and stay Ready, decided or not, and the vendor is not even asked', async () => {
    const scene = openCandidateScene({ rule: { notify } });
    scene.changeProfile((profile) => void (profile.spec.reclaimSubscriptions = false));
    await step(scene);
    scene.decide('Reclaim');
    for (let day = 0; day < 30; day += 1) {
      await step(scene);
      await scene.wait(dayMs);
    }
    expect(stateOf(scene)).toBe('Ready');
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Reclaiming')).toMatchObject({ status: 'False', reason: 'ReclaimDisabled' });
    expect(scene.simulator.journal.list()).toEqual([]);
    expect(scene.sent).toEqual([]);
  });

  it('S79: nothing goes on before the rule is confirmed, and it does once it is', async () => {
    const scene = await opened({ confirmed: false });
    scene.decide('Reclaim');
    await step(scene);
    expect(ready(scene)).toMatchObject({ status: 'False', reason: 'RuleNotConfirmed' });
    expect(scene.simulator.journal.list()).toEqual([]);
    scene.confirmRule();
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });

  it('C15: Enforce goes on by itself, and never without a notice that was sent', async () => {
    const scene = openCandidateScene({ rule: { mode: 'Enforce', notify } });
    scene.sending = () => {
      throw retryable('NoticeServerUnavailable', 'away');
    };
    for (let day = 0; day < 100; day += 1) {
      await step(scene);
      await scene.wait(dayMs);
    }
    expect(scene.sent).toEqual([]);
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'NoticeFailed' });
    expect(scene.candidate().status?.deadline).toBeUndefined();
    expect(scene.writes()).toEqual([]);
    scene.sending = () => undefined;
    scene.decide('ResumeReclaim');
    await step(scene);
    expect(scene.sent.map(({ kind }) => kind)).toEqual(['Notice']);
    await scene.wait(14 * dayMs + 1000);
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });

  it('C15: Enforce without a channel that reaches the person does nothing', async () => {
    const scene = openCandidateScene({ rule: { mode: 'Enforce', notify: { ...notify, channels: [{ ...everyone, audiences: ['Approvers'] }] } } });
    await step(scene);
    await scene.wait(100 * dayMs);
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'NoticeFailed' });
    expect(scene.writes()).toEqual([]);
  });

  it('L13, guard 1: a decision on another candidate, as of before this one was made, decides nothing', async () => {
    const scene = await opened();
    scene.changeCandidate((candidate) => void (candidate.spec.decision = { verdict: 'Reclaim', by: 'maria', reason: 'old', confirms: 'a'.repeat(40) }));
    await step(scene);
    expect(stateOf(scene)).toBe('Ready');
    expect(ready(scene)).toMatchObject({ status: 'False', reason: 'DecisionOutdated' });
    expect(scene.simulator.journal.list()).toEqual([]);
  });

  it.each([
    ['Keep', 'ClosedSkipped'],
    ['CloseSkipped', 'ClosedSkipped'],
  ] as const)('guard 1: %s is heard though the clock of whoever decides is behind: an old date voids only what takes away', async (verdict, closed) => {
    const scene = await opened({ rule: { mode: 'Enforce', notify } });
    scene.changeCandidate((candidate) => void (candidate.spec.decision = { verdict, by: 'maria', reason: 'needed', at: iso(scene.clock.now() - 30 * dayMs) }));
    await step(scene);
    expect(stateOf(scene)).toBe(closed);
    expect(scene.writes()).toEqual([]);
  });

  it('C12: waits while others of the rule have used up what a run may do, and goes on in the next', async () => {
    const scene = await opened({ rule: { limits: { maxPerRun: 1, maxPercent: 5, maxCandidateRatio: 30, minAdmins: 2 } } });
    const { cluster } = scene;
    const other = scene.candidate();
    cluster.put(removalCandidateResource, { ...other, metadata: { name: 'sub-2.1', namespace, uid: 'other' }, status: { state: 'ClosedComplete', attempt: { id: 'y', number: 1, phase: 'Done', holder: 'x', startedAt: iso(scene.clock.now()) } } });
    scene.decide('Reclaim');
    await step(scene);
    expect(ready(scene)).toMatchObject({ reason: 'BudgetSpent' });
    expect(scene.writes()).toEqual([]);
    await scene.wait(dayMs + 60_000);
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });
});

describe('what is written', () => {
  it('at rest nothing is, in any state that waits', async () => {
    for (const reach of [() => opened(), () => asked()]) {
      const scene = await reach();
      await step(scene);
      const { resourceVersion } = scene.candidate().metadata;
      for (let pass = 0; pass < 5; pass += 1) await scene.worker().pass();
      expect(scene.candidate().metadata.resourceVersion).toBe(resourceVersion);
    }
  });

  it('L20: never the fields that the rule and the answer page write', async () => {
    const scene = await opened();
    scene.decide('Reclaim');
    await step(scene);
    scene.changeCandidate((candidate) => {
      candidate.status = { ...candidate.status, savingsText: 'USD 1.00', returnedAt: iso(scene.clock.now()) };
    });
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ savingsText: 'USD 1.00', evidence: { thresholdDays: 60 } });
    expect(scene.candidate().status?.returnedAt).toBeDefined();
  });

  it('guard 7: no address in conditions, history, events or the trail', async () => {
    const scene = await asked();
    await scene.wait(1000);
    scene.answer('Release');
    await step(scene);
    const { conditions, history } = scene.candidate().status ?? {};
    expect(JSON.stringify([conditions, history, scene.events, scene.trail.map(({ data, ...rest }) => [rest, { ...data, id: undefined }])])).not.toContain('@');
  });

  it('keeps a bounded history', async () => {
    const scene = openCandidateScene({ rule: { notify } });
    for (let turn = 0; turn < 50; turn += 1) {
      scene.verdict.address = turn % 2 === 0 ? undefined : 'sam@example.com';
      await step(scene);
      scene.decide('Reclaim');
      await step(scene);
      scene.changeRule((spec) => void (spec.notify = { ...notify, daysBeforeAutoReclaim: 14 }));
    }
    expect(scene.candidate().status?.history?.length).toBeLessThanOrEqual(30);
    expect(scene.candidate().status?.messages?.length ?? 0).toBeLessThanOrEqual(40);
  });
});
