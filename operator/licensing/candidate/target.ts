import type { RemovalCandidateSpec } from '../../api/removal-candidate.ts';

/** Whether role and licence are those that a Downgrade leaves a person with; never so for a Remove. */
export function hasTarget(
  holder: { readonly role: string; readonly subscriptionIdentifier: string },
  { action, downgradeTo }: Pick<RemovalCandidateSpec['subject'], 'action' | 'downgradeTo'>,
): boolean {
  if (action !== 'Downgrade' || downgradeTo === undefined || holder.role !== downgradeTo.role) return false;
  return downgradeTo.subscriptionIdentifier === undefined || holder.subscriptionIdentifier === downgradeTo.subscriptionIdentifier;
}
