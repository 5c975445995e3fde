import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditRecord } from '../../operator/api/audit-record.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import { reclaimScopes } from './reclaim-scopes.ts';
import { conditionOf, confirmRule, decideOn, isSettled, largestModel, manifests, openStory, type Story } from './story.ts';

/** Finding (f): confirmed as Downgrade after 60 days, edited to Remove after one day, it still counted as reviewed, and somebody was deleted. */
describe('a rule is confirmed in one form, on a real API server', () => {
  let story: Story;
  let main: SoftwareModel;

  beforeAll(async () => {
    story = await openStory('confirmed-rule', { scopes: reclaimScopes });
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
    main = await largestModel(story);
    await vi.waitFor(async () => expect((await story.get<ReclamationRule>('recrule', main.metadata.name))?.status?.evaluation).toBeDefined(), { timeout: 30_000 });
    await patchRule({ newSeatGraceDays: 0, limits: { maxCandidateRatio: 100, maxPercent: 100, maxPerRun: 20, minAdmins: 1 } });
  });

  afterAll(async () => {
    await story.close();
  });

  const candidates = () => story.list<RemovalCandidate>('remcand');
  const patchRule = (spec: object) => story.kubectl(['patch', 'recrule', main.metadata.name, '--type=merge', '-p', JSON.stringify({ spec })]);
  const decide = (name: string) => decideOn(story, name);
  const untilCandidate = (name: string, holds: (candidate: RemovalCandidate) => boolean, what: string) => story.until<RemovalCandidate>('remcand', name, holds, what);
  const untilRule = (what: string, holds: (rule: ReclamationRule) => boolean) =>
    story.until<ReclamationRule>('recrule', main.metadata.name, (rule) => rule.status?.observedGeneration === rule.metadata.generation && holds(rule), what);
  const isOrdinary = (id: string) => {
    const { schedules, shiftSchedules, policies, users } = story.simulator.state.company;
    const person = users.find((user) => user.id === id);
    return person?.role !== 'owner' && person?.invitationSent === false && !JSON.stringify([schedules, shiftSchedules, policies]).includes(`"${id}"`);
  };
  const readyFor = async (action: string): Promise<RemovalCandidate[]> =>
    vi.waitFor(async () => {
      const found = (await candidates()).filter(({ spec, status }) => status?.state === 'Ready' && spec.subject.action === action && isOrdinary(spec.subject.externalUserId));
      expect(found.length).toBeGreaterThan(2);
      return found;
    }, { timeout: 30_000 });

  const deletions = () => story.simulator.journal.writes().filter(({ method }) => method === 'DELETE');
  /** What the trail says of confirmations, in their order. */
  const confirmations = async () =>
    (await story.list<AuditRecord>('auditrec'))
      .filter(({ spec }) => spec.event === 'RuleConfirmed' || spec.event === 'RuleConfirmationVoid')
      .toSorted((a, b) => a.spec.sequence - b.spec.sequence)
      .map(({ spec: { event, rule, data = [] } }) => ({ event, rule, ...Object.fromEntries(data.map(({ key, value }) => [key, value])) }));
  const events = async () =>
    (JSON.parse(await story.kubectl(['get', 'events.events.k8s.io', '-o', 'json'])) as { items: { reason: string; regarding: { name: string } }[] }).items.filter(({ regarding }) => regarding.name === main.metadata.name).map(({ reason }) => reason);
  const asRemoval = { action: 'Remove', downgradeTo: null, lastActivityThresholdDays: 1 };
  let downgrade: ReclamationRule;

  it('S79: confirmed as Downgrade after 60 days, it does what was decided', async () => {
    expect(conditionOf(await untilRule('evaluated', ({ status }) => status?.review !== undefined), 'Confirmed')).toBe('False NotConfirmed');
    await confirmRule(story, main.metadata.name);
    downgrade = await untilRule('confirmed', (rule) => conditionOf(rule, 'Confirmed') === 'True Confirmed');
    expect(downgrade.spec.confirmedRule).toBe(downgrade.status?.review?.id);
    expect(await story.kubectl(['get', 'recrule', main.metadata.name, '-o', 'jsonpath={.status.review.id}'])).toBe(downgrade.spec.confirmedRule);
    const [one] = await readyFor('Downgrade');
    await decide(one!.metadata.name);
    await untilCandidate(one!.metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'downgraded');
    expect(await confirmations()).toEqual([expect.objectContaining({ event: 'RuleConfirmed', rule: main.metadata.name, id: downgrade.spec.confirmedRule }) as unknown]);
  });

  it('(f), guard 1: edited to Remove after one day, it reclaims nobody, and says what changed, old and new', async () => {
    await patchRule(asRemoval);
    const ready = await readyFor('Remove');
    const names = ready.slice(0, 3).map(({ metadata }) => metadata.name);
    for (const name of names) await decide(name);
    for (const name of names) await untilCandidate(name, (found) => conditionOf(found, 'Ready') === 'False RuleNotConfirmed', 'waits for the rule');
    expect(deletions()).toEqual([]);
    const rule = await untilRule('changed', (found) => conditionOf(found, 'Confirmed') === 'False RuleChangedSinceConfirmed');
    expect(rule.status?.review?.changes).toEqual([
      { field: 'spec.action', before: 'Downgrade', now: 'Remove' },
      { field: 'spec.downgradeTo', before: expect.stringContaining('read_only_user') as string, now: '' },
      { field: 'spec.lastActivityThresholdDays', before: '60', now: '1' },
    ]);
    const message = rule.status?.conditions?.find(({ type }) => type === 'Confirmed')?.message ?? '';
    for (const part of ['spec.action was Downgrade and is Remove', 'spec.lastActivityThresholdDays was 60 and is 1', 'nothing is reclaimed', 'set spec.confirmedRule to its status.review.id']) expect(message).toContain(part);
    expect(conditionOf(rule, 'Reclaiming')).toBe('False RuleNotConfirmed');
    expect((await confirmations()).at(-1)).toMatchObject({ event: 'RuleConfirmationVoid', id: downgrade.spec.confirmedRule, changed: 'spec.action, spec.downgradeTo, spec.lastActivityThresholdDays', 'spec.action': 'spec.action was Downgrade and is Remove' });
    await vi.waitFor(async () => expect(await events()).toEqual(expect.arrayContaining(['RuleConfirmed', 'RuleConfirmationVoid'])), { timeout: 10_000 });
    const columns = await story.kubectl(['get', 'recrule', main.metadata.name]);
    expect(columns.split('\n')[0]).toContain('CONFIRMED');
  });

  it('(f): mode Enforce is taken with the confirmation of another form, and reclaims nobody either', async () => {
    await story.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'smtp', namespace: story.namespace }, stringData: { smtpUrl: 'smtp://127.0.0.1:1', from: 'licenses@example.test' } });
    await patchRule({ mode: 'Enforce', notify: { channels: [{ name: 'mail', type: 'Email', secretRef: { name: 'smtp' } }] } });
    const rule = await untilRule('changed', ({ status }) => status?.review?.changes?.some(({ field }) => field === 'spec.mode') === true);
    expect(conditionOf(rule, 'Confirmed')).toBe('False RuleChangedSinceConfirmed');
    await patchRule({ mode: 'Propose', notify: null });
    expect(deletions()).toEqual([]);
  });

  it('(b), guard 1: put back from a backup without its status, it stays unconfirmed, and cannot say any more what changed', async () => {
    const { spec } = await untilRule('back in Propose', ({ status }) => status?.review?.changes?.length === 3);
    await story.kubectl(['delete', 'recrule', main.metadata.name, '--wait=true']);
    await story.apply({ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'ReclamationRule', metadata: { name: main.metadata.name, namespace: story.namespace }, spec });
    const rule = await untilRule('written again', (found) => conditionOf(found, 'Confirmed') === 'False RuleChangedSinceConfirmed');
    expect(rule.status?.review).toEqual({ id: rule.status?.review?.id });
    expect(rule.status?.conditions?.find(({ type }) => type === 'Confirmed')?.message).toContain('no longer has the confirmed form');
    expect(deletions()).toEqual([]);
  });

  it('guard 1: a status that somebody else has written is no permission', async () => {
    const { id } = (await untilRule('described', ({ status }) => status?.review !== undefined)).status?.review ?? expect.unreachable();
    const isTrue = { type: 'Confirmed', status: 'True', reason: 'Confirmed', message: 'x', lastTransitionTime: new Date().toISOString() };
    const forged = { review: { id: downgrade.spec.confirmedRule, confirmed: { id, facts: [] } }, conditions: [isTrue] };
    await story.kubectl(['patch', 'recrule', main.metadata.name, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: forged })]);
    const [one] = await readyFor('Remove');
    await decide(one!.metadata.name);
    await untilCandidate(one!.metadata.name, (found) => conditionOf(found, 'Ready') === 'False RuleNotConfirmed', 'waits for the rule');
    await story.kubectl(['annotate', 'recrule', main.metadata.name, 'saaslicense.dev/requestedAt=put-right']);
    await untilRule('put right', (found) => found.status?.review?.id === id && conditionOf(found, 'Confirmed') === 'False RuleChangedSinceConfirmed');
    expect(deletions()).toEqual([]);
  });

  it('(f): put back into the form that was confirmed, it is confirmed: that is what was approved', async () => {
    const { action, downgradeTo, lastActivityThresholdDays } = downgrade.spec;
    await patchRule({ action, downgradeTo, lastActivityThresholdDays });
    const rule = await untilRule('confirmed', (found) => conditionOf(found, 'Confirmed') === 'True Confirmed');
    expect(rule.status?.review?.id).toBe(downgrade.spec.confirmedRule);
    expect(rule.status?.review).not.toHaveProperty('changes');
    expect((await confirmations()).at(-1)).toMatchObject({ event: 'RuleConfirmed', id: downgrade.spec.confirmedRule });
    const [one] = await readyFor('Downgrade');
    await decide(one!.metadata.name);
    await untilCandidate(one!.metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'downgraded');
    expect(deletions()).toEqual([]);
  });

  it('S79: a person who has read the new form confirms it, and then it does what was decided', async () => {
    await patchRule(asRemoval);
    await untilRule('changed', (found) => conditionOf(found, 'Confirmed') === 'False RuleChangedSinceConfirmed');
    await confirmRule(story, main.metadata.name);
    const [one] = await readyFor('Remove');
    await decide(one!.metadata.name);
    await untilCandidate(one!.metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'removed');
    expect(deletions()).toHaveLength(1);
  });
});
