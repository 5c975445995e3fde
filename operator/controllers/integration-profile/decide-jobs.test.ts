import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aJob, anAppliedCronJob, aPublishedInput, aResult, now } from '../../../test/support/profile-fixtures.ts';
import { decideJobs } from './decide-jobs.ts';
import { cronJobName, defaultSchedule, jobTitle, triggeredJobName } from './names.ts';

const kinds = (decision: ReturnType<typeof decideJobs>) => decision.intents.map((intent) => `${intent.kind} ${intent.process}`);

describe('refresh jobs', () => {
  it('L19, L22: publishing schedules both, the activity job waiting for the first subscriptions, and runs subscriptions now', () => {
    const decision = decideJobs(aPublishedInput(), 'Published');
    expect(kinds(decision)).toEqual(['ApplyCronJob subscriptions', 'ApplyCronJob activity', 'CreateJob subscriptions']);
    expect(decision.scheduledJobs([]).map((job) => [job.title, job.suspended])).toEqual([
      ['SAM - Refresh PagerDuty Integration Subscriptions', false],
      ['SAM - Refresh PagerDuty Integration Activity', true],
    ]);
  });

  it('L19: the first activity run follows the first subscriptions run', () => {
    const profile = aProfile({ status: { refresh: { subscriptions: aResult() } } });
    const decision = decideJobs(aPublishedInput(profile), 'Published');
    expect(kinds(decision)).toContain('CreateJob activity');
    expect(decision.scheduledJobs([]).every((job) => !job.suspended)).toBe(true);
  });

  it('nothing runs twice: not while a job is active, nor when its first job failed without a result', () => {
    const running = aPublishedInput(aProfile(), { jobs: [aJob('subscriptions')] });
    expect(kinds(decideJobs(running, 'Published'))).not.toContain('CreateJob subscriptions');
    const failed = aPublishedInput(aProfile(), { jobs: [aJob('subscriptions', { state: 'Failed', finishedAt: now })] });
    expect(kinds(decideJobs(failed, 'Published'))).not.toContain('CreateJob subscriptions');
  });

  it('S41: with Download Activity cleared there is no activity job', () => {
    const profile = aProfile({ spec: { downloadActivity: false } });
    const input = aPublishedInput(profile, { cronJobs: [anAppliedCronJob(aProfile(), 'activity'), anAppliedCronJob(aProfile(), 'subscriptions')] });
    const decision = decideJobs(input, 'Published');
    expect(kinds(decision)).toContain('DeleteCronJob activity');
    expect(kinds(decision)).not.toContain('DeleteCronJob subscriptions');
    expect(decision.scheduledJobs([]).map((job) => job.process)).toEqual(['subscriptions']);
  });

  it('never deletes a CronJob that only wears our labels', () => {
    const foreign = { ...anAppliedCronJob(aProfile({ uid: 'other' }), 'activity') };
    const decision = decideJobs(aPublishedInput(aProfile({ spec: { publish: false } }), { cronJobs: [foreign] }), 'Draft');
    expect(decision.intents).toEqual([]);
  });

  it('a suspended profile keeps its jobs, suspended, and starts nothing', () => {
    const decision = decideJobs(aPublishedInput(aProfile({ spec: { suspend: true } })), 'Published');
    expect(kinds(decision)).toEqual(['ApplyCronJob subscriptions', 'ApplyCronJob activity']);
    expect(decision.scheduledJobs([]).every((job) => job.suspended)).toBe(true);
  });

  it('T15: a rename deletes the old job and makes the new one, but waits while the old one runs', () => {
    const renamed = aProfile({ spec: { displayName: 'PD Europe', downloadActivity: true }, status: { refresh: { subscriptions: aResult(), activity: aResult() } } });
    const cronJobs = [anAppliedCronJob(aProfile(), 'subscriptions'), anAppliedCronJob(aProfile(), 'activity')];
    const idle = decideJobs(aPublishedInput(renamed, { cronJobs }), 'Published');
    expect(kinds(idle)).toEqual(['DeleteCronJob subscriptions', 'DeleteCronJob activity', 'ApplyCronJob subscriptions', 'ApplyCronJob activity']);
    const busy = decideJobs(aPublishedInput(renamed, { cronJobs, jobs: [aJob('subscriptions')] }), 'Published');
    expect(kinds(busy)).toEqual(['DeleteCronJob activity', 'ApplyCronJob activity']);
  });

  it('a request runs subscriptions, then activity, each once, and is then handled', () => {
    const annotations = { 'saaslicense.dev/requestedAt': '2026-11-24' };
    const before = { subscriptions: aResult(), activity: aResult() };
    const asked = decideJobs(aPublishedInput(aProfile({ annotations, status: { refresh: before } })), 'Published');
    expect(kinds(asked)).toContain('CreateJob subscriptions');
    expect(kinds(asked)).not.toContain('CreateJob activity');
    expect(asked.handledRequest([])).toBeUndefined();
    const trigger = 'Request 2026-11-24';
    const after = { subscriptions: aResult({ trigger }), activity: aResult() };
    const next = decideJobs(aPublishedInput(aProfile({ annotations, status: { refresh: after } })), 'Published');
    expect(kinds(next).filter((kind) => kind.startsWith('CreateJob'))).toEqual(['CreateJob activity']);
    expect(next.handledRequest([])).toBe('2026-11-24');
  });

  it('a request whose subscriptions run failed is over', () => {
    const annotations = { 'saaslicense.dev/requestedAt': 'r' };
    const refresh = { subscriptions: aResult({ trigger: 'Request r', result: 'Failed' }), activity: aResult() };
    expect(decideJobs(aPublishedInput(aProfile({ annotations, status: { refresh } })), 'Published').handledRequest([])).toBe('r');
  });

  it.each([
    ['61 1 * * *', 'InvalidSchedule'],
    ['0 0 31 2 *', 'InvalidSchedule'],
    ['x y z a b', 'InvalidSchedule'],
  ])('refuses the schedule %s before a CronJob is made of it', (subscriptions, reason) => {
    const decision = decideJobs(aPublishedInput(aProfile({ spec: { schedules: { subscriptions, timeZone: 'Etc/UTC' } } })), 'Published');
    expect(decision.failure).toMatchObject({ kind: 'Terminal', reason });
    expect(kinds(decision)).toEqual(['ApplyCronJob activity']);
  });

  it('a bad schedule does not keep a job from being suspended', () => {
    const bad = aProfile({ spec: { suspend: true, schedules: { subscriptions: '61 1 * * *', timeZone: 'Etc/UTC' } } });
    const decision = decideJobs(aPublishedInput(bad, { cronJobs: [anAppliedCronJob(aProfile(), 'subscriptions')] }), 'Published');
    expect(decision.scheduledJobs([]).map((job) => job.suspended)).toEqual([true, true]);
  });

  it('a request whose pod died without a result is over, and does not run again', () => {
    const annotations = { 'saaslicense.dev/requestedAt': 'r' };
    const profile = aProfile({ annotations, status: { refresh: { subscriptions: aResult(), activity: aResult() } } });
    const name = triggeredJobName(cronJobName(profile, 'subscriptions'), 'Request r');
    const decision = decideJobs(aPublishedInput(profile, { jobs: [aJob('subscriptions', { name, state: 'Failed', finishedAt: now })] }), 'Published');
    expect(decision.handledRequest([])).toBe('r');
    expect(kinds(decision)).not.toContain('CreateJob subscriptions');
  });

  it('refuses a time zone that does not exist', () => {
    const decision = decideJobs(aPublishedInput(aProfile({ spec: { schedules: { timeZone: 'Mars/Olympus' } } })), 'Published');
    expect(decision.failure).toMatchObject({ reason: 'InvalidTimeZone' });
  });
});

