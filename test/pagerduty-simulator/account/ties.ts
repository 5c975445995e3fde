import type { ClassicSchedule, CompanyState, Policy, ShiftSchedule } from '../company/company.ts';
import { membersOf } from '../company/shifts.ts';

/** Who is named where. */
export interface Ties {
  readonly schedules: ReadonlyMap<string, readonly (ClassicSchedule | ShiftSchedule)[]>;
  readonly policies: ReadonlyMap<string, readonly Policy[]>;
}

export function indexTies({ schedules, shiftSchedules, policies }: CompanyState): Ties {
  const bySchedule = new Map<string, (ClassicSchedule | ShiftSchedule)[]>();
  for (const schedule of [...schedules, ...shiftSchedules]) {
    for (const userId of membersOf(schedule)) append(bySchedule, userId, schedule);
  }
  const byPolicy = new Map<string, Policy[]>();
  for (const policy of policies) {
    for (const userId of directTargets(policy)) append(byPolicy, userId, policy);
  }
  return { schedules: bySchedule, policies: byPolicy };
}

export function directTargets(policy: Policy): Set<string> {
  return new Set(policy.rules.flatMap(({ targets }) => targets.filter(({ kind }) => kind === 'user').map(({ id }) => id)));
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
