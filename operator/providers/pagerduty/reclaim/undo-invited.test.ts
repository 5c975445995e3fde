import { describe, expect, it } from 'vitest';
import type { Person } from '../../../../test/pagerduty-simulator/index.ts';
import { makePerson } from '../../../../test/pagerduty-simulator/testing/open-account.ts';
import { catchFailure } from '../../../../test/support/provider-session.ts';
import { openReclaim, stakeholder, type ReclaimScene } from '../../../../test/support/reclaim-scene.ts';
import type { UndoBundle } from '../../reclaim.ts';

const id = 'PFREE01';

describe('guard 10: the undo of a removal gives only where nothing was given since', () => {
  async function removed(): Promise<{ scene: ReclaimScene; bundle: UndoBundle }> {
    const scene = openReclaim();
    const { bundle } = await scene.find(id);
    await scene.verbs.act(scene.request(id, 'Remove'), scene.session());
    return { scene, bundle };
  }
  const again = (patch: Partial<Person>): Person => makePerson('PAGAIN1', { name: `Person ${id}`, email: 'pfree01@example.com', ...patch });

  it('whoever was invited again by others keeps role, licence and roles in teams, and is put into the teams that they lack', async () => {
    const { scene, bundle } = await removed();
    scene.simulator.state.addUser(again({ role: 'read_only_user', licenseId: 'PLSTAKE' }));
    const report = await scene.restore(bundle);
    expect(report.kept).toEqual([{ part: 'role', was: 'limited_user', is: 'read_only_user' }, { part: 'licence', was: 'PLFULL1', is: 'PLSTAKE' }]);
    expect(scene.simulator.state.user('PAGAIN1')).toMatchObject({ role: 'read_only_user', teams: [{ teamId: 'PTEAM01' }] });
  });

  it('a role in a team that others have given them stays', async () => {
    const { scene, bundle } = await removed();
    scene.simulator.state.addUser(again({ teams: [{ teamId: 'PTEAM01', role: 'manager' }] }));
    expect((await scene.restore(bundle)).kept).toEqual([{ part: 'team PTEAM01', was: 'responder', is: 'manager' }]);
    expect(scene.simulator.state.user('PAGAIN1')?.teams).toEqual([{ teamId: 'PTEAM01', role: 'manager' }]);
  });

  it('whoever owns the account by now is not written to', async () => {
    const { scene, bundle } = await removed();
    scene.simulator.state.updateUser('POWNER1', { role: 'admin' });
    scene.simulator.state.addUser(again({ role: 'owner' }));
    const sent = scene.simulator.journal.writes().length;
    const report = await scene.restore(bundle);
    expect(report.kept).toMatchObject([{ part: 'role', is: 'owner' }]);
    expect(report.notRestored.map(({ part }) => part)).toContain('everything else');
    expect(scene.simulator.journal.writes()).toHaveLength(sent);
  });

  it('guard 7: a label of theirs stays, and is not shown', async () => {
    const { scene, bundle } = await removed();
    scene.simulator.state.addUser(again({ contactMethods: [{ id: 'PC1', type: 'email_contact_method', label: 'My own', address: 'pfree01@example.com' }] }));
    expect((await scene.restore(bundle)).kept).toEqual([{ part: 'labels of contact methods' }]);
    expect(scene.simulator.state.user('PAGAIN1')?.contactMethods?.map(({ label }) => label)).toEqual(['My own']);
  });

  it('guard 9: a seat that was never removed and was handed over is given nothing', async () => {
    const scene = openReclaim();
    const { bundle } = await scene.find(id);
    scene.simulator.state.updateUser(id, { email: 'newcomer@example.com' });
    expect((await catchFailure(scene.restore(bundle))).failure).toMatchObject({ kind: 'Terminal', reason: 'PersonChanged' });
    expect(scene.simulator.journal.writes()).toEqual([]);
  });

  it('what was changed by hand of somebody who was never removed stays', async () => {
    const scene = openReclaim();
    const { bundle } = await scene.find(id);
    scene.simulator.state.updateUser(id, { teams: [] });
    expect(await scene.restore(bundle)).toEqual({ externalUserId: id, restored: [{ part: 'person', count: 1 }], notRestored: [], kept: [] });
    expect(scene.simulator.journal.writes()).toEqual([]);
  });
});

describe('what a bundle says of the reclaim', () => {
  it('guard 10: inspects for no downgrade whose undo could not tell its own work', async () => {
    const scene = openReclaim();
    const question = { externalUserId: 'PFREE01', evidenceTo: scene.clock.now(), protectedTags: [] };
    for (const odd of [{ ...question, action: 'Downgrade' }, { ...question, action: 'Remove', downgradeTo: stakeholder }] as const) {
      expect((await catchFailure(scene.verbs.inspect(odd, scene.session()))).failure).toMatchObject({ kind: 'Terminal', reason: 'NoDowngradeTarget' });
    }
    expect((await scene.find('PFREE01', { action: 'Downgrade' })).bundle.content).toMatchObject({ action: 'Downgrade', left: { role: 'read_only_user', licenseId: 'PLSTAKE' } });
  });
});
