import { isOtherAddress } from '../../../api/address.ts';
import { retryable, terminal, type OperatorError } from '../../../api/errors.ts';
import type { RestoredPerson, RestoreReport, UndoBundle } from '../../reclaim.ts';
import type { Client } from '../client.ts';
import { openBundle, type BundleContent } from './bundle.ts';
import { known } from './checked.ts';
import { readLicence, readPerson, readSelf } from './person.ts';
import { requirePersonId } from './places.ts';
import { createReport, type Report } from './report.ts';
import { restoreContacts, restoreHandoffRules, restoreRules, restoreStatusRules, type Undoing } from './restore-contacts.ts';
import { keepLicence, restoreSeat } from './restore-seat.ts';
import { restoreSubscriptions, restoreTags, restoreTeamRoles, restoreTeams } from './restore-ties.ts';
import { revivePerson } from './revive.ts';
import { ownerRole } from './roles.ts';
import type { PersonRow } from './schemas.ts';

/**
 * Undoes what a removal or a downgrade has changed, and nothing else (D4, C7, guard 10). Each thing is looked for before it is made, so that
 * it may be called again after it broke off. Nobody is put back on a rotation or a policy, nothing is deleted, no role is lowered.
 */
export async function restorePerson(bundle: UndoBundle, decidedOn: RestoredPerson, client: Client): Promise<RestoreReport> {
  const content = openBundle(bundle);
  const formerId = requirePersonId(bundle.externalUserId);
  if (formerId !== decidedOn.externalUserId || isOtherAddress(content.person.email, decidedOn.address)) throw personChanged('The saved data belongs to a person other than the candidate’s');
  const report = createReport();
  const restore = content.action === 'Remove' ? restoreRemoved : restoreDowngraded;
  return report.finish(await restore(formerId, content, { client, report }));
}

interface Tools {
  readonly client: Client;
  readonly report: Report;
}

function personChanged(what: string): OperatorError {
  return terminal('PersonChanged', `${what}, so the undo changed nothing: make by hand at PagerDuty the changes that are still wanted.`);
}

async function restoreRemoved(formerId: string, content: BundleContent, { client, report }: Tools): Promise<string> {
  const revived = await revivePerson(formerId, content, { client, report });
  const { id } = revived;
  report.restored('person', 1);
  // Never removed, so that there is nothing to undo: what differs from the bundle was changed by somebody since.
  if (revived.kind === 'NeverLeft') return id;
  const person = await readRevived(id, client);
  if (revived.kind === 'Found') await keepFound(person, content, { client, report });
  if (person.role !== ownerRole) await giveBelongings({ id, content, client, report }, person);
  else report.lost('everything else', 'the person now owns the account, and an undo never changes the owner');
  listLosses(content, report);
  return id;
}

/** Of somebody whom others have invited meanwhile: what those have given them stays. */
async function keepFound(person: PersonRow, content: BundleContent, { client, report }: Tools): Promise<void> {
  await refuseSelf(person.id, client);
  const present = { role: person.role, licenseId: known(await readLicence(person.id, client))?.identifier };
  const former = { role: content.person.role, licenseId: content.licenseId };
  if (present.role !== former.role) report.kept('role', { was: former.role, is: present.role });
  keepLicence({ former, present }, report);
}

async function giveBelongings(undoing: Undoing, person: PersonRow): Promise<void> {
  const contacts = await restoreContacts(undoing, person);
  await restoreRules(undoing, person, contacts);
  await restoreHandoffRules(undoing, contacts);
  await restoreStatusRules(undoing, contacts);
  await restoreSubscriptions(undoing);
  await restoreTeams(undoing, person);
  await restoreTags(undoing);
}

async function readRevived(id: string, client: Client): Promise<PersonRow> {
  const person = await readPerson(id, client);
  if (person !== undefined) return person;
  throw retryable('UndoUnclear', 'PagerDuty does not show the person yet who was invited again: the undo goes on once it does.');
}

/** What no API gives back. */
function listLosses({ positions, unread }: BundleContent, report: Report): void {
  report.lost('id', 'PagerDuty never gives an id twice, so references to the former one stay as they are');
  report.lost('sign-in', 'the person accepts a new invitation, and sets a password or links single sign-on again');
  report.lost('user API keys', 'they died with the former user: the person makes new ones');
  report.lost('history', 'incidents, notes and records stay with the former user');
  for (const { kind, name, id, detail } of positions) report.lost(positionParts[kind], `${name} (${id}), ${detail}: put the person back by hand where it is still wanted`);
  for (const { part, why } of unread) report.lost(part, why);
}

const positionParts = { Schedule: 'schedule', ShiftSchedule: 'shift-based schedule', EscalationPolicy: 'escalation policy' } as const;

async function restoreDowngraded(id: string, content: BundleContent, { client, report }: Tools): Promise<string> {
  const person = await readPerson(id, client);
  if (person === undefined) throw terminal('PersonGone', 'The person is gone from PagerDuty, so the former role cannot be restored to anybody.');
  if (isOtherAddress(person.email, content.person.email)) throw personChanged('The id now belongs to a person with another address');
  await refuseSelf(id, client);
  const role = await restoreSeat(person, content, { client, report });
  await restoreTeamRoles({ id, content, client, report }, { ...person, role });
  for (const { part, why } of content.unread) report.lost(part, why);
  return id;
}

/** The credential's own user is never written to; a check that cannot be made counts as failed (guards 2, 10). */
async function refuseSelf(id: string, client: Client): Promise<void> {
  const self = await readSelf(client);
  if (self.kind === 'Unknown') throw terminal('Unverified', `The operator cannot read whose credential it uses, and never writes to its credential’s own user: ${self.why}.`);
  if (self.value === id) throw terminal('Self', 'The operator’s own credential acts for this person: restore with another person’s credential.');
}
