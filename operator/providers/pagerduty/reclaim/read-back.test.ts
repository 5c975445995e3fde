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
