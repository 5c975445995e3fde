import { describe, expect, it } from 'vitest';
import { aCandidate, acme, company, leaseKey, take, type Company } from '../../../test/support/turn-scene.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { dayMs } from '../../licensing/reclaim/budget.ts';
import type { AccountTurns } from './account-turns.ts';
import { listLagMs, recentReclaimsAnnotation } from './recent-reclaims.ts';

const { signal } = new AbortController();

describe('admins who were reclaimed a short time ago', () => {
  /** A process that has taken the turn for a candidate and noted that it is of an admin. */
  async function note({ process }: Company, uid: string, ahead = 0): Promise<AccountTurns> {
    const turns = process(`process-${uid}`, { ahead });
    const holder = turns.holderOf(aCandidate);
    expect(await take(turns)).toBeDefined();
    await turns.noteReclaim(acme, holder, { uid, isAdmin: true, signal });
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
    await scene.clock.advance(dayMs + 1);
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
    await expect(turns.noteReclaim(acme, turns.holderOf(aCandidate), { uid: 'a', isAdmin: true, signal })).rejects.toMatchObject({ failure: { kind: 'Conflict' } });
    await take(turns);
    scene.cluster.change(coreResources.Lease, leaseKey, (lease) => void Object.assign(lease, { spec: { holderIdentity: 'another' } }));
    await expect(turns.noteReclaim(acme, turns.holderOf(aCandidate), { uid: 'a', isAdmin: true, signal })).rejects.toMatchObject({ failure: { kind: 'Conflict' } });
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
    scene.cluster.change(coreResources.Lease, leaseKey, ({ metadata }) => void (metadata.annotations = { [recentReclaimsAnnotation]: text }));
    expect(await count(scene)).toBe(Number.POSITIVE_INFINITY);
    // From the first turn on, since nobody knows since when; then it mends by itself.
    await note(scene, 'b');
    expect(await count(scene)).toBe(Number.POSITIVE_INFINITY);
    await scene.clock.advance(listLagMs + 1);
    expect(await count(scene)).toBe(0);
  });
});

describe('reclaims that were begun in an account', () => {
  const note = async ({ process }: Company, uid: string): Promise<AccountTurns> => {
    const turns = process(`process-${uid}`);
    const holder = turns.holderOf(aCandidate);
    expect(await take(turns)).toBeDefined();
    await turns.noteReclaim(acme, holder, { uid, isAdmin: false, signal });
    await turns.end(acme, holder, signal);
    return turns;
  };
  const started = async ({ process }: Company, self = 'self'): Promise<number> => (await process('reader').read(acme, signal)).reclaims(self).started.length;

  it('guard 5: are counted for 24 hours, each candidate once, whoever asks; the candidate itself is not', async () => {
    const scene = company();
    await note(scene, 'a');
    await scene.clock.advance(3_600_000);
    await note(scene, 'b');
    await note(scene, 'a');
    expect([await started(scene), await started(scene, 'a')]).toEqual([2, 1]);
    await scene.clock.advance(dayMs);
    expect(await started(scene)).toBe(2);
    await scene.clock.advance(1);
    expect(await started(scene)).toBe(0);
  });

  it('guard 5: of admins go on counting when the vendor has refused', async () => {
    const scene = company();
    const turns = await note(scene, 'a');
    await take(turns);
    await turns.forgetAdmin(acme, turns.holderOf(aCandidate), { uid: 'a', signal });
    expect(await started(scene)).toBe(1);
  });

  it('guard 2: of nobody who is an admin count for no admin', async () => {
    const scene = company();
    await note(scene, 'a');
    expect((await scene.process('reader').read(acme, signal)).countAdmins({ self: 'self', siblings: [] })).toBe(0);
  });

  it.each(['nonsense', '{"a":{"admin":false}}', '{"a":"2026-11-24T00:00:00Z"}'])('guard 5: may be as many as are allowed while nobody can read them, for a day from the next turn on: %s', async (text) => {
    const scene = company({ maxReclaimsPerDay: 7 });
    await note(scene, 'a');
    scene.cluster.change(coreResources.Lease, leaseKey, ({ metadata }) => void (metadata.annotations = { [recentReclaimsAnnotation]: text }));
    expect(await started(scene)).toBe(7);
    await note(scene, 'b');
    expect(await started(scene)).toBe(8);
    await scene.clock.advance(dayMs + 1);
    expect(await started(scene)).toBe(0);
  });

  it('guard 7: a thousand of them, without any name, are short enough for an annotation', async () => {
    const scene = company({ maxReclaimsPerDay: 1000 });
    const turns = scene.process('one');
    await take(turns);
    for (let index = 0; index < 1000; index += 1) await turns.noteReclaim(acme, turns.holderOf(aCandidate), { uid: `uid-of-somebody-${index}`, isAdmin: false, signal });
    const text = scene.cluster.get(coreResources.Lease, leaseKey)?.metadata.annotations?.[recentReclaimsAnnotation] ?? '';
    expect(text.length).toBeLessThan(100_000);
    expect(text).not.toContain('somebody');
  });
});
