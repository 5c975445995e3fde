import { constants } from 'node:os';
import type { Exit } from '../child.ts';
import type { Pod } from './pod.ts';

/** State of a container as the API has it; times are RFC 3339. */
export type ContainerState =
  | { readonly waiting: { readonly reason: string; readonly message?: string } }
  | { readonly running: { readonly startedAt: string } }
  | { readonly terminated: Terminated };

export interface Terminated {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** All that decides a pod's status. */
export interface PodFacts {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  /** For the pod as a whole, such as DeadlineExceeded. */
  readonly reason?: string;
  readonly message?: string;
  readonly container: ContainerState;
  readonly lastState?: ContainerState;
  readonly restartCount: number;
  /** The runner ended the pod for its own sake: Jobs may ignore such a failure. */
  readonly disrupted?: boolean;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly lastTransitionTime: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface PodStatus {
  readonly phase: PodFacts['phase'];
  /** Null takes away what an earlier status had (merge patch). */
  readonly reason: string | null;
  readonly message: string | null;
  readonly startTime: string;
  readonly hostIP: string;
  readonly hostIPs: readonly { readonly ip: string }[];
  readonly podIP: string;
  readonly podIPs: readonly { readonly ip: string }[];
  readonly conditions: readonly Condition[];
  readonly containerStatuses: readonly unknown[];
}

const LOOPBACK = '127.0.0.1';

/** The status a kubelet reports. `previous` keeps the start and the times of conditions that did not change; `now` is RFC 3339. */
export function buildStatus(pod: Pod, facts: PodFacts, previous: PodStatus | undefined, now: string): PodStatus {
  return {
    phase: facts.phase,
    reason: facts.reason ?? null,
    message: facts.message ?? null,
    startTime: previous?.startTime ?? now,
    hostIP: LOOPBACK,
    hostIPs: [{ ip: LOOPBACK }],
    podIP: LOOPBACK,
    podIPs: [{ ip: LOOPBACK }],
    conditions: buildConditions(pod, facts, previous?.conditions ?? [], now),
    containerStatuses: pod.spec.containers.map(({ name, image }) => describeContainer({ name, image, uid: pod.metadata.uid }, facts)),
  };
}

function describeContainer(container: { readonly name: string; readonly image: string; readonly uid: string }, facts: PodFacts): unknown {
  const running = 'running' in facts.container;
  return {
    name: container.name,
    image: container.image,
    imageID: `local/${container.image}`,
    containerID: 'waiting' in facts.container ? '' : `local://${container.uid}-${facts.restartCount}`,
    ready: running,
    started: running,
    restartCount: facts.restartCount,
    state: facts.container,
    lastState: facts.lastState ?? {},
  };
}

function buildConditions(pod: Pod, facts: PodFacts, previous: readonly Condition[], now: string): Condition[] {
  const ready = notReady(pod, facts);
  const wanted: Omit<Condition, 'lastTransitionTime'>[] = [
    { type: 'PodReadyToStartContainers', status: facts.phase === 'Running' ? 'True' : 'False' },
    { type: 'Initialized', status: 'True', ...(facts.phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ];
  if (facts.disrupted === true) wanted.push({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: facts.message ?? '' });
  return wanted.map((condition) => {
    const before = previous.find(({ type }) => type === condition.type);
    return { ...condition, lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime : now };
  });
}

function notReady(pod: Pod, facts: PodFacts): Pick<Condition, 'status' | 'reason' | 'message'> {
  if (facts.phase === 'Running' && 'running' in facts.container) return { status: 'True' };
  if (facts.phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (facts.phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const names = pod.spec.containers.map(({ name }) => name).join(' ');
  return { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` };
}

/** How a container ended. A signal gives 128 and its number, as every container runtime has it. */
export function describeExit(exit: Exit, times: { readonly startedAt: string; readonly finishedAt: string }, message = ''): Terminated {
  const exitCode = exit.code ?? 128 + (exit.signal === null ? 0 : constants.signals[exit.signal]);
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', ...(message === '' ? {} : { message }), ...times };
}

/** Milliseconds to wait before the next start of a container that keeps failing: doubled each time, at most five minutes. */
export function restartDelayMs(restarts: number, firstMs: number): number {
  return Math.min(firstMs * 2 ** restarts, 300_000);
}
