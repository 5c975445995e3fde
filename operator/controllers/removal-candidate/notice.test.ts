import { describe, expect, it } from 'vitest';
import { dayMs, iso, openCandidateScene } from '../../../test/support/candidate-scene.ts';
import { asked, notify, opened, ready, stateOf, step } from '../../../test/support/candidate-steps.ts';
import { Killed } from '../../../test/support/memory-cluster.ts';
import { terminal } from '../../api/errors.ts';

describe('notice', () => {
  it('L5, C8: asks, reminds seven days and one day before, and goes on when nobody answers', async () => {
    const scene = await asked();
    const told = Date.parse(scene.candidate().status?.messages?.[0]?.time ?? '');
    expect(Date.parse(scene.candidate().status?.deadline ?? '')).toBe(told + 14 * dayMs);
    for (let hour = 0; hour < 15 * 24; hour += 1) {
      await step(scene);
      await scene.wait(3_600_000);
    }
    expect(scene.sent.map(({ kind, audience }) => `${kind} ${audience}`)).toEqual(['Notice User', 'Reminder User', 'Reminder User', 'Reclaimed User', 'Reclaimed Approvers']);
    expect(new Set(scene.sent.map(({ id }) => id)).size).toBe(5);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed' });
    expect(scene.writes()).toHaveLength(1);
  });

  it('guard 1: one millisecond before the deadline nothing is sent to the vendor', async () => {
    const scene = await asked();
    await scene.wait(Date.parse(scene.candidate().status?.deadline ?? '') - scene.clock.now() - 1);
    await scene.worker().pass();
    await scene.worker().pass();
    expect(stateOf(scene)).toBe('AwaitingUser');
    expect(scene.writes()).toEqual([]);
  });

  it('L4: without notice the person is not told, and cannot stop it', async () => {
    const scene = await opened();
    scene.decide('Reclaim');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expect(scene.sent).toEqual([]);
  });

  it('L8: with no days the person is told, not asked', async () => {
    const scene = await opened({ rule: { notify: { ...notify, daysBeforeAutoReclaim: 0 } } });
    scene.decide('Reclaim');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expect(scene.sent.map(({ kind, audience }) => `${kind} ${audience}`)).toEqual(['Reclaimed User', 'Reclaimed Approvers']);
  });

  it('L5: whoever lets it go is not made to wait', async () => {
    const scene = await asked();
    scene.answer('Release');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expect(scene.trail.map(({ event }) => event)).toContain('Answered');
  });

  it('L5, C10: a wish to keep waits for whoever approves, who is told; a decision of before does not count', async () => {
    const scene = await asked();
    await scene.wait(1000);
    scene.answer('Keep');
    await step(scene);
    expect(stateOf(scene)).toBe('AwaitingApproval');
    expect(scene.sent.map(({ kind, audience }) => `${kind} ${audience}`)).toEqual(['Notice User', 'ApprovalRequest Approvers']);
    await scene.wait(60 * dayMs);
    await step(scene);
    expect(stateOf(scene)).toBe('AwaitingApproval');
    expect(scene.writes()).toEqual([]);
    scene.decide('Keep');
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedSkipped', reason: 'Kept' });
    expect(scene.sent.at(-1)).toMatchObject({ kind: 'Kept', audience: 'User' });
  });

  it('L5, C10: nor does one of before count that nobody had taken note of yet, since the rule was held', async () => {
    const scene = await asked();
    scene.verdict.hold = { reason: 'DataStale', message: 'old', needsPerson: true };
    await scene.wait(dayMs);
    scene.decide('Reclaim', 'boss');
    await scene.worker().pass();
    await scene.wait(dayMs);
    scene.answer('Keep');
    scene.verdict.hold = undefined;
    await step(scene);
    expect(stateOf(scene)).toBe('AwaitingApproval');
    expect(scene.writes()).toEqual([]);
    await scene.wait(1000);
    scene.decide('Reclaim', 'boss');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });

  it('L5: a wish to keep that is declined goes on', async () => {
    const scene = await asked();
    await scene.wait(1000);
    scene.answer('Keep');
    await step(scene);
    await scene.wait(1000);
    scene.decide('Reclaim', 'boss');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expect(scene.trail.filter(({ event }) => event === 'Decided').map(({ actor }) => actor)).toEqual(['maria', 'boss']);
  });

  it('L5, C9: where nobody approves, the wish is enough', async () => {
    const scene = await asked({ notify: { ...notify, approval: 'None' } });
    scene.answer('Keep');
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedSkipped', reason: 'Kept' });
    expect(scene.candidate().status?.closedAt).toBeDefined();
  });

  it('guard 1: a wish to keep that comes after the deadline, before the reclaim, is still heard', async () => {
    const scene = await asked();
    scene.verdict.frozenAt = () => ({ until: scene.clock.now() + 100 * dayMs, reason: 'holidays' });
    await scene.wait(15 * dayMs);
    await step(scene);
    scene.answer('Keep');
    scene.verdict.frozenAt = () => undefined;
    await step(scene);
    expect(stateOf(scene)).toBe('AwaitingApproval');
    expect(scene.writes()).toEqual([]);
  });

  it('L11: restricted software skips the notice once it is decided, and not before', async () => {
    const scene = openCandidateScene({ rule: { notify, justification: 'RestrictedSoftware' } });
    scene.changeCandidate((candidate) => void (candidate.spec.justification = 'RestrictedSoftware'));
    await step(scene);
    expect(stateOf(scene)).toBe('Ready');
    scene.decide('Reclaim');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expect(scene.sent.map(({ kind }) => kind)).not.toContain('Notice');
  });

  it('L7: whoever has no address needs attention, and comes back by themselves once they have one', async () => {
    const scene = openCandidateScene({ rule: { notify } });
    scene.verdict.address = undefined;
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'UserUnresolved' });
    scene.decide('Reclaim');
    await step(scene);
    expect(stateOf(scene)).toBe('AttentionRequired');
    scene.verdict.address = 'sam@example.com';
    await step(scene);
    expect(stateOf(scene)).toBe('AwaitingUser');
  });

  it('a deadline that falls into a freeze moves to its end, and nobody is told in a freeze', async () => {
    const scene = openCandidateScene({ rule: { notify } });
    const start = scene.clock.now() + 10 * dayMs;
    scene.verdict.frozenAt = (time) => (time >= start && time < start + 20 * dayMs ? { until: start + 20 * dayMs, reason: 'holidays' } : undefined);
    await step(scene);
    scene.decide('Reclaim');
    await step(scene);
    expect(Date.parse(scene.candidate().status?.deadline ?? '')).toBe(start + 20 * dayMs);
    expect(scene.sent[0]?.facts.deadline).toBe(iso(start + 20 * dayMs));
    await scene.wait(15 * dayMs);
    await step(scene);
    expect(scene.sent).toHaveLength(1);
    expect(ready(scene)).toMatchObject({ reason: 'Frozen' });
  });

  it('C11: while the evidence is held nobody is told and nothing runs out', async () => {
    const scene = await asked();
    scene.verdict.hold = { reason: 'DataStale', message: 'old', needsPerson: true };
    await scene.wait(15 * dayMs);
    await step(scene);
    expect(stateOf(scene)).toBe('AwaitingUser');
    expect(ready(scene)).toMatchObject({ reason: 'DataStale' });
    expect(scene.writes()).toEqual([]);
  });

  it('a notice of long ago does not count: the person is asked anew', async () => {
    const scene = await asked();
    scene.changeProfile((profile) => void (profile.spec.reclaimSubscriptions = false));
    await step(scene);
    await scene.wait(60 * dayMs);
    scene.changeProfile((profile) => void (profile.spec.reclaimSubscriptions = true));
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'AwaitingUser', round: 2 });
    // The decision was about the former round: somebody decides again before anybody is asked again.
    expect(ready(scene)).toMatchObject({ reason: 'DecisionOutdated', message: expect.stringContaining('round was 1 and is 2') as unknown });
    expect(scene.sent.filter(({ kind }) => kind === 'Notice')).toHaveLength(1);
    scene.decide('Reclaim');
    await step(scene);
    expect(scene.sent.filter(({ kind }) => kind === 'Notice')).toHaveLength(2);
    expect(new Set(scene.sent.map(({ id }) => id)).size).toBe(scene.sent.length);
    expect(scene.writes()).toEqual([]);
  });

  it('a channel that is broken is told on the candidate with its cause, and tried again', async () => {
    const scene = openCandidateScene({ rule: { notify } });
    scene.sending = () => {
      throw terminal('NoticeSecretInvalid', 'Channel mail: key from is missing.');
    };
    await step(scene);
    scene.decide('Reclaim');
    await step(scene);
    expect(scene.candidate().status?.messages).toMatchObject([{ state: 'Failed', reason: 'NoticeSecretInvalid', attempts: 1 }]);
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'NoticeFailing' });
    expect(scene.events.find(({ reason }) => reason === 'MessageFailed')?.note).toContain('Channel mail: key from is missing. (NoticeSecretInvalid)');
    scene.sending = () => undefined;
    await scene.wait(dayMs);
    await step(scene);
    expect(scene.candidate().status?.messages).toMatchObject([{ state: 'Sent', attempts: 2 }]);
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True', reason: 'AwaitingUser' });
  });

  it('C8, D16: a process that dies at any call while it tells people tells nobody the same twice under another id, and leaves nobody out', async () => {
    for (const moment of ['before', 'after'] as const) {
      for (let at = 1; ; at += 1) {
        const scene = await opened({ rule: { notify } });
        scene.decide('Reclaim');
        let calls = 0;
        let isDead = false;
        const strike = (when: string): void => {
          if (when === 'before' && !isDead) calls += 1;
          if (calls === at && when === moment) isDead = true;
          if (isDead) throw new Killed();
        };
        await scene.worker({ name: 'first', before: () => strike('before'), after: () => strike('after') }).settle().catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
        });
        const wasKilled = isDead;
        await scene.wait(6 * 60_000);
        await scene.worker({ name: 'second' }).settle();
        const ids = scene.sent.map(({ id }) => id);
        expect(new Set(ids).size, `${moment} ${at}`).toBe(1);
        expect(ids.length).toBeLessThanOrEqual(2);
        expect(scene.candidate().status, `${moment} ${at}`).toMatchObject({ state: 'AwaitingUser', messages: [{ state: 'Sent' }], round: 1 });
        if (!wasKilled) break;
      }
    }
  });
});
