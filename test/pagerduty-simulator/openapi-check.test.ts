import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateCompany } from './index.ts';
import { checkResponse } from './openapi-check.ts';
import type { OpenApiDocument, Violation } from './openapi-check.ts';
import { openAccount } from './testing/open-account.ts';

/** A tiny document of our own, with the habits of big ones: pointers into parts of other schemas, allOf, nullable. */
const tiny: OpenApiDocument & Record<string, unknown> = {
  components: {
    schemas: {
      Thing: { allOf: [{ type: 'object', properties: { id: { type: 'string' }, label: { type: 'string', nullable: true } } }, { required: ['id'] }] },
      Named: { allOf: [{ $ref: '#/components/schemas/Thing/allOf/0' }, { properties: { kind: { enum: ['a', 'b'] }, at: { type: 'string', format: 'date-time' } } }] },
      Either: { oneOf: [{ type: 'integer' }, { $ref: '#/components/schemas/Named' }] },
      Loop: { $ref: '#/components/schemas/Loop' },
    },
    responses: { Fine: { content: { 'application/json': { schema: { type: 'object', required: ['items'], properties: { items: { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/Either' } } } } } } } },
  },
  paths: {
    '/things': { get: { responses: { '200': { $ref: '#/components/responses/Fine' }, '204': {}, '500': { $ref: '#/components/responses/Gone' } } } },
    '/others': { get: { responses: { '200': { content: { 'application/json': { schema: { $ref: '#/paths/~1inline/get/responses/200/content/application~1json/schema' } } } } } } },
    '/inline': { get: { responses: { '200': { content: { 'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Thing' } } } } } } } },
    '/loop': { get: { responses: { '200': { content: { 'application/json': { schema: { $ref: '#/components/schemas/Loop' } } } } } } },
  },
};

const check = (body: unknown, path = '/things', status = 200): Violation[] => checkResponse(tiny, { method: 'GET', path, status }, body);

describe('the OpenAPI checker', () => {
  it('accepts what fits, unknown fields and null where nullable', () => {
    expect(check({ items: [1, { id: 'x', label: null, kind: 'a', at: '2026-11-24T09:00:00+01:00', extra: true }], more: 1 })).toEqual([]);
  });

  it.each([
    [{}, '/', 'lacks items'],
    [{ items: [] }, '/items', 'at least 1'],
    [{ items: 'x' }, '/items', 'type array'],
    [{ items: [1.5] }, '/items/0', 'none of 2'],
    [{ items: [{ id: 5 }] }, '/items/0', 'none of 2'],
    [{ items: [{ kind: 'c' }] }, '/items/0', 'none of 2'],
    [{ items: [{ at: '2026-11-24T09:00:00' }] }, '/items/0', 'none of 2'],
    [null, '/', 'type object, is null'],
  ])('refuses %j', (body, at, problem) => {
    expect(check(body)).toMatchObject([{ at, problem: expect.stringContaining(problem) as unknown }]);
  });

  it('follows pointers through paths with slashes in them, and notices circles and holes', () => {
    expect(check([{ id: 'x' }], '/others')).toEqual([]);
    expect(check([{}, 5], '/others')).toMatchObject([{ at: '/0', problem: 'lacks id' }, { at: '/1', problem: 'should be of type object, is number' }]);
    expect(check('anything', '/things', 204)).toEqual([]);
    expect(() => check({}, '/loop')).toThrow('circle');
    expect(() => check({}, '/things', 500)).toThrow('no answer 500');
    expect(() => check({}, '/nowhere')).toThrow('no answer 200');
  });
});

const published = process.env['PAGERDUTY_OPENAPI'] ?? resolve(import.meta.dirname, '../../../shared/facts/pagerduty-openapi-subset.json');

/** Where the facts and the document differ, the facts win: fields that are null although the schema forgets to say so. */
const NULL_BY_FACTS: readonly (readonly [pattern: RegExp, source: string])[] = [
  [/\/job_title$/, 'facts 3.1'],
  [/^\/records\/\d+\/actors$/, 'facts 4.6'],
  [/\/(resolved_at|priority|resolve_reason)$/, 'an incident that is open, of no priority, not merged'],
  [/^\/next_cursor$/, 'facts 7'],
  [/\/(license\/|licenses\/\d+\/)(self|html_url)$/, 'facts 3.3'],
  [/^\/oncalls\/\d+\/(schedule|start|end)$/, 'facts 4.1: permanent direct targets, people who do not go off call'],
  [/^\/(first|last)$/, 'an empty page of analytics has no cursor'],
  [/\/(description|rendered_coverage_percentage|end)$/, 'the descriptions of these fields speak of null'],
];

/** Each operation of the document that the simulator has, and a request for it; `{…}` are filled in from the company. */
const REQUESTS: readonly (readonly [template: string, query: string])[] = [
  ['/users', '?limit=100'],
  ['/users', '?limit=100&offset=100&total=true'],
  ['/users/{user}', '?include[]=calendar_urls'],
  ['/users/me', ''],
  ['/users/{user}/license', ''],
  ['/licenses', ''],
  ['/license_allocations', '?limit=100'],
  ['/teams', '?total=true'],
  ['/teams/{team}/members', ''],
  ['/schedules', '?limit=100'],
  ['/schedules', '?include[]=schedule_layers&include[]=final_schedule&since=2026-11-01T00:00:00Z&until=2026-11-20T00:00:00Z'],
  ['/schedules/{schedule}', '?since=2026-11-01T00:00:00Z&until=2026-11-20T00:00:00Z'],
  ['/schedules/{schedule}/users', ''],
  ['/v3/schedules', ''],
  ['/v3/schedules/{shiftSchedule}', '?include[]=final_schedule'],
  ['/escalation_policies', '?limit=100'],
  ['/escalation_policies/{policy}', ''],
  ['/oncalls', '?since=2026-10-01T00:00:00Z&until=2026-11-24T00:00:00Z&limit=100'],
  ['/oncalls', '?schedule_ids[]=null'],
  ['/abilities', ''],
  ['/incidents', '?date_range=all&limit=100&total=true'],
  ['/incidents', '?statuses[]=triggered&statuses[]=acknowledged&date_range=all&include[]=assignees&include[]=acknowledgers'],
  ['/log_entries', '?since=2026-11-01T00:00:00Z&until=2026-11-24T00:00:00Z&limit=100'],
  ['/log_entries', '?is_overview=true'],
  ['/audit/records', '?since=2026-10-25T00:00:00Z&limit=100'],
  ['/users/{user}/audit/records', ''],
  ['/users/{user}/oauth_delegations', ''],
  ['/users/{user}/contact_methods', ''],
  ['/users/{user}/notification_rules', ''],
  ['/users/{user}/oncall_handoff_notification_rules', ''],
  ['/users/{user}/status_update_notification_rules', ''],
  ['/users/{user}/notification_subscriptions', ''],
];

/** Operations with a body, and the status of their answer. */
const QUESTIONS: readonly (readonly [method: string, template: string, body: object, status: number])[] = [
  ['POST', '/analytics/raw/users', { filters: {}, order: 'asc', order_by: 'user_id', limit: 250 }, 200],
  ['POST', '/analytics/raw/users', { filters: { team_ids: ['PNOTEAM'] } }, 200],
  ['POST', '/analytics/metrics/users/all', { filters: {} }, 200],
  ['POST', '/analytics/metrics/responders/all', { filters: { date_range_start: '2026-01-01T00:00:00Z', date_range_end: '2026-11-24T00:00:00Z' } }, 200],
  ['PUT', '/users/{user}', { user: { type: 'user', name: 'Renamed', email: 'renamed@example.com' } }, 200],
  ['POST', '/users', { user: { type: 'user', name: 'New', email: 'new@example.com', role: 'observer' } }, 201],
  ['POST', '/users/{user}/contact_methods', { contact_method: { type: 'phone_contact_method', label: 'Home', address: '5555550100', country_code: 1 } }, 201],
  ['POST', '/users/{user}/oncall_handoff_notification_rules', { oncall_handoff_notification_rule: { handoff_type: 'oncall', notify_advance_in_minutes: 7, contact_method: { id: '{user}C', type: 'email_contact_method' } } }, 201],
  ['POST', '/users/{user}/status_update_notification_rules', { status_update_notification_rule: { contact_method: { id: '{user}C', type: 'email_contact_method_reference' } } }, 201],
  ['POST', '/users/{user}/notification_subscriptions', { subscribables: [{ subscribable_id: 'PBIZ0', subscribable_type: 'business_service' }] }, 200],
];

/** Times of analytics have no zone, although the document says so (facts 4.2). */
const ZONELESS = /^\/data\/\d+\/(created_at|last_sign_in_at)$/;

/** The document has two names for this kind of entry, of which none fits both of its parts; facts 4.4 have this one. */
function withoutAcknowledgements(body: unknown): unknown {
  const { log_entries: entries } = body as { log_entries?: { type: string }[] };
  return entries === undefined ? body : { ...(body as object), log_entries: entries.filter(({ type }) => type !== 'acknowledge_log_entry') };
}

function fillIn(body: object, user: string): unknown {
  return JSON.parse(JSON.stringify(body).replaceAll('{user}', user));
}

function isExplained({ at, problem }: Violation): boolean {
  if (problem.endsWith('with a zone')) return ZONELESS.test(at);
  return /null$|choices$/.test(problem) && NULL_BY_FACTS.some(([pattern]) => pattern.test(at));
}

describe('PagerDuty\'s published OpenAPI document', () => {
  const there = existsSync(published);

  it(there ? 'fits what the simulator answers, on every route' : 'is not on this machine: only the checker itself is tested', async () => {
    if (!there) return expect(check({ items: [1] })).toEqual([]);
    const document = JSON.parse(readFileSync(published, 'utf8')) as OpenApiDocument;
    const company = generateCompany({ seed: 7, users: 300 });
    const owner = company.users.find(({ role }) => role === 'owner');
    await using pd = await openAccount({ company, apiKeys: [{ key: 'owner', userId: owner?.id ?? '' }] });
    const examples = { user: company.users[0], team: company.teams.at(-1), schedule: company.schedules[0], shiftSchedule: company.shiftSchedules[0], policy: company.policies[0] };
    for (const [template, query] of REQUESTS) {
      const path = template.replace(/\{(\w+)\}/, (_, name: keyof typeof examples) => examples[name]?.id ?? '') + query;
      const { status, body } = await pd.get(path, 'Token token=owner');
      expect([path, status]).toEqual([path, 200]);
      const found = checkResponse(document, { method: 'GET', path: template.replace(/\{\w+\}/, '{id}'), status }, withoutAcknowledgements(body));
      expect(found.filter((violation) => !isExplained(violation)).slice(0, 5), path).toEqual([]);
    }
    const user = company.users[0]?.id ?? '';
    for (const [method, template, body, status] of QUESTIONS) {
      const path = template.replace('{user}', user);
      const answer = await pd.send(method, path, { body: fillIn(body, user), authorization: 'Token token=owner', from: owner?.email ?? '' });
      expect([path, answer.status]).toEqual([path, status]);
      const found = checkResponse(document, { method, path: template.replace('{user}', '{id}'), status }, answer.body);
      expect(found.filter((violation) => !isExplained(violation)).slice(0, 5), path).toEqual([]);
    }
  });
});
