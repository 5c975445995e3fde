import type { DownloadedLicense } from '../../provider.ts';
import type { DowngradeTarget } from '../../reclaim.ts';

/** Stakeholder roles, the fuller first (facts/pagerduty.md 3.2). Nothing else frees a full licence: observers hold one. */
const stakeholderRoles = ['read_only_user', 'read_only_limited_user'] as const;

/**
 * The stakeholder licence to move somebody to, with the role that it takes (C18, T12): the one that leaves them most, then the one with most
 * seats, then by identifier, so that the answer is the same for the same licences. Undefined where none has a seat left. Pure.
 */
export function chooseDowngrade(licenses: readonly DownloadedLicense[]): DowngradeTarget | undefined {
  const fitting = licenses.flatMap((license) => {
    const role = stakeholderRoles.find((one) => license.validRoles?.includes(one) ?? one === stakeholderRoles[0]);
    const isFree = license.available === null || license.available > 0;
    return license.roleGroup === 'Stakeholder' && isFree && role !== undefined ? [{ license, role }] : [];
  });
  const [best] = fitting.sort((a, b) => rank(a) - rank(b) || seats(b.license) - seats(a.license) || (a.license.identifier < b.license.identifier ? -1 : 1));
  return best === undefined ? undefined : { role: best.role, subscriptionIdentifier: best.license.identifier };
}

/** Where roles are not told, a licence of limited stakeholders shows by its name alone, and is the last choice. */
function rank({ license, role }: { license: DownloadedLicense; role: string }): number {
  if (license.validRoles !== undefined) return role === stakeholderRoles[0] ? 0 : 2;
  return /\blimited\b/i.test(license.name) ? 1 : 0;
}

function seats({ available }: DownloadedLicense): number {
  return available ?? Number.MAX_SAFE_INTEGER;
}
