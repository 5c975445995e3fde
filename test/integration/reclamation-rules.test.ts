import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditRecord } from '../../operator/api/audit-record.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import type { SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { expectNoWrites } from './quiet.ts';
import { conditionOf, hasHandled, isSettled, largestModel, manifests, openStory, type Story } from './story.ts';

const dayMs = 86_400_000;

/** What somebody sees who publishes a profile and looks at its rules; each story starts where the last one ended. */
describe('the rules of a published profile, on a real API server', () => {
  let story: Story;
  /** The licence that most people have. */
  let main: SoftwareModel;

  beforeAll(async () => {
    story = await openStory('rules');
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
    main = await largestModel(story);
  });

  afterAll(async () => {
    await story.close();
  });

  const rules = () => story.list<ReclamationRule>('recrule');
  const candidates = () => story.list<RemovalCandidate>('remcand');
  const untilRule = (name: string, holds: (rule: ReclamationRule) => boolean, what: string) => story.until<ReclamationRule>('recrule', name, holds, what);
  const patchRule = (spec: object) => story.kubectl(['patch', 'recrule', main.metadata.name, '--type=merge', '-p', JSON.stringify({ spec })]);
  /** Evaluated as the rule is now. */
  const untilEvaluated = (what: string, holds: (rule: ReclamationRule) => boolean = () => true) =>
    untilRule(main.metadata.name, (rule) => rule.status?.observedGeneration === rule.metadata.generation && holds(rule), what);
  const events = async () =>
    (JSON.parse(await story.kubectl(['get', 'events.events.k8s.io', '-o', 'json'])) as { items: { reason: string; note: string; regarding: { kind: string; name: string } }[] }).items;

  it('S74, S79: there is one rule for each model, to be confirmed, in the mode that proposes, which prefers what can be undone', async () => {
    const models = await story.list<SoftwareModel>('swmodel');
    await vi.waitFor(async () => expect((await rules()).map(({ metadata }) => metadata.name).toSorted()).toEqual(models.map(({ metadata }) => metadata.name).toSorted()), { timeout: 30_000 });
    for (const rule of await rules()) {
      expect(rule.metadata.labels).toMatchObject({ 'saaslicense.dev/auto-generated': 'true' });
      expect(rule.spec).toMatchObject({ mode: 'Propose', lastActivityThresholdDays: 60, softwareModelRef: { name: rule.metadata.name } });
    }
    const fullUsers = (await rules()).find(({ metadata }) => metadata.name === main.metadata.name);
    expect(fullUsers?.spec).toMatchObject({ action: 'Downgrade', downgradeTo: { role: 'read_only_user' }, protect: { roles: ['owner', 'admin'] } });
    expect(conditionOf(await untilEvaluated('evaluated', ({ status }) => status?.conditions !== undefined), 'Confirmed')).toBe('False NotConfirmed');
  });

  it('T2, guard 6: the evidence reaches back over the threshold, so the rule is evaluated, and its counts add up', async () => {
    const { status } = await untilEvaluated('evaluated', (rule) => rule.status?.evaluation !== undefined);
    const evaluation = status?.evaluation;
    expect(conditionOf({ status: status ?? {} }, 'Evaluated')).toMatch(/^(True|False BlastRadius)/);
    const { covered = 0, active = 0, recent = 0, inactive = 0, unknown = 0 } = evaluation ?? {};
    expect(active + recent + inactive + unknown).toBe(covered);
    expect(covered).toBe((await story.subscriptions()).filter(({ spec }) => main.spec.subscriptionIdentifiers.includes(spec.subscriptionIdentifier)).length);
    expect(inactive).toBeGreaterThan(0);
  });

  it('C12, C24, guard 5: more than a third of all would be candidates: the run is held, nobody is named, and that is told', async () => {
    await patchRule({ newSeatGraceDays: 0, limits: { maxCandidateRatio: 1 } });
    const rule = await untilEvaluated('held', ({ status }) => status?.held?.reason === 'BlastRadius');
    expect(conditionOf(rule, 'Stalled')).toBe('True BlastRadius');
    expect(await candidates()).toEqual([]);
    const holds = (await story.list<AuditRecord>('auditrec')).filter(({ spec }) => spec.event === 'RunHeld' && spec.rule === rule.metadata.name);
    expect(holds.at(-1)?.spec).toMatchObject({ actor: 'operator', data: expect.arrayContaining([{ key: 'reason', value: 'BlastRadius' }]) as unknown });
    await vi.waitFor(async () => expect((await events()).some(({ reason, regarding }) => reason === 'BlastRadius' && regarding.name === rule.metadata.name)).toBe(true), { timeout: 10_000 });
  });

  it('C15, L15: a rule that only observes counts, and makes no candidates', async () => {
    await patchRule({ mode: 'Observe', limits: { maxCandidateRatio: 100 } });
    const rule = await untilEvaluated('evaluated', ({ status }) => status?.held === undefined && (status?.evaluation?.candidates ?? 0) > 0);
    expect(conditionOf(rule, 'Reclaiming')).toBe('False ModeObserve');
    expect(await candidates()).toEqual([]);
  });

  it('L14, D15, C1: in Propose each who would be one is one, once, with evidence; nobody else is, and nothing is written at PagerDuty', async () => {
    await patchRule({ mode: 'Propose' });
    const rule = await untilEvaluated('candidates', isWhole);
    const found = await candidates();
    expect(found).toHaveLength(rule.status?.evaluation?.candidates ?? -1);
    const seats = new Map((await story.subscriptions()).map((one) => [one.metadata.name, one]));
    for (const { spec, metadata } of found) {
      const seat = seats.get(spec.subject.subscriptionRef.name) ?? expect.unreachable();
      expect(metadata.name).toBe(`${seat.metadata.name}.1`);
      expect(spec.subject).toMatchObject({ externalUserId: seat.spec.externalUserId, role: seat.spec.role, action: 'Downgrade' });
      expect(looksUnused(seat)).toBe(true);
    }
    expect(story.simulator.journal.writes().filter(({ route }) => !route.startsWith('/oauth'))).toEqual([]);
  });

  it('S46: the threshold can be changed in the rule', async () => {
    const before = (await untilEvaluated('evaluated')).status?.evaluation;
    await patchRule({ lastActivityThresholdDays: 5 });
    const after = (await untilEvaluated('evaluated', ({ status }) => status?.evaluation?.inputs !== before?.inputs)).status?.evaluation;
    expect(after?.inactive).toBeGreaterThan(before?.inactive ?? Infinity);
    await patchRule({ lastActivityThresholdDays: 400 });
    expect((await untilEvaluated('held', ({ status }) => status?.held !== undefined)).status?.held?.reason).toBe('InsufficientHistory');
    await patchRule({ lastActivityThresholdDays: 60 });
    await untilEvaluated('evaluated', ({ status }) => status?.held === undefined);
  });

  it('D2: a condition that cannot be compiled holds the rule and says so; one that can decides who is protected', async () => {
    await patchRule({ condition: 'subscription.rolle == "user"' });
    expect(conditionOf(await untilEvaluated('held', ({ status }) => status?.held !== undefined), 'Stalled')).toBe('True ConditionInvalid');
    await patchRule({ condition: 'subscription.role == "nobody has this role"' });
    const rule = await untilEvaluated('evaluated', ({ status }) => status?.held === undefined && status?.evaluation?.candidates === 0);
    expect(rule.status?.guards).toContainEqual(expect.objectContaining({ guard: 'Condition' }));
    await patchRule({ condition: null });
    await untilEvaluated('evaluated', ({ status }) => (status?.evaluation?.candidates ?? 0) > 0);
  });

  it('S74: what a person has changed survives a refresh, and a rule that was deleted is not made again', async () => {
    const other = (await rules()).find(({ metadata }) => metadata.name !== main.metadata.name)?.metadata.name ?? '';
    await story.kubectl(['delete', 'recrule', other]);
    await patchRule({ protect: { roles: ['owner'], tags: ['vip'] }, assignmentGroup: 'Seats' });
    await story.kubectl(['annotate', 'intprof', 'pagerduty', 'saaslicense.dev/requestedAt=again']);
    await story.untilProfile((object) => hasHandled(object, 'again'), 'refreshed');
    const rule = await untilEvaluated('evaluated');
    expect(rule.spec).toMatchObject({ protect: { roles: ['owner'], tags: ['vip'] }, assignmentGroup: 'Seats', newSeatGraceDays: 0 });
    expect((await rules()).map(({ metadata }) => metadata.name)).not.toContain(other);
  });

  it('once it has come to rest nothing is written any more', async () => {
    await expectNoWrites(story);
  });

  it('L28: the rules outlive their profile, and say that it is not there', async () => {
    await story.kubectl(['delete', 'intprof', 'pagerduty', '--wait=true']);
    const rule = await untilRule(main.metadata.name, ({ status }) => status?.held?.reason === 'ProfileNotFound', 'ProfileNotFound');
    expect(conditionOf(rule, 'Ready')).toBe('False ProfileNotFound');
  });
});

/** As a person would judge it from the subscription alone. */
function looksUnused({ spec, status }: SoftwareSubscription): boolean {
  const last = Date.parse(status?.lastActivity?.time ?? '');
  return Number.isNaN(last) || last < Date.now() - 59 * dayMs || spec.invitationPending;
}

/** Everybody whom the rule found is a candidate by now. */
function isWhole({ status }: ReclamationRule): boolean {
  return (status?.openCandidates ?? 0) > 0 && status?.openCandidates === status?.evaluation?.candidates;
}
