import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { turnLastsMs, type AccountTurn } from './account-turns.ts';
import { turnMarginMs } from './guards.ts';
import type { ReclaimSession } from './session.ts';
import type { Pass } from './settle.ts';

/** Giving it back may take so many milliseconds, even while the process ends. */
const givingBackMs = 10_000;

/** The turn, in the hands of the work that is done under it. */
export interface HeldTurn extends AccountTurn {
  /** A request that changes the account may be under way. Set before each one, cleared once the outcome is clear. */
  isInUse: boolean;
}

/**
 * Lets work write to an account alone (guard 4). Undefined while other work does. The turn is given back after it, unless a request
 * may be under way still: then it runs out.
 */
export async function inTurn<T>({ metadata }: RemovalCandidate, { opened: { account }, pass }: { opened: ReclaimSession; pass: Pass }, work: (turn: HeldTurn) => Promise<T>): Promise<T | undefined> {
  const { turns } = pass.dependencies;
  const holder = turns.holderOf(metadata);
  const taken = await turns.take(account, holder, pass.signal);
  if (taken === undefined) return undefined;
  const turn: HeldTurn = { ...taken, isInUse: false };
  try {
    return await work(turn);
  } finally {
    if (turn.isInUse) turns.leave(account);
    else await turns.end(account, holder, AbortSignal.timeout(givingBackMs));
  }
}

/** Milliseconds for which requests may still be sent under a turn; none once the clock is behind the turn’s beginning. */
export function timeLeft({ endsAt }: AccountTurn, now: number): number {
  return now < endsAt - turnLastsMs ? 0 : Math.max(0, endsAt - turnMarginMs - now);
}
