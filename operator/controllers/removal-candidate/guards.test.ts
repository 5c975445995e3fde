import { describe, expect, it } from 'vitest';
import { iso, openCandidateScene, type CandidateScene } from '../../../test/support/candidate-scene.ts';
import { openIncident } from '../../../test/pagerduty-simulator/index.ts';
import { makePerson } from '../../../test/pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../../../test/pagerduty-simulator/testing/write-scene.ts';
import { confirmRule } from '../../../test/support/rule-builders.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { InspectedPerson } from '../../providers/reclaim.ts';
import { gatherLive } from './gather.ts';
import { askGuards, reclaimGuards, type GuardFacts } from './guards.ts';
import { endingOf, findBlockers, inspectionGuards, type FoundInspection } from './inspection-guards.ts';
import { mayStillSend } from './reclaim.ts';

/** A scene whose candidate is about to be reclaimed. */
async function aboutToReclaim(options: Parameters<typeof openCandidateScene>[0] = {}): Promise<CandidateScene> {
  const scene = openCandidateScene(options);
  const worker = scene.worker();
  await worker.settle();
  scene.decide('Reclaim');
  for (let pass = 0; pass < 5 && scene.candidate().status?.state !== 'AwaitingRevocation'; pass += 1) await worker.pass();
  expect(scene.candidate().status?.state).toBe('AwaitingRevocation');
  return scene;
}

/** Facts that all guards hold of, read as the reclaim reads them. */
async function soundFacts(scene: CandidateScene): Promise<GuardFacts> {
  const { dependencies } = scene.worker();
  const { signal } = new AbortController();
  const account = 'PagerDuty acme (US)';
  await dependencies.turns.take(account, dependencies.turns.holderOf(scene.candidate().metadata), signal);
  const facts = await gatherLive(scene.candidate(), { ...dependencies, account, signal });
  if (!('scene' in facts)) throw new Error(facts.message);
  return facts;
}

/** Of these pairs both see the same, the first with better words. */
const overlaps = [['NotProtected', 'StillInactive'], ['Decided', 'NoticeServed']];

type Facts = GuardFacts;
type Break = (facts: Facts) => Facts;
const scened = (facts: Facts, change: Partial<Facts['scene']>): Facts => ({ ...facts, scene: { ...facts.scene, ...change } });
const profile = (facts: Facts, change: object, status: object = {}): Facts =>
  scened(facts, { profile: { ...facts.scene.profile, spec: { ...facts.scene.profile.spec, ...change }, status: { ...facts.scene.profile.status, ...status } } });
