import { demandAdmin } from '../auth/credentials.ts';
import type { AuditActor, AuditRecord, AuditRoot } from '../company/history.ts';
import { DAY_MS } from '../company/company.ts';
import type { Interval } from '../company/intervals.ts';
import type { Call, Route } from '../http/call.ts';
import { newestFirst, readCursorPage, withinWindow } from '../http/cursors.ts';
import { readList, readWindow } from '../http/query.ts';
import type { Reply } from '../http/replies.ts';
import { apiError, argumentError, invalidInput, json, refuse } from '../http/replies.ts';
import { apiOf, personReference, webOf } from './render.ts';

const common = { method: 'GET', scope: 'audit_records.read', plan: 'planHasAudit' } as const;

export const auditRoutes: readonly Route[] = [
  { ...common, pattern: '/audit/records', handle: listAll },
  ...(['users', 'teams', 'schedules', 'escalation_policies'] as const).map(
    (root): Route => ({ ...common, pattern: `/${root}/{id}/audit/records`, handle: (call) => listOf(call, root) }),
  ),
];

function listAll(call: Call): Reply {
  const tests = [rootTest(call), actorTest(call), methodTest(call), actionTest(call)];
  return answerRecords(call, (record) => tests.every((test) => test(record)));
}

/** What was done to one thing, as against what somebody did. */
function listOf(call: Call, root: AuditRoot): Reply {
  return answerRecords(call, (record) => record.root.type === root && record.root.id === call.params['id']);
}

/** Administrators and account-level credentials only (facts 4.6); newest first. */
function answerRecords(call: Call, wanted: Test): Reply {
  const denied = demandAdmin(call.credential, call.account, 'Cannot read audit records');
  if (denied !== undefined) return apiError(denied);
  const rows = withinWindow(call, call.account.auditNewestFirst(), readAuditWindow(call)).filter(wanted);
  const page = readCursorPage(call, { rows, positionOf: ({ at, id }) => [at, id], compare: newestFirst });
  return json({
    records: page.rows.map((record) => renderRecord(call, record)),
    limit: page.limit,
    next_cursor: page.next,
    response_metadata: { messages: [] },
  });
}

/** PagerDuty began to keep records on this day. */
const FIRST_DAY = Date.UTC(2020, 11, 2);

/** At most 31 days, by default the last one; older than twelve months there is nothing (facts 4.6). */
function readAuditWindow(call: Call): Interval {
  const { start, end } = readWindow(call, { since: call.now - DAY_MS, until: call.now });
  if (end - start > 31 * DAY_MS) refuse(argumentError(2005, 'The range must not be longer than 31 days.'));
  return { start: Math.max(start, FIRST_DAY, call.now - 365 * DAY_MS), end };
}

type Test = (record: AuditRecord) => boolean;

function rootTest({ query }: Call): Test {
  const roots = readList(query, 'root_resource_types');
  return ({ root }) => roots === undefined || roots.includes(root.type);
}

function actorTest({ query }: Call): Test {
  const [type, id] = [query.get('actor_type'), query.get('actor_id')];
  if (id !== null && type === null) refuse(invalidInput('actor_id needs actor_type.'));
  return ({ actors }) => type === null || (actors ?? []).some((actor) => actor.type === type && (id === null || actor.id === id));
}

function methodTest({ query }: Call): Test {
  const [type, token] = [query.get('method_type'), query.get('method_truncated_token')];
  return (record) => (type === null || record.method === type) && (token === null || truncatedToken(record) === token);
}

function actionTest({ query }: Call): Test {
  const actions = readList(query, 'actions');
  return ({ action }) => actions === undefined || actions.includes(action);
}

function truncatedToken({ method }: AuditRecord): string | null {
  return method === 'api_token' ? '...3xyz' : null;
}

const ROOT_TYPES: Readonly<Record<AuditRoot, string>> = {
  users: 'user_reference',
  teams: 'team_reference',
  schedules: 'schedule_reference',
  escalation_policies: 'escalation_policy_reference',
  services: 'service_reference',
  ip_allow_lists: 'ip_allow_list_reference',
};

function renderRecord(call: Call, record: AuditRecord): object {
  const { company } = call.account;
  const place = `${record.root.type}/${record.root.id}`;
  const root = { id: record.root.id, type: ROOT_TYPES[record.root.type], summary: record.root.name, self: `${apiOf(company)}/${place}`, html_url: `${webOf(company)}/${place}` };
  return {
    id: record.id,
    self: null,
    execution_time: new Date(record.at).toISOString(),
    execution_context: { request_id: null, remote_address: null },
    actors: record.actors?.map((actor) => renderActor(call, actor)) ?? null,
    method: { type: record.method, description: null, truncated_token: truncatedToken(record) },
    root_resource: root,
    action: record.action,
    details: { resource: root, fields: record.fields.map(({ name, value, before }) => ({ name, value, before_value: before })), references: [] },
  };
}

function renderActor(call: Call, { type, id }: AuditActor): object {
  if (type === 'user_reference') return personReference(call.account, id);
  return { id, type, summary: type === 'app_reference' ? 'An app' : 'An API key', self: null, html_url: null };
}
