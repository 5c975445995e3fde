import type { Clock } from '../../api/clock.ts';
import { conflict, OperatorError } from '../../api/errors.ts';
import { product } from '../../api/group.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { KubernetesClient, ObjectKey } from '../../kubernetes/client.ts';
import { isWithinSkew } from '../../kubernetes/clock-trust.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { microTime } from '../../kubernetes/micro-time.ts';
import { hashName } from '../../licensing/hash.ts';
import { annotate, countAdmins, readRecentReclaims, recentReclaimsAnnotation, startsOf, withoutAdmin, withReclaim, type KnownAdmins, type RecentReclaims } from './recent-reclaims.ts';
import { timeOf } from './times.ts';

/** How long a turn lasts at most, in milliseconds: whoever holds it may have died. */
export const turnLastsMs = 5 * 60_000;
/**
 * For so many milliseconds more it is not taken over. Whoever has it counts by their own clock, which is right to a minute (guard 11): it
 * may be set back from one end of that to the other meanwhile.
 */
export const takeOverMarginMs = 120_000;

/** Whose turn it is to write to an account. */
export interface AccountTurn {
  /** Process, and candidate that it is about: `<identity> <namespace>/<name>`. */
  readonly holder: string;
  /**
   * Milliseconds since the epoch, by the clock of whoever has it, after which they send nothing to the vendor. For others it is over at a
   * time that the API server’s clock alone decides. Before all times where it cannot be read.
   */
  readonly endsAt: number;
}

/** What the Lease of an account says, read live. */
export interface AccountState {
  /** Undefined = nobody’s. */
  readonly turn: AccountTurn | undefined;
  /** Admins of the account, by whatever namespace, whose reclaim began so short a time ago that the vendor may still list them. */
  countAdmins(known: KnownAdmins): number;
  /** Reclaims in the account that were begun in the last 24 hours, by whatever namespace, besides that of this candidate (guard 5). */
  reclaims(self: string): AccountReclaims;
}

export interface AccountReclaims {
  /** Milliseconds since the epoch. */
  readonly started: readonly number[];
  /** Most that may begin within 24 hours. */
  readonly maxPerDay: number;
}

/** Candidate whose reclaim begins. */
export interface ReclaimNote {
  readonly uid: string;
  readonly isAdmin: boolean;
  readonly signal: AbortSignal;
}

/**
 * Lets one piece of work at a time write to an account (guard 4): whichever profile, alias or namespace it is for, and whichever
 * process leads. A Lease for each account, in the operator’s own namespace, where no tenant can write it. Releases of the operator in
 * other namespaces have Leases of their own.
 */
export interface AccountTurns {
  /** Who this process is about this candidate. */
  holderOf(candidate: ObjectKey): string;
  /** Takes the turn; undefined while other work has it: nobody waits in line. */
  take(account: string, holder: string, signal: AbortSignal): Promise<AccountTurn | undefined>;
  read(account: string, signal: AbortSignal): Promise<AccountState>;
  /** Notes under one’s turn, before anything is sent, that a reclaim begins. Throws Conflict when it is not one’s turn any more. */
  noteReclaim(account: string, holder: string, note: ReclaimNote): Promise<void>;
  /** Takes back that an admin is going, where the vendor has refused; the attempt still counts. What goes wrong is left to time. */
  forgetAdmin(account: string, holder: string, note: Pick<ReclaimNote, 'uid' | 'signal'>): Promise<void>;
  /** Gives it back, if it is still one’s own. What goes wrong is left to its end. */
  end(account: string, holder: string, signal: AbortSignal): Promise<void>;
  /**
   * Ends the turn of whichever process has it about this candidate, once it is known that what was sent under it has been carried out. What
   * goes wrong is left to its end. `isStill` is asked once the Lease was read: false = the turn may be that of later work by now.
   */
  release(account: string, candidate: ObjectKey, release: { readonly isStill: () => Promise<boolean>; readonly signal: AbortSignal }): Promise<void>;
  /** Lets it run out, since a request may be under way still; to oneself, too, it is another’s until then. */
  leave(account: string): void;
}

interface Lease extends KubernetesObject {
  readonly spec?: { readonly holderIdentity?: string; readonly leaseDurationSeconds?: number; readonly acquireTime?: string; readonly renewTime?: string; readonly leaseTransitions?: number };
}

export interface TurnSettings {
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'replace'>;
  /** For what is written, and for one’s own deadlines: it moves on while a machine is frozen. */
  readonly clock: Clock;
  /** Moves on evenly: how long another’s Lease has been seen unchanged, where the API server does not tell how old it is. */
  readonly steady: Pick<Clock, 'now'>;
  /** Another one after a restart. */
  readonly identity: string;
  /** The operator’s own. */
  readonly namespace: string;
  /** Most reclaims that may begin in one account within 24 hours, of all namespaces together (guard 5). */
  readonly maxReclaimsPerDay: number;
}

