/** Roles of account administrators; the owner is one (facts/pagerduty.md 3.2). */
export const adminRoles: readonly string[] = ['owner', 'admin'];
export const ownerRole = 'owner';

export function isAdmin(role: string): boolean {
  return adminRoles.includes(role);
}
