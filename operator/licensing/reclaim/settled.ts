import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { isSamePerson } from '../candidate/same-person.ts';
import type { ReclaimSeat } from './facts.ts';

/** Whether the person was reclaimed and the seat is a copy from before. */
export type IsSettled = (seat: Pick<ReclaimSeat, 'name' | 'externalUserId' | 'userPrincipalName'>) => boolean;

/**
 * Tells the seats that were reclaimed after the last refresh of the profile began: what is stored of them is from before, and would
 * have them proposed again. A seat that was handed over since is its new person's, who was not reclaimed.
 */
export function settledSubscriptions(profile: IntegrationProfile, candidates: readonly RemovalCandidate[]): IsSettled {
  const storedAt = Date.parse(profile.status?.refresh?.subscriptions?.startTime ?? '');
  const settled = candidates.filter(({ status }) => status?.state === 'ClosedComplete' && !(Date.parse(status.closedAt ?? '') < storedAt) && status.undo?.restoredAt === undefined);
  const subjects = Map.groupBy(settled.map(({ spec }) => spec.subject), ({ subscriptionRef }) => subscriptionRef.name);
  return (seat) => subjects.get(seat.name)?.some((subject) => isSamePerson(subject, seat)) ?? false;
}
