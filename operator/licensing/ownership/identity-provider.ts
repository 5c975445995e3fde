import type { OwnershipSettings } from '../../api/ownership.ts';
import type { Ownership } from '../../api/removal-candidate-status.ts';
import { bothChanges, makeOwnership, stakeholderRole, type WishedChange } from './owner.ts';

/** What is known of how an account came to be. */
export interface ProvisioningFacts {
  /** What the vendor’s audit trail says that made it; undefined where it does not say or cannot be read. */
  readonly provenance: 'IdentityProvider' | undefined;
  readonly createdViaSso: boolean;
}

/** Who is provisioned from elsewhere, in the profile's own words, and what to do there; undefined = nobody says that this person is (T10). */
export function provisionedBy(setting: OwnershipSettings['identityProvider'], { provenance, createdViaSso }: ProvisioningFacts, changes: readonly WishedChange[] = bothChanges): Ownership | undefined {
  const why = findReason(setting, provenance, createdViaSso);
  return why === undefined ? undefined : makeOwnership('IdentityProvider', `the identity provider (${why})`, () => changes.flatMap(propose));
}

function findReason(setting: OwnershipSettings['identityProvider'], provenance: ProvisioningFacts['provenance'], createdViaSso: boolean): string | undefined {
  if (setting === 'Nobody') return undefined;
  if (setting === 'Everybody') return 'spec.ownership.identityProvider is Everybody';
  if (provenance === 'IdentityProvider') return 'the audit trail of the vendor shows that it made the account';
  return setting === 'CreatedViaSso' && createdViaSso ? 'the account was made by a sign-in through it' : undefined;
}

function propose({ action, downgradeTo }: WishedChange): string[] {
  if (action === 'Downgrade') return [`To downgrade the account, give the person the role ${downgradeTo?.role ?? stakeholderRole} in the identity provider, by the group or attribute that the role is mapped from.`];
  return [
    'To remove the account, take the PagerDuty application from the person in the identity provider, or the person out of the group that it is assigned to.',
    'There is no deactivation: an account that is removed is gone for good, and one that the next sync makes again is another one, without contact methods, teams and places on schedules.',
  ];
}
