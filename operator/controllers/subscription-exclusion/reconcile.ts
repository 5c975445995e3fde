import type { SubscriptionExclusion } from '../../api/subscription-exclusion.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { objectName } from '../object-key.ts';
import { stampConditions } from '../stamp.ts';
import { decideExclusion, exclusionConditionTypes, type ExclusionPlan } from './decide.ts';

/** Brings the status of one SubscriptionExclusion up to date; what it keeps out is counted by the reconciliation of each profile. */
export async function reconcileExclusion(
  key: string,
  dependencies: ControllerDependencies,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number }> {
  const { stores, ownWrites, exclusionMatches, clock } = dependencies;
  const exclusion = ownWrites.exclusions.newest(key, stores.exclusions.get(key));
  if (exclusion === undefined || exclusion.metadata.deletionTimestamp !== undefined) return {};
  const { namespace } = objectName(key);
  const now = clock.now();
  const profiles = stores.profiles.list(namespace).map(({ metadata }) => metadata.name);
  const plan = decideExclusion({ exclusion, profiles, matched: exclusionMatches.of(objectName(key)) }, now);
  const { generation } = exclusion.metadata;
  const conditions = stampConditions(exclusion.status?.conditions, plan.parts, { generation, now, ownedTypes: exclusionConditionTypes });
  await ownWrites.exclusions.write(key, exclusion, { ...plan.status, conditions }, signal);
  announceEnd(exclusion, plan, dependencies);
  return plan.requeueAfterMs === undefined ? {} : { requeueAfterMs: plan.requeueAfterMs };
}

/** Whoever was kept out counts again from now on: that is told once (C2). */
function announceEnd(exclusion: SubscriptionExclusion, { status }: ExclusionPlan, { events }: ControllerDependencies): void {
  if (exclusion.status?.state !== 'Active' || status.state !== 'Expired') return;
  events.record(exclusion, {
    type: 'Warning',
    reason: 'Expired',
    action: 'Reconcile',
    note: 'The exclusion has expired: what it kept out counts as a used right again, and may be reclaimed.',
  });
}
