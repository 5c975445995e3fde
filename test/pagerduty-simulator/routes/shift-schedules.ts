import type { ShiftEvent, ShiftSchedule } from '../company/company.ts';
import { DAY_MS } from '../company/company.ts';
import { intersect, merge } from '../company/intervals.ts';
import { listShifts } from '../company/shifts.ts';
import type { Call, Route } from '../http/call.ts';
import type { PageRules } from '../http/paging.ts';
import { answerPage, listingOf } from '../http/paging.ts';
import { readList, readWindow } from '../http/query.ts';
import type { Reply } from '../http/replies.ts';
import { invalidInput, json, notFound, refuse } from '../http/replies.ts';
import type { Settings } from '../http/settings.ts';
import { apiOf, policyReference, scheduleReference, teamReference } from './render.ts';
import { matchName } from './teams.ts';

const scope = (settings: Readonly<Settings>): string | null => settings.shiftScheduleScope;

export const shiftScheduleRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/v3/schedules', scope, handle: listShiftSchedules },
  { method: 'GET', pattern: '/v3/schedules/{id}', scope, handle: showShiftSchedule },
];

/** Default 100, at most 1000, no `total` (facts 5.5). */
const SHIFT_PAGES: PageRules = { defaultLimit: 100, maxLimit: 1000, total: 'absent', reach: undefined };

/** References only; those that may not be read are left out without a word. */
function listShiftSchedules(call: Call): Reply {
  const teamIds = readList(call.query, 'team_ids');
  const schedules = matchName(call.account.company.shiftSchedules, call.query.get('query'))
    .filter((schedule) => schedule.unreadable !== true)
    .filter((schedule) => teamIds === undefined || schedule.teamIds.some((id) => teamIds.includes(id)));
  return answerPage(call, 'schedules', {
    listing: listingOf(schedules),
    render: (schedule) => scheduleReference(call.account.company, schedule),
    rules: SHIFT_PAGES,
  });
}

/** A classic schedule's id gives 400 here (facts 5.5). */
function showShiftSchedule(call: Call): Reply {
  const id = call.params['id'] ?? '';
  if (call.account.schedule(id) !== undefined) refuse(invalidInput('The schedule is not a shift-based schedule.'));
  const schedule = call.account.shiftSchedule(id);
  if (schedule === undefined || schedule.unreadable === true) refuse(notFound);
  const final = readList(call.query, 'include')?.includes('final_schedule') === true ? { final_schedule: renderFinal(call, schedule) } : {};
  return json({ schedule: { ...renderShiftSchedule(call, schedule), ...final } });
}

export function renderShiftSchedule(call: Call, schedule: ShiftSchedule): object {
  const { account } = call;
  const { company } = account;
  const reference = scheduleReference(company, schedule);
  const policies = company.policies.filter((policy) =>
    policy.rules.some((rule) => rule.targets.some((target) => target.kind === 'v3' && target.id === schedule.id)),
  );
  return {
    id: schedule.id,
    type: 'schedule_v3',
    name: schedule.name,
    description: schedule.description,
    time_zone: schedule.timeZone,
    teams: schedule.teamIds.flatMap((id) => account.team(id) ?? []).map((team) => teamReference(company, team)),
    escalation_policies: policies.map((policy) => policyReference(company, policy)),
    rotations: schedule.rotations.map((rotation) => ({
      id: rotation.id,
      type: 'schedule_rotation',
      events: rotation.events.map((event) => renderEvent(call, schedule, event)),
      self: `${apiOf(company)}/v3/schedules/${schedule.id}/rotations/${rotation.id}`,
    })),
    self: reference.self,
    html_url: reference.html_url,
  };
}

function renderEvent(call: Call, schedule: ShiftSchedule, event: ShiftEvent): object {
  const zoned = (at: number): object => ({ date_time: call.zones.format('Etc/UTC', at), time_zone: schedule.timeZone });
  const rotating = event.strategy === 'rotating';
  return {
    id: event.id,
    type: 'schedule_event',
    name: event.name,
    start_time: zoned(event.start),
    end_time: zoned(event.end),
    effective_since: call.zones.format('Etc/UTC', event.effectiveSince),
    effective_until: event.effectiveUntil === null ? null : call.zones.format('Etc/UTC', event.effectiveUntil),
    recurrence: [`RRULE:FREQ=${event.frequency.toUpperCase()}`],
    assignment_strategy: {
      type: rotating ? 'rotating_member_assignment_strategy' : 'every_member_assignment_strategy',
      ...(rotating ? { shifts_per_member: event.shiftsPerMember } : {}),
      members: event.members.map((id) => (id === null ? { type: 'empty_member' } : { type: 'user_member', user_id: id })),
    },
  };
}

function renderFinal(call: Call, schedule: ShiftSchedule): object {
  const window = readWindow(call, { since: call.now, until: call.now + 14 * DAY_MS });
  const pieces = listShifts(schedule, window, call.zones).flatMap((shift) => {
    const piece = intersect(shift, window);
    return piece === undefined ? [] : [{ ...piece, userId: shift.userId, rotation: String(shift.source) }];
  });
  const covered = merge(pieces).reduce((sum, piece) => sum + piece.end - piece.start, 0);
  return {
    type: 'final_schedule',
    rendered_coverage_percentage: window.end === window.start ? 0 : (covered / (window.end - window.start)) * 100,
    computed_shift_assignments: pieces.map((piece) => ({
      type: 'computed_shift_assignment',
      start_time: call.zones.format('Etc/UTC', piece.start),
      end_time: call.zones.format('Etc/UTC', piece.end),
      member: { type: 'user_member', user_id: piece.userId },
      source: { type: 'schedule_rotation', rotation_id: piece.rotation },
    })),
  };
}
