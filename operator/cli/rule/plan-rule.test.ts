import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { createMemoryCluster } from '../../../test/support/memory-cluster.ts';
import { aCandidate, aReclamationRule } from '../../../test/support/rule-builders.ts';
import { aRuleNamespace } from '../../../test/support/rule-namespace.ts';
import { aSnapshot, namespaceNow, type NamespaceFixture } from '../../../test/support/position-namespace.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ReclamationRule, ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { sha256 } from '../../api/sha256.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import { buildContext } from '../../controllers/reclamation-rule/context.ts';
import { evaluateRule } from '../../controllers/reclamation-rule/evaluate-rule.ts';
import { findEvidence } from '../../controllers/reclamation-rule/evidence.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { formOf, reviewId } from '../../licensing/reclaim/review.ts';
import { createProviders, providerByType } from '../../providers/registry.ts';
import { parseSnapshot, writeSnapshot } from '../position/snapshot-file.ts';
import type { Snapshot } from '../position/snapshot-schema.ts';
import { planRule, type RulePlan } from './plan-rule.ts';
import { readRecordedSpec } from './read-rule-spec.ts';
import { renderRulePlan } from './render-rule-plan.ts';

const providers = createProviders();
const at = namespaceNow;

/** What the operator finds by the objects themselves, with its own reading of them. */
async function operatorReport(fixture: NamespaceFixture, rule: ReclamationRule, isRefreshing = false) {
  const profile = fixture.profiles.find(({ metadata }) => metadata.name === rule.spec.profileRef.name)!;
  const scene = {
    rule, profile, provider: providerByType(providers, profile.spec.type), models: fixture.models, exclusions: fixture.exclusions, siblings: [], isRefreshing, isHalfWritten: false, leavers: new Set<string>(),
    candidates: fixture.candidates.filter(({ spec }) => spec.subject.profileRef.name === profile.metadata.name),
  };
  const evidence = findEvidence(scene, at);
  const context = buildContext(scene, evidence, { now: at, admins: 0 });
  const { report } = await evaluateRule({ scene, profile, context, dependencies: { client: clusterOf(fixture.subscriptions, profile) }, signal: new AbortController().signal });
  return { ...report, evidence };
}

/** The subscriptions of the profile on an API server. */
function clusterOf(subscriptions: readonly SoftwareSubscription[], { metadata }: IntegrationProfile): KubernetesClient {
  const cluster = createMemoryCluster();
  const ownerReferences = [{ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'IntegrationProfile', name: metadata.name, uid: metadata.uid! }];
  const own = subscriptions.filter(({ spec }) => spec.profileRef.name === metadata.name).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const one of own) cluster.put(softwareSubscriptionResource, { ...one, metadata: { ...one.metadata, ownerReferences } });
  return cluster.client();
}

function plan(snapshot: Snapshot, name: string, now = at): RulePlan {
  const rule = snapshot.rules!.find((one) => one.name === name)!;
  return planRule(snapshot, { rule: { name, reviewId: rule.reviewId, spec: readRecordedSpec(name, rule.spec, providers) }, operatorHash: rule.planHash }, { at: now, providers });
}

const refreshedAt = (startTime: string) => (profile: IntegrationProfile): IntegrationProfile => ({
  ...profile,
  status: { ...profile.status, refresh: { ...profile.status!.refresh, subscriptions: { ...profile.status!.refresh!.subscriptions!, startTime } } },
});

const minutesBefore = (minutes: number): string => new Date(at - minutes * 60_000).toISOString();

function reclaimed({ index, closedMinutesAgo, restoredMinutesAgo }: { readonly index: number; readonly closedMinutesAgo: number; readonly restoredMinutesAgo: number | null }): RemovalCandidate {
  const undo = restoredMinutesAgo === null ? {} : { undo: { secret: 's', savedAt: minutesBefore(130), expiresAt: minutesBefore(-130), restoredAt: minutesBefore(restoredMinutesAgo) } };
  const name = index % 3 === 2 ? 'pagerduty-emea' : 'pagerduty';
  return aCandidate({
    name: `done-${index}`,
    subject: { profileRef: { name }, subscriptionRef: { name: `${name}-p${index}` }, externalUserId: `P${index}`, userPrincipalName: `Person.${index}@example.com` },
    status: { state: 'ClosedComplete', reason: 'Reclaimed', closedAt: minutesBefore(closedMinutesAgo), ...undo },
  });
}

