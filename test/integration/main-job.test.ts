import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { conditionOf, hasHandled, isSettled, manifests, openStory, type Story } from './story.ts';

interface CronJob {
  metadata: { name: string; uid: string; annotations: Record<string, string> };
  spec: { suspend: boolean; schedule: string };
}

/** The main job, in the order in which a person lives it; each story starts where the last one ended. */
describe('a published profile refreshes real subscriptions on a real API server', () => {
  let story: Story;

  beforeAll(async () => {
    story = await openStory('main-job');
  });

  afterAll(async () => {
    await story.close();
  });

  const cronJobs = () => story.list<CronJob>('cronjobs');
  const titles = async () => (await cronJobs()).map((job) => job.metadata.annotations['saaslicense.dev/job-title'] ?? '').sort((a, b) => a.localeCompare(b));
  const events = async () =>
    (JSON.parse(await story.kubectl(['get', 'events.events.k8s.io', '-o', 'json'])) as { items: { reason: string; note: string }[] }).items;

  it('S24, S51: an alias without its Secret waits and says so; the profile is a draft', async () => {
    const { alias, profile } = manifests(story);
    await story.apply(alias(), profile());
    const waiting = await story.untilAlias((object) => conditionOf(object, 'CredentialsReady') === 'False SecretMissing', 'SecretMissing');
    expect(conditionOf(waiting, 'Reconciling')).toBe('True SecretMissing');
    const draft = await story.untilProfile((object) => conditionOf(object, 'ConnectionReady') === 'False ConnectionNotReady', 'told what is in the way');
    expect(draft.status?.state).toBe('Draft');
    expect(await cronJobs()).toEqual([]);
  });

  it('S33, S34, S67: when the Secret comes, it connects, validates and publishes by itself, and both refreshes run', async () => {
    await story.apply(manifests(story).secret());
    const profile = await story.untilProfile(isSettled, 'published and refreshed');
    expect(profile.status?.state).toBe('Published');
    expect(profile.status?.profileType).toBe('PagerDuty Subscription');
    expect(conditionOf(profile, 'Published')).toBe('True Published');
  });

  it('S65, S66: validation called users and oncalls, and nothing was ever written to PagerDuty', () => {
    const api = story.simulator.journal.list().filter((entry) => entry.path !== '/oauth/token');
    expect(api.slice(0, 2).map((entry) => `${entry.method} ${entry.path}`)).toEqual(['GET /users', 'GET /oncalls']);
    expect(story.simulator.journal.writes()).toEqual([]);
  });

  it('S36, S37, S39, S47: status shows the vendor configuration and the exact subflow names', async () => {
    const profile = await story.untilProfile(() => true, 'there');
    expect(profile.status?.subflows).toEqual({
      downloadSubscriptions: 'PagerDuty Download Subscriptions',
      updateUserActivity: 'PagerDuty Update User Activity',
      reclaimSubscription: 'PagerDuty Reclaim Subscription',
    });
    expect(profile.status?.vendorConfiguration).toHaveLength(3);
    expect(profile.status?.vendorConfiguration?.[2]).toEqual({
      process: 'ReclaimSubscription',
      createAppRole: 'Global admin',
      tokenRole: 'Global admin',
      scopes: { scoped: 'users.write', classic: 'write' },
    });
    expect(profile.status?.validation?.checks?.find((check) => check.name === 'reclaim')?.result).toBe('NotVerified');
  });

  it('S75: there is one subscription for each person, with licence, team and activity', async () => {
    const subscriptions = await story.subscriptions();
    const profile = await story.untilProfile(() => true, 'there');
    expect(subscriptions).toHaveLength(60);
    expect(profile.status?.subscriptions?.total).toBe(60);
    const states = subscriptions.map((each) => each.status?.activity ?? 'absent');
    expect(states).not.toContain('absent');
    expect(states.filter((state) => state === 'Recorded')).toHaveLength(profile.status?.subscriptions?.recorded ?? -1);
    expect(subscriptions.every((each) => each.spec.edition !== undefined)).toBe(true);
  });

  it('T3: nobody who can never be on call is judged by on-calls', async () => {
    const stakeholders = (await story.subscriptions()).filter((each) => each.spec.roleGroup === 'Stakeholder');
    expect(stakeholders.length).toBeGreaterThan(0);
    expect(new Set(stakeholders.map((each) => each.status?.activity))).toEqual(new Set(['Unknown']));
  });

  it('L22, T14: the jobs have the exact titles, in an annotation and in status', async () => {
    const profile = await story.untilProfile(() => true, 'there');
    const expected = ['SAM - Refresh PagerDuty Integration Activity', 'SAM - Refresh PagerDuty Integration Subscriptions'];
    expect(await titles()).toEqual(expected);
    expect(profile.status?.scheduledJobs?.map((job) => job.title).sort()).toEqual(expected);
    expect(profile.status?.scheduledJobs?.every((job) => !job.suspended)).toBe(true);
  });

  it('a request refreshes now, once, and an unchanged company costs no write of a subscription', async () => {
    await story.kubectl(['annotate', 'intprof', 'pagerduty', 'saaslicense.dev/requestedAt=one']);
    const profile = await story.untilProfile((object) => hasHandled(object, 'one'), 'refreshed on request');
    expect(profile.status?.refresh?.subscriptions).toMatchObject({ trigger: 'Request one', created: 0, updated: 0, deleted: 0, apiWrites: 0 });
    const requested = (await story.list<{ metadata: { name: string } }>('jobs')).length;
    expect(requested).toBe(4);
  });

  it('a person who leaves and one who changes are followed by the next refresh', async () => {
    const before = await story.subscriptions();
    const leaver = before[0]?.spec.externalUserId ?? '';
    story.simulator.state.removeUser(leaver);
    await story.kubectl(['annotate', 'intprof', 'pagerduty', '--overwrite', 'reconcile.fluxcd.io/requestedAt=two', 'saaslicense.dev/requestedAt-']);
    const profile = await story.untilProfile((object) => hasHandled(object, 'two'), 'refreshed');
    expect(profile.status?.refresh?.subscriptions).toMatchObject({ deleted: 1, created: 0 });
    expect((await story.subscriptions()).map((each) => each.spec.externalUserId)).not.toContain(leaver);
  });

  it('T15: a rename moves both jobs, without a run', async () => {
    const before = await story.untilProfile(() => true, 'there');
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"displayName":"PD (EU)"}}']);
    await story.untilProfile((object) => object.status?.scheduledJobs?.filter((job) => job.title.includes('PD (EU)')).length === 2, 'renamed');
    expect(await titles()).toEqual(['SAM - Refresh PD (EU) Activity', 'SAM - Refresh PD (EU) Subscriptions']);
    const after = await story.untilProfile(() => true, 'there');
    expect(after.status?.refresh).toEqual(before.status?.refresh);
    expect(await story.list('jobs')).toEqual([]);
  });

  it('while suspended the jobs are suspended and PagerDuty is not called', async () => {
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"suspend":true}}']);
    await story.untilProfile((object) => conditionOf(object, 'Suspended') === 'True Suspended', 'suspended');
    expect((await cronJobs()).map((job) => job.spec.suspend)).toEqual([true, true]);
    const calls = story.simulator.journal.list().length;
    await story.kubectl(['annotate', 'intprof', 'pagerduty', '--overwrite', 'saaslicense.dev/requestedAt=three', 'reconcile.fluxcd.io/requestedAt-']);
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"maxLookBackDays":90}}']);
    await story.untilProfile((object) => object.status?.observedGeneration === object.metadata.generation, 'seen');
    expect(story.simulator.journal.list().length).toBe(calls);
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"suspend":false}}']);
    await story.untilProfile((object) => hasHandled(object, 'three'), 'resumed, and the request acted on');
  });

  it('S69–S72, T16: clearing Download Activity returns to Draft, deletes that job alone, validates and publishes again', async () => {
    const subscriptionsJob = (await cronJobs()).find((job) => job.metadata.name.includes('-sub-'));
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"downloadActivity":false}}']);
    const profile = await story.untilProfile(
      (object) => object.status?.publishedDownloadActivity === false && object.status.state === 'Published',
      'published again without activity',
    );
    expect(profile.status?.scheduledJobs?.map((job) => job.process)).toEqual(['subscriptions']);
    expect((await cronJobs()).map((job) => job.metadata.uid)).toEqual([subscriptionsJob?.metadata.uid]);
    expect((await events()).map((event) => event.reason)).toContain('ReturnedToDraft');
  });

  it('S25, guard 7: the client secret is in no object but its Secret, no log, no metric, no event', async () => {
    const everything = await story.kubectl(['get', 'saaslicense,cronjobs,jobs,pods,events,serviceaccounts,rolebindings', '-o', 'yaml', '--show-managed-fields']);
    const metrics = await (await fetch(`${story.operator.telemetryUrl}/metrics`)).text();
    const pods = await story.list<{ metadata: { name: string } }>('pods');
    const logs = await Promise.all(pods.map((pod) => story.kubectl(['logs', pod.metadata.name])));
    const token = (await story.get<{ data: { token: string } }>('secret', 'pagerduty-token'))?.data.token ?? '';
    const texts = [everything, metrics, await story.operatorLog(), ...logs].join('\n');
    expect(texts.length).toBeGreaterThan(10_000);
    for (const secret of [story.canary, Buffer.from(story.canary).toString('base64'), token, Buffer.from(token, 'base64').toString()]) {
      expect(secret.length).toBeGreaterThan(10);
      expect(texts.includes(secret)).toBe(false);
    }
    const email = (await story.subscriptions())[0]?.spec.userPrincipalName ?? '@';
    expect([metrics, await story.operatorLog(), ...logs].join('\n').includes(email)).toBe(false);
  });

  it('L28: deleting the profile takes its jobs, subscriptions and access with it', async () => {
    await story.kubectl(['delete', 'intprof', 'pagerduty', '--wait=true']);
    const gone = async () =>
      (await story.subscriptions()).length + (await cronJobs()).length + (await story.list('rolebindings', 'app.kubernetes.io/managed-by')).length;
    await expect.poll(gone, { timeout: 60_000, interval: 200 }).toBe(0);
    expect(await story.get<IntegrationProfile>('intprof', 'pagerduty')).toBeUndefined();
    expect(story.simulator.journal.writes()).toEqual([]);
  });
});
