import { groupRole } from '../schemas.ts';
import { isRaise, isTeamRaise, leastTeamRole } from './roles.ts';

/** Role and licence, which go together (T12); no licence where it is hidden, or PagerDuty was to choose it. */
export interface Seat {
  readonly role: string;
  readonly licenseId?: string | undefined;
}

/**
 * What the undo of a downgrade may do to somebody's role and licence (guard 10). `Raise`: both are as the reclaim left them, and the former
 * role is more. `Back`: the former role is there already. `Keep`: somebody has changed them since. Pure.
 */
export function judgeSeat({ former, left, present }: { readonly former: Seat; readonly left: Seat; readonly present: Seat }): 'Raise' | 'Back' | 'Keep' {
  if (present.role === former.role) return 'Back';
  if (present.role !== left.role || !isRaise(present.role, former.role)) return 'Keep';
  const isUnknown = present.licenseId === undefined || left.licenseId === undefined;
  return isUnknown || present.licenseId === left.licenseId || present.licenseId === former.licenseId ? 'Raise' : 'Keep';
}

/**
 * What the undo of a downgrade may do to somebody's role in a team. A downgrade leaves them in it, without a role or with the least one.
 * Whoever was taken out since, or has another role there, stays as they are, and so does a stakeholder, who can hold none (facts/pagerduty.md
 * 5.4). Pure.
 */
export function judgeTeamRole({ former, present, role }: { readonly former: string; readonly present: { readonly role?: string | undefined } | undefined; /** Of the person in the account. */ readonly role: string }): 'There' | 'Give' | 'Keep' {
  if (present === undefined) return 'Keep';
  if (present.role === former) return 'There';
  const isLeft = present.role === undefined || present.role === leastTeamRole;
  return isLeft && groupRole(role) !== 'Stakeholder' && isTeamRaise(present.role, former) ? 'Give' : 'Keep';
}