export function createAccountTurns(settings: TurnSettings): AccountTurns {
  const turns = new LeaseTurns(settings);
  return {
    holderOf: (candidate) => turns.holderOf(candidate),
    take: (account, holder, signal) => turns.take(account, holder, signal),
    read: (account, signal) => turns.read(account, signal),
    noteReclaim: (account, holder, note) => turns.noteReclaim(account, holder, note),
    forgetAdmin: (account, holder, note) => turns.forgetAdmin(account, holder, note),
    end: (account, holder, signal) => turns.end(account, holder, signal),
    release: (account, candidate, release) => turns.release(account, candidate, release),
    leave: (account) => turns.leave(account),
  };
}

class LeaseTurns implements AccountTurns {
  readonly #settings: TurnSettings;
  /** Two pieces of work of one process, too, of which the second would find the Lease its own after a lost reply. */
  readonly #busy = new Set<string>();
  /** By account: holder of this process under whom nothing is under way, though the Lease may name it, as a reply was lost. */
  readonly #idle = new Map<string, string>();
  /** By account: version of the Lease, and when by the steady clock it was first seen. */
  readonly #seen = new Map<string, { readonly version: string | undefined; readonly at: number }>();

  constructor(settings: TurnSettings) {
    this.#settings = settings;
  }

  holderOf({ namespace, name }: ObjectKey): string {
    return `${this.#settings.identity} ${namespace ?? ''}/${name}`;
  }

  async take(account: string, holder: string, signal: AbortSignal): Promise<AccountTurn | undefined> {
    if (this.#busy.has(account)) return undefined;
    this.#busy.add(account);
    let taken: AccountTurn | undefined;
    try {
      taken = await this.#claim(account, holder, signal).catch(undefinedOnConflict);
    } finally {
      if (taken === undefined) this.#busy.delete(account);
    }
    return taken;
  }

  async read(account: string, signal: AbortSignal): Promise<AccountState> {
    const lease = await this.#get(account, signal);
    const recent = this.#recentOf(lease);
    const { clock, maxReclaimsPerDay: maxPerDay } = this.#settings;
    return {
      turn: turnOf(lease),
      countAdmins: (known) => countAdmins(recent, known, clock.now()),
      reclaims: (self) => ({ started: startsOf(recent, self, maxPerDay), maxPerDay }),
    };
  }

  async noteReclaim(account: string, holder: string, { uid, isAdmin, signal }: ReclaimNote): Promise<void> {
    const lease = await this.#get(account, signal);
    if (lease === undefined || holderIn(lease) !== holder) throw conflict('It is not the turn of this process any more to write to the account.');
    await this.#replace(account, withRecent(lease, withReclaim(this.#recentOf(lease), uid, { at: this.#settings.clock.now(), isAdmin })), signal);
  }

  async forgetAdmin(account: string, holder: string, { uid, signal }: Pick<ReclaimNote, 'uid' | 'signal'>): Promise<void> {
    try {
      const lease = await this.#get(account, signal);
      if (lease !== undefined && holderIn(lease) === holder) await this.#replace(account, withRecent(lease, withoutAdmin(this.#recentOf(lease), uid)), signal);
    } catch {
      // It counts for as long as one that was carried out.
    }
  }

  async end(account: string, holder: string, signal: AbortSignal): Promise<void> {
    this.#idle.set(account, holder);
    try {
      await this.#free(account, (named) => Promise.resolve(named === holder), signal);
      this.#idle.delete(account);
    } catch {
      // It ends by itself, and is free for this process.
    } finally {
      this.#busy.delete(account);
    }
  }

  async release(account: string, { namespace, name }: ObjectKey, { isStill, signal }: Parameters<AccountTurns['release']>[2]): Promise<void> {
    try {
      await this.#free(account, async (named) => named.endsWith(` ${namespace ?? ''}/${name}`) && (await isStill()), signal);
    } catch {
      // It ends by itself.
    }
  }

  leave(account: string): void {
    this.#busy.delete(account);
  }

  async #free(account: string, isHolder: (named: string) => Promise<boolean>, signal: AbortSignal): Promise<void> {
    const lease = await this.#get(account, signal);
    if (lease !== undefined && (await isHolder(holderIn(lease)))) await this.#replace(account, { ...lease, spec: specOf(lease, { holder: '', now: this.#settings.clock.now(), lastsMs: 1000 }) }, signal);
  }

