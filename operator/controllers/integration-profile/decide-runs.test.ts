import { describe, expect, it } from 'vitest';
import { anAlias, aProfile } from '../../../test/support/builders.ts';
import { aJob, anAppliedCronJob, aProfileInput, aPublishedInput, aResult, now } from '../../../test/support/profile-fixtures.ts';
import type { IntegrationProfileStatus } from '../../api/integration-profile.ts';
import { decideJobs } from './decide-jobs.ts';
import { decidePlan } from './decide-plan.ts';
import { suspensionOf } from './decide-state.ts';
import { validationId } from './decide-validation.ts';
import type { ProfileInput } from './input.ts';
import { cronJobName, triggeredJobName } from './names.ts';

const runs = (input: ProfileInput): string[] =>
  decideJobs(input, 'Published').intents.filter((intent) => intent.kind === 'CreateJob').map((intent) => `${intent.process}: ${intent.trigger}`);

const otherAccount = anAlias({ ready: 'True', spec: { pagerduty: { region: 'US', subdomain: 'other' } } });
const both = { subscriptions: aResult(), activity: aResult() };

/** Refreshed through one account, then moved to another one and validated there. */
function moved(refresh: IntegrationProfileStatus['refresh']): ProfileInput {
  const published = aPublishedInput(aProfile({ status: { refresh } }));
  const before = aProfileInput({ profile: published.profile, alias: otherAccount });
  const validation = { id: validationId(before), time: '2026-11-24T11:59:00Z', passed: true, checks: [] };
  return aProfileInput({ profile: { ...published.profile, status: { ...published.profile.status, validation } }, alias: otherAccount });
}

describe('another connection (guard 6)', () => {
  it('suspends both jobs until somebody has validated it', () => {
    const published = aPublishedInput(aProfile({ status: { refresh: both } }));
    const changed = aProfileInput({ profile: published.profile, alias: otherAccount });
    expect(suspensionOf(changed)).toMatchObject({ reason: 'ConnectionChanged' });
    const plan = decidePlan(changed, { kind: 'NotTried' }, now);
    expect(plan.state).toMatchObject({ state: 'Draft', changed: 'ReturnedToDraft' });
    expect(plan.status.scheduledJobs?.map((job) => [job.process, job.suspended])).toEqual([
      ['subscriptions', true],
      ['activity', true],
    ]);
    expect(plan.intents.filter((intent) => intent.kind === 'CreateJob')).toEqual([]);
  });

  it('once validated, a subscriptions run comes first; activity waits for its success', () => {
    const input = moved(both);
    expect(runs(input)).toEqual(['subscriptions: Connection 2026-11-24T11:59:00Z']);
    expect(decideJobs(input, 'Published').scheduledJobs([]).map((job) => job.suspended)).toEqual([false, true]);
    const connection = validationId(input).split('-')[0];
    expect(runs(moved({ ...both, subscriptions: aResult({ connection }) }))).toEqual(['activity: Connection 2026-11-24T11:59:00Z']);
    expect(runs(moved({ subscriptions: aResult({ connection }), activity: aResult({ connection }) }))).toEqual([]);
  });

  it('a run for it that failed is not started over and over', () => {
    const failed = aResult({ result: 'Failed', trigger: 'Connection 2026-11-24T11:59:00Z' });
    expect(runs(moved({ ...both, subscriptions: failed }))).toEqual([]);
  });

  it('data of the other account is not fresh data', () => {
    const plan = decidePlan(moved(both), { kind: 'NotTried' }, now);
    expect(plan.conditions(undefined).find((part) => part.type === 'DataFresh')).toMatchObject({ status: 'Unknown', reason: 'NotRefreshedYet' });
  });

  it('the pod is told which connection its token is of', () => {
    const input = aPublishedInput();
    const text = JSON.stringify(decideJobs(input, 'Published').intents);
    expect(text).toContain(`--connection-id=${validationId(input).split('-')[0] ?? '?'}`);
  });
});

describe('activity signals (C16)', () => {
  const pulled = (...names: string[]) => ({ subscriptions: aResult(), activity: aResult({ signals: names.map((name) => ({ name, available: true })) }) });

  it('changed signals run the activity refresh, once for each change', () => {
    const profile = aProfile({ generation: 4, spec: { activitySignals: ['OnCall', 'SignIn'] }, status: { refresh: pulled('OnCall') } });
    expect(runs(aPublishedInput(profile))).toEqual(['activity: Signals 4']);
    const name = triggeredJobName(cronJobName(profile, 'activity'), 'Signals 4');
    expect(runs(aPublishedInput(profile, { jobs: [aJob('activity', { name, state: 'Failed', finishedAt: now })] }))).toEqual([]);
  });

  it('the same signals in another order run nothing', () => {
    const profile = aProfile({ spec: { activitySignals: ['SignIn', 'OnCall'] }, status: { refresh: pulled('OnCall', 'SignIn') } });
    expect(runs(aPublishedInput(profile))).toEqual([]);
  });
});

