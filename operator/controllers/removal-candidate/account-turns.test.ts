import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/support/fake-clock.ts';
import { createMemoryCluster, type MemoryCluster } from '../../../test/support/memory-cluster.ts';
import { retryable } from '../../api/errors.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { createAccountTurns, turnLastsMs, turnLeaseName, type AccountTurns } from './account-turns.ts';

const { signal } = new AbortController();
const acme = 'PagerDuty acme (US)';
const aCandidate = { namespace: 'team-a', name: 'a.1' };
const bCandidate = { namespace: 'team-a', name: 'b.1' };

function company(): { cluster: MemoryCluster; clock: ReturnType<typeof createFakeClock>; process: (identity: string, after?: () => void) => AccountTurns } {
  const cluster = createMemoryCluster();
  const clock = createFakeClock();
  return { cluster, clock, process: (identity, after) => createAccountTurns({ client: cluster.client(identity, after === undefined ? {} : { after }), clock, identity, namespace: 'operator' }) };
}

/** Takes the turn for a candidate. */
const take = (turns: AccountTurns, candidate = aCandidate, account = acme): ReturnType<AccountTurns['take']> => turns.take(account, turns.holderOf(candidate), signal);

describe('the turn to write to an account', () => {
  it.each<[string, { identity: string; candidate?: typeof aCandidate; later?: number }, boolean]>([
    ['another process', { identity: 'two' }, false],
    ['another process, for a candidate of another namespace', { identity: 'two', candidate: { namespace: 'team-b', name: 'a.1' } }, false],
    ['another process just before its end', { identity: 'two', later: turnLastsMs - 1 }, false],
    ['another process at its end', { identity: 'two', later: turnLastsMs }, true],
    ['the same process after a restart under the same name, for the same candidate', { identity: 'one' }, true],
    ['the same process after a restart under the same name, for another candidate', { identity: 'one', candidate: bCandidate }, false],
  ])('guard 4: is not given to %s while it lasts', async (_who, { identity, candidate, later = 0 }, isGiven) => {
    const { clock, process } = company();
    expect(await take(process('one'))).toBeDefined();
    await clock.advance(later);
    expect((await take(process(identity), candidate)) !== undefined).toBe(isGiven);
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
    await take(process('zero'));
    await clock.advance(turnLastsMs);
    const taken = await Promise.all([take(process('one')), take(process('two'), bCandidate)]);
    expect(taken.filter((turn) => turn !== undefined)).toHaveLength(1);
  });

  it('is read live, and is given back by whoever has it and by nobody else', async () => {
    const { clock, process } = company();
    const [one, two] = [process('one'), process('two')];
    await take(one);
    expect(await two.read(acme, signal)).toEqual({ holder: 'one team-a/a.1', endsAt: clock.now() + turnLastsMs });
    await two.end(acme, two.holderOf(aCandidate), signal);
    expect(await two.read(acme, signal)).toBeDefined();
    await one.end(acme, one.holderOf(aCandidate), signal);
    expect(await two.read(acme, signal)).toBeUndefined();
  });

  it('is asked for again after a reply that was lost, and is not held up by it', async () => {
    const { process } = company();
    let isLost = true;
    const turns = process('one', () => {
      if (isLost) throw retryable('ApiServerUnreachable', 'lost');
    });
    await expect(take(turns)).rejects.toThrow('lost');
    isLost = false;
    expect(await take(turns)).toBeDefined();
  });

  it('guard 7: its Lease tells whose turn it is, and neither account nor person', async () => {
    const { cluster, process } = company();
    await take(process('one'));
    expect(turnLeaseName(acme)).toMatch(/^saas-license-operator-account-[0-9a-z]{11}$/);
    expect(cluster.get(coreResources.Lease, { namespace: 'operator', name: turnLeaseName(acme) })).toMatchObject({ spec: { holderIdentity: 'one team-a/a.1', leaseDurationSeconds: 300 } });
  });

  it('guard 4: one whose end somebody made unreadable does not end by itself', async () => {
    const { cluster, clock, process } = company();
    cluster.put(coreResources.Lease, { metadata: { namespace: 'operator', name: turnLeaseName(acme) }, spec: { holderIdentity: 'x', leaseDurationSeconds: 300 } } as never);
    await clock.advance(turnLastsMs * 10);
    expect(await take(process('one'))).toBeUndefined();
  });
});
