import type { Condition } from '../api/meta.ts';
import { setConditions } from '../kubernetes/conditions.ts';
import type { ConditionPart } from './conditions.ts';

/**
 * The conditions that a controller writes: its own types, stamped with generation and time. A condition of
 * another writer is left out, since sending it would make it ours.
 */
export function stampConditions(
  existing: readonly Condition[] | undefined,
  parts: readonly ConditionPart[],
  { generation, now, ownedTypes }: { generation: number | undefined; now: number; ownedTypes: readonly string[] },
): Condition[] {
  const wanted = parts.map(({ type, status, reason, message }) => ({ type, status, reason, message, observedGeneration: generation ?? 0 }));
  const next = setConditions(existing, wanted, { now: new Date(now).toISOString(), ownedTypes });
  return next.filter((condition) => ownedTypes.includes(condition.type));
}
