import { z } from 'zod';
import { conditions, timestamp } from './meta.ts';
import { moneySum } from './money.ts';

const count = (description: string) => z.int().min(0).describe(description);

const evaluation = z.object({
  time: timestamp('When the rule was last evaluated.'),
  inputs: z.string().max(64).optional().describe('Made from all that the verdicts depend on; while it is the same, nothing is evaluated again before the period ends.'),
  covered: count('Subscriptions that the rule is for. The sum of those below, inactive counted once.'),
  active: count('With activity within the threshold.'),
  recent: count('Assigned or invited too short a time ago to judge (C1, C17).').optional(),
  inactive: count('Without activity within the threshold: candidates, and those whom protected, excluded, coolingDown and otherRule count.'),
  unknown: count('That no complete evidence of the rule’s signals can judge; never candidates (T2, T3, guard 6).'),
  protected: count('Inactive, and kept out by protect, by condition, or as the last admins.'),
  excluded: count('Inactive, and kept out by a SubscriptionExclusion.'),
  coolingDown: count('Inactive, and decided to be kept a short time ago (C9).').optional(),
  otherRule: count('Inactive, and an open candidate of another rule already.').optional(),
  candidates: count('Inactive, and nothing keeps them out: those who are, or would be, candidates.').optional(),
  candidateRatioPercent: count('Candidates in percent of covered, rounded up (guard 5).').optional(),
});

/** Which guard keeps how many people out, and whom by name is in the candidates and exclusions. */
const guardCount = z.object({
  guard: z.string().max(64).describe('Such as Role, Team, JobTitle, LastAdmin, Owner, Condition, Exclusion, KeepCooldown.'),
  count: count('Inactive subscriptions that it keeps out.'),
});

const field = z.string().max(64).describe('Such as spec.action.');
const shownValue = (description: string) => z.string().max(512).describe(`${description} An e-mail address is hidden, a long text is cut; a mark at the end then tells texts apart.`);
/** More fields than a rule has. */
const maxFields = 64;

const review = z.object({
  id: z.string().max(40).describe('Made from the name of the rule and every field that decides who is touched, what is done to them, how they are asked and how fast. Whoever has read the rule sets spec.confirmedRule to it.'),
  confirmed: z
    .object({
      id: z.string().max(40).describe('Its id.'),
      facts: z
        .array(z.object({ field, value: shownValue('What the field was.') }))
        .max(maxFields)
        .meta({ 'x-kubernetes-list-type': 'atomic' })
        .describe('Its fields.'),
    })
    .optional()
    .describe('The form of the rule that was last seen confirmed. A memory to explain changes by, never a permission.'),
  changes: z
    .array(z.object({ field, before: shownValue('What it was; empty = not set.'), now: shownValue('What it is; empty = not set.') }))
    .max(maxFields)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['field'] })
    .describe('What changed since that form.'),
});

/** What a rule’s evaluations and reclaims have come to. */
export const reclamationRuleStatus = z.object({
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that this status describes.'),
  lastHandledRequestedAt: z.string().max(256).optional().describe('Last value of a requestedAt annotation that was acted on.'),
  review: review.optional().describe('What a person confirms, and what changed since it was confirmed.'),
  evaluation: evaluation.optional().describe('What the last evaluation found.'),
  guards: z
    .array(guardCount)
    .max(32)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['guard'] })
    .describe('By which guard the protected are protected.'),
  held: z
    .object({
      reason: z.string().max(128).describe('Such as DataStale, InsufficientHistory, BlastRadius, ProfileNotPublished.'),
      message: z.string().max(1024).describe('Why, and what to do.'),
      since: timestamp('Since when.'),
    })
    .optional()
    .describe('Why no candidates are made now; those that are there are not reclaimed either.'),
  plan: z
    .object({
      hash: z.string().max(71).describe('Of the people, actions and targets of the last evaluation, as saaslicense plan prints it (D1).'),
      candidates: count('People in it.'),
      confirmed: z.boolean().optional().describe('Whether it is the plan that spec.confirmedPlan names.'),
    })
    .optional(),
  openCandidates: count('RemovalCandidates of the rule that are not closed.').optional(),
  states: z
    .array(z.object({ state: z.string().max(32), count: count('Candidates of the rule in this state.') }))
    .max(8)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['state'] })
    .describe('Candidates of the rule by state.'),
  potentialSavings: moneySum.optional().describe('What reclaiming all open candidates would save in a year.'),
  savingsText: z.string().max(64).optional().describe('The same as text, such as `USD 19,680.00`.'),
  run: z
    .object({
      started: count('Reclaims that were begun within the last evaluation period; never more than limits allow (guard 5).'),
      allowed: count('How many limits.maxPerRun and limits.maxPercent allow.'),
    })
    .optional()
    .describe('The run of reclaims that is going on.'),
  conditions,
});
export type ReclamationRuleStatus = z.infer<typeof reclamationRuleStatus>;
