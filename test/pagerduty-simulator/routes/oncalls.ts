import type { Oncall, OncallQuery } from '../account/oncalls.ts';
import { listOncalls } from '../account/oncalls.ts';
import { DAY_MS } from '../company/company.ts';
import type { Interval } from '../company/intervals.ts';
import type { Call, Route } from '../http/call.ts';
import { answerPage } from '../http/paging.ts';
import { readFlag, readList, readTimeZone, readWindow } from '../http/query.ts';
import type { Reply } from '../http/replies.ts';
import { argumentError, refuse } from '../http/replies.ts';
import { renderPolicy } from './policies.ts';
import { policyReference, scheduleReference, userReference } from './render.ts';
import { renderUser } from './render-user.ts';
import { renderScheduleHead } from './schedules.ts';
import { renderShiftSchedule } from './shift-schedules.ts';

export const oncallRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/oncalls', scope: 'oncalls.read', oncalls: true, handle: answerOncalls },
];

/** Shifts are known so far ahead (facts 4.1). */
const HORIZON_MS = 90 * DAY_MS;

function answerOncalls(call: Call): Reply {
  const query = readQuery(call);
  const zone = readTimeZone(call);
  const includes = new Set(readList(call.query, 'include'));
  const beyond = query.window.start > call.now + HORIZON_MS;
  const key = JSON.stringify([query.window, beyond, query.direct, query.earliest, listKeys(call)]);
  const listing = call.memory.recall(key, call.account.version, () => (beyond ? [] : listOncalls(call.account, query, call.zones)));
  return answerPage(call, 'oncalls', { listing, render: (oncall) => renderOncall(call, oncall, { zone, includes }) });
}

function listKeys(call: Call): (string[] | undefined)[] {
  return ['user_ids', 'escalation_policy_ids', 'schedule_ids'].map((name) => readList(call.query, name)?.sort());
}

function readQuery(call: Call): OncallQuery {
  const scheduleIds = readList(call.query, 'schedule_ids');
  const asSet = (name: string): Set<string> | undefined => {
    const ids = readList(call.query, name);
    return ids === undefined ? undefined : new Set(ids);
  };
  return {
    window: readOncallWindow(call),
    userIds: asSet('user_ids'),
    policyIds: asSet('escalation_policy_ids'),
    scheduleIds: asSet('schedule_ids'),
    direct: scheduleIds === undefined || scheduleIds.includes('null'),
    earliest: readFlag(call.query, 'earliest'),
  };
}

/** Both ends default to now: without them, who is on call at this moment. */
function readOncallWindow(call: Call): Interval {
  const { start, end } = readWindow(call, { since: call.now, until: call.now });
  const widest = call.settings.oncallRangeDays;
  if (widest !== null && end - start > widest * DAY_MS) refuse(argumentError(2005, `The range must not be longer than ${widest} days.`));
  return { start, end: Math.max(start, Math.min(end, call.now + HORIZON_MS)) };
}

function renderOncall(call: Call, oncall: Oncall, style: { zone: string; includes: ReadonlySet<string> }): object {
  const { company } = call.account;
  const { includes, zone } = style;
  const time = (at: number | null): string | null => (at === null ? null : call.zones.format(zone, at));
  return {
    escalation_policy: includes.has('escalation_policies') ? renderPolicy(call, oncall.policy) : policyReference(company, oncall.policy),
    escalation_level: oncall.level,
    schedule: renderSchedule(call, oncall, includes.has('schedules')),
    user: includes.has('users') ? renderUser(call.account, oncall.user, new Set()) : userReference(company, oncall.user),
    start: time(oncall.start),
    end: time(oncall.end),
  };
}

function renderSchedule(call: Call, { schedule }: Oncall, whole: boolean): object | null {
  if (schedule === undefined) return null;
  if (!whole) return scheduleReference(call.account.company, schedule);
  return schedule.kind === 'classic' ? renderScheduleHead(call, schedule) : renderShiftSchedule(call, schedule);
}
