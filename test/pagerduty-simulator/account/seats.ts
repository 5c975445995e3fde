import type { License, Role } from '../company/company.ts';
import type { Account } from './account.ts';

export interface LicenseWish {
  readonly role: Role;
  /** Named in the request. */
  readonly wanted?: string | undefined;
  /** Held so far. */
  readonly current?: string | undefined;
}

/** The licence for a role, or undefined when it is stale, does not allow the role, or has no seat left (facts 5.4). */
export function chooseLicense(account: Account, { role, wanted, current }: LicenseWish): License | undefined {
  const fits = (license: License): boolean => license.validRoles.includes(role) && (license.id === current || hasSeat(account, license));
  if (wanted !== undefined) {
    const license = account.license(wanted);
    return license !== undefined && fits(license) ? license : undefined;
  }
  const held = current === undefined ? undefined : account.license(current);
  return held !== undefined && fits(held) ? held : account.company.licenses.find(fits);
}

function hasSeat(account: Account, { id, seats }: License): boolean {
  return seats === null || account.seatsTaken(id) < seats;
}