const turn = (facts: Facts, change: object): Facts => ({ ...facts, turn: { holder: facts.holder, endsAt: facts.now + 300_000, ...change } });
const edited = (facts: Facts, change: object): Facts => scened(facts, { rule: { ...facts.scene.rule, spec: { ...facts.scene.rule.spec, ...change } } });
/** Confirmed as it is then, so that another guard has to find it. */
const rule = (facts: Facts, change: object): Facts => scened(facts, { rule: confirmRule(edited(facts, change).scene.rule) });
const verdict = (facts: Facts, change: object): Facts => scened(facts, { verdict: { ...facts.scene.verdict, ...change } });
const status = (facts: Facts, change: object): Facts => scened(facts, { candidate: { ...facts.scene.candidate, status: { ...facts.scene.candidate.status, ...change } } });
const subscription = (facts: Facts, change: object): Facts => scened(facts, { subscription: { ...facts.scene.subscription, spec: { ...facts.scene.subscription.spec, ...change } } });
const deleted = <T extends { metadata: object }>(object: T): T => ({ ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-11-24T00:00:00Z' } });
const withoutDecision = ({ spec: { decision: _decision, ...spec }, ...rest }: RemovalCandidate): RemovalCandidate => ({ ...rest, spec });
const attempt = (phase: string, more: object = {}) => ({ attempt: { id: 'a', number: 1, phase, holder: 'x', startedAt: '2026-11-24T08:00:00Z', ...more } });

/** By guard: what it must refuse, each by a single change of facts that all others hold of. */
const breaks: Readonly<Record<string, readonly (readonly [string, Break])[]>> = {
  CandidateAwaitsRevocation: [
    ...(['Ready', 'AwaitingUser', 'AwaitingApproval', 'AttentionRequired', 'ClosedComplete', 'ClosedSkipped', 'ClosedCanceled'] as const).map((state) => [state, (facts: Facts) => status(facts, { state })] as const),
    ['being deleted', (facts) => scened(facts, { candidate: deleted(facts.scene.candidate) })],
  ],
  ProfileThere: [['being deleted', (facts) => scened(facts, { profile: deleted(facts.scene.profile) })]],
  ProfilePublished: [
    ['Draft', (facts) => profile(facts, {}, { state: 'Draft' })],
    ['no longer to be published', (facts) => profile(facts, { publish: false })],
  ],
  ClockTrusted: [['the clock of the operator is not to be trusted', (facts) => scened(facts, { isClockTrusted: false })]],
  ProfileNotSuspended: [['suspended', (facts) => profile(facts, { suspend: true })]],
  RuleThere: [
    ['being deleted', (facts) => scened(facts, { rule: deleted(facts.scene.rule) })],
    ['of another profile', (facts) => rule(facts, { profileRef: { name: 'other' } })],
  ],
  RuleNotSuspended: [['suspended', (facts) => rule(facts, { suspend: true })]],
  NothingInTheWay: [
    ['S50: reclaim cleared', (facts) => profile(facts, { reclaimSubscriptions: false })],
    ['S79: not confirmed', (facts) => edited(facts, { confirmedRule: undefined })],
    ['(f): edited since it was confirmed', (facts) => edited(facts, { lastActivityThresholdDays: 1 })],
    ['C15: only observed', (facts) => rule(facts, { mode: 'Observe' })],
    ['D7: managed elsewhere', (facts) => verdict(facts, { ownership: [{ managedBy: 'Terraform', reference: 'pagerduty_user.x' }] })],
    ['D1: not in the approved plan', (facts) => verdict(facts, { plan: 'Changed' })],
    ['frozen', (facts) => verdict(facts, { frozenAt: () => ({ until: facts.now + 1, reason: 'holidays' }) })],
  ],
  SameAction: [
    ['other action', (facts) => rule(facts, { action: 'Downgrade', downgradeTo: { role: 'read_only_user' } })],
    ['other target', (facts) => rule(facts, { downgradeTo: { role: 'read_only_user' } })],
  ],
  Decided: [
    ['no decision', (facts) => scened(facts, { candidate: withoutDecision(facts.scene.candidate) })],
    ['a decision on something else than what is there now', (facts) => scened(facts, { candidate: { ...facts.scene.candidate, spec: { ...facts.scene.candidate.spec, decision: { verdict: 'Reclaim', by: 'x', reason: 'y', confirms: 'e'.repeat(40) } } } })],
    ['a decision when nobody can tell who it is about', (facts) => scened(facts, { decisionId: undefined })],
    ['L14: kept by now, by somebody, where the rule needs no decision', (facts) => rule(scened(facts, { candidate: { ...facts.scene.candidate, spec: { ...facts.scene.candidate.spec, decision: { verdict: 'Keep', by: 'x', reason: 'y' } } } }), { mode: 'Enforce' })],
    ['L5: a wish to keep', (facts) => scened(status(facts, { answer: { verdict: 'Keep', at: iso(facts.now + 1), via: 'Link' } }), { decisionId: 'f'.repeat(40) })],
  ],
  NoticeServed: [
    ['L8: never asked', (facts) => rule(facts, { notify: { daysBeforeAutoReclaim: 14, approval: 'Approvers' } })],
    ['asked, and time left', (facts) => status(rule(facts, { notify: { daysBeforeAutoReclaim: 14, approval: 'Approvers' } }), { deadline: iso(facts.now + 1) })],
    ['asked half a year ago', (facts) => status(rule(facts, { notify: { daysBeforeAutoReclaim: 14, approval: 'Approvers' } }), { deadline: iso(facts.now - 180 * 86_400_000) })],
    ['L5: nobody was told through the channel', (facts) => status(rule(facts, { notify: withChannel }), { deadline: iso(facts.now - 1000) })],
  ],
  NotHeld: [['C11: stale', (facts) => verdict(facts, { hold: { reason: 'DataStale', message: 'old', needsPerson: true } })]],
  SameSubscription: [
    ['another person', (facts) => subscription(facts, { externalUserId: 'PSHIFT1' })],
    ['another role', (facts) => subscription(facts, { role: 'admin' })],
    ['another licence', (facts) => subscription(facts, { subscriptionIdentifier: 'PLOTHER' })],
    ['being deleted', (facts) => scened(facts, { subscription: deleted(facts.scene.subscription) })],
  ],
  NotProtected: [['C14: excluded', (facts) => verdict(facts, { judgement: { kind: 'Protected', guard: 'Exclusion', by: 'leave' } })]],
  StillInactive: [
    ['L10: active', (facts) => verdict(facts, { judgement: { kind: 'Active' } })],
    ['C1: new', (facts) => verdict(facts, { judgement: { kind: 'Recent', until: 0 } })],
    ['guard 6: unknown', (facts) => verdict(facts, { judgement: { kind: 'Unknown', why: 'NoEvidence' } })],
    ['C31: not covered', (facts) => verdict(facts, { judgement: { kind: 'NotCovered' } })],
  ],
  NoOpenAttempt: [
    ['claimed', (facts) => status(facts, attempt('Claimed'))],
    ['done', (facts) => status(facts, attempt('Done', { endedAt: '2026-11-24T08:01:00Z' }))],
    ['unclear', (facts) => status(facts, attempt('Unclear'))],
    ['unclear, read back, decided before its end', (facts) => status(facts, attempt('Unclear', { endedAt: iso(facts.now + 1) }))],
  ],
  OwnTurn: [
    ['nobody’s', (facts) => ({ ...facts, turn: undefined })],
    ['of another process', (facts) => turn(facts, { holder: 'two team-a/sub-1.1' })],
    ['for another candidate', (facts) => turn(facts, { holder: 'one team-a/sub-2.1' })],
    ['for a candidate of this name in another namespace', (facts) => turn(facts, { holder: 'one team-b/sub-1.1' })],
    ['almost over', (facts) => turn(facts, { endsAt: facts.now + 59_000 })],
  ],
  WithinBudget: [
    ['C12: maxPerRun', (facts) => ({ ...facts, started: Array.from({ length: 10 }, () => facts.now - 1000) })],
    ['C12: maxPercent', (facts) => ({ ...verdict(facts, { covered: 20 }), started: [facts.now - 1000] })],
    ['C12: of fewer than twenty, five percent are nobody', (facts) => verdict(facts, { covered: 19 })],
    ['C12: a time that cannot be read counts', (facts) => ({ ...verdict(facts, { covered: 20 }), started: [NaN] })],
  ],
  WithinProfileCap: [1, 49].map((total) => [`as many as the profile of ${total} may`, (facts) => ({ ...profile(facts, {}, { subscriptions: { total } }), startedOfProfile: [NaN, facts.now, facts.now - 86_400_000, facts.now] })]),
  WithinAccountCap: [['as many as the account may', (facts) => ({ ...facts, accountReclaims: { started: [facts.now - 86_400_000, facts.now], maxPerDay: 2 } })]],
};

const withChannel = { daysBeforeAutoReclaim: 14, approval: 'Approvers' as const, channels: [{ name: 'slack', type: 'Slack' as const, secretRef: { name: 'slack' }, audiences: ['User' as const] }] };

describe('what must hold at the moment of the write', () => {
  it('guards 1, 2, 4, 5, 6: all hold of a candidate that is to be reclaimed', async () => {
    expect(askGuards(await soundFacts(await aboutToReclaim()))).toBeUndefined();
  });

  it('has something that breaks each guard', () => {
    expect(Object.keys(breaks).toSorted()).toEqual(reclaimGuards.map(({ name }) => name).toSorted());
  });

  const rows = reclaimGuards.flatMap(({ number, name }) => (breaks[name] ?? []).map(([what, change]) => ({ number, name, what, change })));
  it.each(rows)('guard $number: $name refuses when $what, and would be missed', async ({ name, change }) => {
    const facts = change(await soundFacts(await aboutToReclaim()));
    const refused = reclaimGuards.filter(({ check }) => check(facts) !== undefined).map((guard) => guard.name);
    expect(refused[0]).toBe(name);
    expect(refused.filter((one) => one !== name && !overlaps.some(([first, second]) => name === first && one === second))).toEqual([]);
  });

  it('guard 4: an attempt that a person answered, or that was refused, may be followed by another', async () => {
    const facts = await soundFacts(await aboutToReclaim());
    expect(askGuards(status(facts, { ...attempt('Unclear', { endedAt: '2026-11-24T08:01:00Z' }), decidedAt: iso(facts.now) }))).toBeUndefined();
    expect(askGuards(status(facts, attempt('Refused', { endedAt: '2026-11-24T08:01:00Z' })))).toBeUndefined();
  });

  it.each([
    ['a minute later', { startedAt: 0, inspectedAt: 0, turnEnds: 1e9 }, 60_000],
    ['after a clock went back', { startedAt: 10, inspectedAt: 0, turnEnds: 1e9 }, 9],
    ['after a clock went back behind the inspection', { startedAt: 10, inspectedAt: 100, turnEnds: 1e9 }, 11],
    ['when the inspection is old', { startedAt: 120_000, inspectedAt: 0, turnEnds: 1e9 }, 120_000],
    ['when the turn is almost over', { startedAt: 0, inspectedAt: 0, turnEnds: 70_000 }, 10_001],
    ['when nobody knows when the turn ends', { startedAt: 0, inspectedAt: 0, turnEnds: NaN }, 1],
  ])('guard 4: nothing is sent %s', (_when, times, now) => {
    expect(mayStillSend(times, now)).toBe(false);
  });

  it('guard 4: it is sent at once', () => {
    expect(mayStillSend({ startedAt: 0, inspectedAt: 0, turnEnds: 300_000 }, 10)).toBe(true);
  });
});

const calm: InspectedPerson = {
  externalUserId: 'PFREE01',
  displayName: 'Person PFREE01',
  address: 'pfree01@example.com',
  role: 'limited_user',
  roleGroup: 'FullUser',
  subscriptionIdentifier: 'PLFULL1',
  invitationPending: false,
  isOwner: false,
  isAdmin: false,
  isSelf: false,
  createdViaSso: false,
};

describe('what the vendor must say at the moment of the write', () => {
  const found = (person: Partial<InspectedPerson> = {}, more: Partial<FoundInspection> = {}): FoundInspection => ({
    kind: 'Found',
    person: { ...calm, ...person },
    blockers: [],
    admins: undefined,
    recentActivity: undefined,
    provenance: undefined,
    bundle: { version: '1', provider: 'PagerDuty', externalUserId: 'PFREE01', takenAt: '2026-11-24T09:00:00Z', content: {} },
    ...more,
  });
  const ownership = (identityProvider: string) => ({ ownership: { crossplane: true, identityProvider } });

  it.each<[string, string, FoundInspection, object?]>([
    ['SamePerson', 'another id', found({ externalUserId: 'PX' })],
    ['SamePerson', 'another address', found({ address: 'other@example.com' })],
    ['SameRole', 'another role', found({ role: 'admin' })],
    ['SameRole', 'another licence', found({ subscriptionIdentifier: 'PLOTHER' })],
    ['NotOwner', 'T11: the owner', found({ isOwner: true }, { admins: 9 })],
    ['NotSelf', 'T11: the token’s own user', found({ isSelf: true })],
    ['NotLastAdmin', 'C13: the second of two admins', found({ isAdmin: true }, { admins: 2 })],
    ['NotLastAdmin', 'C13: admins that nobody counted', found({ isAdmin: true })],
    ['NoVendorBlocker', 'guard 3: on call', found({}, { blockers: [{ kind: 'OnCall', name: 'Web' }] })],
    ['NoVendorBlocker', 'guard 3: a check that could not be made', found({}, { blockers: [{ kind: 'Unverified', name: 'incidents' }] })],
    ['NotProvisioned', 'D7: made by an identity provider', found({}, { provenance: 'IdentityProvider' })],
    ['NotProvisioned', 'D7: created by single sign-on, where that counts', found({ createdViaSso: true }), ownership('CreatedViaSso')],
    ['NotProvisioned', 'D7: everybody is', found(), ownership('Everybody')],
    ['NotProvisioned', 'D7: a setting of a later version', found(), ownership('SomethingNew')],
  ])('guards 2, 3, D7: %s blocks %s, and would be missed', async (name, _what, inspection, spec = {}) => {
    const facts = profile(await soundFacts(await aboutToReclaim()), spec);
    const blocking = inspectionGuards.filter(({ find }) => find({ scene: facts.scene, inspection }).length > 0).map((guard) => guard.name);
    expect(blocking).toEqual([name]);
    expect(findBlockers({ scene: facts.scene, inspection })).toHaveLength(1);
  });

  it.each<[string, FoundInspection, object?]>([
    ['nothing stands in the way', found()],
    ['C13: one of three admins', found({ isAdmin: true }, { admins: 3 })],
    ['the address differs in its case only', found({ address: 'PFree01@Example.com' })],
    ['T6: the licence is hidden', found({ subscriptionIdentifier: undefined })],
    ['D7: nobody is provisioned', found({ createdViaSso: true }, { provenance: 'IdentityProvider' }), ownership('Nobody')],
    ['D7: single sign-on alone makes nobody', found({ createdViaSso: true })],
  ])('%s: nothing blocks', async (_what, inspection, spec = {}) => {
    const facts = profile(await soundFacts(await aboutToReclaim()), spec);
    expect(findBlockers({ scene: facts.scene, inspection })).toEqual([]);
  });

  it('C13, guard 2: an admin whose reclaim has just begun counts as gone, though the vendor may list them still (facts 5.1)', async () => {
    const { scene } = await soundFacts(await aboutToReclaim());
    const inspection = found({ isAdmin: true }, { admins: 3 });
    expect(findBlockers({ scene, inspection, recentAdmins: 1 }).map(({ kind }) => kind)).toEqual(['LastAdmin']);
  });

  it('L10: activity after the end of the evidence cancels it', () => {
    expect(endingOf(found({}, { recentActivity: { at: 1, signal: 'OnCall' } }))).toMatchObject({ event: 'ActivityReturned' });
  });

  it('lists each blocker once, short enough for status', async () => {
    const facts = await soundFacts(await aboutToReclaim());
    const long = { kind: 'Schedule' as const, name: 'n'.repeat(400), detail: 'd'.repeat(900) };
    expect(findBlockers({ scene: facts.scene, inspection: found({}, { blockers: [long, long] }) })).toEqual([{ kind: 'Schedule', name: 'n'.repeat(253), detail: 'd'.repeat(512) }]);
  });
});

describe('people whom the simulator’s account needs', () => {
  const admins = (...ids: string[]) => makeStaff({ users: [...makeStaff().users.filter(({ role }) => role !== 'admin'), ...ids.map((id) => makePerson(id, { role: 'admin' }))] });

  const notify = { daysBeforeAutoReclaim: 14, approval: 'Approvers' as const, channels: [{ name: 'slack', type: 'Slack' as const, secretRef: { name: 'slack' }, audiences: ['User' as const, 'Approvers' as const] }] };

  async function decideOn(options: NonNullable<Parameters<typeof openCandidateScene>[0]>, prepare?: (scene: CandidateScene) => void): Promise<CandidateScene> {
    const scene = openCandidateScene({ ...options, rule: { notify } });
    prepare?.(scene);
    const worker = scene.worker();
    await worker.settle();
    scene.decide('Reclaim');
    await worker.settle();
    expect(scene.writes()).toEqual([]);
    expect(scene.sent).toEqual([]);
    return scene;
  }

  it.each<[string, NonNullable<Parameters<typeof openCandidateScene>[0]>, string, ((scene: CandidateScene) => void)?]>([
    ['T13: on a shift-based schedule', { person: 'PSHIFT1' }, 'Schedule'],
    ['C13: the only admin beside the owner', { person: 'PADMIN1', company: admins('PADMIN1') }, 'LastAdmin'],
    ['C13: one of two admins beside the owner, of whom two stay', { person: 'PADMIN1', company: admins('PADMIN1', 'PADMIN2') }, 'LastAdmin'],
    ['T11: the owner', { person: 'POWNER1', company: makeStaff({ schedules: [], shiftSchedules: [], policies: [] }) }, 'Owner'],
    ['T9: with an open incident', { person: 'PFREE01' }, 'OpenIncident', (scene) => void openIncident(scene.simulator.state, { assigneeIds: ['PFREE01'], createdAt: scene.clock.now() - 9e9 })],
  ])('guards 2, 3: nothing is ever sent about somebody %s, and nobody is told; the blockers are listed', async (_who, options, kind, prepare) => {
    const { status: is = {} } = (await decideOn(options, prepare)).candidate();
    expect(is).toMatchObject({ state: 'AttentionRequired', reason: 'Blocked' });
    expect(is.blockers?.map((blocker) => blocker.kind)).toContain(kind);
    expect(is.blockerCount).toBe(is.blockers?.length);
  });

  it.each(['PRESP01', 'PTARGET'])('L10, guard 3: %s, who is on call now, is active, whatever was stored', async (person) => {
    expect((await decideOn({ person })).candidate().status).toMatchObject({ state: 'ClosedCanceled', reason: 'ActivityReturned' });
  });

  it('T9, L7: goes on by itself once the incident is resolved', async () => {
    const scene = await decideOn({ person: 'PFREE01' }, (one) => void openIncident(one.simulator.state, { assigneeIds: ['PFREE01'], createdAt: one.clock.now() - 9e9 }));
    const [incident] = scene.simulator.state.company.incidents;
    expect(incident).toBeDefined();
    scene.simulator.state.replace({ incidents: [] });
    await scene.wait(3_600_000);
    await scene.worker().settle();
    expect(scene.candidate().status?.state).toBe('AwaitingUser');
    expect(scene.sent.map(({ kind }) => kind)).toEqual(['Notice']);
  });
});
