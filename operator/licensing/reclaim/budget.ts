import { compact } from '../../api/compact.ts';
import type { IntegrationProfileSpec } from '../../api/integration-profile.ts';
import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';

const hourMs = 3_600_000;
/** For which time the caps of a profile and of an account hold. */
export const dayMs = 24 * hourMs;

export interface BudgetInput {
  /** When each attempt of the rule was begun; milliseconds since the epoch, in any order. */
  readonly started: readonly number[];
  /** Subscriptions that the rule covers. */
  readonly covered: number;
  readonly limits: Pick<ReclamationRuleSpec['limits'], 'maxPerRun' | 'maxPercent'>;
  /** spec.evaluationPeriodHours. */
  readonly periodHours: number;
  readonly now: number;
}

export interface Budget {
  /** Most reclaims that may begin within any period. */
  readonly allowed: number;
  /** How many may begin now. */
  readonly left: number;
  /** Begun within the last period. */
  readonly started: number;
  /** When the next may begin, if none may now; undefined = never with these limits. */
  readonly nextAt?: number;
  /** Why none may ever begin. */
  readonly message?: string;
}

/**
 * How many reclaims of the rule may begin now (guard 5): within any period as long as spec.evaluationPeriodHours, both its ends
 * included, at most maxPerRun, and at most maxPercent of those covered, rounded down.
 */
export function decideBudget({ started, covered, limits, periodHours, now }: BudgetInput): Budget {
  const budget = countWithin(started, { allowed: allowedOf(covered, limits), periodMs: periodHours * hourMs, now });
  return budget.allowed > 0 ? budget : { ...budget, message: tooFew(limits.maxPercent) };
}

/** How many reclaims of a profile or an account may begin now (guard 5): within any 24 hours, both ends included, at most so many. */
export function decideDailyCap({ started, allowed, now }: { readonly started: readonly number[]; readonly allowed: number; readonly now: number }): Budget {
  return countWithin(started, { allowed, periodMs: dayMs, now });
}

/**
 * Most reclaims of a profile within 24 hours. By percent it is never fewer than one, so that a small account can be cleaned up; it is one
 * where nobody knows how many subscriptions there are.
 */
export function dailyCapOf(subscriptions: number | undefined, { maxPerDay, maxPercentPerDay }: IntegrationProfileSpec['reclaimLimits']): number {
  return Math.min(maxPerDay, Math.max(1, Math.floor(((subscriptions ?? 0) * maxPercentPerDay) / 100)));
}

/** An attempt whose time cannot be read, or is yet to come, counts as begun now. */
function countWithin(started: readonly number[], { allowed, periodMs, now }: { readonly allowed: number; readonly periodMs: number; readonly now: number }): Budget {
  const times = started.map((at) => (Number.isFinite(at) ? at : now)).filter((at) => !(at < now - periodMs)).toSorted((a, b) => a - b);
  const left = Math.max(0, allowed - times.length);
  if (left > 0 || allowed === 0) return { allowed, left, started: times.length };
  // When all but `allowed - 1` of them are longer ago than a period.
  const last = times[times.length - allowed];
  return { allowed, left, started: times.length, ...compact({ nextAt: last === undefined ? undefined : last + periodMs + 1 }) };
}

function allowedOf(covered: number, { maxPerRun, maxPercent }: BudgetInput['limits']): number {
  const allowed = Math.min(maxPerRun, Math.floor((covered * maxPercent) / 100));
  return Number.isInteger(allowed) && allowed > 0 ? allowed : 0;
}

function tooFew(maxPercent: number): string {
  return `${maxPercent} percent of the covered subscriptions (spec.limits.maxPercent) are fewer than one, so nothing is reclaimed. Raise the limit, or let the rule cover more.`;
}
