import { describe, expect, it } from 'vitest';
import { aCandidate, acme, company, leaseKey, take, type Company } from '../../../test/support/turn-scene.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { AccountTurns } from './account-turns.ts';
import { listLagMs, recentAdminsAnnotation } from './recent-admins.ts';

const { signal } = new AbortController();

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
