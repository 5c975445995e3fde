import { describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../../test/support/fake-clock.ts';
import { createMemoryCluster, type MemoryCluster } from '../../../test/support/memory-cluster.ts';
import { retryable } from '../../api/errors.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { createAccountTurns, takeOverMarginMs, turnLastsMs, turnLeaseName, type AccountTurns } from './account-turns.ts';
import { listLagMs, recentAdminsAnnotation } from './recent-admins.ts';

const { signal } = new AbortController();
const acme = 'PagerDuty acme (US)';
const aCandidate = { namespace: 'team-a', name: 'a.1' };
const bCandidate = { namespace: 'team-a', name: 'b.1' };

interface Company {
  readonly cluster: MemoryCluster;
  readonly clock: FakeClock;
  /** A process whose wall clock is ahead by so many milliseconds; `after` comes after each of its calls. */
  process(identity: string, options?: { readonly ahead?: number; readonly after?: () => void }): AccountTurns;
}

function company(): Company {
  const cluster = createMemoryCluster();
  const clock = createFakeClock();
  const process: Company['process'] = (identity, { ahead = 0, after = () => undefined } = {}) =>
    createAccountTurns({ client: cluster.client(identity, { after }), clock: { ...clock, now: () => clock.now() + ahead }, steady: clock, identity, namespace: 'operator' });
  return { cluster, clock, process };
}

const isOverMs = turnLastsMs + takeOverMarginMs;
const leaseKey = { namespace: 'operator', name: turnLeaseName(acme) };

/** Takes the turn for a candidate. */
const take = (turns: AccountTurns, candidate = aCandidate, account = acme): ReturnType<AccountTurns['take']> => turns.take(account, turns.holderOf(candidate), signal);

describe('the turn to write to an account', () => {
  it.each<[string, { identity: string; candidate?: typeof aCandidate; later?: number }, boolean]>([
    ['another process', { identity: 'two' }, false],
    ['another process, for a candidate of another namespace', { identity: 'two', candidate: { namespace: 'team-b', name: 'a.1' } }, false],
    ['another process that has seen it for almost as long as it lasts', { identity: 'two', later: isOverMs - 1 }, false],
    ['another process that has seen it for as long as it lasts, and a margin', { identity: 'two', later: isOverMs }, true],
    ['the same process after a restart under the same name, for the same candidate', { identity: 'one' }, false],
    ['the same process after a restart under the same name, for another candidate', { identity: 'one', candidate: bCandidate }, false],
  ])('guard 4: is not given to %s while it lasts', async (_who, { identity, candidate, later = 0 }, isGiven) => {
    const { clock, process } = company();
    expect(await take(process('one'))).toBeDefined();
    const other = process(identity);
    expect(await take(other, candidate)).toBeUndefined();
    await clock.advance(later);
    expect((await take(other, candidate)) !== undefined).toBe(isGiven);
  });

  it('guard 4: is not over for a process that has only just come to see it, however long ago it was taken', async () => {
    const { clock, process } = company();
    await take(process('one'));
    await clock.advance(isOverMs * 10);
    const two = process('two');
    expect(await take(two)).toBeUndefined();
    await clock.advance(isOverMs);
    expect(await take(two)).toBeDefined();
  });

  it.each([turnLastsMs, 365 * 86_400_000, -turnLastsMs])('guard 4: is not taken by a process whose clock is %d ms ahead, when it has just begun', async (ahead) => {
    const { clock, process } = company();
    const two = process('two', { ahead });
    await take(process('one'));
    expect(await take(two)).toBeUndefined();
    await clock.advance(isOverMs - 1);
    expect(await take(two)).toBeUndefined();
    await clock.advance(1);
    expect(await take(two)).toBeDefined();
  });

  it('guard 4: is over after as long as it lasts, though whoever left it had a clock that was a year ahead', async () => {
    const { clock, process } = company();
    await take(process('one', { ahead: 365 * 86_400_000 }));
    const two = process('two');
    expect(await take(two)).toBeUndefined();
    await clock.advance(isOverMs);
    expect(await take(two)).toBeDefined();
  });

  it('guard 4: lasts anew for whoever waits, each time that it is written', async () => {
    const { clock, process } = company();
    const [one, two] = [process('one'), process('two')];
    await take(one);
    expect(await take(two)).toBeUndefined();
    await clock.advance(isOverMs - 1);
    await one.noteAdmin(acme, one.holderOf(aCandidate), { uid: 'a', signal });
    await clock.advance(1);
    expect(await take(two)).toBeUndefined();
  });

  it('guard 4: ends for whoever has it by its own clock, counted from before it was written', async () => {
    const { clock, process } = company();
    const ahead = 86_400_000;
    const began = clock.now();
    expect(await take(process('one', { ahead }))).toEqual({ holder: 'one team-a/a.1', endsAt: began + ahead + turnLastsMs });
  });

  it('guard 4: is one for the account, whatever the profile: in one process, too, until it is given back', async () => {
    const { process } = company();
    const turns = process('one');
    const [first, second] = await Promise.all([take(turns), take(turns, bCandidate)]);
    expect([first, second].filter((turn) => turn !== undefined)).toHaveLength(1);
    expect(await take(turns, bCandidate)).toBeUndefined();
    await turns.end(acme, turns.holderOf(aCandidate), signal);
    expect(await take(turns, bCandidate)).toBeDefined();
    expect(await take(turns, aCandidate, 'PagerDuty other (US)')).toBeDefined();
  });

  it('guard 4: of two that find it free one has it', async () => {
    const { process } = company();
    const taken = await Promise.all([take(process('one')), take(process('two'), bCandidate)]);
    expect(taken.filter((turn) => turn !== undefined)).toHaveLength(1);
  });

  it('guard 4: of two that find it over one has it', async () => {
    const { clock, process } = company();
    const [one, two] = [process('one'), process('two')];
    await take(process('zero'));
    expect([await take(one), await take(two, bCandidate)]).toEqual([undefined, undefined]);
    await clock.advance(isOverMs);
    const taken = await Promise.all([take(one), take(two, bCandidate)]);
    expect(taken.filter((turn) => turn !== undefined)).toHaveLength(1);
  });

  it('guard 4: that was left, since a request may be under way, runs out: for the process that left it, too', async () => {
    const { clock, process } = company();
    const [one, two] = [process('one'), process('two')];
    await take(one);
    one.leave(acme);
    expect([await take(one), await take(one, bCandidate), await take(two)]).toEqual([undefined, undefined, undefined]);
    await clock.advance(isOverMs - 1);
    expect([await take(one), await take(one, bCandidate), await take(two)]).toEqual([undefined, undefined, undefined]);
    await clock.advance(1);
    expect(await take(one, bCandidate)).toBeDefined();
  });

  it('is read live, and is given back by whoever has it and by nobody else', async () => {
    const { clock, process } = company();
    const [one, two] = [process('one'), process('two')];
    await take(one);
    expect(await two.read(acme, signal)).toMatchObject({ turn: { holder: 'one team-a/a.1', endsAt: clock.now() + turnLastsMs } });
    await two.end(acme, two.holderOf(aCandidate), signal);
    expect((await two.read(acme, signal)).turn).toBeDefined();
    await one.end(acme, one.holderOf(aCandidate), signal);
    expect((await two.read(acme, signal)).turn).toBeUndefined();
  });

  it('is asked for again after a reply that was lost, and is not held up by it', async () => {
    const { process } = company();
    let isLost = true;
    const turns = process('one', {
      after: () => {
        if (isLost) throw retryable('ApiServerUnreachable', 'lost');
      },
    });
    await expect(take(turns)).rejects.toThrow('lost');
    isLost = false;
    expect(await take(turns)).toBeDefined();
  });

  it('is free for the process that could not give it back, and for nobody else', async () => {
    const { process } = company();
    let isLost = false;
    const one = process('one', {
      after: () => {
        if (isLost) throw retryable('ApiServerUnreachable', 'lost');
      },
    });
    await take(one);
    isLost = true;
    await one.end(acme, one.holderOf(aCandidate), signal);
    isLost = false;
    expect(await take(process('two'))).toBeUndefined();
    expect(await take(one, bCandidate)).toBeDefined();
  });

  it('guard 7: its Lease tells whose turn it is, and neither account nor person', async () => {
    const { cluster, process } = company();
    const turns = process('one');
    await take(turns);
    await turns.noteAdmin(acme, turns.holderOf(aCandidate), { uid: 'uid-of-a', signal });
    expect(turnLeaseName(acme)).toMatch(/^saas-license-operator-account-[0-9a-z]{11}$/);
    expect(cluster.get(coreResources.Lease, { namespace: 'operator', name: turnLeaseName(acme) })).toMatchObject({ spec: { holderIdentity: 'one team-a/a.1', leaseDurationSeconds: 300 } });
    expect(JSON.stringify(cluster.get(coreResources.Lease, leaseKey))).not.toMatch(/acme|uid-of-a/);
  });

  it('guard 4: one whose end somebody made unreadable lasts as long as any other, and nothing is sent under it', async () => {
    const { cluster, clock, process } = company();
    cluster.put(coreResources.Lease, { metadata: leaseKey, spec: { holderIdentity: 'x' } } as never);
    const one = process('one');
    expect(await take(one)).toBeUndefined();
    expect((await one.read(acme, signal)).turn?.endsAt).toBe(Number.NEGATIVE_INFINITY);
    await clock.advance(isOverMs - 1);
    expect(await take(one)).toBeUndefined();
    await clock.advance(1);
    expect(await take(one)).toBeDefined();
  });
});

describe('admins who were reclaimed a short time ago', () => {
  /** A process that has taken the turn for a candidate and noted that it is of an admin. */
  async function note({ process }: Company, uid: string, ahead = 0): Promise<AccountTurns> {
    const turns = process(`process-${uid}`, { ahead });
    const holder = turns.holderOf(aCandidate);
    expect(await take(turns)).toBeDefined();
    await turns.noteAdmin(acme, holder, { uid, signal });
    await turns.end(acme, holder, signal);
    return turns;
  }

  const count = async ({ process }: Company, self = 'self'): Promise<number> => (await process('reader').read(acme, signal)).countAdmins({ self, siblings: [] });

  it('guard 2: are counted for the account until the vendor shows that they are gone; the candidate itself is not', async () => {
    const scene = company();
    await note(scene, 'a');
    await scene.clock.advance(60_000);
    await note(scene, 'b');
    expect([await count(scene), await count(scene, 'a')]).toEqual([2, 1]);
    await scene.clock.advance(listLagMs - 60_000);
    expect(await count(scene)).toBe(2);
    await scene.clock.advance(1);
    expect(await count(scene)).toBe(1);
    await scene.clock.advance(listLagMs);
    expect(await count(scene)).toBe(0);
  });

  it('are forgotten in the Lease, too, once the next turn is taken', async () => {
    const scene = company();
    await note(scene, 'a');
    await scene.clock.advance(listLagMs + 1);
    await take(scene.process('two'));
    expect(scene.cluster.get(coreResources.Lease, leaseKey)?.metadata.annotations).toEqual({});
  });

  it('guard 2: are counted each once, those of one’s own namespace too', async () => {
    const scene = company();
    await note(scene, 'a');
    expect((await scene.process('reader').read(acme, signal)).countAdmins({ self: 'self', siblings: ['a', 'c', 'self'] })).toBe(2);
  });

  it('are taken back where the vendor has refused, by whoever has the turn', async () => {
    const scene = company();
    const turns = await note(scene, 'a');
    await turns.forgetAdmin(acme, turns.holderOf(aCandidate), { uid: 'a', signal });
    expect(await count(scene)).toBe(1);
    await take(turns);
    await turns.forgetAdmin(acme, turns.holderOf(aCandidate), { uid: 'a', signal });
    expect(await count(scene)).toBe(0);
  });

  it('guard 4: nobody notes any whose turn it is not any more', async () => {
    const scene = company();
    const turns = scene.process('one');
    await expect(turns.noteAdmin(acme, turns.holderOf(aCandidate), { uid: 'a', signal })).rejects.toMatchObject({ failure: { kind: 'Conflict' } });
    await take(turns);
    scene.cluster.change(coreResources.Lease, leaseKey, (lease) => void Object.assign(lease, { spec: { holderIdentity: 'another' } }));
    await expect(turns.noteAdmin(acme, turns.holderOf(aCandidate), { uid: 'a', signal })).rejects.toMatchObject({ failure: { kind: 'Conflict' } });
  });

  it('guard 2: whose entry is of a clock that is a year ahead count from the next turn on', async () => {
    const scene = company();
    await note(scene, 'a', 365 * 86_400_000);
    await take(scene.process('two'));
    await scene.clock.advance(listLagMs);
    expect(await count(scene)).toBe(1);
    await scene.clock.advance(1);
    expect(await count(scene)).toBe(0);
  });

  it.each(['nonsense', '[]', '{"a":"yesterday"}', '{"a":1}', 'null'])('guard 2: may be all of them while nobody can read it: %s', async (text) => {
    const scene = company();
    await note(scene, 'a');
    scene.cluster.change(coreResources.Lease, leaseKey, ({ metadata }) => void (metadata.annotations = { [recentAdminsAnnotation]: text }));
    expect(await count(scene)).toBe(Number.POSITIVE_INFINITY);
    // From the first turn on, since nobody knows since when; then it mends by itself.
    await note(scene, 'b');
    expect(await count(scene)).toBe(Number.POSITIVE_INFINITY);
    await scene.clock.advance(listLagMs + 1);
    expect(await count(scene)).toBe(0);
  });
});
