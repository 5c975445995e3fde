import type { Place } from '../client.ts';
import { groupRole, parseAnswer } from '../schemas.ts';
import { readSubscriptions, readTeams } from './belongings.ts';
import { labelOf } from './blockers.ts';
import type { BundledTeam } from './bundle.ts';
import { explainRefusal, makeChange } from './change.ts';
import { known } from './checked.ts';
import { readTags } from './gather.ts';
import { judgeTeamRole } from './judge-undo.ts';
import { readPerson } from './person.ts';
import { personPlace, requirePersonId } from './places.ts';
import { putBack } from './put-back.ts';
import { lostPart, type Undoing } from './restore-contacts.ts';
import { leastTeamRole } from './roles.ts';
import { subscribedAnswer, type PersonRow } from './schemas.ts';

/** Of a downgrade: roles in teams, where what it was before is known, and what it is now is what the downgrade left. */
export async function restoreTeamRoles({ id, content, client, report }: Undoing, person: PersonRow): Promise<void> {
  const now = await readTeams(person, client);
  if (lostPart(now, 'teams', content.teams.length, report)) return;
  const read = content.teams.flatMap((team) => (team.role === undefined ? [] : [{ ...team, role: team.role }]));
  const judge = (team: { id: string; role: string }) => judgeTeamRole({ former: team.role, present: now.value.find((one) => one.id === team.id), role: person.role });
  for (const team of read.filter((one) => judge(one) === 'Keep')) {
    const present = now.value.find((one) => one.id === team.id);
    report.kept(`team ${team.id}`, { was: team.role, left: leastTeamRole, is: present === undefined ? 'not in it' : (present.role ?? 'no role') });
  }
  await putBack(
    {
      name: 'teams',
      items: read.filter((team) => judge(team) !== 'Keep'),
      isThere: (team) => judge(team) === 'There',
      plan: (team) => ({ method: 'PUT', place: memberPlace(team, id), json: { role: team.role } }),
      isStillSo: async (team) => {
        const again = await readPerson(id, client);
        const teams = again === undefined || again.role !== person.role ? undefined : known(await readTeams(again, client));
        const present = teams?.find((one) => one.id === team.id);
        return present !== undefined && present.role === now.value.find((one) => one.id === team.id)?.role;
      },
    },
    client,
    report,
  );
  const unsure = content.teams.length - read.length;
  if (unsure > 0 && !content.unread.some(({ part }) => part === 'team roles')) report.lost('team roles', `${unsure} of ${content.teams.length}: PagerDuty did not show the role before, so it stays as it is now`);
}

function memberPlace(team: BundledTeam, id: string): Place {
  return { route: '/teams/{id}/users/{user_id}', path: `/teams/${encodeURIComponent(team.id)}/users/${requirePersonId(id)}` };
}

/** Of a removal: teams, each with the role in it, where the person is in none by now. Stakeholders hold no role, so none is sent for them. */
export async function restoreTeams({ id, content, client, report }: Undoing, person: PersonRow): Promise<void> {
  const now = await readTeams(person, client);
  if (lostPart(now, 'teams', content.teams.length, report)) return;
  const isStakeholder = groupRole(person.role) === 'Stakeholder';
  const unsure = content.teams.filter((team) => team.role === undefined).length;
  for (const { id: teamId, role } of content.teams) {
    const present = now.value.find((one) => one.id === teamId);
    if (present !== undefined && role !== undefined && !isStakeholder && present.role !== role) report.kept(`team ${teamId}`, { was: role, is: present.role ?? 'no role' });
  }
  await putBack(
    {
      name: 'teams',
      items: content.teams,
      isThere: (team) => now.value.some((one) => one.id === team.id),
      plan: (team: BundledTeam) => ({
        method: 'PUT',
        place: memberPlace(team, id),
        // The least role where the former one is not known: PagerDuty's default would be the most.
        ...(isStakeholder ? {} : { json: { role: team.role ?? leastTeamRole } }),
      }),
    },
    client,
    report,
  );
  if (unsure > 0) report.lost('team roles', `${unsure} of ${content.teams.length}: the role could not be read before, so it is the least one`);
}

export async function restoreSubscriptions({ id, content, client, report }: Undoing): Promise<void> {
  const part = 'notification subscriptions';
  if (content.subscriptions.length === 0) return;
  const now = await readSubscriptions(id, client);
  if (lostPart(now, part, content.subscriptions.length, report)) return;
  const wanted = content.subscriptions.filter((one) => !now.value.some((other) => other.id === one.id && other.type === one.type));
  const there = content.subscriptions.length - wanted.length;
  if (wanted.length === 0) return report.restored(part, there);
  const place = personPlace(id, '/notification_subscriptions');
  const json = { subscribables: wanted.map((one) => ({ subscribable_id: one.id, subscribable_type: one.type })) };
  const made = await makeChange({ method: 'POST', place, json }, client);
  if (made.kind === 'Refused') {
    report.restored(part, there);
    return report.lost(part, `${wanted.length} of ${content.subscriptions.length}: ${explainRefusal(made)}`);
  }
  const done = parseAnswer(subscribedAnswer, made.json, place.route).subscriptions.filter(({ result }) => result !== 'unauthorized').length;
  report.restored(part, there + done);
  if (done < wanted.length) report.lost(part, `${wanted.length - done} of ${content.subscriptions.length}: PagerDuty did not let the person subscribe`);
}

export async function restoreTags({ id, content, client, report }: Undoing): Promise<void> {
  if (content.tags.length === 0) return;
  const now = await readTags(id, client);
  if (lostPart(now, 'tags', content.tags.length, report)) return;
  const labels = new Set(now.value.map(labelOf));
  const wanted = content.tags.filter((label) => !labels.has(label));
  const there = content.tags.length - wanted.length;
  if (wanted.length === 0) return report.restored('tags', there);
  const json = { add: wanted.map((label) => ({ type: 'tag', label })), remove: [] };
  const made = await makeChange({ method: 'POST', place: personPlace(id, '/change_tags'), json }, client);
  report.restored('tags', made.kind === 'Done' ? content.tags.length : there);
  if (made.kind === 'Refused') report.lost('tags', `${wanted.length} of ${content.tags.length}: ${explainRefusal(made)}`);
}
