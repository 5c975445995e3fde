import { describe, expect, it } from 'vitest';
import { namespace, type CandidateScene, type Worker } from '../../../test/support/candidate-scene.ts';
import { decided } from '../../../test/support/candidate-steps.ts';
import type { Provider } from '../../providers/provider.ts';
import type { AccountTurn } from './account-turns.ts';

const { signal } = new AbortController();
const account = 'PagerDuty acme-example (US)';

const ask = (scene: CandidateScene): void => scene.restore();

/** A third process asks for the turn, for another candidate. */
function takeAsOther(scene: CandidateScene): Promise<AccountTurn | undefined> {
  const { turns } = scene.worker({ name: 'three' }).dependencies;
  return turns.take(account, turns.holderOf({ namespace, name: 'other.1' }), signal);
}

function changeReclaim({ dependencies }: Worker, change: (verbs: Provider['reclaim']) => Partial<Provider['reclaim']>): void {
  const provider = dependencies.providers.get('PagerDuty') as Provider;
  (dependencies.providers as Map<string, Provider>).set('PagerDuty', { ...provider, reclaim: { ...provider.reclaim, ...change(provider.reclaim) } });
}

/** Somebody who stands still until they are let go on. */
function gate(): { readonly reached: Promise<void>; stand(): Promise<void>; open(): void } {
  const [reached, opened] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  return {
    reached: reached.promise,
    async stand() {
      reached.resolve(undefined);
      await opened.promise;
    },
    open: () => opened.resolve(undefined),
  };
}

async function unclear(when: 'before-headers' | 'before-processing'): Promise<{ scene: CandidateScene; one: Worker }> {
  const scene = await decided();
  scene.simulator.faults.add({ method: 'DELETE', route: '/users/{id}', fault: { kind: 'reset', when }, count: 1 });
  const one = scene.worker({ name: 'one' });
  while (scene.candidate().status?.attempt?.phase !== 'Unclear') await one.pass();
  return { scene, one };
}

describe('a process that comes late with what it has read back', () => {
  it.each(['one', 'two'])('guard 4: does not end the turn under which process %s gives the person back', async (restorer) => {
    const { scene, one } = await unclear('before-headers');
    const door = gate();
    const late = scene.worker({ name: 'late', before: async ({ what }) => (what === 'append WriteDone' ? door.stand() : undefined) }).pass();
    await door.reached;
    await one.settle();
    ask(scene);
    const worker = scene.worker({ name: restorer });
    const others: (AccountTurn | undefined)[] = [];
    changeReclaim(worker, (verbs) => ({
      restore: async (bundle, person, session) => {
        others.push(await takeAsOther(scene));
        door.open();
        await late.catch(() => undefined);
        others.push(await takeAsOther(scene));
        return verbs.restore(bundle, person, session);
      },
    }));
    await worker.settle();
    expect(others).toEqual([undefined, undefined]);
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
  });

  it('guard 4: does not end the turn of a second attempt', async () => {
    const { scene, one } = await unclear('before-processing');
    const door = gate();
    const slow = scene.worker({ name: 'late' });
    changeReclaim(slow, (verbs) => ({ readBack: async (request, session) => door.stand().then(() => verbs.readBack(request, session)) }));
    const late = slow.pass();
    await door.reached;
    await one.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'OutcomeUnclear' });
    await scene.wait(1000);
    scene.decide('ResumeReclaim');
    const others: (AccountTurn | undefined)[] = [];
    changeReclaim(one, (verbs) => ({
      act: async (request, session) => {
        // Somebody removes the person by hand now, and the late process finds them gone.
        scene.simulator.state.removeUser('PFREE01');
        door.open();
        await late.catch(() => undefined);
        others.push(await takeAsOther(scene));
        return verbs.act(request, session);
      },
    }));
    await one.settle();
    expect(others).toEqual([undefined]);
  });
});

describe('a process that comes late with an undo', () => {
  it.each(['Downgrade', 'Remove'] as const)('C29: does not undo a %s once more, over what was decided since', async (action) => {
    const scene = await decided({ action });
    await scene.worker().settle();
    ask(scene);
    const late = scene.worker({
      name: 'late',
      before: async ({ what }) => {
        if (!what.startsWith('get leases') || scene.candidate().status?.undo?.restoredAt !== undefined) return;
        await scene.worker({ name: 'one' }).settle();
        if (action === 'Downgrade') scene.simulator.state.updateUser('PFREE01', { role: 'read_only_user', licenseId: 'PLSTAKE' });
      },
    });
    await late.pass().catch(() => undefined);
    expect(scene.candidate().status?.undo?.restoredAt).toBeDefined();
    expect(scene.trail.filter(({ event }) => event === 'Restored')).toHaveLength(1);
    expect(scene.simulator.state.company.users.find(({ email }) => email === 'pfree01@example.com')?.role).toBe(action === 'Downgrade' ? 'read_only_user' : 'limited_user');
  });

  it('gives the turn back when the vendor refuses it for good: others would wait for it again and again', async () => {
    const scene = await decided({ action: 'Downgrade' });
    await scene.worker().settle();
    ask(scene);
    scene.simulator.faults.add({ method: 'PUT', route: '/users/{id}', fault: { kind: 'status', status: 400 }, count: null });
    await scene.worker().pass();
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'RoleNotRestored' });
    expect(await takeAsOther(scene)).toBeDefined();
  });
});
