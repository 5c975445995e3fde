import { Environment, ParseError, TypeError, type ParseResult } from '@marcbachmann/cel-js';
import { hideAddresses } from '../text.ts';
import { countActivity } from './activity.ts';
import { findForbidden } from './condition-bounds.ts';
import type { JudgeContext, ReclaimSeat } from './facts.ts';

const dayMs = 86_400_000;
/** As the schema says; a rule that is read from a file has not passed it. */
const maxLength = 2048;

/** A compiled condition of a rule (D2). */
export interface Condition {
  /** Whether it is true of this person; what fails while it is evaluated is not, so it makes nobody a candidate. */
  evaluate(seat: ReclaimSeat, context: ConditionContext): boolean;
  /** Whether it asks for teams: of who has more than are shown, it cannot be asked. */
  readonly readsTeams: boolean;
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
 * checked to give a bool, and bounded in length, depth and what it may call, so that it ends soon for everybody (D2). Pure: it knows
 * no time and no other person.
 * @returns the condition, or what is wrong with it and where, for people.
 */
export function compileCondition(text: string): Condition | { readonly problem: string } {
  if (text.length > maxLength) return { problem: `the expression is longer than ${maxLength} characters.` };
  try {
    const parsed = environment.parse(text);
    const forbidden = findForbidden(parsed.ast);
    if (forbidden !== undefined) return { problem: forbidden };
    const { valid, type, error } = parsed.check();
    if (!valid) return { problem: describe(error) };
    if (type !== 'bool') return { problem: `the expression gives ${type ?? 'no type'}, and must give bool: true for whom may become a candidate.` };
    return { evaluate: (seat, context) => isTrue(parsed, seat, context), readsTeams: /\bteams\b/.test(text) };
  } catch (error) {
    return { problem: describe(error) };
  }
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
