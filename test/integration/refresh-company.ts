import { afterEach, expect } from 'vitest';
import { subscriptionName } from '../../operator/licensing/subscription-name.ts';
import { generateCompany, type Person } from '../pagerduty-simulator/index.ts';
import { profileName, sceneStart, setScene, type Scene, type SceneOptions } from './refresh-scene.ts';

export const company = generateCompany({ seed: 11, users: 250, now: sceneStart });
/** The scene of the running test; a live binding, set anew by each. */
export let scene: Scene;

afterEach(async () => {
  await scene.stop();
});

export async function set(options: Partial<SceneOptions> = {}): Promise<Scene> {
  scene = await setScene({ company, ...options });
  return scene;
}

/** A scene after a first successful refresh, with the counters at zero. */
export async function setRefreshed(): Promise<Scene> {
  await set();
  expect((await scene.run('subscriptions')).exitCode).toBe(0);
  scene.requests.length = 0;
  scene.simulator.journal.clear();
  return scene;
}

export const people = (): readonly Person[] => scene.simulator.state.company.users;
export const nameOf = (id: string): string => subscriptionName(profileName, id);
export const keyOf = (id: string) => ({ namespace: scene.namespace, name: nameOf(id) });

export async function expectConverged(): Promise<void> {
  const stored = await scene.subscriptions();
  expect(new Map([...stored].map(([id, one]) => [id, one.spec.displayName]))).toEqual(new Map(people().map((one) => [one.id, one.name])));
}
