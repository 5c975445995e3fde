import { retryable } from '../api/errors.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { coreResources } from './core-resources.ts';
import { startDeadline } from './deadline.ts';
import { canonicalJson } from './json-compare.ts';
import type { LeaderElectionOptions, LeaseTimes } from './lease-election.ts';
import { microTime } from './micro-time.ts';

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

interface Lease extends KubernetesObject {
  spec?: LeaseSpec;
}

/** Milliseconds that giving the Lease back may take at the end of the process. */
const releaseMs = 5_000;

/** One candidate's view of the Lease: what it last saw, and when by its own clock that changed. */
export class LeaseHolder {
  readonly #options: LeaderElectionOptions;
  readonly #times: LeaseTimes;
  #lease: Lease | undefined;
  #observedAt = 0;
  #observedSpec = '';
  #leader = '';
  #renewedAt = 0;

  constructor(options: LeaderElectionOptions, times: LeaseTimes) {
    this.#options = options;
    this.#times = times;
  }

  /** Milliseconds since the epoch just before the last renewal that succeeded was sent. */
  get renewedAt(): number {
    return this.#renewedAt;
  }

  /** True when another was last seen as the holder. */
  get isTaken(): boolean {
    return this.#leader !== '' && this.#leader !== this.#options.identity;
  }

  /** One try that ends within `withinMs`; true when the Lease is ours. Fails with an OperatorError. */
  async tryAcquireOrRenew(withinMs: number): Promise<boolean> {
    const deadline = startDeadline(this.#options.clock, withinMs, undefined);
    try {
      return await this.#attempt(deadline.signal);
    } finally {
      deadline.end();
    }
  }

  /** Gives the Lease back if it is ours, so that the next leader need not wait; a failure only makes it wait. */
  async release(): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined || this.#leader !== this.#options.identity) return;
    const deadline = startDeadline(this.#options.clock, releaseMs, undefined);
    const now = microTime(this.#options.clock.now());
    const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
    try {
      await this.#options.client.replace(coreResources.Lease, { ...lease, spec }, { signal: deadline.signal });
      this.#leader = '';
    } catch {
      // The Lease runs out by itself.
    } finally {
      deadline.end();
    }
  }

  async #attempt(signal: AbortSignal): Promise<boolean> {
    if (this.#lease === undefined || this.#leader !== this.#options.identity) await this.#look(signal);
    if (this.#lease === undefined) return this.#create(signal);
    if (this.isTaken && !this.#hasRunOut()) return false;
    try {
      return await this.#take(this.#lease, signal);
    } catch (error) {
      // Somebody wrote in between: the next try must look first.
      this.#leader = this.#leader === this.#options.identity ? '' : this.#leader;
      throw error;
    }
  }

  /** Reads the Lease and notes, by our clock, when it last changed. */
  async #look(signal: AbortSignal): Promise<void> {
    const key = { namespace: this.#options.namespace, name: this.#options.name };
    this.#observe(await this.#options.client.get<Lease>(coreResources.Lease, key, { signal }));
  }

  #observe(lease: Lease | undefined): void {
    this.#lease = lease;
    const seen = canonicalJson(lease?.spec ?? {});
    if (seen !== this.#observedSpec) {
      this.#observedSpec = seen;
      this.#observedAt = this.#options.clock.now();
    }
    const leader = lease?.spec?.holderIdentity ?? '';
    if (leader !== this.#leader && leader !== '') this.#options.onNewLeader?.(leader);
    this.#leader = leader;
  }

  #hasRunOut(): boolean {
    const seconds = this.#lease?.spec?.leaseDurationSeconds ?? 0;
    const lasts = seconds > 0 ? seconds * 1000 : this.#times.leaseDurationMs;
    return this.#options.clock.now() >= this.#observedAt + lasts;
  }

  async #create(signal: AbortSignal): Promise<boolean> {
    const sentAt = this.#options.clock.now();
    const { namespace, name } = this.#options;
    const lease = { metadata: { namespace, name }, spec: this.#specOfOurs(undefined, sentAt) };
    return this.#hold(await this.#options.client.create<Lease>(coreResources.Lease, lease, { signal }), sentAt);
  }

  async #take(lease: Lease, signal: AbortSignal): Promise<boolean> {
    const sentAt = this.#options.clock.now();
    const next = { ...lease, spec: { ...lease.spec, ...this.#specOfOurs(lease.spec, sentAt) } };
    return this.#hold(await this.#options.client.replace<Lease>(coreResources.Lease, next, { signal }), sentAt);
  }

  #hold(lease: Lease, sentAt: number): boolean {
    this.#observe(lease);
    if (lease.spec?.holderIdentity !== this.#options.identity) {
      throw retryable('LeaseUnclear', 'The lease of the leader names another holder than was written; it is read again.');
    }
    this.#renewedAt = sentAt;
    return true;
  }

  #specOfOurs(last: LeaseSpec | undefined, now: number): LeaseSpec {
    const isOurs = last?.holderIdentity === this.#options.identity;
    const time = microTime(now);
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.ceil(this.#times.leaseDurationMs / 1000),
      acquireTime: isOurs ? (last.acquireTime ?? time) : time,
      renewTime: time,
      leaseTransitions: (last?.leaseTransitions ?? 0) + (isOurs || last === undefined ? 0 : 1),
    };
  }
}
