import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { comparableAddress } from '../../api/address.ts';
import { isSamePerson } from '../../licensing/candidate/same-person.ts';
import type { ReclaimSeat } from '../../licensing/reclaim/facts.ts';

/** A reclaim that has been undone by somebody else (D17). */
export interface Drift {
  readonly candidate: RemovalCandidate;
  readonly kind: 'ReclaimedUserReturned' | 'DowngradeReverted';
}

/** Finds, among the subscriptions as they pass by, people whose reclaim was completed and who have what was taken again. */
export interface DriftWatch {
  look(seat: ReclaimSeat): void;
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
  const drifts: Drift[] = [];
  return {
    look(seat) {
      const removed = [seat.person, ...seat.aliases].map((address) => byAddress.get(address)).find((candidate) => candidate !== undefined);
      // Reads lag behind a removal, and the subscription may be an old copy: the same id has not come back.
      if (removed !== undefined && removed.spec.subject.externalUserId !== seat.externalUserId) drifts.push({ candidate: removed, kind: 'ReclaimedUserReturned' });
      const downgraded = byId.get(seat.externalUserId)?.findLast(({ spec }) => isSamePerson(spec.subject, seat));
      if (downgraded !== undefined && isReverted(downgraded, seat)) drifts.push({ candidate: downgraded, kind: 'DowngradeReverted' });
    },
    found: () => drifts,
  };
}

function isDowngrade({ spec }: RemovalCandidate): boolean {
  return spec.subject.action === 'Downgrade';
}

/** Whether the person has a role of the former group again; just another lesser role frees the licence as well. */
function isReverted({ spec }: RemovalCandidate, seat: ReclaimSeat): boolean {
  return seat.role === spec.subject.role || (seat.role !== spec.subject.downgradeTo?.role && seat.identifier === spec.subject.subscriptionIdentifier);
}
