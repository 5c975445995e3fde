import type { Blocker } from '../../api/removal-candidate-status.ts';
import type { Inspection } from '../../providers/reclaim.ts';
import { hideAddresses, storable } from '../../licensing/text.ts';
import { isSamePerson } from '../../licensing/candidate/same-person.ts';
import type { FullScene } from './obstacles.ts';
import type { Move } from './plan.ts';

export type FoundInspection = Inspection & { readonly kind: 'Found' };

export interface InspectionFacts {
  readonly scene: Pick<FullScene, 'candidate' | 'rule' | 'profile' | 'subscription'>;
  readonly inspection: FoundInspection;
  /** Admins whom the vendor may still count though their reclaim has begun; 0 before anything is written. */
  readonly recentAdmins?: number;
}

/** A guard that is asked of what the vendor says now: what stands in the way, as objects that a person can look up. */
export interface InspectionGuard {
  /** Number in design section 5, or the row of requirements. */
  readonly number: 1 | 2 | 3 | 9 | 'D7';
  readonly name: string;
  readonly find: (facts: InspectionFacts) => readonly Blocker[];
}

/** What the vendor is asked at the moment of the write (guards 1 to 3, T9, T11, T13, D7). */
export const inspectionGuards: readonly InspectionGuard[] = [
  { number: 9, name: 'SamePerson', find: (facts) => block(!isWho(facts), 'Unverified', 'Person', 'The vendor shows a name or address that differs from the decision, so this may be another person. The next refresh shows who it is.') },
  { number: 1, name: 'SameRole', find: (facts) => block(!isSameRole(facts), 'Unverified', 'Role', 'Role or licence are others than those that were decided on; the next refresh brings them.') },
  { number: 2, name: 'NotOwner', find: ({ inspection: { person } }) => block(person.isOwner, 'Owner', 'account owner', 'The owner of the account is never touched.') },
  { number: 2, name: 'NotSelf', find: ({ inspection: { person } }) => block(person.isSelf, 'Self', 'token', 'The operator’s own credential acts for this person.') },
  { number: 2, name: 'NotLastAdmin', find: lastAdmins },
  { number: 3, name: 'NoVendorBlocker', find: ({ inspection }) => inspection.blockers.map(({ kind, name, detail }) => ({ kind, name, ...(detail === undefined ? {} : { detail }) })) },
  { number: 'D7', name: 'NotProvisioned', find: (facts) => block(isProvisioned(facts), 'Ownership', 'IdentityProvider', 'The account is provisioned by an identity provider (spec.ownership of the profile): take the person away there.') },
];

/** Everything that stands in the way, each once, made fit for status. */
export function findBlockers(facts: InspectionFacts, guards: readonly InspectionGuard[] = inspectionGuards): Blocker[] {
  const found = guards.flatMap(({ find }) => find(facts)).map(storableBlocker);
  return [...new Map(found.map((blocker) => [`${blocker.kind}/${blocker.name}`, blocker])).values()];
}

/** What the vendor tells that ends the candidate: the person was active since the evidence (L10). */
export function endingOf({ recentActivity }: FoundInspection): Move | undefined {
  if (recentActivity === undefined) return undefined;
  return { event: 'ActivityReturned', reason: 'ActivityReturned', text: 'The vendor shows activity of the person after the end of the evidence.' };
}

/**
 * Guard 9: compared is what was decided on, or asked, not what was refreshed since. The name is that of the subscription, which a
 * decision confirms.
 */
function isWho({ scene: { subscription, candidate }, inspection: { person } }: InspectionFacts): boolean {
  const { externalUserId, address, displayName } = person;
  const isSame = isSamePerson(candidate.spec.subject, { externalUserId, userPrincipalName: address });
  return isSame && nameOf(displayName) === nameOf(subscription.spec.displayName);
}

function nameOf(text: string): string {
  return storable(text, 253);
}

/** Where licences are hidden from either, the role has to do (T6). */
function isSameRole({ scene: { candidate, subscription }, inspection: { person } }: InspectionFacts): boolean {
  const { role, subscriptionIdentifier } = candidate.spec.subject;
  if (hideAddresses(storable(person.role, 64)) !== hideAddresses(role)) return false;
  const isHidden = person.subscriptionIdentifier === undefined || subscription.spec.edition === undefined;
  return isHidden || person.subscriptionIdentifier === subscriptionIdentifier;
}

/** C13: a lesser role takes an admin away just as well. Admins that nobody has counted may be the last. */
function lastAdmins({ scene: { rule }, inspection: { person, admins }, recentAdmins = 0 }: InspectionFacts): Blocker[] {
  if (!person.isAdmin && !person.isOwner) return [];
  const { minAdmins } = rule.spec.limits;
  return block(admins === undefined || admins - recentAdmins - 1 < minAdmins, 'LastAdmin', 'account admins', `At least ${minAdmins} account admins besides the owner must stay (spec.limits.minAdmins).`);
}

function isProvisioned({ scene: { profile }, inspection: { person, provenance } }: InspectionFacts): boolean {
  switch (profile.spec.ownership?.identityProvider ?? 'Detected') {
    case 'Nobody':
      return false;
    case 'Everybody':
      return true;
    case 'CreatedViaSso':
      return person.createdViaSso || provenance === 'IdentityProvider';
    case 'Detected':
      return provenance === 'IdentityProvider';
    default:
      return true;
  }
}

// oxlint-disable-next-line max-params -- a blocker, and when it is one
function block(holds: boolean, kind: string, name: string, detail: string): Blocker[] {
  return holds ? [{ kind, name, detail }] : [];
}

function storableBlocker({ kind, name, detail }: Blocker): Blocker {
  return { kind: storable(kind, 64), name: storable(name, 253), ...(detail === undefined ? {} : { detail: storable(detail, 512) }) };
}
