import { storable } from '../../licensing/text.ts';
import { plainLines } from '../../notices/plain-text.ts';

/** Characters that a reason may have; the CRD takes no more. */
export const longestReason = 1024;

/** What the person wrote, fit to be stored and shown; undefined when they wrote nothing. */
export function readReason(text: string): string | undefined {
  const reason = storable(plainLines(text), longestReason);
  return reason === '' ? undefined : reason;
}
