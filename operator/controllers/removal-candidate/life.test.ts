import { describe, expect, it } from 'vitest';
import { dayMs, iso, namespace, openCandidateScene, type CandidateScene, type SceneOptions } from '../../../test/support/candidate-scene.ts';
import { retryable, terminal } from '../../api/errors.ts';
import { integrationProfileResource } from '../../api/integration-profile.ts';
import type { Notify } from '../../api/notify.ts';
import { reclamationRuleResource } from '../../api/reclamation-rule.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import { Killed } from '../../../test/support/memory-cluster.ts';
import { createSeededRandom } from '../../../test/support/seeded-random.ts';
import { candidateStates, type CandidateState } from '../../api/removal-candidate.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';

const everyone = { name: 'slack', type: 'Slack' as const, secretRef: { name: 'slack' }, audiences: ['User' as const, 'Approvers' as const] };
const notify: Notify = { daysBeforeAutoReclaim: 14, approval: 'Approvers', channels: [everyone] };

const stateOf = (scene: CandidateScene): CandidateState | undefined => scene.candidate().status?.state;
const ready = (scene: CandidateScene) => scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready');

async function step(scene: CandidateScene): Promise<void> {
  await scene.worker().settle();
}

async function opened(options: SceneOptions = {}): Promise<CandidateScene> {
  const scene = openCandidateScene(options);
  await step(scene);
  return scene;
}

