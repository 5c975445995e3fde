import { demandAdmin } from '../auth/credentials.ts';
import type { License, Person } from '../company/company.ts';
import type { Call, Route } from '../http/call.ts';
import { answerPage, CLASSIC_PAGES, listingOf } from '../http/paging.ts';
import type { Reply } from '../http/replies.ts';
import { apiError, json } from '../http/replies.ts';
import { renderLicense } from './render.ts';

export const licenseRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/licenses', scope: 'licenses.read', handle: listLicenses },
  { method: 'GET', pattern: '/license_allocations', scope: 'licenses.read', handle: listAllocations },
];

/** Not paged (facts 3.3). */
function listLicenses(call: Call): Reply {
  return json({ licenses: call.account.company.licenses.map((license) => renderCounted(call, license)) });
}

function renderCounted(call: Call, license: License): object {
  const taken = call.account.seatsTaken(license.id);
  const available = license.seats === null ? null : Math.max(0, license.seats - taken);
  return { ...renderLicense(license), current_value: taken, allocations_available: available };
}

/** Only an administrator's token may read them, as far as tokens have a person (facts 2, tf#770). */
function listAllocations(call: Call): Reply {
  const denied = demandAdmin(call.credential, call.account, 'Cannot read license allocations');
  if (denied !== undefined) return apiError(denied);
  const total = call.settings.allocationsTotal === 'number' ? 'always' : 'null';
  return answerPage(call, 'license_allocations', {
    listing: listingOf(call.account.company.users),
    render: (user) => renderAllocation(call, user),
    rules: { ...CLASSIC_PAGES, total },
  });
}

/** The user is a bare reference; the date has the account's offset (facts 3.4). */
function renderAllocation(call: Call, user: Person): object {
  const license = call.account.license(user.licenseId);
  return {
    license: license === undefined ? null : renderLicense(license),
    user: { id: user.id, type: 'user_reference' },
    allocated_at: call.zones.format(call.account.company.timeZone, user.allocatedAt),
  };
}
