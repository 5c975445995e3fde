import { describe, expect, it } from 'vitest';
import { iso, namespace, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { decided } from '../../../test/support/candidate-steps.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { createSimulator, openIncident, simulatorTransport, type Fault } from '../../../test/pagerduty-simulator/index.ts';
import { makeStaff } from '../../../test/pagerduty-simulator/testing/write-scene.ts';
import { annotations } from '../../api/group.ts';
import { connectionAliasResource, type ConnectionAlias } from '../../api/connection-alias.ts';
import { softwareSubscriptionResource } from '../../api/software-subscription.ts';
import { createPagerDutyProvider } from '../../providers/pagerduty/index.ts';
import type { Provider } from '../../providers/provider.ts';
import type { Secret } from '../secrets.ts';
import { claimLastsMs } from './decide-attempt.ts';

const onDelete = (scene: CandidateScene, fault: Fault, count = 1): void => void scene.simulator.faults.add({ method: 'DELETE', route: '/users/{id}', fault, count });

async function claimedByOneThatDied(scene: CandidateScene): Promise<ReturnType<CandidateScene['worker']>> {
  const worker = scene.worker();
  await worker.pass();
  scene.changeCandidate((candidate) => {
    candidate.status = { ...candidate.status, state: 'AwaitingRevocation', attempts: 1, attempt: { id: 'x', number: 1, phase: 'Claimed', holder: 'gone', startedAt: iso(scene.clock.now()) } };
  });
  return worker;
}

describe('a vendor whose answer says little', () => {
  it.each<[string, Fault]>([
    ['no answer', { kind: 'reset', when: 'before-headers' }],
    ['half an answer', { kind: 'reset', when: 'after-headers' }],
    ['a page of a proxy', { kind: 'html', status: 200 }],
    ['an empty answer', { kind: 'empty', status: 502 }],
  ])('guard 4: %s, though it was done: it is read back and closed, and not sent again', async (_what, fault) => {
    const scene = await decided();
    onDelete(scene, fault);
    await scene.worker().settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed', attempts: 1 });
    expect(scene.writes()).toHaveLength(1);
    expect(scene.trail.map(({ event }) => event)).toContain('WriteUnclear');
  });

  it.each<[string, Fault]>([
    ['a connection that breaks before it was taken', { kind: 'reset', when: 'before-processing' }],
    ['a server error', { kind: 'status', status: 500 }],
    ['a gateway that gives up', { kind: 'status', status: 504 }],
  ])('guard 4: %s: it is read back as not done, and waits for a person, for ever', async (_what, fault) => {
    const scene = await decided();
    onDelete(scene, fault);
    await scene.worker().settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'OutcomeUnclear', attempts: 1 });
    const before = scene.writes().length;
    for (let day = 0; day < 40; day += 1) {
      await scene.wait(86_400_000);
      await scene.worker().settle();
    }
    expect(scene.writes()).toHaveLength(before);
    scene.decide('ResumeReclaim');
    await scene.worker().settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', attempts: 2 });
  });

  it('L12: a refusal is shown in the vendor’s own words on the candidate, and nowhere else', async () => {
    const scene = await decided();
    const worker = scene.worker({
      after: ({ what }) => {
        if (what.startsWith('create secrets')) openIncident(scene.simulator.state, { assigneeIds: ['PFREE01'], createdAt: scene.clock.now() });
      },
    });
    await worker.settle();
    const { status } = scene.candidate();
    expect(status).toMatchObject({ state: 'AttentionRequired', attempt: { phase: 'Refused', number: 1 } });
    expect(status?.vendorMessage?.length).toBeGreaterThan(10);
    const words = status?.vendorMessage ?? '';
    expect(JSON.stringify([status?.conditions, status?.history, scene.events, scene.trail])).not.toContain(words);
    expect(scene.simulator.state.user('PFREE01')).toBeDefined();
    expect(scene.writes()).toMatchObject([{ outcome: 'refused' }]);
  });

  it('a refusal that passes is tried again after a pause, and each time only when everything still holds', async () => {
    const scene = await decided();
    onDelete(scene, { kind: 'status', status: 429, headers: { 'retry-after': '30' } });
    await scene.worker().settle(8);
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', attempts: 2 });
    expect(scene.writes().map(({ outcome }) => outcome)).toEqual(['unserved', 'done']);
  });

  it('a refusal that should pass and does not needs a person after ten', async () => {
    const scene = await decided();
    onDelete(scene, { kind: 'status', status: 429 }, 1000);
    for (let hour = 0; hour < 30; hour += 1) {
      await scene.worker().settle();
      await scene.wait(3_600_000);
    }
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'RefusedRepeatedly' });
    expect(scene.writes()).toHaveLength(10);
  });

  it('a claim of a process that is gone is taken for unclear after three minutes, not sooner', async () => {
    const scene = await decided();
    const worker = await claimedByOneThatDied(scene);
    expect(await worker.pass()).toEqual({ requeueAfterMs: claimLastsMs });
    await scene.wait(claimLastsMs - 1);
    expect(await worker.pass()).toEqual({ requeueAfterMs: 1 });
    await scene.wait(1);
    await worker.pass();
    expect(scene.candidate().status?.attempt?.phase).toBe('Unclear');
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'OutcomeUnclear' });
    expect(scene.writes()).toEqual([]);
  });

  it('guard 6: to the token of another account everybody is gone, which closes nothing; the next refresh tells', async () => {
    const scene = await decided();
    const worker = await claimedByOneThatDied(scene);
    const company = makeStaff();
    const other = createSimulator({ company: { ...company, users: [] }, clock: scene.clock, settings: { perMinute: 1e9, oncallsPerMinute: 1e9 }, apiKeys: [{ key: 'full-key' }] });
    (worker.dependencies.providers as Map<string, Provider>).set('PagerDuty', createPagerDutyProvider({ transport: simulatorTransport(other) }));
    await scene.wait(claimLastsMs);
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AwaitingRevocation', attempt: { phase: 'Unclear' } });
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'PersonNotFound' });
    expect(scene.cluster.get(softwareSubscriptionResource, { namespace, name: 'sub-1' })).toBeDefined();
    expect(scene.trail.map(({ event }) => event)).not.toContain('WriteDone');
    scene.cluster.remove(softwareSubscriptionResource, { namespace, name: 'sub-1' });
    await scene.wait(3_600_000);
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed' });
  });

  it('guard 4: a vendor that cannot be read says nothing about an attempt: it stays unknown until it can', async () => {
    const scene = await decided();
    onDelete(scene, { kind: 'reset', when: 'before-headers' });
    const worker = scene.worker({
      after: ({ what }) => {
        if (what === 'append WriteUnclear') scene.simulator.faults.add({ method: 'GET', route: '/users/{id}', count: null, fault: { kind: 'status', status: 403 } });
      },
    });
    for (let pass = 0; pass < 10; pass += 1) {
      await worker.pass();
      await scene.wait(60_000);
    }
    expect(scene.candidate().status).toMatchObject({ state: 'AwaitingRevocation', attempt: { phase: 'Unclear' } });
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False' });
    scene.simulator.faults.clear();
    await worker.settle();
    expect(scene.candidate().status?.state).toBe('ClosedComplete');
    expect(scene.writes()).toHaveLength(1);
  });
});

