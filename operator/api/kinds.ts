import { defineAuditRecord } from './audit-record.ts';
import { defineConnectionAlias } from './connection-alias.ts';
import { defineIntegrationProfile } from './integration-profile.ts';
import type { KindDefinition, ProviderFragment } from './kind.ts';
import { defineReclamationRule } from './reclamation-rule.ts';
import { defineRemovalCandidate } from './removal-candidate.ts';
import { defineSoftwareEntitlement } from './software-entitlement.ts';
import { defineSoftwareModel } from './software-model.ts';
import { defineSoftwareSubscription } from './software-subscription.ts';
import { defineSubscriptionExclusion } from './subscription-exclusion.ts';

/** All kinds, in the order of design section 1 and docs/decisions/0011, with the fields that the given providers add. */
export function defineKinds(fragments: readonly ProviderFragment[]): KindDefinition[] {
  return [
    defineConnectionAlias(fragments),
    defineIntegrationProfile(fragments),
    defineReclamationRule(),
    defineSubscriptionExclusion(),
    defineSoftwareModel(),
    defineSoftwareEntitlement(),
    defineSoftwareSubscription(),
    defineRemovalCandidate(),
    defineAuditRecord(),
  ];
}
