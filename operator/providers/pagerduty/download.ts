import type { DownloadedSubscription, DownloadPage } from '../provider.ts';
import type { Client } from './client.ts';
import { readLicenses, type Allocation } from './licenses.ts';
import { clip, groupRole, type UserRow } from './schemas.ts';
import { pullUsers } from './users.ts';

/**
 * Licence data first, then people by pages, each person once. Held in memory: one small record an
 * allocation and the ids seen.
 */
export async function* downloadPages(client: Client): AsyncGenerator<DownloadPage> {
  const licenses = await readLicenses(client);
  yield* licenses.pages;
  for await (const people of pullUsers(client)) {
    yield { kind: 'Subscriptions', subscriptions: people.map((person) => describeSubscription(person, licenses.find(person.id))) };
  }
}

export function describeSubscription(person: UserRow, allocation: Allocation | undefined): DownloadedSubscription {
  const group = groupRole(person.role);
  const title = person.job_title ?? '';
  return {
    externalUserId: person.id,
    displayName: clip(person.name),
    userPrincipalName: person.email,
    role: person.role,
    // A role that we do not know yet: the licence may still tell what it pays for.
    roleGroup: group === 'Unknown' && allocation !== undefined ? allocation.license.roleGroup : group,
    ...(title === '' ? {} : { jobTitle: clip(title) }),
    teams: nameTeams(person),
    invitationPending: person.invitation_sent === true,
    ...(allocation === undefined ? {} : { license: { identifier: allocation.license.identifier, name: allocation.license.name } }),
    ...(allocation?.assignedAt === undefined ? {} : { assignedAt: allocation.assignedAt }),
  };
}

function nameTeams({ teams }: UserRow): string[] {
  const names: string[] = [];
  for (const team of teams ?? []) {
    const name = clip(team.name ?? team.summary ?? '');
    if (name !== '' && !names.includes(name)) names.push(name);
  }
  return names.length > 1 ? names.sort() : names;
}
