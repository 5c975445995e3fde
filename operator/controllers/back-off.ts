const baseMs = 5_000;
const capMs = 10 * 60_000;

/** What a failing vendor call has left in status, so that a restart does not reset the back-off (facts/operators.md A9.7). */
export interface FailureRecord {
  readonly lastFailureTime?: string | undefined;
  readonly consecutiveFailures?: number | undefined;
}

/** Milliseconds until the vendor may be called again after failures in a row; 0 when it may be called now. */
export function backOffRemaining(record: FailureRecord, now: number): number {
  const failures = record.consecutiveFailures ?? 0;
  if (failures === 0 || record.lastFailureTime === undefined) return 0;
  const wait = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 20));
  return Math.max(0, Date.parse(record.lastFailureTime) + wait - now);
}

/** Milliseconds after which even a failure that needs a person is tried again: people mend things at the vendor too. */
export const slowRecheckMs = capMs;
