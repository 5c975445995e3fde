import { compact } from '../../api/compact.ts';
import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';

const hourMs = 3_600_000;

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
 * How many reclaims may begin now (guard 5): within any period as long as spec.evaluationPeriodHours, both its ends
 * included, at most maxPerRun, and at most maxPercent of those covered, rounded down. An attempt whose time cannot be read, or is yet to
 * come, counts as begun now.
 */
export function decideBudget({ started, covered, limits, periodHours, now }: BudgetInput): Budget {
  const allowed = allowedOf(covered, limits);
  const periodMs = periodHours * hourMs;
  const times = started.map((at) => (Number.isFinite(at) ? at : now)).filter((at) => !(at < now - periodMs)).toSorted((a, b) => a - b);
  const left = Math.max(0, allowed - times.length);
  if (left > 0) return { allowed, left, started: times.length };
  if (allowed === 0) return { allowed, left, started: times.length, message: tooFew(limits.maxPercent) };
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
