import { describe, expect, it } from 'vitest';
import { namespace, openCandidateScene, type CandidateScene, type SceneOptions, type Worker } from '../../../test/support/candidate-scene.ts';
import { createMemoryCluster } from '../../../test/support/memory-cluster.ts';
import { aProfile } from '../../../test/support/builders.ts';
import { createSeededRandom } from '../../../test/support/seeded-random.ts';
import { openIncident } from '../../../test/pagerduty-simulator/index.ts';
import { makePerson } from '../../../test/pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../../../test/pagerduty-simulator/testing/write-scene.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../api/integration-profile.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import { endTurn, takeTurn, turnLastsMs } from './turn.ts';

/** About to be reclaimed: what the vendor was asked before says that nothing stands in the way. */
async function awaiting(options: SceneOptions = {}): Promise<{ scene: CandidateScene; worker: Worker }> {
  const scene = openCandidateScene(options);
  const worker = scene.worker();
  await worker.settle();
  scene.decide('Reclaim');
  while (scene.candidate().status?.state !== 'AwaitingRevocation') await worker.pass();
  return { scene, worker };
}

describe('what changes between the first look and the write', () => {
  it('T9, guard 3: an incident is opened: the vendor is asked again at the moment of the write, and nothing is sent', async () => {
    const { scene, worker } = await awaiting();
    openIncident(scene.simulator.state, { assigneeIds: ['PFREE01'], createdAt: scene.clock.now() - 9e9 });
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'Blocked', blockers: [{ kind: 'OpenIncident' }] });
    expect(scene.writes()).toEqual([]);
  });

  it.each<[string, (scene: CandidateScene) => void]>([
    ['the stored address becomes another', ({ cluster }) => cluster.change<SoftwareSubscription>(softwareSubscriptionResource, { namespace, name: 'sub-1' }, ({ spec }) => void (spec.userPrincipalName = 'other@example.com'))],
    ['D7: everybody is provisioned elsewhere by now', (scene) => scene.changeProfile(({ spec }) => void (spec.ownership = { crossplane: true, identityProvider: 'Everybody' }))],
    ['C13: more admins have to stay', (scene) => scene.changeRule((spec) => void (spec.limits = { ...spec.limits, minAdmins: 90 }))],
  ])('guards 1, 2: %s once the bundle is saved: what the vendor said is judged anew, and nothing is sent', async (_what, change) => {
    const company = makeStaff({ users: [...makeStaff().users.filter(({ id }) => id !== 'PFREE01'), ...['PFREE01', 'PADMIN2', 'PADMIN3'].map((id) => makePerson(id, { role: 'admin' }))] });
    const { scene } = await awaiting({ company });
    let isDone = false;
    const worker = scene.worker({
      after: ({ what }) => {
        if (!what.startsWith('create secrets') || isDone) return;
        isDone = true;
        change(scene);
      },
    });
    await worker.settle();
    expect(isDone).toBe(true);
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'Blocked' });
    expect(scene.writes()).toEqual([]);
    expect(scene.trail.map(({ event }) => event)).not.toContain('WriteIntended');
  });

  it('guard 4: a process that sleeps between claim and request sends nothing, says so, and tries again with everything asked anew', async () => {
    const { scene } = await awaiting();
    let isDone = false;
    const worker = scene.worker({
      after: async ({ what }) => {
        if (isDone || !what.startsWith('apply removalcandidates/status') || scene.candidate().status?.attempt?.phase !== 'Claimed') return;
        isDone = true;
        await scene.wait(61_000);
      },
    });
    await worker.pass();
    expect(isDone).toBe(true);
    expect(scene.writes()).toEqual([]);
    expect(scene.candidate().status).toMatchObject({ state: 'AwaitingRevocation', attempt: { phase: 'Refused', number: 1 } });
    await scene.wait(60_000);
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', attempts: 2 });
    expect(scene.writes()).toHaveLength(1);
  });

  it('a process that is told to end between claim and request sends nothing', async () => {
    const { scene } = await awaiting();
    const ending = new AbortController();
    const worker = scene.worker({
      after: ({ what }) => {
        if (what.startsWith('apply removalcandidates/status') && scene.candidate().status?.attempt?.phase === 'Claimed') ending.abort();
      },
    });
    await worker.pass(ending.signal).catch(() => undefined);
    expect(ending.signal.aborted).toBe(true);
    expect(scene.writes()).toEqual([]);
    expect(scene.candidate().status?.attempt?.phase).toBe('Refused');
  });
});

