import { z } from 'zod';
import { timestamp } from './meta.ts';

/**
 * What the use of one right is (L33, C17): each person who uses a right is exactly one of these, so they add up to
 * the rights used. *Stale*, *NeverUsed* and *PendingInvitation* together are unused.
 */
export const useClasses = ['Active', 'Stale', 'NeverUsed', 'PendingInvitation', 'New', 'Unknown'] as const;
export type UseClass = (typeof useClasses)[number];

export const complianceStates = ['Compliant', 'NonCompliant', 'NoEntitlement'] as const;
export type ComplianceState = (typeof complianceStates)[number];

const rights = (description: string) => z.int().min(0).describe(description);

/** Counts of a model, and of any sum of models. */
export const positionCounts = z.object({
  owned: rights('Rights bought, by the entitlements in force.'),
  assigned: rights('Subscriptions assigned: used, excluded and duplicates.'),
  excluded: rights('Subscriptions that a SubscriptionExclusion keeps out of the calculation (L26).'),
  duplicates: rights('Further subscriptions of persons who are counted already (L29).'),
  used: rights('Rights used: one for each unique person (L29). The sum of the six below.'),
  active: rights('Used, with activity within the threshold.'),
  stale: rights('Used, with activity, but none within the threshold.'),
  neverUsed: rights('Used, and no activity was ever seen by evidence that reaches back over the threshold.'),
  pending: rights('Used by an invitation that was never accepted (C17).'),
  recent: rights('Used, assigned within the threshold and not active yet: too new to judge (C1, L17).'),
  unknown: rights('Used, and no complete evidence can tell whether they are active (guard 6).'),
  unused: rights('stale, neverUsed and pending together.'),
  available: rights('Rights owned and not used (L30).'),
  needed: rights('Rights used and not owned (L30).'),
});
export type PositionCounts = z.infer<typeof positionCounts>;

const minor = (description: string) => z.int().min(0).max(9_000_000_000_000_000).describe(description);

/**
 * Money of a model, or of a sum of models, in one currency; every figure is minor units of that currency for one year,
 * but for `realisedToDate`. `freed = realised + atRenewal + forgone` (C21, D9).
 */
export const moneyFigures = z.object({
  currency: z.string().length(3).describe('ISO 4217 currency code, such as USD; sums of different currencies are never mixed.'),
  annualCost: minor('Rights owned at their prices.'),
  averageUnitCost: minor('Average price of one right, rounded; the figures are made from the exact average.').optional(),
  trueUpCost: minor('Rights needed at the average price (L30).').optional(),
  overLicensedCost: minor('Rights available at the average price (L30).').optional(),
  potentialSavings: minor('Unused rights at the average price: what reclaiming them could save (L30).').optional(),
  freedSavings: minor('Rights freed by reclaims at the price of the day: realised, at renewal and forgone together.').optional(),
  realisedSavings: minor('Of the freed, what is no longer paid for (C21).').optional(),
  atRenewalSavings: minor('Of the freed, what is paid for until its commitment or month ends (C21).').optional(),
  forgoneSavings: minor('Of the freed, what was bought again at a renewal.').optional(),
  realisedToDate: minor('What the realised savings have saved from the day they began until the reconciliation: not a year’s figure.').optional(),
});
export type MoneyFigures = z.infer<typeof moneyFigures>;

/** More than any company buys in, and few enough for a status. */
const maxCurrencies = 32;

const display = z
  .object({ annualCost: z.string().max(1024).optional(), potentialSavings: z.string().max(1024).optional(), trueUpCost: z.string().max(1024).optional() })
  .describe('Figures as text, for people and columns, such as `USD 19,680.00`.');

export const moneyList = z
  .array(moneyFigures)
  .max(maxCurrencies)
  .optional()
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['currency'] })
  .describe('Money, by currency; absent where no price is known.');

/** One line of a breakdown; each breakdown adds up to the whole exactly (C22). */
export const positionGroup = z.object({
  name: z.string().max(253).describe('Team, role or cost centre; `(none)` without one, `(not used)` for rights that nobody uses, `(others)` for those that are not shown.'),
  owned: rights('Rights bought; for cost centres only.').optional(),
  used: rights('Rights used.'),
  unused: rights('Of these, unused.'),
  costs: z
    .array(z.object({ currency: z.string().length(3), annualCost: minor('Share of the annual cost.') }))
    .max(maxCurrencies)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['currency'] })
    .describe('Share of the annual cost, by currency.'),
});
export type PositionGroup = z.infer<typeof positionGroup>;

/** Lines of a breakdown that a status shows. */
export const maxGroups = 25;
const groups = (description: string) =>
  z.array(positionGroup).max(maxGroups).optional().meta({ 'x-kubernetes-list-type': 'atomic' }).describe(description);

export const positionGroups = z.object({
  teams: groups('By team. A person of several teams counts in one: the first of spec.reconciliation.teamPrecedence of the profile, else the first by name.'),
  costCenters: groups('By the cost centre of the entitlements, which own the rights.'),
  roles: groups('By role at the vendor.'),
});
export type PositionGroups = z.infer<typeof positionGroups>;

export const remediationActions = ['PurchaseRights', 'Reclaim', 'RemoveAllocations', 'ReduceAtRenewal'] as const;

