import type { SoftwareEntitlement } from '../../api/software-entitlement.ts';
import { indexes, type ControllerDependencies } from '../dependencies.ts';
import { objectName } from '../object-key.ts';
import { stampConditions } from '../stamp.ts';
import { decideEntitlement, entitlementConditionTypes, type EntitlementPlan } from './decide.ts';

/** Brings the status of one SoftwareEntitlement up to date. */
export async function reconcileEntitlement(
  key: string,
  dependencies: ControllerDependencies,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number }> {
  const { stores, ownWrites, clock } = dependencies;
  const entitlement = ownWrites.entitlements.newest(key, stores.entitlements.get(key));
  if (entitlement === undefined || entitlement.metadata.deletionTimestamp !== undefined) return {};
  const now = clock.now();
  const { namespace } = objectName(key);
  const modelKey = `${namespace}/${entitlement.spec.modelRef.name}`;
  const siblings = stores.entitlements.byIndex(indexes.byModel, modelKey);
  const plan = decideEntitlement({ entitlement, model: stores.models.get(modelKey), siblings }, now);
  const { generation } = entitlement.metadata;
  const conditions = stampConditions(entitlement.status?.conditions, plan.parts, { generation, now, ownedTypes: entitlementConditionTypes });
  await ownWrites.entitlements.write(key, entitlement, { ...plan.status, conditions }, signal);
  announce(entitlement, plan, dependencies);
  return plan.requeueAfterMs === undefined ? {} : { requeueAfterMs: plan.requeueAfterMs };
}

/** A renewal that comes due and a term that ends are told once (C23). */
function announce(entitlement: SoftwareEntitlement, { status, parts }: EntitlementPlan, { events }: ControllerDependencies): void {
  const due = parts.find((part) => part.type === 'RenewalDue');
  const before = entitlement.status?.conditions?.find((condition) => condition.type === 'RenewalDue');
  if (due?.status === 'True' && before?.status !== 'True') {
    events.record(entitlement, { type: 'Warning', reason: 'RenewalDue', action: 'Reconcile', note: due.message });
  }
  if (status.state !== 'Expired' || entitlement.status?.state !== 'Active') return;
  events.record(entitlement, { type: 'Warning', reason: 'Expired', action: 'Reconcile', note: 'The term has ended: the rights do not count any more.' });
}
