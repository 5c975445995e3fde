import { hashName } from '../hash.ts';

const longestName = 253;
/** What the name of each Secret that is kept for an undo ends in. */
export const undoSuffix = '-undo';

/**
 * Name of the candidate of a subscription: `<subscription>.<ordinal>`, from 1. It is made by POST alone, so that two processes
 * which both open one for the same subscription make one object.
 */
export function candidateName(subscriptionName: string, ordinal: number): string {
  return bounded(subscriptionName, `.${ordinal}`);
}

/** The ordinal after the largest of the candidates that there are, or have been as far as they are known, of one subscription. */
export function nextOrdinal(subscriptionName: string, existingNames: Iterable<string>): number {
  let largest = 0;
  for (const name of existingNames) largest = Math.max(largest, ordinalOf(subscriptionName, name) ?? 0);
  return largest + 1;
}

/** Name of the Secret with what is needed to undo the reclaim; with the uid where that name is taken. */
export function undoSecretName(candidate: string, uid?: string): string {
  return bounded(candidate, uid === undefined ? undoSuffix : `-${uid.slice(0, 8)}${undoSuffix}`);
}

/**
 * All that such a Secret of one candidate may be called. Three, so that there is always one for another attempt: a former candidate of
 * the name may have left one, and an attempt that may take effect yet another.
 */
export function undoSecretNames(candidate: string, uid: string): readonly string[] {
  return [undoSecretName(candidate), undoSecretName(candidate, uid), bounded(candidate, `-${uid.slice(0, 8)}-2${undoSuffix}`)];
}

function ordinalOf(subscriptionName: string, name: string): number | undefined {
  const digits = /\.([1-9][0-9]{0,8})$/.exec(name)?.[1];
  if (digits === undefined) return undefined;
  const ordinal = Number(digits);
  return candidateName(subscriptionName, ordinal) === name ? ordinal : undefined;
}

/** Two long names stay two. */
function bounded(name: string, suffix: string): string {
  if (name.length + suffix.length <= longestName) return `${name}${suffix}`;
  const hash = hashName(name);
  const beginning = name.slice(0, longestName - suffix.length - hash.length - 1).replace(/[-.]+$/, '');
  return `${beginning}-${hash}${suffix}`;
}
