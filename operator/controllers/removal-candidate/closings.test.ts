import { describe, expect, it } from 'vitest';
import { dayMs, namespace, openCandidateScene, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { asked, notify, opened, stateOf, step } from '../../../test/support/candidate-steps.ts';
import { integrationProfileResource } from '../../api/integration-profile.ts';
import { reclamationRuleResource } from '../../api/reclamation-rule.ts';
import { candidateStates, type CandidateState } from '../../api/removal-candidate.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';

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
    { what: 'S79: a rule whose confirmation was taken back', change: (scene) => scene.changeRule((spec) => void delete spec.confirmedRule) },
    { what: '(f): a rule that was edited since it was confirmed', change: (scene) => scene.editRule((spec) => void (spec.limits.maxPerRun = 1000)) },
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

  it.each([
    ['Ready', 'ClosedSkipped', 'SubscriptionGone'],
    ['AwaitingRevocation', 'ClosedComplete', 'DoneByHand'],
  ])('L9, guard 6: whom the vendor does not know is not taken for gone, since the token may be of another account: from %s the refresh tells', async (state, closed, reason) => {
    const scene = await opened();
    const leave = (): void => scene.simulator.state.removeUser('PFREE01');
    const worker = scene.worker();
    if (state === 'Ready') leave();
    scene.decide('Reclaim');
    if (state !== 'Ready') while (stateOf(scene) !== 'AwaitingRevocation') await worker.pass();
    if (state !== 'Ready') leave();
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state });
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'PersonNotFound' });
    scene.cluster.remove(softwareSubscriptionResource, { namespace, name: 'sub-1' });
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: closed, reason });
    expect(scene.writes()).toEqual([]);
  });
});
