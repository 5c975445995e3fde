import { describe, expect, it } from 'vitest';
import { makeStaff } from '../../../../test/pagerduty-simulator/testing/write-scene.ts';
import { catchFailure } from '../../../../test/support/provider-session.ts';
import { openReclaim, reclaimScopes } from '../../../../test/support/reclaim-scene.ts';

describe('reading back', () => {
  it.each([0, 1, 2, 5])('waits while %d reads still show somebody who was removed', async (deleteShownReads) => {
    const scene = openReclaim(makeStaff(), { deleteShownReads });
    await scene.verbs.act(scene.request('PFREE01', 'Remove'), scene.session());
    expect(await scene.verbs.readBack(scene.request('PFREE01', 'Remove'), scene.session())).toBe('Carried');
    expect(scene.clock.sleeps).toHaveLength(deleteShownReads);
  });

  it('waits half a minute and no more, with longer and longer pauses', async () => {
    const scene = openReclaim();
    const start = scene.clock.now();
    expect(await scene.verbs.readBack(scene.request('PFREE01', 'Remove'), scene.session())).toBe('NotCarried');
    expect(scene.clock.now() - start).toBeLessThanOrEqual(30_000);
    expect(scene.clock.sleeps).toEqual(scene.clock.sleeps.toSorted((a, b) => a - b));
    expect(scene.simulator.journal.writes()).toEqual([]);
  });

  it('sees a deletion that shows late by time', async () => {
    const scene = openReclaim(makeStaff(), { deleteShownReads: 0, deleteShownMs: 20_000 });
    await scene.verbs.act(scene.request('PFREE01', 'Remove'), scene.session());
    expect(await scene.verbs.readBack(scene.request('PFREE01', 'Remove'), scene.session())).toBe('Carried');
  });

  it('T12: looks at role and licence of a downgrade, and at the role alone where licences are hidden', async () => {
    const scene = openReclaim();
    const request = scene.request('PFREE01', 'Downgrade');
    expect(await scene.verbs.readBack(request, scene.session())).toBe('NotCarried');
    await scene.verbs.act(request, scene.session());
    expect(await scene.verbs.readBack(request, scene.session())).toBe('Carried');
    scene.simulator.state.updateUser('PFREE01', { licenseId: 'PLFULL1' });
    expect(await scene.verbs.readBack(request, scene.session())).toBe('NotCarried');
    const hidden = scene.scoped(reclaimScopes.filter((scope) => scope !== 'licenses.read'));
    expect(await scene.verbs.readBack(request, hidden)).toBe('Carried');
  });

  it('a downgrade of somebody who is gone was not carried out', async () => {
    const scene = openReclaim();
    expect(await scene.verbs.readBack(scene.request('PNOBODY', 'Downgrade'), scene.session())).toBe('NotCarried');
  });

  it.each(['Remove', 'Downgrade'] as const)('guard 9: a seat that was handed over says nothing of the one a %s was asked for', async (action) => {
    const scene = openReclaim();
    const request = scene.request('PFREE01', action);
    if (action === 'Downgrade') await scene.verbs.act(request, scene.session());
    scene.simulator.state.updateUser('PFREE01', { name: 'Nora Newcomer', email: 'nora@example.com' });
    expect(await scene.verbs.readBack(request, scene.session())).toBe('OtherPerson');
    expect(scene.clock.sleeps).toEqual([]);
    // Only the case of the address is another one, or it was not known: the same person.
    scene.simulator.state.updateUser('PFREE01', { email: 'PFree01@Example.com' });
    expect(await scene.verbs.readBack(request, scene.session())).toBe(action === 'Downgrade' ? 'Carried' : 'NotCarried');
    expect(await scene.verbs.readBack({ ...request, person: { ...request.person, address: '' } }, scene.session())).toBe(action === 'Downgrade' ? 'Carried' : 'NotCarried');
  });

  it.each(['html', 'empty', 'not-json'] as const)('guard 6: a 404 of nobody’s (%s) is no verdict, nor is silence', async (body) => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route: '/users/*', count: null, fault: { kind: 'status', status: 404, body } });
    expect((await catchFailure(scene.verbs.readBack(scene.request('PFREE01', 'Remove'), scene.session()))).failure.kind).toBe('Retryable');
    scene.simulator.faults.clear();
    scene.simulator.faults.add({ route: '/users/*', count: null, fault: { kind: 'reset', when: 'before-headers' } });
    expect((await catchFailure(scene.verbs.readBack(scene.request('PFREE01', 'Remove'), scene.session()))).failure).toMatchObject({ kind: 'Retryable', reason: 'VendorUnreachable' });
  });

  it('stops when aborted while it waits', async () => {
    const scene = openReclaim();
    const stop = new AbortController();
    const work = scene.verbs.readBack(scene.request('PFREE01', 'Remove'), scene.session({ signal: stop.signal }));
    setImmediate(() => stop.abort());
    expect((await catchFailure(work)).failure.reason).toBe('Aborted');
  });
});

describe('looking at one person', () => {
  it('guard 9: shows who has the id now, and what they hold, by two small requests', async () => {
    const scene = openReclaim();
    scene.simulator.state.updateUser('PADMIN1', { name: 'Nora Newcomer', email: 'nora@example.com' });
    expect(await scene.verbs.look('PADMIN1', scene.session())).toEqual({
      externalUserId: 'PADMIN1', displayName: 'Nora Newcomer', address: 'nora@example.com', role: 'admin', subscriptionIdentifier: 'PLFULL1', isOwner: false, isAdmin: true,
    });
    expect(scene.simulator.journal.list().map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /users/PADMIN1', 'GET /users/PADMIN1/license']);
    expect(await scene.verbs.look('POWNER1', scene.session())).toMatchObject({ isOwner: true, isAdmin: true });
  });

  it('says who is gone, and leaves out a licence that is hidden', async () => {
    const scene = openReclaim();
    expect(await scene.verbs.look('PNOBODY', scene.session())).toBe('Gone');
    const hidden = scene.scoped(reclaimScopes.filter((scope) => scope !== 'licenses.read'));
    expect(await scene.verbs.look('PFREE01', hidden)).toMatchObject({ role: 'limited_user', subscriptionIdentifier: undefined });
  });
});
