import { describe, expect, it } from 'vitest';
import { iso, namespace, openCandidateScene, type CandidateScene, type SceneOptions, type Worker } from '../../../test/support/candidate-scene.ts';
import { confirmRule } from '../../../test/support/rule-builders.ts';
import { createSeededRandom } from '../../../test/support/seeded-random.ts';
import { openIncident } from '../../../test/pagerduty-simulator/index.ts';
import { makePerson } from '../../../test/pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../../../test/pagerduty-simulator/testing/write-scene.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../api/integration-profile.ts';
import { reclamationRuleResource, type ReclamationRule } from '../../api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import { gatherLive } from './gather.ts';

/** About to be reclaimed: what the vendor was asked before says that nothing stands in the way. */
async function awaiting(options: SceneOptions = {}): Promise<{ scene: CandidateScene; worker: Worker }> {
  const scene = openCandidateScene(options);
  const worker = scene.worker();
  await worker.settle();
  scene.decide('Reclaim');
  while (scene.candidate().status?.state !== 'AwaitingRevocation') await worker.pass();
  return { scene, worker };
}

describe('what changes between the first look and the write', () => {
  it('T9, guard 3: an incident is opened: the vendor is asked again at the moment of the write, and nothing is sent', async () => {
    const { scene, worker } = await awaiting();
    openIncident(scene.simulator.state, { assigneeIds: ['PFREE01'], createdAt: scene.clock.now() - 9e9 });
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'Blocked', blockers: [{ kind: 'OpenIncident' }] });
    expect(scene.writes()).toEqual([]);
  });

  it.each<[string, (scene: CandidateScene) => void]>([
    ['D7: everybody is provisioned elsewhere by now', (scene) => scene.changeProfile(({ spec }) => void (spec.ownership = { crossplane: true, identityProvider: 'Everybody' }))],
    ['C13: more admins have to stay', (scene) => scene.changeRule((spec) => void (spec.limits = { ...spec.limits, minAdmins: 90 }))],
  ])('guards 1, 2: %s once the bundle is saved: what the vendor said is judged anew, and nothing is sent', async (_what, change) => {
    const company = makeStaff({ users: [...makeStaff().users.filter(({ id }) => id !== 'PFREE01'), ...['PFREE01', 'PADMIN2', 'PADMIN3'].map((id) => makePerson(id, { role: 'admin' }))] });
    const { scene } = await awaiting({ company });
    let isDone = false;
    const worker = scene.worker({
      after: ({ what }) => {
        if (!what.startsWith('create secrets') || isDone) return;
        isDone = true;
        change(scene);
      },
    });
    await worker.settle();
    expect(isDone).toBe(true);
    expect(scene.candidate().status).toMatchObject({ state: 'AttentionRequired', reason: 'Blocked' });
    expect(scene.writes()).toEqual([]);
    expect(scene.trail.map(({ event }) => event)).not.toContain('WriteIntended');
  });

  it('guard 9: the stored address becomes another once the bundle is saved: it closes, and nothing is sent', async () => {
    const { scene } = await awaiting();
    const worker = scene.worker({
      after: ({ what }) => {
        if (what.startsWith('create secrets')) scene.cluster.change<SoftwareSubscription>(softwareSubscriptionResource, { namespace, name: 'sub-1' }, ({ spec }) => void (spec.userPrincipalName = 'other@example.com'));
      },
    });
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedSkipped', reason: 'SubjectChanged' });
    expect(scene.writes()).toEqual([]);
    expect(scene.trail.map(({ event }) => event)).not.toContain('WriteIntended');
  });

  it('guard 4: a process that sleeps between claim and request sends nothing, says so, and tries again with everything asked anew', async () => {
    const { scene } = await awaiting();
    let isDone = false;
    const worker = scene.worker({
      after: async ({ what }) => {
        if (isDone || !what.startsWith('apply removalcandidates/status') || scene.candidate().status?.attempt?.phase !== 'Claimed') return;
        isDone = true;
        await scene.wait(61_000);
      },
    });
    await worker.pass();
    expect(isDone).toBe(true);
    expect(scene.writes()).toEqual([]);
    expect(scene.candidate().status).toMatchObject({ state: 'AwaitingRevocation', attempt: { phase: 'Refused', number: 1 } });
    await scene.wait(60_000);
    await worker.settle();
    expect(scene.candidate().status).toMatchObject({ state: 'ClosedComplete', attempts: 2 });
    expect(scene.writes()).toHaveLength(1);
  });

  it('a process that is told to end between claim and request sends nothing', async () => {
    const { scene } = await awaiting();
    const ending = new AbortController();
    const worker = scene.worker({
      after: ({ what }) => {
        if (what.startsWith('apply removalcandidates/status') && scene.candidate().status?.attempt?.phase === 'Claimed') ending.abort();
      },
    });
    await worker.pass(ending.signal).catch(() => undefined);
    expect(ending.signal.aborted).toBe(true);
    expect(scene.writes()).toEqual([]);
    expect(scene.candidate().status?.attempt?.phase).toBe('Refused');
  });
});

