import { compact } from '../../api/compact.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { ActRequest } from '../../providers/reclaim.ts';

/** What is asked of the vendor for a candidate: the subject, which never changes, and the person as the vendor shows them. */
export function toActRequest({ spec }: RemovalCandidate, person: ActRequest['person']): ActRequest {
  const { externalUserId, action, downgradeTo } = spec.subject;
  return { externalUserId, action, person: { displayName: person.displayName, address: person.address }, ...(downgradeTo === undefined ? {} : { downgradeTo: compact(downgradeTo) }) };
}
