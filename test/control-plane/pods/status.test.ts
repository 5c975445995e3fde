import { describe, expect, it } from 'vitest';
import { findUnsupported, podSchema, readField, type Pod } from './pod.ts';
import { buildStatus, describeExit, restartDelayMs, type PodFacts, type PodStatus } from './status.ts';

const T0 = '2026-11-24T12:00:00Z';
const T1 = '2026-11-24T12:00:10Z';
const T2 = '2026-11-24T12:00:20Z';

function pod(spec: Record<string, unknown> = {}): Pod {
  return podSchema.parse({
    metadata: { name: 'refresh-x', namespace: 'team', uid: 'u-1', labels: { b: '2', a: '1' }, annotations: { 'saaslicense.dev/trigger': 'Schedule' } },
    spec: { containers: [{ name: 'main', image: 'local/x:1' }], ...spec },
  });
}

const PENDING: PodFacts = { phase: 'Pending', container: { waiting: { reason: 'ContainerCreating' } }, restartCount: 0 };
const RUNNING: PodFacts = { phase: 'Running', container: { running: { startedAt: T1 } }, restartCount: 0 };
const SUCCEEDED: PodFacts = { phase: 'Succeeded', container: { terminated: describeExit({ code: 0, signal: null }, { startedAt: T1, finishedAt: T2 }) }, restartCount: 0 };

function condition(status: PodStatus, type: string): { status: string; reason?: string; lastTransitionTime: string } | undefined {
  return status.conditions.find((candidate) => candidate.type === type);
}

describe('the status of a pod, from Pending to its end', () => {
  const pending = buildStatus(pod(), PENDING, undefined, T0);
  const running = buildStatus(pod(), RUNNING, pending, T1);
  const succeeded = buildStatus(pod(), SUCCEEDED, running, T2);

  it('is scheduled and not ready at first', () => {
    expect(pending).toMatchObject({ phase: 'Pending', startTime: T0, podIP: '127.0.0.1' });
    expect(condition(pending, 'PodScheduled')).toMatchObject({ status: 'True', lastTransitionTime: T0 });
    expect(condition(pending, 'Ready')).toMatchObject({ status: 'False', reason: 'ContainersNotReady' });
  });

  it('is ready while it runs, and keeps the time of what did not change', () => {
    expect(condition(running, 'Ready')).toMatchObject({ status: 'True', lastTransitionTime: T1 });
    expect(condition(running, 'ContainersReady')).toMatchObject({ status: 'True' });
    expect(condition(running, 'PodScheduled')).toMatchObject({ lastTransitionTime: T0 });
    expect(running.startTime).toBe(T0);
    expect(running.containerStatuses).toMatchObject([{ name: 'main', ready: true, started: true, state: { running: { startedAt: T1 } } }]);
  });

  it('is complete and no longer ready at its end', () => {
    expect(condition(succeeded, 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted', lastTransitionTime: T2 });
    expect(succeeded.containerStatuses).toMatchObject([{ ready: false, state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: T1, finishedAt: T2 } } }]);
  });

  it('takes away the reason that an earlier status had', () => {
    expect(succeeded.reason).toBeNull();
    const late = buildStatus(pod(), { ...SUCCEEDED, phase: 'Failed', reason: 'DeadlineExceeded', message: 'too long' }, running, T2);
    expect(late).toMatchObject({ reason: 'DeadlineExceeded', message: 'too long' });
    expect(condition(late, 'Ready')).toMatchObject({ reason: 'PodFailed' });
  });

  it('says DisruptionTarget only when the runner ended it for its own sake', () => {
    expect(condition(succeeded, 'DisruptionTarget')).toBeUndefined();
    expect(condition(buildStatus(pod(), { ...SUCCEEDED, phase: 'Failed', disrupted: true }, running, T2), 'DisruptionTarget')).toMatchObject({ status: 'True' });
  });
});

describe('how a container ended', () => {
  const times = { startedAt: T0, finishedAt: T1 };

  it.each([
    { exit: { code: 0, signal: null }, want: { exitCode: 0, reason: 'Completed' } },
    { exit: { code: 3, signal: null }, want: { exitCode: 3, reason: 'Error' } },
    { exit: { code: null, signal: 'SIGTERM' as const }, want: { exitCode: 143, reason: 'Error' } },
    { exit: { code: null, signal: 'SIGKILL' as const }, want: { exitCode: 137, reason: 'Error' } },
  ])('$exit is $want', ({ exit, want }) => {
    expect(describeExit(exit, times)).toEqual({ ...want, ...times });
  });

  it('waits longer before each restart, and never longer than five minutes', () => {
    expect([0, 1, 2, 10].map((restarts) => restartDelayMs(restarts, 10_000))).toEqual([10_000, 20_000, 40_000, 300_000]);
  });
});

describe('what the runner knows of a pod', () => {
  it.each([
    ['metadata.name', 'refresh-x'],
    ['metadata.namespace', 'team'],
    ['metadata.uid', 'u-1'],
    ["metadata.annotations['saaslicense.dev/trigger']", 'Schedule'],
    ["metadata.labels['none']", ''],
    ['metadata.labels', 'a="1"\nb="2"'],
    ['spec.nodeName', 'node-1'],
    ['status.podIP', '127.0.0.1'],
  ])('reads %s', (path, value) => {
    expect(readField(pod(), 'node-1', path)).toBe(value);
  });

  it('refuses a field that it does not know', () => {
    expect(() => readField(pod(), 'node-1', 'spec.priority')).toThrow('spec.priority');
  });

  it.each([
    { spec: {}, want: undefined },
    { spec: { initContainers: [{ name: 'i' }] }, want: 'init containers' },
    { spec: { containers: [{ name: 'a' }, { name: 'b' }] }, want: 'one container a pod, not 2' },
    { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }] }, want: 'volume "data"' },
    { spec: { volumes: [{ name: 'scratch', emptyDir: {} }] }, want: undefined },
  ])('says what it cannot carry out: $want', ({ spec, want }) => {
    const reason = findUnsupported(pod(spec));
    if (want === undefined) expect(reason).toBeUndefined();
    else expect(reason).toContain(want);
  });
});
