import { z } from 'zod';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition } from './kind.ts';
import { conditions, localReference, timestamp, type CustomResource } from './meta.ts';
import { moneySum } from './money.ts';
import { protection, subscriptionSelector } from './subscription-selector.ts';

/** What a rule may do by itself (C15). */
export const reclamationModes = ['Observe', 'Propose', 'Enforce'] as const;
export type ReclamationMode = (typeof reclamationModes)[number];

export const reclamationActions = ['Downgrade', 'Remove'] as const;
export type ReclamationAction = (typeof reclamationActions)[number];

/** Days: a threshold of less than one or more than five years means nothing (C32). */
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
  minAdmins: z.int().min(1).max(100).default(2).describe('Account admins that always stay (C13, guard 2).'),
});

const notify = z
  .object({
    daysBeforeAutoReclaim: z
      .int()
      .min(0)
      .max(90)
      .default(14)
      .describe('Days that a person has to answer; silence means that the subscription is reclaimed (L5, C8). 0 = told, not asked.'),
    reminders: z
      .array(z.int().min(1).max(89))
      .max(5)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe('Days before the deadline on which to remind. Default: 7 and 1, as far as they lie within the notice (C8).'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '!has(self.reminders) || self.reminders.all(day, day < self.daysBeforeAutoReclaim)',
        message: 'each of reminders must be less than daysBeforeAutoReclaim',
      },
    ],
  });

const spec = z
  .object({
    profileRef: localReference.describe('IntegrationProfile whose subscriptions the rule judges.'),
    softwareModelRef: localReference.optional().describe('SoftwareModel that the rule is limited to, so that one licence is never reclaimed for another (C31). Default: all of the profile.'),
    reviewed: z.boolean().default(false).describe('Set by a person who has read the rule. Until then candidates are made and nothing is reclaimed (S79).'),
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
    keepCooldownDays: z.int().min(0).max(1825).default(90).describe('Days for which a subscription that was decided to be kept is not proposed again (C9).'),
    maxDataAgeHours: z.int().min(1).max(720).default(36).describe('Evidence that is older holds the run: a data source that died is not inactivity (C11, guard 6).'),
    evaluationPeriodHours: z.int().min(1).max(720).default(24).describe('How often the rule is evaluated at least; it also is when a refresh ends and when it changes (L20).'),
    protect: protection.prefault({}).describe('People whom the rule never makes candidates; one match is enough (C14). See also SubscriptionExclusion.'),
    limits: limits.prefault({}).describe('How fast the rule goes and what stops it.'),
    notify: notify.optional().describe('Notify User: the person is asked first. Left out: the person is not told (L4).'),
    assignmentGroup: z.string().min(1).max(100).default('Software managers').describe('Group that the candidates are assigned to (L14).'),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: "self.action != 'Downgrade' || has(self.downgradeTo)", message: 'downgradeTo must be set when action is Downgrade' },
      { rule: "self.action != 'Remove' || !has(self.downgradeTo)", message: 'downgradeTo must not be set when action is Remove' },
      { rule: "self.mode != 'Enforce' || self.reviewed", message: 'mode Enforce needs reviewed: true' },
      {
        rule: "self.mode != 'Enforce' || (has(self.notify) && self.notify.daysBeforeAutoReclaim > 0)",
        message: 'mode Enforce needs notify with daysBeforeAutoReclaim of at least 1: nothing is reclaimed automatically without notice',
      },
    ],
  });
export type ReclamationRuleSpec = z.infer<typeof spec>;

const count = (description: string) => z.int().min(0).describe(description);

const status = z.object({
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that this status describes.'),
  lastHandledRequestedAt: z.string().max(256).optional().describe('Last value of a requestedAt annotation that was acted on.'),
  evaluation: z
    .object({
      time: timestamp('When the rule was last evaluated.'),
      covered: count('Subscriptions that the rule is for.'),
      active: count('With activity within the threshold.'),
      inactive: count('Without activity within the threshold.'),
      unknown: count('That no signal of the rule can see; never candidates (guard 6).'),
      protected: count('Kept out by protect, as the last admins or by grace.'),
      excluded: count('Kept out by a SubscriptionExclusion.'),
    })
    .optional()
    .describe('What the last evaluation found.'),
  openCandidates: count('RemovalCandidates of the rule that are not closed.').optional(),
  potentialSavings: moneySum.optional().describe('What reclaiming all open candidates would save in a year.'),
  conditions,
});
export type ReclamationRuleStatus = z.infer<typeof status>;
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
      { name: 'Reviewed', type: 'boolean', jsonPath: '.spec.reviewed' },
      readyColumn,
      { name: 'Candidates', type: 'integer', jsonPath: '.status.openCandidates' },
      { name: 'Evaluated', type: 'date', jsonPath: '.status.evaluation.time', priority: 1 },
      messageColumn,
      ageColumn,
    ],
  };
}
