import { describe, expect, it } from 'vitest';
import { dayMs, namespace, openCandidateScene, type CandidateScene, type SceneOptions } from '../../../test/support/candidate-scene.ts';
import { makePerson } from '../../../test/pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../../../test/pagerduty-simulator/testing/write-scene.ts';
import { confirmRule } from '../../../test/support/rule-builders.ts';
import { compact } from '../../api/compact.ts';
import { reclamationRuleResource, type ReclamationRule } from '../../api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';

const ruleNames = ['business', 'business-2', 'business-3'];
const people = Array.from({ length: 12 }, (_, index) => `PSEAT${10 + index}`);
const names = people.map((_, index) => `sub-${index + 1}.1`);

/** Twelve decided candidates of three rules with ten reclaims a run each. */
async function twelveDecided(options: SceneOptions = {}): Promise<CandidateScene> {
  const company = makeStaff({ users: [...makeStaff().users, ...people.map((id) => makePerson(id, {}))] });
  const scene = openCandidateScene({ ...options, company, person: people[0] ?? '' });
  const { cluster } = scene;
  const rule = cluster.get<ReclamationRule>(reclamationRuleResource, { namespace, name: 'business' }) as ReclamationRule;
  expect(rule.spec.limits.maxPerRun).toBe(10);
  for (const name of ruleNames) cluster.put<ReclamationRule>(reclamationRuleResource, confirmRule(structuredClone({ ...rule, metadata: { ...rule.metadata, name, uid: `uid-${name}` } })));
  const subscription = cluster.get<SoftwareSubscription>(softwareSubscriptionResource, { namespace, name: 'sub-1' }) as SoftwareSubscription;
  const { spec, ...candidate } = scene.candidate();
  for (const [index, id] of people.entries()) {
    const person = { externalUserId: id, displayName: `Person ${id}`, userPrincipalName: `${id.toLowerCase()}@example.com` };
    const [ruleName = ''] = ruleNames.slice(index % 3);
    cluster.put<SoftwareSubscription>(softwareSubscriptionResource, { ...subscription, metadata: { ...subscription.metadata, name: `sub-${index + 1}`, uid: `uid-sub-${index + 1}` }, spec: { ...subscription.spec, ...person } });
    const subject = { ...spec.subject, ...person, ruleRef: { name: ruleName }, subscriptionRef: { name: `sub-${index + 1}` } };
    cluster.put<RemovalCandidate>(removalCandidateResource, { ...candidate, metadata: { ...candidate.metadata, name: `sub-${index + 1}.1`, uid: `uid-sub-${index + 1}.1` }, spec: { ...spec, subject, origin: { id: `origin-of-sub-${index + 1}-1`, at: spec.origin?.at ?? '', ruleUid: `uid-${ruleName}` } } });
  }
  await passAll(scene, 3);
  decideAll(scene);
  return scene;
}

function decideAll({ cluster, clock }: CandidateScene): void {
  for (const name of names) {
    cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name }, ({ spec, status }) => {
      spec.decision = { verdict: 'Reclaim', by: 'maria', at: new Date(clock.now()).toISOString(), reason: 'all', ...compact({ confirms: status?.decisionId }) };
    });
  }
}

async function passAll(scene: CandidateScene, rounds: number): Promise<void> {
  const worker = scene.worker();
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) await worker.pass(undefined, `${namespace}/${name}`);
    await scene.wait(2000);
  }
}

const deletions = ({ simulator }: CandidateScene): number => simulator.journal.writes().filter(({ method }) => method === 'DELETE').length;
const waiting = (scene: CandidateScene): string[] => names.flatMap((name) => scene.candidate(name).status?.conditions?.filter(({ type, reason }) => type === 'Ready' && reason === 'BudgetSpent').map(({ message }) => message) ?? []);

describe('rules whose limits would add up', () => {
  it('guard 5, C12: stay together within the cap of their profile, and go on a day later', async () => {
    const scene = await twelveDecided();
    scene.changeProfile((profile) => void Object.assign(profile.status ?? {}, { subscriptions: { total: 40 } }));
    await passAll(scene, 6);
    expect(deletions(scene)).toBe(4);
    expect(waiting(scene)).toEqual(Array(8).fill(expect.stringContaining('IntegrationProfile pagerduty began as many reclaims within 24 hours as its spec.reclaimLimits allows (4 a day)')));
    await scene.wait(dayMs);
    await passAll(scene, 6);
    expect(deletions(scene)).toBe(8);
  });

  it('guard 5: of a small account one a day may go', async () => {
    const scene = await twelveDecided();
    scene.changeProfile((profile) => void Object.assign(profile.status ?? {}, { subscriptions: { total: 5 } }));
    await passAll(scene, 6);
    expect(deletions(scene)).toBe(1);
  });

  it('guard 5: stay together within the cap of the account, which is counted in its Lease: candidates that lost their status are no permission', async () => {
    const scene = await twelveDecided({ maxReclaimsPerDay: 3 });
    await passAll(scene, 6);
    expect(deletions(scene)).toBe(3);
    expect(waiting(scene)).toContainEqual(expect.stringContaining('in this account within 24 hours as the operator allows (3 a day, --max-reclaims-per-account-per-day)'));
    for (const name of names) scene.cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name }, (one) => void delete (one as { status?: unknown }).status);
    await passAll(scene, 4);
    decideAll(scene);
    await passAll(scene, 8);
    expect(deletions(scene)).toBe(3);
    expect(waiting(scene).length).toBeGreaterThan(0);
  });
});
