import type { RoleGroup, SoftwareSubscriptionSpec } from '../api/software-subscription.ts';
import type { UserResolutionRule } from '../api/integration-profile.ts';
import { storable, storableIdentifier } from './text.ts';
import { resolveUser } from './user-resolution.ts';

/** What a vendor tells of one person with a seat; the shape of a provider's DownloadedSubscription. */
export interface SubscriptionFacts {
  readonly externalUserId: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly role: string;
  readonly roleGroup: RoleGroup;
  readonly jobTitle?: string;
  readonly teams: readonly string[];
  readonly invitationPending: boolean;
  readonly license?: { readonly identifier: string; readonly name: string };
  /** RFC 3339. */
  readonly assignedAt?: string;
}

/** What all subscriptions of one profile have in common. */
export interface SubscriptionSource {
  readonly profileName: string;
  readonly publisher: string;
  readonly product: string;
  /** `spec.userResolution` of the profile; without it the user principal name says all and is not stored twice (L24). */
  readonly userResolution?: readonly UserResolutionRule[];
}

/** How many teams a subscription shows; the schema allows no more. */
export const shownTeams = 50;
const identifierLimit = 128;
const nameLimit = 253;

/**
 * The downloaded facts as a SoftwareSubscription spec (L23), cut to the bounds of the schema, without
 * undefined keys. The identifier is the licence, or the role group where licences are hidden (T6).
 */
export function toSubscriptionSpec(facts: SubscriptionFacts, source: SubscriptionSource): SoftwareSubscriptionSpec {
  const assignedAt = toUtc(facts.assignedAt);
  return {
    profileRef: { name: source.profileName },
    externalUserId: storedUserId(facts.externalUserId),
    displayName: storable(facts.displayName, nameLimit),
    userPrincipalName: storable(facts.userPrincipalName, 320),
    ...(source.userResolution === undefined ? {} : resolveUser(facts, source.userResolution)),
    publisher: storable(source.publisher, 128),
    product: storable(source.product, 128),
    ...(facts.license === undefined ? {} : { edition: storable(facts.license.name, nameLimit) }),
    subscriptionIdentifier: subscriptionIdentifier(facts),
    role: storable(facts.role, 64),
    roleGroup: facts.roleGroup,
    ...(facts.jobTitle ? { jobTitle: storable(facts.jobTitle, nameLimit) } : {}),
    ...(facts.teams.length === 0 ? {} : { teams: firstTeams(facts.teams) }),
    invitationPending: facts.invitationPending,
    ...(assignedAt === undefined ? {} : { assignedAt }),
  };
}

/** The vendor's id of a person as it is stored, so that observations and subscriptions meet under one id. */
export function storedUserId(externalUserId: string): string {
  return storableIdentifier(externalUserId, identifierLimit);
}

/** The vendor's licence id as it is stored, so that licences and subscriptions meet under one identifier. */
export function licenseIdentifier(identifier: string): string {
  return storableIdentifier(identifier, identifierLimit);
}

function subscriptionIdentifier(facts: SubscriptionFacts): string {
  const identifier = facts.license?.identifier ?? '';
  return identifier === '' ? facts.roleGroup : licenseIdentifier(identifier);
}

function firstTeams(teams: readonly string[]): string[] {
  const names = new Set(teams.map((team) => storable(team, nameLimit)));
  return [...names].sort().slice(0, shownTeams);
}

/** One spelling of a time, so that another offset for the same moment is no change; undefined when it is no time. */
function toUtc(time: string | undefined): string | undefined {
  const at = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