const remediationOption = z.object({
  action: z
    .enum(remediationActions)
    .describe('PurchaseRights: buy what is needed. Reclaim: take back unused subscriptions. RemoveAllocations: take away subscriptions that are in use. ReduceAtRenewal: buy fewer next time (S85).'),
  quantity: z.int().min(1).describe('How many rights or subscriptions.'),
  resolves: z.boolean().describe('Whether this alone makes the model compliant.'),
  money: z
    .object({ currency: z.string().length(3), amountMinor: minor('A year’s cost of a purchase; a year’s saving of the others.') })
    .optional()
    .describe('What it costs, or saves, in a year, where a price is known.'),
});
export type RemediationOption = z.infer<typeof remediationOption>;

const ages = z
  .object({
    upTo30: rights('Last activity at most 30 days before.'),
    upTo60: rights('30 to 60 days.'),
    upTo90: rights('60 to 90 days.'),
    over90: rights('More than 90 days.'),
    none: rights('No activity seen, whatever the reason.'),
  })
  .describe('Persons by days since their last activity, as of activityAsOf; adds up to `used`.');
export type ActivityAges = z.infer<typeof ages>;

export const monthlyPeak = z.object({
  month: z.string().max(7).regex(/^\d{4}-\d{2}$/, 'a month, such as 2026-11').describe('Month (UTC), such as 2026-11.'),
  used: rights('Most rights used at once.'),
  active: rights('Most active subscriptions at once.'),
  kept: rights('Most rights at once of which it was not known that they are unused: active, recent and unknown (guard 6).').optional(),
});
export type MonthlyPeak = z.infer<typeof monthlyPeak>;

/** The workbench line of one licence product (S83, S84). */
export const licensePosition = positionCounts.extend({
  time: timestamp('When rights owned were last compared with rights used.'),
  inputs: z.string().max(64).describe('Made from all that the figures depend on; the same in every model of the profile and in the profile, else they are calculated again.'),
  activityAsOf: timestamp('Until when the activity that was counted is complete; absent where no signal gives evidence. Use is judged as of this time.').optional(),
  thresholdDays: z.int().min(1).describe('Days without activity that make a right stale: of the ReclamationRule of this model, else 60 (L2).'),
  unusedPercent: z.int().min(0).max(100).describe('Unused in percent of used, rounded down (L33).'),
  compliance: z
    .enum(complianceStates)
    .describe('Compliant: at least as many rights owned as used; more than enough is compliant too (L31). NoEntitlement: nothing to compare with.'),
  seatsAssigned: rights('Seats in use as the vendor counts them.').optional(),
  seatsAvailable: rights('Seats that the vendor still has to give; absent when it states no limit (C20).').optional(),
  ages,
  money: moneyList,
  display: display.optional(),
  groups: positionGroups.optional().describe('Breakdowns, each adding up to the model exactly (C22, L34).'),
  remediationOptions: z
    .array(remediationOption)
    .max(4)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['action'] })
    .describe('What can be done, with numbers (S85).'),
});
export type LicensePosition = z.infer<typeof licensePosition>;

const productPosition = z.object({
  product: z.string().max(128),
  compliance: z.enum(complianceStates).describe('NonCompliant also when a model of the product is used without any entitlement while another has one (L31).'),
  owned: rights('Rights bought.'),
  used: rights('Rights used.'),
  needed: rights('Rights used and not owned, model by model: rights for one licence do not cover another.'),
  available: rights('Rights owned and not used, model by model.'),
});
export type ProductPosition = z.infer<typeof productPosition>;

const unrecognizedIdentifier = z.object({
  identifier: z.string().max(128).describe('Subscription identifier that no SoftwareModel claims.'),
  name: z.string().max(253).optional().describe('Name of the licence, where the vendor shows it.'),
  roleGroup: z.string().max(64),
  subscriptions: rights('Subscriptions with it.'),
  reason: z.string().max(128).describe('UnknownRole: the role belongs to no known group. AmbiguousPlanChange: it could be the continuation of several models. TooManyIdentifiers: its model has no room.'),
});
export type UnrecognizedIdentifier = z.infer<typeof unrecognizedIdentifier>;

/** The sum of the models of a profile (design section 3). */
export const profilePosition = positionCounts.extend({
  time: timestamp('When the profile was last reconciled.'),
  inputs: z.string().max(64).describe('Made from all that the figures depend on; while it is the same, nothing is calculated again.'),
  models: z.int().min(0).describe('SoftwareModels of the profile.'),
  compliance: z.enum(complianceStates).describe('The worst of its products.'),
  unpriced: z
    .object({ needed: rights('Rights used and not owned.'), unused: rights('Rights unused.') })
    .optional()
    .describe('Of models without one price: in none of the figures of true-up cost and savings. Absent where there are none.'),
  unrecognized: rights('Subscriptions whose identifier no model claims; in none of the other figures.'),
  unrecognizedIdentifiers: z
    .array(unrecognizedIdentifier)
    .max(20)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['identifier'] })
    .describe('The first 20 by number of subscriptions (L25).'),
  products: z
    .array(productPosition)
    .max(20)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['product'] })
    .describe('Product level of the position (L34).'),
  money: moneyList,
  display: display.optional(),
});
export type ProfilePosition = z.infer<typeof profilePosition>;
