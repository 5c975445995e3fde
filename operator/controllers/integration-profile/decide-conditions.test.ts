import { describe, expect, it } from 'vitest';
import { anAlias, aProfile } from '../../../test/support/builders.ts';
import { aJob, aProfileInput, aPublishedInput, aResult, hour, now } from '../../../test/support/profile-fixtures.ts';
import { profileLabelValue } from '../../licensing/subscription-name.ts';
import type { ConditionPart } from '../conditions.ts';
import { decidePlan } from './decide-plan.ts';
import { profileEvents } from './events.ts';
import { validationId } from './decide-validation.ts';
import type { ProfileInput, ValidationOutcome } from './input.ts';

function conditionsOf(input: ProfileInput, validation: ValidationOutcome = { kind: 'NotTried' }, at = now): ConditionPart[] {
  return decidePlan(input, validation, at).conditions(undefined);
}

function find(parts: readonly ConditionPart[], type: string): ConditionPart | undefined {
  return parts.find((part) => part.type === type);
}

const both = { subscriptions: aResult(), activity: aResult() };

describe('conditions of an IntegrationProfile', () => {
  it('published and refreshed, it is Ready and nothing else is claimed', () => {
    const parts = conditionsOf(aPublishedInput(aProfile({ status: { refresh: both } })));
    expect(find(parts, 'Ready')).toMatchObject({ status: 'True', reason: 'Refreshed' });
    expect(find(parts, 'Reconciling')).toBeUndefined();
    expect(find(parts, 'Stalled')).toBeUndefined();
  });

  it('before the first run it is not Ready yet, and Reconciling', () => {
    const parts = conditionsOf(aPublishedInput());
    expect(find(parts, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'NotRefreshedYet' });
    expect(find(parts, 'Reconciling')).toMatchObject({ status: 'True' });
  });

  it('a validated draft is what a draft should be: Ready', () => {
    const input = aProfileInput({ profile: aProfile({ spec: { publish: false } }) });
    const passed: ValidationOutcome = { kind: 'Checked', id: validationId(input), time: '', checks: [] };
    expect(find(conditionsOf(input, passed), 'Ready')).toMatchObject({ status: 'True', reason: 'DraftValidated' });
  });

  it('S65: a check that fails stalls the profile and names the API and what to do', () => {
    const input = aProfileInput();
    const failed: ValidationOutcome = {
      kind: 'Checked',
      id: validationId(input),
      time: '',
      checks: [{ name: 'oncalls', result: 'Failed', message: 'The token lacks oncalls.read.' }],
    };
    const parts = conditionsOf(input, failed);
    expect(find(parts, 'Stalled')).toMatchObject({ status: 'True', reason: 'ValidationFailed' });
    expect(find(parts, 'ConnectionValidated')?.message).toContain('oncalls: The token lacks oncalls.read.');
    const plan = decidePlan(input, failed, now);
    const later = aProfileInput({ profile: aProfile({ status: plan.status }) });
    expect(find(conditionsOf(later, { kind: 'NotTried' }, now + 1_000), 'ConnectionValidated')).toEqual(find(parts, 'ConnectionValidated'));
  });

  it('C4: one failed run leaves the profile Ready while its data is fresh; C11: stale data does not', () => {
    const failing = { ...both, subscriptions: aResult({ result: 'Failed', reason: 'VendorUnavailable', failureKind: 'Retryable' }) };
    const input = aPublishedInput(aProfile({ status: { refresh: failing } }));
    expect(find(conditionsOf(input), 'SubscriptionsRefreshed')).toMatchObject({ status: 'False', reason: 'VendorUnavailable' });
    expect(find(conditionsOf(input), 'Ready')).toMatchObject({ status: 'True' });
    const stale = conditionsOf(input, { kind: 'NotTried' }, now + 36 * hour);
    expect(find(stale, 'DataFresh')).toMatchObject({ status: 'False', reason: 'Stale' });
    expect(find(stale, 'Ready')).toMatchObject({ status: 'False' });
  });

  it('a run that a person must help stalls the profile at once', () => {
    const failing = { ...both, activity: aResult({ result: 'Failed', reason: 'ScopeMissing', failureKind: 'Terminal' }) };
    expect(find(conditionsOf(aPublishedInput(aProfile({ status: { refresh: failing } }))), 'Stalled')).toMatchObject({ reason: 'ScopeMissing' });
  });

  it('a pod that ended without a word is a failed refresh, with the command that shows its log', () => {
    const input = aPublishedInput(aProfile({ status: { refresh: both } }), { jobs: [aJob('activity', { state: 'Failed', finishedAt: now })] });
    const part = find(conditionsOf(input), 'ActivityRefreshed');
    expect(part).toMatchObject({ status: 'False', reason: 'JobFailed' });
    expect(part?.message).toContain('-l saaslicense.dev/profile=pagerduty,saaslicense.dev/process=activity');
  });

  it('T6: hidden licences are a condition, not a failure', () => {
    const refresh = { ...both, subscriptions: aResult({ licenseData: { available: false, reason: 'AccessDenied', message: 'The token cannot read licences.' } }) };
    const parts = conditionsOf(aPublishedInput(aProfile({ status: { refresh } })));
    expect(find(parts, 'LicenseDataAvailable')).toMatchObject({ status: 'False', reason: 'AccessDenied' });
    expect(find(parts, 'Ready')).toMatchObject({ status: 'True' });
  });

  it('S50: with reclaim cleared the profile says that nothing is reclaimed', () => {
    const parts = conditionsOf(aPublishedInput(aProfile({ spec: { reclaimSubscriptions: false } })));
    expect(find(parts, 'ReclaimEnabled')).toMatchObject({ status: 'False', reason: 'ReclaimDisabled' });
  });

  it('S43: a start of the analysis over 60 days back is refused here, before a pod finds out', () => {
    const at = (days: number, seconds = 0) => new Date(now - days * 24 * hour - seconds * 1000).toISOString();
    const tooFar = aPublishedInput(aProfile({ spec: { analyzeUserActivityFrom: at(60, 1) } }));
    expect(find(conditionsOf(tooFar), 'ActivityRefreshed')).toMatchObject({ status: 'False', reason: 'AnalyzeFromTooFar' });
    expect(find(conditionsOf(tooFar), 'Stalled')).toMatchObject({ reason: 'AnalyzeFromTooFar' });
    const inTime = aPublishedInput(aProfile({ spec: { analyzeUserActivityFrom: at(60) } }));
    expect(find(conditionsOf(inTime), 'ActivityRefreshed')).toMatchObject({ reason: 'NotRefreshedYet' });
  });

  it.each([
    ['Mars/Olympus', undefined, 'InvalidTimeZone'],
    ['Local', undefined, 'InvalidTimeZone'],
    ['Europe/Berlin', '61 1 * * *', 'InvalidSchedule'],
  ])('a draft that was never published says that %s with %s cannot be, in Ready too', (timeZone, subscriptions, reason) => {
    const schedules = { timeZone, ...(subscriptions === undefined ? {} : { subscriptions }) };
    const parts = conditionsOf(aProfileInput({ profile: aProfile({ spec: { publish: false, schedules } }) }));
    expect(find(parts, 'RefreshScheduled')).toMatchObject({ status: 'False', reason });
    expect(find(parts, 'Ready')).toMatchObject({ status: 'False', reason });
    expect(find(parts, 'Stalled')).toMatchObject({ reason });
  });

  it('S29: with the provider switched off it says which flag is missing', () => {
    const parts = conditionsOf(aPublishedInput(aProfile({ status: { refresh: both } }), { provider: undefined }));
    expect(find(parts, 'ProviderAvailable')).toMatchObject({ status: 'False', reason: 'SpokeNotInstalled' });
    expect(find(parts, 'ProviderAvailable')?.message).toContain('--enable-provider PagerDuty');
    expect(find(parts, 'Ready')).toMatchObject({ status: 'False', reason: 'SpokeNotInstalled' });
    expect(find(parts, 'RefreshScheduled')).toMatchObject({ status: 'False', reason: 'SpokeNotInstalled' });
    expect(find(conditionsOf(aProfileInput()), 'ProviderAvailable')).toMatchObject({ status: 'True' });
  });

  it('C16: signals that cannot be pulled are told by name, and the profile is Ready without them', () => {
    const signals = [
      { name: 'OnCall', available: true },
      { name: 'SignIn', available: false, reason: 'ScopeMissing', message: 'Grant analytics.read.' },
      { name: 'AuditActor', available: false, reason: 'PlanLacksFeature', message: 'x' },
    ];
    const spec = { activitySignals: ['OnCall', 'SignIn', 'AuditActor'] };
    const parts = conditionsOf(aPublishedInput(aProfile({ spec, status: { refresh: { ...both, activity: aResult({ signals }) } } })));
    expect(find(parts, 'ActivitySignalsAvailable')).toMatchObject({
      status: 'False',
      reason: 'ScopeMissing',
      message: 'AuditActor (PlanLacksFeature): x SignIn (ScopeMissing): Grant analytics.read.',
    });
    expect(find(parts, 'Ready')).toMatchObject({ status: 'True' });
    const alone = conditionsOf(aPublishedInput(aProfile({ status: { refresh: { ...both, activity: aResult({ signals }) } } })));
    expect(find(alone, 'ActivitySignalsAvailable')).toMatchObject({ status: 'True' });
  });

  it('C16: of many signals with long messages each is still named with its reason, within what a condition can hold', () => {
    const names = Array.from({ length: 8 }, (_, index) => `Signal${index}`);
    const signals = names.map((name) => ({ name, available: false, reason: 'SignalScopeMissing', message: `Grant the scope. ${'y'.repeat(1000)}` }));
    const parts = conditionsOf(aPublishedInput(aProfile({ spec: { activitySignals: names }, status: { refresh: { ...both, activity: aResult({ signals }) } } })));
    const message = find(parts, 'ActivitySignalsAvailable')?.message ?? '';
    for (const name of names) expect(message).toContain(`${name} (SignalScopeMissing): Grant the scope.`);
    expect(message.length).toBeLessThanOrEqual(1024);
  });

  it('C30: the alias for reclaims is looked at, and does not hold up the downloads', () => {
    const profile = aProfile({ spec: { reclaimAliasRef: { name: 'writer' } }, status: { refresh: both } });
    const missing = conditionsOf(aPublishedInput(profile));
    expect(find(missing, 'ReclaimAliasReady')).toMatchObject({ status: 'False', reason: 'ConnectionAliasMissing' });
    expect(find(missing, 'Ready')).toMatchObject({ status: 'True' });
    const of = (reclaimAlias: ReturnType<typeof anAlias>) => find(conditionsOf(aPublishedInput(profile, { reclaimAlias })), 'ReclaimAliasReady');
    expect(of(anAlias({ name: 'writer', ready: 'True' }))).toMatchObject({ status: 'True' });
    expect(of(anAlias({ name: 'writer', ready: 'False' }))).toMatchObject({ status: 'False', reason: 'ConnectionNotReady' });
    expect(of(anAlias({ name: 'writer', ready: 'True', spec: { type: 'Other' } }))).toMatchObject({ reason: 'ProviderMismatch' });
    expect(find(conditionsOf(aPublishedInput()), 'ReclaimAliasReady')).toBeUndefined();
  });

  it('S60: a role that is too low is told by the profile too', () => {
    const alias = anAlias({ ready: 'True' });
    const role = { type: 'RoleSufficient', status: 'False' as const, reason: 'RoleTooLow', message: 'observer', observedGeneration: 1, lastTransitionTime: '' };
    const observed = { ...alias, status: { ...alias.status, conditions: [...(alias.status?.conditions ?? []), role] } };
    const parts = conditionsOf(aPublishedInput(aProfile({ status: { refresh: both } }), { alias: observed }));
    expect(find(parts, 'RoleSufficient')).toMatchObject({ status: 'False', reason: 'RoleTooLow', message: 'ConnectionAlias pagerduty: observer' });
  });

  it('while suspended, the jobs are said to be suspended', () => {
    const parts = conditionsOf(aPublishedInput(aProfile({ spec: { suspend: true }, status: { refresh: both } })));
    expect(find(parts, 'RefreshScheduled')).toMatchObject({ status: 'True', reason: 'Suspended' });
    expect(find(parts, 'Ready')).toMatchObject({ status: 'True', reason: 'Suspended' });
    expect(find(parts, 'Published')).toMatchObject({ status: 'True' });
    expect(find(parts, 'Published')?.message).not.toContain('are scheduled');
  });

  const suspended = (change: Partial<ProfileInput> = {}): ConditionPart[] => conditionsOf(aPublishedInput(aProfile({ spec: { suspend: true }, status: { refresh: both } }), change));

  it('a suspended profile waits for nothing: not for an alias that nobody else uses, and which therefore asks for no token', () => {
    const unused = anAlias({ ready: 'True' });
    for (const condition of unused.status?.conditions ?? []) condition.reason = 'NotUsed';
    const parts = suspended({ alias: unused });
    expect(find(parts, 'ConnectionReady')).toMatchObject({ status: 'Unknown', reason: 'Suspended' });
    expect(find(parts, 'Ready')).toMatchObject({ status: 'True', reason: 'Suspended' });
    expect(find(parts, 'Reconciling')).toBeUndefined();
    expect(find(parts, 'Stalled')).toBeUndefined();
  });

  it('a suspended profile is Ready whatever becomes of its alias or provider, and still says what it is', () => {
    const missing = suspended({ alias: undefined, effectiveAlias: undefined });
    expect(find(missing, 'ConnectionReady')).toMatchObject({ status: 'False', reason: 'ConnectionAliasMissing' });
    expect(find(missing, 'Ready')).toMatchObject({ status: 'True', reason: 'Suspended' });
    expect(find(suspended({ provider: undefined }), 'Ready')).toMatchObject({ status: 'True', reason: 'Suspended' });
    const draft = conditionsOf(aProfileInput({ profile: aProfile({ spec: { suspend: true } }) }));
    expect(find(draft, 'Ready')).toMatchObject({ status: 'True', reason: 'Suspended' });
  });

  it('a suspension that could not be carried out is not called Ready', () => {
    const plan = decidePlan(aPublishedInput(aProfile({ spec: { suspend: true }, status: { refresh: both } })), { kind: 'NotTried' }, now);
    const parts = plan.conditions({ kind: 'Terminal', reason: 'NotOwned', message: 'CronJob x is somebody else’s.' });
    expect(find(parts, 'Ready')).toMatchObject({ status: 'False', reason: 'NotOwned' });
  });

  it('S48: a scope that only reclaims want is told by the profile, and holds up nothing', () => {
    const alias = anAlias({ ready: 'True' });
    const scopes = { type: 'ScopesSufficient', status: 'False' as const, reason: 'ScopesNotGranted', message: 'users.write', observedGeneration: 1, lastTransitionTime: '' };
    const lacking = { ...alias, status: { ...alias.status, grantedScopes: ['oncalls.read', 'users.read'], conditions: [...(alias.status?.conditions ?? []), scopes] } };
    const parts = conditionsOf(aPublishedInput(aProfile({ status: { refresh: both } }), { alias: lacking }));
    expect(find(parts, 'ReclaimEnabled')).toMatchObject({ status: 'False', reason: 'ScopesNotGranted', message: 'ConnectionAlias pagerduty: users.write' });
    expect(find(parts, 'Ready')).toMatchObject({ status: 'True' });
    const sufficient = { ...lacking, status: { ...lacking.status, grantedScopes: ['users.write'] } };
    expect(find(conditionsOf(aPublishedInput(aProfile(), { alias: sufficient })), 'ReclaimEnabled')).toMatchObject({ status: 'True' });
    const cleared = conditionsOf(aPublishedInput(aProfile({ spec: { reclaimSubscriptions: false }, status: { refresh: both } }), { alias: lacking }));
    expect(find(cleared, 'ReclaimEnabled')).toMatchObject({ reason: 'ReclaimDisabled' });
  });

  it.each([
    [{ timeZone: 'Mars/Olympus' }, '"Mars/Olympus"'],
    [{ timeZone: 'Etc/UTC', subscriptions: '61 1 * * *' }, '"61 1 * * *"'],
    [{ timeZone: 'Etc/UTC', activity: '0 0 30 2 *' }, '"0 0 30 2 *"'],
  ])('a schedule that cannot be is shown as it was written: %j', (schedules, shown) => {
    const message = find(conditionsOf(aProfileInput({ profile: aProfile({ spec: { schedules } }) })), 'RefreshScheduled')?.message ?? '';
    expect(message).toContain(shown);
    expect(message.length).toBeLessThan(300);
  });

  it('the hint how to see a log finds the pods of a profile with a long name', () => {
    const name = 'p'.repeat(80);
    const input = aPublishedInput(aProfile({ name, status: { refresh: both } }), { jobs: [aJob('activity', { state: 'Failed', finishedAt: now })] });
    const message = find(conditionsOf(input), 'ActivityRefreshed')?.message ?? '';
    const label = /saaslicense.dev\/profile=([^,]*),/.exec(message)?.[1] ?? '';
    expect(label).toBe(profileLabelValue(name));
    expect(label.length).toBeLessThanOrEqual(63);
  });

  it('an alias that is not ready is waited for and named', () => {
    const parts = conditionsOf(aProfileInput({ alias: anAlias({ ready: 'False' }) }));
    expect(find(parts, 'ConnectionReady')).toMatchObject({ status: 'False', reason: 'ConnectionNotReady' });
    expect(find(parts, 'ConnectionReady')?.message).toContain('SecretMissing');
    expect(find(parts, 'Reconciling')).toMatchObject({ status: 'True' });
  });
});

