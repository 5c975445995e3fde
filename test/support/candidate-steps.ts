import { expect } from 'vitest';
import type { Condition } from '../../operator/api/meta.ts';
import type { Notify } from '../../operator/api/notify.ts';
import type { CandidateState } from '../../operator/api/removal-candidate.ts';
import { openCandidateScene, type CandidateScene, type SceneOptions } from './candidate-scene.ts';

/** A channel for the person and for those who approve. */
export const everyone = { name: 'slack', type: 'Slack' as const, secretRef: { name: 'slack' }, audiences: ['User' as const, 'Approvers' as const] };
export const notify: Notify = { daysBeforeAutoReclaim: 14, approval: 'Approvers', channels: [everyone] };

export function stateOf(scene: CandidateScene): CandidateState | undefined {
  return scene.candidate().status?.state;
}

export function ready(scene: CandidateScene): Condition | undefined {
  return scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready');
}

/** Passes of a process of its own until the candidate rests. */
export async function step(scene: CandidateScene): Promise<void> {
  await scene.worker().settle();
}

/** A candidate that was just made. */
export async function opened(options: SceneOptions = {}): Promise<CandidateScene> {
  const scene = openCandidateScene(options);
  await step(scene);
  return scene;
}

/** A candidate of which it was decided that it is reclaimed, and nothing came of it yet. */
export async function decided(options: SceneOptions = {}): Promise<CandidateScene> {
  const scene = await opened(options);
  scene.decide('Reclaim');
  return scene;
}

/** A candidate whose person was told. */
export async function asked(rule: SceneOptions['rule'] = {}): Promise<CandidateScene> {
  const scene = await opened({ rule: { notify, ...rule } });
  scene.decide('Reclaim');
  await step(scene);
  expect(stateOf(scene)).toBe('AwaitingUser');
  return scene;
}
