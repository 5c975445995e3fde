import { z } from 'zod';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition } from './kind.ts';
import { conditions, localReference, timestamp, type CustomResource } from './meta.ts';
import { money, moneySum } from './money.ts';
import { roleGroups } from './software-subscription.ts';

const spec = z
  .object({
    profileRef: localReference.describe('IntegrationProfile that found it (S73).'),
    publisher: z.string().min(1).max(128).describe('Publisher, such as PagerDuty.'),
    product: z.string().min(1).max(128).describe('Product.'),
    edition: z.string().max(253).optional().describe('Name of the licence, where the vendor shows it.'),
    subscriptionIdentifier: z.string().min(1).max(128).describe('The vendor’s licence id, or the role group where licences are hidden (T6); one model each (S73).'),
    roleGroup: z.enum(roleGroups).describe('Group of roles that the licence pays for.'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: 'self.profileRef.name == oldSelf.profileRef.name && self.subscriptionIdentifier == oldSelf.subscriptionIdentifier',
        message: 'profileRef and subscriptionIdentifier cannot be changed',
      },
    ],
  });
export type SoftwareModelSpec = z.infer<typeof spec>;

const rights = (description: string) => z.int().min(0).optional().describe(description);

const remediationOption = z.object({
  action: z.enum(['PurchaseRights', 'Reclaim', 'RemoveAllocations']).describe('What would bring owned and used together (S85).'),
  quantity: z.int().min(1).describe('How many rights, subscriptions or allocations.'),
  cost: moneySum.optional().describe('What it would cost, where a price is known.'),
});

/** The workbench line of one licence product (S83, S84). */
const position = z.object({
  time: timestamp('When rights owned were last compared with rights used.'),
  owned: rights('Rights bought, by the entitlements in force.'),
  assigned: rights('Subscriptions assigned.'),
  used: rights('Rights that the assigned subscriptions use: one per unique person, exclusions left out (L26, L29).'),
  active: rights('Subscriptions with activity within the threshold.'),
  stale: rights('Subscriptions without activity within the threshold.'),
  unknown: rights('Subscriptions that no signal can see; neither active nor stale (guard 6).'),
  available: rights('Rights owned and not used (L30).'),
  needed: rights('Rights used and not owned (L30).'),
  seatsAvailable: rights('Seats that the vendor still has to give; absent when it states no limit (C20).'),
  stalePercent: z.int().min(0).max(100).optional().describe('Stale in percent of assigned, rounded down (L33).'),
  compliance: z
    .enum(['Compliant', 'NonCompliant', 'NoEntitlement'])
    .describe('Compliant: at least as many rights owned as used; more than enough is compliant too (L31). NoEntitlement: nothing to compare with.'),
  averageUnitCost: money.optional().describe('Average price of a right in a year, by the entitlements in force.'),
  trueUpCost: moneySum.optional().describe('Rights needed at the average price (L30).'),
  potentialSavings: moneySum.optional().describe('Stale rights at the average price, in a year (L30).'),
  remediationOptions: z
    .array(remediationOption)
    .max(3)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['action'] })
    .describe('Ways out of non-compliance (S85).'),
});

const status = z.object({
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that this status describes.'),
  lastHandledRequestedAt: z.string().max(256).optional().describe('Last value of a requestedAt annotation that was acted on (S82).'),
  position: position.optional().describe('The licence position.'),
  conditions,
});
export type SoftwareModelStatus = z.infer<typeof status>;
export type SoftwareModel = CustomResource<SoftwareModelSpec, SoftwareModelStatus>;

export const softwareModelResource = resourceType('SoftwareModel', 'softwaremodels');

/** One licence product; its status is its licence position (design section 1). */
export function defineSoftwareModel(): KindDefinition {
  return {
    kind: 'SoftwareModel',
    plural: 'softwaremodels',
    singular: 'softwaremodel',
    shortNames: ['swmodel'],
    description: 'One licence product of one SaaS account, and its licence position: rights owned compared with rights used. Written by the operator.',
    spec,
    status,
    printerColumns: [
      { name: 'Product', type: 'string', jsonPath: '.spec.product' },
      { name: 'Edition', type: 'string', jsonPath: '.spec.edition' },
      { name: 'Compliance', type: 'string', jsonPath: '.status.position.compliance' },
      { name: 'Owned', type: 'integer', jsonPath: '.status.position.owned' },
      { name: 'Assigned', type: 'integer', jsonPath: '.status.position.assigned' },
      { name: 'Active', type: 'integer', jsonPath: '.status.position.active' },
      { name: 'Stale', type: 'integer', jsonPath: '.status.position.stale' },
      { name: 'Profile', type: 'string', jsonPath: '.spec.profileRef.name', priority: 1 },
      { ...readyColumn, priority: 1 },
      messageColumn,
      ageColumn,
    ],
  };
}
