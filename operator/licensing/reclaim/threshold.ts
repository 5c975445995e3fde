import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import type { ReclaimSeat } from './facts.ts';
import { matchSelector } from './match.ts';

/** Days: fewer than one or more than five years mean nothing (C32). */
const bounds = { least: 1, most: 1825 };
/** Below this, holidays and quarterly rotations look like inactivity (C32). */
const shortDays = 30;

/**
 * Days without activity after which this person is inactive: of the first override that matches (C3), else of the rule.
 * An override that may match, since teams of the person are not shown, can only make it longer.
 */
export function thresholdFor(seat: ReclaimSeat, { lastActivityThresholdDays, thresholdOverrides = [] }: ReclamationRuleSpec): number {
  let longest = 0;
  for (const override of thresholdOverrides) {
    const match = matchSelector(seat, override.match);
    if (match === 'Yes') return Math.max(longest, override.lastActivityThresholdDays);
    if (match === 'Maybe') longest = Math.max(longest, override.lastActivityThresholdDays);
  }
  return Math.max(longest, lastActivityThresholdDays);
}

export function isThreshold(days: number): boolean {
  return Number.isInteger(days) && days >= bounds.least && days <= bounds.most;
}

/** What is wrong with a threshold of the rule, if anything: one that came past the API server, as from a file. */
export function findThresholdProblem({ lastActivityThresholdDays, thresholdOverrides = [] }: ReclamationRuleSpec): string | undefined {
  const within = `a whole number of days from ${bounds.least} to ${bounds.most}`;
  if (!isThreshold(lastActivityThresholdDays)) return `spec.lastActivityThresholdDays is not ${within}. Correct it.`;
  const index = thresholdOverrides.findIndex((override) => !isThreshold(override.lastActivityThresholdDays));
  return index === -1 ? undefined : `spec.thresholdOverrides[${index}].lastActivityThresholdDays is not ${within}. Correct it.`;
}

/** A note for people on thresholds that are allowed, and short (C32). */
export function noteShortThreshold({ lastActivityThresholdDays, thresholdOverrides = [] }: ReclamationRuleSpec): string[] {
  const shortest = Math.min(lastActivityThresholdDays, ...thresholdOverrides.map((override) => override.lastActivityThresholdDays));
  return shortest < shortDays ? [`A threshold of ${shortest} days is short: somebody on holiday, or on call once a quarter, looks inactive. 30 days or more are safer.`] : [];
}
