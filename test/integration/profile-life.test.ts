import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IntegrationProfile, RefreshResult } from '../../operator/api/integration-profile.ts';
import { conditionOf, hasHandled, isSettled, manifests, openStory, type Story } from './story.ts';

interface CronJob {
  metadata: { name: string; uid: string; annotations: Record<string, string> };
  spec: { suspend: boolean; schedule: string; timeZone: string; jobTemplate: { spec: { backoffLimit: number } } };
}

interface RoleBinding {
  metadata: { uid: string };
  roleRef: { name: string };
  subjects?: { name: string }[];
}

const access = 'saas-license-operator-refresh';

/** Results of the subscriptions and of the activity refresh. */
function runsOf({ status }: IntegrationProfile): RefreshResult[] {
  return [status?.refresh?.subscriptions, status?.refresh?.activity].filter((run) => run !== undefined);
}

/** Whether each run began after the one before it had ended. */
function isInOrder(runs: readonly RefreshResult[]): boolean {
  return runs.every((run, index) => Date.parse(run.startTime) >= Date.parse(runs[index - 1]?.completionTime ?? '1970-01-01T00:00:00Z'));
}

/** Profiles as people live with them; each story starts where the last one ended. */
describe('the life of a profile', () => {
  let story: Story;

  beforeAll(async () => {
    story = await openStory('profile-life', { users: 25 });
    await story.apply(manifests(story).secret(), manifests(story).alias());
  });

  afterAll(async () => {
    await story.close();
  });

  const named = (name: string, spec: object = {}) => {
    const profile = manifests(story).profile(spec);
    return { ...profile, metadata: { ...profile.metadata, name } };
  };
  const until = (name: string, holds: (profile: IntegrationProfile) => boolean, what: string) => story.until<IntegrationProfile>('intprof', name, holds, what);
  const patch = (name: string, spec: object) => story.kubectl(['patch', 'intprof', name, '--type=merge', '-p', JSON.stringify({ spec })]);
  const cronJobs = (profile: string) => story.list<CronJob>('cronjobs', `saaslicense.dev/profile=${profile}`);
  const binding = async () => await story.get<RoleBinding>('rolebinding', access);
  const validations = () => story.simulator.journal.list({ route: '/oncalls' }).length;

  it('S68: with Confirm it is validated, waits, and is published by the id that a person has seen', async () => {
    await story.apply(named('confirm', { publicationPolicy: 'Confirm' }));
    const draft = await until('confirm', (profile) => conditionOf(profile, 'Published') === 'False AwaitingConfirmation', 'awaiting confirmation');
    expect(draft.status).toMatchObject({ state: 'Draft', allowedActions: ['Publish', 'Validate'] });
    expect(await cronJobs('confirm')).toEqual([]);
    await patch('confirm', { confirmedValidation: draft.status?.validation?.id });
    await until('confirm', isSettled, 'published and refreshed');
  });

  it('S30: a person beside the one who applies it is told, and the profile stays Ready', async () => {
    const before = await until('confirm', () => true, 'there');
    expect(conditionOf(before, 'ManagedBy')).toBe('True OneWriter');
    await story.kubectl(['patch', 'intprof', 'confirm', '--type=merge', '--field-manager=dashboard', '-p', '{"spec":{"maxLookBackDays":61}}']);
    const told = await until('confirm', (profile) => conditionOf(profile, 'ManagedBy') === 'False SeveralWriters', 'two writers');
    expect(conditionOf(told, 'Ready')).toBe('True Refreshed');
    await story.kubectl(['patch', 'intprof', 'confirm', '--type=merge', '-p', '{"spec":{"maxLookBackDays":60}}']);
    await until('confirm', (profile) => conditionOf(profile, 'ManagedBy') === 'True OneWriter', 'one writer again');
  });

  it('T14: two profiles on one alias, whose names slug alike, have jobs and subscriptions of their own', async () => {
    await story.apply(named('one', { displayName: 'PD (EU)' }), named('two', { displayName: 'PD EU!' }));
    await until('one', isSettled, 'published and refreshed');
    await until('two', isSettled, 'published and refreshed');
    const jobs = [...(await cronJobs('one')), ...(await cronJobs('two'))];
    expect(new Set(jobs.map((job) => job.metadata.name)).size).toBe(4);
    expect(jobs.map((job) => job.metadata.annotations['saaslicense.dev/job-title'] ?? '').sort()).toEqual([
      'SAM - Refresh PD (EU) Activity',
      'SAM - Refresh PD (EU) Subscriptions',
      'SAM - Refresh PD EU! Activity',
      'SAM - Refresh PD EU! Subscriptions',
    ]);
    expect(await story.list('swsub', 'saaslicense.dev/profile=one')).toHaveLength(25);
    expect(await story.list('swsub', 'saaslicense.dev/profile=two')).toHaveLength(25);
    await story.kubectl(['delete', 'intprof', 'two']);
  });

  it('schedules and time zone reach the CronJobs; a short outage is waited out by the Job', async () => {
    await patch('one', { schedules: { subscriptions: '15 4 * * 1-5', timeZone: 'Europe/Berlin' } });
    await until('one', (profile) => profile.status?.scheduledJobs?.some((job) => job.schedule === '15 4 * * 1-5') === true, 'the new schedule');
    const jobs = await cronJobs('one');
    expect(jobs.map((job) => job.spec.timeZone)).toEqual(['Europe/Berlin', 'Europe/Berlin']);
    expect(jobs.map((job) => job.spec.jobTemplate.spec.backoffLimit)).toEqual([6, 6]);
  });

  it('a time zone that does not exist is told, keeps the jobs as they are, and is forgotten once mended', async () => {
    await patch('one', { schedules: { timeZone: 'Mars/Olympus' } });
    await until('one', (profile) => conditionOf(profile, 'Stalled') === 'True InvalidTimeZone', 'refused');
    expect((await cronJobs('one')).map((job) => job.spec.timeZone)).toEqual(['Europe/Berlin', 'Europe/Berlin']);
    await patch('one', { schedules: { timeZone: 'Europe/Berlin' } });
    await until('one', isSettled, 'settled');
  });

  it('a person’s change of the RoleBinding is put back at once; a request to refresh then works', async () => {
    await story.kubectl(['patch', 'rolebinding', access, '--type=merge', '-p', '{"subjects":[]}']);
    await expect.poll(async () => (await binding())?.subjects?.map((subject) => subject.name), { timeout: 20_000 }).toEqual([access]);
    await story.kubectl(['delete', 'rolebinding', access]);
    await expect.poll(async () => (await binding())?.roleRef.name, { timeout: 20_000 }).toBe(access);
    await story.kubectl(['annotate', 'intprof', 'one', 'reconcile.fluxcd.io/requestedAt=flux']);
    await until('one', (profile) => hasHandled(profile, 'flux'), 'refreshed');
  });

  it('a RoleBinding whose label was changed is still ours, by the profiles that own it; deleted, it is made again', async () => {
    await story.kubectl(['label', 'rolebinding', access, 'app.kubernetes.io/managed-by=somebody', '--overwrite']);
    const uid = (await binding())?.metadata.uid ?? '';
    await expect.poll(async () => (await story.list('rolebinding', 'app.kubernetes.io/managed-by=saas-license-operator')).length, { timeout: 20_000 }).toBe(1);
    await story.kubectl(['delete', 'rolebinding', access]);
    await expect.poll(async () => ((await binding())?.metadata.uid ?? uid) === uid, { timeout: 20_000 }).toBe(false);
  });

  it('C16: a changed set of signals runs the activity refresh, without a subscriptions run', async () => {
    const before = await until('one', () => true, 'there');
    await patch('one', { activitySignals: ['OnCall', 'SignIn'] });
    const after = await until('one', (profile) => profile.status?.refresh?.activity?.trigger?.startsWith('Signals ') === true && isSettled(profile), 'pulled by the new signals');
    expect(after.status?.refresh?.subscriptions).toEqual(before.status?.refresh?.subscriptions);
    expect(after.status?.refresh?.activity?.signals?.map((signal) => signal.name).sort()).toEqual(['OnCall', 'SignIn']);
    expect(conditionOf(after, 'ActivitySignalsAvailable')).not.toBe('absent');
  });

  it('C30: a reclaim alias is looked at and not called', async () => {
    await patch('one', { reclaimAliasRef: { name: 'writer' } });
    await until('one', (profile) => conditionOf(profile, 'ReclaimAliasReady') === 'False ConnectionAliasMissing', 'missing');
    expect(conditionOf(await until('one', () => true, 'there'), 'Ready')).toBe('True Refreshed');
    await story.kubectl(['patch', 'intprof', 'one', '--type=json', '-p', '[{"op":"remove","path":"/spec/reclaimAliasRef"}]']);
    await until('one', (profile) => conditionOf(profile, 'ReclaimAliasReady') === 'absent', 'no more');
  });

  it('guard 6: another account behind the alias suspends the jobs, is validated, and is downloaded before its activity', async () => {
    const before = await until('one', isSettled, 'settled');
    // Another address is another connection, as another subdomain or region is.
    const url = story.simulator.url.replace('127.0.0.1', 'localhost');
    await story.apply(manifests(story).alias({ pagerduty: { region: 'US', subdomain: 'acme', endpoints: { api: url, identity: url, app: url } } }));
    const connection = before.status?.refresh?.subscriptions?.connection;
    const isMoved = (profile: IntegrationProfile) => runsOf(profile).every((run) => run.result === 'Succeeded' && run.connection !== connection);
    const runs = runsOf(await until('one', (profile) => isMoved(profile) && isSettled(profile), 'moved to the other connection'));
    expect(runs[0]?.trigger).toMatch(/^Connection /);
    expect(isInOrder(runs)).toBe(true);
    // With Confirm, nothing is downloaded from it before a person has looked.
    const confirm = await until('confirm', (profile) => conditionOf(profile, 'Published') === 'False AwaitingConfirmation', 'awaiting confirmation');
    expect((await cronJobs('confirm')).map((job) => job.spec.suspend)).toEqual([true, true]);
    expect(confirm.status?.refresh?.subscriptions?.connection).toBe(connection);
  });

  it('S64: a request to a draft validates again, each time', async () => {
    await patch('confirm', { publish: false });
    await until('confirm', (profile) => conditionOf(profile, 'Published') === 'False NotRequested', 'not to be published');
    for (const request of ['a', 'b']) {
      const calls = validations();
      await story.kubectl(['annotate', 'intprof', 'confirm', '--overwrite', `saaslicense.dev/requestedAt=${request}`]);
      await until('confirm', (profile) => profile.status?.lastHandledRequestedAt === request, `request ${request} handled`);
      expect(validations()).toBe(calls + 1);
    }
  });

  it('metrics tell success as success, and one condition by its present status', async () => {
    const text = await (await fetch(`${story.operator.telemetryUrl}/metrics`)).text();
    expect(Number(/controller_runtime_reconcile_total\{controller="integrationprofile",result="success"\} (\d+)/.exec(text)?.[1])).toBeGreaterThan(0);
    expect(text).toContain(`saaslicense_condition{kind="IntegrationProfile",namespace="${story.namespace}",name="one",type="Ready",status="True"} 1`);
    expect(text).not.toContain(`name="one",type="Ready",status="False"`);
    expect(text).not.toContain('name="two"');
  });

  it('L28: with PagerDuty down and the credential gone, deleting still takes everything with it', async () => {
    await story.kubectl(['delete', 'secret', 'pagerduty-app', 'pagerduty-token', '--ignore-not-found']);
    await story.simulator.stop();
    await story.kubectl(['delete', 'intprof', '--all', '--wait=true', '--timeout=30s']);
    const left = async () =>
      (await story.list('swsub')).length + (await story.list('cronjobs')).length + (await story.list('jobs')).length + (await story.list('rolebindings', 'app.kubernetes.io/managed-by')).length;
    await expect.poll(left, { timeout: 60_000, interval: 250 }).toBe(0);
    await story.kubectl(['delete', 'connalias', 'pagerduty', '--wait=true', '--timeout=30s']);
    // Rules outlive their profile.
    await story.kubectl(['delete', 'recrule', '--all']);
    const series = async () => (await (await fetch(`${story.operator.telemetryUrl}/metrics`)).text()).split('\n').filter((line) => line.includes(`namespace="${story.namespace}"`));
    await expect.poll(series, { timeout: 20_000 }).toEqual([]);
  });
});
