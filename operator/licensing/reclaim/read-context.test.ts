import { describe, expect, it } from 'vitest';
import { aProfile, aReclaimSeat, dayMs, daysAgo, judgeContext, reclaimNow, ruleFacts } from '../../../test/support/reclaim-company.ts';
import { judgeSeat } from './judge.ts';
import { readEvidence, type EvidenceInput } from './read-context.ts';

const hourMs = 3_600_000;
const signals: EvidenceInput['signals'] = [
  { name: 'OnCall', sees: ['FullUser'] },
  { name: 'IncidentResponse', sees: ['FullUser'] },
  { name: 'SignIn', sees: ['FullUser', 'Stakeholder'] },
];

function time(at: number): string {
  return new Date(at).toISOString();
}

function result(name: string, change: object = {}): object {
  return { name, available: true, from: time(daysAgo(90)), to: time(reclaimNow - hourMs), ...change };
}

function read(change: Partial<EvidenceInput> = {}, now = reclaimNow) {
  return readEvidence({ profile: aProfile(), signals, rule: ruleFacts(), refreshing: false, halfWritten: false, ...change }, now);
}

describe('the evidence of a rule', () => {
  it('T2, T3: is the window of each role group, with the signals that watched it', () => {
    expect(read()).toEqual({ watches: new Map([['FullUser', { from: daysAgo(90), to: reclaimNow - hourMs, signals: ['OnCall'] }]]), hold: undefined });
  });

  it('C16: is the common window of all signals of the rule that see the group', () => {
    const profile = aProfile({
      spec: { activitySignals: ['OnCall', 'SignIn'] },
      signals: [result('OnCall', { from: time(daysAgo(200)) }), result('SignIn', { from: time(daysAgo(100)), to: time(daysAgo(1)) })],
    });
    const rule = ruleFacts({ licenseRoleGroups: ['FullUser', 'Stakeholder'] });
    expect(read({ profile, rule }).watches).toEqual(new Map([
      ['FullUser', { from: daysAgo(100), to: daysAgo(1), signals: ['OnCall', 'SignIn'] }],
      ['Stakeholder', { from: daysAgo(100), to: daysAgo(1), signals: ['SignIn'] }],
    ]));
    const onCallOnly = ruleFacts({ activitySignals: ['OnCall'] });
    expect(read({ profile, rule: onCallOnly }).watches).toEqual(new Map([['FullUser', { from: daysAgo(200), to: reclaimNow - hourMs, signals: ['OnCall'] }]]));
  });

  it('T3: a group that one of its signals did not watch has none, and the others are still judged', () => {
    const profile = aProfile({ spec: { activitySignals: ['OnCall', 'SignIn'] }, signals: [result('OnCall'), result('SignIn', { available: false })] });
    const rule = ruleFacts({ licenseRoleGroups: ['FullUser', 'Stakeholder'], activitySignals: ['OnCall'] });
    const { watches, hold } = read({ profile, rule });
    expect([[...watches.keys()], hold]).toEqual([['FullUser'], undefined]);
  });

  it('C11: data of exactly maxDataAgeHours still count', () => {
    const at = time(reclaimNow - 36 * hourMs);
    const profile = aProfile({ subscriptions: { lastSuccessTime: at }, activity: { lastSuccessTime: at }, signals: [result('OnCall', { to: at })] });
    expect(read({ profile }).hold).toBeUndefined();
    expect(read({ profile }, reclaimNow + 1).hold?.reason).toBe('DataStale');
  });

  it('T18: a signal whose data lag a day behind each run is fresh all the same', () => {
    const profile = aProfile({ activity: { lastSuccessTime: time(reclaimNow - 30 * hourMs) }, signals: [result('OnCall', { to: time(reclaimNow - 54 * hourMs) })] });
    expect(read({ profile }).hold).toBeUndefined();
  });

  it('T2: a window of exactly the threshold is enough', () => {
    const profile = aProfile({ signals: [result('OnCall', { from: time(reclaimNow - hourMs - 60 * dayMs) })] });
    expect(read({ profile }).hold).toBeUndefined();
  });
});