describe('the way to the vendor', () => {
  const alias = (scene: CandidateScene, edit: (alias: ConnectionAlias) => void): void => scene.cluster.change<ConnectionAlias>(connectionAliasResource, { namespace, name: 'pagerduty' }, edit);

  it.each<[string, string, (scene: CandidateScene) => void]>([
    ['C30: an alias of another account', 'AccountMismatch', (scene) => {
      const everyday = scene.cluster.get<ConnectionAlias>(connectionAliasResource, { namespace, name: 'pagerduty' });
      scene.cluster.put(connectionAliasResource, { ...everyday, metadata: { name: 'writer', namespace, uid: 'uid-writer' }, spec: { ...everyday?.spec, pagerduty: { subdomain: 'other' } } } as ConnectionAlias);
      scene.changeProfile((profile) => void Object.assign(profile.spec, { reclaimAliasRef: { name: 'writer' } }));
    }],
    ['S60: a token of another account', 'AccountMismatch', (scene) => alias(scene, (one) => void Object.assign(one.status ?? {}, { conditions: [{ type: 'AccountMatch', status: 'False', reason: 'x', message: '', lastTransitionTime: '' }] }))],
    ['guard 6: another connection than the people were downloaded from', 'ConnectionChanged', (scene) => alias(scene, (one) => void Object.assign(one.metadata, { uid: 'made-anew' }))],
    ['an alias that is gone', 'ConnectionAliasMissing', (scene) => scene.cluster.remove(connectionAliasResource, { namespace, name: 'pagerduty' })],
    ['a suspended alias', 'Suspended', (scene) => alias(scene, (one) => void (one.spec.suspend = true))],
    ['a token Secret that is somebody else’s', 'TokenMissing', (scene) => scene.cluster.change(coreResources.Secret, { namespace, name: 'pagerduty-token' }, (secret) => void (secret.metadata.ownerReferences = []))],
    ['a token of other settings', 'TokenMissing', (scene) => scene.cluster.change(coreResources.Secret, { namespace, name: 'pagerduty-token' }, (secret) => void (secret.metadata.annotations = { [annotations.intentHash]: 'other' }))],
    ['S13: a token without the scope that writes', 'ReclaimScopesMissing', (scene) => scene.cluster.change<Secret>(coreResources.Secret, { namespace, name: 'pagerduty-token' }, (secret) => void (secret.data = { ...secret.data, scopes: Buffer.from('users.read').toString('base64') }))],
  ])('guard 1: nothing is asked and nothing is sent through %s', async (_what, reason, change) => {
    const scene = await decided();
    change(scene);
    await scene.worker().settle(3).catch(() => undefined);
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason });
    expect(scene.simulator.journal.list()).toEqual([]);
  });
});

describe('an account that is another one by now', () => {
  it('guard 4: tells nothing of an attempt of before, since everybody of the former account is gone from it', async () => {
    const scene = await decided();
    onDelete(scene, { kind: 'status', status: 500 });
    const worker = scene.worker();
    for (let pass = 0; pass < 12 && scene.candidate().status?.attempt?.phase !== 'Unclear'; pass += 1) await worker.pass();
    const { undo } = scene.candidate().status ?? {};
    expect(undo?.account).toMatch(/^PagerDuty /);
    scene.changeCandidate(({ status }) => void Object.assign(status?.undo ?? {}, { account: 'PagerDuty former (US)' }));
    await worker.pass();
    expect(scene.candidate().status).toMatchObject({ state: 'AwaitingRevocation', attempt: { phase: 'Unclear' } });
    expect(scene.candidate().status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ reason: 'AccountMismatch' });
    expect(scene.trail.map(({ event }) => event)).not.toContain('WriteDone');
    scene.changeCandidate(({ status }) => void Object.assign(status?.undo ?? {}, { account: undo?.account }));
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'OutcomeUnclear' });
  });
});
