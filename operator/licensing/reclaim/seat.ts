import type { SoftwareSubscription } from '../../api/software-subscription.ts';
import { compact } from '../../api/compact.ts';
import { toSeat } from '../position/read-objects.ts';
import type { ReclaimSeat } from './facts.ts';

/**
 * A subscription as rules judge it. Role, teams and job title are as the vendor has them, since people write them so in
 * selectors; whoever shows them hides addresses first (guard 7).
 */
export function toReclaimSeat(subscription: SoftwareSubscription): ReclaimSeat {
  const { spec } = subscription;
  const seat = toSeat(subscription);
  return {
    ...seat,
    role: spec.role,
    teams: spec.teams ?? [],
    externalUserId: spec.externalUserId,
    displayName: spec.displayName,
    evidence: readEvidence(subscription, seat.personSince),
    ...compact({ jobTitle: spec.jobTitle, userPrincipalName: spec.userPrincipalName || undefined, address: spec.resolvedEmail || spec.userPrincipalName || undefined }),
  };
}

/** Latest activity of this person by signal; what is only told as the last activity is evidence of its signal too. */
function readEvidence({ status }: SoftwareSubscription, personSince = -Infinity): ReclaimSeat['evidence'] {
  const told = [...(status?.evidence ?? []), ...(status?.lastActivity === undefined ? [] : [status.lastActivity])];
  const latest = new Map<string, number>();
  for (const { signal, time } of told) {
    const at = Date.parse(time);
    if (at >= personSince) latest.set(signal, Math.max(at, latest.get(signal) ?? -Infinity));
  }
  return [...latest].map(([signal, at]) => ({ signal, at })).toSorted((a, b) => (a.signal < b.signal ? -1 : 1));
}
