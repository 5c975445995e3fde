import type { ConditionPart } from './conditions.ts';

/** Conditions as the status wants them: with the generation that they describe. */
export function stampConditions(
  parts: readonly ConditionPart[],
  generation: number | undefined,
): { type: string; status: ConditionPart['status']; reason: string; message: string; observedGeneration: number }[] {
  return parts.map(({ type, status, reason, message }) => ({ type, status, reason, message, observedGeneration: generation ?? 0 }));
}
