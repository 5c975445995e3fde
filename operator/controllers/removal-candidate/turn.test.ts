import { describe, expect, it } from 'vitest';
import { candidateKey, iso, namespace, openCandidateScene, type CandidateScene, type Worker } from '../../../test/support/candidate-scene.ts';
import { decided } from '../../../test/support/candidate-steps.ts';
import { makePerson } from '../../../test/pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../../../test/pagerduty-simulator/testing/write-scene.ts';
import { retryable } from '../../api/errors.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { ActOutcome } from '../../providers/reclaim.ts';
import type { Provider } from '../../providers/provider.ts';
import { takeOverMarginMs, turnLastsMs, turnLeaseName, type AccountTurn } from './account-turns.ts';

const { signal } = new AbortController();
const account = 'PagerDuty acme-example (US)';
const isOverMs = turnLastsMs + takeOverMarginMs;

/** Taken away, and asked for again. */
async function askedToRestore(action: 'Remove' | 'Downgrade'): Promise<CandidateScene> {
  const scene = await decided({ action });
  await scene.worker().settle();
  expect(scene.candidate().status?.state).toBe('ClosedComplete');
  scene.restore();
  return scene;
}

/** Another process takes the turn of the account for another candidate, if it is free. */
function takeAsOther(scene: CandidateScene): Promise<AccountTurn | undefined> {
  const { turns } = scene.worker({ name: 'two' }).dependencies;
  return turns.take(account, turns.holderOf({ namespace, name: 'other.1' }), signal);
}

const readyOf = (scene: CandidateScene): unknown => scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready');
const writesOf = ({ simulator }: CandidateScene): number => simulator.journal.writes().length;

/** The provider with another answer to its one writing request. */
function withOutcome({ dependencies }: Worker, outcome: ActOutcome): void {
  const provider = dependencies.providers.get('PagerDuty');
  const other = { ...provider, reclaim: { ...provider?.reclaim, act: () => Promise.resolve(outcome) } } as Provider;
  (dependencies.providers as Map<string, Provider>).set('PagerDuty', other);
}

