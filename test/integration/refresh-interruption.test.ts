import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RefreshProcess } from '../../operator/api/integration-profile.ts';
import type { SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { systemClock } from '../../operator/api/system-clock.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { startFaultProxy, type Fault, type FaultProxy } from '../faults/fault-proxy.ts';
import { generateCompany, type Person } from '../pagerduty-simulator/index.ts';
import { attachControlPlane } from './control-plane-handle.ts';
import { expectSuccess, sceneStart, setScene, subscriptionWrites, type Scene } from './refresh-scene.ts';

const hour = 3_600_000;
const company = generateCompany({ seed: 11, users: 12, now: sceneStart });
const processes = ['subscriptions', 'activity'] as const satisfies readonly RefreshProcess[];

let scene: Scene;
let proxy: FaultProxy;
/** The API server through a proxy that can do harm. */
let client: WatchingClient;

beforeEach(async () => {
  scene = await setScene({ company });
  const { kubeconfig } = await attachControlPlane();
  proxy = await startFaultProxy(await loadClusterConfig({ kubeconfig, env: {} }));
  client = createKubernetesClient(proxy.config, { clock: systemClock, userAgent: 'refresh-test' });
});

afterEach(async () => {
  await client.close();
  await proxy.close();
  await scene.stop();
});

let turn = 0;

/** Two people renamed, one gone, one new, and an hour gone by: something to create, change, delete and fold. */
function change(): void {
  turn += 1;
  const { users } = scene.simulator.state.company;
  const [first, second, last] = [users[1], users[2], users.at(-1)] as [Person, Person, Person];
  scene.simulator.state.updateUser(first.id, { name: `Renamed ${turn}` });
  scene.simulator.state.updateUser(second.id, { name: `Renamed too ${turn}` });
  scene.simulator.state.removeUser(last.id);
  scene.simulator.state.addUser({ ...last, id: `PNEW${turn}`, email: `new${turn}@example.test`, name: `Aaron ${turn}` });
  scene.clock.advance(hour);
}

/** Every request from number `after` on fails; returns whether the run got that far. */
async function runThrough(process: RefreshProcess, fault: Fault, where: { after: number; times?: number }): Promise<{ exitCode: number; reached: boolean }> {
  let seen = 0;
  proxy.inject({ match: () => (seen += 1) > where.after, times: where.times ?? 1_000_000, fault });
  const { exitCode } = await scene.run(process, { client, concurrency: 2 });
  const reached = seen > where.after;
  // What is left of the rule goes away with the proxy's state: it is used up by requests that nobody waits for.
  await renewProxy();
  return { exitCode, reached };
}

async function renewProxy(): Promise<void> {
  await client.close();
  await proxy.close();
  const { kubeconfig } = await attachControlPlane();
  proxy = await startFaultProxy(await loadClusterConfig({ kubeconfig, env: {} }));
  client = createKubernetesClient(proxy.config, { clock: systemClock, userAgent: 'refresh-test' });
}

/** Both refreshes succeed, tell the truth, and a repeat writes nothing. */
async function expectConverged(): Promise<void> {
  for (const process of processes) await expectSuccess(scene, process);
  const stored = await scene.subscriptions();
  const people = scene.simulator.state.company.users;
  expect(new Map([...stored].map(([id, { spec }]) => [id, spec.displayName]))).toEqual(new Map(people.map(({ id, name }) => [id, name])));
  for (const { spec, status } of stored.values()) expect(status?.activity).toMatch(spec.roleGroup === 'FullUser' ? /^(Recorded|Never)$/ : /^(Recorded|Unknown)$/);
  scene.requests.length = 0;
  for (const process of processes) await expectSuccess(scene, process);
  expect(subscriptionWrites(scene)).toEqual([]);
}

/** L18: nobody's last activity is lost or moves back. */
function expectForward(before: ReadonlyMap<string, SoftwareSubscription>, after: ReadonlyMap<string, SoftwareSubscription>): void {
  for (const [id, { status }] of after) {
    const known = before.get(id)?.status?.lastActivity;
    if (known !== undefined) expect(Date.parse(status?.lastActivity?.time ?? '')).toBeGreaterThanOrEqual(Date.parse(known.time));
  }
}

describe.each(processes)('a refresh of %s that is killed half-way', (process) => {
  it('converges when it is run again, wherever it was killed, and loses no activity', async () => {
    await expectConverged();
    for (let after = 0, reached = true; reached; after += 1) {
      change();
      if (process === 'activity') await expectSuccess(scene, 'subscriptions');
      const before = await scene.subscriptions();
      const killed = await runThrough(process, { kind: 'reset' }, { after });
      ({ reached } = killed);
      expect(killed.exitCode).toBe(reached ? 1 : 0);
      expectForward(before, await scene.subscriptions());
      await expectSuccess(scene, process);
    }
    await expectConverged();
  });
});

describe.each<{ story: string; fault: Fault }>([
  { story: 'answers 500', fault: { kind: 'status', code: 500 } },
  { story: 'has too much to do', fault: { kind: 'status', code: 429, retryAfter: '1' } },
  { story: 'breaks the connection', fault: { kind: 'reset' } },
  { story: 'does it and loses the answer', fault: { kind: 'loseReply' } },
  { story: 'answers half', fault: { kind: 'cut', afterBytes: 40 } },
])('an API server that $story', ({ fault }) => {
  it('at any one request, costs a try and nothing else', async () => {
    await expectConverged();
    for (const process of processes) {
      for (let after = 0, reached = true; reached; after += 1) {
        change();
        if (process === 'activity') await expectSuccess(scene, 'subscriptions');
        const run = await runThrough(process, fault, { after, times: 1 });
        ({ reached } = run);
        expect([after, run.exitCode]).toEqual([after, 0]);
      }
    }
    await expectConverged();
  });
});
