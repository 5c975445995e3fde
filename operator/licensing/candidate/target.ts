import type { RemovalCandidateSpec } from '../../api/removal-candidate.ts';

/** Whether it is the person of the subject, with the role and licence that a Downgrade leaves them with; never so for a Remove. */
export function hasTarget(
  holder: { readonly externalUserId: string; readonly role: string; readonly subscriptionIdentifier: string },
  { externalUserId, action, downgradeTo }: Pick<RemovalCandidateSpec['subject'], 'externalUserId' | 'action' | 'downgradeTo'>,
): boolean {
  if (holder.externalUserId !== externalUserId || action !== 'Downgrade' || downgradeTo === undefined || holder.role !== downgradeTo.role) return false;
  return downgradeTo.subscriptionIdentifier === undefined || holder.subscriptionIdentifier === downgradeTo.subscriptionIdentifier;
}
