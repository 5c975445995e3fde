import { describe, expect, it } from 'vitest';
import type { CandidateScene, SceneOptions } from '../../../test/support/candidate-scene.ts';
import { decided } from '../../../test/support/candidate-steps.ts';

const id = 'PFREE01';
const ready = (scene: CandidateScene) => scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready');

async function downgraded(options: SceneOptions = {}): Promise<CandidateScene> {
  const scene = await decided({ action: 'Downgrade', ...options });
  await scene.worker().settle();
  expect(scene.candidate().status?.state).toBe('ClosedComplete');
  return scene;
}

async function restore(scene: CandidateScene): Promise<void> {
  scene.restore();
  await scene.worker().settle();
}

describe('guards 9, 10: an undo after somebody changed the person by hand', () => {
  it('keeps the role that was given by hand, and says so in history, event and audit record', async () => {
    const scene = await downgraded();
    scene.simulator.state.updateUser(id, { role: 'admin', licenseId: 'PLFULL1' });
    await restore(scene);
    expect(scene.simulator.state.user(id)?.role).toBe('admin');
    const text = expect.stringContaining('Kept as it is now: role admin (was limited_user).') as string;
    expect(scene.candidate().status?.history?.at(-1)).toMatchObject({ reason: 'Restored', text });
    expect(scene.events).toContainEqual(expect.objectContaining({ type: 'Warning', reason: 'RestoredInPart', note: text }));
    expect(scene.trail.filter(({ event }) => event === 'Restored')).toMatchObject([{ data: { kept: 'role admin (was limited_user)' } }]);
  });

  it('says that nothing was kept where nothing was changed', async () => {
    const scene = await downgraded();
    await restore(scene);
    expect(scene.events).toContainEqual(expect.objectContaining({ type: 'Normal', reason: 'Restored' }));
    expect(scene.trail.filter(({ event }) => event === 'Restored')).toMatchObject([{ data: { kept: 'nothing' } }]);
  });

  it('gives nothing to the one whom the seat was handed over to, and needs a person', async () => {
    const scene = await downgraded();
    scene.simulator.state.updateUser(id, { name: 'Nora Newcomer', email: 'nora@example.com' });
    const writes = scene.simulator.journal.writes().length;
    await restore(scene);
    expect(scene.simulator.journal.writes()).toHaveLength(writes);
    expect(ready(scene)).toMatchObject({ status: 'False', reason: 'PersonChanged' });
    expect(JSON.stringify([scene.events, scene.trail, ready(scene)])).not.toContain('nora@');
  });

  it.each(['Remove', 'Downgrade'] as const)('takes what somebody else holds for no answer about a %s whose answer was lost, and sends nothing again', async (action) => {
    const scene = await decided({ action });
    scene.simulator.faults.add({ method: action === 'Remove' ? 'DELETE' : 'PUT', route: '/users/{id}', fault: { kind: 'reset', when: 'before-processing' } });
    const worker = scene.worker();
    while (scene.candidate().status?.attempt?.phase !== 'Unclear') await worker.pass();
    const writes = scene.simulator.journal.writes().length;
    scene.simulator.state.updateUser(id, { name: 'Nora Newcomer', email: 'nora@example.com' });
    await scene.worker().settle(3);
    expect(ready(scene)).toMatchObject({ status: 'False', reason: 'OutcomeUnclear' });
    expect(scene.candidate().status?.attempt).toMatchObject({ phase: 'Unclear' });
    expect(scene.candidate().status?.state).not.toMatch(/^Closed/);
    expect(scene.simulator.journal.writes()).toHaveLength(writes);
  });
});
