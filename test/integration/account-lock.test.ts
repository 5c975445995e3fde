import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import { createAccountTurns, takeOverMarginMs, turnLastsMs, turnLeaseName, type AccountTurns } from '../../operator/controllers/removal-candidate/account-turns.ts';
import { coreResources } from '../../operator/kubernetes/http-client.ts';
import { realClock } from '../support/real-clock.ts';
import { openScene, type Scene } from './kubernetes-scene.ts';

/** That a waiting process can rely on the API server’s stamps, and on the dates of its answers, is a fact about the API server. */
const account = 'PagerDuty acme (US)';
const candidate = { namespace: 'team-a', name: 'a.1' };
const isOverMs = turnLastsMs + takeOverMarginMs;
const { signal } = new AbortController();

let scene: Scene;

beforeAll(async () => {
  scene = await openScene('account-lock');
});

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

/** A process to which everything happens so many milliseconds later; nothing else waits minutes in a test. */
function startProcess(identity: string, laterMs = 0): AccountTurns {
  const { direct } = scene;
  const client: Parameters<typeof createAccountTurns>[0]['client'] = {
    ...direct,
    get: async (type, key, { onServerTime, ...options } = {}) => direct.get(type, key, { ...options, onServerTime: (at) => onServerTime?.(at + laterMs) }),
  };
  const later = { ...realClock, now: () => realClock.now() + laterMs };
  return createAccountTurns({ client, clock: later, steady: realClock, identity, namespace: scene.namespace, maxReclaimsPerDay: 100 });
}

const readLease = async (): Promise<KubernetesObject> => {
  const lease = await scene.direct.get(coreResources.Lease, { namespace: scene.namespace, name: turnLeaseName(account) });
  if (lease === undefined) throw new Error('no Lease');
  return lease;
};
const stampOf = ({ metadata }: KubernetesObject): number => Math.max(...(metadata.managedFields ?? []).map(({ time }) => Date.parse(time ?? '')));

it('guard 4: the API server stamps each write of the Lease, and a write that changes nothing does not move the stamp', async () => {
  const turns = startProcess('one');
  const holder = turns.holderOf(candidate);
  expect(await turns.take(account, holder, signal)).toBeDefined();
  const taken = stampOf(await readLease());
  expect(Math.abs(taken - Date.now())).toBeLessThan(10_000);
  await realClock.sleep(2000);
  const before = await readLease();
  await scene.direct.replace(coreResources.Lease, before);
  expect(stampOf(await readLease())).toBe(taken);
  await turns.noteReclaim(account, holder, { uid: 'a', isAdmin: false, signal });
  expect(stampOf(await readLease()) - taken).toBeGreaterThanOrEqual(1000);
});

it('guard 4: a process that was never there before takes the turn at the time that the stamp fixes, and not before', async () => {
  const holder = 'new team-a/b.1';
  expect(await startProcess('new').take(account, holder, signal)).toBeUndefined();
  const leftMs = stampOf(await readLease()) + isOverMs - Date.now();
  expect(await startProcess('early', leftMs - 5000).take(account, holder, signal)).toBeUndefined();
  expect(await startProcess('new', leftMs + 1500).take(account, holder, signal)).toMatchObject({ holder });
});
