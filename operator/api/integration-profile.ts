import { z } from 'zod';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition, type ProviderFragment } from './kind.ts';
import { profilePosition } from './license-position.ts';
import { conditions, localReference, timestamp, type CustomResource } from './meta.ts';
import { ownership } from './ownership.ts';
import { counts, refreshResult } from './refresh-result.ts';

export type { LicenseCount, RefreshResult, SignalResult, SubscriptionCounts } from './refresh-result.ts';

/** The three processes of a profile, in the order of the vendor configuration table (S3–S13). */
export const processNames = ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'] as const;
export type ProcessName = (typeof processNames)[number];

/** What a refresh job carries out; the value of the process label. */
export const refreshProcesses = ['subscriptions', 'activity'] as const;
export type RefreshProcess = (typeof refreshProcesses)[number];

const cron = (description: string) =>
  z
    .string()
    .min(9)
    .max(128)
    .regex(/^[0-9*/,A-Za-z-]+( [0-9*/,A-Za-z?-]+){4}$/, 'five cron fields separated by single spaces')
    .optional()
    .describe(description);

const schedules = z
  .object({
    subscriptions: cron('Cron schedule of the subscriptions refresh, five fields. Default: daily, at a minute drawn from the UID (S76).'),
    activity: cron('Cron schedule of the activity refresh, five fields. Default: daily, two hours after the default of subscriptions.'),
    timeZone: z.string().min(1).max(64).default('Etc/UTC').describe('IANA time zone of both schedules.'),
  })
  .describe('When the refresh jobs run.');

const userResolutionRule = z
  .object({
    source: z.enum(['UserPrincipalName', 'ExternalUserId']).describe('What the vendor tells of the person.'),
    target: z.enum(['Email', 'UserId']).describe('What it is in the company.'),
    transform: z.enum(['None', 'RemoveDomain', 'ReplaceDomain']).default('None').describe('How the one becomes the other.'),
    domain: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'a domain, such as example.com')
      .optional()
      .describe('Domain that ReplaceDomain puts in.'),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: "has(self.domain) == (self.transform == 'ReplaceDomain')", message: 'domain must be set for ReplaceDomain, and only then' },
      // An address that is made of the id would go on reaching the former owner's mailbox after a hand-over (guard 9).
      { rule: "self.source != 'ExternalUserId' || self.target != 'Email'", message: 'an Email cannot be made of ExternalUserId, which may be given to another person: set source to UserPrincipalName' },
    ],
  });
export type UserResolutionRule = z.infer<typeof userResolutionRule>;

/** Hours between reconciliations that nothing else has caused: weekly (S81, L34). */
export const defaultReconciliationHours = 168;

const reconciliation = z.object({
  periodHours: z
    .int()
    .min(1)
    .max(744)
    .default(defaultReconciliationHours)
    .describe('Hours after which rights are compared again though nothing changed: weekly by default (S81). A refresh, an entitlement, an exclusion or a requestedAt annotation on a SoftwareModel does it at once (S82).'),
  teamPrecedence: z
    .array(z.string().min(1).max(253))
    .min(1)
    .max(50)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Teams to which a person of several teams is counted first, in this order (C22). Default: the first by name.'),
});

const reclaimLimits = z.object({
  maxPerDay: z.int().min(1).max(1000).default(50).describe('Most reclaims that begin within any 24 hours, over all rules of the profile (guard 5).'),
  maxPercentPerDay: z
    .int()
    .min(1)
    .max(100)
    .default(10)
    .describe('The same in percent of the profile’s subscriptions, rounded down, and never fewer than one. The lower of the two counts.'),
});

