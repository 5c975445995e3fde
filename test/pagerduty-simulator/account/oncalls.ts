import type { ClassicSchedule, Person, Policy, PolicyTarget, ShiftSchedule } from '../company/company.ts';
import type { Interval } from '../company/intervals.ts';
import { listShifts } from '../company/shifts.ts';
import type { TimeZones } from '../company/time-zones.ts';
import type { Account } from './account.ts';

/** One row of /oncalls: a person's shift, once for each policy and level that uses the schedule (facts 4.1). */
export interface Oncall {
  readonly user: Person;
  readonly policy: Policy;
  readonly level: number;
  /** Undefined for a direct target, who is on call always: `start` and `end` are then null. */
  readonly schedule: ClassicSchedule | ShiftSchedule | undefined;
  readonly start: number | null;
  /** Null with a start = does not go off call. */
  readonly end: number | null;
}

export interface OncallQuery {
  readonly window: Interval;
  readonly userIds: ReadonlySet<string> | undefined;
  readonly policyIds: ReadonlySet<string> | undefined;
  readonly scheduleIds: ReadonlySet<string> | undefined;
  /** False when schedules were asked for without the member `null`. */
  readonly direct: boolean;
  /** Only the first of each policy, level and person. */
  readonly earliest: boolean;
}

/** Computed on the way: nothing is stored, so that a page costs what the page holds. */
export function* listOncalls(account: Account, query: OncallQuery, zones: TimeZones): Generator<Oncall> {
  for (const policy of account.company.policies) {
    if (query.policyIds?.has(policy.id) === false) continue;
    for (const [index, rule] of policy.rules.entries()) {
      const place = { policy, level: index + 1 };
      const level = rule.targets.flatMap((target) => listTarget(target, place, { account, query, zones }));
      yield* query.earliest ? keepEarliest(level) : level;
    }
  }
}

interface Search {
  readonly account: Account;
  readonly query: OncallQuery;
  readonly zones: TimeZones;
}

function listTarget(target: PolicyTarget, place: { policy: Policy; level: number }, search: Search): Oncall[] {
  if (target.kind === 'user') return listDirect(target.id, place, search);
  const { account, query, zones } = search;
  if (query.scheduleIds?.has(target.id) === false) return [];
  const schedule = target.kind === 'classic' ? account.schedule(target.id) : account.shiftSchedule(target.id);
  if (schedule === undefined) return [];
  if (query.userIds !== undefined && !account.involves(schedule, query.userIds)) return [];
  return listShifts(schedule, query.window, zones).flatMap((shift) => {
    const user = wanted(shift.userId, search);
    if (user === undefined) return [];
    return [{ ...place, user, schedule, start: shift.start, end: Number.isFinite(shift.end) ? shift.end : null }];
  });
}

function listDirect(userId: string, place: { policy: Policy; level: number }, search: Search): Oncall[] {
  const user = search.query.direct ? wanted(userId, search) : undefined;
  return user === undefined ? [] : [{ ...place, user, schedule: undefined, start: null, end: null }];
}

function wanted(userId: string, { account, query }: Search): Person | undefined {
  return query.userIds?.has(userId) === false ? undefined : account.user(userId);
}

function keepEarliest(level: readonly Oncall[]): Oncall[] {
  const first = new Map<string, Oncall>();
  for (const oncall of level) {
    const known = first.get(oncall.user.id);
    if (known === undefined || (oncall.start ?? Number.NEGATIVE_INFINITY) < (known.start ?? Number.NEGATIVE_INFINITY)) {
      first.set(oncall.user.id, oncall);
    }
  }
  return [...first.values()];
}
