import type { SubscriptionSelector } from '../../api/subscription-selector.ts';
import type { ReclaimSeat } from './facts.ts';

/** Teams that a subscription shows; of more, nobody knows which are missing. */
const shownTeams = 50;

/** `Maybe`: the list of teams was cut, and the one that is looked for may be among those that are missing. */
export type Match = 'Yes' | 'No' | 'Maybe';

/** Whether some teams of the person may be missing. */
export function mayHaveMoreTeams({ teams }: Pick<ReclaimSeat, 'teams'>): boolean {
  return teams.length >= shownTeams;
}

/** Whether the person is in one of the teams. */
export function matchTeams(seat: Pick<ReclaimSeat, 'teams'>, wanted: readonly string[]): Match {
  if (seat.teams.some((team) => wanted.includes(team))) return 'Yes';
  return mayHaveMoreTeams(seat) ? 'Maybe' : 'No';
}

/** All lists that are set must match; in a list, one entry must. */
export function matchSelector(seat: Pick<ReclaimSeat, 'teams' | 'role' | 'jobTitle'>, selector: SubscriptionSelector): Match {
  const { teams, roles, jobTitles } = selector;
  if (roles !== undefined && !roles.includes(seat.role)) return 'No';
  if (jobTitles !== undefined && !jobTitles.includes(seat.jobTitle ?? '')) return 'No';
  return teams === undefined ? 'Yes' : matchTeams(seat, teams);
}
