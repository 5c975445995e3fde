import type { Clock } from '../api/clock.ts';
import type { ClockTrust } from '../kubernetes/clock-trust.ts';

/** What is known of the operator's clock. */
export type ClockState = 'Trusted' | 'Skewed' | 'NotCompared';

/** How often it is looked whether the clock can still be trusted; that also keeps the measurement fresh. */
const everyMs = 10_000;

export function clockState(trust: ClockTrust): ClockState {
  if (trust.isTrusted()) return 'Trusted';
  return trust.skewMs() === undefined ? 'NotCompared' : 'Skewed';
}

interface WatchedClock {
  readonly clockTrust: ClockTrust;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
}

/** Calls `onChange` whenever trust in the operator's clock is lost, found again, or lost for another reason, until the signal aborts. */
export async function watchClock({ clockTrust, clock, signal }: WatchedClock, onChange: (state: ClockState) => void): Promise<void> {
  let last = clockState(clockTrust);
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal).catch(() => undefined);
    const state = clockState(clockTrust);
    if (state === last || signal.aborted) continue;
    last = state;
    onChange(state);
  }
}
