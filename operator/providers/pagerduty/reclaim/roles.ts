/** Roles of account administrators; the owner is one (facts/pagerduty.md 3.2). */
export const adminRoles: readonly string[] = ['owner', 'admin'];
export const ownerRole = 'owner';

export function isAdmin(role: string): boolean {
  return adminRoles.includes(role);
}

/** Base roles, the least first (facts/pagerduty.md 3.2). */
const ranks: readonly string[] = ['read_only_limited_user', 'read_only_user', 'restricted_access', 'observer', 'limited_user', 'user', 'admin', ownerRole];

/**
 * Whether a change of roles gives, and takes nothing away. Nobody can tell what a role gives that is not in the table: whoever has one
 * keeps it. Stakeholders' roles are the least, so from one of those any other is more; only the owner's cannot be given.
 */
export function isRaise(from: string, to: string): boolean {
  const [low, high] = [ranks.indexOf(from), ranks.indexOf(to)];
  if (low === -1 || to === ownerRole) return false;
  return high === -1 ? isStakeholder(from) : high > low;
}

/** Roles in a team, the least first. */
const teamRanks: readonly string[] = ['observer', 'responder', 'manager'];

/** The team role that a downgrade leaves, where it leaves any: stakeholders hold none (facts/pagerduty.md 5.4). */
export const leastTeamRole = 'observer';

/** As `isRaise`, of roles in a team; undefined = in the team without a role. */
export function isTeamRaise(from: string | undefined, to: string): boolean {
  const [low, high] = [from === undefined ? -1 : teamRanks.indexOf(from), teamRanks.indexOf(to)];
  return (low !== -1 || from === undefined) && high > low;
}

/** Roles that a stakeholder licence pays for: the only ones that free a full licence (facts/pagerduty.md 3.2). */
const stakeholderRoles: readonly string[] = ['read_only_user', 'read_only_limited_user'];

export function isStakeholder(role: string): boolean {
  return stakeholderRoles.includes(role);
}
