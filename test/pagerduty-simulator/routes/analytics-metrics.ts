import { z } from 'zod';
import { listOncalls } from '../account/oncalls.ts';
import { DAY_MS } from '../company/company.ts';
import type { IncidentAction } from '../company/history.ts';
import type { Interval } from '../company/intervals.ts';
import { merge } from '../company/intervals.ts';
import { readJson } from '../http/body.ts';
import type { Call } from '../http/call.ts';
import type { Reply } from '../http/replies.ts';
import { invalidInput, json, refuse } from '../http/replies.ts';
import type { Moment } from './analytics-moment.ts';
import { lastSignIn, makeMoment } from './analytics-moment.ts';

const ids = z.array(z.string());
const question = z.object({
  filters: z.object({ date_range_start: z.string().optional(), date_range_end: z.string().optional(), responder_ids: ids.optional(), team_ids: ids.optional() }).default({}),
  time_zone: z.string().default('Etc/UTC'),
  order: z.enum(['asc', 'desc']).default('asc'),
  order_by: z.string().default('total_incident_count'),
});

/** Seconds on call and actions in a range of at most a year; when, it does not say (facts 4.3). */
export function answerResponders(call: Call): Reply {
  const asked = readJson(call, question);
  const moment = makeMoment(call, asked.time_zone);
  const window = readRange(asked.filters, moment);
  const { responder_ids: wanted, team_ids: teamIds } = asked.filters;
  const responders = moment.people.filter(
    ({ id, teams }) => wanted?.includes(id) !== false && teamIds?.some((teamId) => teams.some((team) => team.teamId === teamId)) !== false,
  );
  const groups = call.settings.responderRows === 'total' ? [responders] : responders.map((responder) => [responder]);
  const data = groups.map((group) => ({
    ...measure(call, new Set(group.map(({ id }) => id)), window),
    ...(call.settings.responderRows === 'total' ? {} : { responder_id: group[0]?.id, responder_name: group[0]?.name }),
  }));
  return json({ data, filters: asked.filters, time_zone: asked.time_zone, order: asked.order, order_by: asked.order_by });
}

function readRange(filters: { date_range_start?: string | undefined; date_range_end?: string | undefined }, moment: Moment): Interval {
  const end = moment.read(filters.date_range_end) ?? moment.asOf;
  const start = moment.read(filters.date_range_start) ?? end - 30 * DAY_MS;
  if (end < start || end - start > 366 * DAY_MS) refuse(invalidInput('The date range must not be longer than a year.'));
  return { start, end: Math.max(start, Math.min(end, moment.asOf)) };
}

/** Totals of a group of people. */
function measure(call: Call, userIds: ReadonlySet<string>, window: Interval): object {
  const rows = [...listOncalls(call.account, { window, userIds, policyIds: undefined, scheduleIds: undefined, direct: true, earliest: false }, call.zones)];
  const seconds = (levels: (level: number) => boolean): number => secondsOnCall(rows.filter(({ level }) => levels(level)), window);
  const actions = call.account.company.incidents.flatMap(({ actions: all }) => all.filter(({ at }) => at >= window.start && at < window.end));
  const notified = actions.filter(({ notifiedId }) => notifiedId !== undefined && userIds.has(notifiedId)).length;
  const did = (type: IncidentAction['type']): number => actions.filter((action) => action.type === type && action.agent.kind === 'user' && userIds.has(action.agent.id)).length;
  return {
    total_seconds_on_call: seconds(() => true),
    total_seconds_on_call_level_1: seconds((level) => level === 1),
    total_seconds_on_call_level_2_plus: seconds((level) => level > 1),
    total_incidents_acknowledged: did('acknowledge'),
    total_incidents_reassigned_from: did('assign'),
    total_incident_count: notified,
    total_notifications: notified,
    total_interruptions: notified,
  };
}

function secondsOnCall(rows: readonly { user: { id: string }; start: number | null; end: number | null }[], window: Interval): number {
  const byPerson = Map.groupBy(rows, ({ user }) => user.id);
  const cut = (at: number): number => Math.min(window.end, Math.max(window.start, at));
  return [...byPerson.values()]
    .flatMap((shifts) => merge(shifts.map(({ start, end }) => ({ start: cut(start ?? window.start), end: cut(end ?? window.end) }))))
    .reduce((sum, { start, end }) => sum + (end - start) / 1000, 0);
}

/** Counts of the whole account (facts 4.3). */
export function answerAllUsers(call: Call): Reply {
  const { filters, time_zone: zone } = readJson(call, z.object({ filters: z.looseObject({}).default({}), time_zone: z.string().default('Etc/UTC') }));
  const moment = makeMoment(call, zone);
  const { people } = moment;
  const share = (count: number): number => (people.length === 0 ? 0 : Math.round((count / people.length) * 1000) / 10);
  const signedUp = people.filter((user) => lastSignIn(user, moment) !== undefined).length;
  const withApp = people.filter(({ mobileSignIns }) => mobileSignIns.length > 0).length;
  const onPolicy = people.filter(({ id }) => call.account.policiesTargeting(id).length > 0).length;
  const row = {
    total_user_count: people.length,
    total_signed_up_count: signedUp,
    total_signed_up_percentage: share(signedUp),
    total_with_notification_methods_count: signedUp,
    total_with_notification_methods_percentage: share(signedUp),
    total_downloaded_mobile_app_count: withApp,
    total_downloaded_mobile_app_percentage: share(withApp),
    total_on_escalation_policy_count: onPolicy,
    total_on_escalation_policy_percentage: share(onPolicy),
  };
  return json({ data: [row], filters, time_zone: zone });
}
