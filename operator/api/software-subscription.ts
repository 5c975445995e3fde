import { z } from 'zod';
import { ageColumn, resourceType, type KindDefinition } from './kind.ts';
import { localReference, timestamp, type CustomResource } from './meta.ts';

export const roleGroups = ['FullUser', 'Stakeholder', 'Unknown'] as const;
export type RoleGroup = (typeof roleGroups)[number];

const spec = z.object({
  profileRef: localReference.describe('IntegrationProfile that downloaded it.'),
  externalUserId: z.string().min(1).max(128).describe('The vendor’s id of the account of the person. The id outlives the person: when the vendor hands the account to somebody else, the id stays, and personSince says since when.'),
  displayName: z.string().max(253).describe('Name of the person.'),
  userPrincipalName: z.string().max(320).describe('E-mail address of the person at the vendor. The same id with another address is another person; a difference of case only is none.'),
  personSince: timestamp('When a refresh first found another e-mail address at this id: the account was handed over to another person. Absent when that was never seen. Activity, evidence and the age of the seat count from then on; what was before is the former person’s.').optional(),
  publisher: z.string().max(128).describe('Publisher, such as PagerDuty (L23).'),
  product: z.string().max(128).describe('Product (L23).'),
  edition: z.string().max(253).optional().describe('Name of the licence, where the vendor shows it.'),
  subscriptionIdentifier: z
    .string()
    .min(1)
    .max(128)
    .describe('The vendor’s licence id, or the role group where licences are hidden (T6).'),
  role: z.string().max(64).describe('Role of the person at the vendor.'),
  roleGroup: z.enum(roleGroups).describe('Group of roles that the licence pays for (T3).'),
  resolvedEmail: z.string().max(320).optional().describe('E-mail address of the person in the company, by the userResolution of the profile (L24). Absent without one: userPrincipalName then is it.'),
  resolvedUserId: z.string().max(320).optional().describe('User id of the person in the company, in the same way (L24).'),
  jobTitle: z.string().max(253).optional().describe('Job title of the person.'),
  teams: z
    .array(z.string().max(253))
    .max(50)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Names of the first 50 teams, sorted.'),
  invitationPending: z.boolean().describe('Invited and never signed up; the seat is paid for (C17).'),
  assignedAt: timestamp('When the licence was assigned; absent where the vendor does not tell (L17).').optional(),
});
export type SoftwareSubscriptionSpec = z.infer<typeof spec>;
export type ResolvedUser = Pick<SoftwareSubscriptionSpec, 'resolvedEmail' | 'resolvedUserId'>;

/** *Unknown*, *Never* and *Recorded* are three different things (design section 3, guard 6). */
export const activityStates = ['Recorded', 'Never', 'Unknown'] as const;
export type ActivityState = (typeof activityStates)[number];

const status = z.object({
  activity: z
    .enum(activityStates)
    .optional()
    .describe(
      'Recorded: a signal saw activity. Never: every enabled signal that can see this person looked and saw none since evidenceFrom. Unknown: no enabled signal can see this person, or one that can was not available.',
    ),
  lastActivity: z
    .object({ time: timestamp('Latest activity; only ever moves forward (L18).'), signal: z.string().max(64).describe('Signal that gave it.') })
    .optional(),
  evidenceFrom: timestamp('Since when every available signal has watched this person without a gap; until when is in status.refresh.activity.signals of the profile.').optional(),
  evidence: z
    .array(
      z.object({
        signal: z.string().max(64).describe('Activity signal.'),
        time: timestamp('Latest activity that this signal saw; only ever moves forward (L18).'),
        source: z.string().max(128).describe('API that it came from, such as `/oncalls`.'),
      }),
    )
    .max(8)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['signal'] })
    .describe('Latest activity by signal: which, when, from where (C16). Kept when a signal is disabled later: a fact is not forgotten.'),
});
export type SoftwareSubscriptionStatus = z.infer<typeof status>;
export type SoftwareSubscription = CustomResource<SoftwareSubscriptionSpec, SoftwareSubscriptionStatus>;

export const softwareSubscriptionResource = resourceType('SoftwareSubscription', 'softwaresubscriptions');

/** One person's licence: spec holds the downloaded facts, status the activity (design section 1, L23). */
export function defineSoftwareSubscription(): KindDefinition {
  return {
    kind: 'SoftwareSubscription',
    plural: 'softwaresubscriptions',
    singular: 'softwaresubscription',
    shortNames: ['swsub'],
    description: 'One person’s licence of one SaaS account: downloaded facts in spec, activity in status. Written by the refresh.',
    spec,
    status,
    printerColumns: [
      { name: 'User', type: 'string', jsonPath: '.spec.displayName' },
      { name: 'Role', type: 'string', jsonPath: '.spec.role' },
      { name: 'License', type: 'string', jsonPath: '.spec.edition' },
      { name: 'Activity', type: 'string', jsonPath: '.status.activity' },
      { name: 'Pending', type: 'boolean', jsonPath: '.spec.invitationPending' },
      { name: 'Last-Activity', type: 'date', jsonPath: '.status.lastActivity.time' },
      { name: 'Signal', type: 'string', jsonPath: '.status.lastActivity.signal', priority: 1 },
      { name: 'Email', type: 'string', jsonPath: '.spec.userPrincipalName', priority: 1 },
      { name: 'Profile', type: 'string', jsonPath: '.spec.profileRef.name', priority: 1 },
      ageColumn,
    ],
  };
}
