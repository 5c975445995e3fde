import { describe, expect, it } from 'vitest';
import { anAlias, aProfile } from '../../../test/support/builders.ts';
import { aProfileInput, aPublishedInput, now } from '../../../test/support/profile-fixtures.ts';
import { decidePlan } from './decide-plan.ts';
import { allowedActions, decideState, scheduledProcesses, suspensionOf } from './decide-state.ts';
import { decideValidation, validationId } from './decide-validation.ts';

const passed = (id: string) => ({ kind: 'Checked' as const, id, time: new Date(now).toISOString(), checks: [{ name: 'users', result: 'Passed' as const }] });

describe('Draft and Published', () => {
  it('S33, S51: a profile that was just saved is a draft', () => {
    expect(decideState(aProfileInput({ profile: aProfile({ spec: { publish: false } }) }))).toMatchObject({ state: 'Draft', reason: 'NotRequested' });
  });

  it('S67: the wish to publish is not honoured before the connection is validated', () => {
    expect(decideState(aProfileInput())).toMatchObject({ state: 'Draft', reason: 'NotValidated' });
  });

  it('S34: validated and wished, it is published', () => {
    const input = aProfileInput();
    const plan = decidePlan(input, passed(validationId(input)), now);
    expect(plan.state).toMatchObject({ state: 'Published', changed: 'Published' });
    expect(plan.status).toMatchObject({ state: 'Published', publishedDownloadActivity: true, profileType: 'PagerDuty Subscription' });
  });

  it('S68: with Confirm it waits until the validation that a person confirmed is the present one', () => {
    const input = aProfileInput({ profile: aProfile({ spec: { publicationPolicy: 'Confirm' } }) });
    const id = validationId(input);
    expect(decidePlan(input, passed(id), now).state).toMatchObject({ state: 'Draft', reason: 'AwaitingConfirmation' });
    const confirmed = aProfileInput({ profile: aProfile({ spec: { publicationPolicy: 'Confirm', confirmedValidation: id } }) });
    expect(decidePlan(confirmed, passed(id), now).state).toMatchObject({ state: 'Published' });
    const stale = aProfileInput({ profile: aProfile({ spec: { publicationPolicy: 'Confirm', confirmedValidation: 'other' } }) });
    expect(decidePlan(stale, passed(id), now).state).toMatchObject({ state: 'Draft' });
  });

  it('S69–S71, T16: clearing Download Activity after publishing returns to Draft first, then validates and publishes again', () => {
    const cleared = aPublishedInput(aProfile({ spec: { downloadActivity: false } }));
    expect(decideValidation(cleared, now)).toEqual({ kind: 'NotDue' });
    const plan = decidePlan(cleared, { kind: 'NotTried' }, now);
    expect(plan.state).toMatchObject({ state: 'Draft', reason: 'ActivityCleared', changed: 'ReturnedToDraft' });
    expect(plan.status.allowedActions).toEqual(['Validate']);
    expect(scheduledProcesses(cleared, 'Draft')).toEqual(['subscriptions']);
    const draft = aProfileInput({ profile: { ...cleared.profile, status: { ...plan.status } } });
    expect(decideValidation(draft, now)).toMatchObject({ kind: 'Run', processes: ['DownloadSubscriptions', 'ReclaimSubscription'] });
    const again = decidePlan(draft, passed(validationId(draft)), now);
    expect(again.state).toMatchObject({ state: 'Published', changed: 'Published' });
    expect(again.status.publishedDownloadActivity).toBe(false);
  });

  it('no job exists before the first publication, nor after publishing is no longer wished', () => {
    expect(scheduledProcesses(aProfileInput(), 'Draft')).toEqual([]);
    expect(scheduledProcesses(aPublishedInput(aProfile({ spec: { publish: false } })), 'Draft')).toEqual([]);
  });

  it('another account behind the alias voids the validation', () => {
    const published = aPublishedInput();
    const moved = aProfileInput({ profile: published.profile, alias: anAlias({ ready: 'True', spec: { pagerduty: { region: 'US', subdomain: 'other' } } }) });
    expect(decideState(moved)).toMatchObject({ state: 'Draft', reason: 'NotValidated' });
  });

  it('an alias that is gone for a moment, or a provider that is not enabled, does not unpublish the profile', () => {
    expect(decideState({ ...aPublishedInput(), alias: undefined })).toMatchObject({ state: 'Published' });
    expect(decideState({ ...aPublishedInput(), provider: undefined })).toMatchObject({ state: 'Published' });
  });

  it('S68: a connection that failed validation, or that nobody has confirmed yet, is not downloaded from', () => {
    const published = aPublishedInput();
    const id = published.profile.status?.validation?.id ?? '';
    const failed = aPublishedInput(aProfile({ status: { validation: { id, time: '', passed: false, checks: [] } } }));
    expect(suspensionOf(published)).toBeUndefined();
    expect(suspensionOf(failed)).toMatchObject({ reason: 'ConnectionChanged' });
    expect(suspensionOf(aPublishedInput(aProfile({ spec: { publicationPolicy: 'Confirm' } })))).toMatchObject({ reason: 'ConnectionChanged' });
    expect(suspensionOf(aPublishedInput(aProfile({ spec: { publicationPolicy: 'Confirm', confirmedValidation: id } })))).toBeUndefined();
  });

  it('S71: Validate is offered in Draft only', () => {
    expect(allowedActions(aProfileInput(), 'Draft')).toEqual(['Validate']);
    expect(allowedActions(aPublishedInput(), 'Published')).toEqual(['Refresh']);
  });
});

