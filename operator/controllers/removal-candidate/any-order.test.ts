import { describe, expect, it } from 'vitest';
import { dayMs, openCandidateScene, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { notify } from '../../../test/support/candidate-steps.ts';
import { createSeededRandom } from '../../../test/support/seeded-random.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';

describe('anything that may happen, in any order', () => {
  it('guards 1 to 4: never sends more than one request that was done, and none that nobody decided or let run out', async () => {
    let decisions = 0;
    let requests = 0;
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = createSeededRandom(seed);
      const isEnforced = random() < 0.3;
      const scene = openCandidateScene({ rule: { notify: random() < 0.7 || isEnforced ? { ...notify, approval: random() < 0.5 ? 'None' : 'Approvers' } : undefined, mode: isEnforced ? 'Enforce' : 'Propose' } as never });
      const happen = happenings(scene, random);
      for (let turn = 0; turn < 25; turn += 1) {
        happen[Math.floor(random() * happen.length)]?.();
        const before = scene.candidate();
        const writes = scene.writes().length;
        await scene.worker().pass().catch((error: unknown) => expect(error).toMatchObject({ name: 'OperatorError' }));
        decisions += 1;
        requests += scene.writes().length - writes;
        if (scene.writes().length > writes) expectAllowed(scene, before, { isEnforced, seed });
        await scene.wait(random() < 0.3 ? 8 * dayMs : 60_000);
      }
      expect(scene.writes().filter(({ outcome }) => outcome === 'done').length, `seed ${seed}`).toBeLessThanOrEqual(1);
    }
    expect(decisions).toBe(150 * 25);
    // If hardly any were sent, this would hold nothing.
    expect(requests).toBeGreaterThan(50);
  });
});

/** What people, rules, profiles and the vendor may do at any time. */
function happenings(scene: CandidateScene, random: () => number): readonly (() => void)[] {
  return [
    () => scene.decide('Reclaim'),
    () => scene.decide('ResumeReclaim'),
    () => scene.answer(random() < 0.5 ? 'Keep' : 'Release'),
    () => void (scene.verdict.hold = random() < 0.5 ? undefined : { reason: 'DataStale', message: 'x', needsPerson: true }),
    () => scene.changeProfile((profile) => void (profile.spec.reclaimSubscriptions = random() < 0.6)),
    () => (random() < 0.7 ? scene.confirmRule() : scene.changeRule((spec) => void delete spec.confirmedRule)),
    () => void (scene.verdict.address = random() < 0.3 ? undefined : 'sam@example.com'),
    () => scene.changeCandidate((candidate) => void delete candidate.spec.decision),
    () => void scene.simulator.faults.add({ method: 'DELETE', route: '/users/{id}', fault: random() < 0.5 ? { kind: 'reset', when: random() < 0.5 ? 'before-headers' : 'before-processing' } : { kind: 'status', status: random() < 0.5 ? 500 : 429 } }),
  ];
}

/** Whatever came before: at the moment of the write all of it held (guards 1 and 4). */
function expectAllowed(scene: CandidateScene, { spec, status = {} }: RemovalCandidate, { isEnforced, seed }: { isEnforced: boolean; seed: number }): void {
  expect(status.state, `seed ${seed}`).toBe('AwaitingRevocation');
  expect(scene.verdict.hold).toBeUndefined();
  expect(isEnforced || ['Reclaim', 'ResumeReclaim'].includes(spec.decision?.verdict ?? ''), `seed ${seed}`).toBe(true);
  if (status.attempt !== undefined && status.attempt.phase !== 'Refused') {
    expect(Date.parse(status.decidedAt ?? ''), `seed ${seed}`).toBeGreaterThan(Date.parse(status.attempt.endedAt ?? ''));
  }
}
