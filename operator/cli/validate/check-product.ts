import type { FreezeWindow, ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import type { IntegrationProfileSpec } from '../../api/integration-profile.ts';
import { sha256 } from '../../api/sha256.ts';
import type { SubscriptionExclusionSpec } from '../../api/subscription-exclusion.ts';
import { isConfirmed, reviewId, type RuleForm } from '../../licensing/reclaim/review.ts';
import { compileCondition } from '../../licensing/reclaim/condition.ts';
import { checkTemplate } from '../../notices/render.ts';
import { findScheduleProblem, findTimeZoneProblem, longestPeriodHours } from './check-schedule.ts';
import type { Finding, Path } from './problem.ts';

/** Thresholds of fewer days flag many who come back; `saaslicense backtest` tells how many (C32). */
const shortThresholdDays = 30;

export interface ProductContext {
  /** Of the object. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Signals that the provider of the profile knows; of all providers where the profile is not known. */
  readonly signals: readonly string[];
  /** Signals that the profile pulls; undefined where it is not among the manifests. */
  readonly pulled: readonly string[] | undefined;
}

/** What the operator would find wrong with an object that the API server takes. */
export function checkProduct(kind: string, spec: unknown, context: ProductContext): Finding[] {
  return checks.get(kind)?.(spec, context) ?? [];
}

type ProductCheck = (spec: unknown, context: ProductContext) => Finding[];

// The schema of the kind has just checked each spec; its type is lost on the way.
/* oxlint-disable typescript/no-unsafe-type-assertion */
const checks: ReadonlyMap<string, ProductCheck> = new Map<string, ProductCheck>([
  ['ReclamationRule', (spec, context) => checkRule(spec as ReclamationRuleSpec, context)],
  ['IntegrationProfile', (spec) => checkProfile(spec as IntegrationProfileSpec)],
  ['SubscriptionExclusion', (spec, context) => checkExclusion(spec as SubscriptionExclusionSpec, context)],
]);
/* oxlint-enable typescript/no-unsafe-type-assertion */

function checkRule(spec: ReclamationRuleSpec, context: ProductContext): Finding[] {
  const path = ['spec'];
  return [
    ...checkConfirmation({ name: context.name, spec }),
    ...checkSignals(spec.activitySignals ?? [], context),
    ...checkCondition(spec.condition),
    ...checkThreshold(spec.lastActivityThresholdDays, [...path, 'lastActivityThresholdDays']),
    ...(spec.thresholdOverrides ?? []).flatMap(({ lastActivityThresholdDays: days }, index) => checkThreshold(days, [...path, 'thresholdOverrides', index, 'lastActivityThresholdDays'])),
    ...(spec.freezeWindows ?? []).flatMap((window, index) => checkFreezeWindow(window, { path: [...path, 'freezeWindows', index], now: context.now })),
    ...(spec.notify?.templates ?? []).flatMap((template, index) => toFindings([checkTemplate(template)], [...path, 'notify', 'templates', index])),
  ];
}

/** Nothing is reclaimed by a rule that was confirmed in another form: better found out here than once it is applied. */
function checkConfirmation(rule: RuleForm): Finding[] {
  if (rule.spec.confirmedRule === undefined || isConfirmed(rule, sha256)) return [];
  return [warning(['spec', 'confirmedRule'], `confirms another form of the rule, so nothing is reclaimed: read the rule in this file, then set confirmedRule to ${reviewId(rule, sha256)}`)];
}

function checkSignals(signals: readonly string[], { signals: known, pulled }: ProductContext): Finding[] {
  return signals.flatMap((signal, index): Finding[] => {
    const path = ['spec', 'activitySignals', index];
    if (!known.includes(signal)) return [error(path, `no provider has this signal: there are ${known.join(', ')}`)];
    if (pulled !== undefined && !pulled.includes(signal)) return [warning(path, 'the profile does not pull this signal: add it to its spec.activitySignals')];
    return [];
  });
}

function checkCondition(condition: string | undefined): Finding[] {
  if (condition === undefined) return [];
  const compiled = compileCondition(condition);
  return 'problem' in compiled ? [error(['spec', 'condition'], compiled.problem)] : [];
}

function checkThreshold(days: number, path: Path): Finding[] {
  if (days >= shortThresholdDays) return [];
  return [warning(path, `fewer than ${shortThresholdDays} days flag people who come back from a long leave: see saaslicense backtest`)];
}

function checkFreezeWindow(window: FreezeWindow, { path, now }: { readonly path: Path; readonly now: number }): Finding[] {
  const { until, schedule, hours = 0, timeZone } = window;
  if (schedule === undefined) return until !== undefined && Date.parse(until) <= now ? [warning([...path, 'until'], 'the window is over: it has no effect any more')] : [];
  const problem = findScheduleProblem(schedule);
  const period = problem === undefined ? longestPeriodHours(schedule, now) : undefined;
  return [
    ...toFindings([problem], [...path, 'schedule']),
    ...toFindings([timeZone === undefined ? undefined : findTimeZoneProblem(timeZone)], [...path, 'timeZone']),
    ...(period !== undefined && hours >= period ? [warning([...path, 'hours'], 'the window begins again before it ends, so nothing is ever reclaimed')] : []),
  ];
}

function checkProfile({ schedules }: IntegrationProfileSpec): Finding[] {
  if (schedules === undefined) return [];
  const path = ['spec', 'schedules'];
  const { subscriptions, activity, timeZone } = schedules;
  return [
    ...toFindings([subscriptions === undefined ? undefined : findScheduleProblem(subscriptions)], [...path, 'subscriptions']),
    ...toFindings([activity === undefined ? undefined : findScheduleProblem(activity)], [...path, 'activity']),
    ...toFindings([findTimeZoneProblem(timeZone)], [...path, 'timeZone']),
  ];
}

function checkExclusion({ until }: SubscriptionExclusionSpec, { now }: ProductContext): Finding[] {
  return until !== undefined && Date.parse(until) <= now ? [warning(['spec', 'until'], 'the exclusion is over: it has no effect any more')] : [];
}

function toFindings(problems: readonly (string | undefined)[], path: Path): Finding[] {
  return problems.flatMap((problem) => (problem === undefined ? [] : [error(path, problem)]));
}

function error(path: Path, message: string): Finding {
  return { path, check: 'Product', severity: 'error', message };
}

function warning(path: Path, message: string): Finding {
  return { path, check: 'Product', severity: 'warning', message };
}