describe('names and schedules', () => {
  it('T14: display names that slug alike get different jobs, and the exact title is kept', () => {
    const one = aProfile({ spec: { displayName: 'PagerDuty (EU)' } });
    const two = aProfile({ spec: { displayName: 'PagerDuty EU!' } });
    expect(cronJobName(one, 'activity')).not.toBe(cronJobName(two, 'activity'));
    expect(anAppliedCronJob(one, 'activity').metadata.annotations).toMatchObject({ 'saaslicense.dev/job-title': 'SAM - Refresh PagerDuty (EU) Activity' });
  });

  it('two profiles with the same display name do not share a job', () => {
    expect(cronJobName(aProfile({ uid: 'a' }), 'subscriptions')).not.toBe(cronJobName(aProfile({ uid: 'b' }), 'subscriptions'));
  });

  it.each(['日本語', 'Ä'.repeat(100), '-- --', 'a'.repeat(100)])('T14: %s makes a name that Kubernetes takes, for CronJob and Jobs', (displayName) => {
    const name = cronJobName(aProfile({ spec: { displayName } }), 'subscriptions');
    expect(name).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
    expect(name.length).toBeLessThanOrEqual(52);
    expect(triggeredJobName(name, 'x').length).toBeLessThanOrEqual(63);
    expect(jobTitle(displayName, 'activity')).toBe(`SAM - Refresh ${displayName} Activity`);
  });

  it('S76: by default daily, at a minute drawn from the UID', () => {
    const schedule = defaultSchedule(aProfile(), 'subscriptions');
    expect(schedule).toMatch(/^[0-5]?\d 1 \* \* \*$/);
    expect(defaultSchedule(aProfile(), 'subscriptions')).toBe(schedule);
    const minutes = new Set(Array.from({ length: 200 }, (_, index) => defaultSchedule(aProfile({ uid: `uid-${index}` }), 'activity')));
    expect(minutes.size).toBeGreaterThan(40);
  });

  it('the pod mounts the access token, reads no other Secret, and meets the restricted profile', () => {
    const text = JSON.stringify(anAppliedCronJob(aProfile(), 'subscriptions'));
    expect(text).toContain('"secretName":"pagerduty-token"');
    expect(text).not.toContain('pagerduty-app');
    expect(text).toContain('"runAsNonRoot":true');
    expect(text).toContain('"concurrencyPolicy":"Forbid"');
  });
});