describe('a restore, under the turn of its account', () => {
  it.each(['Remove', 'Downgrade'] as const)('guard 4: sends nothing after a %s when its process stood still until another had the turn', async (action) => {
    const scene = await askedToRestore(action);
    const writes = writesOf(scene);
    const { turns } = scene.worker({ name: 'two' }).dependencies;
    const takeOther = (): Promise<AccountTurn | undefined> => turns.take(account, turns.holderOf({ namespace, name: 'other.1' }), signal);
    let other: AccountTurn | undefined;
    const worker = scene.worker({
      before: async ({ what }) => {
        if (what !== 'append WriteIntended') return;
        await takeOther();
        await scene.wait(isOverMs);
        other = await takeOther();
      },
    });
    await worker.pass();
    expect(other, 'another has the turn').toBeDefined();
    expect(writesOf(scene)).toBe(writes);
    expect(readyOf(scene)).toMatchObject({ status: 'False', reason: 'AccountBusy' });
  });

  it('guard 4: is not begun with less time than it may take, and goes on by itself', async () => {
    const scene = await askedToRestore('Downgrade');
    const writes = writesOf(scene);
    let stood = 0;
    const worker = scene.worker({
      after: async ({ what }) => {
        if (what !== 'append WriteIntended' || stood > 0) return;
        stood = 41_000;
        await scene.wait(stood);
      },
    });
    expect((await worker.pass()).requeueAfterMs).toBeLessThan(10_000);
    expect(stood).toBeGreaterThan(0);
    expect(writesOf(scene)).toBe(writes);
    await worker.settle();
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
    expect(await takeAsOther(scene), 'it is given back').toBeDefined();
  });

  it('guard 4: that stands still between two of its requests sends no more of them, and does not give the turn back', async () => {
    const scene = await askedToRestore('Remove');
    const writes = writesOf(scene);
    const { reclaim } = scene.worker().dependencies.providers.get('PagerDuty') as Provider;
    const worker = scene.worker();
    const provider = {
      ...worker.dependencies.providers.get('PagerDuty'),
      reclaim: {
        ...reclaim,
        // Once the person was made, whatever is read next takes until the turn is over.
        restore: ((bundle, person, session) => reclaim.restore(bundle, person, {
          ...session,
          onRequest: (request) => {
            session.onRequest(request);
            if (request.method === 'POST') scene.clock.sleep(turnLastsMs).catch(() => undefined);
          },
        })) satisfies Provider['reclaim']['restore'],
      },
    } as Provider;
    (worker.dependencies.providers as Map<string, Provider>).set('PagerDuty', provider);
    await worker.pass();
    expect(scene.simulator.journal.writes().slice(writes).map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /users']);
    expect(readyOf(scene)).toMatchObject({ status: 'False', reason: 'NotSent' });
    expect(await takeAsOther(scene)).toBeUndefined();
  });

  it('guard 4: that broke off leaves the turn to run out, to itself as well; then it goes on', async () => {
    const scene = await askedToRestore('Downgrade');
    scene.simulator.faults.add({ method: 'PUT', route: '/users/{id}', fault: { kind: 'reset', when: 'before-processing' }, count: 1 });
    const worker = scene.worker();
    await worker.pass();
    expect(readyOf(scene)).toMatchObject({ status: 'False', reason: 'UndoUnclear' });
    expect(await takeAsOther(scene)).toBeUndefined();
    const writes = writesOf(scene);
    await worker.pass();
    expect(readyOf(scene)).toMatchObject({ status: 'False', reason: 'AccountBusy' });
    expect(writesOf(scene)).toBe(writes);
    await worker.settle();
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
  });

  it('that could not even read gives the turn back', async () => {
    const scene = await askedToRestore('Downgrade');
    scene.simulator.faults.add({ method: 'GET', route: '/users/{id}', fault: { kind: 'status', status: 403 }, count: null });
    await scene.worker().pass();
    expect(scene.candidate().status?.undo?.restoredAt).toBeUndefined();
    expect(await takeAsOther(scene)).toBeDefined();
  });
});

describe('a reclaim, under the turn of its account', () => {
  async function acted(outcome: ActOutcome): Promise<CandidateScene> {
    const scene = await decided();
    const worker = scene.worker();
    while (scene.candidate().status?.state !== 'AwaitingRevocation') await worker.pass();
    withOutcome(worker, outcome);
    await worker.pass();
    return scene;
  }

  it('guard 4: leaves the turn to run out where its outcome is unclear, since the request may be under way', async () => {
    const scene = await acted({ kind: 'Unclear', reason: 'AnswerLost' });
    expect(scene.candidate().status?.attempt?.phase).toBe('Unclear');
    const { turns } = scene.worker({ name: 'two' }).dependencies;
    const holder = turns.holderOf({ namespace, name: 'other.1' });
    expect(await turns.take(account, holder, signal)).toBeUndefined();
    const [stamp] = scene.cluster.get(coreResources.Lease, { namespace: 'operator', name: turnLeaseName(account) })?.metadata.managedFields ?? [];
    await scene.wait(Date.parse(stamp?.time ?? '') + isOverMs - scene.clock.now() - 1);
    expect(await turns.take(account, holder, signal)).toBeUndefined();
    await scene.wait(1);
    expect(await turns.take(account, holder, signal)).toBeDefined();
  });

  it.each(['one', 'two'])('guard 4: is over, too, once it was read back that the unclear request was carried out, by process %s', async (name) => {
    const scene = await decided();
    scene.simulator.faults.add({ method: 'DELETE', route: '/users/{id}', fault: { kind: 'reset', when: 'before-headers' }, count: 1 });
    const worker = scene.worker({ name: 'one' });
    while (scene.candidate().status?.attempt?.phase !== 'Unclear') await worker.pass();
    expect(await takeAsOther(scene), 'it may be under way').toBeUndefined();
    await scene.worker({ name }).settle();
    expect(scene.candidate().status?.state).toBe('ClosedComplete');
    expect(await takeAsOther(scene)).toBeDefined();
  });

  it('guard 4: is not, where it was read back that it was not carried out: it may be yet', async () => {
    const scene = await decided();
    scene.simulator.faults.add({ method: 'DELETE', route: '/users/{id}', fault: { kind: 'reset', when: 'before-processing' }, count: 1 });
    await scene.worker().settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'OutcomeUnclear' });
    expect(await takeAsOther(scene)).toBeUndefined();
  });

  it('guard 4: sends nothing when the provider stood still before its request until time had run out', async () => {
    const scene = await decided();
    const worker = scene.worker();
    while (scene.candidate().status?.state !== 'AwaitingRevocation') await worker.pass();
    const provider = worker.dependencies.providers.get('PagerDuty') as Provider;
    const act: Provider['reclaim']['act'] = async (request, session) => {
      await scene.wait(61_000);
      return provider.reclaim.act(request, session);
    };
    (worker.dependencies.providers as Map<string, Provider>).set('PagerDuty', { ...provider, reclaim: { ...provider.reclaim, act } });
    await worker.pass();
    expect(scene.writes()).toEqual([]);
    expect(scene.candidate().status).toMatchObject({ state: 'AwaitingRevocation', attempt: { phase: 'Refused' } });
    expect(await takeAsOther(scene)).toBeDefined();
  });

  it.each<ActOutcome>([{ kind: 'Done' }, { kind: 'Gone' }, { kind: 'Refused', reason: 'RateLimited', words: [], passing: true }])('gives the turn back where its outcome is clear: %j', async (outcome) => {
    expect(await takeAsOther(await acted(outcome))).toBeDefined();
  });

  it('guard 4: waits while another has the turn, says which Lease it is, looks again within seconds, and goes on by itself', async () => {
    const scene = await decided();
    const worker = scene.worker();
    while (scene.candidate().status?.state !== 'AwaitingRevocation') await worker.pass();
    expect(await takeAsOther(scene)).toBeDefined();
    expect((await worker.pass()).requeueAfterMs).toBeLessThan(10_000);
    expect(readyOf(scene)).toMatchObject({ status: 'False', reason: 'AccountBusy', message: expect.stringContaining(turnLeaseName(account)) as unknown });
    expect(scene.writes()).toEqual([]);
    const from = scene.clock.now();
    await worker.settle();
    expect(scene.candidate().status?.state).toBe('ClosedComplete');
    expect(scene.clock.now() - from).toBeGreaterThan(isOverMs - 10_000);
  });
});