describe('what nobody may run', () => {
  it.each([
    ['the provider is switched off', { provider: undefined }, 'SpokeNotInstalled'],
    ['the alias is gone', { alias: undefined }, 'ConnectionAliasMissing'],
    ['the alias is suspended', { alias: anAlias({ ready: 'True', spec: { suspend: true } }) }, 'Suspended'],
    ['the alias is of another type', { alias: anAlias({ ready: 'True', spec: { type: 'Other' } }) }, 'ProviderMismatch'],
  ])('nothing runs while %s', (_story, change, reason) => {
    const annotations = { 'saaslicense.dev/requestedAt': 'r' };
    const held = aPublishedInput(aProfile({ annotations, status: { refresh: both } }), change);
    expect(suspensionOf(held)).toMatchObject({ reason });
    expect(runs(held)).toEqual([]);
    expect(decideJobs(held, 'Published').handledRequest([])).toBeUndefined();
    expect(decideJobs(held, 'Published').scheduledJobs([]).every((job) => job.suspended)).toBe(true);
  });

  it('S61: an alias that is connected to another account than its own is not downloaded', () => {
    const alias = anAlias({ ready: 'True' });
    const match = { type: 'AccountMatch', status: 'False' as const, reason: 'AccountMismatch', message: 'wrong account', observedGeneration: 1, lastTransitionTime: '' };
    const wrong = { ...alias, status: { ...alias.status, conditions: [...(alias.status?.conditions ?? []), match] } };
    const input = aPublishedInput(aProfile({ status: { refresh: both } }), { alias: wrong });
    expect(suspensionOf(input)).toMatchObject({ kind: 'Terminal', reason: 'AccountMismatch' });
    const parts = decidePlan(input, { kind: 'NotTried' }, now).conditions(undefined);
    expect(parts.find((part) => part.type === 'AccountMatch')).toMatchObject({ status: 'False', reason: 'AccountMismatch' });
    expect(parts.find((part) => part.type === 'Stalled')).toMatchObject({ reason: 'AccountMismatch' });
  });
});

describe('what applying left undone', () => {
  it('a job that could not be applied is not listed, and a request whose Job could not be made is not handled', () => {
    const annotations = { 'saaslicense.dev/requestedAt': 'r' };
    const refresh = { subscriptions: aResult({ trigger: 'Request r' }), activity: aResult() };
    const input = aPublishedInput(aProfile({ annotations, status: { refresh } }));
    const plan = decidePlan(input, { kind: 'NotTried' }, now);
    expect(plan.status).toMatchObject({ lastHandledRequestedAt: 'r' });
    const undone = plan.intents.filter((intent) => intent.process === 'activity');
    expect(undone.map((intent) => intent.kind)).toEqual(['ApplyCronJob', 'CreateJob']);
    const status = plan.statusWithout(undone);
    expect(status.scheduledJobs?.map((job) => job.process)).toEqual(['subscriptions']);
    expect(status.lastHandledRequestedAt).toBeUndefined();
  });

  it('a job that is still there is listed as it is', () => {
    const old = aProfile({ spec: { displayName: 'Old' } });
    const input = aPublishedInput(aProfile({ status: { refresh: both } }), { cronJobs: [anAppliedCronJob(old, 'subscriptions')] });
    const decision = decideJobs(input, 'Published');
    expect(decision.scheduledJobs(decision.intents).map((job) => job.title)).toEqual(['SAM - Refresh Old Subscriptions']);
  });
});

describe('a rename (T15)', () => {
  const renamed = (change: object = {}) => aProfile({ spec: { displayName: 'New', ...change }, status: { refresh: both } });

  it('while the old job runs, status lists it under its old title', () => {
    const input = aPublishedInput(renamed(), { cronJobs: [anAppliedCronJob(aProfile(), 'subscriptions')], jobs: [aJob('subscriptions')] });
    expect(decideJobs(input, 'Published').scheduledJobs([]).map((job) => job.title)).toEqual([
      'SAM - Refresh PagerDuty Integration Subscriptions',
      'SAM - Refresh New Activity',
    ]);
  });

  it('a request that ran under the old name does not run again under the new one', () => {
    const annotations = { 'saaslicense.dev/requestedAt': 'r' };
    const profile = { ...renamed(), metadata: { ...renamed().metadata, annotations } };
    const name = triggeredJobName(cronJobName(aProfile(), 'subscriptions'), 'Request r');
    const input = aPublishedInput(profile, { jobs: [aJob('subscriptions', { name, state: 'Failed', finishedAt: now })] });
    expect(runs(input)).toEqual([]);
  });

  it('with a schedule that cannot be, the job moves with the schedule that it had', () => {
    const schedules = { subscriptions: '61 1 * * *', timeZone: 'Etc/UTC' };
    const input = aPublishedInput(renamed({ schedules }), { cronJobs: [anAppliedCronJob(aProfile(), 'subscriptions'), anAppliedCronJob(aProfile(), 'activity')] });
    const decision = decideJobs(input, 'Published');
    expect(decision.failure).toMatchObject({ reason: 'InvalidSchedule' });
    expect(decision.scheduledJobs([]).map((job) => job.title)).toEqual(['SAM - Refresh New Subscriptions', 'SAM - Refresh New Activity']);
  });
});
