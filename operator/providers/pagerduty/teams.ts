import { terminal } from '../../api/errors.ts';
import { mayUse, type Client } from './client.ts';
import { pullPages, type Listing } from './paging.ts';
import { teamRows, type TeamRow } from './schemas.ts';

const listing: Listing<TeamRow> = {
  route: '/teams',
  key: 'teams',
  query: [],
  rows: teamRows,
  total: 'Asked',
  identify: (row) => row.id,
  repeats: 'Row',
};

/** Ids of all teams, sorted. Throws `Overflow` above 10,000 and Terminal `ScopeMissing` without asking when the token has no `teams.read`. */
export async function listTeams(client: Client): Promise<string[]> {
  if (!mayUse(client.session, 'teams.read')) {
    throw terminal('ScopeMissing', 'The token lacks the scope teams.read for GET /teams: grant it to the app in PagerDuty.');
  }
  const ids = new Set<string>();
  for await (const rows of pullPages(listing, client)) for (const row of rows) ids.add(row.id);
  return Array.from(ids).sort();
}
