import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';

/**
 * Names of the subscriptions that were reclaimed after the last refresh of the profile began: what is stored of them is from before,
 * and would have them proposed again.
 */
export function settledSubscriptions(profile: IntegrationProfile, candidates: readonly RemovalCandidate[]): ReadonlySet<string> {
  const storedAt = Date.parse(profile.status?.refresh?.subscriptions?.startTime ?? '');
  const settled = candidates.filter(({ status }) => status?.state === 'ClosedComplete' && !(Date.parse(status.closedAt ?? '') < storedAt) && status.undo?.restoredAt === undefined);
  return new Set(settled.map(({ spec }) => spec.subject.subscriptionRef.name));
}
