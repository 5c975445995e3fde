import { describe, expect, it } from 'vitest';
import { dayMs, namespace, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { asked, decided, notify, opened, ready, stateOf, step } from '../../../test/support/candidate-steps.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';

const newcomer = { name: 'Somebody Else', email: 'somebody.else@example.com' };

/** At the vendor: the same id, another person. */
function handOver(scene: CandidateScene, patch: Partial<typeof newcomer> = newcomer): void {
  scene.simulator.state.updateUser('PFREE01', patch);
}

/** What the next refresh stores of it. */
function refresh(scene: CandidateScene): void {
  const user = scene.simulator.state.user('PFREE01');
  scene.cluster.change<SoftwareSubscription>(softwareSubscriptionResource, { namespace, name: 'sub-1' }, ({ spec }) => {
    spec.displayName = user?.name ?? '';
    spec.userPrincipalName = user?.email ?? '';
  });
  scene.verdict.address = user?.email;
}

describe.each(['Remove', 'Downgrade'] as const)('a seat that is handed over: same id, another name and address; action %s (guard 9)', (action) => {
  it('after the decision, before any refresh: the newcomer is not touched, and once it is stored the candidate closes', async () => {
    const scene = await decided({ action });
    handOver(scene);
    await step(scene);
    expect(scene.writes()).toEqual([]);
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', blockers: [{ kind: 'Unverified', name: 'Person' }] });
    refresh(scene);
    await scene.wait(2 * 3_600_000);
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedSkipped', reason: 'SubjectChanged' });
    expect(scene.writes()).toEqual([]);
  });

  it('after the decision, and refreshed: the candidate closes, and the decision decides nothing about the newcomer', async () => {
    const scene = await decided({ action });
    handOver(scene);
    refresh(scene);
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedSkipped', reason: 'SubjectChanged' });
    expect(scene.writes()).toEqual([]);
  });

  it('during the notice: the silence of the former owner says nothing of the newcomer', async () => {
    const scene = await opened({ action, rule: { mode: 'Enforce', notify } });
    expect(stateOf(scene)).toBe('AwaitingUser');
    handOver(scene);
    refresh(scene);
    await scene.wait(30 * dayMs);
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedSkipped');
    expect(scene.writes()).toEqual([]);
    expect(scene.sent.every(({ facts }) => facts.address !== newcomer.email)).toBe(true);
  });

  it('between what the vendor said and the write: it is the last thing that is asked', async () => {
    const scene = await decided({ action });
    const worker = scene.worker({
      // The record of the intent, or the saved bundle, is the last that happens before the claim.
      after: ({ what }) => {
        if (what === 'append BundleSaved') handOver(scene);
      },
    });
    await worker.settle();
    expect(scene.writes()).toEqual([]);
    expect(stateOf(scene)).toBe('AttentionRequired');
  });
});

describe('who somebody is', () => {
  it('guard 9: a changed name alone voids the decision, and says what changed; decided again, it goes on', async () => {
    const scene = await decided({ action: 'Downgrade' });
    const { name = '' } = scene.simulator.state.user('PFREE01') ?? {};
    handOver(scene, { name: 'Another Name' });
    refresh(scene);
    await step(scene);
    expect(stateOf(scene)).toBe('Ready');
    expect(ready(scene)).toMatchObject({ reason: 'DecisionOutdated', message: expect.stringContaining(`name was ${name} and is Another Name`) as unknown });
    expect(scene.candidate().status?.decisionChanges).toEqual([{ field: 'name', before: name, now: 'Another Name' }]);
    expect(scene.writes()).toEqual([]);
    scene.decide('Reclaim');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
    expect(scene.simulator.state.user('PFREE01')?.name).toBe('Another Name');
  });

  it('guard 9: an address that differs by case only is the same person', async () => {
    const scene = await decided();
    handOver(scene, { email: 'PFREE01@example.com' });
    refresh(scene);
    scene.decide('Reclaim');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });

  it('guards 1, 9: a notice to an address that is not theirs any more is void: they are asked at the present one, with all the time', async () => {
    const scene = await asked({ mode: 'Enforce' });
    await scene.wait(10 * dayMs);
    scene.verdict.address = 'new.mailbox@example.com';
    await step(scene);
    await scene.wait(5 * dayMs);
    await step(scene);
    expect(scene.writes()).toEqual([]);
    expect(scene.sent.filter(({ kind }) => kind === 'Notice').map(({ facts }) => facts.address)).toEqual(['pfree01@example.com', 'new.mailbox@example.com']);
    await scene.wait(10 * dayMs);
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });

  // Found by the proof (seeds 111 and 206): somebody mends where notices go to, after the answer or the deadline.
  it.each(['Release', 'Silence'] as const)('guards 1, 9: %s at an address that is not theirs any more is not theirs: they are asked at the present one', async (what) => {
    const scene = await asked({ mode: 'Enforce' });
    if (what === 'Release') scene.answer('Release');
    else await scene.wait(15 * dayMs);
    await scene.worker().pass();
    expect(stateOf(scene)).toBe('AwaitingRevocation');
    scene.verdict.address = 'new.mailbox@example.com';
    await step(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'AwaitingUser', round: 2, askedAddress: 'new.mailbox@example.com' });
    expect(scene.writes()).toEqual([]);
    scene.answer('Release');
    await step(scene);
    expect(stateOf(scene)).toBe('ClosedComplete');
  });

  it('guard 9: another account behind the profile voids the decision', async () => {
    const scene = await decided({ rule: { notify } });
    const before = scene.candidate().status?.decisionId;
    scene.changeAlias((settings) => void (settings['subdomain'] = 'other'));
    await step(scene);
    expect(scene.candidate().status?.decisionId).not.toBe(before);
    expect(scene.writes()).toEqual([]);
    expect(scene.sent).toEqual([]);
  });
});
