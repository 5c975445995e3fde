import type { LicensePosition } from '../../api/license-position.ts';
import type { SoftwareModelStatus } from '../../api/software-model.ts';
import type { EventNote } from '../../kubernetes/event-recorder.ts';
import type { ModelPlan } from './decide-status.ts';

/** Conditions of a model whose turn is an event of its own. */
export const announcedConditions = ['IdentifiersUnique', 'LicenceFound', 'Compliant'];

/** Events are for what happened, never for what still is: each needs a change since the last reconciliation. */
export function modelEvents(before: SoftwareModelStatus | undefined, { parts, status }: ModelPlan): EventNote[] {
  return [...shrinkEvents(before?.position, status.position), ...announcedConditions.flatMap((type): EventNote[] => {
    const part = parts.find((one) => one.type === type);
    const old = before?.conditions?.find((condition) => condition.type === type);
    if (part === undefined || old?.status === part.status) return [];
    const { reason, message } = part;
    if (part.status === 'False') return [{ type: 'Warning', reason, action: 'Reconcile', note: message }];
    // That it is well again is news; that it is well from the start is none.
    return part.status === 'True' && old?.status === 'False' ? [{ type: 'Normal', reason, action: 'Reconcile', note: message }] : [];
  })];
}

/** The vendor has fewer seats than at the last reconciliation: a contract was cut, or somebody gave seats away (D17). */
function shrinkEvents(before: LicensePosition | undefined, after: LicensePosition | undefined): EventNote[] {
  const [old, now] = [seatsOf(before), seatsOf(after)];
  if (old === undefined || now === undefined || now >= old) return [];
  return [{ type: 'Warning', reason: 'PoolShrunk', action: 'Reconcile', note: `The vendor has ${now} seats of the licence in all, ${old - now} fewer than before.` }];
}

/** Undefined where the vendor states no limit. */
function seatsOf(position: LicensePosition | undefined): number | undefined {
  const { seatsAssigned, seatsAvailable } = position ?? {};
  return seatsAssigned === undefined || seatsAvailable === undefined ? undefined : seatsAssigned + seatsAvailable;
}
