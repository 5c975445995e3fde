import type { Failure } from '../api/errors.ts';

/** A condition before it is stamped with generation and time, and what it means for Ready. */
export interface ConditionPart {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** Why it is not True: only a Terminal cause stalls the object; others resolve by themselves. */
  readonly cause?: Failure['kind'];
}

/** What Ready says when nothing is wrong. */
export interface ReadyText {
  readonly reason: string;
  readonly message: string;
}

export function isTrue(type: string, reason: string, message: string): ConditionPart {
  return { type, status: 'True', reason, message };
}

export function isFalse(type: string, failure: Failure): ConditionPart {
  return { type, status: 'False', reason: failure.reason, message: failure.message, cause: failure.kind };
}

export function isUnknown(type: string, reason: string, message: string): ConditionPart {
  return { type, status: 'Unknown', reason, message, cause: 'Waiting' };
}

/**
 * Derives Ready, Reconciling and Stalled from the declared parts: nobody sets Ready by hand
 * (facts/operators.md A9.5). The first Terminal part wins over the first that is merely not True yet,
 * in the order of `required`. Reconciling and Stalled are there only while true (kstatus).
 */
export function summariseConditions(
  parts: readonly ConditionPart[],
  required: readonly string[],
  ready: ReadyText,
): ConditionPart[] {
  const open = required
    .map((type) => parts.find((part) => part.type === type))
    .filter((part) => part !== undefined)
    .filter((part) => part.status !== 'True');
  const worst = open.find((part) => part.cause === 'Terminal') ?? open[0];
  if (worst === undefined) return [...parts, isTrue('Ready', ready.reason, ready.message)];
  const type = worst.cause === 'Terminal' ? 'Stalled' : 'Reconciling';
  return [
    ...parts,
    { ...worst, type: 'Ready' },
    { type, status: 'True', reason: worst.reason, message: worst.message },
  ];
}

/** The first `limit` of a list for a message, sorted, with how many more there are (facts/operators.md A5). */
export function listForMessage(values: readonly string[], limit = 5): string {
  const sorted = [...values].sort();
  const shown = sorted.slice(0, limit).join(', ');
  return sorted.length > limit ? `${shown} and ${sorted.length - limit} more` : shown;
}