/** What holds a run: reason, rows, whether a person must act, whether what the evidence would say may be shown. */
const holds = [
  ['RuleSuspended', 'S50', true, true, { rule: ruleFacts({ suspend: true }) }],
  ['ProfileNotFound', 'L28', true, false, { profile: undefined }],
  ['ProfileNotFound', 'L28', true, false, { profile: aProfile({ metadata: { deletionTimestamp: time(reclaimNow) } }) }],
  ['ProfileSuspended', 'guard 1', true, true, { profile: aProfile({ spec: { suspend: true } }) }],
  ['ProfileNotPublished', 'guard 1, S70', true, true, { profile: aProfile({ status: { state: 'Draft' } }) }],
  ['ModelNotFound', 'C31', true, true, { rule: ruleFacts({ softwareModelRef: { name: 'gone' } }, []) }],
  ['ConditionInvalid', 'D2', true, true, { rule: ruleFacts({ condition: 'subscription.rolle == 1' }) }],
  ['ConditionTooExpensive', 'guard 12', true, true, { rule: ruleFacts({ condition: "subscription.teams.exists(a, int(a) == 1 || int(a) == 2 || int(a) == 3)" }) }],
  ['ThresholdInvalid', 'C32', true, true, { rule: { ...ruleFacts(), spec: { ...ruleFacts().spec, lastActivityThresholdDays: 0 } } }],
  ['ThresholdInvalid', 'C32', true, true, { rule: { ...ruleFacts(), spec: { ...ruleFacts().spec, thresholdOverrides: [{ match: { roles: ['x'] }, lastActivityThresholdDays: 0.5 }] } } }],
  ['ActivityNotDownloaded', 'S69', true, false, { profile: aProfile({ spec: { downloadActivity: false } }) }],
  ['RefreshRunning', 'guard 6', false, false, { refreshing: true }],
  ['RefreshHalfWritten', 'guard 6, L21', false, false, { halfWritten: true }],
  ['NeverRefreshed', 'guard 6', false, false, { profile: aProfile({ status: { refresh: undefined } }) }],
  ['RefreshFailed', 'C11, guard 6', true, false, { profile: aProfile({ activity: { result: 'Failed' } }) }],
  ['RefreshFailed', 'C11, guard 6', true, false, { profile: aProfile({ subscriptions: { result: 'Failed' } }) }],
  ['RefreshFailed', 'C11, guard 6', true, false, { profile: aProfile({ activity: { result: 'Failed', lastSuccessTime: undefined } }) }],
  ['RefreshFailed', 'C11, guard 6', true, false, { profile: aProfile({ activity: { result: 'Failed', failureKind: 'Terminal' } }) }],
  ['RefreshFailed', 'C11, guard 6', false, false, { profile: aProfile({ activity: { result: 'Failed', failureKind: 'Retryable' } }) }],
  ['ConnectionChanged', 'guard 6', false, false, { profile: aProfile({ activity: { connection: 'c2' } }) }],
  ['SignalsNotWatched', 'T3, guard 6', true, false, { profile: aProfile({ signals: [result('OnCall', { available: false })] }) }],
  ['SignalsNotWatched', 'T3, guard 6', true, false, { profile: aProfile({ signals: [] }) }],
  ['SignalsNotWatched', 'T3, guard 6', true, false, { profile: aProfile({ signals: [{ name: 'OnCall', available: true }] }) }],
  ['SignalsNotWatched', 'C16', true, false, { rule: ruleFacts({ activitySignals: ['OnCall', 'SignIn'] }) }],
  ['SignalsNotWatched', 'C16', true, false, { rule: ruleFacts({ activitySignals: ['Dancing'] }) }],
  // What is left of a signal that the profile does not enable any more.
  ['SignalsNotWatched', 'C16', true, false, { rule: ruleFacts({ activitySignals: ['SignIn'] }), profile: aProfile({ signals: [result('OnCall'), result('SignIn')] }) }],
  ['SignalsNotWatched', 'T3', true, false, { rule: ruleFacts({ licenseRoleGroups: ['Stakeholder'] }) }],
  ['SignalsNotWatched', 'guard 6', true, false, { profile: aProfile({ spec: { activitySignals: ['OnCall', 'SignIn'] }, signals: [result('OnCall')] }) }],
  ['DataStale', 'C11', true, false, { profile: aProfile({ subscriptions: { lastSuccessTime: time(reclaimNow - 37 * hourMs) } }) }],
  ['DataStale', 'C11', true, false, { profile: aProfile({ activity: { lastSuccessTime: time(reclaimNow - 37 * hourMs) } }) }],
  ['DataStale', 'C11', true, false, { profile: aProfile({ activity: { lastSuccessTime: 'yesterday' } }) }],
  ['DataStale', 'C11', true, false, { profile: aProfile({ activity: { lastSuccessTime: time(reclaimNow + 2 * hourMs) } }) }],
  ['DataStale', 'C11', true, false, { profile: aProfile({ signals: [result('OnCall', { to: time(reclaimNow - 61 * hourMs) })] }) }],
  ['DataStale', 'guard 6', true, false, { profile: aProfile({ signals: [result('OnCall', { to: time(daysAgo(8)) })] }), rule: ruleFacts({ maxDataAgeHours: 720 }) }],
  ['InsufficientHistory', 'T2', true, true, { profile: aProfile({ signals: [result('OnCall', { from: time(reclaimNow - hourMs - 60 * dayMs + 1) })] }) }],
  ['InsufficientHistory', 'T2', true, true, { rule: ruleFacts({ lastActivityThresholdDays: 91 }) }],
] as const;

