import { describe, expect, it } from 'vitest';
import { aCandidate, acme, bCandidate, company, isOverMs, leaseKey, take } from '../../../test/support/turn-scene.ts';
import { retryable } from '../../api/errors.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { turnLastsMs, turnLeaseName } from './account-turns.ts';

const { signal } = new AbortController();

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

  it.each<[string, boolean]>([
    ['is over for a process that has only just come to see it, by the API server’s clock', true],
    ['is not over for it, however long ago it was taken, where the API server does not tell', false],
  ])('guard 4: %s', async (_what, hasStamps) => {
    const { clock, process } = company({ hasStamps });
    await take(process('one'));
    await clock.advance(isOverMs - 1);
    expect(await take(process('early'))).toBeUndefined();
    await clock.advance(1);
    const two = process('two');
    expect((await take(two)) !== undefined).toBe(hasStamps);
    await clock.advance(isOverMs);
    expect((await take(two)) !== undefined).toBe(!hasStamps);
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

  it.each([isOverMs, -isOverMs])('guard 4: is neither over sooner nor lasts longer when the clock of whoever waits is corrected by %d ms meanwhile', async (correction) => {
    const { clock, process } = company();
    let ahead = 0;
    const two = process('two', { ahead: () => ahead });
    await take(process('one'));
    expect(await take(two)).toBeUndefined();
    ahead = correction;
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
    await one.noteReclaim(acme, one.holderOf(aCandidate), { uid: 'a', isAdmin: true, signal });
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

  it('that was left is over for the process that left it as long after it was last written as for all others', async () => {
    for (const name of ['one', 'two']) {
      const { clock, process } = company();
      const turns = { one: process('one'), two: process('two') };
      await take(turns.one);
      turns.one.leave(acme);
      await clock.advance(isOverMs - 1);
      expect([await take(turns.one, bCandidate), await take(turns.two, bCandidate)]).toEqual([undefined, undefined]);
      await clock.advance(1);
      expect(await take(turns[name as 'one' | 'two'], bCandidate)).toBeDefined();
    }
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
    const { cluster, process } = company();
    let isLost = true;
    const turns = process('one', {
      after: ({ what }) => {
        if (isLost && what.startsWith('create')) throw retryable('ApiServerUnreachable', 'lost');
      },
    });
    await expect(take(turns)).rejects.toThrow('lost');
    expect(cluster.get(coreResources.Lease, leaseKey), 'it was written').toBeDefined();
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
    await turns.noteReclaim(acme, turns.holderOf(aCandidate), { uid: 'uid-of-a', isAdmin: true, signal });
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
