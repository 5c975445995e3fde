import { z } from 'zod';
import { OperatorError } from '../../api/errors.ts';
import { processNames, type ProcessName } from '../../api/integration-profile.ts';
import type { GrantIdentity } from '../provider.ts';
import type { Client } from './client.ts';
import { vendorConfiguration } from './permissions.ts';
import { parseAnswer } from './schemas.ts';
import { isSubdomain, nameAccount } from './settings.ts';

const route = '/users/me';

const ownUser = z.object({
  user: z.object({
    // Both are shown in status, so they must have the shape of what they are (guard 7).
    id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
    role: z.string().regex(/^[a-z_]{1,64}$/).nullish().catch(undefined),
    html_url: z.string().max(2048).nullish(),
  }),
});

/**
 * Whose token it is (S60, S61). Undefined for one that is nobody's, such as an account-level token's 400
 * (facts/pagerduty.md 1.7), and where PagerDuty does not let this token ask. Other failures throw.
 */
export async function identifyPerson(client: Client): Promise<GrantIdentity | undefined> {
  try {
    const { user } = parseAnswer(ownUser, await client.get(route, []), route);
    return { account: readAccount(user.html_url ?? ''), userId: user.id, role: user.role ?? undefined };
  } catch (error) {
    if (isNobody(error)) return undefined;
    throw error;
  }
}

/** The question has no parameters that could be wrong, so a 400 is about the token; no scope is documented for it. */
function isNobody(error: unknown): boolean {
  if (!(error instanceof OperatorError)) return false;
  const { reason } = error.failure;
  return reason === 'ScopeMissing' || reason === 'AccessDenied' || (reason === 'RequestRefused' && error.detail['status'] === 400);
}

/** Hosts of PagerDuty's own that are no account's. */
const ownHosts = new Set(['api', 'app', 'eu', 'identity', 'www']);

/** `https://acme.pagerduty.com/users/…` of the US, `https://acme.eu.pagerduty.com/users/…` of the EU (facts/pagerduty.md 7). */
function readAccount(address: string): string | undefined {
  const host = URL.parse(address)?.hostname ?? '';
  const [, subdomain = '', eu] = /^([^.]+)\.(eu\.)?pagerduty\.com$/.exec(host) ?? [];
  if (!isSubdomain(subdomain) || ownHosts.has(subdomain)) return undefined;
  return nameAccount({ subdomain, region: eu === undefined ? 'US' : 'EU' });
}

/** Roles from the least up (facts/pagerduty.md 3.2). Stakeholders and Restricted Access do not see the whole account. */
const ranks: readonly (readonly string[])[] = [
  ['read_only_limited_user', 'read_only_user', 'restricted_access'],
  ['observer'],
  ['limited_user'],
  ['user'],
  ['admin'],
  ['owner'],
];

/** The table's words for roles of the API. */
const roleOfTable: Readonly<Record<string, string>> = { Observer: 'observer', Manager: 'user', 'Global admin': 'admin' };

/**
 * Processes that a person of this role cannot carry out, by the table of least roles (S4, S8, S11, S60). Licence
 * data needs a Global Admin, but is done without (T6), so it makes no role too low. Of a role that we do not know,
 * reading is left to PagerDuty to refuse, and nothing that writes is expected to work.
 */
export function findInsufficient(role: string, processes: readonly ProcessName[]): ProcessName[] {
  const rank = rankOf(role) ?? rankOf('observer') ?? 0;
  const tooLow = vendorConfiguration.filter((row) => rank < (rankOf(roleOfTable[row.tokenRole] ?? '') ?? 0)).map((row) => row.process);
  return processNames.filter((name) => processes.includes(name) && tooLow.includes(name));
}

function rankOf(role: string): number | undefined {
  const rank = ranks.findIndex((roles) => roles.includes(role));
  return rank === -1 ? undefined : rank;
}
