import { z } from 'zod';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition } from './kind.ts';
import { localReference, objectName, timestamp, type CustomResource } from './meta.ts';
import { notify } from './notify.ts';
import { reclamationRuleStatus as status, type ReclamationRuleStatus } from './reclamation-rule-status.ts';
import { patternRule } from './pattern-rule.ts';
import { protection, subscriptionSelector } from './subscription-selector.ts';

/** What a rule may do by itself (C15). */
export const reclamationModes = ['Observe', 'Propose', 'Enforce'] as const;
export type ReclamationMode = (typeof reclamationModes)[number];

export const reclamationActions = ['Downgrade', 'Remove'] as const;
export type ReclamationAction = (typeof reclamationActions)[number];

/** Days: a threshold of less than one or more than five years means nothing (C32). */
/** Nothing that is kept for an undo may be kept for longer (D4). */
export const longestUndoRetentionDays = 365;

const thresholdDays = z.int().min(1).max(1825);
const graceDays = z.int().min(0).max(1825);

/** The role and licence that a downgrade leaves a person with; always said explicitly (T12). */
export const downgradeTarget = z.object({
  role: z.string().min(1).max(64).describe('Role at the vendor, such as `read_only_user`.'),
  subscriptionIdentifier: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Licence that goes with the role; sent with it in one request. Left out only where the vendor hides licences (T6, T12).'),
});

const thresholdOverride = z.object({
  match: subscriptionSelector.describe('Whom the override is for.'),
  lastActivityThresholdDays: thresholdDays.describe('Threshold for them, in days.'),
});

const limits = z.object({
  maxPerRun: z.int().min(1).max(1000).default(10).describe('Most subscriptions that one run reclaims (C12, guard 5).'),
  maxPercent: z.int().min(1).max(100).default(5).describe('Most subscriptions that one run reclaims, in percent of those covered (C12, guard 5).'),
  maxCandidateRatio: z
    .int()
    .min(1)
    .max(100)
    .default(30)
    .describe('When more than this percent of the covered subscriptions would be candidates, the whole run is held: it looks like a mistake (C12, guard 5).'),
  minAdmins: z.int().min(1).max(100).default(2).describe('Account admins that always stay, besides the account owner (C13, guard 2).'),
});

/** When nothing is reclaimed and nobody is told (C19 of change calendars: holidays, releases). */
const freezeWindow = z
  .object({
    from: timestamp('Start of a single window.').optional(),
    until: timestamp('End of a single window.').optional(),
    schedule: z
      .string()
      .min(9)
      .max(128)
      .regex(/^[0-9*/,A-Za-z-]+( [0-9*/,A-Za-z?-]+){4}$/, 'five cron fields separated by single spaces')
      .optional()
      .describe('Start of a window that comes again: a cron schedule of five fields.'),
    hours: z.int().min(1).max(744).optional().describe('How long a window that comes again lasts, in hours.'),
    timeZone: z.string().min(1).max(64).optional().describe('IANA time zone of schedule. Default: Etc/UTC.'),
    reason: z.string().min(1).max(256).describe('Why; shown while it lasts.'),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'has(self.from) != has(self.schedule)', message: 'exactly one of from, schedule must be set' },
      { rule: 'has(self.from) == has(self.until) && has(self.schedule) == has(self.hours)', message: 'from goes with until, and schedule with hours' },
      { rule: '!has(self.from) || !has(self.until) || timestamp(self.from) < timestamp(self.until)', message: 'from must be before until' },
      { rule: '!has(self.timeZone) || has(self.schedule)', message: 'timeZone goes with schedule' },
    ],
  });
export type FreezeWindow = z.infer<typeof freezeWindow>;

const secretKey = z.object({
  name: objectName('Name of the Secret, in the same namespace.'),
  key: z.string().min(1).max(253).regex(/^[-._a-zA-Z0-9]+$/, 'a key of a Secret').describe('Key in it.'),
});