const baseSpec = {
  displayName: z.string().min(1).max(100).describe('Name shown to people and in job titles, such as "PagerDuty Integration" (S32).'),
  reclaimAliasRef: localReference
    .optional()
    .describe('ConnectionAlias that reclaims use (C30): the everyday alias then needs no write scope. Default: connectionAliasRef.'),
  downloadSubscriptions: z
    .boolean()
    .default(true)
    .meta({
      description: 'Download Subscriptions: on, and cannot be cleared (S38).',
      'x-kubernetes-validations': [{ rule: 'self', message: 'downloadSubscriptions cannot be cleared' }],
    }),
  downloadActivity: z
    .boolean()
    .default(true)
    .describe('Download Activity (S40). Clearing it on a published profile returns the profile to Draft and deletes the activity job (S69–S72).'),
  reclaimSubscriptions: z
    .boolean()
    .default(true)
    .describe('Reclaim Subscriptions (S48). When cleared, candidates are still made but nothing is reclaimed (S50).'),
  reclaimLimits: reclaimLimits.prefault({}).describe('How fast all rules of the profile reclaim together; each rule has limits of its own besides.'),
  publish: z.boolean().default(false).describe('The wish to publish; honoured once the connection has been validated (S67).'),
  publicationPolicy: z
    .enum(['Automatic', 'Confirm'])
    .default('Automatic')
    .describe('Automatic publishes once validated; Confirm waits until confirmedValidation equals status.validation.id (S68).'),
  confirmedValidation: z.string().min(1).max(64).optional().describe('The status.validation.id that a person has read and confirms.'),
  suspend: z.boolean().default(false).describe('While true, no job runs and the vendor is not called; deletion still works.'),
  schedules: schedules.optional(),
  analyzeUserActivityFrom: timestamp(
    'From when to analyse user activity, irrespective of when the profile was created (S42, S45). Default: maxLookBackDays before the first refresh.',
  ).optional(),
  userResolution: z
    .array(userResolutionRule)
    .min(1)
    .max(8)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Who the vendor’s people are in the company; the first rule that gives a value wins (L24). Default: the user principal name is e-mail address and user id.'),
  ownership: ownership.optional().describe('What else manages the accounts of people: they are reported and not touched (D7, C25).'),
  reconciliation: reconciliation.optional().describe('When and how rights owned are compared with rights used (S81).'),
  maxLookBackDays: z
    .int()
    .min(1)
    .max(365)
    .default(60)
    .describe('How many days before now analyzeUserActivityFrom may lie; 60 unless raised on purpose (S43).'),
};

const typeRule = { rule: 'self.type == oldSelf.type', message: 'type cannot be changed: create another IntegrationProfile (S31)' };

const vendorConfigurationRow = z.object({
  process: z.enum(processNames).describe('Process of the integration.'),
  createAppRole: z.string().max(64).describe('Least role of the person who creates the OAuth app.'),
  tokenRole: z.string().max(64).describe('Least role of the person or app that the token belongs to.'),
  scopes: z.object({
    scoped: z.string().max(256).describe('Scopes of a Scoped OAuth app.'),
    classic: z.string().max(64).describe('Scope of Classic User OAuth.'),
  }),
});
export type VendorConfigurationRow = z.infer<typeof vendorConfigurationRow>;

const validationCheck = z.object({
  name: z.string().max(64).describe('API that was called, such as `users`; `reclaim` is never called (S66).'),
  result: z.enum(['Passed', 'Failed', 'NotVerified', 'NotEnabled']),
  reason: z.string().max(128).optional().describe('Why it failed, such as ScopeMissing: a token made before its app was given the scope is replaced for that.'),
  message: z.string().max(1024).optional(),
});
export type ValidationCheck = z.infer<typeof validationCheck>;

const scheduledJob = z.object({
  title: z.string().max(253).describe('Exact title, such as "SAM - Refresh PagerDuty Integration Activity" (L22).'),
  process: z.enum(refreshProcesses),
  cronJob: z.string().max(63).describe('Name of the CronJob.'),
  schedule: z.string().max(128),
  timeZone: z.string().max(64),
  suspended: z.boolean(),
});
export type ScheduledJob = z.infer<typeof scheduledJob>;

