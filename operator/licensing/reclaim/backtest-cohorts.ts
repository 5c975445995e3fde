import type { RoleGroup } from '../../api/software-subscription.ts';
import { classifyUse } from '../position/use.ts';
import { countActivity, withCountedActivity } from './activity.ts';
import type { ReclaimSeat, RuleFacts, SignalWatch } from './facts.ts';
import { thresholdFor } from './threshold.ts';

const dayMs = 86_400_000;
const activationDays = 30;

/** A recorded state, with its seats by name. */
export interface IndexedState {
  readonly at: number;
  readonly seats: ReadonlyMap<string, ReclaimSeat>;
  readonly watches: ReadonlyMap<RoleGroup, SignalWatch>;
}

/** What became of each subscription from the first recorded state to the last (C33); together they are all that there were. */
export interface Cohorts {
  /** Active then and now. */
  readonly retained: number;
  /** Inactive then, active now. */
  readonly reactivated: number;
  /** Active then, inactive now. */
  readonly lapsed: number;
  /** There then, and taken back. */
  readonly reclaimed: number;
  /** There then, and gone for another reason. */
  readonly left: number;
  /** Not there then. */
  readonly new: number;
  /** Inactive then and now. */
  readonly stillAtRisk: number;
  /** Then or now nobody could tell. */
  readonly unjudged: number;
  /** Of the new: active within 30 days of being assigned, or else first seen. Those who are younger and not active yet are not counted. */
  readonly activated30: { readonly part: number; readonly of: number };
}

type Use = 'Active' | 'Inactive' | 'Unknown';

/** Cohorts of the subscriptions that the rule is for, by licence and role group. */
export function countCohorts(states: readonly IndexedState[], rule: RuleFacts, reclaimed: ReadonlySet<string>): Cohorts {
  const counts = { retained: 0, reactivated: 0, lapsed: 0, reclaimed: 0, left: 0, new: 0, stillAtRisk: 0, unjudged: 0 };
  const [first] = states;
  const last = states.at(-1);
  if (first === undefined || last === undefined) return { ...counts, activated30: { part: 0, of: 0 } };
  const now = usesOf(last, rule);
  const then = usesOf(first, rule);
  for (const [name, use] of then) counts[cohortOf(use, now.get(name), reclaimed.has(name))] += 1;
  const added = [...last.seats.values()].filter(({ name }) => now.has(name) && !then.has(name));
  return { ...counts, new: added.length, activated30: countActivated(added, states, rule) };
}

function usesOf({ at, seats, watches }: IndexedState, rule: RuleFacts): Map<string, Use> {
  const covered = [...seats.values()].filter((seat) => (rule.identifiers?.has(seat.identifier) ?? true) && rule.spec.licenseRoleGroups.some((group) => group === seat.roleGroup));
  return new Map(covered.map((seat) => [seat.name, useOf(seat, rule, { watch: watches.get(seat.roleGroup), at })]));
}

function useOf(seat: ReclaimSeat, rule: RuleFacts, { watch, at }: { readonly watch: SignalWatch | undefined; readonly at: number }): Use {
  const use = classifyUse(withCountedActivity(seat, countActivity(seat, rule)), { watch, thresholdDays: thresholdFor(seat, rule.spec), now: at });
  if (use === 'Active') return 'Active';
  return use === 'Stale' || use === 'NeverUsed' || use === 'PendingInvitation' ? 'Inactive' : 'Unknown';
}

function cohortOf(then: Use, now: Use | undefined, isReclaimed: boolean): Exclude<keyof Cohorts, 'new' | 'activated30'> {
  if (now === undefined) return isReclaimed ? 'reclaimed' : 'left';
  if (then === 'Unknown' || now === 'Unknown') return 'unjudged';
  if (then === 'Active') return now === 'Active' ? 'retained' : 'lapsed';
  return now === 'Active' ? 'reactivated' : 'stillAtRisk';
}

function countActivated(added: readonly ReclaimSeat[], states: readonly IndexedState[], rule: RuleFacts): Cohorts['activated30'] {
  const end = states.at(-1)?.at ?? 0;
  let part = 0;
  let judged = 0;
  for (const { name, assignedAt, firstSeen } of added) {
    const since = assignedAt ?? firstSeen;
    if (since === undefined) continue;
    const until = since + activationDays * dayMs;
    const isActive = states.some(({ seats }) => isActiveWithin(seats.get(name), rule, [since, until]));
    if (isActive) part += 1;
    if (isActive || until <= end) judged += 1;
  }
  return { part, of: judged };
}

function isActiveWithin(seat: ReclaimSeat | undefined, rule: RuleFacts, [from, until]: readonly [number, number]): boolean {
  const at = seat === undefined ? undefined : countActivity(seat, rule).last?.at;
  return at !== undefined && at >= from && at <= until;
}
