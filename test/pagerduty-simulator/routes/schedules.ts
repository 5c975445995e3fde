import type { ClassicSchedule, Layer } from '../company/company.ts';
import { DAY_MS } from '../company/company.ts';
import type { Interval } from '../company/intervals.ts';
import { intersect, merge } from '../company/intervals.ts';
import { currentMembersOf, layerTurns, listShifts, membersOf } from '../company/shifts.ts';
import type { Call, Route } from '../http/call.ts';
import { answerPage, listingOf } from '../http/paging.ts';
import { readList, readTimeZone, readWindow } from '../http/query.ts';
import type { Reply } from '../http/replies.ts';
import { json, notFound, refuse } from '../http/replies.ts';
import { personReference, policyReference, scheduleReference, teamReference } from './render.ts';
import { renderUser } from './render-user.ts';
import { matchName } from './teams.ts';

const common = { method: 'GET', scope: 'schedules.read' } as const;

export const scheduleRoutes: readonly Route[] = [
  { ...common, pattern: '/schedules', handle: listSchedules },
  { ...common, pattern: '/schedules/{id}', handle: (call) => json({ schedule: renderWhole(call, findSchedule(call)) }) },
  { method: 'GET', pattern: '/schedules/{id}/users', scope: 'users.read', handle: listScheduleUsers },
];

/** Classic schedules only: shift-based ones do not appear here (facts 0.7). There is no user filter. */
function listSchedules(call: Call): Reply {
  const teamIds = readList(call.query, 'team_ids');
  const schedules = matchName(call.account.company.schedules, call.query.get('query')).filter(
    (schedule) => teamIds === undefined || schedule.teamIds.some((id) => teamIds.includes(id)),
  );
  return answerPage(call, 'schedules', { listing: listingOf(schedules), render: (schedule) => renderListed(call, schedule) });
}

function findSchedule(call: Call): ClassicSchedule {
  return call.account.schedule(call.params['id'] ?? '') ?? refuse(notFound);
}

function listScheduleUsers(call: Call): Reply {
  const schedule = findSchedule(call);
  const window = readWindow(call, { since: call.now, until: call.now });
  const ids = new Set(listShifts(schedule, window, call.zones).map((shift) => shift.userId));
  const users = [...ids].flatMap((id) => call.account.user(id) ?? []);
  return json({ users: users.map((user) => renderUser(call.account, user, new Set())) });
}

function renderListed(call: Call, schedule: ClassicSchedule): object {
  const includes = new Set(readList(call.query, 'include'));
  const whole = ['schedule_layers', 'overrides_subschedule', 'final_schedule'].filter((part) => includes.has(part));
  if (whole.length === 0) return renderScheduleHead(call, schedule);
  const parts = renderParts(call, schedule);
  return { ...renderScheduleHead(call, schedule), ...Object.fromEntries(Object.entries(parts).filter(([name]) => whole.includes(name))) };
}

function renderWhole(call: Call, schedule: ClassicSchedule): object {
  return { ...renderScheduleHead(call, schedule), ...renderParts(call, schedule) };
}

export function renderScheduleHead(call: Call, schedule: ClassicSchedule): object {
  const { account } = call;
  const { company } = account;
  const policies = company.policies.filter((policy) =>
    policy.rules.some((rule) => rule.targets.some((target) => target.kind === 'classic' && target.id === schedule.id)),
  );
  return {
    ...scheduleReference(company, schedule),
    type: 'schedule',
    name: schedule.name,
    description: schedule.description,
    time_zone: schedule.timeZone,
    escalation_policies: policies.map((policy) => policyReference(company, policy)),
    users: [...listedMembers(call, schedule)].map((id) => personReference(account, id)),
    teams: schedule.teamIds.flatMap((id) => account.team(id) ?? []).map((team) => teamReference(company, team)),
  };
}

/** Whether those of ended layers are still listed is not known. */
function listedMembers({ settings, now }: Call, schedule: ClassicSchedule): Set<string> {
  return settings.endedLayers === 'ignored' ? currentMembersOf(schedule, now) : membersOf(schedule);
}

/** Entries are rendered only for a time that was asked for; without one the window is empty. */
function renderParts(call: Call, schedule: ClassicSchedule): Record<string, unknown> {
  const asked = call.query.has('since') || call.query.has('until');
  const window = asked ? readWindow(call, { since: call.now, until: call.now + 14 * DAY_MS }) : undefined;
  const overrides = schedule.overrides.map((override) => ({ ...override, source: -1 }));
  return {
    schedule_layers: schedule.layers.map((layer) => renderLayer(call, layer, { schedule, window })).toReversed(),
    overrides_subschedule: { name: 'Overrides', ...renderEntries(call, overrides, window) },
    final_schedule: {
      name: 'Final Schedule',
      ...renderEntries(call, window === undefined ? [] : listShifts(schedule, window, call.zones), window),
    },
  };
}

function renderLayer(call: Call, layer: Layer, part: { schedule: ClassicSchedule; window: Interval | undefined }): object {
  const zone = readTimeZone(call);
  const { window, schedule } = part;
  const turns = window === undefined ? [] : layerTurns(layer, { timeZone: schedule.timeZone, window, zones: call.zones });
  return {
    id: layer.id,
    name: layer.name,
    start: call.zones.format(zone, layer.start),
    end: layer.end === null ? null : call.zones.format(zone, layer.end),
    rotation_virtual_start: call.zones.format(zone, layer.rotationVirtualStart),
    rotation_turn_length_seconds: layer.turnSeconds,
    users: layer.userIds.map((id) => ({ user: personReference(call.account, id) })),
    restrictions: layer.restrictions.map((restriction) => ({
      type: `${restriction.kind}_restriction`,
      start_time_of_day: restriction.startTimeOfDay,
      duration_seconds: restriction.durationSeconds,
      ...(restriction.startDayOfWeek === undefined ? {} : { start_day_of_week: restriction.startDayOfWeek }),
    })),
    ...renderEntries(call, turns, window),
  };
}

/** Entries here are cut to the window, unlike those of /oncalls. */
function renderEntries(call: Call, shifts: readonly (Interval & { userId: string })[], window: Interval | undefined): object {
  if (window === undefined) return { rendered_schedule_entries: [], rendered_coverage_percentage: null };
  const zone = readTimeZone(call);
  const pieces = shifts.flatMap((shift) => {
    const piece = intersect(shift, window);
    return piece === undefined ? [] : [{ ...piece, userId: shift.userId }];
  });
  const covered = merge(pieces).reduce((sum, piece) => sum + piece.end - piece.start, 0);
  return {
    rendered_schedule_entries: pieces.map((piece) => ({
      start: call.zones.format(zone, piece.start),
      end: call.zones.format(zone, piece.end),
      user: personReference(call.account, piece.userId),
    })),
    rendered_coverage_percentage: window.end === window.start ? 0 : Math.round((covered / (window.end - window.start)) * 1000) / 10,
  };
}