  async #claim(account: string, holder: string, signal: AbortSignal): Promise<AccountTurn | undefined> {
    const { lease, serverTime } = await this.#look(account, signal);
    if (!this.#isFree(account, lease, serverTime)) return undefined;
    const now = this.#settings.clock.now();
    const next = withRecent({ ...(lease ?? { metadata: this.#keyOf(account) }), spec: specOf(lease, { holder, now, lastsMs: turnLastsMs }) }, this.#recentOf(lease));
    // Until the reply says whether it was written, nothing is done under it.
    this.#idle.set(account, holder);
    // Under the version that was read: of two that find it free one has it.
    const written = lease === undefined ? await this.#settings.client.create<Lease>(coreResources.Lease, next, { signal }) : await this.#replace(account, next, signal);
    this.#idle.delete(account);
    this.#unchangedMs(account, written);
    return { holder, endsAt: now + turnLastsMs };
  }

  #isFree(account: string, lease: Lease | undefined, serverTime: number | undefined): boolean {
    const named = holderIn(lease);
    if (lease === undefined || named === '' || named === this.#idle.get(account)) return true;
    const unchangedMs = Math.max(this.#unchangedMs(account, lease), this.#ageOf(lease, serverTime));
    return unchangedMs >= turnLastsMs + takeOverMarginMs;
  }

  /**
   * How many milliseconds ago the Lease was written, by the API server’s own clock: a restart does not move that. 0 where the API server
   * does not tell, or its clock and ours differ, since then its clock may have been set meanwhile.
   */
  #ageOf({ metadata: { managedFields = [] } }: Lease, serverTime = Number.NaN): number {
    const writtenAt = Math.max(...managedFields.map(({ time }) => timeOf(time)));
    if (!Number.isFinite(writtenAt) || !isWithinSkew(serverTime - this.#settings.clock.now())) return 0;
    return serverTime - writtenAt;
  }

  /** For how many milliseconds this process has seen the Lease as it is. */
  #unchangedMs(account: string, { metadata: { resourceVersion: version } }: Lease): number {
    const now = this.#settings.steady.now();
    const last = this.#seen.get(account);
    if (last !== undefined && last.version === version) return now - last.at;
    this.#seen.set(account, { version, at: now });
    return 0;
  }

  #recentOf(lease: Lease | undefined): RecentReclaims {
    return readRecentReclaims(lease?.metadata.annotations?.[recentReclaimsAnnotation], this.#settings.clock.now());
  }

  #keyOf(account: string): ObjectKey {
    return { namespace: this.#settings.namespace, name: turnLeaseName(account) };
  }

  async #look(account: string, signal: AbortSignal): Promise<{ readonly lease: Lease | undefined; readonly serverTime: number | undefined }> {
    let serverTime: number | undefined;
    const lease = await this.#settings.client.get<Lease>(coreResources.Lease, this.#keyOf(account), { signal, onServerTime: (at) => void (serverTime = at) });
    return { lease, serverTime };
  }

  async #get(account: string, signal: AbortSignal): Promise<Lease | undefined> {
    return (await this.#look(account, signal)).lease;
  }

  async #replace(account: string, lease: Lease, signal: AbortSignal): Promise<Lease> {
    const written = await this.#settings.client.replace<Lease>(coreResources.Lease, lease, { signal });
    this.#unchangedMs(account, written);
    return written;
  }
}

/** Name of the Lease of an account. */
export function turnLeaseName(account: string): string {
  return `${product}-account-${hashName(account)}`;
}

function holderIn(lease: Lease | undefined): string {
  return lease?.spec?.holderIdentity ?? '';
}

function turnOf(lease: Lease | undefined): AccountTurn | undefined {
  const holder = holderIn(lease);
  if (holder === '') return undefined;
  const { leaseDurationSeconds, renewTime } = lease?.spec ?? {};
  const endsAt = timeOf(renewTime) + (leaseDurationSeconds ?? Number.NaN) * 1000;
  return { holder, endsAt: Number.isNaN(endsAt) ? Number.NEGATIVE_INFINITY : endsAt };
}

function withRecent(lease: Lease, recent: RecentReclaims): Lease {
  return { ...lease, metadata: { ...lease.metadata, annotations: annotate(lease.metadata.annotations, recent) } };
}

function specOf(lease: Lease | undefined, { holder, now, lastsMs }: { holder: string; now: number; lastsMs: number }): NonNullable<Lease['spec']> {
  const time = microTime(now);
  return { holderIdentity: holder, leaseDurationSeconds: Math.ceil(lastsMs / 1000), acquireTime: time, renewTime: time, leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + 1 };
}

function undefinedOnConflict(error: unknown): undefined {
  if (error instanceof OperatorError && (error.failure.kind === 'Conflict' || error.detail['reason'] === 'AlreadyExists')) return undefined;
  throw error;
}
