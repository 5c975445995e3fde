import { z } from 'zod';
import type { CompanyState, Person } from '../company/company.ts';
import type { FaultRule } from '../faults/rules.ts';
import type { Settings } from '../http/settings.ts';
import { activitySettings } from './activity-schemas.ts';
import { oauthSettings } from './oauth-schemas.ts';
import { writeSettings } from './write-schemas.ts';

/** What another process may send. Parsed into exactly the types that tests in this process use. */
export const faultSchema: z.ZodType<FaultRule> = z.strictObject({
  id: z.string().exactOptional(),
  method: z.string().exactOptional(),
  route: z.string().exactOptional(),
  where: z.record(z.string(), z.string()).exactOptional(),
  skip: z.int().min(0).exactOptional(),
  count: z.int().min(1).nullable().exactOptional(),
  delayMs: z.number().min(0).exactOptional(),
  fault: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('status'),
        status: z.int().min(200).max(599),
        body: z
          .enum([
            'normal',
            'errors-string',
            'errors-null',
            'errors-object',
            'error-array',
            'error-string',
            'no-code-no-message',
            'code-is-status',
            'missing-scopes',
            'not-json',
            'html',
            'empty',
          ])
          .exactOptional(),
        headers: z.record(z.string(), z.string()).exactOptional(),
      }),
      z.strictObject({ kind: z.literal('truncate'), keepBytes: z.int().min(0), contentLength: z.enum(['whole', 'kept']) }),
      z.strictObject({ kind: z.literal('malformed-json') }),
      z.strictObject({ kind: z.literal('html'), status: z.int().exactOptional() }),
      z.strictObject({ kind: z.literal('empty'), status: z.int().exactOptional() }),
      z.strictObject({ kind: z.literal('duplicate-page') }),
      z.strictObject({ kind: z.literal('shift'), by: z.int() }),
      z.strictObject({ kind: z.literal('wrong-more') }),
      z.strictObject({ kind: z.literal('reset'), when: z.enum(['before-processing', 'before-headers', 'after-headers']) }),
      z.strictObject({ kind: z.literal('drip'), chunkBytes: z.int().min(1), everyMs: z.number().min(0) }),
    ])
    .exactOptional(),
});

export const settingsPatchSchema: z.ZodType<Partial<Settings>> = z.strictObject({
  ...oauthSettings,
  ...activitySettings,
  ...writeSettings,
  invalidScope: z.enum(['refuse', 'only-openid', 'only-allowed']).exactOptional(),
  tokenLifetimeSeconds: z.number().positive().exactOptional(),
  perMinute: z.number().positive().exactOptional(),
  oncallsPerMinute: z.number().positive().exactOptional(),
  bareTooManyRequests: z.boolean().exactOptional(),
  allocationsTotal: z.enum(['number', 'null']).exactOptional(),
  shiftScheduleScope: z.string().nullable().exactOptional(),
  oncallRangeDays: z.number().positive().nullable().exactOptional(),
});

const role = z.enum(['owner', 'admin', 'user', 'limited_user', 'observer', 'restricted_access', 'read_only_user', 'read_only_limited_user']);
const story = z.enum([
  'on-call',
  'direct-target',
  'recently-rotated-off',
  'rotated-off',
  'on-leave',
  'never-on-call',
  'scheduled-without-policy',
  'pending-invitation',
  'service-account',
  'stakeholder',
]);

const person = {
  name: z.string().min(1).max(100),
  email: z.string().min(6).max(100),
  role,
  timeZone: z.string(),
  color: z.string(),
  jobTitle: z.string().nullable(),
  description: z.string().nullable(),
  invitationSent: z.boolean(),
  createdViaSso: z.boolean(),
  teams: z.array(z.strictObject({ teamId: z.string(), role: z.enum(['manager', 'responder', 'observer']) })),
  licenseId: z.string(),
  allocatedAt: z.number(),
  createdAt: z.number(),
  webSignIns: z.array(z.number()),
  mobileSignIns: z.array(z.number()),
  contactMethods: z.array(z.strictObject({ id: z.string(), type: z.string(), label: z.string(), address: z.string(), countryCode: z.number().exactOptional() })).exactOptional(),
  notificationRules: z.array(z.strictObject({ id: z.string(), delayMinutes: z.number(), urgency: z.enum(['high', 'low']), contactMethodId: z.string() })).exactOptional(),
  signedOut: z.strictObject({ web: z.number().exactOptional(), mobile: z.number().exactOptional() }).exactOptional(),
  story,
};

export const personSchema: z.ZodType<Person> = z.strictObject({ id: z.string().min(1), ...person });
export const personPatchSchema = z.strictObject(person).partial();

/** Parts of the company are taken as they are: whoever sends them has the types. */
const parts = z.array(z.looseObject({ id: z.string() }));
export const companyPatchSchema = z
  .strictObject({
    teams: parts,
    licenses: parts,
    schedules: parts,
    shiftSchedules: parts,
    policies: parts,
    incidents: parts,
    auditRecords: parts,
    users: z.array(personSchema),
    abilities: z.array(z.string()),
    missingAbilities: z.array(z.string()),
  })
  .partial()
  .transform((patch) => patch as unknown as Partial<CompanyState>);
