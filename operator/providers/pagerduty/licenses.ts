import { OperatorError } from '../../api/errors.ts';
import type { RoleGroup } from '../../api/software-subscription.ts';
import type { DownloadedLicense, DownloadPage } from '../provider.ts';
import { mayUse, type Client } from './client.ts';
import { inconsistent, maxReach, Overflow, pullPages, type Listing } from './paging.ts';
import {
  allocationRows,
  clip,
  licensesAnswer,
  parseAnswer,
  parseInstant,
  readRoleGroup,
  type AllocationRow,
  type LicenseRow,
} from './schemas.ts';

/** A licence as its holders share it. */
export interface HeldLicense {
  readonly identifier: string;
  readonly name: string;
  readonly roleGroup: RoleGroup;
}

export interface Allocation {
  readonly license: HeldLicense;
  /** RFC 3339 in UTC; undefined where PagerDuty does not tell. */
  readonly assignedAt: string | undefined;
  /** Milliseconds since the epoch, for comparison. */
  readonly at: number;
}

export interface LicenseData {
  /** What to hand out before the subscriptions. */
  readonly pages: readonly DownloadPage[];
  /**
   * Licence of a person; undefined when they have none. Throws Retryable `InconsistentPull` for somebody
   * without one while PagerDuty's own count says that allocations are missing (guard 6).
   */
  find(userId: string): Allocation | undefined;
}

const listing: Listing<AllocationRow> = {
  route: '/license_allocations',
  key: 'license_allocations',
  query: [],
  rows: allocationRows,
  total: 'Volunteered',
  identify: (row) => `${row.user.id} ${row.license.id}`,
  repeats: 'Row',
};

/** Failures that mean that this token or account has no licence data, and what to say then (T6). */
const unavailableReasons: Readonly<Record<string, { reason: string; message: string }>> = {
  ScopeMissing: { reason: 'ScopeMissing', message: 'The token lacks the scope licenses.read' },
  AccessDenied: { reason: 'AccessDenied', message: 'PagerDuty does not let this credential read licences; allocations need a Global Admin' },
  PlanLacksFeature: { reason: 'PlanLacksFeature', message: 'The account’s PagerDuty plan does not offer licence data' },
  // A declared answer of both licence APIs; a wrong endpoint shows at once in the download of people.
  NotFound: { reason: 'NotFound', message: 'The account’s PagerDuty does not offer the licence APIs' },
};

/** Licences and who has which. Without them the download goes on with role groups (T6, C28); other failures throw. */
export async function readLicenses(client: Client): Promise<LicenseData> {
  if (!mayUse(client.session, 'licenses.read')) return withoutAllocations([], 'ScopeMissing');
  let licenses: LicenseRow[] = [];
  try {
    licenses = parseAnswer(licensesAnswer, await client.get('/licenses', []), '/licenses').licenses;
    const { allocations, proven } = await readAllocations(licenses, client);
    return {
      pages: [
        { kind: 'LicenseData', available: true, reason: 'Available', message: 'Licences and their allocations are readable.' },
        describeLicenses(licenses),
      ],
      find(userId) {
        const allocation = allocations.get(userId);
        if (allocation === undefined && !proven) throw inconsistent(listing.route, 'CountDiffers');
        return allocation;
      },
    };
  } catch (error) {
    if (error instanceof Overflow) return withoutAllocations(licenses, 'TooManyAllocations');
    if (error instanceof OperatorError && Object.hasOwn(unavailableReasons, error.failure.reason)) {
      return withoutAllocations(licenses, error.failure.reason);
    }
    throw error;
  }
}

function withoutAllocations(licenses: readonly LicenseRow[], cause: string): LicenseData {
  const limit = maxReach.toLocaleString('en-US');
  const { reason, message } = unavailableReasons[cause] ?? {
    reason: 'TooManyAllocations',
    message: `PagerDuty lists at most ${limit} licence allocations and the account has more`,
  };
  const page: DownloadPage = {
    kind: 'LicenseData',
    available: false,
    reason,
    message: `${message}; subscriptions are identified by role group instead.`,
  };
  return { pages: licenses.length === 0 ? [page] : [page, describeLicenses(licenses)], find: () => undefined };
}

async function readAllocations(
  licenses: readonly LicenseRow[],
  client: Client,
): Promise<{ allocations: Map<string, Allocation>; proven: boolean }> {
  // Seats in use, from the one request before: no need to page up to the limit just to find out.
  const seats = licenses.reduce((sum, license) => sum + license.current_value, 0);
  if (seats > maxReach) throw new Overflow(seats);
  const allocations = new Map<string, Allocation>();
  const shared = new Map<string, HeldLicense>();
  const pages = pullPages(listing, client);
  for (;;) {
    const { done, value } = await pages.next();
    if (done === true) return { allocations, proven: value.proven };
    for (const row of value) keepLatest(row, allocations, shared);
  }
}

/** One small record a person; somebody with two licences is shown with the one assigned last. */
function keepLatest(row: AllocationRow, allocations: Map<string, Allocation>, shared: Map<string, HeldLicense>): void {
  const at = typeof row.allocated_at === 'string' ? parseInstant(row.allocated_at, listing.route, 'allocated_at') : undefined;
  const before = allocations.get(row.user.id);
  if (before !== undefined && before.at > (at ?? 0)) return;
  const { id, name, role_group: group } = row.license;
  const license = shared.get(id) ?? { identifier: id, name: clip(name), roleGroup: readRoleGroup(group) };
  shared.set(id, license);
  allocations.set(row.user.id, { license, assignedAt: at === undefined ? undefined : new Date(at).toISOString(), at: at ?? 0 });
}

function describeLicenses(licenses: readonly LicenseRow[]): DownloadPage {
  return {
    kind: 'Licenses',
    licenses: licenses.map(
      (license): DownloadedLicense => ({
        identifier: license.id,
        name: clip(license.name),
        roleGroup: readRoleGroup(license.role_group),
        assigned: license.current_value,
        available: typeof license.allocations_available === 'number' ? Math.max(0, license.allocations_available) : null,
        ...(license.valid_roles === null || license.valid_roles === undefined ? {} : { validRoles: license.valid_roles }),
      }),
    ),
  };
}