async function asked(rule: SceneOptions['rule'] = {}): Promise<CandidateScene> {
  const scene = await opened({ rule: { notify, ...rule } });
  scene.decide('Reclaim');
  await step(scene);
  expect(stateOf(scene)).toBe('AwaitingUser');
  return scene;
}

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

  it('S79: nothing goes on before the rule is reviewed, and it does once it is', async () => {
    const scene = await opened({ rule: { reviewed: false } });
    scene.decide('Reclaim');
    await step(scene);
    expect(ready(scene)).toMatchObject({ status: 'False', reason: 'RuleNotReviewed' });
    expect(scene.simulator.journal.list()).toEqual([]);
    scene.changeRule((spec) => void (spec.reviewed = true));
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

  it('L13: a decision of before the candidate was made is about another one', async () => {
    const scene = await opened();
    scene.changeCandidate((candidate) => void (candidate.spec.decision = { verdict: 'Reclaim', by: 'maria', reason: 'old', at: '2026-11-01T00:00:00Z' }));
    await step(scene);
    expect(stateOf(scene)).toBe('Ready');
    expect(scene.simulator.journal.list()).toEqual([]);
  });

  it('C12: waits while others of the rule have used up what a run may do, and goes on in the next', async () => {
    const scene = await opened({ rule: { limits: { maxPerRun: 1, maxPercent: 5, maxCandidateRatio: 30, minAdmins: 2 } } });
    const { cluster } = scene;
    const other = scene.candidate();
    cluster.put({ apiVersion: '', kind: '', plural: 'removalcandidates', namespaced: true }, { ...other, metadata: { name: 'sub-2.1', namespace, uid: 'other' }, status: { state: 'ClosedComplete', attempt: { id: 'y', number: 1, phase: 'Done', holder: 'x', startedAt: iso(scene.clock.now()) } } } as typeof other);
    scene.decide('Reclaim');
    await step(scene);
    expect(ready(scene)).toMatchObject({ reason: 'BudgetSpent' });
    expect(scene.writes()).toEqual([]);
    await scene.wait(dayMs + 60_000);
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });
});

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
    expect(scene.sent.filter(({ kind }) => kind === 'Notice')).toHaveLength(2);
    expect(new Set(scene.sent.map(({ id }) => id)).size).toBe(scene.sent.length);
    expect(scene.writes()).toEqual([]);
  });

  it('a channel that is broken is told on the candidate, and tried again', async () => {
    const scene = openCandidateScene({ rule: { notify } });
    scene.sending = () => {
      throw terminal('NoticeSecretInvalid', 'bad');
    };
    await step(scene);
    scene.decide('Reclaim');
    await step(scene);
    expect(scene.candidate().status?.messages).toMatchObject([{ state: 'Failed', reason: 'NoticeSecretInvalid', attempts: 1 }]);
    scene.sending = () => undefined;
    await scene.wait(dayMs);
    await step(scene);
    expect(scene.candidate().status?.messages).toMatchObject([{ state: 'Sent', attempts: 2 }]);
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

describe('what closes an open candidate', () => {
  /** In each open state. */
  const ways: readonly [CandidateState, () => Promise<CandidateScene>][] = [
    ['Ready', () => opened()],
    ['AwaitingUser', () => asked()],
    ['AwaitingApproval', async () => {
      const scene = await asked();
      await scene.wait(1000);
      scene.answer('Keep');
      await step(scene);
      return scene;
    }],
    ['AwaitingRevocation', async () => {
      const scene = await opened();
      scene.decide('Reclaim');
      const worker = scene.worker();
      while (stateOf(scene) !== 'AwaitingRevocation') await worker.pass();
      return scene;
    }],
    ['AttentionRequired', async () => {
      const scene = openCandidateScene({ rule: { notify } });
      scene.verdict.address = undefined;
      await step(scene);
      return scene;
    }],
  ];
  const rows = <T>(cases: readonly T[]) => ways.flatMap(([state, reach]) => cases.map((one) => ({ state, reach, one })));

  it('covers every open state', () => {
    expect(ways.map(([state]) => state).toSorted()).toEqual(candidateStates.filter((state) => !isClosed(state)).toSorted());
  });

  const subscription = (scene: CandidateScene, edit: (spec: SoftwareSubscription['spec']) => void): void => scene.cluster.change<SoftwareSubscription>(softwareSubscriptionResource, { namespace, name: 'sub-1' }, ({ spec }) => edit(spec));
  const closings: readonly { what: string; change: (scene: CandidateScene) => void; state: CandidateState; reason: string; fromRevocation?: [CandidateState, string] }[] = [
    { what: 'L10: activity', change: ({ verdict }) => void (verdict.judgement = { kind: 'Active' }), state: 'ClosedCanceled', reason: 'ActivityReturned' },
    { what: 'L9: a subscription that is gone', change: ({ cluster }) => cluster.remove(softwareSubscriptionResource, { namespace, name: 'sub-1' }), state: 'ClosedSkipped', reason: 'SubscriptionGone', fromRevocation: ['ClosedComplete', 'DoneByHand'] },
    { what: 'L28: a profile that is gone', change: ({ cluster }) => cluster.remove(integrationProfileResource, { namespace, name: 'pagerduty' }), state: 'ClosedSkipped', reason: 'ProfileGone' },
    { what: 'C14: an exclusion', change: ({ verdict }) => void (verdict.judgement = { kind: 'Protected', guard: 'Exclusion', by: 'leave' }), state: 'ClosedSkipped', reason: 'Excluded' },
    { what: 'guard 2: a protected role', change: ({ verdict }) => void (verdict.judgement = { kind: 'Protected', guard: 'Role', by: 'admin' }), state: 'ClosedSkipped', reason: 'Protected' },
    { what: 'C31: a rule that is for others by now', change: ({ verdict }) => void (verdict.judgement = { kind: 'NotCovered' }), state: 'ClosedSkipped', reason: 'NotCovered' },
    { what: 'C1: a licence that was assigned anew', change: ({ verdict }) => void (verdict.judgement = { kind: 'Recent', until: 0 }), state: 'ClosedSkipped', reason: 'NewSeat' },
    { what: 'C18: a rule that does something else', change: (scene) => scene.changeRule((spec) => void Object.assign(spec, { action: 'Downgrade', downgradeTo: { role: 'read_only_user' } })), state: 'ClosedSkipped', reason: 'RuleChanged' },
    { what: 'another role', change: (scene) => subscription(scene, (spec) => void (spec.role = 'admin')), state: 'ClosedSkipped', reason: 'SubscriptionChanged' },
    { what: 'C9: a decision to keep', change: (scene) => scene.decide('Keep'), state: 'ClosedSkipped', reason: 'Kept' },
    { what: 'L14: a person who skips it', change: (scene) => scene.decide('CloseSkipped'), state: 'ClosedSkipped', reason: 'Dismissed' },
    { what: 'L14: a person who settled it elsewhere', change: (scene) => scene.decide('CloseComplete'), state: 'ClosedComplete', reason: 'SettledElsewhere' },
  ];

  it.each(rows(closings))('$one.what closes it in $state, and nothing is sent to the vendor', async ({ state, reach, one }) => {
    const scene = await reach();
    expect(stateOf(scene)).toBe(state);
    await scene.wait(1000);
    one.change(scene);
    await step(scene);
    const [closed, reason] = state === 'AwaitingRevocation' && one.fromRevocation !== undefined ? one.fromRevocation : [one.state, one.reason];
    expect(scene.candidate().status).toMatchObject({ state: closed, reason });
    expect(scene.candidate().status?.closedAt).toBeDefined();
    expect(scene.writes()).toEqual([]);
    expect(scene.trail.map(({ event }) => event)).toContain('CandidateClosed');
  });

  const waits: readonly { what: string; change: (scene: CandidateScene) => void; reason?: string }[] = [
    { what: 'C11: evidence that is held', change: ({ verdict }) => void (verdict.hold = { reason: 'DataStale', message: 'old', needsPerson: true }) },
    { what: 'C11: held evidence that would say that the person is active', change: ({ verdict }) => void Object.assign(verdict, { hold: { reason: 'RefreshFailed', message: 'x', needsPerson: true }, judgement: { kind: 'Active' } }) },
    { what: 'guard 6: evidence that says nothing', change: ({ verdict }) => void (verdict.judgement = { kind: 'Unknown', why: 'NoEvidence' }) },
    { what: 'a rule that is gone', change: ({ cluster }) => cluster.remove(reclamationRuleResource, { namespace, name: 'business' }) },
    { what: 'a rule that only observes', change: (scene) => scene.changeRule((spec) => void (spec.mode = 'Observe')) },
    { what: 'S79: a rule whose review was taken back', change: (scene) => scene.changeRule((spec) => void (spec.reviewed = false)) },
    { what: 'S50: Reclaim that was cleared', change: (scene) => scene.changeProfile((profile) => void (profile.spec.reclaimSubscriptions = false)) },
    { what: 'D7: an account that is managed elsewhere', change: ({ verdict }) => void (verdict.ownership = [{ managedBy: 'Terraform', reference: 'x' }]) },
    { what: 'D1: a plan that is another one', change: ({ verdict }) => void (verdict.plan = 'Changed') },
  ];

  it.each(rows(waits))('$one.what changes nothing in $state, for a year: nothing is closed, told or sent', async ({ state, reach, one }) => {
    const scene = await reach();
    one.change(scene);
    const sent = scene.sent.length;
    for (let week = 0; week < 52; week += 1) {
      await scene.wait(7 * dayMs);
      await step(scene);
    }
    expect(stateOf(scene)).toBe(state);
    expect(scene.sent).toHaveLength(sent);
    expect(scene.writes()).toEqual([]);
  });

  it('C18, L9: a downgrade that was done by hand, once it was decided, is complete', async () => {
    const scene = await opened({ action: 'Downgrade' });
    scene.decide('Reclaim');
    const worker = scene.worker();
    while (stateOf(scene) !== 'AwaitingRevocation') await worker.pass();
    subscription(scene, (spec) => void Object.assign(spec, { role: 'read_only_user', subscriptionIdentifier: 'PLSTAKE' }));
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'DoneByHand' });
    expect(scene.writes()).toEqual([]);
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

describe('anything that may happen, in any order', () => {
  it('guards 1 to 4: never sends more than one request that was done, and none that nobody decided or let run out', async () => {
    let decisions = 0;
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = createSeededRandom(seed);
      const isEnforced = random() < 0.3;
      const scene = openCandidateScene({ rule: { notify: random() < 0.7 || isEnforced ? { ...notify, approval: random() < 0.5 ? 'None' : 'Approvers' } : undefined, mode: isEnforced ? 'Enforce' : 'Propose' } as never });
      const happen: readonly (() => void)[] = [
        () => scene.decide('Reclaim'),
        () => scene.decide('ResumeReclaim'),
        () => scene.answer(random() < 0.5 ? 'Keep' : 'Release'),
        () => void (scene.verdict.hold = random() < 0.5 ? undefined : { reason: 'DataStale', message: 'x', needsPerson: true }),
        () => scene.changeProfile((profile) => void (profile.spec.reclaimSubscriptions = random() < 0.6)),
        () => scene.changeRule((spec) => void (spec.reviewed = random() < 0.7)),
        () => void (scene.verdict.address = random() < 0.3 ? undefined : 'sam@example.com'),
        () => scene.changeCandidate((candidate) => void delete candidate.spec.decision),
        () => void scene.simulator.faults.add({ method: 'DELETE', route: '/users/{id}', fault: random() < 0.5 ? { kind: 'reset', when: random() < 0.5 ? 'before-headers' : 'before-processing' } : { kind: 'status', status: random() < 0.5 ? 500 : 429 } }),
      ];
      for (let turn = 0; turn < 25; turn += 1) {
        happen[Math.floor(random() * happen.length)]?.();
        const before = scene.candidate();
        const writes = scene.writes().length;
        await scene.worker().pass().catch((error: unknown) => expect(error).toMatchObject({ name: 'OperatorError' }));
        decisions += 1;
        if (scene.writes().length > writes) {
          // Whatever came before: at the moment of the write all of it held.
          expect(before.status?.state, `seed ${seed}`).toBe('AwaitingRevocation');
          expect(scene.verdict.hold).toBeUndefined();
          const isDecided = before.spec.decision?.verdict === 'Reclaim' || before.spec.decision?.verdict === 'ResumeReclaim';
          expect(isDecided || isEnforced, `seed ${seed}`).toBe(true);
          const last = before.status?.attempt;
          if (last !== undefined && last.phase !== 'Refused') expect(Date.parse(before.status?.decidedAt ?? ''), `seed ${seed}`).toBeGreaterThan(Date.parse(last.endedAt ?? ''));
        }
        await scene.wait(random() < 0.3 ? 8 * dayMs : 60_000);
      }
      expect(scene.writes().filter(({ outcome }) => outcome === 'done').length, `seed ${seed}`).toBeLessThanOrEqual(1);
    }
    expect(decisions).toBe(150 * 25);
  });
});
