import { z } from 'zod';
import { licensePosition, monthlyPeak } from './license-position.ts';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition } from './kind.ts';
import { conditions, localReference, type CustomResource } from './meta.ts';
import { money } from './money.ts';
import { roleGroups } from './software-subscription.ts';

/** Most identifiers of one model: each change of plan adds one. */
export const maxIdentifiers = 32;

const spec = z
  .object({
    profileRef: localReference.describe('IntegrationProfile that found it (S73); cannot be changed.'),
    publisher: z.string().min(1).max(128).describe('Publisher, such as PagerDuty. An edit of a person stays.'),
    product: z.string().min(1).max(128).describe('Product. An edit of a person stays.'),
    edition: z.string().max(253).optional().describe('Name of the licence, where the vendor shows it. An edit of a person stays.'),
    subscriptionIdentifiers: z
      .array(z.string().min(1).max(128))
      .min(1)
      .max(maxIdentifiers)
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe(
        'Subscription identifiers that are this product: the vendor’s licence ids, or the role group where licences are hidden (T6). A change of plan, which gives licences other ids, adds one; so does a person for an identifier that is not recognised (L25).',
      ),
    roleGroup: z.enum(roleGroups).describe('Group of roles that the licence pays for.'),
    unitPrice: money
      .extend({ period: z.enum(['Month', 'Year']).default('Month').describe('What the price pays for.') })
      .optional()
      .describe('Price of one right for the figures as long as no SoftwareEntitlement in force gives one; set by a person.'),
  })
  .meta({
    'x-kubernetes-validations': [{ rule: 'self.profileRef.name == oldSelf.profileRef.name', message: 'profileRef cannot be changed: create another SoftwareModel' }],
  });
export type SoftwareModelSpec = z.infer<typeof spec>;

const status = z.object({
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that this status describes.'),
  lastHandledRequestedAt: z.string().max(256).optional().describe('Last value of a requestedAt annotation that was acted on (S82).'),
  reclamationRule: z.string().max(253).optional().describe('ReclamationRule that was made for it once (S74); one that a person deletes is not made again.'),
  position: licensePosition.optional().describe('The licence position.'),
  monthlyPeaks: z
    .array(monthlyPeak)
    .max(24)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['month'] })
    .describe('Most rights used and most active subscriptions of each of the last 24 months, as seen at reconciliations (C21, C23).'),
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
    description: 'One licence product of one SaaS account, and its licence position: rights owned compared with rights used. Made by the operator; a person may correct its names and price.',
    spec,
    status,
    printerColumns: [
      { name: 'Product', type: 'string', jsonPath: '.spec.product', priority: 1 },
      { name: 'Edition', type: 'string', jsonPath: '.spec.edition' },
      { name: 'Compliance', type: 'string', jsonPath: '.status.position.compliance' },
      { name: 'Owned', type: 'integer', jsonPath: '.status.position.owned' },
      { name: 'Used', type: 'integer', jsonPath: '.status.position.used' },
      { name: 'Active', type: 'integer', jsonPath: '.status.position.active' },
      { name: 'Unused', type: 'integer', jsonPath: '.status.position.unused' },
      { name: 'Available', type: 'integer', jsonPath: '.status.position.available' },
      { name: 'Needed', type: 'integer', jsonPath: '.status.position.needed' },
      { name: 'Savings', type: 'string', jsonPath: '.status.position.display.potentialSavings', description: 'Potential savings in a year.' },
      { name: 'Annual-Cost', type: 'string', jsonPath: '.status.position.display.annualCost', priority: 1 },
      { name: 'True-Up', type: 'string', jsonPath: '.status.position.display.trueUpCost', priority: 1 },
      { name: 'Reconciled', type: 'date', jsonPath: '.status.position.time', priority: 1 },
      { name: 'Profile', type: 'string', jsonPath: '.spec.profileRef.name', priority: 1 },
      readyColumn,
      messageColumn,
      ageColumn,
    ],
  };
}
