import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, settle, type FakeClock } from '../../test/support/fake-clock.ts';
import { createSeededRandom } from '../../test/support/seeded-random.ts';
import { conflict, retryable } from '../api/errors.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { KubernetesClient } from './client.ts';
import { runLeaderElection, type LeaderElectionOptions } from './lease-election.ts';

interface Lease extends KubernetesObject {
  spec: { holderIdentity?: string; leaseDurationSeconds?: number; leaseTransitions?: number; renewTime?: string; acquireTime?: string };
}

/** One Lease with the API server's rule about versions; the real server is in test/integration. */
class LeaseServer {
  lease: Lease | undefined;
  version = 0;
  writes = 0;

  clientOf(reach: { up: boolean }): Pick<KubernetesClient, 'get' | 'create' | 'replace'> {
    const checkReach = (): void => {
      if (!reach.up) throw retryable('ApiServerUnreachable', 'x');
    };
    const store = (object: unknown): Lease => {
      this.version += 1;
      this.writes += 1;
      const lease = structuredClone(object) as Lease;
      lease.metadata.resourceVersion = String(this.version);
      this.lease = lease;
      return structuredClone(lease);
    };
    return {
      get: async <T>() => {
        checkReach();
        return structuredClone(this.lease) as T | undefined;
      },
      create: async <T>(_type: unknown, object: T) => {
        checkReach();
        if (this.lease !== undefined) throw conflict('exists');
        return store(object) as T;
      },
      replace: async <T extends KubernetesObject>(_type: unknown, object: T) => {
        checkReach();
        if (object.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) throw conflict('version');
        return store(object) as unknown as T;
      },
    };
  }
}

let clock: FakeClock;
let server: LeaseServer;
let log: string[];
let leading: Set<string>;

beforeEach(() => {
  clock = createFakeClock();
  server = new LeaseServer();
  log = [];
  leading = new Set();
});

interface Candidate {
  stop: AbortController;
  reach: { up: boolean };
  ended: Promise<unknown>;
}

/** Leads until told to end, then takes `windDownMs` to do so. */
function runCandidate(identity: string, more: Partial<LeaderElectionOptions> = {}, windDownMs = 0): Candidate {
  const stop = new AbortController();
  const reach = { up: true };
  const ended = runLeaderElection({
    client: server.clientOf(reach),
    namespace: 'ns',
    name: 'leader',
    identity,
    clock,
    random: createSeededRandom(identity.length),
    signal: stop.signal,
    async onStartedLeading(signal) {
      leading.add(identity);
      expect([...leading]).toEqual([identity]);
      log.push(`${identity} leads`);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      if (windDownMs > 0) await clock.sleep(windDownMs);
      leading.delete(identity);
      log.push(`${identity} ends`);
    },
    ...more,
  }).then(
    () => 'resolved',
    (error: unknown) => error,
  );
  return { stop, reach, ended };
}

it('makes the Lease with the fields that kubectl and client-go read', async () => {
  const a = runCandidate('a');
  await settle();
  expect(server.lease).toMatchObject({
    metadata: { name: 'leader', namespace: 'ns' },
    spec: {
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: '2026-11-24T00:00:00.000000Z',
      renewTime: '2026-11-24T00:00:00.000000Z',
    },
  });
  await clock.advance(4_000);
  expect(server.lease?.spec.renewTime).toBe('2026-11-24T00:00:04.000000Z');
  expect(server.lease?.spec.acquireTime).toBe('2026-11-24T00:00:00.000000Z');
  a.stop.abort();
  expect(await a.ended).toBe('resolved');
  expect(clock.waiting()).toEqual([]);
});