describe('admins of one account, reached from two namespaces', () => {
  /** Two admins besides the owner, of whom one has to stay. */
  function withTwoAdmins(): CandidateScene {
    const users = [...makeStaff().users.filter(({ id, role }) => id !== 'PFREE01' && role !== 'admin'), ...['PFREE01', 'PADMIN2'].map((id) => makePerson(id, { role: 'admin' }))];
    return openCandidateScene({ company: makeStaff({ users }), rule: { limits: { maxPerRun: 10, maxPercent: 5, maxCandidateRatio: 30, minAdmins: 1 } } });
  }

  /** What another namespace does: it notes under the turn that it reclaims an admin, whom the vendor goes on listing. */
  async function reclaimElsewhere(scene: CandidateScene): Promise<void> {
    const { turns } = scene.worker({ name: 'two' }).dependencies;
    const holder = turns.holderOf({ namespace: 'team-b', name: 'sub-9.1' });
    await turns.take(account, holder, signal);
    await turns.noteReclaim(account, holder, { uid: 'uid-elsewhere', isAdmin: true, signal });
    await turns.end(account, holder, signal);
  }

  it('C13, guard 2: one whose reclaim has just begun in another namespace counts as gone', async () => {
    const scene = withTwoAdmins();
    await scene.worker().settle();
    scene.decide('Reclaim');
    await reclaimElsewhere(scene);
    await scene.worker().settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'Blocked', blockers: [{ kind: 'LastAdmin' }] });
    expect(scene.writes()).toEqual([]);
  });

  it('C13, guard 2: tells the others, before anything is sent, that an admin is being reclaimed', async () => {
    const scene = withTwoAdmins();
    await scene.worker().settle();
    scene.decide('Reclaim');
    const counts: number[] = [];
    const other = scene.worker({ name: 'two' }).dependencies.turns;
    const worker = scene.worker({
      after: async ({ what }) => {
        if (what === 'append WriteIntended') counts.push((await other.read(account, signal)).countAdmins({ self: 'other', siblings: [] }));
      },
    });
    await worker.settle();
    expect(counts).toEqual([1]);
    expect(scene.candidate().status?.state).toBe('ClosedComplete');
    expect((await other.read(account, signal)).countAdmins({ self: 'other', siblings: [] })).toBe(1);
  });

  it('guard 2: an admin is not reclaimed where it cannot be noted', async () => {
    const scene = withTwoAdmins();
    await scene.worker().settle();
    scene.decide('Reclaim');
    const lease = `replace leases operator/${turnLeaseName(account)}`;
    const failures: string[] = [];
    const worker = scene.worker({
      before: ({ what }) => {
        if (what !== lease || failures.length > 0) return;
        failures.push(what);
        throw retryable('ApiServerError', 'The API server is away.');
      },
    });
    for (let pass = 0; pass < 12 && failures.length === 0; pass += 1) await worker.pass().catch(() => undefined);
    expect(failures).toHaveLength(1);
    expect(scene.candidate().status?.attempt).toBeUndefined();
    expect(scene.writes()).toEqual([]);
    expect(scene.trail.map(({ event }) => event)).not.toContain('WriteIntended');
  });

  it.each<[ActOutcome, number]>([[{ kind: 'Refused', reason: 'AccountLocked', words: [], passing: true }, 0], [{ kind: 'Unclear', reason: 'AnswerLost' }, 1], [{ kind: 'Done' }, 1]])('guard 2: after %j, %d admins count as gone', async (outcome, expected) => {
    const scene = withTwoAdmins();
    await scene.worker().settle();
    scene.decide('Reclaim');
    const worker = scene.worker();
    while (scene.candidate().status?.state !== 'AwaitingRevocation') await worker.pass();
    withOutcome(worker, outcome);
    await worker.pass(undefined, candidateKey);
    expect(scene.candidate().status?.attempt?.startedAt).toBe(iso(scene.clock.now()));
    const { turns } = scene.worker({ name: 'two' }).dependencies;
    expect((await turns.read(account, signal)).countAdmins({ self: 'other', siblings: [] })).toBe(expected);
  });
});
