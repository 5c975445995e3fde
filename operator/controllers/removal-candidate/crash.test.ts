import { describe, expect, it } from 'vitest';
import { dayMs, iso, namespace, openCandidateScene, type CandidateScene, type SceneOptions, type Worker } from '../../../test/support/candidate-scene.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { apiFault, Killed } from '../../../test/support/memory-cluster.ts';
import { reconcileCandidate } from './reconcile.ts';
import { createSeededRandom } from '../../../test/support/seeded-random.ts';

/** A process that dies at its n-th call: before it comes, or after it was carried out and before its answer is read. */
function killedWorker(scene: CandidateScene, at: number, moment: 'before' | 'after'): { worker: Worker; reached: () => boolean } {
  let calls = 0;
  let isDead = false;
  const strike = (when: 'before' | 'after'): void => {
    if (when === 'before' && !isDead) calls += 1;
    if (calls === at && when === moment) isDead = true;
    if (isDead) throw new Killed();
  };
  const worker = scene.worker({ name: 'first', before: () => strike('before'), after: () => strike('after') });
  return { worker, reached: () => isDead };
}

async function runUntilKilled(worker: Worker): Promise<void> {
  try {
    await worker.settle();
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

/** As the next leader finds it, who waits for the turn of a dead process until it has been seen long enough. */
async function takeOver(scene: CandidateScene): Promise<void> {
  await scene.wait(6 * 60_000);
  await scene.worker({ name: 'second' }).settle();
}

async function decided(options: SceneOptions = {}): Promise<CandidateScene> {
  const scene = openCandidateScene(options);
  await scene.worker({ name: 'zero' }).settle();
  scene.decide('Reclaim');
  return scene;
}

/** What must hold however it came about (guard 4, D16). */
function expectSound(scene: CandidateScene, person: string, action: 'Remove' | 'Downgrade'): void {
  const writes = scene.writes();
  expect(writes.length).toBeLessThanOrEqual(1);
  const user = scene.simulator.state.user(person);
  const isCarried = action === 'Remove' ? user === undefined : user?.role === 'read_only_user';
  const { state, reason, attempt } = scene.candidate().status ?? {};
  if (isCarried) expect({ state, reason }).toEqual({ state: 'ClosedComplete', reason: 'Reclaimed' });
  else expect({ state, reason, writes }).toEqual({ state: 'AttentionRequired', reason: 'OutcomeUnclear', writes: [] });
  expect(attempt?.number).toBe(1);
  const intended = scene.trail.findIndex(({ event }) => event === 'WriteIntended');
  expect(intended).toBeGreaterThanOrEqual(0);
}

describe.each(['Remove', 'Downgrade'] as const)('a process that dies while it reclaims: %s', (action) => {
  it('guard 4, D16: sends at most one request, whichever of its calls is its last, and the next process comes to the right end', async () => {
    let points = 0;
    for (const moment of ['before', 'after'] as const) {
      for (let at = 1; ; at += 1) {
        const scene = await decided({ action });
        const { worker, reached } = killedWorker(scene, at, moment);
        await runUntilKilled(worker);
        if (!reached()) {
          expect(scene.candidate().status?.state).toBe('ClosedComplete');
          break;
        }
        points += 1;
        await takeOver(scene);
        expectSound(scene, 'PFREE01', action);
      }
    }
    // Every call of the API server, of the trail: if there were far fewer, this test would hold nothing.
    expect(points).toBeGreaterThan(60);
  });
});

describe('a process that dies while it deletes what has expired', () => {
  it('D4, C24: whichever of its calls is its last, it is deleted and recorded, and never recorded while it is there', async () => {
    const secret = (scene: CandidateScene): unknown => scene.cluster.get(coreResources.Secret, { namespace, name: 'sub-1.1-undo' });
    let points = 0;
    for (const moment of ['before', 'after'] as const) {
      for (let at = 1; ; at += 1) {
        const scene = await decided();
        await scene.worker({ name: 'zero' }).settle();
        await scene.wait(91 * dayMs);
        const { worker, reached } = killedWorker(scene, at, moment);
        await runUntilKilled(worker);
        const isTold = (): boolean => scene.trail.some(({ event }) => event === 'BundleDeleted');
        if (isTold()) expect(secret(scene), `call ${at}`).toBeUndefined();
        if (!reached()) break;
        points += 1;
        await takeOver(scene);
        expect([secret(scene), isTold()], `${moment} call ${at}`).toEqual([undefined, true]);
        expect(scene.candidate().status?.undo?.secret).toBe('');
      }
    }
    expect(points).toBeGreaterThan(10);
  });
});

describe('a person who asks again after an unclear end', () => {
  it('guard 4: only then is another request sent, however many processes look before', async () => {
    const scene = await decided();
    const at = await callOf('apply removalcandidates/status', 'AttemptUnderWay');
    const { worker } = killedWorker(scene, at, 'after');
    await runUntilKilled(worker);
    for (let look = 0; look < 5; look += 1) await takeOver(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'OutcomeUnclear', attempt: { phase: 'Unclear', number: 1 } });
    expect(scene.writes()).toEqual([]);
    await scene.wait(1000);
    scene.decide('ResumeReclaim');
    await takeOver(scene);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed', attempt: { number: 2 } });
    expect(scene.writes()).toHaveLength(1);
  });
});

/** Number of the call with which the attempt is claimed. */
async function callOf(what: string, reason: string): Promise<number> {
  const scene = await decided();
  let found = 0;
  let calls = 0;
  const worker = scene.worker({
    name: 'first',
    before: () => {
      calls += 1;
    },
    after: (call) => {
      const claimed = scene.candidate().status?.attempt?.phase === 'Claimed';
      if (found === 0 && claimed && call.what.startsWith(what)) found = calls;
    },
  });
  await worker.settle();
  expect(found, reason).toBeGreaterThan(0);
  return found;
}

describe('several processes at once', () => {
  it('guard 4: send one request between them, in any order of their calls', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const scene = await decided();
      const random = createSeededRandom(seed);
      const pause = async (): Promise<void> => {
        for (let turn = Math.floor(random() * 6); turn > 0; turn -= 1) await Promise.resolve();
      };
      const workers = ['first', 'second', 'third'].map((name) => scene.worker({ name, before: pause, after: pause }));
      for (let round = 0; round < 12 && scene.candidate().status?.state !== 'ClosedComplete'; round += 1) {
        await Promise.all(workers.map((worker) => worker.pass().catch((error: unknown) => expectFailure(error))));
        await scene.wait(3000);
      }
      expect(scene.writes(), `seed ${seed}`).toHaveLength(1);
      expect(scene.candidate().status, `seed ${seed}`).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed', attempts: 1 });
    }
  });

  it('guard 4: a clock that runs ahead by two minutes in one of them changes nothing', async () => {
    const scene = await decided();
    const slow = scene.worker({ name: 'slow' });
    const fast = scene.worker({ name: 'fast' });
    const ahead = { ...fast.dependencies, clock: { ...scene.clock, now: () => scene.clock.now() + 120_000 } };
    for (let round = 0; round < 12; round += 1) {
      await Promise.all([slow.pass().catch(expectFailure), reconcileCandidate('team-a/sub-1.1', ahead, new AbortController().signal).catch(expectFailure)]);
      await scene.wait(3000);
    }
    expect(scene.writes()).toHaveLength(1);
    expect(scene.candidate().status?.state).toBe('ClosedComplete');
  });
});

