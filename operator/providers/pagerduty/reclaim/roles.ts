/** Roles of account administrators; the owner is one (facts/pagerduty.md 3.2). */
export const adminRoles: readonly string[] = ['owner', 'admin'];
export const ownerRole = 'owner';

export function isAdmin(role: string): boolean {
  return adminRoles.includes(role);
}

/** Roles that a stakeholder licence pays for: the only ones that free a full licence (facts/pagerduty.md 3.2). */
const stakeholderRoles: readonly string[] = ['read_only_user', 'read_only_limited_user'];

export function isStakeholder(role: string): boolean {
  return stakeholderRoles.includes(role);
}
