import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import { stateText, userInstance, userResource } from '../support/ownership-fixtures.ts';
import { startSmtpServer, type RunningSmtpServer } from '../support/smtp-server.ts';
import { reclaimScopes } from './reclaim-scopes.ts';
import { conditionOf, confirmRule, decideOn, isSettled, largestModel, manifests, openStory, type Story } from './story.ts';

/** The mode that goes on by itself, with a real SMTP server and the answer page of the operator; each story starts where the last one ended. */
describe('notice, answers and what holds a rule back, on a real API server', () => {
  let story: Story;
  let smtp: RunningSmtpServer;
  let main: SoftwareModel;

  beforeAll(async () => {
    smtp = await startSmtpServer();
    story = await openStory('notice', { scopes: reclaimScopes, operatorArgs: ['--allow-notice-host', '127.0.0.1', '--public-url', 'https://licences.example.test'] });
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile(), secretOf('smtp', { smtpUrl: `smtp://127.0.0.1:${smtp.port}`, from: 'licences@example.test', approvers: 'boss@example.test' }));
    await story.untilProfile(isSettled, 'published and refreshed');
    main = await largestModel(story);
    await vi.waitFor(async () => expect((await rule())?.status?.evaluation).toBeDefined(), { timeout: 30_000, interval: 200 });
  });

  afterAll(async () => {
    await story.close();
    await smtp.close();
  });

  const secretOf = (name: string, stringData: Record<string, string>) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: story.namespace }, stringData });
  const rule = () => story.get<ReclamationRule>('recrule', main.metadata.name);
  const patchRule = (spec: object) => story.kubectl(['patch', 'recrule', main.metadata.name, '--type=merge', '-p', JSON.stringify({ spec })]);
  const confirm = () => confirmRule(story, main.metadata.name);
  const untilRule = (holds: (rule: ReclamationRule) => boolean, what: string) =>
    story.until<ReclamationRule>('recrule', main.metadata.name, (one) => one.status?.observedGeneration === one.metadata.generation && holds(one), what);
  const candidates = () => story.list<RemovalCandidate>('remcand');
  const untilCandidate = (name: string, holds: (candidate: RemovalCandidate) => boolean, what: string) => story.until<RemovalCandidate>('remcand', name, holds, what);
  const decide = (name: string, verdict: string) => decideOn(story, name, { verdict, by: 'boss' });
  const mailsTo = (address: string) => smtp.taken.filter(({ to }) => to.includes(address));
  const writes = () => story.simulator.journal.writes().filter(({ route }) => route === '/users/{id}');

  it('C19: who left is a candidate at once, by a list in a Secret; a list that is not there holds the rule', async () => {
    const active = (await story.subscriptions()).find(({ spec, status }) => main.spec.subscriptionIdentifiers.includes(spec.subscriptionIdentifier) && status?.activity === 'Recorded' && spec.role !== 'owner');
    await patchRule({ leaversRef: { name: 'leavers', key: 'list' }, newSeatGraceDays: 1825, limits: { maxCandidateRatio: 100, maxPercent: 100, minAdmins: 1 } });
    await untilRule(({ status }) => status?.held?.reason === 'LeaversUnreadable', 'LeaversUnreadable');
    await story.apply(secretOf('leavers', { list: `# left in November\n${active?.spec.userPrincipalName.toUpperCase() ?? ''}\n` }));
    await story.kubectl(['annotate', 'recrule', main.metadata.name, 'saaslicense.dev/requestedAt=1']);
    await vi.waitFor(async () => {
      const found = (await candidates()).filter(({ spec }) => spec.justification === 'Leaver');
      expect(found.map(({ spec }) => spec.subject.externalUserId)).toEqual([active?.spec.externalUserId]);
    }, { timeout: 30_000, interval: 200 });
    await patchRule({ leaversRef: null });
    await vi.waitFor(async () => expect((await candidates()).filter(({ spec, status }) => spec.justification === 'Leaver' && status?.state === 'ClosedCanceled')).toHaveLength(1), { timeout: 30_000, interval: 200 });
  });

  it('L4, L5, C8: in Enforce each person is asked by mail, once, and nothing is done before the notice has run out', async () => {
    await confirm();
    await patchRule({ newSeatGraceDays: 0, mode: 'Enforce', notify: { channels: [{ name: 'mail', type: 'Email', secretRef: { name: 'smtp' } }] } });
    await confirm();
    await vi.waitFor(async () => expect((await asked()).length).toBeGreaterThan(3), { timeout: 60_000, interval: 300 });
    for (const { spec, status, metadata } of await asked()) {
      const days = (Date.parse(status?.deadline ?? '') - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(13.9);
      expect(mailsTo(spec.subject.userPrincipalName ?? ''), metadata.name).toHaveLength(1);
    }
    expect(writes()).toEqual([]);
  });

  const asked = async () => (await candidates()).filter(({ status }) => status?.state === 'AwaitingUser' && status.deadline !== undefined);
  /** As a mail program shows it: soft line breaks and escapes undone. */
  const linkOf = (address: string, verdict: 'keep' | 'release'): string => {
    const text = (mailsTo(address)[0]?.raw ?? '').replaceAll(/=\r?\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    const links = [...text.matchAll(/https:\/\/licences\.example\.test\/reclaim\/answer\?token=[\w.-]+/g)].map(([link]) => link);
    return links[verdict === 'keep' ? 0 : 1] ?? '';
  };
  const open = (link: string) => fetch(link.replace('https://licences.example.test', story.operator.redirectUrl));
  const answer = async (link: string, reason = ''): Promise<number> => {
    const url = new URL(link);
    return (await fetch(`${story.operator.redirectUrl}${url.pathname}`, { method: 'POST', body: new URLSearchParams({ token: url.searchParams.get('token') ?? '', reason }) })).status;
  };

  it('L5, C10: a link that is opened does nothing; who keeps waits for whoever approves, who is told; kept closes', async () => {
    const [one] = await asked();
    const { metadata, spec } = one ?? expect.unreachable();
    const link = linkOf(spec.subject.userPrincipalName ?? '', 'keep');
    expect((await open(link)).status).toBe(200);
    expect((await untilCandidate(metadata.name, () => true, 'there')).status?.answer).toBeUndefined();
    expect(await answer(link, 'I cover the winter')).toBe(200);
    const kept = await untilCandidate(metadata.name, ({ status }) => status?.state === 'AwaitingApproval', 'AwaitingApproval');
    expect(kept.status?.answer).toMatchObject({ verdict: 'Keep', reason: 'I cover the winter' });
    expect(await answer(link)).not.toBe(200);
    await vi.waitFor(() => expect(mailsTo('boss@example.test').length).toBe(1), { timeout: 20_000 });
    await decide(metadata.name, 'Keep');
    await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedSkipped' && status.reason === 'Kept', 'kept');
  });

  it('a freeze window holds what is decided until it ends', async () => {
    await patchRule({ freezeWindows: [{ from: new Date(Date.now() - 60_000).toISOString(), until: new Date(Date.now() + 86_400_000).toISOString(), reason: 'Release week' }] });
    await confirm();
    expect(conditionOf(await untilRule(({ status }) => status?.conditions?.some(({ type, reason }) => type === 'Reclaiming' && reason === 'Frozen') ?? false, 'Frozen'), 'Reclaiming')).toBe('False Frozen');
    const [one] = await asked();
    const { metadata, spec } = one ?? expect.unreachable();
    expect(await answer(linkOf(spec.subject.userPrincipalName ?? '', 'release'))).toBe(200);
    await untilCandidate(metadata.name, (candidate) => candidate.status?.state === 'AwaitingRevocation' && conditionOf(candidate, 'Ready').includes('Frozen'), 'Frozen');
    expect(writes()).toEqual([]);
    await patchRule({ freezeWindows: null });
    await confirm();
    await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'ClosedComplete');
    expect(writes().map(({ person }) => person)).toEqual([spec.subject.externalUserId]);
  });

  it('D7, C25: whom Terraform manages is reported with what to change there, and not touched; a state that is not there holds everything', async () => {
    const [one] = await asked();
    const { metadata, spec } = one ?? expect.unreachable();
    const state = stateText([userResource([userInstance(spec.subject.userPrincipalName, spec.subject.externalUserId)])]);
    const ownership = { terraformStates: [{ name: 'tfstate', key: 'tfstate' }] };
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', JSON.stringify({ spec: { ownership } })]);
    await story.kubectl(['annotate', 'recrule', main.metadata.name, '--overwrite', 'saaslicense.dev/requestedAt=2']);
    await untilRule((found) => conditionOf(found, 'Reclaiming') === 'False OwnershipUnreadable', 'OwnershipUnreadable');
    await story.apply(secretOf('tfstate', { tfstate: state }));
    await story.kubectl(['annotate', 'recrule', main.metadata.name, '--overwrite', 'saaslicense.dev/requestedAt=3']);
    const owned = await untilCandidate(metadata.name, ({ status }) => (status?.ownership?.length ?? 0) > 0, 'owned');
    expect(owned.status?.ownership?.[0]).toMatchObject({ managedBy: 'Terraform' });
    const before = writes().length;
    expect(await answer(linkOf(spec.subject.userPrincipalName ?? '', 'release'))).toBe(200);
    await untilCandidate(metadata.name, (candidate) => conditionOf(candidate, 'Ready').includes('OwnedElsewhere'), 'OwnedElsewhere');
    expect(writes()).toHaveLength(before);
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"ownership":null}}']);
  });

  it('D1: with a confirmed plan, only what is in it is reclaimed; a stale hash reclaims nobody', async () => {
    await patchRule({ confirmedPlan: `sha256:${'0'.repeat(64)}` });
    await untilRule((found) => conditionOf(found, 'PlanConfirmed') === 'False PlanChanged', 'PlanChanged');
    const [one] = await asked();
    const { metadata, spec } = one ?? expect.unreachable();
    expect(await answer(linkOf(spec.subject.userPrincipalName ?? '', 'release'))).toBe(200);
    await untilCandidate(metadata.name, (candidate) => conditionOf(candidate, 'Ready').includes('NotInPlan'), 'NotInPlan');
    const hash = (await rule())?.status?.plan?.hash ?? '';
    await patchRule({ confirmedPlan: hash });
    const done = await untilCandidate(metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'ClosedComplete');
    expect(done.status?.planHash).toBe(hash);
  });
});
