import type { Clock } from '../../api/clock.ts';
import { OperatorError } from '../../api/errors.ts';
import { product } from '../../api/group.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { KubernetesClient, ObjectKey } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { microTime } from '../../kubernetes/micro-time.ts';
import { hashName } from '../../licensing/hash.ts';
import { timeOf } from './times.ts';

/** How long a turn lasts at most, in milliseconds: whoever holds it may have died. */
export const turnLastsMs = 5 * 60_000;

/** Whose turn it is to write to an account. */
export interface AccountTurn {
  /** Process, and candidate that it is about: `<identity> <namespace>/<name>`. */
  readonly holder: string;
  /** Milliseconds since the epoch after which another may take it; nothing is sent to the vendor after it. */
  readonly endsAt: number;
}

/**
 * Lets one piece of work at a time write to an account (guard 4): whichever profile, alias or namespace it is for, and whichever
 * process leads. A Lease for each account, in the operator’s own namespace, where no tenant can write it.
 */
export interface AccountTurns {
  /** Who this process is about this candidate. */
  holderOf(candidate: ObjectKey): string;
  /** Takes the turn; undefined while other work has it: nobody waits in line. */
  take(account: string, holder: string, signal: AbortSignal): Promise<AccountTurn | undefined>;
  /** Whose turn it is, read live; undefined = nobody’s. */
  read(account: string, signal: AbortSignal): Promise<AccountTurn | undefined>;
  /** Gives it back, if it is still one’s own. What goes wrong is left to its end. */
  end(account: string, holder: string, signal: AbortSignal): Promise<void>;
}

interface Lease extends KubernetesObject {
  readonly spec?: { readonly holderIdentity?: string; readonly leaseDurationSeconds?: number; readonly acquireTime?: string; readonly renewTime?: string; readonly leaseTransitions?: number };
}

export interface TurnSettings {
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'replace'>;
  readonly clock: Clock;
  readonly identity: string;
  /** The operator’s own. */
  readonly namespace: string;
}

export function createAccountTurns({ client, clock, identity, namespace }: TurnSettings): AccountTurns {
  // Two pieces of work of one process, too, of which the second would find the Lease its own after a lost reply.
  const busy = new Set<string>();
  const keyOf = (account: string): ObjectKey => ({ namespace, name: turnLeaseName(account) });
  const read = (account: string, signal: AbortSignal): Promise<Lease | undefined> => client.get<Lease>(coreResources.Lease, keyOf(account), { signal });
  const claim = async (account: string, holder: string, signal: AbortSignal): Promise<AccountTurn | undefined> => {
    const lease = await read(account, signal);
    const turn = turnOf(lease);
    const now = clock.now();
    if (turn !== undefined && turn.endsAt > now && turn.holder !== holder) return undefined;
    const next = { ...(lease ?? { metadata: keyOf(account) }), spec: specOf(lease, { holder, now, lastsMs: turnLastsMs }) };
    // Under the version that was read: of two that find it free one has it.
    const written = lease === undefined ? await client.create<Lease>(coreResources.Lease, next, { signal }) : await client.replace<Lease>(coreResources.Lease, next, { signal });
    return turnOf(written);
  };
  return {
    holderOf: (candidate) => `${identity} ${candidate.namespace ?? ''}/${candidate.name}`,
    async take(account, holder, signal) {
      if (busy.has(account)) return undefined;
      busy.add(account);
      let taken: AccountTurn | undefined;
      try {
        taken = await claim(account, holder, signal).catch(undefinedOnConflict);
      } finally {
        if (taken === undefined) busy.delete(account);
      }
      return taken;
    },
    read: async (account, signal) => turnOf(await read(account, signal)),
    async end(account, holder, signal) {
      try {
        const lease = await read(account, signal);
        if (lease === undefined || turnOf(lease)?.holder !== holder) return;
        await client.replace(coreResources.Lease, { ...lease, spec: specOf(lease, { holder: '', now: clock.now(), lastsMs: 1000 }) }, { signal });
      } catch {
        // It ends by itself.
      } finally {
        busy.delete(account);
      }
    },
  };
}

/** Name of the Lease of an account. */
export function turnLeaseName(account: string): string {
  return `${product}-account-${hashName(account)}`;
}

/** One whose end cannot be read does not end. */
function turnOf(lease: Lease | undefined): AccountTurn | undefined {
  const { holderIdentity = '', leaseDurationSeconds = 0, renewTime } = lease?.spec ?? {};
  if (holderIdentity === '') return undefined;
  const endsAt = timeOf(renewTime) + leaseDurationSeconds * 1000;
  return { holder: holderIdentity, endsAt: Number.isNaN(endsAt) ? Number.POSITIVE_INFINITY : endsAt };
}

function specOf(lease: Lease | undefined, { holder, now, lastsMs }: { holder: string; now: number; lastsMs: number }): NonNullable<Lease['spec']> {
  const time = microTime(now);
  return { holderIdentity: holder, leaseDurationSeconds: Math.ceil(lastsMs / 1000), acquireTime: time, renewTime: time, leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + 1 };
}

function undefinedOnConflict(error: unknown): undefined {
  if (error instanceof OperatorError && (error.failure.kind === 'Conflict' || error.detail['reason'] === 'AlreadyExists')) return undefined;
  throw error;
}
