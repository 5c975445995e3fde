import type { UserResolutionRule } from '../api/integration-profile.ts';
import type { ResolvedUser } from '../api/software-subscription.ts';
import { storable } from './text.ts';

/** Without rules: the user principal name is the e-mail address and the user id (L24). */
export const defaultUserResolution: readonly UserResolutionRule[] = [
  { source: 'UserPrincipalName', target: 'Email', transform: 'None' },
  { source: 'UserPrincipalName', target: 'UserId', transform: 'None' },
];

/** What the vendor tells of a person that a rule may look at. */
export interface VendorUser {
  readonly externalUserId: string;
  readonly userPrincipalName: string;
}

const longest = 320;
const targets = { Email: 'resolvedEmail', UserId: 'resolvedUserId' } as const satisfies Record<UserResolutionRule['target'], keyof ResolvedUser>;

/**
 * Who the vendor's person is in the company (L24): the rules in order, the first that gives a value for a target
 * wins, and a target without any is absent. Addresses are compared in lower case everywhere, so they are stored so.
 */
export function resolveUser(user: VendorUser, rules: readonly UserResolutionRule[] | undefined): ResolvedUser {
  const resolved: ResolvedUser = {};
  for (const rule of rules ?? defaultUserResolution) {
    const value = transform(rule.source === 'UserPrincipalName' ? user.userPrincipalName : user.externalUserId, rule);
    const target = targets[rule.target];
    if (value !== '' && resolved[target] === undefined) resolved[target] = storable(value, longest);
  }
  return resolved;
}

function transform(source: string, rule: UserResolutionRule): string {
  const text = source.trim().toLowerCase();
  const at = text.lastIndexOf('@');
  if (rule.transform === 'None') return rule.target === 'Email' && at < 0 ? '' : keepCase(source, text, rule);
  const local = at < 0 ? text : text.slice(0, at);
  if (rule.transform === 'RemoveDomain') return local;
  return local === '' || rule.domain === undefined ? '' : `${local}@${rule.domain.toLowerCase()}`;
}

/** The vendor's own ids mean what they say to the letter. */
function keepCase(source: string, lower: string, { source: kind }: UserResolutionRule): string {
  return kind === 'ExternalUserId' ? source.trim() : lower;
}