describe('two people of one account', () => {
  /** A second candidate, for another admin: only one of the two may go, since one stays besides the owner. */
  function withSecond(ofProfile: string): CandidateScene {
    const ids = ['PFREE01', 'PADMIN2'];
    const company = makeStaff({ users: [...makeStaff().users.filter(({ id, role }) => id !== 'PFREE01' && role !== 'admin'), ...ids.map((id) => makePerson(id, { role: 'admin' }))] });
    const scene = openCandidateScene({ company, rule: { limits: { maxPerRun: 10, maxPercent: 5, maxCandidateRatio: 30, minAdmins: 1 } } });
    const uid = ofProfile === 'pagerduty' ? undefined : addProfile(scene, ofProfile);
    const { cluster } = scene;
    const subscription = cluster.get<SoftwareSubscription>(softwareSubscriptionResource, { namespace, name: 'sub-1' });
    if (subscription === undefined) throw new Error('no subscription');
    const owners = (subscription.metadata.ownerReferences ?? []).map((owner) => (uid === undefined ? owner : { ...owner, name: ofProfile, uid }));
    const profileRef = { name: ofProfile };
    const person = { profileRef, externalUserId: 'PADMIN2', userPrincipalName: 'padmin2@example.com' };
    const displayName = nameOf(company, 'PADMIN2');
    cluster.put<SoftwareSubscription>(softwareSubscriptionResource, { ...subscription, metadata: { ...subscription.metadata, name: 'sub-2', uid: 'uid-sub-2', ownerReferences: owners }, spec: { ...subscription.spec, ...person, displayName } });
    const { spec, ...candidate } = scene.candidate();
    const ruleRef = { name: uid === undefined ? 'business' : `business-${ofProfile}` };
    cluster.put<RemovalCandidate>(removalCandidateResource, { ...candidate, metadata: { ...candidate.metadata, name: 'sub-2.1', uid: 'uid-sub-2.1' }, spec: { ...spec, origin: { id: 'origin-of-sub-2-1', at: spec.origin?.at ?? '', ruleUid: uid === undefined ? (spec.origin?.ruleUid ?? '') : `uid-business-${ofProfile}` }, subject: { ...spec.subject, ...person, displayName, ruleRef, subscriptionRef: { name: 'sub-2' } } } });
    return scene;
  }

  /** Another profile of the same account, with a rule of its own; gives its uid. */
  function addProfile({ cluster }: CandidateScene, name: string): string {
    const profile = cluster.get<IntegrationProfile>(integrationProfileResource, { namespace, name: 'pagerduty' });
    const rule = cluster.get<ReclamationRule>(reclamationRuleResource, { namespace, name: 'business' });
    if (profile === undefined || rule === undefined) throw new Error('no profile');
    const uid = `uid-${name}`;
    cluster.put<IntegrationProfile>(integrationProfileResource, { ...profile, metadata: { ...profile.metadata, name, uid } });
    const own = { ...rule, metadata: { ...rule.metadata, name: `business-${name}`, uid: `uid-business-${name}` }, spec: { ...rule.spec, profileRef: { name } } };
    cluster.put<ReclamationRule>(reclamationRuleResource, confirmRule(own));
    return uid;
  }

  it.each(['pagerduty', 'pagerduty-2'])('guards 2, 4: two processes never let the last admins go, though each alone would be right; the second of profile %s', async (ofProfile) => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const scene = withSecond(ofProfile);
      const names = ['sub-1.1', 'sub-2.1'];
      const random = createSeededRandom(seed);
      const pause = async (): Promise<void> => {
        for (let turn = Math.floor(random() * 8); turn > 0; turn -= 1) await Promise.resolve();
      };
      for (const name of names) for (let pass = 0; pass < 3; pass += 1) await scene.worker().pass(undefined, `${namespace}/${name}`);
      for (const name of names) {
        scene.cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name }, ({ spec, status }) => void (spec.decision = { verdict: 'Reclaim', by: 'maria', reason: 'both', confirms: status?.decisionId ?? '' }));
      }
      const workers = names.map((name) => ({ name, worker: scene.worker({ name: `process-${name}`, before: pause, after: pause }) }));
      for (let round = 0; round < 14; round += 1) {
        await Promise.all(workers.map(({ name, worker }) => worker.pass(undefined, `${namespace}/${name}`).catch((error: unknown) => expect(error).toMatchObject({ name: 'OperatorError' }))));
        await scene.wait(2500);
      }
      const writes = scene.simulator.journal.writes().filter(({ method }) => method === 'DELETE');
      expect(writes, `seed ${seed}`).toHaveLength(1);
      expect(new Set(names.map((name) => scene.candidate(name).status?.state)), `seed ${seed}`).toEqual(new Set(['AttentionRequired', 'ClosedComplete']));
    }
  });

  it('C13, guard 2: an admin whom another profile of the account has just reclaimed counts as gone, though the vendor may list them still (facts 5.1)', async () => {
    const scene = withSecond('pagerduty-2');
    const { dependencies } = scene.worker();
    const attempt = { id: 'a', number: 1, phase: 'Done', holder: 'x', startedAt: iso(scene.clock.now() - 60_000), endedAt: iso(scene.clock.now() - 50_000) };
    const undo = { secret: 'x', account: 'PagerDuty acme (US)' };
    scene.cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name: 'sub-2.1' }, (candidate) => void (candidate.status = { ...candidate.status, attempt, undo } as never));
    const recentAdmins = async (account: string): Promise<unknown> => gatherLive(scene.candidate(), { ...dependencies, account, signal: new AbortController().signal });
    expect(await recentAdmins('PagerDuty acme (US)')).toMatchObject({ recentAdmins: 1, started: [] });
    expect(await recentAdmins('PagerDuty other (US)')).toMatchObject({ recentAdmins: 0 });
  });
});

function nameOf({ users }: { readonly users: readonly { readonly id: string; readonly name: string }[] }, id: string): string {
  return users.find((user) => user.id === id)?.name ?? '';
}
