import { OperatorError } from '../../api/errors.ts';
import type { Session } from '../../providers/provider.ts';
import type { Standing } from './plan.ts';
import { ofFailure, type ReclaimSession } from './session.ts';

/**
 * Asks the vendor with a deadline of its own. What the vendor fails with is what the candidate waits for, and is shown on it; an answer
 * that never came says nothing (guard 6). The abort of the pass itself is thrown.
 */
export async function askVendor<T extends object | string>({ session }: ReclaimSession, { ms, signal }: { readonly ms: number; readonly signal: AbortSignal }, call: (session: Session) => Promise<T>): Promise<T | Standing> {
  const deadline = AbortSignal.timeout(ms);
  try {
    return await call({ ...session, signal: AbortSignal.any([signal, deadline]) });
  } catch (error) {
    if (signal.aborted || !(error instanceof OperatorError)) throw error;
    if (deadline.aborted) return { kind: 'Waiting', reason: 'VendorUnavailable', message: 'The vendor did not answer in time.' };
    return ofFailure(error.failure);
  }
}
