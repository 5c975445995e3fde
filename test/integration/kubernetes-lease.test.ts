import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import { coreResources, createKubernetesClient, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { runLeaderElection } from '../../operator/kubernetes/lease-election.ts';
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.ts';
import { realClock, until } from '../support/real-clock.ts';
import { createSeededRandom } from '../support/seeded-random.ts';
import { openScene, type Scene } from './kubernetes-scene.ts';

interface Lease extends KubernetesObject {
  spec?: { holderIdentity?: string; leaseDurationSeconds?: number; leaseTransitions?: number };
}

/** Shorter than in production, in the same proportions; the API server wants whole seconds of lease. */
const times = { leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 400 };

let scene: Scene;
let log: { at: number; what: string }[];

beforeAll(async () => {
  scene = await openScene('lease');
});

beforeEach(async () => {
  log = [];
  await scene.direct.delete(coreResources.Lease, { namespace: scene.namespace, name: 'leader' });
});

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

interface Candidate {
  readonly proxy: FaultProxy;
  stop(): Promise<unknown>;
  readonly ended: Promise<unknown>;
}

/** A candidate with a connection of its own, which can be broken. */
async function runCandidate(identity: string): Promise<Candidate> {
  const proxy = await startFaultProxy(scene.config);
  const client: WatchingClient = createKubernetesClient(proxy.config, { clock: realClock, userAgent: identity });
  const abort = new AbortController();
  const say = (what: string): void => void log.push({ at: Date.now(), what: `${identity} ${what}` });
  const lead = async (signal: AbortSignal): Promise<void> => {
    say('leads');
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    say('ends');
  };
  const run = async (): Promise<unknown> => {
    try {
      const where = { client, namespace: scene.namespace, name: 'leader', identity, clock: realClock, ...times };
      await runLeaderElection({ ...where, random: createSeededRandom(identity.length), signal: abort.signal, onStartedLeading: lead });
      return 'resolved';
    } catch (error) {
      return error;
    } finally {
      await client.close();
      await proxy.close();
    }
  };
  const ended = run();
  return {
    proxy,
    ended,
    stop: async () => {
      abort.abort();
      return ended;
    },
  };
}

const said = (): string[] => log.map((each) => each.what);
const timeOf = (what: string): number => log.find((each) => each.what === what)?.at ?? Number.NaN;
const readLease = (): Promise<Lease | undefined> => scene.direct.get<Lease>(coreResources.Lease, { namespace: scene.namespace, name: 'leader' });

it('two candidates start at once: one leads; after its graceful end the other does, soon', async () => {
  const [a, b] = await Promise.all([runCandidate('a'), runCandidate('bb')]);
  await until(() => log.length === 1, 'a leader');
  const first = said()[0] === 'a leads' ? a : b;
  const second = first === a ? b : a;
  await realClock.sleep(2 * times.leaseDurationMs);
  expect(said()).toHaveLength(1);
  expect(await first.stop()).toBe('resolved');
  const stoppedAt = Date.now();
  await until(() => said().length === 3, 'the second leader');
  expect(Date.now() - stoppedAt).toBeLessThan(times.leaseDurationMs);
  expect((await readLease())?.spec).toMatchObject({ leaseDurationSeconds: 3, leaseTransitions: 1 });
  expect(await second.stop()).toBe('resolved');
  expect((await readLease())?.spec?.holderIdentity).toBe('');
});

it('a leader that falls silent is followed after the lease, and has ended before', async () => {
  const a = await runCandidate('a');
  await until(() => said().includes('a leads'), 'a leads');
  const b = await runCandidate('bb');
  await realClock.sleep(1_000);
  // Not a word gets through any more, as after SIGKILL or behind a dead network.
  a.proxy.inject({ times: 1_000, fault: { kind: 'hang' } });
  a.proxy.breakConnections();
  const silentAt = Date.now();
  expect(await a.ended).toMatchObject({ failure: { reason: 'LeadershipLost' } });
  await until(() => said().includes('bb leads'), 'bb leads');
  expect(timeOf('a ends')).toBeLessThan(timeOf('bb leads'));
  expect(timeOf('bb leads') - silentAt).toBeGreaterThanOrEqual(times.leaseDurationMs - times.retryPeriodMs - 100);
  expect(await b.stop()).toBe('resolved');
});

it('a lost reply and a short outage do not cost the leadership', async () => {
  const a = await runCandidate('a');
  await until(() => said().includes('a leads'), 'a leads');
  a.proxy.inject({ match: ({ method }) => method === 'PUT', fault: { kind: 'loseReply' } });
  await until(() => a.proxy.pending() === 0, 'the lost reply');
  a.proxy.inject({ times: 2, fault: { kind: 'status', code: 503 } });
  await until(() => a.proxy.pending() === 0, 'the outage');
  await realClock.sleep(times.leaseDurationMs);
  expect(said()).toEqual(['a leads']);
  expect((await readLease())?.spec?.leaseTransitions).toBe(0);
  expect(await a.stop()).toBe('resolved');
});