const spec = z
  .object({
    profileRef: localReference.describe('IntegrationProfile whose subscriptions the rule judges.'),
    softwareModelRef: localReference.optional().describe('SoftwareModel that the rule is limited to, so that one licence is never reclaimed for another (C31). Default: all of the profile.'),
    confirmedRule: z
      .string()
      .max(40)
      .meta(patternRule(/^[0-9a-f]{40}$/, 'must be the status.review.id of the rule that was read: 40 hexadecimal digits'))
      .optional()
      .describe('The status.review.id of the rule that a person has read. Nothing is reclaimed unless it is the id of the rule as it is now (S79): whoever edits the rule has it confirmed again.'),
    mode: z
      .enum(reclamationModes)
      .default('Propose')
      .describe('Observe: count only, no candidates (L15). Propose: candidates wait for a person’s decision. Enforce: notice period, then automatic (C15).'),
    action: z.enum(reclamationActions).describe('Downgrade: to a lesser role and licence, which can be undone. Remove: the account is deleted at the vendor, for good (L1, T17, C18).'),
    downgradeTo: downgradeTarget.optional().describe('Role and licence after a Downgrade (T12).'),
    appliesTo: subscriptionSelector.optional().describe('Whom the rule is for. Default: everybody whom the other fields leave.'),
    licenseRoleGroups: z
      .array(z.enum(['FullUser', 'Stakeholder']))
      .min(1)
      .max(2)
      .default(['FullUser'])
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe('Groups of roles that the rule covers. Stakeholders cannot be on call: only a signal that sees them can judge them (T3).'),
    activitySignals: z
      .array(z.string().min(1).max(64).regex(/^[A-Z][A-Za-z]*$/, 'a signal of the provider, such as OnCall'))
      .min(1)
      .max(8)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe('Signals that count as activity; one of them in the threshold is enough (L3, C16). Default: those that the provider counts by itself, such as OnCall.'),
    lastActivityThresholdDays: thresholdDays.default(60).describe('Days without activity after which a subscription is inactive (L2, S46).'),
    thresholdOverrides: z
      .array(thresholdOverride)
      .max(20)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('Other thresholds, for part-timers or seasonal roles (C3). The first that matches counts.'),
    includeNeverActive: z
      .boolean()
      .default(true)
      .describe('Whether a subscription without any activity counts as inactive, once the evidence reaches back over the threshold (L16). Unknown activity never counts.'),
    newSeatGraceDays: graceDays.default(60).describe('Days after the assignment in which a subscription is never a candidate; when the date is not known, it is protected (C1, L17).'),
    pendingInvitationGraceDays: graceDays.default(30).describe('Days after which an invitation that nobody accepted becomes a candidate (C17).'),
    keepCooldownDays: z.int().min(0).max(1825).default(90).describe('Days for which a person who was decided to be kept, or was restored, is not proposed again (C9). They go with the e-mail address at the vendor: whoever is handed the seat by then does not inherit them, and the same person under another id keeps them.'),
    maxDataAgeHours: z.int().min(1).max(720).default(36).describe('Evidence that is older holds the run: a data source that died is not inactivity (C11, guard 6).'),
    evaluationPeriodHours: z.int().min(1).max(720).default(24).describe('How often the rule is evaluated at least; it also is when a refresh ends and when it changes (L20).'),
    protect: protection.prefault({}).describe('People whom the rule never makes candidates; one match is enough (C14). See also SubscriptionExclusion.'),
    limits: limits.prefault({}).describe('How fast the rule goes and what stops it.'),
    notify: notify.optional().describe('Notify User: the person is asked first. Left out: the person is not told (L4).'),
    justification: z
      .enum(['LowUsage', 'RestrictedSoftware'])
      .default('LowUsage')
      .describe('Why subscriptions go. RestrictedSoftware: it is not to be used at all, so once it is decided nobody is asked first (L11). Whoever is active stays a matter for people: only inactive subscriptions become candidates.'),
    condition: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .describe("CEL expression that must be true for a subscription to become a candidate, such as `subscription.role != 'admin' && subscription.teams.size() == 0` (D2). One that cannot be compiled, or could take too long for one person, holds the rule and says where; `saaslicense validate` tells before it is applied."),
    leaversRef: secretKey
      .optional()
      .describe('Key of a Secret with the e-mail addresses of people who left, one a line: they are candidates at once, whatever their activity and grace; all that protects still does (C19).'),
    freezeWindows: z
      .array(freezeWindow)
      .max(20)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('When nothing is reclaimed and no notice is sent; a deadline that falls into one waits for its end.'),
    confirmedPlan: z
      .string()
      .max(71)
      .meta(patternRule(/^sha256:[0-9a-f]{64}$/, 'must be the hash of the plan that was read, as saaslicense plan prints it: sha256: and 64 hexadecimal digits'))
      .optional()
      .describe('The status.plan.hash that a person has approved: only people of that plan are reclaimed (D1). Who comes into the plan later is not, and status says that the plan changed.'),
    undoRetentionDays: z.int().min(1).max(longestUndoRetentionDays).default(90).describe('Days for which what is needed to undo a reclaim is kept; then it is deleted (D4).'),
    closedRetentionDays: z.int().min(1).max(3650).default(730).describe('Days for which closed candidates are kept. What they have freed counts in the position as long as they are there.'),
    suspend: z.boolean().default(false).describe('While true, the rule is neither evaluated nor acted on; its candidates stay as they are.'),
    assignmentGroup: z.string().min(1).max(100).default('Software managers').describe('Group that the candidates are assigned to (L14).'),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: "self.action != 'Downgrade' || has(self.downgradeTo)", message: 'downgradeTo must be set when action is Downgrade' },
      { rule: "self.action != 'Remove' || !has(self.downgradeTo)", message: 'downgradeTo must not be set when action is Remove' },
      { rule: "self.mode != 'Enforce' || has(self.confirmedRule)", message: 'mode Enforce needs confirmedRule, and reclaims nothing until it equals status.review.id' },
      {
        rule: "self.mode != 'Enforce' || (has(self.notify) && self.notify.daysBeforeAutoReclaim > 0 && has(self.notify.channels))",
        message: 'mode Enforce needs notify with daysBeforeAutoReclaim of at least 1 and channels: nothing is reclaimed automatically without notice',
      },
      {
        rule: "self.mode != 'Enforce' || !has(self.notify) || !has(self.notify.channels) || self.notify.channels.exists(channel, channel.type != 'Slack' && 'User' in channel.audiences)",
        message: 'mode Enforce needs a channel of type Email or Webhook whose audiences hold User: a post in a Slack room is no notice to a person',
      },
      {
        rule: "self.action != 'Downgrade' || self.licenseRoleGroups.all(group, group != 'Stakeholder')",
        message: 'action Downgrade is for full users: a stakeholder can only be removed; take Stakeholder out of licenseRoleGroups',
      },
      {
        rule: "self.mode != 'Enforce' || self.justification != 'RestrictedSoftware'",
        message: 'justification RestrictedSoftware skips the notice, so a person must decide: set mode to Propose',
      },
    ],
  });