describe('whether Validate Connection runs', () => {
  it('waits for the alias, and says so', () => {
    expect(decideValidation(aProfileInput({ alias: undefined }), now)).toMatchObject({ kind: 'Blocked', failure: { reason: 'ConnectionAliasMissing' } });
  });

  it('a suspended profile makes no vendor call', () => {
    expect(decideValidation(aProfileInput({ profile: aProfile({ spec: { suspend: true } }) }), now)).toEqual({ kind: 'NotDue' });
  });

  it('S64: a new request validates a draft again, also one that is validated already; a published profile is refreshed instead', () => {
    const annotations = { 'saaslicense.dev/requestedAt': 'again' };
    const draft = aPublishedInput(aProfile({ annotations, spec: { publish: false }, status: { state: 'Draft' } }));
    expect(decideValidation(draft, now)).toMatchObject({ kind: 'Run' });
    const plan = decidePlan(draft, passed(validationId(draft)), now);
    expect(plan.status.lastHandledRequestedAt).toBe('again');
    const handled = aPublishedInput(aProfile({ annotations, spec: { publish: false }, status: { state: 'Draft', lastHandledRequestedAt: 'again' } }));
    expect(decideValidation(handled, now)).toEqual({ kind: 'Current' });
    expect(decideValidation(aPublishedInput(aProfile({ annotations })), now)).toEqual({ kind: 'Current' });
  });

  it('a request to a draft that cannot be validated now is kept for later', () => {
    const draft = aProfileInput({ profile: aProfile({ annotations: { 'saaslicense.dev/requestedAt': 'r' } }), alias: undefined });
    expect(decidePlan(draft, { kind: 'NotTried' }, now).status.lastHandledRequestedAt).toBeUndefined();
  });

  it('S77: a child alias is validated with what it takes from its parent; another parent account is another connection', () => {
    const child = (subdomain: string) => {
      const alias = anAlias({ ready: 'True', spec: { parentAliasRef: { name: 'parent' } } });
      const { pagerduty: _own, ...spec } = alias.spec;
      alias.status = { ...alias.status, account: `${subdomain} (US)` };
      return aProfileInput({ alias, effectiveAlias: { spec: { ...spec, pagerduty: { region: 'US', subdomain } } } });
    };
    expect(validationId(child('acme'))).toBe(validationId(aProfileInput()));
    expect(validationId(child('other'))).not.toBe(validationId(child('acme')));
  });

  it('S77: right after a parent was changed, the child’s token is of the account before: it is waited for', () => {
    const alias = anAlias({ ready: 'True', spec: { parentAliasRef: { name: 'parent' } } });
    const changed = { ...alias.spec, pagerduty: { region: 'US', subdomain: 'other' } };
    const input = aProfileInput({ alias, effectiveAlias: { spec: changed } });
    expect(decideValidation(input, now)).toMatchObject({ kind: 'Blocked', failure: { kind: 'Waiting', reason: 'ConnectionNotReady' } });
  });

  it('parents that lead in a circle stop everything, with the reason', () => {
    const failure = { kind: 'Terminal' as const, reason: 'ParentAliasLoop', message: 'x' };
    expect(decideValidation(aProfileInput({ effectiveAlias: { failure } }), now)).toEqual({ kind: 'Blocked', failure });
  });

  it('after a failure it backs off, across restarts; a request by annotation cuts the wait short', () => {
    const input = aProfileInput();
    const id = validationId(input);
    const failed = decidePlan(input, { kind: 'Failed', id, failure: { kind: 'Retryable', reason: 'VendorUnavailable', message: 'x' } }, now);
    const waiting = aProfileInput({ profile: aProfile({ status: failed.status }) });
    expect(decideValidation(waiting, now + 4_000)).toEqual({ kind: 'NotDue' });
    expect(decideValidation(waiting, now + 5_000)).toMatchObject({ kind: 'Run' });
    const asked = aProfileInput({ profile: aProfile({ status: failed.status, annotations: { 'saaslicense.dev/requestedAt': '1' } }) });
    expect(decideValidation(asked, now + 1)).toMatchObject({ kind: 'Run' });
  });
});
