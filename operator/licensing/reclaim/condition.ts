import { Environment, ParseError, TypeError, type ParseResult } from '@marcbachmann/cel-js';
import { hideAddresses } from '../text.ts';
import { countActivity } from './activity.ts';
import { countSteps, findForbidden } from './condition-bounds.ts';
import type { JudgeContext, ReclaimSeat } from './facts.ts';

const dayMs = 86_400_000;
/** As the schema says; a rule that is read from a file has not passed it. */
const maxLength = 2048;
/** For one person, counted before anybody is looked at: about a millisecond (docs/decisions/0016-nobody-holds-another.md). */
export const maxSteps = 30_000;

/** A compiled condition of a rule (D2). */
export interface Condition {
  /** Whether it is true of this person; what fails while it is evaluated is not, so it makes nobody a candidate. */
  evaluate(seat: ReclaimSeat, context: ConditionContext): boolean;
  /** Whether it asks for teams: of who has more than are shown, it cannot be asked. */
  readonly readsTeams: boolean;
  /** Most steps that one evaluation takes, of `maxSteps`: what a reader of many people counts before it lets others run. */
  readonly steps: number;
}

/** Why an expression is no condition: what is wrong with it and where, for people. */
export interface ConditionProblem {
  readonly problem: string;
  /** It is sound, and would take too long. */
  readonly isTooExpensive: boolean;
}

export type ConditionContext = Pick<JudgeContext, 'now' | 'rule' | 'watches'>;

/** The one variable, and the type of each field. */
export const conditionFields = {
  role: 'string',
  roleGroup: 'string',
  teams: 'list<string>',
  jobTitle: 'string',
  identifier: 'string',
  edition: 'string',
  pending: 'bool',
  activity: 'string',
  inactiveDays: 'int',
  assignedDays: 'int',
  signals: 'map<string, int>',
} as const;

const environment = new Environment({
  unlistedVariablesAreDyn: false,
  limits: { maxAstNodes: 300, maxDepth: 24, maxListElements: 50, maxMapEntries: 0, maxCallArguments: 4 },
}).registerVariable({ name: 'subscription', schema: conditionFields });

/**
 * Compiles a condition: an expression of the Common Expression Language over `subscription`, which is
 * checked to give a bool, and bounded in length, depth, what it may call and the steps that it takes, so that it ends soon
 * whoever wrote it (D2, guard 12). Pure: it knows no time and no other person.
 */
export function compileCondition(text: string): Condition | ConditionProblem {
  if (text.length > maxLength) return invalid(`the expression is longer than ${maxLength} characters.`);
  try {
    const parsed = environment.parse(text);
    const forbidden = findForbidden(parsed.ast);
    if (forbidden !== undefined) return invalid(forbidden);
    const { valid, type, error } = parsed.check();
    if (!valid) return invalid(describe(error));
    if (type !== 'bool') return invalid(`the expression returns ${type ?? 'no type'} and must return bool: true for a subscription that may become a candidate.`);
    const steps = countSteps(parsed.ast);
    if (steps > maxSteps) return tooExpensive(steps);
    return { evaluate: (seat, context) => isTrue(parsed, seat, context), readsTeams: /\bteams\b/.test(text), steps };
  } catch (error) {
    return invalid(describe(error));
  }
}

/** The condition of a rule that has one; undefined where it has none, or one that cannot be used, of which `findHold` says why. */
export function usableCondition(text: string | undefined): Condition | undefined {
  const compiled = text === undefined ? undefined : compileCondition(text);
  return compiled === undefined || 'problem' in compiled ? undefined : compiled;
}

function invalid(problem: string): ConditionProblem {
  return { problem, isTooExpensive: false };
}

function tooExpensive(steps: number): ConditionProblem {
  const problem = `the expression could take ${steps} steps for one person; at most ${maxSteps} are allowed. Shorten what is inside exists(), all() and filter(), which the operator counts for 50 teams, and the texts that contains() searches for.`;
  return { problem, isTooExpensive: true };
}

function isTrue(parsed: ParseResult, seat: ReclaimSeat, context: ConditionContext): boolean {
  try {
    return parsed({ subscription: toVariable(seat, context) }) === true;
  } catch {
    return false;
  }
}

function toVariable(seat: ReclaimSeat, { now, rule, watches }: ConditionContext): Record<keyof typeof conditionFields, unknown> {
  const to = watches.get(seat.roleGroup)?.to ?? now;
  const { activity, last } = countActivity(seat, rule);
  return {
    role: seat.role,
    roleGroup: seat.roleGroup,
    teams: [...seat.teams],
    jobTitle: seat.jobTitle ?? '',
    identifier: seat.identifier,
    edition: seat.edition ?? '',
    pending: seat.pending,
    activity: activity ?? 'Unknown',
    inactiveDays: daysBetween(last?.at, to),
    assignedDays: daysBetween(seat.assignedAt, now),
    signals: new Map(seat.evidence.map(({ signal, at }) => [signal, daysBetween(at, to)])),
  };
}

/** Whole days; -1 when it is not known. */
function daysBetween(from: number | undefined, to: number): bigint {
  return from === undefined ? -1n : BigInt(Math.max(0, Math.floor((to - from) / dayMs)));
}

/** What is wrong, in the library's words, and at which character. */
function describe(error: unknown): string {
  if (!(error instanceof ParseError || error instanceof TypeError)) return 'the expression cannot be read.';
  const where = error.range === undefined ? '' : `, at character ${error.range.start + 1}`;
  return `${hideAddresses(error.summary).slice(0, 512)}${where}.`;
}