describe('what holds a run', () => {
  it.each(holds)('%s (%s)', (...[reason, , needsPerson, isShown, change]) => {
    const { hold, watches } = read(change as unknown as Partial<EvidenceInput>);
    expect(hold).toMatchObject({ reason, needsPerson });
    expect(hold?.message.length).toBeLessThanOrEqual(1024);
    if (!isShown) expect(watches.size).toBe(0);
  });

  it('guard 6: where the evidence is not to be trusted, nobody becomes a candidate even if the hold is overlooked', () => {
    for (const [reason, , , isShown, change] of holds) {
      const { watches } = read(change as unknown as Partial<EvidenceInput>);
      const verdict = judgeSeat(aReclaimSeat({ name: 'ann' }), judgeContext({ watches }));
      if (!isShown) expect([reason, verdict.kind]).toEqual([reason, 'Unknown']);
    }
  });

  it('T2: a group whose evidence reaches far enough is judged though another one’s does not', () => {
    const profile = aProfile({ spec: { activitySignals: ['OnCall', 'SignIn'] }, signals: [result('OnCall'), result('SignIn', { from: time(daysAgo(10)) })] });
    const rule = ruleFacts({ licenseRoleGroups: ['FullUser', 'Stakeholder'], activitySignals: ['SignIn'] });
    expect(read({ profile, rule }).hold?.reason).toBe('InsufficientHistory');
    const both = aProfile({ spec: { activitySignals: ['SignIn'] }, signals: [result('SignIn')] });
    expect(read({ profile: both, rule }).hold).toBeUndefined();
  });

  it('tells the cause before what follows from it', () => {
    const profile = aProfile({ spec: { downloadActivity: false }, subscriptions: { result: 'Failed' }, signals: [] });
    expect(read({ profile, refreshing: true }).hold?.reason).toBe('ActivityNotDownloaded');
    expect(read({ profile: aProfile({ subscriptions: { result: 'Failed' } }), halfWritten: true }).hold?.reason).toBe('RefreshHalfWritten');
  });

  it('says which signal is not enabled, and where a condition is wrong', () => {
    expect(read({ rule: ruleFacts({ activitySignals: ['OnCall', 'SignIn'] }) }).hold?.message).toContain('SignIn is not among spec.activitySignals of the IntegrationProfile pagerduty');
    expect(read({ rule: ruleFacts({ condition: 'subscription.rolle == 1' }) }).hold?.message).toBe('spec.condition: No such key: rolle, at character 14.');
  });

  it('messages are the same at any time', () => {
    const profile = aProfile({ activity: { lastSuccessTime: time(reclaimNow - 40 * hourMs) } });
    expect(read({ profile }, reclaimNow + 9 * hourMs).hold).toEqual(read({ profile }).hold);
  });
});
