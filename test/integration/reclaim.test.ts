import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditRecord } from '../../operator/api/audit-record.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import type { SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { placeOn, takeOff } from '../pagerduty-simulator/index.ts';
import { expectNoWrites } from './quiet.ts';
import { reclaimScopes } from './reclaim-scopes.ts';
import { askToRestore, conditionOf, confirmRule, decideOn, isSettled, largestModel, manifests, openStory, type Story } from './story.ts';

/** From propose over decide and reclaim to restore, in the order in which it is lived; each story starts where the last one ended. */
describe('reclaiming, on a real API server and against the simulator', () => {
  let story: Story;
  let main: SoftwareModel;
  let waiting: RemovalCandidate[];

  beforeAll(async () => {
    story = await openStory('reclaim', { scopes: reclaimScopes });
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
    main = await largestModel(story);
    await vi.waitFor(async () => expect((await story.get<ReclamationRule>('recrule', main.metadata.name))?.status?.evaluation).toBeDefined(), { timeout: 30_000 });
    // A made-up company whose people sleep: each of its limits is raised on purpose, as somebody would who has looked.
    await patchRule({ newSeatGraceDays: 0, limits: { maxCandidateRatio: 100, maxPercent: 100, maxPerRun: 20, minAdmins: 1 } });
    await vi.waitFor(async () => expect((await candidates()).filter(({ status }) => status?.state === 'Ready').length).toBeGreaterThan(10), { timeout: 30_000 });
    waiting = (await candidates()).filter(({ spec }) => isOrdinary(spec.subject.externalUserId));
  });

  afterAll(async () => {
    await story.close();
  });

  const candidates = () => story.list<RemovalCandidate>('remcand');
  const patchRule = (spec: object) => story.kubectl(['patch', 'recrule', main.metadata.name, '--type=merge', '-p', JSON.stringify({ spec })]);
  const confirm = () => confirmRule(story, main.metadata.name);
  const decide = (name: string, verdict: string, reason = 'Decided in a test') => decideOn(story, name, { verdict, reason });
  const untilCandidate = (name: string, holds: (candidate: RemovalCandidate) => boolean, what: string) => story.until<RemovalCandidate>('remcand', name, holds, what);
  /** The next one that nobody has touched. */
  const take = (): RemovalCandidate => {
    const [next] = waiting.splice(0, 1);
    if (next === undefined) throw new Error('there are too few candidates');
    return next;
  };
  const writesOn = (person: string) => story.simulator.journal.list({ person }).filter(({ method }) => method === 'PUT' || method === 'DELETE' || method === 'POST');
  const personOf = (id: string) => story.simulator.state.company.users.find((user) => user.id === id);
  /** On no schedule or policy: whoever is has a story of their own below. */
  const isOrdinary = (id: string) => {
    const { schedules, shiftSchedules, policies } = story.simulator.state.company;
    return personOf(id)?.role !== 'owner' && !JSON.stringify([schedules, shiftSchedules, policies]).includes(`"${id}"`) && personOf(id)?.invitationSent === false;
  };
  const messageOf = ({ status }: RemovalCandidate): string => status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '';
  const touch = (name: string) => story.kubectl(['label', 'remcand', name, '--overwrite', `example.com/touched=${Math.floor(performance.now() * 1000)}`]);

  it('S79: decided, and not confirmed: nothing is reclaimed, and the candidate says why', async () => {
    const { metadata } = take();
    await decide(metadata.name, 'Reclaim');
    const seen = await untilCandidate(metadata.name, (one) => conditionOf(one, 'Ready').includes('RuleNotConfirmed'), 'RuleNotConfirmed');
    expect(seen.status?.state).toBe('Ready');
    await decide(metadata.name, 'CloseSkipped');
    await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedSkipped', 'closed');
  });

  it('S47–S50: Reclaim Subscriptions cleared on the profile: candidates are there, decided, and nothing is called', async () => {
    await confirm();
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"reclaimSubscriptions":false}}']);
    const { metadata } = take();
    await decide(metadata.name, 'Reclaim');
    await untilCandidate(metadata.name, (one) => conditionOf(one, 'Ready').includes('ReclaimDisabled'), 'ReclaimDisabled');
    expect(story.simulator.journal.writes()).toEqual([]);
    await decide(metadata.name, 'CloseSkipped');
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"reclaimSubscriptions":true}}']);
  });

  it('C18, T12, L12: a decided downgrade is one request with role and licence, read back, closed, and counted', async () => {
    const { metadata, spec } = take();
    const { externalUserId } = spec.subject;
    await decide(metadata.name, 'Reclaim');
    const done = await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'ClosedComplete');
    expect(done.status).toMatchObject({ reason: 'Reclaimed', attempts: 1, attempt: { phase: 'Done', number: 1 }, undo: { secret: `${metadata.name}-undo` } });
    expect(personOf(externalUserId)).toMatchObject({ role: 'read_only_user' });
    expect(writesOn(externalUserId).map(({ method, status }) => `${method} ${status}`)).toEqual(['PUT 200']);
    const secret = JSON.parse(await story.kubectl(['get', 'secret', `${metadata.name}-undo`, '-o', 'json'])) as { type: string };
    expect(secret.type).toBe('saaslicense.dev/undo');
  });

  it('D4, C29: it is restored on request, once, and the person is not proposed again for a while', async () => {
    const done = (await candidates()).find(({ status }) => status?.state === 'ClosedComplete');
    const { externalUserId, role } = done?.spec.subject ?? { externalUserId: '', role: '' };
    await askToRestore(story, done?.metadata.name ?? '');
    await untilCandidate(done?.metadata.name ?? '', ({ status }) => status?.undo?.restoredAt !== undefined, 'restored');
    expect(personOf(externalUserId)?.role).toBe(role);
    await story.until<ReclamationRule>('recrule', main.metadata.name, ({ status }) => status?.evaluation?.coolingDown === 1, 'cooling down');
  });

  it('C9, L5: kept is kept: closed, and not proposed again for a while', async () => {
    const { metadata, spec } = take();
    await decide(metadata.name, 'Keep', 'Needs it in winter');
    await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedSkipped' && status.reason === 'Kept', 'kept');
    await story.until<ReclamationRule>('recrule', main.metadata.name, ({ status }) => status?.evaluation?.coolingDown === 2, 'cooling down');
    const same = (await candidates()).filter((one) => one.spec.subject.subscriptionRef.name === spec.subject.subscriptionRef.name);
    expect(same).toHaveLength(1);
  });

  it('C2, guard 2: who is excluded by now is no candidate any more', async () => {
    const { metadata, spec } = take();
    const until = new Date(Date.now() + 86_400_000).toISOString();
    await story.apply({ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'SubscriptionExclusion', metadata: { name: 'leave', namespace: story.namespace }, spec: { user: { userPrincipalName: spec.subject.userPrincipalName }, until, reason: 'On leave' } });
    await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedSkipped' && status.reason === 'Excluded', 'excluded');
  });

  it('L10: activity that returns cancels', async () => {
    const { metadata, spec } = take();
    const status = { activity: 'Recorded', lastActivity: { time: new Date(Date.now() - 1000).toISOString(), signal: 'OnCall' }, evidence: [{ signal: 'OnCall', time: new Date(Date.now() - 1000).toISOString(), source: '/oncalls' }] };
    await story.kubectl(['patch', 'swsub', spec.subject.subscriptionRef.name, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
    await touch(metadata.name);
    await untilCandidate(metadata.name, (one) => one.status?.state === 'ClosedCanceled', 'canceled');
  });

  it('C5, T9, T13, guard 3: who is on a schedule, a policy or an incident is not touched; the blockers are listed; with them gone it goes on', async () => {
    const { metadata, spec } = take();
    const { externalUserId } = spec.subject;
    const [schedule] = story.simulator.state.company.schedules;
    placeOn(story.simulator.state, { kind: 'classic', id: schedule?.id ?? '', userId: externalUserId }, Date.now());
    await decide(metadata.name, 'Reclaim');
    const blocked = await untilCandidate(metadata.name, ({ status }) => status?.state === 'AttentionRequired' && status.reason === 'Blocked', 'Blocked');
    expect(blocked.status?.blockers).toContainEqual(expect.objectContaining({ kind: 'Schedule', name: schedule?.name }));
    expect(writesOn(externalUserId)).toEqual([]);
    takeOff(story.simulator.state, { kind: 'classic', id: schedule?.id ?? '', userId: externalUserId }, Date.now());
    await decide(metadata.name, 'Reclaim', 'It is off the schedule');
    await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'ClosedComplete');
    expect(writesOn(externalUserId)).toHaveLength(1);
  });

  it('guard 4: a lost reply is read back, and nothing is sent twice', async () => {
    const { metadata, spec } = take();
    story.simulator.faults.add({ method: 'PUT', route: `/users/${spec.subject.externalUserId}`, fault: { kind: 'reset', when: 'before-headers' } });
    await decide(metadata.name, 'Reclaim');
    await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'ClosedComplete');
    expect(writesOn(spec.subject.externalUserId)).toHaveLength(1);
  });

  it('guard 4, L14: a request that was lost before it was carried out waits for a person, who may have it tried again', async () => {
    const { metadata, spec } = take();
    story.simulator.faults.add({ method: 'PUT', route: `/users/${spec.subject.externalUserId}`, fault: { kind: 'reset', when: 'before-processing' } });
    await decide(metadata.name, 'Reclaim');
    const unclear = await untilCandidate(metadata.name, ({ status }) => status?.state === 'AttentionRequired', 'AttentionRequired');
    expect(unclear.status).toMatchObject({ reason: 'OutcomeUnclear', attempt: { phase: 'Unclear', number: 1 } });
    await decide(metadata.name, 'ResumeReclaim', 'Looked: nothing was done');
    // What was lost could still come to pass, so nothing else is written to the account for seven minutes, or until somebody who knows better says so.
    const busy = await untilCandidate(metadata.name, ({ status }) => conditionOf({ status: status ?? {} }, 'Ready') === 'False AccountBusy', 'AccountBusy');
    const [lease = ''] = /saas-license-operator-account-[0-9a-z]+/.exec(busy.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '') ?? [];
    const cleared = await story.plane.kubectl(['patch', 'lease', lease, '-n', 'saas-license-operator', '--type=merge', '-p', '{"spec":{"holderIdentity":""}}']);
    expect([cleared.code, cleared.stderr]).toEqual([0, '']);
    const done = await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'ClosedComplete');
    expect(done.status?.attempts).toBe(2);
  });

  it('L12: what PagerDuty refuses is on the candidate in its own words', async () => {
    const { metadata, spec } = take();
    story.simulator.faults.add({ method: 'PUT', route: `/users/${spec.subject.externalUserId}`, fault: { kind: 'status', status: 400, body: 'errors-string' } });
    await decide(metadata.name, 'Reclaim');
    const refused = await untilCandidate(metadata.name, ({ status }) => status?.state === 'AttentionRequired', 'AttentionRequired');
    expect(refused.status?.attempt?.phase).toBe('Refused');
    expect(refused.status?.vendorMessage ?? '').not.toBe('');
    await decide(metadata.name, 'CloseSkipped');
  });

  it('T10, T17, L12, C31: with another action the candidates are made anew; Remove is one DELETE, and the subscription goes', async () => {
    await patchRule({ action: 'Remove', downgradeTo: null });
    await confirm();
    await vi.waitFor(async () => {
      const all = await candidates();
      expect(all.filter(({ status, spec }) => status?.state === 'Ready' && spec.subject.action === 'Remove' && isOrdinary(spec.subject.externalUserId)).length).toBeGreaterThan(2);
    }, { timeout: 30_000 });
    waiting = (await candidates()).filter(({ status, spec }) => status?.state === 'Ready' && spec.subject.action === 'Remove' && isOrdinary(spec.subject.externalUserId));
    const { metadata, spec } = take();
    const { externalUserId, subscriptionRef } = spec.subject;
    const before = personOf(externalUserId);
    await decide(metadata.name, 'Reclaim');
    await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'ClosedComplete');
    expect(writesOn(externalUserId).map(({ method, status }) => `${method} ${status}`)).toEqual(['DELETE 204']);
    expect(personOf(externalUserId)).toBeUndefined();
    expect(await story.get<SoftwareSubscription>('swsub', subscriptionRef.name)).toBeUndefined();
    await askToRestore(story, metadata.name);
    await untilCandidate(metadata.name, ({ status }) => status?.undo?.restoredAt !== undefined, 'restored');
    const after = story.simulator.state.company.users.find(({ email }) => email === before?.email);
    expect(after).toMatchObject({ role: before?.role, name: before?.name, teams: before?.teams });
    expect(after?.id).not.toBe(externalUserId);
  });

  it('C12, guard 5: never more than the limits allow within a period', async () => {
    const started = (await candidates()).filter(({ status }) => status?.attempt !== undefined).length;
    await patchRule({ limits: { maxPerRun: started + 1 } });
    await confirm();
    const [first, second] = [take(), take()];
    const before = writesOn(second.spec.subject.externalUserId);
    await decide(first.metadata.name, 'Reclaim');
    await untilCandidate(first.metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'ClosedComplete');
    await decide(second.metadata.name, 'Reclaim');
    const held = await untilCandidate(second.metadata.name, (one) => conditionOf(one, 'Ready').includes('BudgetSpent'), 'BudgetSpent');
    expect(held.status?.state).toBe('AwaitingRevocation');
    expect(writesOn(second.spec.subject.externalUserId)).toEqual(before);
  });

  it('C12, guard 5: never more in a day than the profile allows, though its rule would', async () => {
    // The one that the rule's own limit held above.
    const next = (await candidates()).find((one) => conditionOf(one, 'Ready').includes('BudgetSpent'));
    if (next === undefined) throw new Error('nobody waits');
    const before = writesOn(next.spec.subject.externalUserId);
    const started = (await candidates()).filter(({ status }) => status?.attempt !== undefined).length;
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', JSON.stringify({ spec: { reclaimLimits: { maxPerDay: started } } })]);
    await patchRule({ limits: { maxPerRun: 1000 } });
    await confirm();
    await touch(next.metadata.name);
    const held = await untilCandidate(next.metadata.name, (one) => messageOf(one).includes(`IntegrationProfile pagerduty began as many reclaims within 24 hours as its spec.reclaimLimits allows (${started} a day)`), 'held by the cap of the profile');
    expect([held.status?.state, conditionOf(held, 'Ready')]).toEqual(['AwaitingRevocation', 'False BudgetSpent']);
    expect(writesOn(next.spec.subject.externalUserId)).toEqual(before);
  });

  it('C24, D8: everything that was decided and written is in one unbroken, signed chain', async () => {
    const records = (await story.list<AuditRecord>('auditrecords')).toSorted((a, b) => a.spec.sequence - b.spec.sequence);
    expect(records.map(({ spec }) => spec.sequence)).toEqual(records.map((_record, index) => index));
    for (const [index, { spec }] of records.entries()) if (index > 0) expect(spec.previous).toBe(records[index - 1]?.spec.hash);
    const intended = records.filter(({ spec }) => spec.event === 'WriteIntended').map(({ spec }) => spec.externalUserId);
    const written = story.simulator.journal.writes().filter(({ method, route }) => method !== 'POST' && route === '/users/{id}').map(({ person }) => person);
    expect(new Set(written.filter((person) => person !== undefined && !intended.includes(person)))).toEqual(new Set());
  });

  it('guard 7: no address is in an event, a log line, a metric, an audit record or a condition', async () => {
    const texts = [
      await story.operatorLog(),
      await story.kubectl(['get', 'events.events.k8s.io', '-o', 'json']),
      await story.kubectl(['get', 'auditrecords,recrule,intprof,swmodel', '-o', 'json']),
      await (await fetch(`${story.operator.telemetryUrl}/metrics`)).text(),
      JSON.stringify((await candidates()).map(({ status }) => [status?.conditions, status?.history])),
    ];
    const addresses = story.simulator.state.company.users.map(({ email }) => email.toLowerCase());
    for (const text of texts) expect(addresses.filter((address) => text.toLowerCase().includes(address))).toEqual([]);
    expect(await readFile(story.operator.logFile, 'utf8')).not.toContain(story.canary);
  });

  it('once it has come to rest nothing is written any more', async () => {
    await expectNoWrites(story);
  });

  it('L28: with the profile its open candidates are closed as skipped, and stay', async () => {
    await story.kubectl(['delete', 'intprof', 'pagerduty', '--wait=true']);
    await vi.waitFor(async () => {
      const all = await candidates();
      expect(all.length).toBeGreaterThan(10);
      expect(all.filter(({ status }) => !status?.state?.startsWith('Closed'))).toEqual([]);
    }, { timeout: 30_000 });
  });
});
