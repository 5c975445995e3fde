import { describe, expect, it } from 'vitest';
import type { RefreshResult } from '../api/integration-profile.ts';
import { buildResult, forgetSignals, type FinishedRun } from './refresh-result.ts';

const started = Date.parse('2026-11-24T00:00:00Z');
const counts = { total: 3, recorded: 1, never: 1, unknown: 1, pendingInvitation: 0 };
const start = { wished: started - 1000, chosen: true };

const run: FinishedRun = {
  process: 'subscriptions',
  input: { namespace: 'a', profileName: 'pagerduty', profileUid: 'u', tokenDirectory: '/t', jobName: 'job-1', trigger: 'Schedule' },
  progress: { created: 3, updated: 2, deleted: 1, apiWrites: 6, vendorRequests: 9, rateLimitRemaining: 950 },
  startedAt: started,
  endedAt: started + 12_400,
  previous: undefined,
  summary: { counts, licenses: [], licenseCount: 0, licenseData: { available: false, reason: 'ScopeMissing', message: 'm' } },
  failure: undefined,
  start: undefined,
  connection: 'c1',
};

const failed: FinishedRun = { ...run, summary: undefined, failure: { kind: 'Retryable', reason: 'VendorUnavailable', message: 'Try again.' } };

describe('result of a refresh', () => {
  it('of a success has the figures of the run and its time', () => {
    expect(buildResult(run)).toEqual({
      result: 'Succeeded',
      reason: 'SubscriptionsRefreshed',
      message: 'All subscriptions were downloaded and stored.',
      job: 'job-1',
      trigger: 'Schedule',
      startTime: '2026-11-24T00:00:00.000Z',
      completionTime: '2026-11-24T00:00:12.400Z',
      lastSuccessTime: '2026-11-24T00:00:12.400Z',
      durationSeconds: 12,
      vendorRequests: 9,
      apiWrites: 6,
      created: 3,
      updated: 2,
      deleted: 1,
      rateLimitRemaining: 950,
      counts,
      licenses: [],
      licenseCount: 0,
      licenseData: { available: false, reason: 'ScopeMissing', message: 'm' },
      connection: 'c1',
    });
  });

  it('of a failure keeps what was known, because an apply drops what it does not send', () => {
    const previous = buildResult(run);
    const result = buildResult({ ...failed, previous, endedAt: started + 90_000_000 });
    expect(result).toMatchObject({ result: 'Failed', reason: 'VendorUnavailable', message: 'Try again.', failureKind: 'Retryable' });
    for (const key of ['lastSuccessTime', 'counts', 'licenses', 'licenseCount', 'licenseData', 'connection'] as const) {
      expect(result[key]).toEqual(previous[key]);
    }
  });

  it('of a success after a failure has no failure left', () => {
    expect(buildResult({ ...run, previous: buildResult(failed) })).not.toHaveProperty('failureKind');
  });

  it('never holds an undefined value, and stays within the bounds of the schema', () => {
    const long = 'x'.repeat(5000);
    const result = buildResult({ ...failed, input: { ...run.input, jobName: long, trigger: long }, failure: { kind: 'Terminal', reason: long, message: long } });
    expect(Object.values(result)).not.toContain(undefined);
    expect(result.message).toHaveLength(1024);
    expect(result.reason).toHaveLength(128);
    expect([result.job?.length, result.trigger?.length]).toEqual([253, 256]);
  });

  it('tells a run of a clock that was set back as one of no length', () => {
    expect(buildResult({ ...run, endedAt: started - 5000 }).durationSeconds).toBe(0);
  });
});

describe('result of a run that another one overlapped', () => {
  const newer = buildResult({ ...run, startedAt: started + 60_000, endedAt: started + 120_000, summary: { counts: { ...counts, total: 9 } } });
  const late = { ...run, endedAt: started + 180_000, previous: newer };

  it('of a failure keeps the figures of the success that came in between', () => {
    expect(buildResult({ ...failed, previous: newer })).toMatchObject({ result: 'Failed', counts: { total: 9 }, lastSuccessTime: newer.lastSuccessTime });
  });

  it('of a success keeps the figures of a run that began later and has succeeded', () => {
    expect(buildResult(late)).toMatchObject({ result: 'Succeeded', counts: { total: 9 }, lastSuccessTime: '2026-11-24T00:03:00.000Z' });
  });

  it('guard 6: is no success when the other run wrote through another connection', () => {
    const result = buildResult({ ...late, connection: 'c2' });
    expect(result).toMatchObject({ result: 'Failed', failureKind: 'Retryable', reason: 'ConnectionChanged', connection: 'c1' });
  });
});

describe('figures of another connection', () => {
  it('say whose they are, also after a failure through the present one', () => {
    const previous = buildResult(run);
    expect(buildResult({ ...failed, connection: 'c2', previous }).connection).toBe('c1');
    expect(buildResult({ ...failed, connection: 'c2' })).not.toHaveProperty('connection');
  });
});

describe('C11: a success in the future', () => {
  it('was recorded by a clock that was ahead, and does not make later failures look fresh', () => {
    const previous = buildResult({ ...run, endedAt: started + 9 * 86_400_000 });
    expect(buildResult({ ...failed, previous })).not.toHaveProperty('lastSuccessTime');
    expect(buildResult({ ...failed, previous: buildResult(run) })).toHaveProperty('lastSuccessTime');
  });
});

describe('signals that are no longer enabled', () => {
  it('are struck from the record, and the end of the window with them', () => {
    const signals = ['OnCall', 'SignIn'].map((name) => ({ name, available: true, from: '2026-09-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' }));
    const result = { ...buildResult(run), signals, activityWindow: { from: '2026-09-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' } };
    const rest = forgetSignals(result, [{ name: 'OnCall' }]);
    expect(rest.signals).toEqual([signals[0]]);
    expect(rest.activityWindow).toEqual({ from: '2026-09-01T00:00:00.000Z' });
    expect(rest.counts).toEqual(counts);
  });
});

describe('window in the result of a failed activity refresh', () => {
  const complete: RefreshResult['activityWindow'] = { from: '2026-09-01T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' };
  const windowAfter = (previous: RefreshResult['activityWindow'], accepted: FinishedRun['start']) =>
    buildResult({
      ...failed,
      process: 'activity',
      start: accepted,
      previous: previous === undefined ? undefined : { ...buildResult(run), activityWindow: previous },
    }).activityWindow;

  it('guard 6: stays where the last complete pull ended', () => {
    expect(windowAfter(complete, start)).toEqual(complete);
    expect(windowAfter(complete, undefined)).toEqual(complete);
  });

  it('S43: remembers a chosen start that was accepted, without an end', () => {
    expect(windowAfter(undefined, start)).toEqual({ from: '2026-11-23T23:59:59.000Z' });
    expect(windowAfter({ from: '2026-11-23T23:59:59.000Z' }, undefined)).toEqual({ from: '2026-11-23T23:59:59.000Z' });
  });

  it('remembers no start that nobody chose', () => {
    expect(windowAfter(undefined, { ...start, chosen: false })).toBeUndefined();
    expect(windowAfter(undefined, undefined)).toBeUndefined();
  });
});
