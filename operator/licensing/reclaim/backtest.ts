import type { RoleGroup } from '../../api/software-subscription.ts';
import { countActivity } from './activity.ts';
import { countCohorts, type Cohorts, type IndexedState } from './backtest-cohorts.ts';
import { usableCondition } from './condition.ts';
import type { JudgeContext, ReclaimSeat, RuleFacts, SignalWatch } from './facts.ts';
import { countAdmins, isAdmin } from './guards.ts';
import { createJudge } from './judge.ts';

const dayMs = 86_400_000;
/** Who is active again within this many days was flagged wrongly (C33). */
export const returnDays = 30;

/** What was recorded at one time. */
export interface BacktestState {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** All of the profile. */
  readonly seats: readonly ReclaimSeat[];
  readonly watches: ReadonlyMap<RoleGroup, SignalWatch>;
}

/** A rule, or the same one with another threshold. */
export interface BacktestVariant {
  readonly name: string;
  readonly rule: RuleFacts;
}

export interface BacktestInput {
  /** In any order. */
  readonly states: readonly BacktestState[];
  readonly variants: readonly BacktestVariant[];
  readonly context: Pick<JudgeContext, 'profileType' | 'ownerRole' | 'adminRoles'> & Partial<Pick<JudgeContext, 'exclusions' | 'leavers'>>;
  /** Subscriptions that are known to have been unused for good, where somebody knows; for recall. */
  readonly unused?: ReadonlySet<string>;
  /** Subscriptions that were reclaimed in the time, so that they do not count as left. */
  readonly reclaimed?: ReadonlySet<string>;
}

/** A part of a whole; no percentage where the whole is nothing. */
export interface Share {
  readonly part: number;
  readonly of: number;
}

export interface VariantResult {
  readonly name: string;
  readonly thresholdDays: number;
  /** Who would have been a candidate at each time: names of subscriptions, sorted. */
  readonly flagged: readonly { readonly at: number; readonly names: readonly string[] }[];
  /** How many were flagged at any time. */
  readonly people: number;
  /** Active within 30 days of the evidence that first flagged them, and active ever after it: flagged wrongly. */
  readonly returned30: number;
  readonly returnedEver: number;
  /** Of those whose next 30 days were seen to their end, or who were active in them: who was not. */
  readonly precision30: Share;
  /** Of those who were seen again at all: who was never active again. */
  readonly precisionEver: Share;
  /** Of those known to be unused: who was flagged; absent where nobody knows. */
  readonly recall?: Share;
  readonly cohorts: Cohorts;
}

/** What a rule would have done in recorded time, by threshold (D3). */
export interface BacktestReport {
  readonly from: number;
  readonly to: number;
  readonly states: number;
  readonly variants: readonly VariantResult[];
}

/**
 * Replays recorded states: whom each variant would have flagged, and who of them was active later. It judges as an evaluation does,
 * without what only the present knows: open candidates, cool-downs, the ratio of candidates. An activity is dated by the states that
 * recorded it: of several between two states only the last is known, so more states tell more exactly who was back within 30 days.
 */
export function backtest(input: BacktestInput): BacktestReport {
  const states = input.states.toSorted((a, b) => a.at - b.at).map(indexSeats);
  return {
    from: states[0]?.at ?? 0,
    to: states.at(-1)?.at ?? 0,
    states: states.length,
    variants: input.variants.map((variant) => testVariant(variant, states, input)),
  };
}

/** In the order of names, in which they are judged. */
function indexSeats({ at, seats, watches }: BacktestState): IndexedState {
  const ordered = seats.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { at, watches, seats: new Map(ordered.map((seat) => [seat.name, seat])) };
}

function testVariant({ name, rule }: BacktestVariant, states: readonly IndexedState[], input: BacktestInput): VariantResult {
  const flagged = states.map((state) => ({ at: state.at, names: flag(state, rule, input.context) }));
  const outcomes = [...firstFlags(flagged)].map(([subscription, index]) => ({ subscription, ...followUp(subscription, states, { index, rule }) }));
  const returned30 = outcomes.filter((one) => one.returned30).length;
  const returnedEver = outcomes.filter((one) => one.returnedEver).length;
  const judged30 = outcomes.filter((one) => one.returned30 || one.seenDays >= returnDays).length;
  const judgedEver = outcomes.filter((one) => one.returnedEver || one.seenDays > 0).length;
  return {
    name,
    thresholdDays: rule.spec.lastActivityThresholdDays,
    flagged,
    people: outcomes.length,
    returned30,
    returnedEver,
    precision30: { part: judged30 - returned30, of: judged30 },
    precisionEver: { part: judgedEver - returnedEver, of: judgedEver },
    ...(input.unused === undefined ? {} : { recall: { part: outcomes.filter(({ subscription }) => input.unused?.has(subscription)).length, of: input.unused.size } }),
    cohorts: countCohorts(states, rule, input.reclaimed ?? new Set()),
  };
}

/** Names of those who would be candidates at this time. */
function flag({ at, seats, watches }: IndexedState, rule: RuleFacts, known: BacktestInput['context']): string[] {
  const context = { exclusions: [], leavers: new Set<string>(), ...known, now: at, rule, watches, open: new Map(), kept: new Map(), admins: countAdmins(seats.values(), known) };
  const judge = createJudge({ ...context, condition: usableCondition(rule.spec.condition) });
  let adminsTaken = 0;
  const names: string[] = [];
  for (const seat of seats.values()) {
    if (judge(seat, adminsTaken).kind !== 'Candidate') continue;
    if (isAdmin(seat, known)) adminsTaken += 1;
    names.push(seat.name);
  }
  return names;
}

/** The state at which each was flagged first. */
function firstFlags(flagged: VariantResult['flagged']): Map<string, number> {
  const first = new Map<string, number>();
  for (const [index, { names }] of flagged.entries()) for (const name of names) if (!first.has(name)) first.set(name, index);
  return first;
}

interface Outcome {
  readonly returned30: boolean;
  readonly returnedEver: boolean;
  /** Days after the evidence that flagged them for which they were watched. */
  readonly seenDays: number;
}

/** What became of somebody after the state that flagged them. */
function followUp(name: string, states: readonly IndexedState[], { index, rule }: { readonly index: number; readonly rule: RuleFacts }): Outcome {
  const since = endOf(states[index], name);
  let outcome: Outcome = { returned30: false, returnedEver: false, seenDays: 0 };
  for (const state of states.slice(index + 1)) {
    const seat = state.seats.get(name);
    if (seat === undefined) continue;
    const last = countActivity(seat, rule).last?.at ?? -Infinity;
    outcome = {
      returned30: outcome.returned30 || (last > since && last <= since + returnDays * dayMs),
      returnedEver: outcome.returnedEver || last > since,
      seenDays: Math.max(outcome.seenDays, (endOf(state, name) - since) / dayMs),
    };
  }
  return outcome;
}

/** Until when the evidence of a state reaches for this person. */
function endOf(state: IndexedState | undefined, name: string): number {
  const group = state?.seats.get(name)?.roleGroup;
  return (group === undefined ? undefined : state?.watches.get(group)?.to) ?? state?.at ?? 0;
}