const status = z.object({
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that this status describes.'),
  lastHandledRequestedAt: z.string().max(256).optional().describe('Last value of a requestedAt annotation that was acted on.'),
  state: z.enum(['Draft', 'Published']).optional().describe('Draft until validated and published (S33, S34).'),
  profileType: z.string().max(64).optional().describe('Such as "PagerDuty Subscription" (S35).'),
  connectionAlias: z.string().max(253).optional().describe('ConnectionAlias in use.'),
  connectionAliasId: z.string().max(253).optional().describe('Identifier that the integration guide gives the default alias, where that one is in use (S52).'),
  subflows: z
    .object({
      downloadSubscriptions: z.string().max(128),
      updateUserActivity: z.string().max(128),
      reclaimSubscription: z.string().max(128),
    })
    .optional()
    .describe('Names of the three subflows (S37, S39, S47).'),
  vendorConfiguration: z
    .array(vendorConfigurationRow)
    .max(3)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['process'] })
    .describe('Least roles and scopes per process (S36).'),
  validation: z
    .object({
      id: z.string().max(64).describe('Made from what was validated; changes when that changes.'),
      time: timestamp('When it was validated.'),
      passed: z.boolean(),
      // Optional: server-side apply takes an empty list away, and one that is required would then be missing.
      checks: z
        .array(validationCheck)
        .max(8)
        .optional()
        .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], description: 'What each API said; absent when none could be asked to the end.' }),
    })
    .optional()
    .describe('What Validate Connection checked (S64–S66).'),
  publishedDownloadActivity: z.boolean().optional().describe('Whether Download Activity was on when the profile was last published (S69).'),
  allowedActions: z
    .array(z.string().max(32))
    .max(8)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe('What a person may do now: Validate, Publish, Refresh (S71).'),
  scheduledJobs: z
    .array(scheduledJob)
    .max(2)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['process'] }),
  activityWindow: z
    .object({
      from: timestamp('Start of the analysis (S42, S43).'),
      completeUntil: timestamp('Until when the evidence is complete; absent before the first complete pull.').optional(),
      collectingSince: timestamp('When the profile was created (S44).'),
    })
    .optional(),
  subscriptions: counts.optional().describe('Summary of the last refresh.'),
  position: profilePosition.optional().describe('Sum of the licence positions of its models (S83); written by the reconciliation alone.'),
  lastRefreshTime: timestamp('When subscriptions were last refreshed (S76).').optional(),
  refresh: z
    .object({ subscriptions: refreshResult.optional(), activity: refreshResult.optional() })
    .optional()
    .describe('Result of the last run of each refresh; each is written by its Job alone.'),
  lastFailureTime: timestamp('When validation last failed.').optional(),
  lastFailure: z
    .object({ kind: z.string().max(32), reason: z.string().max(128), message: z.string().max(1024) })
    .optional()
    .describe('What validation last failed with, until it passes.'),
  consecutiveFailures: z.int().min(0).max(1_000_000).optional().describe('Failures in a row; back-off survives a restart.'),
  conditions,
});

export type IntegrationProfileStatus = z.infer<typeof status>;
const typedSpec = z.object({ type: z.string(), ...baseSpec, connectionAliasRef: localReference, activitySignals: z.array(z.string()).min(1) });
export type IntegrationProfileSpec = z.infer<typeof typedSpec>;
export type IntegrationProfile = CustomResource<IntegrationProfileSpec, IntegrationProfileStatus>;

export const integrationProfileResource = resourceType('IntegrationProfile', 'integrationprofiles');

/** One integration: three processes, their schedules, Draft or Published (design section 1). */
export function defineIntegrationProfile(providers: readonly ProviderFragment[]): KindDefinition {
  const types = providers.map((provider) => provider.type);
  const activitySignals = signalsOf(providers);
  return {
    kind: 'IntegrationProfile',
    plural: 'integrationprofiles',
    singular: 'integrationprofile',
    shortNames: ['intprof'],
    description: 'One SaaS integration: which processes run, when, and whether it is published.',
    spec: z
      .object({ type: z.enum(types).describe('SaaS provider; cannot be changed (S31).'), ...baseSpec, connectionAliasRef: connectionAliasRefOf(providers), activitySignals })
      .meta({ 'x-kubernetes-validations': [typeRule] }),
    status,
    printerColumns: [
      { name: 'Type', type: 'string', jsonPath: '.spec.type' },
      { name: 'State', type: 'string', jsonPath: '.status.state' },
      readyColumn,
      { name: 'Subscriptions', type: 'integer', jsonPath: '.status.subscriptions.total' },
      { name: 'Active', type: 'integer', jsonPath: '.status.subscriptions.recorded' },
      { name: 'Never', type: 'integer', jsonPath: '.status.subscriptions.never' },
      { name: 'Unknown', type: 'integer', jsonPath: '.status.subscriptions.unknown' },
      { name: 'Compliance', type: 'string', jsonPath: '.status.position.compliance' },
      { name: 'Savings', type: 'string', jsonPath: '.status.position.display.potentialSavings', priority: 1 },
      { name: 'Refreshed', type: 'date', jsonPath: '.status.lastRefreshTime' },
      { name: 'Display-Name', type: 'string', jsonPath: '.spec.displayName', priority: 1 },
      messageColumn,
      ageColumn,
    ],
  };
}

function signalsOf(providers: readonly ProviderFragment[]) {
  const names = Array.from(new Set(providers.flatMap((provider) => provider.activitySignals)));
  return z
    .array(z.enum(names))
    .min(1)
    .max(8)
    .default([providers[0]?.activitySignals[0] ?? ''])
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe('Signals that count as activity, any one of them (C16, L3). One that the vendor does not let this token pull is shown in status.');
}

/** With one provider there is an alias that everybody means; with several, a profile has to say which. */
function connectionAliasRefOf(providers: readonly ProviderFragment[]) {
  const [only, ...others] = providers;
  const reference = localReference.describe('ConnectionAlias that the refreshes use (S52–S54).');
  return only === undefined || others.length > 0 ? reference : reference.default({ name: only.defaultConnectionAlias.name });
}