function expectFailure(error: unknown): void {
  expect(error).toMatchObject({ name: 'OperatorError' });
}

describe('an API server that fails', () => {
  it('D16: at any call, once or twice, holds nothing up for good and has nothing sent twice', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const scene = await decided();
      const random = createSeededRandom(seed);
      const weather = (): void => {
        if (random() < 0.08) throw apiFault();
      };
      const worker = scene.worker({ name: 'first', before: weather, after: weather });
      for (let round = 0; round < 60; round += 1) {
        await worker.pass().catch(expectFailure);
        await scene.wait(20_000);
      }
      await scene.wait(6 * 60_000);
      await scene.worker({ name: 'second' }).settle();
      expect(scene.writes().length, `seed ${seed}`).toBeLessThanOrEqual(1);
      const state = scene.candidate().status?.state;
      expect(state, `seed ${seed}`).toBe(scene.simulator.state.user('PFREE01') === undefined ? 'ClosedComplete' : 'AttentionRequired');
    }
  });
});

function suspend(profile: IntegrationProfile): void {
  profile.spec.suspend = true;
}

function clearReclaim(profile: IntegrationProfile): void {
  profile.spec.reclaimSubscriptions = false;
}

describe('a decision that comes while it is under way', () => {
  it('guard 1: to keep it, before the claim, at any call: nothing is sent', async () => {
    const at = await callOf('apply removalcandidates/status', 'AttemptUnderWay');
    for (let stop = 1; stop < at; stop += 1) {
      const scene = await decided();
      let calls = 0;
      const worker = scene.worker({
        name: 'first',
        before: () => {
          calls += 1;
          if (calls === stop) scene.changeCandidate((candidate) => void (candidate.spec.decision = { verdict: 'Keep', by: 'maria', at: iso(scene.clock.now()), reason: 'needed' }));
        },
      });
      for (let round = 0; round < 6; round += 1) {
        await worker.pass().catch(expectFailure);
        await scene.wait(1000);
      }
      expect(scene.writes(), `call ${stop}`).toEqual([]);
      expect(scene.candidate().status, `call ${stop}`).toMatchObject({ state: 'ClosedSkipped', reason: 'Kept' });
    }
  });

  it.each<[string, (scene: CandidateScene) => void]>([
    ['the profile is suspended', (scene: CandidateScene) => scene.changeProfile(suspend)],
    ['reclaim is cleared', (scene: CandidateScene) => scene.changeProfile(clearReclaim)],
    ['the rule is no longer confirmed', (scene: CandidateScene) => scene.changeRule((spec) => void delete spec.confirmedRule)],
    ['the rule was edited since it was confirmed', (scene: CandidateScene) => scene.editRule((spec) => void (spec.lastActivityThresholdDays = 1))],
    ['the rule only observes', (scene: CandidateScene) => scene.changeRule((spec) => void (spec.mode = 'Observe'))],
    ['the person was active', (scene: CandidateScene) => void (scene.verdict.judgement = { kind: 'Active' })],
    ['the evidence is held', (scene: CandidateScene) => void (scene.verdict.hold = { reason: 'DataStale', message: 'old', needsPerson: true })],
  ])('guard 1: %s once the bundle is saved: nothing is sent', async (_what, change) => {
    const scene = await decided();
    let isDone = false;
    const worker = scene.worker({
      name: 'first',
      after: ({ what }) => {
        if (!what.startsWith('create secrets') || isDone) return;
        isDone = true;
        change(scene);
      },
    });
    for (let round = 0; round < 6; round += 1) {
      await worker.pass().catch(expectFailure);
      await scene.wait(1000);
    }
    expect(isDone).toBe(true);
    expect(scene.writes()).toEqual([]);
    expect(scene.trail.map(({ event }) => event)).not.toContain('WriteIntended');
  });
});
