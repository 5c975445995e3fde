import { z } from 'zod';
import type { Membership, Person } from '../company/company.ts';
import { currentMembersOf } from '../company/shifts.ts';
import { readJson } from '../http/body.ts';
import type { Call, Route } from '../http/call.ts';
import type { CursorRows, Position } from '../http/cursors.ts';
import { comparePosition, cutPage, firstAfter, readCursor, writeCursor } from '../http/cursors.ts';
import type { Reply } from '../http/replies.ts';
import { invalidInput, json, refuse } from '../http/replies.ts';
import { answerAllUsers, answerResponders } from './analytics-metrics.ts';
import { lastSignIn, makeMoment, type Moment } from './analytics-moment.ts';

const common = { method: 'POST', scope: 'analytics.write', plan: 'planHasAnalytics' } as const;

export const analyticsRoutes: readonly Route[] = [
  { ...common, pattern: '/analytics/raw/users', handle: listUsers },
  { ...common, pattern: '/analytics/metrics/users/all', handle: answerAllUsers },
  { ...common, pattern: '/analytics/metrics/responders/all', handle: answerResponders },
];

const MOST = 1000;
const ORDERS = ['user_id', 'name', 'user_name', 'email', 'created_at', 'last_sign_in_at'] as const;
const ids = z.array(z.string());

const question = z.object({
  filters: z
    .object({ created_at_start: z.string().optional(), created_at_end: z.string().optional(), team_ids: ids.optional(), user_ids: ids.optional(), role_ids: ids.optional() })
    .default({}),
  time_zone: z.string().default('Etc/UTC'),
  order: z.enum(['asc', 'desc']).default('desc'),
  order_by: z.enum(ORDERS).optional(),
  limit: z.int().min(1).max(MOST).default(MOST),
  starting_after: z.string().nullish(),
  ending_before: z.string().nullish(),
});
type Question = z.infer<typeof question>;

interface Row {
  readonly user: Person;
  readonly team: Membership | undefined;
}

/** Everybody as of the last time that analytics were made (facts 4.2). */
function listUsers(call: Call): Reply {
  const asked = readJson(call, question);
  const moment = makeMoment(call, asked.time_zone);
  const orderBy = asked.order_by ?? call.settings.analyticsDefaultOrderBy;
  const list = listRows(call, { asked, moment, orderBy });
  const { start, limit } = findStart(list, asked);
  const page = cutPage(call, list, { start, limit });
  const [first, last] = [page.rows[0], page.rows.at(-1)];
  return json({
    data: page.rows.map((row) => renderRow(call, row, moment)),
    first: first === undefined ? null : writeCursor(list.positionOf(first)),
    last: last === undefined ? null : writeCursor(list.positionOf(last)),
    more: typeof asked.ending_before === 'string' ? start > 0 : page.next !== null,
    limit: asked.limit,
    order: asked.order,
    order_by: orderBy,
    filters: asked.filters,
    time_zone: asked.time_zone,
  });
}

function listRows(call: Call, { asked, moment, orderBy }: { asked: Question; moment: Moment; orderBy: NonNullable<Question['order_by']> }): CursorRows<Row> {
  const keyOf = sortKey(orderBy, moment);
  const positionOf = ({ user, team }: Row): Position => [keyOf(user), `${user.id} ${team?.teamId ?? ''}`];
  const compare = asked.order === 'asc' ? comparePosition : (a: Position, b: Position) => comparePosition(b, a);
  const key = JSON.stringify([asked.filters, asked.order, orderBy, moment.asOf, call.settings.analyticsRowPerTeam]);
  const listing = call.memory.recall(`analytics ${key}`, call.account.version, () => [
    moment.people
      .filter(readFilters(call, asked, moment))
      .flatMap((user) => rowsOf(call, user))
      .map((row) => ({ row, position: positionOf(row) }))
      .sort((a, b) => compare(a.position, b.position))
      .map(({ row }) => row),
  ]);
  return { rows: listing.slice(0, 1)[0] ?? [], positionOf, compare };
}

function rowsOf(call: Call, user: Person): Row[] {
  const [first, ...others] = user.teams;
  const row = { user, team: first };
  return call.settings.analyticsRowPerTeam ? [row, ...others.map((team) => ({ user, team }))] : [row];
}

function sortKey(orderBy: (typeof ORDERS)[number], moment: Moment): (user: Person) => string | number {
  if (orderBy === 'user_id') return ({ id }) => id;
  if (orderBy === 'email') return ({ email }) => email;
  if (orderBy === 'created_at') return ({ createdAt }) => createdAt;
  return orderBy === 'last_sign_in_at' ? (user) => lastSignIn(user, moment) ?? 0 : ({ name }) => name;
}

function readFilters(call: Call, { filters }: Question, moment: Moment): (user: Person) => boolean {
  const from = moment.read(filters.created_at_start) ?? Number.NEGATIVE_INFINITY;
  const to = moment.read(filters.created_at_end) ?? Number.POSITIVE_INFINITY;
  const { team_ids: teamIds, user_ids: userIds, role_ids: roleIds } = filters;
  if (roleIds !== undefined && call.settings.analyticsRoleIds === 'refuse') refuse(invalidInput('role_ids is not valid.'));
  const wantedIds = userIds === undefined ? undefined : new Set(userIds);
  return (user) =>
    user.createdAt >= from &&
    user.createdAt <= to &&
    wantedIds?.has(user.id) !== false &&
    teamIds?.some((id) => user.teams.some(({ teamId }) => teamId === id)) !== false &&
    roleIds?.includes(user.role) !== false;
}

/** `starting_after` walks on from a cursor; `ending_before` gives the page right before one. */
function findStart(list: CursorRows<Row>, { limit, starting_after: after, ending_before: before }: Question): { start: number; limit: number } {
  if (typeof after === 'string' && typeof before === 'string') refuse(invalidInput('starting_after and ending_before exclude each other.'));
  if (typeof after === 'string') return { start: firstAfter(list, readCursor(after, 'starting_after')), limit };
  if (typeof before !== 'string') return { start: 0, limit };
  const position = readCursor(before, 'ending_before');
  const end = firstAfter({ ...list, compare: (a, b) => list.compare(a, b) || 1 }, position);
  const start = Math.max(0, end - limit);
  return { start, limit: Math.max(1, end - start) };
}

/** Times have no zone: they are in the answer's (facts 4.2). */
function renderRow(call: Call, { user, team }: Row, moment: Moment): object {
  const { account } = call;
  const schedules = account.schedulesNaming(user.id).filter((schedule) => currentMembersOf(schedule, moment.asOf).has(user.id)).length;
  const policies = account.policiesTargeting(user.id).length;
  const signedInAt = lastSignIn(user, moment);
  const signedUp = signedInAt !== undefined;
  return {
    id: user.id,
    user_name: user.name,
    email: user.email,
    account_id: 4711,
    description: user.description,
    time_zone: user.timeZone,
    role: user.role,
    team_id: team?.teamId ?? null,
    team_name: team === undefined ? null : (account.team(team.teamId)?.name ?? null),
    team_count: user.teams.length,
    created_at: moment.write(user.createdAt),
    last_sign_in_at: signedInAt === undefined ? null : moment.write(signedInAt),
    signed_up: signedUp,
    on_schedule: schedules > 0,
    schedules_count: schedules,
    on_escalation_policy: policies > 0,
    escalation_policies_count: policies,
    channel_types_configured: signedUp ? ['email'] : [],
    default_notification_channel_count: signedUp ? 1 : 0,
    notification_methods: signedUp,
    downloaded_mobile_app: user.mobileSignIns.length > 0,
  };
}
