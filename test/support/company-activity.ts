import type { CompanyState } from '../pagerduty-simulator/index.ts';
import { listShifts } from '../pagerduty-simulator/company/shifts.ts';
import { createTimeZones } from '../pagerduty-simulator/company/time-zones.ts';

/** Latest activity of each person, by id; milliseconds since the epoch. */
export type Latest = ReadonlyMap<string, number>;

export interface ActivityWindow {
  readonly from: number;
  readonly to: number;
}

export interface KnownActivity {
  readonly OnCall: Latest;
  readonly SignIn: Latest;
  readonly AuditActor: Latest;
  readonly IncidentResponse: Latest;
}

const day = 86_400_000;

/**
 * What everybody in a simulated company did, by the company's own data and not by its API: on call up to the window's
 * end, signed in up to the last midnight in UTC (when analytics are made), changed something or acted on an incident
 * within the window.
 */
export function knownActivity(company: CompanyState, window: ActivityWindow): KnownActivity {
  const inside = (at: number): boolean => at >= window.from && at <= window.to;
  const midnight = Math.floor(window.to / day) * day;
  const signIns = company.users.filter((user) => user.createdAt <= midnight).flatMap((user) => user.webSignIns.filter((at) => at <= midnight).map((at) => [user.id, Math.floor(at / 1000) * 1000] as const));
  const changes = company.auditRecords
    .filter(({ at, method }) => inside(at) && method !== 'identity_provider')
    .flatMap(({ at, actors }) => (actors ?? []).flatMap(({ id, type }) => (type === 'user_reference' ? [[id, at] as const] : [])));
  const responses = company.incidents
    .flatMap(({ actions }) => actions)
    .filter(({ at, type }) => inside(at) && type !== 'notify')
    .flatMap(({ agent, at }) => (agent.kind === 'user' ? [[agent.id, Math.floor(at / 1000) * 1000] as const] : []));
  return { OnCall: latestOf(listDuties(company, window)), SignIn: latestOf(signIns), AuditActor: latestOf(changes), IncidentResponse: latestOf(responses) };
}

function listDuties(company: CompanyState, { from, to }: ActivityWindow): (readonly [string, number])[] {
  const schedules = new Map([...company.schedules, ...company.shiftSchedules].map((schedule) => [schedule.id, schedule]));
  const targets = company.policies.flatMap(({ rules }) => rules.flatMap((rule) => rule.targets));
  const used = new Set(targets.flatMap((target) => (target.kind === 'user' ? [] : [target.id])));
  const zones = createTimeZones();
  const shifts = Array.from(used).flatMap((id) => {
    const schedule = schedules.get(id);
    return schedule === undefined ? [] : listShifts(schedule, { start: from, end: to }, zones);
  });
  return [
    ...targets.flatMap((target) => (target.kind === 'user' ? [[target.id, to] as const] : [])),
    ...shifts.filter(({ start }) => start <= to).map(({ userId, end }) => [userId, Math.min(end, to)] as const),
  ];
}

function latestOf(all: Iterable<readonly [string, number]>): Latest {
  const latest = new Map<string, number>();
  for (const [id, at] of all) latest.set(id, Math.max(at, latest.get(id) ?? at));
  return latest;
}