export type ReclamationRuleSpec = z.infer<typeof spec>;

export type { ReclamationRuleStatus } from './reclamation-rule-status.ts';
export type ReclamationRule = CustomResource<ReclamationRuleSpec, ReclamationRuleStatus>;

export const reclamationRuleResource = resourceType('ReclamationRule', 'reclamationrules');

/** Who counts as inactive, who is protected, what is done, how fast (design section 1). */
export function defineReclamationRule(): KindDefinition {
  return {
    kind: 'ReclamationRule',
    plural: 'reclamationrules',
    singular: 'reclamationrule',
    shortNames: ['recrule'],
    description: 'Who counts as inactive, who is protected, what is done with their subscription, and how fast.',
    spec,
    status,
    printerColumns: [
      { name: 'Profile', type: 'string', jsonPath: '.spec.profileRef.name' },
      { name: 'Mode', type: 'string', jsonPath: '.spec.mode' },
      { name: 'Action', type: 'string', jsonPath: '.spec.action' },
      { name: 'Days', type: 'integer', jsonPath: '.spec.lastActivityThresholdDays' },
      { name: 'Confirmed', type: 'string', jsonPath: '.status.conditions[?(@.type=="Confirmed")].status' },
      readyColumn,
      { name: 'Candidates', type: 'integer', jsonPath: '.status.openCandidates' },
      { name: 'Held', type: 'string', jsonPath: '.status.held.reason' },
      { name: 'Savings', type: 'string', jsonPath: '.status.savingsText', priority: 1 },
      { name: 'Evaluated', type: 'date', jsonPath: '.status.evaluation.time', priority: 1 },
      messageColumn,
      ageColumn,
    ],
  };
}
