import type { Condition } from '../api/meta.ts';
import { truncateText } from './truncate.ts';

/** A condition as it shall be; when it became so is worked out. */
export type WantedCondition = Omit<Condition, 'lastTransitionTime'>;

export interface SetConditionsOptions {
  /** RFC 3339 time of this pass. */
  now: string;
  /** Types that we write: one that is not wanted any more goes. Types of others stay as they are. */
  ownedTypes?: readonly string[];
}

/** Most characters of a message; conditions are for a glance, and many are kept in each object. */
const maxMessage = 2048;

/** The next conditions, sorted by type; `lastTransitionTime` moves only with the status (facts/operators.md B1.2–B1.7). */
export function setConditions(
  existing: readonly Condition[] | undefined,
  wanted: readonly WantedCondition[],
  options: SetConditionsOptions,
): Condition[] {
  const before = new Map((existing ?? []).map((each) => [each.type, each]));
  const after = new Map(before);
  for (const type of options.ownedTypes ?? []) after.delete(type);
  for (const each of wanted) {
    const last = before.get(each.type);
    const lastTransitionTime = last?.status === each.status ? last.lastTransitionTime : options.now;
    after.set(each.type, { ...each, message: truncateText(each.message, maxMessage), lastTransitionTime });
  }
  return [...after.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
}
