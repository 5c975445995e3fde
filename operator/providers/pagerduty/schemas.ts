import { z } from 'zod';
import type { RoleGroup } from '../../api/software-subscription.ts';
import { malformed, nameQuestion } from './failures.ts';

/*
 * PagerDuty's answers at the edge: unknown fields are ignored, what is needed is checked. Only the fields
 * below are kept, so calendar addresses and other secrets that a user object may hold are dropped here.
 */

const id = z.string().min(1).max(128);

/** Offset paging (facts/pagerduty.md 7); `total` is null unless asked for. */
export const envelope = z.object({
  limit: z.int().min(1).optional(),
  offset: z.int().min(0).optional(),
  more: z.boolean(),
  total: z.int().min(0).nullish(),
});
export type Envelope = z.infer<typeof envelope>;

const named = z.object({ name: z.string().nullish(), summary: z.string().nullish() });

const userRow = z.object({
  id,
  name: z.string(),
  email: z.string().min(1).max(320),
  role: z.string().min(1).max(64),
  job_title: z.string().nullish(),
  invitation_sent: z.boolean().nullish(),
  // References by default, whole teams with include[]=teams: both tell the name.
  teams: z.array(named).nullish(),
});
export const userRows = z.array(userRow);
export type UserRow = z.infer<typeof userRow>;

/** People of whom only the ids matter. */
export const userSample = envelope.extend({ users: z.array(z.object({ id })) });

const license = z.object({
  id,
  name: z.string(),
  role_group: z.string().nullish(),
});

const licenseRow = license.extend({
  current_value: z.int().min(0),
  // Absent or null = the vendor states no limit (facts/pagerduty.md 3.3).
  allocations_available: z.int().nullish(),
  valid_roles: z.array(z.string()).nullish(),
});
export type LicenseRow = z.infer<typeof licenseRow>;

export const licensesAnswer = z.object({ licenses: z.array(licenseRow) });

const allocationRow = z.object({
  license,
  user: z.object({ id }),
  allocated_at: z.string().nullish(),
});
export const allocationRows = z.array(allocationRow);
export type AllocationRow = z.infer<typeof allocationRow>;

const teamRow = z.object({ id });
export const teamRows = z.array(teamRow);
export type TeamRow = z.infer<typeof teamRow>;

const reference = z.object({ id });

const oncallRow = z.object({
  user: reference.nullish(),
  schedule: reference.nullish(),
  escalation_policy: reference.nullish(),
  escalation_level: z.int().nullish(),
  start: z.string().nullable(),
  end: z.string().nullable(),
});
export const oncallRows = z.array(oncallRow);
export type OncallRow = z.infer<typeof oncallRow>;

/** Questions to analytics (facts/pagerduty.md 4.2): `last` is where the next page starts. */
export const signInsAnswer = z.object({
  data: z.array(
    z.object({
      id,
      // Not said whether somebody of two teams comes once or twice.
      team_id: z.string().nullish(),
      last_sign_in_at: z.string().nullable(),
    }),
  ),
  last: z.string().nullish(),
  more: z.boolean(),
  time_zone: z.string().nullish(),
});
export type SignInRow = z.infer<typeof signInsAnswer>['data'][number];

const typedReference = z.object({ id, type: z.string() });

/** Audit records (facts/pagerduty.md 4.6); a `next_cursor` of null ends the list. */
export const auditAnswer = z.object({
  records: z.array(
    z.object({
      id: z.string().min(1),
      execution_time: z.string(),
      actors: z.array(typedReference).nullish(),
      method: z.object({ type: z.string() }).nullish(),
    }),
  ),
  next_cursor: z.string().min(1).nullable(),
});
export type AuditRow = z.infer<typeof auditAnswer>['records'][number];

const logEntryRow = z.object({ id, type: z.string(), created_at: z.string(), agent: typedReference.nullish() });
export const logEntryRows = z.array(logEntryRow);
export type LogEntryRow = z.infer<typeof logEntryRow>;

/**
 * Parses a part of an answer. A bad one throws Retryable `MalformedAnswer` whose detail names the first
 * field that is wrong, never its value.
 */
export function parseAnswer<Schema extends z.ZodType>(schema: Schema, value: unknown, route: string, at = ''): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = [...(at === '' ? [] : [at]), ...(issue?.path ?? [])].map(String).join('.');
  throw malformed(nameQuestion(route), { route, field: path.slice(0, 128), problem: issue?.code ?? 'invalid' });
}

/** A zone is needed: PagerDuty reads a time without one in the account's zone, JavaScript in the host's. */
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/i;

/** Milliseconds since the epoch of a time in an answer; throws Retryable `MalformedAnswer`. */
export function parseInstant(text: string, route: string, field: string): number {
  const instant = instantPattern.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) throw malformed(nameQuestion(route), { route, field, problem: 'invalid_time' });
  return instant;
}

/** As `parseInstant`, of a time that is in UTC where it names no zone, as those of analytics are (facts/pagerduty.md 4.2). */
export function parseUtcInstant(text: string, route: string, field: string): number {
  return parseInstant(/[Zz]$|[+-]\d{2}:?\d{2}$/.test(text) ? text : `${text}Z`, route, field);
}

const groupOfRole: Readonly<Record<string, RoleGroup>> = {
  owner: 'FullUser',
  admin: 'FullUser',
  user: 'FullUser',
  limited_user: 'FullUser',
  observer: 'FullUser',
  restricted_access: 'FullUser',
  read_only_user: 'Stakeholder',
  read_only_limited_user: 'Stakeholder',
};

/** Group of roles that a role belongs to (facts/pagerduty.md 3.2); an unknown role is never guessed. */
export function groupRole(role: string): RoleGroup {
  return Object.hasOwn(groupOfRole, role) ? (groupOfRole[role] ?? 'Unknown') : 'Unknown';
}

/** A licence's own word for its group. */
export function readRoleGroup(group: string | null | undefined): RoleGroup {
  return group === 'FullUser' || group === 'Stakeholder' ? group : 'Unknown';
}

/** Longest text that the CRD takes for names of people, teams and licences. */
const maxNameLength = 253;

export function clip(text: string): string {
  return text.length <= maxNameLength ? text : text.slice(0, maxNameLength);
}