/** The seats of these people by index, with another person in them since then. */
function handOver(subscriptions: readonly SoftwareSubscription[], handed: readonly { readonly index: number; readonly daysAgo: number }[]): SoftwareSubscription[] {
  return subscriptions.map((one) => {
    const found = handed.find(({ index }) => one.spec.externalUserId === `P${index}`);
    if (found === undefined) return one;
    return { ...one, spec: { ...one.spec, userPrincipalName: `newcomer.${found.index}@example.com`, personSince: minutesBefore(found.daysAgo * 1440) } };
  });
}

const throughFile = (snapshot: Snapshot): Snapshot => parseSnapshot('snapshot.json', Buffer.from(writeSnapshot(snapshot)));

describe('the plan of a rule on recorded data', () => {
  const fixture = aRuleNamespace();
  const snapshot = aSnapshot(fixture);

  it.each(['business', 'lesser', 'emea'])('D1: %s has the hash and the counts that the operator finds by the objects', async (name) => {
    const rule = fixture.rules.find(({ metadata }) => metadata.name === name)!;
    const expected = await operatorReport(fixture, rule);
    const found = plan(snapshot, name);
    expect(found.hash).toBe(expected.hash);
    expect(found.counts).toEqual(expected.counts);
    expect(found.guards).toEqual(expected.guards);
    expect(found.held).toBeUndefined();
    expect(found.people.length).toBeGreaterThan(5);
    expect(found.people).toHaveLength(expected.counts.candidates);
  });

  it('D1, guard 9: whoever was handed the seat of somebody in the plan is another person of another plan, by the objects and by recorded data alike', async () => {
    const [first] = plan(snapshot, 'business').people;
    const isFirst = ({ metadata }: SoftwareSubscription): boolean => metadata.name === first!.subscription;
    const handed = (personSince: string) => ({ ...fixture, subscriptions: fixture.subscriptions.map((one) => (isFirst(one) ? { ...one, spec: { ...one.spec, personSince } } : one)) });
    const hashes = [plan(snapshot, 'business').hash];
    for (const one of ['2025-01-01T00:00:00.123Z', '2025-01-01T00:00:00Z'].map(handed)) {
      const found = plan(throughFile(aSnapshot(one)), 'business');
      expect(found.people.map(({ subscription }) => subscription)).toContain(first!.subscription);
      expect(found.hash).toBe((await operatorReport(one, fixture.rules.find(({ metadata }) => metadata.name === 'business')!)).hash);
      hashes.push(found.hash);
    }
    expect(new Set(hashes).size).toBe(3);
  });

  it('S79: shows the id that confirms the rule, made from whom it tells, too, though that is not recorded', () => {
    const rule = fixture.rules.find(({ metadata }) => metadata.name === 'business')!;
    expect(plan(snapshot, 'business').review).toEqual({ id: rule.spec.confirmedRule, confirmed: true });
    const edited = { ...rule, spec: { ...rule.spec, notify: { daysBeforeAutoReclaim: 1, approval: 'None' as const } } };
    const found = plan(throughFile(aSnapshot({ ...fixture, rules: [edited] })), 'business');
    expect(found.review).toEqual({ id: reviewId(formOf(edited), sha256), confirmed: false });
    expect(renderRulePlan(found)).toContain(`Rule ${found.review.id}: after you have read the rule, set spec.confirmedRule to this id`);
    expect(renderRulePlan(found)).toContain('not confirmed: nothing is reclaimed');
    expect(JSON.stringify(aSnapshot({ ...fixture, rules: [edited] }))).not.toContain('daysBeforeAutoReclaim');
  });

  it('D1, guard 9: the hashes are the same for any rule, whoever was reclaimed, given back or handed a seat, before the last refresh or since', async () => {
    const teams = fc.subarray(['Payments', 'Database', 'Analytics'], { minLength: 1 });
    const change: fc.Arbitrary<Partial<ReclamationRuleSpec>> = fc.record(
      {
        lastActivityThresholdDays: fc.integer({ min: 1, max: 110 }),
        newSeatGraceDays: fc.integer({ min: 0, max: 500 }),
        keepCooldownDays: fc.integer({ min: 0, max: 10 }),
        includeNeverActive: fc.boolean(),
        appliesTo: fc.record({ teams }),
        protect: fc.record({ tags: fc.constant([]), teams }),
        licenseRoleGroups: fc.constantFrom<('FullUser' | 'Stakeholder')[]>(['FullUser'], ['FullUser', 'Stakeholder'], ['Stakeholder']),
        condition: fc.constantFrom("subscription.role == 'user'", 'subscription.inactiveDays > 70', "!('Payments' in subscription.teams)"),
        softwareModelRef: fc.constantFrom({ name: 'pd-business' }, { name: 'pd-stakeholder' }, { name: 'absent' }),
      },
      { requiredKeys: [] },
    );
    // The last refresh began at 11:00.
    const closing = fc.record({ index: fc.integer({ min: 0, max: 119 }), closedMinutesAgo: fc.integer({ min: 1, max: 120 }), restoredMinutesAgo: fc.option(fc.integer({ min: 0, max: 200 })) });
    const handed = fc.uniqueArray(fc.record({ index: fc.integer({ min: 0, max: 119 }), daysAgo: fc.integer({ min: 0, max: 200 }) }), { selector: ({ index }) => index, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(change, fc.uniqueArray(closing, { selector: ({ index }) => index, maxLength: 40 }), handed, fc.boolean(), async (spec, closings, newcomers, isRefreshing) => {
        const rule = aReclamationRule({ name: 'random', spec });
        const profiles = fixture.profiles.map(refreshedAt('2026-11-24T11:00:00Z'));
        const one = { ...fixture, profiles, subscriptions: handOver(fixture.subscriptions, newcomers), rules: [rule], candidates: [...fixture.candidates, ...closings.map(reclaimed)] };
        const expected = await operatorReport(one, rule, isRefreshing);
        const recorded = aSnapshot(one);
        const found = plan(throughFile({ ...recorded, profiles: recorded.profiles.map((profile) => ({ ...profile, refreshing: isRefreshing })) }), 'random');
        expect(found.hash).toBe(expected.hash);
        expect(found.counts).toEqual(expected.counts);
        expect(found.held?.reason).toBe((expected.evidence.hold ?? expected.hold)?.reason);
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  it('D1: whoever was reclaimed since the last refresh is in no plan until the next; then their stored role tells', async () => {
    const before = plan(snapshot, 'business');
    const [first] = before.people;
    const index = Number(first!.subscription.replace('pagerduty-p', ''));
    const one = { ...fixture, profiles: fixture.profiles.map(refreshedAt('2026-11-24T11:00:00Z')), candidates: [...fixture.candidates, reclaimed({ index, closedMinutesAgo: 30, restoredMinutesAgo: null })] };
    const after = plan(aSnapshot(one), 'business');
    expect(after.people).toEqual(before.people.slice(1));
    expect(after.counts.covered).toBe(before.counts.covered - 1);
    expect(after.hash).not.toBe(before.hash);
    const refreshed = { ...one, profiles: one.profiles.map(refreshedAt('2026-11-24T11:45:00Z')) };
    expect(plan(aSnapshot(refreshed), 'business').hash).toBe(before.hash);
  });

  it('D1: recorded data of before that had the beginning of no run: the end of the last success stands for it', () => {
    const withoutStart = (one: Snapshot): Snapshot => ({ ...one, profiles: one.profiles.map(({ refreshing: _refreshing, ...profile }) => {
      const { start: _start, ...subscriptions } = profile.refresh!.subscriptions!;
      return { ...profile, refresh: { ...profile.refresh, subscriptions } };
    }) });
    const old = plan(throughFile(withoutStart(snapshot)), 'business');
    expect(old).toEqual({ ...plan(snapshot, 'business'), notes: [expect.stringContaining('could not be seen')] });
  });

  it('D10: is the same bytes through a file, and at every reading', () => {
    for (const name of ['business', 'lesser']) expect(JSON.stringify(plan(throughFile(snapshot), name))).toBe(JSON.stringify(plan(snapshot, name)));
  });

  it('knows open candidates, what stands in the way, what was kept, what it saves and how fast it may go', () => {
    const found = plan(snapshot, 'business');
    const open = found.people.find(({ candidate }) => candidate === 'open-21');
    expect(open).toMatchObject({ subscription: 'pagerduty-p21', state: 'AwaitingApproval', blockers: [{ kind: 'Schedule', name: expect.stringMatching(/^Primary of person-\d{6}$/) as string }] });
    expect(found.people.map(({ subscription }) => subscription)).not.toContain('pagerduty-p33');
    expect(found.guards.map(({ guard }) => guard)).toContain('KeepCooldown');
    expect(found.pace.left).toBe(found.pace.allowed - 1);
    expect(found.noLonger).toEqual([]);
  });

  it('C11, guard 6: is held where the evidence is too old by then, and by a refresh that failed or broke off', () => {
    expect(plan(snapshot, 'business', at + 9 * 86_400_000).held?.reason).toBe('DataStale');
    const failed = { ...fixture, profiles: fixture.profiles.map((profile) => ({ ...profile, status: { ...profile.status, refresh: { ...profile.status!.refresh, subscriptions: { ...profile.status!.refresh!.subscriptions!, result: 'Failed' as const, created: 3 } } } })) };
    expect(plan(throughFile(aSnapshot(failed)), 'business').held?.reason).toBe('RefreshHalfWritten');
    const draft = { ...fixture, profiles: fixture.profiles.map((profile) => ({ ...profile, status: { ...profile.status, state: 'Draft' as const } })) };
    expect(plan(throughFile(aSnapshot(draft)), 'business').held?.reason).toBe('ProfileNotPublished');
  });

  it('guard 6: is held while a refresh writes, in the words of the operator, and says when that could not be seen', async () => {
    const rule = fixture.rules[0]!;
    const withRefreshing = (refreshing: boolean | undefined): Snapshot => ({ ...snapshot, profiles: snapshot.profiles.map(({ refreshing: _was, ...profile }) => ({ ...profile, ...(refreshing === undefined ? {} : { refreshing }) })) });
    const { hold } = (await operatorReport(fixture, rule, true)).evidence;
    const running = plan(throughFile(withRefreshing(true)), 'business');
    expect(running.held).toEqual({ reason: hold!.reason, message: hold!.message });
    expect(running.held?.reason).toBe('RefreshRunning');
    expect(renderRulePlan(running)).toContain('Held, RefreshRunning: A refresh of the subscriptions is running');
    const unseen = plan(throughFile(withRefreshing(undefined)), 'business');
    expect(unseen.held).toBeUndefined();
    expect(unseen.notes).toEqual([expect.stringMatching(/^Whether a refresh of the subscriptions of pagerduty was running could not be seen/) as string]);
    expect(unseen.hash).toBe(plan(snapshot, 'business').hash);
  });

  it('C19: whoever left is planned by a list that could be read, and the rule is held without one', () => {
    const rule = aReclamationRule({ name: 'leavers', spec: { leaversRef: { name: 'left', key: 'list' }, limits: fixture.rules[0]!.spec.limits } });
    const one = { ...fixture, rules: [rule] };
    expect(plan(aSnapshot(one), 'leavers')).toMatchObject({ held: { reason: 'LeaversUnreadable' }, notes: [expect.stringContaining('could not be read here')] });
    const leavers = new Map([['leavers', new Set(['person.10@example.com', 'nobody@example.com'])]]);
    const found = plan(throughFile(aSnapshot(one, { leavers })), 'leavers');
    expect(found.people.filter(({ justification }) => justification === 'Leaver').map(({ subscription }) => subscription)).toEqual(['pagerduty-p10']);
    expect(found.held).toBeUndefined();
  });

  it('tells when the operator had another plan, and when the rule names somebody', async () => {
    const other = { ...fixture, rules: fixture.rules.map((rule) => ({ ...rule, status: { plan: { hash: `sha256:${'0'.repeat(64)}`, candidates: 1 } } })) };
    expect(plan(aSnapshot(other), 'business').notes).toEqual([expect.stringContaining('had another plan')]);
    const named = { ...fixture, rules: [aReclamationRule({ name: 'named', spec: { protect: { tags: [], teams: ['sre@example.com'] } } })] };
    const found = plan(aSnapshot(named), 'named');
    expect(found.notes).toEqual([expect.stringContaining('names an e-mail address')]);
    expect(found.counts).toEqual((await operatorReport(named, named.rules[0]!)).counts);
  });

  it('S50, guard 1: says first that nothing of it is done while the profile is cleared or a freeze is on; the hash is the same', () => {
    const cleared = fixture.profiles.map((profile) => ({ ...profile, spec: { ...profile.spec, reclaimSubscriptions: false } }));
    const frozen = fixture.rules.map((rule) => ({ ...rule, spec: { ...rule.spec, freezeWindows: [{ reason: 'Year end', start: minutesBefore(60), end: minutesBefore(-60) }] } }));
    const on = fixture.profiles.map((profile) => ({ ...profile, spec: { ...profile.spec, reclaimSubscriptions: true } }));
    const [free, both] = [plan(aSnapshot({ ...fixture, profiles: on }), 'business'), plan(aSnapshot({ ...fixture, profiles: cleared, rules: frozen }), 'business')];
    expect(free.notes.filter((note) => note.startsWith('Nothing of this'))).toEqual([]);
    expect(both.notes.slice(0, 2)).toEqual([
      expect.stringContaining('Nothing of this is done now. Reclaim Subscriptions is cleared on the profile') as string,
      'Nothing of this is done now. A freeze window is in force: Year end',
    ]);
    expect(both.hash).toBe(free.hash);
    expect(renderRulePlan(both)).toContain('A freeze window is in force: Year end');
  });

  it('guard 7: shows no name and no e-mail address', () => {
    for (const name of ['business', 'lesser', 'emea']) {
      const text = JSON.stringify(plan(snapshot, name)) + renderRulePlan(plan(snapshot, name));
      expect(text).not.toMatch(/[^\s@"]+@[^\s@"]+/);
      expect(text).not.toContain('Robin');
    }
  });
});

describe('a changed rule compared with the rule as it is', () => {
  const snapshot = aSnapshot(aRuleNamespace());
  const specOf = (name: string): ReclamationRuleSpec => readRecordedSpec(name, snapshot.rules!.find((one) => one.name === name)!.spec, providers);
  const id = '0'.repeat(40);
  const before = { name: 'business', reviewId: id, spec: specOf('business') };

  it('C31, D1: tells who comes in and who drops out; a longer threshold adds nobody', () => {
    const rule = { name: 'business', reviewId: id, spec: { ...before.spec, lastActivityThresholdDays: 95 } };
    const { diff, people } = planRule(snapshot, { rule, before }, { at, providers });
    expect(diff?.added).toEqual([]);
    expect(diff?.dropped.length).toBeGreaterThan(0);
    expect(diff?.kept).toBe(people.length);
    expect(diff?.against).toBe(plan(snapshot, 'business').hash);
    const back = planRule(snapshot, { rule: before, before: rule }, { at, providers }).diff;
    expect(back?.added).toEqual(diff?.dropped);
    expect(renderRulePlan(planRule(snapshot, { rule, before }, { at, providers }))).toContain(`0 added, ${diff?.dropped.length} dropped, ${people.length} in both`);
  });

  it('of a rule that is new everybody is added', () => {
    const found = planRule(snapshot, { rule: { name: 'new', reviewId: id, spec: before.spec }, before: null }, { at, providers });
    expect(found.diff).toMatchObject({ dropped: [], kept: 0 });
    expect(found.diff?.added).toHaveLength(found.people.length);
    expect(renderRulePlan(found)).toContain('There is no rule new yet');
  });
});