describe('two candidates', () => {
  it('one leads, the other waits, and takes over soon after a graceful end', async () => {
    const a = runCandidate('a');
    await settle();
    const b = runCandidate('bb');
    await clock.advance(600_000);
    expect(log).toEqual(['a leads']);
    a.stop.abort();
    expect(await a.ended).toBe('resolved');
    await clock.advance(5_000);
    expect(log).toEqual(['a leads', 'a ends', 'bb leads']);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'bb', leaseTransitions: 1 });
    b.stop.abort();
    await b.ended;
  });

  it('the other takes over 15 s after the leader fell silent, as with SIGKILL, by its own clock', async () => {
    // The dead leader's renewTime is an hour ahead: the clock of another host must not matter.
    const spec = { holderIdentity: 'killed', leaseDurationSeconds: 15, leaseTransitions: 4, renewTime: '2026-11-24T01:00:00.000000Z' };
    server.lease = { metadata: { name: 'leader', namespace: 'ns', resourceVersion: '7' }, spec };
    const started = clock.now();
    const b = runCandidate('bb');
    while (!log.includes('bb leads')) await clock.advance(100);
    expect(clock.now() - started).toBeGreaterThanOrEqual(15_000);
    expect(clock.now() - started).toBeLessThanOrEqual(15_000 + 4_500);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'bb', leaseTransitions: 5 });
    b.stop.abort();
    await b.ended;
  });

  it('a leader that is cut off ends before the other begins', async () => {
    const a = runCandidate('a');
    await settle();
    const b = runCandidate('bb');
    await clock.advance(60_000);
    a.reach.up = false;
    const cutAt = clock.now();
    while (!log.includes('a ends')) await clock.advance(100);
    expect(clock.now() - cutAt).toBeLessThanOrEqual(10_000);
    expect(await a.ended).toMatchObject({ failure: { kind: 'Retryable', reason: 'LeadershipLost' } });
    while (!log.includes('bb leads')) await clock.advance(100);
    expect(clock.now() - cutAt).toBeGreaterThanOrEqual(13_000);
    b.stop.abort();
    await b.ended;
  });

  it('never lead at once, whatever is cut off and when', async () => {
    const random = createSeededRandom(42);
    const live = new Map<string, Candidate>();
    let born = 0;
    for (let step = 0; step < 400; step += 1) {
      while (live.size < 3) {
        const name = `candidate-${(born += 1)}`;
        const candidate = runCandidate(name, { random });
        live.set(name, candidate);
        void candidate.ended.then(() => live.delete(name));
      }
      const some = [...live.values()][Math.floor(random() * live.size)];
      if (some !== undefined && random() < 0.2) some.reach.up = !some.reach.up;
      if (some !== undefined && random() < 0.05) some.stop.abort();
      await clock.advance(Math.floor(random() * 3_000));
      expect(leading.size).toBeLessThanOrEqual(1);
    }
    expect(log.filter((line) => line.endsWith('leads')).length).toBeGreaterThan(10);
    for (const candidate of live.values()) candidate.stop.abort();
    await clock.advance(60_000);
    expect(clock.waiting()).toEqual([]);
  });
});

describe('a leader', () => {
  it('stays the leader when a reply is lost after the server took the renewal', async () => {
    const client = server.clientOf({ up: true });
    let loseReply = false;
    const a = runCandidate('a', {
      client: {
        ...client,
        replace: async (type, object, options) => {
          const written = await client.replace(type, object, options);
          if (!loseReply) return written;
          loseReply = false;
          throw retryable('ApiServerUnreachable', 'x');
        },
      },
    });
    await settle();
    loseReply = true;
    await clock.advance(60_000);
    expect(log).toEqual(['a leads']);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0, renewTime: '2026-11-24T00:01:00.000000Z' });
    a.stop.abort();
    await a.ended;
  });

  it('makes the Lease again when somebody deletes it', async () => {
    const a = runCandidate('a');
    await settle();
    server.lease = undefined;
    await clock.advance(4_000);
    expect(server.lease).toMatchObject({ spec: { holderIdentity: 'a' } });
    expect(log).toEqual(['a leads']);
    a.stop.abort();
    await a.ended;
  });

  it('ends at once when another is the holder', async () => {
    const a = runCandidate('a');
    await settle();
    server.lease = { metadata: { name: 'leader', namespace: 'ns', resourceVersion: '99' }, spec: { holderIdentity: 'usurper', leaseDurationSeconds: 15 } };
    await clock.advance(4_000);
    expect(await a.ended).toMatchObject({ failure: { reason: 'LeadershipLost' } });
    expect(log).toEqual(['a leads', 'a ends']);
    expect(server.lease?.spec.holderIdentity).toBe('usurper');
  });

  it('keeps the Lease while its work winds down, and only then gives it back', async () => {
    const a = runCandidate('a', {}, 25_000);
    await settle();
    const b = runCandidate('bb');
    a.stop.abort();
    await clock.advance(24_000);
    expect(server.lease?.spec.holderIdentity).toBe('a');
    expect(log).toEqual(['a leads']);
    await clock.advance(6_000);
    expect(await a.ended).toBe('resolved');
    expect(log).toEqual(['a leads', 'a ends', 'bb leads']);
    b.stop.abort();
    await b.ended;
  });

  it('gives the Lease back when its work fails, and tells why', async () => {
    const a = runCandidate('a', {
      onStartedLeading: async () => {
        throw new Error('work');
      },
    });
    expect(await a.ended).toMatchObject({ message: 'work' });
    expect(server.lease?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    expect(clock.waiting()).toEqual([]);
  });
});

it('tells of each new leader and of tries that failed', async () => {
  const leaders: string[] = [];
  const failures: string[] = [];
  server.lease = { metadata: { name: 'leader', namespace: 'ns', resourceVersion: '7' }, spec: { holderIdentity: 'before', leaseDurationSeconds: 15 } };
  const a = runCandidate('a', { onNewLeader: (identity) => leaders.push(identity), onError: (failure) => failures.push(failure.reason) });
  await settle();
  a.reach.up = false;
  await clock.advance(5_000);
  a.reach.up = true;
  await clock.advance(60_000);
  expect(leaders).toEqual(['before', 'a']);
  expect(failures).toContain('ApiServerUnreachable');
  a.stop.abort();
  await a.ended;
});