describe('two people of one account', () => {
  /** A second candidate, for another of three admins: only one of them may go, since two stay beside the owner. */
  function withSecond(): CandidateScene {
    const ids = ['PFREE01', 'PADMIN2'];
    const company = makeStaff({ users: [...makeStaff().users.filter(({ id, role }) => id !== 'PFREE01' && role !== 'admin'), ...ids.map((id) => makePerson(id, { role: 'admin' }))] });
    const scene = openCandidateScene({ company });
    const { cluster } = scene;
    const subscription = cluster.get<SoftwareSubscription>(softwareSubscriptionResource, { namespace, name: 'sub-1' });
    const candidate = scene.candidate();
    if (subscription === undefined) throw new Error('no subscription');
    cluster.put<SoftwareSubscription>(softwareSubscriptionResource, { ...subscription, metadata: { ...subscription.metadata, name: 'sub-2', uid: 'uid-sub-2' }, spec: { ...subscription.spec, externalUserId: 'PADMIN2', userPrincipalName: 'padmin2@example.com' } });
    cluster.put<RemovalCandidate>(removalCandidateResource, { ...candidate, metadata: { ...candidate.metadata, name: 'sub-2.1', uid: 'uid-sub-2.1' }, spec: { ...candidate.spec, subject: { ...candidate.spec.subject, subscriptionRef: { name: 'sub-2' }, externalUserId: 'PADMIN2', userPrincipalName: 'padmin2@example.com' } } });
    return scene;
  }

  it('guards 2, 4: two processes never let the last admins go, though each alone would be right', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const scene = withSecond();
      const names = ['sub-1.1', 'sub-2.1'];
      const random = createSeededRandom(seed);
      const pause = async (): Promise<void> => {
        for (let turn = Math.floor(random() * 8); turn > 0; turn -= 1) await Promise.resolve();
      };
      for (const name of names) for (let pass = 0; pass < 3; pass += 1) await scene.worker().pass(undefined, `${namespace}/${name}`);
      for (const name of names) {
        scene.cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name }, ({ spec }) => void (spec.decision = { verdict: 'Reclaim', by: 'maria', reason: 'both' }));
      }
      const workers = names.map((name) => ({ name, worker: scene.worker({ name: `process-${name}`, before: pause, after: pause }) }));
      for (let round = 0; round < 14; round += 1) {
        await Promise.all(workers.map(({ name, worker }) => worker.pass(undefined, `${namespace}/${name}`).catch((error: unknown) => expect(error).toMatchObject({ name: 'OperatorError' }))));
        await scene.wait(2500);
      }
      const writes = scene.simulator.journal.writes().filter(({ method }) => method === 'DELETE');
      expect(writes, `seed ${seed}`).toHaveLength(1);
      expect(new Set(names.map((name) => scene.candidate(name).status?.state)), `seed ${seed}`).toEqual(new Set(['AttentionRequired', 'ClosedComplete']));
    }
  });
});

describe('the turn to write to an account', () => {
  const signal = new AbortController().signal;
  const now = Date.parse('2026-11-24T09:00:00Z');
  const first = { holder: 'one', candidate: 'a.1' };

  function withProfile() {
    const cluster = createMemoryCluster();
    cluster.put(integrationProfileResource, aProfile());
    const live = (): IntegrationProfile => cluster.get<IntegrationProfile>(integrationProfileResource, { namespace: 'team-a', name: 'pagerduty' }) ?? aProfile();
    return { live, client: cluster.client() };
  }

  it.each<[string, { holder: string; candidate: string }, number, boolean]>([
    ['another process', { holder: 'two', candidate: 'a.1' }, 0, false],
    ['another candidate of the same process', { holder: 'one', candidate: 'b.1' }, 0, false],
    ['another process just before its end', { holder: 'two', candidate: 'a.1' }, turnLastsMs - 1, false],
    ['another process at its end', { holder: 'two', candidate: 'a.1' }, turnLastsMs, true],
    ['the same candidate in the same process', first, 0, true],
  ])('guard 4: is not given to %s while it lasts', async (_who, taker, later, isGiven) => {
    const { live, client } = withProfile();
    expect(await takeTurn(live(), first, { client, now, signal })).toBeDefined();
    const taken = await takeTurn(live(), taker, { client, now: now + later, signal });
    expect(taken !== undefined).toBe(isGiven);
  });

  it('guard 4: of two that find it free one has it', async () => {
    const { live, client } = withProfile();
    const free = live();
    const taken = await Promise.all([first, { holder: 'two', candidate: 'b.1' }].map((taker) => takeTurn(free, taker, { client, now, signal })));
    expect(taken.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it('is given back by whoever has it, and by nobody else', async () => {
    const { live, client } = withProfile();
    await takeTurn(live(), first, { client, now, signal });
    await endTurn(live(), { holder: 'two', candidate: 'a.1' }, { client, signal });
    expect(live().status?.reclaim).toMatchObject(first);
    await endTurn(live(), first, { client, signal });
    expect(live().status?.reclaim).toBeUndefined();
  });
});
