import { terminal, type OperatorError } from '../../../api/errors.ts';
import type { InspectedPerson, InspectRequest, Inspection, VendorBlocker } from '../../reclaim.ts';
import type { Client } from '../client.ts';
import { inconsistent } from '../paging.ts';
import { pullUsers } from '../users.ts';
import { readBelongings, readTeams } from './belongings.ts';
import { findBlockers, findRecentActivity } from './blockers.ts';
import { blockUnknown, known } from './checked.ts';
import { gatherPlaces, readTags } from './gather.ts';
import { describeNow, groupPerson, readLicence, readPerson, readSelf } from './person.ts';
import { findProvenance } from './provenance.ts';
import { isAdmin, ownerRole } from './roles.ts';
import { takeBundle, type Findings } from './take-bundle.ts';

/** Gathers all, then decides: what the guards must know of one person (guards 2, 3), and what brings them back (D4). */
export async function inspectPerson(request: InspectRequest, client: Client): Promise<Inspection> {
  const { externalUserId: id, protectedTags, action, downgradeTo } = request;
  if ((action === 'Downgrade') !== (downgradeTo !== undefined)) throw noTarget();
  const person = await readPerson(id, client);
  if (person === undefined) return { kind: 'Gone' };
  const now = client.session.clock.now();
  const self = await readSelf(client);
  const licence = await readLicence(id, client);
  const places = await gatherPlaces(request, client);
  const tags = await readTags(id, client);
  const admins = isAdmin(person.role) ? await countAdmins(id, client) : undefined;
  const belongings = action === 'Remove' ? await readBelongings(person, client) : { teams: await readTeams(person, client) };
  // Gone meanwhile, such as by an earlier request: its parts were 404s, and half a bundle would take the place of a whole one (D4).
  if ((await readPerson(id, client)) === undefined) return { kind: 'Gone' };
  const findings: Findings = { person, licence, belongings, tags, places };
  const unsureSelf: VendorBlocker[] = blockUnknown('the token’s own user', self, () => []);
  return {
    kind: 'Found',
    person: describePerson(findings, self.kind === 'Known' && self.value === id),
    blockers: [...unsureSelf, ...findBlockers(places, tags, { id, now, protectedTags })],
    admins,
    recentActivity: findRecentActivity(places.oncalls, request, now),
    provenance: await findProvenance(id, client),
    bundle: takeBundle(findings, request, now),
  };
}

/** Without it, its undo could not tell what it may take back. */
function noTarget(): OperatorError {
  return terminal('NoDowngradeTarget', 'downgradeTo must be set for the action Downgrade, and for no other.');
}

function describePerson({ person, licence }: Pick<Findings, 'person' | 'licence'>, isSelf: boolean): InspectedPerson {
  const held = known(licence);
  return {
    ...describeNow(person, held),
    roleGroup: groupPerson(person.role, held),
    invitationPending: person.invitation_sent === true,
    isSelf,
    createdViaSso: person.created_via_sso === true,
  };
}

/**
 * Administrators besides the owner who can act, the person among them where they are one (C13). One whose invitation is outstanding has
 * never signed in, and so keeps nobody's account running.
 */
async function countAdmins(id: string, client: Client): Promise<number> {
  const admins = new Set<string>();
  const everybody = new Set<string>();
  for await (const rows of pullUsers(client)) {
    for (const row of rows) {
      everybody.add(row.id);
      if (isAdmin(row.role) && row.role !== ownerRole && (row.id === id || row.invitation_sent !== true)) admins.add(row.id);
      else admins.delete(row.id);
    }
  }
  // Whoever was read a moment ago must be in the list of all.
  if (!everybody.has(id)) throw inconsistent('/users', 'CountDiffers');
  return admins.size;
}

