import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import type { ModelPosition, ProfileReport } from '../../licensing/position/facts.ts';

/** Identifiers that a model shares with one before it by name, which is the one that counts: by model, then identifier. */
export function claimsOf(models: readonly SoftwareModel[]): Map<string, Map<string, string>> {
  const owners = new Map<string, string>();
  const claims = new Map<string, Map<string, string>>();
  for (const { metadata, spec } of models.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    if (metadata.deletionTimestamp !== undefined) continue;
    for (const identifier of spec.subscriptionIdentifiers) {
      const owner = owners.get(identifier);
      if (owner === undefined) owners.set(identifier, metadata.name);
      else claims.set(metadata.name, (claims.get(metadata.name) ?? new Map<string, string>()).set(identifier, owner));
    }
  }
  return claims;
}

/** Whether the last refresh found the licence: in the vendor's list, or on somebody. */
export function isFound(model: SoftwareModel, { position }: ModelPosition, { status }: IntegrationProfile): boolean {
  if (position.assigned > 0) return true;
  const { licenses = [], licenseCount = 0 } = status?.refresh?.subscriptions ?? {};
  // Where more licences are there than are listed, that one is not proves nothing.
  if (licenseCount > licenses.length) return true;
  return licenses.some(({ identifier }) => model.spec.subscriptionIdentifiers.includes(identifier));
}

/** Whether people who are not recognised may be those of this model, which nobody has (guard 6). */
export function mayBeMissing({ spec }: SoftwareModel, { position }: ModelPosition, { unrecognized }: Pick<ProfileReport, 'unrecognized'>): boolean {
  return position.assigned === 0 && unrecognized.some(({ roleGroup, subscriptions }) => roleGroup === spec.roleGroup && subscriptions > 0);
}
