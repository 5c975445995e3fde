import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { comparableAddress } from '../../api/address.ts';
import { isSamePerson } from '../../licensing/candidate/same-person.ts';
import { hasTarget } from '../../licensing/candidate/target.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';
import { mayTakeEffect } from '../../licensing/candidate/undo-expiry.ts';
import type { ReclaimSeat } from '../../licensing/reclaim/facts.ts';

/** A reclaim that has been undone by somebody else (D17), or one of unknown outcome that took effect after its candidate had closed (guard 4). */
export interface Drift {
  readonly candidate: RemovalCandidate;
  readonly kind: 'ReclaimedUserReturned' | 'DowngradeReverted' | 'LateEffect';
}

/** Finds, among all subscriptions of a profile as they pass by, what has become of reclaims since. */
export interface DriftWatch {
  look(seat: ReclaimSeat): void;
  /** Once all have passed by. */
  found(): readonly Drift[];
}

/**
 * A removed person comes back under another id, so the address tells (T10); of a downgraded one the id stays, and the
 * role tells, unless the seat was handed over to somebody else since. Somebody whose reclaim the operator itself has undone has not drifted; each is told once.
 */
export function watchDrift(candidates: readonly RemovalCandidate[]): DriftWatch {
  const complete = candidates.filter(({ status }) => status?.state === 'ClosedComplete' && status.returnedAt === undefined && status.undo?.restoredAt === undefined);
  const [downgrades, removals] = [complete.filter(isDowngrade), complete.filter((candidate) => !isDowngrade(candidate))];
  const byId = Map.groupBy(downgrades, ({ spec }) => spec.subject.externalUserId);
  const byAddress = new Map(removals.map((candidate) => [comparableAddress(candidate.spec.subject.userPrincipalName), candidate]));
  const late = watchLateEffects(candidates);
  const drifts: Drift[] = [];
  return {
    look(seat) {
      late.look(seat);
      const removed = [seat.person, ...seat.aliases].map((address) => byAddress.get(address)).find((candidate) => candidate !== undefined);
      // Reads lag behind a removal, and the subscription may be an old copy: the same id has not come back.
      if (removed !== undefined && removed.spec.subject.externalUserId !== seat.externalUserId) drifts.push({ candidate: removed, kind: 'ReclaimedUserReturned' });
      const downgraded = byId.get(seat.externalUserId)?.findLast(({ spec }) => isSamePerson(spec.subject, seat));
      if (downgraded !== undefined && isReverted(downgraded, seat)) drifts.push({ candidate: downgraded, kind: 'DowngradeReverted' });
    },
    found: () => [...drifts, ...late.found()],
  };
}

/** A removal took effect where nobody has the id any more; a downgrade where that very person has what it would leave. */
function watchLateEffects(candidates: readonly RemovalCandidate[]): DriftWatch {
  const open = new Map(candidates.filter(mayBeLate).map((candidate) => [candidate.spec.subject.externalUserId, candidate]));
  const drifts: Drift[] = [];
  return {
    look(seat) {
      const candidate = open.get(seat.externalUserId);
      if (candidate === undefined) return;
      open.delete(seat.externalUserId);
      const { subject } = candidate.spec;
      const holder = { externalUserId: seat.externalUserId, role: seat.role, subscriptionIdentifier: seat.identifier };
      if (isSamePerson(subject, seat) && hasTarget(holder, subject)) drifts.push({ candidate, kind: 'LateEffect' });
    },
    found: () => [...drifts, ...[...open.values()].filter((candidate) => !isDowngrade(candidate)).map((candidate): Drift => ({ candidate, kind: 'LateEffect' }))],
  };
}

function mayBeLate({ status = {} }: RemovalCandidate): boolean {
  const { state, reason, attempt, undo, tookEffectAt } = status;
  const isSettled = tookEffectAt !== undefined || undo?.restoredAt !== undefined || (state === 'ClosedComplete' && reason === 'Reclaimed');
  return isClosed(state) && !isSettled && attempt !== undefined && mayTakeEffect(attempt);
}

function isDowngrade({ spec }: RemovalCandidate): boolean {
  return spec.subject.action === 'Downgrade';
}

/** Whether the person has a role of the former group again; just another lesser role frees the licence as well. */
function isReverted({ spec }: RemovalCandidate, seat: ReclaimSeat): boolean {
  return seat.role === spec.subject.role || (seat.role !== spec.subject.downgradeTo?.role && seat.identifier === spec.subject.subscriptionIdentifier);
}
