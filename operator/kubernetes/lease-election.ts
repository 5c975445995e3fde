import type { Clock, Random } from '../api/clock.ts';
import { retryable, toFailure, type Failure } from '../api/errors.ts';
import type { KubernetesClient } from './client.ts';
import { childAbort, type ChildAbort } from './abort.ts';
import { LeaseHolder } from './lease-holder.ts';

export interface LeaderElectionOptions {
  client: Pick<KubernetesClient, 'get' | 'create' | 'replace'>;
  namespace: string;
  /** Name of the Lease. */
  name: string;
  /** Who we are; no two processes may share it. */
  identity: string;
  clock: Clock;
  random: Random;
  /** Milliseconds after which a leader that is not heard of may be replaced; 15 s unless given. */
  leaseDurationMs?: number;
  /** Milliseconds without a renewal after which a leader gives up; 10 s unless given. Must be less than the lease. */
  renewDeadlineMs?: number;
  /** Milliseconds between two tries; 2 s unless given. */
  retryPeriodMs?: number;
  /** The work of the leader; its signal aborts when it must end. */
  onStartedLeading(signal: AbortSignal): Promise<void>;
  /** Told the identity of each new leader, ourselves too. */
  onNewLeader?: (identity: string) => void;
  /** Told of each try that failed; it is tried again. */
  onError?: (failure: Failure) => void;
  signal: AbortSignal;
}

export interface LeaseTimes {
  leaseDurationMs: number;
  renewDeadlineMs: number;
  retryPeriodMs: number;
}

/**
 * Waits for the Lease, then leads until the signal aborts, the work ends, or the Lease is lost.
 *
 * client-go's algorithm: a candidate trusts its own clock only, and takes over when it has seen no change for the whole
 * lease; a leader counts its deadline from before the renewal was sent, so it has stopped before another may
 * start, as long as clocks run equally fast and the process runs at all. A process that is paused goes on for the
 * moment that it takes to notice: for so long two leaders are possible, so every write must be safe with two
 * (facts/operators.md B3.27).
 *
 * On a graceful end the work is told to end, the Lease is kept until it has, and then released. Resolves after that;
 * rejects with what the work threw, or with Retryable `LeadershipLost` as soon as the Lease is lost, when the process
 * should exit.
 */
export async function runLeaderElection(options: LeaderElectionOptions): Promise<void> {
  const times: LeaseTimes = {
    leaseDurationMs: options.leaseDurationMs ?? 15_000,
    renewDeadlineMs: options.renewDeadlineMs ?? 10_000,
    retryPeriodMs: options.retryPeriodMs ?? 2_000,
  };
  const holder = new LeaseHolder(options, times);
  if (!(await acquire(options, times, holder))) return;
  const leading = childAbort(options.signal);
  try {
    await lead(options, times, { holder, leading });
  } finally {
    leading.abort();
    leading.release();
  }
}

/** Tries until the Lease is ours; false when the signal aborted first. */
async function acquire(options: LeaderElectionOptions, times: LeaseTimes, holder: LeaseHolder): Promise<boolean> {
  while (!options.signal.aborted) {
    if (await tryOnce(options, holder, times.renewDeadlineMs)) return true;
    // Candidates must not try in step; client-go spreads them by the same factor.
    const waitMs = times.retryPeriodMs * (1 + 1.2 * options.random());
    await options.clock.sleep(waitMs, options.signal).catch(() => undefined);
  }
  // The abort may have come while a try was under way that has made us the holder.
  await holder.release();
  return false;
}

async function tryOnce(options: LeaderElectionOptions, holder: LeaseHolder, withinMs: number): Promise<boolean> {
  try {
    return await holder.tryAcquireOrRenew(withinMs);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind !== 'Conflict') options.onError?.(failure);
    return false;
  }
}

interface Leadership {
  holder: LeaseHolder;
  leading: ChildAbort;
}

async function lead(options: LeaderElectionOptions, times: LeaseTimes, { holder, leading }: Leadership): Promise<void> {
  const renewing = new AbortController();
  const work = startWork(options, leading.signal).finally(() => renewing.abort());
  // Whichever is second is not awaited: a lost leader must not wait for its work.
  work.catch(() => undefined);
  const isLost = await renewUntil(options, times, { holder, stop: renewing.signal });
  if (isLost) {
    leading.abort();
    throw retryable('LeadershipLost', 'The lease of the leader could not be renewed in time; this process must end.');
  }
  try {
    await work;
  } finally {
    await holder.release();
  }
}

async function startWork(options: LeaderElectionOptions, signal: AbortSignal): Promise<void> {
  await options.onStartedLeading(signal);
}

/** Renews until `stop` aborts, which is when the work has ended (false), or until the deadline has passed (true). */
async function renewUntil(
  options: LeaderElectionOptions,
  times: LeaseTimes,
  { holder, stop }: { holder: LeaseHolder; stop: AbortSignal },
): Promise<boolean> {
  while (!stop.aborted) {
    const leftMs = holder.renewedAt + times.renewDeadlineMs - options.clock.now();
    if (leftMs <= 0 || holder.isTaken) return true;
    await options.clock.sleep(Math.min(times.retryPeriodMs, leftMs), stop).catch(() => undefined);
    const remainingMs = holder.renewedAt + times.renewDeadlineMs - options.clock.now();
    if (!stop.aborted && remainingMs > 0) await tryOnce(options, holder, remainingMs);
  }
  return false;
}
