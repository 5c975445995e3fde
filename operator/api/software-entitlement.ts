import { z } from 'zod';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition } from './kind.ts';
import { conditions, localReference, type CustomResource } from './meta.ts';
import { money, moneySum } from './money.ts';

const date = (description: string) =>
  z.string().max(10).meta({ format: 'date', description });

/** How the vendor bills, which decides when a freed seat saves money (C21). */
export const billingModels = ['AnnualCommit', 'MonthlyPeak'] as const;

const renewal = z.object({
  noticeDays: z.int().min(0).max(365).default(90).describe('Days before endDate on which the renewal is due to be looked at (C23, L35).'),
  bufferPercent: z.int().min(0).max(100).default(10).describe('Added to the peak for the suggested quantity (C23).'),
});

const spec = z
  .object({
    modelRef: localReference.describe('SoftwareModel that the rights are for (S80).'),
    purchasedRights: z.int().min(1).max(10_000_000).describe('How many rights were bought (S80).'),
    unitCost: money.describe('Price of one right for one period.'),
    period: z.enum(['Month', 'Year']).default('Month').describe('What unitCost pays for (S80).'),
    billing: z
      .enum(billingModels)
      .describe('AnnualCommit: prepaid, a freed seat saves nothing before endDate. MonthlyPeak: billed month by month, so that a freed seat saves from the next month on (C21). Costs are those of the rights bought, either way: no invoice is read.'),
    startDate: date('First day on which the rights are held.'),
    endDate: date('Last day on which the rights are held; left out where they run on.').optional(),
    costCenter: z.string().min(1).max(100).optional().describe('Cost centre that pays (C22, L34).'),
    renewal: renewal.optional().describe('When to be reminded of the renewal, and of how many rights.'),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: '!has(self.endDate) || self.endDate >= self.startDate', message: 'endDate must not be before startDate' },
      { rule: "self.billing != 'AnnualCommit' || has(self.endDate)", message: 'endDate must be set when billing is AnnualCommit' },
      { rule: '!has(self.renewal) || has(self.endDate)', message: 'endDate must be set when renewal is' },
      {
        rule: "self.purchasedRights * self.unitCost.amountMinor * (self.period == 'Month' ? 12 : 1) <= 9000000000000000",
        message: 'purchasedRights × unitCost in a year must not exceed 9000000000000000 minor units',
      },
    ],
  });
export type SoftwareEntitlementSpec = z.infer<typeof spec>;

const status = z.object({
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that this status describes.'),
  state: z.enum(['Upcoming', 'Active', 'Expired']).optional().describe('Whether the rights are held today (UTC): before startDate, until endDate, after it.'),
  annualCost: moneySum.optional().describe('Rights × price, in a year.'),
  termCost: moneySum.optional().describe('Cost of the whole term from startDate to endDate, by the day; absent without endDate.'),
  annualCostText: z.string().max(64).optional().describe('annualCost as text, such as `USD 123,000.00`.'),
  renewalNoticeDate: date('Day from which the renewal is due to be looked at.').optional(),
  suggestedRights: z.int().min(0).optional().describe('How many rights to renew: the peak, in the term, of the rights that are active, recent or unknown, and the buffer (C23). Whoever cannot be judged is not given up.'),
  conditions,
});
export type SoftwareEntitlementStatus = z.infer<typeof status>;
export type SoftwareEntitlement = CustomResource<SoftwareEntitlementSpec, SoftwareEntitlementStatus>;

export const softwareEntitlementResource = resourceType('SoftwareEntitlement', 'softwareentitlements');

/** Rights bought: quantity, price, period, billing (design section 1). */
export function defineSoftwareEntitlement(): KindDefinition {
  return {
    kind: 'SoftwareEntitlement',
    plural: 'softwareentitlements',
    singular: 'softwareentitlement',
    shortNames: ['swent'],
    description: 'Rights bought of one licence product: how many, at what price, for how long, how billed.',
    spec,
    status,
    printerColumns: [
      { name: 'Model', type: 'string', jsonPath: '.spec.modelRef.name' },
      { name: 'Rights', type: 'integer', jsonPath: '.spec.purchasedRights' },
      { name: 'Billing', type: 'string', jsonPath: '.spec.billing' },
      { name: 'Ends', type: 'string', jsonPath: '.spec.endDate' },
      { name: 'State', type: 'string', jsonPath: '.status.state' },
      readyColumn,
      { name: 'Annual-Cost', type: 'string', jsonPath: '.status.annualCostText' },
      { name: 'Notice', type: 'string', jsonPath: '.status.renewalNoticeDate', priority: 1 },
      { name: 'Suggested', type: 'integer', jsonPath: '.status.suggestedRights', priority: 1 },
      { name: 'Unit-Cost-Minor', type: 'integer', jsonPath: '.spec.unitCost.amountMinor', priority: 1 },
      { name: 'Currency', type: 'string', jsonPath: '.spec.unitCost.currency', priority: 1 },
      { name: 'Cost-Center', type: 'string', jsonPath: '.spec.costCenter', priority: 1 },
      messageColumn,
      ageColumn,
    ],
  };
}