describe('events of an IntegrationProfile', () => {
  it('tell what happened, once', () => {
    const input = aProfileInput();
    const passed: ValidationOutcome = { kind: 'Checked', id: validationId(input), time: '', checks: [] };
    const plan = decidePlan(input, passed, now);
    expect(profileEvents(undefined, plan, plan.conditions(undefined)).map((event) => event.reason)).toEqual(['Published', 'Validated']);
    const next = aProfileInput({ profile: aProfile({ status: plan.status }) });
    const again = decidePlan(next, { kind: 'NotTried' }, now);
    expect(profileEvents(plan.status, again, again.conditions(undefined))).toEqual([]);
  });

  it('a connection that is only being made is no Warning; one that fails is', () => {
    const eventsWith = (alias: ReturnType<typeof anAlias>): string[] => {
      const plan = decidePlan(aProfileInput({ alias }), { kind: 'NotTried' }, now);
      return profileEvents(undefined, plan, plan.conditions(undefined)).map(({ type, reason }) => `${type} ${reason}`);
    };
    const connecting = anAlias({ ready: 'False' });
    for (const condition of connecting.status?.conditions ?? []) Object.assign(condition, { status: 'Unknown', reason: 'NotConnected' });
    expect(eventsWith(anAlias())).toEqual([]);
    expect(eventsWith(anAlias({ ready: 'True', generation: 2, status: { observedGeneration: 1 } }))).not.toContain('Warning ConnectionNotReady');
    expect(eventsWith(connecting)).toEqual([]);
    expect(eventsWith(anAlias({ ready: 'False' }))).toEqual(['Warning ConnectionNotReady']);
  });
});
