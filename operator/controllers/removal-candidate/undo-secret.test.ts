import { describe, expect, it } from 'vitest';
import { dayMs, iso, openCandidateScene, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { apiFault, createMemoryCluster } from '../../../test/support/memory-cluster.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { UndoBundle } from '../../providers/reclaim.ts';
import type { Secret } from '../secrets.ts';
import { decideUndo } from '../undo-secret/decide-undo.ts';
import { looksLikeUndo, personOfUndo, readUndo, saveUndo } from './undo-secret.ts';

const namespace = 'team-a';
const { signal } = new AbortController();
const contentOf = (person: string) => ({ bundle: { version: 1, provider: 'PagerDuty', externalUserId: person, takenAt: '', content: {} } as unknown as UndoBundle, account: 'PagerDuty acme (US)', expiresAt: '2027-01-01T00:00:00Z' });

function open() {
  const cluster = createMemoryCluster();
  const client = cluster.client();
  /** As often as it is called: the former one was deleted by hand. */
  const makeCandidate = (uid: string): RemovalCandidate =>
    cluster.put(removalCandidateResource, { apiVersion: 'x', kind: 'RemovalCandidate', metadata: { name: 'sub-1.1', namespace, uid }, spec: { subject: { profileRef: { name: 'pagerduty' } } } } as RemovalCandidate);
  /** As it is once an attempt with this Secret was claimed, and ended so. */
  const claimed = (candidate: RemovalCandidate, secret: string, phase: 'Refused' | 'Unclear', more: object = {}): RemovalCandidate =>
    cluster.put(removalCandidateResource, { ...candidate, status: { attempt: { phase, ...more }, undo: { secret } } as NonNullable<RemovalCandidate['status']> });
  const saved = (): Record<string, string | undefined> => Object.fromEntries(cluster.list<Secret>(coreResources.Secret).map((secret) => [secret.metadata.name, personOfUndo(secret)]));
  return { cluster, makeCandidate, claimed, saved, save: (candidate: RemovalCandidate, person: string) => saveUndo(candidate, contentOf(person), { client, signal, onReplaced: () => Promise.resolve() }) };
}

describe('what is saved before a reclaim', () => {
  it('D4: one that no attempt came of is replaced', async () => {
    const { makeCandidate, saved, save } = open();
    const candidate = makeCandidate('11111111-a');
    expect(await save(candidate, 'OLD')).toBe('sub-1.1-undo');
    expect(await save(candidate, 'NEW')).toBe('sub-1.1-undo');
    expect(saved()).toEqual({ 'sub-1.1-undo': 'NEW' });
  });

  it('D4: that of an attempt which the vendor refused is replaced: nothing was done that it could undo', async () => {
    const { makeCandidate, saved, save, claimed } = open();
    const candidate = makeCandidate('11111111-a');
    const secret = await save(candidate, 'OLD');
    expect(await save(claimed(candidate, secret, 'Refused'), 'NEW')).toBe('sub-1.1-undo');
    expect(saved()).toEqual({ 'sub-1.1-undo': 'NEW' });
  });

  it('D4: that of an attempt which the vendor refused is left alone where one before it may take effect yet', async () => {
    const { makeCandidate, saved, save, claimed } = open();
    const candidate = makeCandidate('11111111-a');
    const secret = await save(candidate, 'OLD');
    expect(await save(claimed(candidate, secret, 'Refused', { afterUnclear: true }), 'NEW')).toBe('sub-1.1-11111111-undo');
    expect(saved()).toEqual({ 'sub-1.1-undo': 'OLD', 'sub-1.1-11111111-undo': 'NEW' });
  });

  it('D4: that of an attempt which may take effect yet is left alone, however many follow; two are kept at most', async () => {
    const { makeCandidate, saved, save, claimed } = open();
    const candidate = makeCandidate('11111111-a');
    const first = await save(candidate, 'FIRST');
    const second = await save(claimed(candidate, first, 'Unclear'), 'SECOND');
    expect(saved()).toEqual({ 'sub-1.1-undo': 'FIRST', 'sub-1.1-11111111-undo': 'SECOND' });
    const third = await save(claimed(candidate, second, 'Unclear'), 'THIRD');
    expect(saved()).toEqual({ 'sub-1.1-11111111-undo': 'SECOND', 'sub-1.1-undo': 'THIRD' });
    await save(claimed(candidate, third, 'Refused'), 'FOURTH');
    expect(saved()).toEqual({ 'sub-1.1-undo': 'THIRD', 'sub-1.1-11111111-undo': 'FOURTH' });
  });

  it('D4: one that was saved in vain since is replaced, and that of the attempt which may take effect yet is not', async () => {
    const { makeCandidate, saved, save, claimed } = open();
    const candidate = makeCandidate('11111111-a');
    const unclear = claimed(candidate, await save(candidate, 'FIRST'), 'Unclear');
    await save(unclear, 'IN VAIN');
    await save(unclear, 'AGAIN');
    expect(saved()).toEqual({ 'sub-1.1-undo': 'FIRST', 'sub-1.1-11111111-undo': 'AGAIN' });
  });

  it('D4: that of a former candidate of the same name is left alone: it is the only way back of what that one did', async () => {
    const { makeCandidate, saved, save } = open();
    await save(makeCandidate('11111111-a'), 'OLD');
    const second = makeCandidate('22222222-b');
    expect(await save(second, 'FIRST')).toBe('sub-1.1-22222222-undo');
    expect(await save(second, 'AGAIN')).toBe('sub-1.1-22222222-undo');
    expect(saved()).toEqual({ 'sub-1.1-undo': 'OLD', 'sub-1.1-22222222-undo': 'AGAIN' });
  });

  it('D4: there is a place for a second attempt beside both: that of a former candidate, and that of the first attempt', async () => {
    const { makeCandidate, saved, save, claimed } = open();
    await save(makeCandidate('11111111-a'), 'OLD');
    const second = makeCandidate('22222222-b');
    const unclear = claimed(second, await save(second, 'FIRST'), 'Unclear');
    expect(await save(unclear, 'SECOND')).toBe('sub-1.1-22222222-2-undo');
    expect(saved()).toEqual({ 'sub-1.1-undo': 'OLD', 'sub-1.1-22222222-undo': 'FIRST', 'sub-1.1-22222222-2-undo': 'SECOND' });
  });

  it.each(['sub-1.1-undo', 'sub-1.1-22222222-undo'])('a Secret of somebody else that has the name %s is never overwritten, and nothing is reclaimed', async (name) => {
    const { cluster, makeCandidate, save } = open();
    const foreign = cluster.put<Secret>(coreResources.Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque', data: { mine: 'eA==' } });
    if (name !== 'sub-1.1-undo') await save(makeCandidate('11111111-a'), 'OLD');
    await expect(save(makeCandidate('22222222-b'), 'NEW')).rejects.toMatchObject({ failure: { kind: 'Terminal', reason: 'NotOwned' } });
    expect(cluster.get<Secret>(coreResources.Secret, { namespace, name })).toEqual(foreign);
  });

  it('is known by its metadata', async () => {
    const { cluster, makeCandidate, save } = open();
    await save(makeCandidate('11111111-a'), 'OLD');
    const { metadata } = cluster.get<Secret>(coreResources.Secret, { namespace, name: 'sub-1.1-undo' }) ?? { metadata: { name: '' } };
    expect(looksLikeUndo({ metadata })).toBe(true);
    expect(looksLikeUndo({ metadata: { ...metadata, name: 'x' } })).toBe(true);
    expect(looksLikeUndo({ metadata: { ...metadata, annotations: {} } })).toBe(true);
    expect(looksLikeUndo({ metadata: { ...metadata, labels: {} } })).toBe(false);
    expect(looksLikeUndo({ metadata: { name: 'pagerduty-token', labels: metadata.labels ?? {} } })).toBe(false);
  });
});

async function awaiting(): Promise<CandidateScene> {
  const scene = openCandidateScene();
  await scene.worker().settle();
  scene.decide('Reclaim');
  while (scene.candidate().status?.state !== 'AwaitingRevocation') await scene.worker().pass();
  return scene;
}

const readyOf = (scene: CandidateScene) => scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready');

const secretsOf = (scene: CandidateScene): string[] => scene.cluster.list(coreResources.Secret).map(({ metadata }) => metadata.name).filter((name) => name.endsWith('-undo'));

describe('what is saved, until the request is sent', () => {
  it.each<[string, (scene: CandidateScene) => void]>([
    ['is gone', ({ cluster }) => cluster.remove(coreResources.Secret, { namespace, name: 'sub-1.1-undo' })],
    ['is being deleted', ({ cluster, clock }) => cluster.change(coreResources.Secret, { namespace, name: 'sub-1.1-undo' }, ({ metadata }) => void (metadata.deletionTimestamp = iso(clock.now())))],
    ['is somebody else’s by now', ({ cluster }) => cluster.change<Secret>(coreResources.Secret, { namespace, name: 'sub-1.1-undo' }, (secret) => void (secret.type = 'Opaque'))],
    ['is of another account by now', ({ cluster }) => cluster.change(coreResources.Secret, { namespace, name: 'sub-1.1-undo' }, ({ metadata }) => void Object.assign(metadata.annotations ?? {}, { 'saaslicense.dev/account': 'PagerDuty other (US)' }))],
  ])('T10, D4: where it %s, nothing is sent', async (_what, spoil) => {
    const scene = await awaiting();
    let isDone = false;
    const worker = scene.worker({
      after: ({ what }) => {
        if (!what.startsWith('create secrets') || isDone) return;
        isDone = true;
        spoil(scene);
      },
    });
    for (let pass = 0; pass < 5 && readyOf(scene)?.reason !== 'UndoMissing'; pass += 1) await worker.pass();
    expect(scene.writes()).toEqual([]);
    expect(scene.candidate().status?.attempt).toBeUndefined();
    expect(readyOf(scene)).toMatchObject({ status: 'False', reason: 'UndoMissing' });
    expect(scene.trail.map(({ event }) => event)).not.toContain('WriteIntended');
  });

  it('T10, D4: where it was gone, it is saved again soon, and then it is reclaimed', async () => {
    const scene = await awaiting();
    let isDone = false;
    const worker = scene.worker({
      after: ({ what }) => {
        if (!what.startsWith('create secrets') || isDone) return;
        isDone = true;
        scene.cluster.remove(coreResources.Secret, { namespace, name: 'sub-1.1-undo' });
      },
    });
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', attempts: 1 });
    expect(secretsOf(scene)).toEqual(['sub-1.1-undo']);
  });
});

describe('what a second attempt makes of the first one’s', () => {
  const failing = (scene: CandidateScene, status: number): void => void scene.simulator.faults.add({ method: 'DELETE', route: '/users/{id}', fault: { kind: 'status', status }, count: 1 });
  const secretAt = (scene: CandidateScene, name: string): Secret | undefined => scene.cluster.get<Secret>(coreResources.Secret, { namespace, name });

  it('D4: the first one’s stays the way back while it may take effect yet, until another is claimed; then both are kept', async () => {
    const scene = await awaiting();
    failing(scene, 500);
    await scene.worker().settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', attempt: { phase: 'Unclear' }, undo: { secret: 'sub-1.1-undo' } });
    // A second one that reads another state of the person, and is stopped once it has saved that.
    Object.assign(scene.simulator.state.user('PFREE01') ?? {}, { jobTitle: 'Astronaut' });
    await scene.wait(1000);
    scene.decide('ResumeReclaim');
    const stopped = scene.worker({ before: ({ what }) => void (what === 'append BundleSaved' && scene.changeRule((spec) => void (spec.suspend = true))) });
    await stopped.settle(3).catch(() => undefined);
    expect(scene.candidate().status?.attempts).toBe(1);
    expect(await readUndo(scene.candidate(), { client: scene.cluster.client(), signal })).toBeDefined();
    scene.changeRule((spec) => void (spec.suspend = false));
    await scene.worker().settle();
    const { status } = scene.candidate();
    expect(status).toMatchObject({ state: 'ClosedComplete', attempts: 2 });
    expect(status?.undo?.secret).not.toBe('sub-1.1-undo');
    expect(secretsOf(scene)).toEqual(['sub-1.1-undo', status?.undo?.secret]);
    expect(await readUndo(scene.candidate(), { client: scene.cluster.client(), signal })).toBeDefined();
  });

  it('guard 4, D4: a process that knows nothing of the first one, since it has read the candidate before, takes nothing from it', async () => {
    const scene = await awaiting();
    failing(scene, 500);
    const first = scene.worker({ name: 'first' });
    let isDone = false;
    const slow = scene.worker({
      name: 'slow',
      before: async ({ what }) => {
        if (isDone || !what.includes('leases')) return;
        isDone = true;
        await first.settle();
      },
    });
    for (let pass = 0; pass < 4; pass += 1) await slow.pass().catch(() => undefined);
    expect(isDone).toBe(true);
    expect(scene.candidate().status).toMatchObject({ attempts: 1, attempt: { phase: 'Unclear' }, undo: { secret: 'sub-1.1-undo' } });
    expect(scene.cluster.calls.filter(({ what }) => what.startsWith('delete secrets'))).toEqual([]);
  });

  it('D4: the sweep leaves alone what it has just saved, however long ago the first one’s has expired', async () => {
    const scene = openCandidateScene({ rule: { undoRetentionDays: 1 } });
    await scene.worker().settle();
    scene.decide('Reclaim');
    failing(scene, 400);
    await scene.worker().settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', attempt: { phase: 'Refused' } });
    await scene.wait(3 * dayMs);
    scene.decide('ResumeReclaim');
    const { judgement } = scene.verdict;
    if (judgement.kind === 'Candidate') Object.assign(judgement.evidence, { windowTo: iso(scene.clock.now() - 3_600_000) });
    const fates: string[] = [];
    const worker = scene.worker({
      after: ({ what }) => {
        const secret = secretAt(scene, 'sub-1.1-undo');
        if (!what.startsWith('create secrets') || secret === undefined) return;
        // As the API server stamps it.
        const made = { ...secret, metadata: { ...secret.metadata, creationTimestamp: iso(scene.clock.now()) } };
        fates.push(decideUndo(made, scene.candidate(), scene.clock.now()).kind);
      },
    });
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', attempts: 2 });
    expect(fates).toEqual(['Keep']);
  });

  it('C24: that the first one’s was replaced is recorded, once it is gone, though the answer to its deletion is lost', async () => {
    const scene = await awaiting();
    failing(scene, 400);
    await scene.worker().settle();
    await scene.wait(1000);
    scene.decide('ResumeReclaim');
    const there: unknown[] = [];
    const worker = scene.worker({
      before: ({ what }) => void (what === 'append BundleDeleted' && there.push(secretAt(scene, 'sub-1.1-undo'))),
      after: ({ what }) => {
        if (what.startsWith('delete secrets')) throw apiFault();
      },
    });
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', attempts: 2 });
    expect(there).toEqual([undefined]);
    const told = scene.trail.filter(({ event }) => event.startsWith('Bundle'));
    expect(told).toMatchObject([{ event: 'BundleSaved' }, { event: 'BundleDeleted', actor: 'operator', data: { cause: 'Replaced' } }, { event: 'BundleSaved' }]);
  });
});
