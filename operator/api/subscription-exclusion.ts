import { z } from 'zod';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition } from './kind.ts';
import { conditions, timestamp, type CustomResource } from './meta.ts';

/** A person comes back one day; a service account does not, but somebody answers for it (C4). */
export const exclusionKinds = ['Person', 'ServiceAccount'] as const;

const user = z
  .object({
    userPrincipalName: z.string().min(3).max(320).describe('E-mail address at the vendor, compared without regard to case (L26).'),
    kind: z.enum(exclusionKinds).default('Person').describe('Person: needs spec.until. ServiceAccount: needs owner (C4).'),
    owner: z.string().min(1).max(253).optional().describe('Who answers for the service account: a team or a person.'),
  })
  .meta({
    'x-kubernetes-validations': [{ rule: "self.kind != 'ServiceAccount' || has(self.owner)", message: 'owner must be set when kind is ServiceAccount' }],
  });

const subscription = z.object({
  type: z.string().min(1).max(64).describe('Type of the profiles that it is for, such as PagerDuty (L26).'),
  identifier: z.string().min(1).max(128).describe('Subscription identifier: the vendor’s licence id, or the role group where licences are hidden.'),
});

const spec = z
  .object({
    user: user.optional().describe('A person or service account, in every profile of the namespace (L26).'),
    subscription: subscription.optional().describe('A licence, in every profile of its type (L26).'),
    reason: z.string().min(1).max(1024).describe('Why; shown wherever the exclusion takes effect.'),
    until: timestamp('Until when; from then on it has no effect. A person needs it, so that nobody is forgotten here (C2, C4).').optional(),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'has(self.user) != has(self.subscription)', message: 'exactly one of user, subscription must be set' },
      {
        rule: "!has(self.user) || self.user.kind != 'Person' || has(self.until)",
        message: 'until must be set when user.kind is Person',
      },
    ],
  });
export type SubscriptionExclusionSpec = z.infer<typeof spec>;

const status = z.object({
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that this status describes.'),
  state: z.enum(['Active', 'Expired']).optional().describe('Whether it has an effect now.'),
  matched: z.int().min(0).optional().describe('Subscriptions that it keeps out, over all profiles of the namespace.'),
  profiles: z
    .array(z.object({ name: z.string().max(253).describe('IntegrationProfile.'), matched: z.int().min(0).describe('Subscriptions of it that it keeps out.') }))
    .max(500)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('Where it has an effect, as of the last reconciliation of each profile.'),
  conditions,
});
export type SubscriptionExclusionStatus = z.infer<typeof status>;
export type SubscriptionExclusion = CustomResource<SubscriptionExclusionSpec, SubscriptionExclusionStatus>;

export const subscriptionExclusionResource = resourceType('SubscriptionExclusion', 'subscriptionexclusions');

/** A person or a licence identifier that is out of cost and reclamation, why and until when (design section 1). */
export function defineSubscriptionExclusion(): KindDefinition {
  return {
    kind: 'SubscriptionExclusion',
    plural: 'subscriptionexclusions',
    singular: 'subscriptionexclusion',
    shortNames: ['subexcl'],
    description: 'A person, service account or licence that is out of cost and reclamation, why and until when.',
    spec,
    status,
    printerColumns: [
      { name: 'User', type: 'string', jsonPath: '.spec.user.userPrincipalName' },
      { name: 'Identifier', type: 'string', jsonPath: '.spec.subscription.identifier' },
      // A string: a date column would show a time to come as <invalid>.
      { name: 'Until', type: 'string', jsonPath: '.spec.until' },
      { name: 'State', type: 'string', jsonPath: '.status.state' },
      { name: 'Matched', type: 'integer', jsonPath: '.status.matched' },
      readyColumn,
      { name: 'Owner', type: 'string', jsonPath: '.spec.user.owner', priority: 1 },
      { name: 'Reason', type: 'string', jsonPath: '.spec.reason', priority: 1 },
      messageColumn,
      ageColumn,
    ],
  };
}
