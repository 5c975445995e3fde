import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RefreshProcess } from '../../operator/api/integration-profile.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/index.ts';
import { generateCompany } from '../pagerduty-simulator/index.ts';
import { installCrds } from './global-setup.ts';
import { expectSuccess, sceneStart, setScene, standingClock, subscriptionWrites, type Scene } from './refresh-scene.ts';

const hour = 3_600_000;
const processes = ['subscriptions', 'activity'] as const satisfies readonly RefreshProcess[];

/** A control plane of its own: whoever watches the shared one would need its time to come back. */
describe('an API server that restarts in the middle', () => {
  let plane: ControlPlane;
  let scene: Scene;

  beforeAll(async () => {
    plane = await startControlPlane();
    await installCrds(plane);
    scene = await setScene({ plane, company: generateCompany({ seed: 11, users: 30, now: sceneStart }) });
    await expectConverged();
  });

  afterAll(async () => {
    await scene.stop();
    await plane.stop();
  });

  async function expectConverged(): Promise<void> {
    for (const process of processes) await expectSuccess(scene, process);
    const stored = await scene.subscriptions();
    const people = scene.simulator.state.company.users;
    expect(new Map([...stored].map(([id, { spec }]) => [id, spec.jobTitle ?? null]))).toEqual(new Map(people.map(({ id, jobTitle }) => [id, jobTitle])));
    scene.requests.length = 0;
    for (const process of processes) await expectSuccess(scene, process);
    expect(subscriptionWrites(scene)).toEqual([]);
  }

  it.each(processes)('of a refresh of %s: the run outlives it, or says Retryable, and the next one does the rest', async (process) => {
    const { users } = scene.simulator.state.company;
    scene.simulator.state.replace({ users: users.map((person) => ({ ...person, jobTitle: `Before ${process}` })) });
    scene.clock.advance(hour);
    if (process === 'activity') await expectSuccess(scene, 'subscriptions');
    let restart: Promise<void> | undefined;
    scene.requests.length = 0;
    scene.watcher.onRequest = () => {
      if (subscriptionWrites(scene).length > 0) restart ??= plane.restartApiServer({ downMs: 500 });
    };
    // Its waits are real: the API server takes real seconds to come back.
    const { exitCode, failure } = await scene.run(process, { clock: { ...standingClock, now: () => scene.clock.now() }, concurrency: 1 });
    scene.watcher.onRequest = () => undefined;
    expect(restart).toBeDefined();
    await restart;
    expect(exitCode === 0 || failure?.kind === 'Retryable').toBe(true);
    await expectConverged();
  });
});
